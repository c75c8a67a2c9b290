CREATE TABLE person_card (
  card_id {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(card_id) = 16),
  person_id {bytes} NOT NULL REFERENCES person (person_id) ON DELETE CASCADE,
  made_at_s {i64} NOT NULL,
  revoked_at_s {i64}
){strict};
CREATE INDEX person_card_person ON person_card (person_id);
CREATE INDEX person_card_revoked ON person_card (revoked_at_s);
