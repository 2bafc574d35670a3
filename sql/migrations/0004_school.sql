-- Tables of proto/records/school.proto, as `practicum types --sql` prints them.

-- School (1)
CREATE TABLE school (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	name text NOT NULL,
	code text NOT NULL,
	nces_id text,
	kind text,
	zone text NOT NULL,
	lowest_grade bigint,
	highest_grade bigint,
	street text,
	city text,
	region text,
	postal_code text,
	phone text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON school
	EXECUTE FUNCTION sync_guard();
CREATE INDEX school_code ON school (code);
COMMENT ON TABLE school IS
	'A school or career center of the district; its id is the scope of its records.';
COMMENT ON COLUMN school.state IS
	'active | closed';
COMMENT ON COLUMN school.code IS
	'The district''s own number of the school.';
COMMENT ON COLUMN school.kind IS
	'high | middle | center | combined | other';
COMMENT ON COLUMN school.zone IS
	'IANA name, as in America/New_York.';

-- School day (2)
CREATE TABLE school_day (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	school_id uuid,
	day date NOT NULL,
	kind text NOT NULL,
	class_starts_at integer,
	class_ends_at integer,
	note text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON school_day
	EXECUTE FUNCTION sync_guard();
CREATE INDEX school_day_day ON school_day (day);
COMMENT ON TABLE school_day IS
	'A day of the school calendar: a holiday, a break, exams, or its class hours.';
COMMENT ON COLUMN school_day.state IS
	'draft | published';
COMMENT ON COLUMN school_day.school_id IS
	'Refers to school.';
COMMENT ON COLUMN school_day.kind IS
	'school | holiday | break | exam | closed';
COMMENT ON COLUMN school_day.class_starts_at IS
	'Minutes since midnight.';
COMMENT ON COLUMN school_day.class_ends_at IS
	'Minutes since midnight.';

-- Program of study (7)
CREATE TABLE program_of_study (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	code text NOT NULL,
	name text NOT NULL,
	cluster text,
	cip_code text,
	level text,
	courses text[],
	credit_rule text,
	minutes_per_credit bigint
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON program_of_study
	EXECUTE FUNCTION sync_guard();
CREATE INDEX program_of_study_code ON program_of_study (code);
COMMENT ON TABLE program_of_study IS
	'A sequence of courses toward a career, with its code and how its work earns credit.';
COMMENT ON COLUMN program_of_study.state IS
	'active | retired';
COMMENT ON COLUMN program_of_study.level IS
	'pathway | program | course';
COMMENT ON COLUMN program_of_study.credit_rule IS
	'Name of the rule by which accepted hours become credit.';
