CREATE TABLE case_file (
  case_id TEXT NOT NULL PRIMARY KEY,
  label TEXT NOT NULL UNIQUE,
  person_id {bytes},
  state TEXT NOT NULL CHECK (state IN ('suspected', 'confirmed', 'refuted', 'closed')),
  report_type TEXT NOT NULL CHECK (report_type IN ('confirmed', 'likely')),
  test_date {i64} NOT NULL,
  onset_date {i64},
  isolated_date {i64},
  infected_by TEXT REFERENCES case_file (case_id),
  unit {i64},
  province {i64},
  district {i64},
  commune {i64},
  opened_at_s {i64} NOT NULL,
  opened_by TEXT,
  confirmed_at_s {i64},
  closed_at_s {i64},
  version {i64} NOT NULL,
  CHECK (state = 'suspected' OR state = 'refuted' OR confirmed_at_s IS NOT NULL)
){strict};
INSERT INTO case_file (case_id, label, state, report_type, test_date, onset_date, opened_at_s, confirmed_at_s, version)
  SELECT case_id, label, 'confirmed', report_type, test_date, onset_date, confirmed_at_s, confirmed_at_s, 1
  FROM confirmed_case;
CREATE INDEX case_file_newest ON case_file (opened_at_s, case_id);
CREATE INDEX case_file_province ON case_file (province, opened_at_s, case_id);
CREATE INDEX case_file_district ON case_file (district, opened_at_s, case_id);
CREATE INDEX case_file_commune ON case_file (commune, opened_at_s, case_id);
CREATE INDEX case_file_person ON case_file (person_id);
CREATE INDEX case_file_infected_by ON case_file (infected_by);

CREATE TABLE verification_code_next (
  issue_id TEXT NOT NULL PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES case_file (case_id),
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
INSERT INTO verification_code_next (issue_id, case_id, report_type, test_date, onset_date, short_hash, link_hash,
    issued_at_s, short_until_s, link_until_s, state, claimed_at_s, certified_at_s, token_id, certificate_id, keys_hmac)
  SELECT issue_id, case_id, report_type, test_date, onset_date, short_hash, link_hash,
    issued_at_s, short_until_s, link_until_s, state, claimed_at_s, certified_at_s, token_id, certificate_id, keys_hmac
  FROM verification_code;
DROP TABLE verification_code;
ALTER TABLE verification_code_next RENAME TO verification_code;
CREATE INDEX verification_code_case ON verification_code (case_id, issued_at_s);
CREATE INDEX verification_code_live ON verification_code (state, short_until_s);
DROP TABLE confirmed_case;

CREATE TABLE milestone (
  milestone_id TEXT NOT NULL PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES case_file (case_id),
  person_id {bytes} NOT NULL,
  from_s {i64} NOT NULL,
  to_s {i64} NOT NULL,
  place_sealed {bytes} NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('interview', 'exposure_notice', 'record')),
  confidence {i64} NOT NULL CHECK (confidence BETWEEN 1 AND 3),
  entered_by TEXT NOT NULL,
  entered_at_s {i64} NOT NULL,
  CHECK (from_s <= to_s)
){strict};
CREATE INDEX milestone_case ON milestone (case_id, from_s);
CREATE INDEX milestone_person ON milestone (person_id);

CREATE TABLE contact (
  contact_id TEXT NOT NULL PRIMARY KEY,
  label TEXT NOT NULL UNIQUE,
  person_id {bytes} NOT NULL,
  of_person {bytes} NOT NULL,
  case_id TEXT NOT NULL REFERENCES case_file (case_id),
  milestone_id TEXT REFERENCES milestone (milestone_id),
  origin TEXT NOT NULL CHECK (origin IN ('referral', 'interview', 'co_presence')),
  legal_basis TEXT NOT NULL CHECK (legal_basis <> ''),
  expires_on {i64} NOT NULL,
  exposed_on {i64} NOT NULL,
  exposed_minutes {i64},
  place_sealed {bytes},
  relation TEXT NOT NULL,
  level {i64} NOT NULL CHECK (level BETWEEN 1 AND 4),
  generation {i64} CHECK (generation BETWEEN 1 AND 4),
  state TEXT NOT NULL CHECK (state IN
    ('new', 'trying', 'reached', 'handed_over', 'refused', 'wrong_number', 'finished', 'converted', 'cancelled')),
  is_open {i64} NOT NULL CHECK (is_open IN (0, 1)),
  attempts {i64} NOT NULL,
  due_at_s {i64} NOT NULL,
  next_try_at_s {i64} NOT NULL,
  leased_by TEXT,
  leased_until_s {i64} NOT NULL,
  assigned_to TEXT,
  follow_from {i64},
  follow_until {i64},
  converted_to TEXT REFERENCES case_file (case_id),
  unit {i64},
  province {i64},
  district {i64},
  commune {i64},
  created_at_s {i64} NOT NULL,
  created_by TEXT,
  entry_seconds {i64},
  closed_at_s {i64},
  version {i64} NOT NULL,
  CHECK (person_id <> of_person),
  UNIQUE (case_id, of_person, person_id)
){strict};
CREATE INDEX contact_person ON contact (person_id);
CREATE INDEX contact_of_person ON contact (of_person);
CREATE INDEX contact_case ON contact (case_id, created_at_s, contact_id);
CREATE INDEX contact_queue ON contact (due_at_s, contact_id) WHERE is_open = 1;
CREATE INDEX contact_queue_province ON contact (province, due_at_s, contact_id) WHERE is_open = 1;
CREATE INDEX contact_queue_district ON contact (district, due_at_s, contact_id) WHERE is_open = 1;
CREATE INDEX contact_queue_commune ON contact (commune, due_at_s, contact_id) WHERE is_open = 1;
CREATE INDEX contact_newest ON contact (created_at_s, contact_id);
CREATE INDEX contact_province ON contact (province, created_at_s, contact_id);
CREATE INDEX contact_district ON contact (district, created_at_s, contact_id);
CREATE INDEX contact_commune ON contact (commune, created_at_s, contact_id);
CREATE INDEX contact_follow ON contact (follow_until, commune) WHERE follow_until IS NOT NULL;
CREATE INDEX contact_expiry ON contact (expires_on);

CREATE TABLE contact_call (
  call_id TEXT NOT NULL PRIMARY KEY,
  contact_id TEXT NOT NULL REFERENCES contact (contact_id),
  officer_id TEXT NOT NULL,
  outcome TEXT NOT NULL,
  began_at_s {i64} NOT NULL,
  ended_at_s {i64} NOT NULL
){strict};
CREATE INDEX contact_call_contact ON contact_call (contact_id, ended_at_s);
CREATE INDEX contact_call_ended ON contact_call (ended_at_s);

CREATE TABLE follow_up (
  contact_id TEXT NOT NULL REFERENCES contact (contact_id),
  day {i64} NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('well', 'fever', 'cough', 'other', 'not_met')),
  officer_id TEXT NOT NULL,
  entered_at_s {i64} NOT NULL,
  PRIMARY KEY (contact_id, day)
){strict};

CREATE TABLE case_event (
  event_id TEXT NOT NULL PRIMARY KEY,
  case_id TEXT REFERENCES case_file (case_id),
  contact_id TEXT REFERENCES contact (contact_id),
  at_s {i64} NOT NULL,
  officer_id TEXT,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL
){strict};
CREATE INDEX case_event_case ON case_event (case_id, at_s);
CREATE INDEX case_event_contact ON case_event (contact_id, at_s);
