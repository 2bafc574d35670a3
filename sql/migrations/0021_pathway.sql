-- Apprenticeships, colleges, and what became of students.

-- Pre apprenticeship (71)
CREATE TABLE pre_apprenticeship (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	name text NOT NULL,
	program_id uuid,
	sponsor_id uuid,
	curriculum text,
	elements text[],
	agreement_on date,
	certified_on date,
	certified_until date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pre_apprenticeship
	EXECUTE FUNCTION sync_guard();
CREATE INDEX pre_apprenticeship_name ON pre_apprenticeship (name);
COMMENT ON TABLE pre_apprenticeship IS
	'A program that leads into a registered apprenticeship, and its recognition by the state.';
COMMENT ON COLUMN pre_apprenticeship.state IS
	'drafting | agreement_signed | applied | certified | closed';
COMMENT ON COLUMN pre_apprenticeship.program_id IS
	'Refers to program_of_study.';
COMMENT ON COLUMN pre_apprenticeship.sponsor_id IS
	'Refers to organization.';
COMMENT ON COLUMN pre_apprenticeship.elements IS
	'Required elements that are in place.';
COMMENT ON COLUMN pre_apprenticeship.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION pre_apprenticeship_computed(r pre_apprenticeship, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('certified') AND today >= r.certified_until + 1 THEN 'lapsed'
	WHEN r.state IN ('certified') AND today >= r.certified_until - 90 THEN 'renewal_due'
END $$;

-- Pre apprentice (72)
CREATE TABLE pre_apprentice (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	pre_apprenticeship_id uuid NOT NULL,
	starts_on date NOT NULL,
	ended_on date,
	employer_id uuid,
	placed_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pre_apprentice
	EXECUTE FUNCTION sync_guard();
CREATE INDEX pre_apprentice_student_id ON pre_apprentice (student_id);
COMMENT ON TABLE pre_apprentice IS
	'A student in a pre-apprenticeship, and what came after.';
COMMENT ON COLUMN pre_apprentice.state IS
	'enrolled | completed | placed_in_apprenticeship | left';
COMMENT ON COLUMN pre_apprentice.student_id IS
	'Refers to student.';
COMMENT ON COLUMN pre_apprentice.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN pre_apprentice.pre_apprenticeship_id IS
	'Refers to pre_apprenticeship.';
COMMENT ON COLUMN pre_apprentice.employer_id IS
	'Refers to organization.';
COMMENT ON COLUMN pre_apprentice.reason IS
	'Why the last move was made.';

-- Versions that were replaced, and all versions together.
CREATE TABLE pre_apprentice_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	student_id uuid,
	school_id uuid,
	pre_apprenticeship_id uuid,
	starts_on date,
	ended_on date,
	employer_id uuid,
	placed_on date,
	reason text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pre_apprentice_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW pre_apprentice_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, student_id, school_id, pre_apprenticeship_id, starts_on, ended_on,
       employer_id, placed_on, reason
  FROM pre_apprentice
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, student_id, school_id, pre_apprenticeship_id, starts_on, ended_on,
       employer_id, placed_on, reason
  FROM pre_apprentice_past;

-- Articulation agreement (73)
CREATE TABLE articulation_agreement (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	college_id uuid NOT NULL,
	course_id uuid NOT NULL,
	starts_on date NOT NULL,
	college_course text NOT NULL,
	credits text,
	terms text,
	ends_on date,
	signed_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON articulation_agreement
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE articulation_agreement IS
	'A college gives credit for a course of the district.';
COMMENT ON COLUMN articulation_agreement.state IS
	'draft | signed | ended';
COMMENT ON COLUMN articulation_agreement.college_id IS
	'Refers to organization.';
COMMENT ON COLUMN articulation_agreement.course_id IS
	'Refers to course.';
COMMENT ON COLUMN articulation_agreement.terms IS
	'Grade, exam and time in which the credit is claimed.';
COMMENT ON COLUMN articulation_agreement.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION articulation_agreement_computed(r articulation_agreement, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('signed') AND today >= r.ends_on + 1 THEN 'expired'
	WHEN r.state IN ('signed') AND today >= r.ends_on - 90 THEN 'expiring'
END $$;

-- Outcome (84)
CREATE TABLE outcome (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	point text NOT NULL,
	due_on date,
	kind text,
	employer text,
	employer_id uuid,
	occupation_code text,
	college text,
	major text,
	matches_pathway boolean,
	matches_employer boolean,
	source text,
	n_attempts bigint,
	attempted_on date,
	measured_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON outcome
	EXECUTE FUNCTION sync_guard();
CREATE INDEX outcome_student_id ON outcome (student_id);
COMMENT ON TABLE outcome IS
	'What became of a student after school, at one of three points in time.';
COMMENT ON COLUMN outcome.state IS
	'due | attempted | recorded | verified | unreachable';
COMMENT ON COLUMN outcome.student_id IS
	'Refers to student.';
COMMENT ON COLUMN outcome.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN outcome.point IS
	'exit | second_quarter | one_year';
COMMENT ON COLUMN outcome.kind IS
	'job | apprenticeship | college | military | service | none | unknown';
COMMENT ON COLUMN outcome.employer_id IS
	'Refers to organization.';
COMMENT ON COLUMN outcome.source IS
	'survey | clearinghouse | wage_record | staff';
COMMENT ON COLUMN outcome.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION outcome_computed(r outcome, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('due', 'attempted') AND today >= r.due_on + 30 THEN 'overdue'
END $$;

-- Versions that were replaced, and all versions together.
CREATE TABLE outcome_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	student_id uuid,
	school_id uuid,
	point text,
	due_on date,
	kind text,
	employer text,
	employer_id uuid,
	occupation_code text,
	college text,
	major text,
	matches_pathway boolean,
	matches_employer boolean,
	source text,
	n_attempts bigint,
	attempted_on date,
	measured_on date,
	reason text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON outcome_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW outcome_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, student_id, school_id, point, due_on, kind,
       employer, employer_id, occupation_code, college, major, matches_pathway,
       matches_employer, source, n_attempts, attempted_on, measured_on, reason
  FROM outcome
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, student_id, school_id, point, due_on, kind,
       employer, employer_id, occupation_code, college, major, matches_pathway,
       matches_employer, source, n_attempts, attempted_on, measured_on, reason
  FROM outcome_past;

-- Story (110)
CREATE TABLE story (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	placement_id uuid,
	title text NOT NULL,
	text text NOT NULL,
	audience text,
	presented_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON story
	EXECUTE FUNCTION sync_guard();
CREATE INDEX story_student_id ON story (student_id);
COMMENT ON TABLE story IS
	'A student''s success, told with the family''s consent, and where it was presented.';
COMMENT ON COLUMN story.state IS
	'draft | approved | published | withdrawn';
COMMENT ON COLUMN story.student_id IS
	'Refers to student.';
COMMENT ON COLUMN story.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN story.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN story.reason IS
	'Why the last move was made.';
