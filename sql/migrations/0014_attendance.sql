-- Consents, classes, and who is there.

-- Consent (30)
CREATE TABLE consent (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	purpose text NOT NULL,
	guardian_id uuid,
	form_version text,
	valid_from date,
	valid_until date,
	evidence text,
	requested_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON consent
	EXECUTE FUNCTION sync_guard();
CREATE INDEX consent_student_id ON consent (student_id);
COMMENT ON TABLE consent IS
	'A family says yes or no to one use of a student''s data, picture or time.';
COMMENT ON COLUMN consent.state IS
	'requested | granted | refused | revoked';
COMMENT ON COLUMN consent.student_id IS
	'Refers to student.';
COMMENT ON COLUMN consent.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN consent.purpose IS
	'media | employer_data | late_hours | medical | transport | directory | other';
COMMENT ON COLUMN consent.guardian_id IS
	'Who was asked; empty where the student is of age. Refers to guardian.';
COMMENT ON COLUMN consent.form_version IS
	'Which wording of the form was given.';
COMMENT ON COLUMN consent.valid_from IS
	'First day on which the consent holds.';
COMMENT ON COLUMN consent.valid_until IS
	'Last day on which the consent holds; empty: until it is taken back.';
COMMENT ON COLUMN consent.evidence IS
	'Where the signed form is.';
COMMENT ON COLUMN consent.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION consent_computed(r consent, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('granted') AND today >= r.valid_until + 1 THEN 'expired'
	WHEN r.state IN ('granted') AND today >= r.valid_until - 30 THEN 'expiring'
END $$;

-- Absence (32)
CREATE TABLE absence (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	day date NOT NULL,
	kind text NOT NULL,
	minutes bigint,
	source text,
	note text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON absence
	EXECUTE FUNCTION sync_guard();
CREATE INDEX absence_student_id ON absence (student_id);
CREATE INDEX absence_day ON absence (day);
COMMENT ON TABLE absence IS
	'A school day that a student missed, as the attendance system says.';
COMMENT ON COLUMN absence.student_id IS
	'Refers to student.';
COMMENT ON COLUMN absence.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN absence.kind IS
	'unexcused | excused | late | activity';
COMMENT ON COLUMN absence.minutes IS
	'Empty: the whole day.';
COMMENT ON COLUMN absence.source IS
	'Where it comes from, as in the name of an import.';

-- Grading period (35)
CREATE TABLE grading_period (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	code text NOT NULL,
	title text NOT NULL,
	kind text NOT NULL,
	parent_id uuid,
	starts_on date NOT NULL,
	ends_on date NOT NULL
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON grading_period
	EXECUTE FUNCTION sync_guard();
CREATE INDEX grading_period_code ON grading_period (code);
COMMENT ON TABLE grading_period IS
	'A school year, semester, quarter or other term, with its first and last day.';
COMMENT ON COLUMN grading_period.code IS
	'The roster''s identifier of the term.';
COMMENT ON COLUMN grading_period.kind IS
	'school_year | semester | trimester | quarter | summer | other';
COMMENT ON COLUMN grading_period.parent_id IS
	'Refers to grading_period.';
CREATE OR REPLACE FUNCTION grading_period_computed(r grading_period, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN today >= r.starts_on AND (r.ends_on IS NULL OR today <= r.ends_on) THEN 'running'
END $$;

-- Class (33)
CREATE TABLE class (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	school_id uuid NOT NULL,
	code text NOT NULL,
	grading_period_id uuid,
	title text NOT NULL,
	course_id uuid,
	teacher_id uuid,
	periods text,
	periods_per_week bigint,
	room text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON class
	EXECUTE FUNCTION sync_guard();
CREATE INDEX class_code ON class (code);
COMMENT ON TABLE class IS
	'A section of a course in one grading period, with its teacher.';
COMMENT ON COLUMN class.state IS
	'active | ended';
COMMENT ON COLUMN class.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN class.code IS
	'The section''s number in the roster.';
COMMENT ON COLUMN class.grading_period_id IS
	'Refers to grading_period.';
COMMENT ON COLUMN class.course_id IS
	'Refers to course.';
COMMENT ON COLUMN class.teacher_id IS
	'Refers to staff.';
COMMENT ON COLUMN class.periods IS
	'When it meets, as in Mon Wed 2.';
COMMENT ON COLUMN class.periods_per_week IS
	'Counts toward the classroom part of credit.';

-- Class enrollment (34)
CREATE TABLE class_enrollment (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	class_id uuid NOT NULL,
	starts_on date,
	ends_on date
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON class_enrollment
	EXECUTE FUNCTION sync_guard();
CREATE INDEX class_enrollment_student_id ON class_enrollment (student_id);
CREATE INDEX class_enrollment_class_id ON class_enrollment (class_id);
COMMENT ON TABLE class_enrollment IS
	'A student sits in a class from one day to another.';
COMMENT ON COLUMN class_enrollment.student_id IS
	'Refers to student.';
COMMENT ON COLUMN class_enrollment.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN class_enrollment.class_id IS
	'Refers to class.';
COMMENT ON COLUMN class_enrollment.ends_on IS
	'Last day in the class; empty: until the class ends.';

-- Cover (36)
CREATE TABLE cover (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	school_id uuid NOT NULL,
	staff_id uuid NOT NULL,
	covered_by_id uuid NOT NULL,
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	duties text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON cover
	EXECUTE FUNCTION sync_guard();
CREATE INDEX cover_staff_id ON cover (staff_id);
COMMENT ON TABLE cover IS
	'A member of staff stands in for another on certain days.';
COMMENT ON COLUMN cover.state IS
	'planned | canceled';
COMMENT ON COLUMN cover.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN cover.staff_id IS
	'Who is away. Refers to staff.';
COMMENT ON COLUMN cover.covered_by_id IS
	'Who answers for the placements meanwhile. Refers to staff.';
COMMENT ON COLUMN cover.duties IS
	'What the stand-in does: visits, approvals, phone.';
COMMENT ON COLUMN cover.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION cover_computed(r cover, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('planned') AND today >= r.starts_on AND (r.ends_on IS NULL OR today <= r.ends_on) THEN 'running'
END $$;
