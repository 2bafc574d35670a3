-- Schema 3 of the law: rule sets that may demand less with a reason, release periods, hazardous work and its
-- conditions, and verdicts that a change of rules or calendar changes.

ALTER TABLE rule_set
	ADD COLUMN departure text;
COMMENT ON COLUMN rule_set.departure IS
	'Why it demands less than the law as shipped, and by whose authority.';
COMMENT ON COLUMN rule_set.parameters IS
	'Rules, as in TN-BREAK=break age:0-17 from-length:6h least:30 after:60 | words | source.';

ALTER TABLE training_plan
	ADD COLUMN is_vocational boolean,
	ADD COLUMN work_is_incidental boolean,
	ADD COLUMN work_is_supervised boolean,
	ADD COLUMN safety_is_taught boolean,
	ADD COLUMN has_schedule boolean,
	ADD COLUMN copies_are_kept boolean,
	ADD COLUMN agreement_id uuid;
COMMENT ON COLUMN training_plan.is_vocational IS
	'The student is enrolled in a cooperative vocational course of a recognized authority.';
COMMENT ON COLUMN training_plan.work_is_incidental IS
	'The hazardous work is incidental to the training.';
COMMENT ON COLUMN training_plan.work_is_supervised IS
	'It is intermittent, for short periods, under direct and close supervision.';
COMMENT ON COLUMN training_plan.safety_is_taught IS
	'The school gives safety instruction and the employer correlates it on the job.';
COMMENT ON COLUMN training_plan.has_schedule IS
	'A schedule of organized and progressive work processes is prepared.';
COMMENT ON COLUMN training_plan.copies_are_kept IS
	'School and employer each keep a copy of the agreement.';
COMMENT ON COLUMN training_plan.agreement_id IS
	'The document that names the student and both sides have signed. Refers to document.';

ALTER TABLE placement
	ADD COLUMN hazardous_orders text[];
ALTER TABLE placement_past
	ADD COLUMN hazardous_orders text[];
CREATE OR REPLACE VIEW placement_history WITH (security_invoker = true) AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, student_id, school_id, title, kind, opportunity_id,
       organization_id, site_id, supervisor_id, coordinator_id, teacher_id, program_id,
       course_code, section, starts_on, ends_on, weekly_minutes, weekly_pattern,
       target_minutes, pay, wage_cents, tasks, outcomes, note,
       reason, ended_on, ended_by, alignment, alignment_note, insurance_id,
       renewal_in_hand_on, renewal_reason, activity_type_id, course_id, class_id, hazardous_orders
  FROM placement
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, student_id, school_id, title, kind, opportunity_id,
       organization_id, site_id, supervisor_id, coordinator_id, teacher_id, program_id,
       course_code, section, starts_on, ends_on, weekly_minutes, weekly_pattern,
       target_minutes, pay, wage_cents, tasks, outcomes, note,
       reason, ended_on, ended_by, alignment, alignment_note, insurance_id,
       renewal_in_hand_on, renewal_reason, activity_type_id, course_id, class_id, hazardous_orders
  FROM placement_past;
COMMENT ON COLUMN placement.hazardous_orders IS
	'Numbers of the hazardous occupations orders that the work comes under, 1 to 17.';

ALTER TABLE time_sheet
	ADD COLUMN rejudged_because text,
	ADD COLUMN newly_broken text[],
	ADD COLUMN newly_clear text[];
ALTER TABLE time_sheet_past
	ADD COLUMN rejudged_because text,
	ADD COLUMN newly_broken text[],
	ADD COLUMN newly_clear text[];
CREATE OR REPLACE VIEW time_sheet_history WITH (security_invoker = true) AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, placement_id, student_id, school_id, week_start, amends_id,
       amendment_no, note, return_reason, violations, disposition, rejudged_because,
       newly_broken, newly_clear
  FROM time_sheet
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, placement_id, student_id, school_id, week_start, amends_id,
       amendment_no, note, return_reason, violations, disposition, rejudged_because,
       newly_broken, newly_clear
  FROM time_sheet_past;
COMMENT ON COLUMN time_sheet.rejudged_because IS
	'Which change of rules or calendar changed what the week breaks.';
COMMENT ON COLUMN time_sheet.newly_broken IS
	'Broken since it was judged anew.';
COMMENT ON COLUMN time_sheet.newly_clear IS
	'No longer broken since it was judged anew.';

ALTER TABLE time_entry
	ADD COLUMN hazardous_orders text[];
ALTER TABLE time_entry_past
	ADD COLUMN hazardous_orders text[];
CREATE OR REPLACE VIEW time_entry_history WITH (security_invoker = true) AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       sheet_id, placement_id, student_id, school_id, work_date, starts_at,
       ends_at, break_starts_at, break_minutes, zone, elapsed_minutes, method,
       task, note, hazardous_orders
  FROM time_entry
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       sheet_id, placement_id, student_id, school_id, work_date, starts_at,
       ends_at, break_starts_at, break_minutes, zone, elapsed_minutes, method,
       task, note, hazardous_orders
  FROM time_entry_past;
COMMENT ON COLUMN time_entry.hazardous_orders IS
	'Numbers of the hazardous occupations orders that the work came under, 1 to 17.';
COMMENT ON COLUMN time_entry.ends_at IS
	'Before the start: on the next day. Minutes since midnight.';
COMMENT ON COLUMN time_entry.zone IS
	'Of the work site, as in America/Chicago.';

COMMENT ON COLUMN shift_plan.ends_at IS
	'Before the start: on the next day. Minutes since midnight.';

-- Release period (37)
CREATE TABLE release_period (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	weekdays text[],
	starts_at integer NOT NULL,
	ends_at integer NOT NULL,
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	note text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON release_period
	EXECUTE FUNCTION sync_guard();
CREATE INDEX release_period_student_id ON release_period (student_id);
COMMENT ON TABLE release_period IS
	'Class time from which a student is released for work, week by week.';
COMMENT ON COLUMN release_period.student_id IS
	'Refers to student.';
COMMENT ON COLUMN release_period.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN release_period.weekdays IS
	'mon, tue, wed, thu, fri.';
COMMENT ON COLUMN release_period.starts_at IS
	'Minutes since midnight.';
COMMENT ON COLUMN release_period.ends_at IS
	'Minutes since midnight.';
COMMENT ON COLUMN release_period.starts_on IS
	'First day.';
COMMENT ON COLUMN release_period.ends_on IS
	'Last day.';
COMMENT ON COLUMN release_period.note IS
	'The class or block it is taken from.';

-- Who may read and write it.
SELECT secure_record_table('release_period', 37);
