CREATE TABLE confirmed_case (
  case_id TEXT NOT NULL PRIMARY KEY,
  label TEXT NOT NULL UNIQUE,
  report_type TEXT NOT NULL CHECK (report_type IN ('confirmed', 'likely')),
  test_date {i64} NOT NULL,
  onset_date {i64},
  confirmed_at_s {i64} NOT NULL
){strict};
CREATE INDEX confirmed_case_newest ON confirmed_case (confirmed_at_s);
CREATE TABLE verification_code (
  issue_id TEXT NOT NULL PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES confirmed_case (case_id),
  report_type TEXT NOT NULL CHECK (report_type IN ('confirmed', 'likely')),
  test_date {i64},
  onset_date {i64},
  short_hash {bytes} UNIQUE,
  link_hash {bytes} UNIQUE,
  issued_at_s {i64} NOT NULL,
  short_until_s {i64} NOT NULL,
  link_until_s {i64} NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('issued', 'claimed', 'certified', 'withdrawn')),
  claimed_at_s {i64},
  certified_at_s {i64},
  token_id TEXT UNIQUE,
  certificate_id TEXT UNIQUE,
  keys_hmac TEXT,
  CHECK ((state IN ('claimed', 'certified')) = (claimed_at_s IS NOT NULL)),
  CHECK ((state = 'certified') = (certified_at_s IS NOT NULL))
){strict};
CREATE INDEX verification_code_case ON verification_code (case_id, issued_at_s);
CREATE INDEX verification_code_live ON verification_code (state, short_until_s);
CREATE TABLE code_attempt (
  minute_s {i64} NOT NULL,
  lane TEXT NOT NULL CHECK (lane IN ('fresh', 'suspect', 'link')),
  attempts {i64} NOT NULL,
  PRIMARY KEY (minute_s, lane)
){strict};
CREATE TABLE desk_password (
  only_row {i64} NOT NULL PRIMARY KEY CHECK (only_row = 1),
  password_hash TEXT NOT NULL,
  set_at_s {i64} NOT NULL
){strict};
CREATE TABLE desk_session (
  session_hash {bytes} NOT NULL PRIMARY KEY,
  form_token TEXT NOT NULL,
  begun_at_s {i64} NOT NULL,
  seen_at_s {i64} NOT NULL
){strict};
