-- Courses, occupations, and the kinds of activity on the continuum.

-- Course (40)
CREATE TABLE course (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	code text NOT NULL,
	name text NOT NULL,
	program_id uuid,
	level bigint,
	credits text,
	work_minutes bigint,
	is_capstone boolean,
	standards text[],
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON course
	EXECUTE FUNCTION sync_guard();
CREATE INDEX course_code ON course (code);
COMMENT ON TABLE course IS
	'A course of the catalog, with the code the state knows it by and what work in it earns.';
COMMENT ON COLUMN course.state IS
	'active | retired';
COMMENT ON COLUMN course.code IS
	'The state''s course code, as in C25H15.';
COMMENT ON COLUMN course.program_id IS
	'Refers to program_of_study.';
COMMENT ON COLUMN course.level IS
	'Place in the sequence of its program.';
COMMENT ON COLUMN course.credits IS
	'As on the transcript, as in 1 or 0.5.';
COMMENT ON COLUMN course.work_minutes IS
	'Time at work that the course asks for; empty: none.';
COMMENT ON COLUMN course.is_capstone IS
	'Credit for work needs the junior or senior year and age 16.';
COMMENT ON COLUMN course.standards IS
	'Codes of the standards it teaches.';
COMMENT ON COLUMN course.reason IS
	'Why the last move was made.';

-- Occupation (41)
CREATE TABLE occupation (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	soc_code text NOT NULL,
	region text NOT NULL,
	year bigint NOT NULL,
	title text NOT NULL,
	in_demand boolean,
	high_wage boolean,
	high_skill boolean,
	openings bigint,
	wage_cents bigint,
	entry text,
	requirements text[],
	source text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON occupation
	EXECUTE FUNCTION sync_guard();
CREATE INDEX occupation_soc_code ON occupation (soc_code);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON occupation FOR EACH ROW
	WHEN (OLD.state IN ('published'))
	EXECUTE FUNCTION record_frozen('state');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON occupation FOR EACH ROW
	WHEN (OLD.state IN ('retired'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE occupation IS
	'An occupation in a region and year: whether it is in demand and what it asks for.';
COMMENT ON COLUMN occupation.state IS
	'draft | published | retired';
COMMENT ON COLUMN occupation.soc_code IS
	'As in 49-9041.';
COMMENT ON COLUMN occupation.entry IS
	'none | high_school | certificate | associate | bachelor | graduate | apprenticeship';
COMMENT ON COLUMN occupation.requirements IS
	'Degrees, credentials and skills that employers ask for.';

-- Continuum stage (42)
CREATE TABLE continuum_stage (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	code text NOT NULL,
	name text NOT NULL,
	position bigint NOT NULL,
	lowest_grade bigint,
	highest_grade bigint,
	focus text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON continuum_stage
	EXECUTE FUNCTION sync_guard();
CREATE INDEX continuum_stage_code ON continuum_stage (code);
COMMENT ON TABLE continuum_stage IS
	'A step of the work-based learning continuum, from awareness to training.';
COMMENT ON COLUMN continuum_stage.state IS
	'active | retired';
COMMENT ON COLUMN continuum_stage.code IS
	'As in awareness, exploration, preparation, training.';
COMMENT ON COLUMN continuum_stage.position IS
	'Order in the continuum.';

-- Activity type (43)
CREATE TABLE activity_type (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	code text NOT NULL,
	version bigint NOT NULL,
	name text NOT NULL,
	stage_id uuid,
	work_kind text,
	counts_as_placement boolean,
	needs_hours boolean,
	needs_credit boolean,
	labor_rules text,
	minimum_minutes bigint,
	evaluations text[],
	documents text[],
	lowest_grade bigint,
	highest_grade bigint
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON activity_type
	EXECUTE FUNCTION sync_guard();
CREATE INDEX activity_type_code ON activity_type (code);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON activity_type FOR EACH ROW
	WHEN (OLD.state IN ('in_use'))
	EXECUTE FUNCTION record_frozen('state');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON activity_type FOR EACH ROW
	WHEN (OLD.state IN ('retired'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE activity_type IS
	'A kind of work-based learning and what it demands: papers, hours, credit, labor rules.';
COMMENT ON COLUMN activity_type.state IS
	'draft | in_use | retired';
COMMENT ON COLUMN activity_type.stage_id IS
	'Refers to continuum_stage.';
COMMENT ON COLUMN activity_type.work_kind IS
	'The kind that reports count it as. internship | cooperative | apprenticeship | preapprenticeship | clinical | job_shadowing | mentorship | school_enterprise | simulated | service | supervised_agriculture | entrepreneurship | on_the_job | other';
COMMENT ON COLUMN activity_type.counts_as_placement IS
	'A one-day visit does not.';
COMMENT ON COLUMN activity_type.labor_rules IS
	'Whether planned shifts that break a labor rule are refused, marked, or not looked at. bind | warn | none';
COMMENT ON COLUMN activity_type.minimum_minutes IS
	'Below it, it is no qualifying participation.';
COMMENT ON COLUMN activity_type.evaluations IS
	'Which are due, as in supervisor:middle.';
COMMENT ON COLUMN activity_type.documents IS
	'Codes of the document types it needs.';

-- Role template (100)
CREATE TABLE role_template (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	title text NOT NULL,
	department text,
	kind text,
	duties text,
	outcomes text[],
	documents text[],
	minimum_age bigint,
	hazards text[]
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON role_template
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE role_template IS
	'A role that students fill in a department, with duties, outcomes and papers to start from.';
COMMENT ON COLUMN role_template.state IS
	'draft | in_use | retired';
COMMENT ON COLUMN role_template.title IS
	'As in help desk, food service, athletics.';
COMMENT ON COLUMN role_template.kind IS
	'internship | cooperative | apprenticeship | preapprenticeship | clinical | job_shadowing | mentorship | school_enterprise | simulated | service | supervised_agriculture | entrepreneurship | on_the_job | other';
COMMENT ON COLUMN role_template.documents IS
	'Codes of the document types it needs.';
COMMENT ON COLUMN role_template.minimum_age IS
	'In years.';

-- Pathway map (101)
CREATE TABLE pathway_map (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	title text NOT NULL,
	version bigint NOT NULL,
	program_id uuid,
	steps text[],
	next_steps text[]
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pathway_map
	EXECUTE FUNCTION sync_guard();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON pathway_map FOR EACH ROW
	WHEN (OLD.state IN ('published'))
	EXECUTE FUNCTION record_frozen('state');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON pathway_map FOR EACH ROW
	WHEN (OLD.state IN ('retired'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE pathway_map IS
	'From a program of study to a certificate, an apprenticeship, a college or a job, step by step.';
COMMENT ON COLUMN pathway_map.state IS
	'draft | published | retired';
COMMENT ON COLUMN pathway_map.program_id IS
	'Refers to program_of_study.';
COMMENT ON COLUMN pathway_map.steps IS
	'In order, as in 11: WBL Career Practicum.';
COMMENT ON COLUMN pathway_map.next_steps IS
	'kind: text, as in apprenticeship: Electrician.';
