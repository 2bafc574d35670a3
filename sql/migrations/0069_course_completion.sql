-- What concentrators are reckoned from.

-- Course completion (119)
CREATE TABLE course_completion (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	course_id uuid NOT NULL,
	completed_on date NOT NULL,
	passed boolean NOT NULL,
	mark text,
	credits text,
	source text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON course_completion
	EXECUTE FUNCTION sync_guard();
CREATE INDEX course_completion_student_id ON course_completion (student_id);
COMMENT ON TABLE course_completion IS
	'A student completed a course: when, and with what result.';
COMMENT ON COLUMN course_completion.student_id IS
	'Refers to student.';
COMMENT ON COLUMN course_completion.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN course_completion.course_id IS
	'Refers to course.';
COMMENT ON COLUMN course_completion.completed_on IS
	'The last day of the course.';
COMMENT ON COLUMN course_completion.passed IS
	'Whether it counts as completed; a course that was failed does not.';
COMMENT ON COLUMN course_completion.mark IS
	'As on the transcript, as in A or 88.';
COMMENT ON COLUMN course_completion.credits IS
	'As on the transcript, as in 1 or 0.5.';
COMMENT ON COLUMN course_completion.source IS
	'Where that is known from, as the name of the student information system.';

-- Versions that were replaced, and all versions together.
CREATE TABLE course_completion_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	student_id uuid,
	school_id uuid,
	course_id uuid,
	completed_on date,
	passed boolean,
	mark text,
	credits text,
	source text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON course_completion_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW course_completion_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       student_id, school_id, course_id, completed_on, passed, mark,
       credits, source
  FROM course_completion
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       student_id, school_id, course_id, completed_on, passed, mark,
       credits, source
  FROM course_completion_past;

-- Who may read and write it.
SELECT secure_record_table('course_completion', 119);
