-- What labor rules say of a week, and what a coordinator decided about it.
ALTER TABLE time_sheet ADD COLUMN violations text[], ADD COLUMN disposition text;
ALTER TABLE time_sheet_past ADD COLUMN violations text[], ADD COLUMN disposition text;
CREATE OR REPLACE VIEW time_sheet_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, placement_id, student_id, school_id, week_start, amends_id,
       amendment_no, note, return_reason, violations, disposition
  FROM time_sheet
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, placement_id, student_id, school_id, week_start, amends_id,
       amendment_no, note, return_reason, violations, disposition
  FROM time_sheet_past;
COMMENT ON COLUMN time_sheet.state IS
	'draft | submitted | returned | approved | flagged';
COMMENT ON COLUMN time_sheet.violations IS
	'Set when it is submitted: day, start and rule, as in 2026-08-11 16:00 FED-14-DAY-S.';
COMMENT ON COLUMN time_sheet.disposition IS
	'What the coordinator did about the broken rules.';
