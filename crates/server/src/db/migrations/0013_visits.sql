CREATE TABLE visit (
  venue {i64} NOT NULL,
  at_s {i64} NOT NULL,
  event {i64} NOT NULL,
  token {bytes} NOT NULL CHECK (LENGTH(token) = 16),
  scan {i64} NOT NULL CHECK (scan IN (0, 1, 2)),
  until_s {i64},
  flags {i64} NOT NULL,
  PRIMARY KEY (venue, at_s, event),
  CHECK ((scan = 2) = (until_s IS NOT NULL))
){by_key};
CREATE INDEX visit_token ON visit (token);
CREATE TABLE citizen (
  credential_hash {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(credential_hash) = 32),
  person_id {bytes} NOT NULL REFERENCES person (person_id) ON DELETE CASCADE,
  made_at_s {i64} NOT NULL,
  until_s {i64} NOT NULL
){strict};
CREATE INDEX citizen_person ON citizen (person_id);
CREATE INDEX citizen_until ON citizen (until_s);
