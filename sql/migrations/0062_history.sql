-- What reports go by keeps its history: a report as of an earlier point sees the rules, calendar, classes and names of that
-- point, not today's. Nothing is known of how a record was before this migration: there it is found from its
-- last change on.

ALTER TABLE class ADD COLUMN blocks_per_week bigint;
COMMENT ON COLUMN class.blocks_per_week IS
	'Where the school has blocks: how many a week; one meets the classroom part of credit.';

CREATE TABLE school_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	name text,
	code text,
	nces_id text,
	kind text,
	zone text,
	lowest_grade bigint,
	highest_grade bigint,
	street text,
	city text,
	region text,
	postal_code text,
	phone text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON school_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW school_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, name, code, nces_id, kind, zone,
       lowest_grade, highest_grade, street, city, region, postal_code,
       phone
  FROM school
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, name, code, nces_id, kind, zone,
       lowest_grade, highest_grade, street, city, region, postal_code,
       phone
  FROM school_past;

SELECT secure_record_table('school', 1);
CREATE TABLE school_day_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	school_id uuid,
	day date,
	kind text,
	class_starts_at integer,
	class_ends_at integer,
	note text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON school_day_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW school_day_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, school_id, day, kind, class_starts_at, class_ends_at,
       note
  FROM school_day
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, school_id, day, kind, class_starts_at, class_ends_at,
       note
  FROM school_day_past;

SELECT secure_record_table('school_day', 2);
CREATE TABLE staff_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	identifier text,
	given_name text,
	family_name text,
	email text,
	phone text,
	job text,
	school_id uuid,
	kept boolean,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON staff_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW staff_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, identifier, given_name, family_name, email, phone,
       job, school_id, kept
  FROM staff
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, identifier, given_name, family_name, email, phone,
       job, school_id, kept
  FROM staff_past;

SELECT secure_record_table('staff', 6);
CREATE TABLE program_of_study_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	code text,
	name text,
	cluster text,
	cip_code text,
	level text,
	courses text[],
	credit_rule text,
	minutes_per_credit bigint,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON program_of_study_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW program_of_study_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, code, name, cluster, cip_code, level,
       courses, credit_rule, minutes_per_credit
  FROM program_of_study
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, code, name, cluster, cip_code, level,
       courses, credit_rule, minutes_per_credit
  FROM program_of_study_past;

SELECT secure_record_table('program_of_study', 7);
CREATE TABLE organization_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	name text,
	aliases text[],
	kind text,
	sector text,
	n_employees bigint,
	tax_id_hash bytea,
	contact_name text,
	email text,
	phone text,
	website text,
	street text,
	city text,
	region text,
	postal_code text,
	merged_into_id uuid,
	reason text,
	note text,
	last_contact_on date,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON organization_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW organization_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, name, aliases, kind, sector, n_employees,
       tax_id_hash, contact_name, email, phone, website, street,
       city, region, postal_code, merged_into_id, reason, note,
       last_contact_on
  FROM organization
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, name, aliases, kind, sector, n_employees,
       tax_id_hash, contact_name, email, phone, website, street,
       city, region, postal_code, merged_into_id, reason, note,
       last_contact_on
  FROM organization_past;

SELECT secure_record_table('organization', 8);
CREATE TABLE rule_set_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	domain text,
	jurisdiction text,
	version bigint,
	starts_on date,
	ends_on date,
	parameters text[],
	source text,
	departure text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rule_set_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW rule_set_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, domain, jurisdiction, version, starts_on, ends_on,
       parameters, source, departure
  FROM rule_set
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, domain, jurisdiction, version, starts_on, ends_on,
       parameters, source, departure
  FROM rule_set_past;

SELECT secure_record_table('rule_set', 19);
CREATE TABLE class_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	school_id uuid,
	code text,
	grading_period_id uuid,
	title text,
	course_id uuid,
	teacher_id uuid,
	periods text,
	periods_per_week bigint,
	room text,
	blocks_per_week bigint,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON class_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW class_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, school_id, code, grading_period_id, title, course_id,
       teacher_id, periods, periods_per_week, room, blocks_per_week
  FROM class
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, school_id, code, grading_period_id, title, course_id,
       teacher_id, periods, periods_per_week, room, blocks_per_week
  FROM class_past;

SELECT secure_record_table('class', 33);
CREATE TABLE course_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	code text,
	name text,
	program_id uuid,
	level bigint,
	credits text,
	work_minutes bigint,
	is_capstone boolean,
	standards text[],
	reason text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON course_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW course_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, code, name, program_id, level, credits,
       work_minutes, is_capstone, standards, reason
  FROM course
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, code, name, program_id, level, credits,
       work_minutes, is_capstone, standards, reason
  FROM course_past;

SELECT secure_record_table('course', 40);
CREATE TABLE adjustment_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	student_id uuid,
	school_id uuid,
	entry_id uuid,
	delta_minutes bigint,
	because text,
	evidence text,
	requested_by_id uuid,
	approved_by_id uuid,
	reason text,
	entered_by_id uuid,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON adjustment_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW adjustment_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, student_id, school_id, entry_id, delta_minutes, because,
       evidence, requested_by_id, approved_by_id, reason, entered_by_id
  FROM adjustment
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, student_id, school_id, entry_id, delta_minutes, because,
       evidence, requested_by_id, approved_by_id, reason, entered_by_id
  FROM adjustment_past;

SELECT secure_record_table('adjustment', 60);
