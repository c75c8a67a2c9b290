CREATE TABLE phone_proof (
  proof_id TEXT NOT NULL PRIMARY KEY,
  number_hash {bytes} NOT NULL,
  sealed {bytes},
  code_hash {bytes},
  attempts {i64} NOT NULL,
  made_at_s {i64} NOT NULL,
  until_s {i64} NOT NULL,
  CHECK ((sealed IS NULL) = (code_hash IS NULL))
){strict};
CREATE INDEX phone_proof_number ON phone_proof (number_hash, made_at_s);
CREATE INDEX phone_proof_made ON phone_proof (made_at_s);
CREATE TABLE venue_owner (
  person_id {bytes} NOT NULL PRIMARY KEY REFERENCES person (person_id) ON DELETE CASCADE,
  made_at_s {i64} NOT NULL
){strict};
CREATE TABLE owner_session (
  secret_hash {bytes} NOT NULL PRIMARY KEY,
  person_id {bytes} NOT NULL REFERENCES venue_owner (person_id) ON DELETE CASCADE,
  made_at_s {i64} NOT NULL,
  until_s {i64} NOT NULL
){strict};
CREATE INDEX owner_session_until ON owner_session (until_s);
CREATE INDEX owner_session_person ON owner_session (person_id);
CREATE TABLE venue (
  venue_id TEXT NOT NULL PRIMARY KEY,
  venue_number {i64} NOT NULL UNIQUE CHECK (venue_number > 0),
  kind {i64} NOT NULL,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  owner {bytes} REFERENCES venue_owner (person_id) ON DELETE SET NULL,
  longest_stay_s {i64} NOT NULL CHECK (longest_stay_s BETWEEN 900 AND 86400),
  province {i64},
  district {i64},
  commune {i64} NOT NULL,
  made_at_s {i64} NOT NULL
){strict};
CREATE INDEX venue_owned ON venue (owner);
CREATE INDEX venue_province ON venue (province, venue_number);
CREATE INDEX venue_district ON venue (district, venue_number);
CREATE INDEX venue_commune ON venue (commune, venue_number);
CREATE TABLE venue_code (
  secret {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(secret) = 16),
  venue_id TEXT NOT NULL REFERENCES venue (venue_id),
  version {i64} NOT NULL,
  kind {i64} NOT NULL,
  short_code TEXT NOT NULL UNIQUE,
  made_at_s {i64} NOT NULL,
  revoked_at_s {i64},
  UNIQUE (venue_id, version)
){strict};
