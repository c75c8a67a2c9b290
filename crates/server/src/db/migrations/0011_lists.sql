CREATE INDEX contact_sheet_province ON contact (province, label) WHERE state = 'reached';
CREATE INDEX contact_sheet_district ON contact (district, label) WHERE state = 'reached';
CREATE INDEX contact_sheet_commune ON contact (commune, label) WHERE state = 'reached';
CREATE INDEX contact_entry_province ON contact (province, created_at_s, case_id, created_by, entry_seconds)
  WHERE entry_seconds IS NOT NULL;
CREATE INDEX contact_entry_district ON contact (district, created_at_s, case_id, created_by, entry_seconds)
  WHERE entry_seconds IS NOT NULL;
CREATE INDEX contact_state_province ON contact (province, state, created_at_s, contact_id);
CREATE INDEX contact_generation_province ON contact (province, generation, created_at_s, contact_id);
CREATE INDEX contact_leased ON contact (leased_by) WHERE leased_by IS NOT NULL AND is_open = 1;
