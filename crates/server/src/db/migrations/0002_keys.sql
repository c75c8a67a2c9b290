CREATE TABLE export_attempt (
  number {i64} NOT NULL PRIMARY KEY,
  started_at_s {i64} NOT NULL
){strict};
CREATE TABLE export_file (
  number {i64} NOT NULL PRIMARY KEY REFERENCES export_attempt (number),
  name TEXT NOT NULL UNIQUE,
  start_s {i64} NOT NULL,
  end_s {i64} NOT NULL,
  key_count {i64} NOT NULL CHECK (key_count > 0),
  size_bytes {i64} NOT NULL,
  CHECK (start_s < end_s)
){strict};
CREATE TABLE diagnosis_key (
  diagnosis_key {bytes} NOT NULL PRIMARY KEY CHECK (LENGTH(diagnosis_key) = 16),
  rolling_start {i64} NOT NULL CHECK (rolling_start > 0),
  rolling_period {i64} NOT NULL CHECK (rolling_period BETWEEN 1 AND 144),
  report_type {i64} NOT NULL CHECK (report_type IN (1, 2, 3)),
  transmission_risk {i64} NOT NULL CHECK (transmission_risk BETWEEN 0 AND 8),
  days_since_onset {i64} CHECK (days_since_onset BETWEEN -14 AND 14),
  embargo_until_s {i64} NOT NULL,
  received_hour_s {i64} NOT NULL,
  claimed_by {i64} REFERENCES export_attempt (number),
  exported_in {i64} REFERENCES export_file (number)
){by_key};
CREATE INDEX diagnosis_key_waiting ON diagnosis_key (embargo_until_s) WHERE exported_in IS NULL;
CREATE INDEX diagnosis_key_claim ON diagnosis_key (claimed_by, diagnosis_key) WHERE exported_in IS NULL;
CREATE INDEX diagnosis_key_file ON diagnosis_key (exported_in);
CREATE TABLE certificate_use (
  certificate_id TEXT NOT NULL PRIMARY KEY,
  upload_digest {bytes} NOT NULL,
  answer TEXT NOT NULL,
  used_hour_s {i64} NOT NULL
){by_key};
