ALTER TABLE verification_code ADD COLUMN is_sent {i64} NOT NULL DEFAULT 0 CHECK (is_sent IN (0, 1));
CREATE TABLE message (
  message_id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('code')),
  about TEXT NOT NULL,
  person_id {bytes} REFERENCES person (person_id) ON DELETE CASCADE,
  sealed {bytes},
  parts {i64} NOT NULL CHECK (parts > 0),
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'refused', 'late')),
  attempts {i64} NOT NULL,
  due_at_s {i64} NOT NULL,
  until_s {i64} NOT NULL,
  made_at_s {i64} NOT NULL,
  province {i64},
  district {i64},
  commune {i64},
  CHECK ((state = 'waiting') = (sealed IS NOT NULL)),
  CHECK ((sealed IS NULL) = (person_id IS NULL))
){strict};
CREATE INDEX message_due ON message (state, due_at_s);
CREATE INDEX message_person ON message (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX message_made ON message (made_at_s);
