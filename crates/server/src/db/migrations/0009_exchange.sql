CREATE TABLE person_source (
  fingerprint {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(fingerprint) = 16),
  person_id {bytes} NOT NULL REFERENCES person (person_id) ON DELETE CASCADE
){by_key};
CREATE INDEX person_source_person ON person_source (person_id);
CREATE INDEX contact_converted_to ON contact (converted_to) WHERE converted_to IS NOT NULL;
CREATE TABLE import_list (
  import_id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('contacts', 'cases')),
  format TEXT NOT NULL CHECK (format IN ('xlsx', 'csv', 'json')),
  content_hash {bytes} NOT NULL CHECK (LENGTH(content_hash) = 16),
  shape {bytes} NOT NULL CHECK (LENGTH(shape) = 16),
  key_id {bytes} NOT NULL CHECK (LENGTH(key_id) = 16),
  has_heading {i64} NOT NULL CHECK (has_heading IN (0, 1)),
  fields TEXT NOT NULL,
  options TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('uploaded', 'checking', 'checked', 'entering', 'linking', 'done', 'expired')),
  total {i64} NOT NULL,
  good {i64} NOT NULL,
  bad {i64} NOT NULL,
  entered {i64} NOT NULL,
  known {i64} NOT NULL,
  links {i64} NOT NULL,
  next_chunk {i64} NOT NULL,
  leased_until_s {i64} NOT NULL,
  officer_id TEXT NOT NULL REFERENCES officer (officer_id),
  province {i64},
  district {i64},
  commune {i64},
  created_at_s {i64} NOT NULL,
  expires_at_s {i64} NOT NULL
){strict};
CREATE INDEX import_list_officer ON import_list (officer_id, created_at_s);
CREATE INDEX import_list_expiry ON import_list (state, expires_at_s);
CREATE TABLE import_chunk (
  import_id TEXT NOT NULL REFERENCES import_list (import_id) ON DELETE CASCADE,
  chunk {i64} NOT NULL,
  cells_sealed {bytes} NOT NULL,
  verdict_sealed {bytes},
  PRIMARY KEY (import_id, chunk)
){strict};
CREATE TABLE import_mapping (
  shape {bytes} NOT NULL,
  kind TEXT NOT NULL,
  unit {i64} NOT NULL,
  fields TEXT NOT NULL,
  used_at_s {i64} NOT NULL,
  PRIMARY KEY (shape, kind, unit)
){by_key};
