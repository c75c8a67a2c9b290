CREATE TABLE guard (
  guard_id TEXT NOT NULL PRIMARY KEY,
  venue_id TEXT NOT NULL REFERENCES venue (venue_id),
  person_id {bytes} NOT NULL REFERENCES person (person_id) ON DELETE CASCADE,
  salt {bytes} NOT NULL,
  pin_hash {bytes} NOT NULL,
  made_at_s {i64} NOT NULL
){strict};
CREATE INDEX guard_venue ON guard (venue_id);
CREATE INDEX guard_person ON guard (person_id);
CREATE TABLE gate (
  gate_id {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(gate_id) = 16),
  gate_number {i64} NOT NULL UNIQUE,
  venue_id TEXT NOT NULL REFERENCES venue (venue_id),
  name TEXT NOT NULL,
  way {i64} NOT NULL CHECK (way IN (0, 1, 2)),
  takes {i64} NOT NULL,
  made_at_s {i64} NOT NULL,
  changed_at_s {i64} NOT NULL,
  link_hash {bytes} UNIQUE,
  link_until_s {i64},
  point {bytes},
  enrolled_at_s {i64},
  seen_at_s {i64},
  skew_s {i64},
  forked_at_s {i64},
  wiped_at_s {i64},
  CHECK ((link_hash IS NULL) = (link_until_s IS NULL))
){strict};
CREATE INDEX gate_venue ON gate (venue_id);
CREATE TABLE gate_record (
  gate {i64} NOT NULL,
  counter {i64} NOT NULL,
  event {i64} NOT NULL,
  at_s {i64} NOT NULL,
  wrong {i64} NOT NULL,
  PRIMARY KEY (gate, counter)
){by_key};
CREATE INDEX gate_record_at ON gate_record (at_s);
