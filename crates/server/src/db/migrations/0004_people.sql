CREATE TABLE person (
  person_id {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(person_id) = 16),
  sealed {bytes} NOT NULL,
  commune {i64},
  household_id {bytes} CHECK (LENGTH(household_id) = 16),
  legal_basis TEXT NOT NULL CHECK (legal_basis IN ('consent', 'law')),
  version {i64} NOT NULL CHECK (version > 0),
  created_at_s {i64} NOT NULL,
  changed_at_s {i64} NOT NULL
){strict};
CREATE INDEX person_household ON person (household_id) WHERE household_id IS NOT NULL;
CREATE INDEX person_changed ON person (changed_at_s);
CREATE TABLE erased_person (
  person_id {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(person_id) = 16),
  erased_at_s {i64} NOT NULL,
  key_destroyed {i64} NOT NULL CHECK (key_destroyed IN (0, 1))
){by_key};
CREATE INDEX erased_person_pending ON erased_person (key_destroyed) WHERE key_destroyed = 0;
CREATE INDEX erased_person_newest ON erased_person (erased_at_s);
