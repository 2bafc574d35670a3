-- Schema 2 of the first record types: gates of a placement, and states that only the calendar moves.

ALTER TABLE placement
	ADD COLUMN alignment text,
	ADD COLUMN alignment_note text,
	ADD COLUMN insurance_id uuid,
	ADD COLUMN renewal_in_hand_on date,
	ADD COLUMN renewal_reason text,
	ADD COLUMN activity_type_id uuid,
	ADD COLUMN course_id uuid,
	ADD COLUMN class_id uuid;
ALTER TABLE placement_past
	ADD COLUMN alignment text,
	ADD COLUMN alignment_note text,
	ADD COLUMN insurance_id uuid,
	ADD COLUMN renewal_in_hand_on date,
	ADD COLUMN renewal_reason text,
	ADD COLUMN activity_type_id uuid,
	ADD COLUMN course_id uuid,
	ADD COLUMN class_id uuid;
DROP VIEW placement_history;
CREATE VIEW placement_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, student_id, school_id, title, kind, opportunity_id,
       organization_id, site_id, supervisor_id, coordinator_id, teacher_id, program_id,
       course_code, section, starts_on, ends_on, weekly_minutes, weekly_pattern,
       target_minutes, pay, wage_cents, tasks, outcomes, note,
       reason, ended_on, ended_by, alignment, alignment_note, insurance_id,
       renewal_in_hand_on, renewal_reason, activity_type_id, course_id, class_id
  FROM placement
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, student_id, school_id, title, kind, opportunity_id,
       organization_id, site_id, supervisor_id, coordinator_id, teacher_id, program_id,
       course_code, section, starts_on, ends_on, weekly_minutes, weekly_pattern,
       target_minutes, pay, wage_cents, tasks, outcomes, note,
       reason, ended_on, ended_by, alignment, alignment_note, insurance_id,
       renewal_in_hand_on, renewal_reason, activity_type_id, course_id, class_id
  FROM placement_past;
COMMENT ON COLUMN placement.alignment IS
	'How the work fits the student''s career goal and program of study. aligned | partly | not_aligned';
COMMENT ON COLUMN placement.insurance_id IS
	'A policy that is not the partner''s, as the district''s own; empty: the partner''s count. Refers to insurance.';
COMMENT ON COLUMN placement.renewal_in_hand_on IS
	'For ten days from this day a lapsed paper does not suspend.';
COMMENT ON COLUMN placement.activity_type_id IS
	'Refers to activity_type.';
COMMENT ON COLUMN placement.course_id IS
	'Refers to course.';
COMMENT ON COLUMN placement.class_id IS
	'Refers to class.';

ALTER TABLE student
	ADD COLUMN work_values text[];
ALTER TABLE student_past
	ADD COLUMN work_values text[];
DROP VIEW student_history;
CREATE VIEW student_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, school_id, identifier, state_id, given_name, middle_name,
       family_name, preferred_name, birth_date, grade, program_id, concentrator,
       concentrator_source, career_goal, interests, skills, special_populations, transport,
       email, phone, street, city, region, postal_code,
       emergency_name, emergency_phone, emergency_relation, directory_opt_out, left_on, leave_reason,
       work_values
  FROM student
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, school_id, identifier, state_id, given_name, middle_name,
       family_name, preferred_name, birth_date, grade, program_id, concentrator,
       concentrator_source, career_goal, interests, skills, special_populations, transport,
       email, phone, street, city, region, postal_code,
       emergency_name, emergency_phone, emergency_relation, directory_opt_out, left_on, leave_reason,
       work_values
  FROM student_past;
COMMENT ON COLUMN student.work_values IS
	'What matters to the student in work, as in helping people.';

ALTER TABLE opportunity
	ADD COLUMN activity_type_id uuid,
	ADD COLUMN role_template_id uuid,
	ADD COLUMN intensity text;
COMMENT ON COLUMN opportunity.activity_type_id IS
	'Refers to activity_type.';
COMMENT ON COLUMN opportunity.role_template_id IS
	'The template it was made from. Refers to role_template.';
COMMENT ON COLUMN opportunity.intensity IS
	'How often the student is there. once | drop_in | weekly | part_time';

ALTER TABLE document
	ADD COLUMN document_type_id uuid;
COMMENT ON COLUMN document.document_type_id IS
	'Which of the papers that the district asks for it is. Refers to document_type.';

COMMENT ON COLUMN school_day.state IS
	'draft | published | amended';

CREATE OR REPLACE FUNCTION site_computed(r site, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('approved') AND today >= r.surveyed_on + 365 THEN 'survey_due'
END $$;
CREATE OR REPLACE FUNCTION opportunity_computed(r opportunity, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('open') AND today >= r.closes_on + 1 THEN 'window_over'
END $$;
CREATE OR REPLACE FUNCTION document_computed(r document, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('signed', 'verified') AND today >= r.valid_until + 1 THEN 'expired'
	WHEN r.state IN ('signed', 'verified') AND today >= r.valid_until - 60 THEN 'expiring'
END $$;
CREATE OR REPLACE FUNCTION rule_set_computed(r rule_set, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('approved') AND today >= r.starts_on AND (r.ends_on IS NULL OR today <= r.ends_on) THEN 'in_force'
END $$;
CREATE OR REPLACE FUNCTION evaluation_computed(r evaluation, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('scheduled', 'opened', 'returned') AND today >= r.due_on + 1 THEN 'overdue'
END $$;
