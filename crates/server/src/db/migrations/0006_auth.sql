DROP TABLE desk_session;
DROP TABLE desk_password;
CREATE TABLE officer (
  officer_id TEXT NOT NULL PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  role_until_s {i64} NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('nation', 'province', 'district', 'commune')),
  unit {i64} NOT NULL,
  province {i64},
  district {i64},
  commune {i64},
  state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'left')),
  password_hash TEXT,
  totp_sealed {bytes},
  totp_used_step {i64} NOT NULL,
  created_at_s {i64} NOT NULL,
  left_at_s {i64},
  CHECK (state <> 'active' OR (password_hash IS NOT NULL AND totp_sealed IS NOT NULL))
){strict};
CREATE INDEX officer_province ON officer (province, login);
CREATE INDEX officer_district ON officer (district, login);
CREATE TABLE officer_session (
  session_hash {bytes} NOT NULL PRIMARY KEY,
  officer_id TEXT NOT NULL REFERENCES officer (officer_id),
  form_token TEXT NOT NULL,
  begun_at_s {i64} NOT NULL,
  seen_at_s {i64} NOT NULL,
  stepped_up_at_s {i64} NOT NULL
){strict};
CREATE INDEX officer_session_officer ON officer_session (officer_id);
CREATE TABLE invitation (
  token_hash {bytes} NOT NULL PRIMARY KEY,
  officer_id TEXT NOT NULL REFERENCES officer (officer_id),
  expires_at_s {i64} NOT NULL
){strict};
CREATE TABLE api_key (
  key_id TEXT NOT NULL PRIMARY KEY,
  key_hash {bytes} NOT NULL UNIQUE,
  label TEXT NOT NULL,
  permissions TEXT NOT NULL,
  level TEXT NOT NULL,
  unit {i64} NOT NULL,
  created_by TEXT NOT NULL REFERENCES officer (officer_id),
  created_at_s {i64} NOT NULL,
  expires_at_s {i64} NOT NULL,
  revoked_at_s {i64}
){strict};
CREATE TABLE approval (
  approval_id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('export', 'role')),
  subject TEXT NOT NULL,
  asked_by TEXT NOT NULL REFERENCES officer (officer_id),
  asked_at_s {i64} NOT NULL,
  province {i64},
  district {i64},
  commune {i64},
  state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'refused', 'used')),
  decided_by TEXT REFERENCES officer (officer_id),
  decided_at_s {i64},
  CHECK ((state = 'asked') = (decided_by IS NULL)),
  CHECK (decided_by IS NULL OR decided_by <> asked_by)
){strict};
CREATE INDEX approval_open ON approval (state, asked_at_s);
