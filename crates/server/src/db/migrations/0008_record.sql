CREATE TABLE record_key (
  key_hash {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(key_hash) = 32),
  person_id {bytes} NOT NULL REFERENCES person (person_id) ON DELETE CASCADE,
  created_at_s {i64} NOT NULL,
  expires_at_s {i64} NOT NULL
){by_key};
CREATE UNIQUE INDEX record_key_person ON record_key (person_id);
CREATE INDEX record_key_expiry ON record_key (expires_at_s);
