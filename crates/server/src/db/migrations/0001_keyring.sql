CREATE TABLE keyring_epoch (
  epoch {i64} NOT NULL PRIMARY KEY CHECK (epoch > 0),
  proof {bytes} NOT NULL,
  begun_at_s {i64} NOT NULL
){strict};
CREATE TABLE person_key (
  person_id {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(person_id) = 16),
  wrapped {bytes} NOT NULL,
  epoch {i64} NOT NULL REFERENCES keyring_epoch (epoch),
  made_at_s {i64} NOT NULL
){by_key};
