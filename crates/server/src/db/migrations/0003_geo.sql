CREATE TABLE geo_source (
  source_id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('units', 'boundaries')),
  named TEXT NOT NULL,
  imported_at_s {i64} NOT NULL
){strict};
CREATE TABLE geo_unit (
  unit_id {i64} NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  parent_code TEXT,
  last_day {i64},
  source_id TEXT NOT NULL REFERENCES geo_source (source_id)
){strict};
CREATE TABLE geo_end (
  unit_id {i64} NOT NULL PRIMARY KEY,
  last_day {i64} NOT NULL,
  source_id TEXT NOT NULL REFERENCES geo_source (source_id)
){strict};
CREATE TABLE geo_link (
  from_id {i64} NOT NULL,
  to_id {i64} NOT NULL,
  position {i64} NOT NULL,
  source_id TEXT NOT NULL REFERENCES geo_source (source_id),
  PRIMARY KEY (from_id, to_id)
){strict};
CREATE TABLE geo_boundary (
  unit_id {i64} NOT NULL PRIMARY KEY,
  rings TEXT NOT NULL,
  source_id TEXT NOT NULL REFERENCES geo_source (source_id)
){strict};
