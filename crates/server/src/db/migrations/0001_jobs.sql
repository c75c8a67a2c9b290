CREATE TABLE job (
  kind TEXT NOT NULL PRIMARY KEY,
  due_at_s {i64} NOT NULL,
  lease_holder TEXT,
  leased_until_s {i64} NOT NULL,
  runs {i64} NOT NULL,
  failures {i64} NOT NULL
){strict};
