-- Tables of proto/records/people.proto, as `practicum types --sql` prints them.

-- Student (3)
CREATE TABLE student (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	school_id uuid NOT NULL,
	identifier text NOT NULL,
	state_id text,
	given_name text NOT NULL,
	middle_name text,
	family_name text NOT NULL,
	preferred_name text,
	birth_date date,
	grade bigint,
	program_id uuid,
	concentrator boolean,
	concentrator_source text,
	career_goal text,
	interests text[],
	skills text[],
	special_populations text[],
	transport text,
	email text,
	phone text,
	street text,
	city text,
	region text,
	postal_code text,
	emergency_name text,
	emergency_phone text,
	emergency_relation text,
	directory_opt_out boolean,
	left_on date,
	leave_reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON student
	EXECUTE FUNCTION sync_guard();
CREATE INDEX student_identifier ON student (identifier);
CREATE INDEX student_family_name ON student (family_name);
COMMENT ON TABLE student IS
	'A student of the district. The owning school is the home school at the time of creation.';
COMMENT ON COLUMN student.state IS
	'enrolled | participating | completed | withdrawn | transferred | graduated';
COMMENT ON COLUMN student.school_id IS
	'Refers to school.';
COMMENT ON COLUMN student.identifier IS
	'The district''s number; OneRoster identifier.';
COMMENT ON COLUMN student.program_id IS
	'Refers to program_of_study.';
COMMENT ON COLUMN student.transport IS
	'own | family | transit | school | walk | none';
COMMENT ON COLUMN student.directory_opt_out IS
	'The family asked that directory information is not disclosed.';

-- Versions that were replaced, and all versions together.
CREATE TABLE student_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	school_id uuid,
	identifier text,
	state_id text,
	given_name text,
	middle_name text,
	family_name text,
	preferred_name text,
	birth_date date,
	grade bigint,
	program_id uuid,
	concentrator boolean,
	concentrator_source text,
	career_goal text,
	interests text[],
	skills text[],
	special_populations text[],
	transport text,
	email text,
	phone text,
	street text,
	city text,
	region text,
	postal_code text,
	emergency_name text,
	emergency_phone text,
	emergency_relation text,
	directory_opt_out boolean,
	left_on date,
	leave_reason text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON student_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW student_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, school_id, identifier, state_id, given_name, middle_name,
       family_name, preferred_name, birth_date, grade, program_id, concentrator,
       concentrator_source, career_goal, interests, skills, special_populations, transport,
       email, phone, street, city, region, postal_code,
       emergency_name, emergency_phone, emergency_relation, directory_opt_out, left_on, leave_reason
  FROM student
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, school_id, identifier, state_id, given_name, middle_name,
       family_name, preferred_name, birth_date, grade, program_id, concentrator,
       concentrator_source, career_goal, interests, skills, special_populations, transport,
       email, phone, street, city, region, postal_code,
       emergency_name, emergency_phone, emergency_relation, directory_opt_out, left_on, leave_reason
  FROM student_past;

-- Enrollment (4)
CREATE TABLE enrollment (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	kind text NOT NULL,
	starts_on date NOT NULL,
	ends_on date,
	note text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON enrollment
	EXECUTE FUNCTION sync_guard();
CREATE INDEX enrollment_student_id ON enrollment (student_id);
COMMENT ON TABLE enrollment IS
	'A student attends a school: the home school, a career center, or a host school.';
COMMENT ON COLUMN enrollment.state IS
	'active | ended';
COMMENT ON COLUMN enrollment.student_id IS
	'Refers to student.';
COMMENT ON COLUMN enrollment.school_id IS
	'Refers to school.';
COMMENT ON COLUMN enrollment.kind IS
	'home | center | host';

-- Guardian (5)
CREATE TABLE guardian (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	name text NOT NULL,
	relation text,
	email text,
	phone text,
	language text,
	custody_note text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON guardian
	EXECUTE FUNCTION sync_guard();
CREATE INDEX guardian_student_id ON guardian (student_id);
COMMENT ON TABLE guardian IS
	'A parent or guardian of a student.';
COMMENT ON COLUMN guardian.state IS
	'invited | verified | inactive';
COMMENT ON COLUMN guardian.student_id IS
	'Refers to student.';
COMMENT ON COLUMN guardian.school_id IS
	'Refers to school.';
COMMENT ON COLUMN guardian.language IS
	'Language tag, as in es or en-US.';

-- Staff member (6)
CREATE TABLE staff (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	identifier text NOT NULL,
	given_name text NOT NULL,
	family_name text NOT NULL,
	email text,
	phone text,
	job text,
	school_id uuid
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON staff
	EXECUTE FUNCTION sync_guard();
CREATE INDEX staff_identifier ON staff (identifier);
COMMENT ON TABLE staff IS
	'An employee of the district who works with students, partners or their records.';
COMMENT ON COLUMN staff.state IS
	'active | inactive';
COMMENT ON COLUMN staff.job IS
	'coordinator | teacher | counselor | principal | district_coordinator | cte_director | data_clerk | other';
COMMENT ON COLUMN staff.school_id IS
	'Refers to school.';
