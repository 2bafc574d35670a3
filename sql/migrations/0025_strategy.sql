-- Goals, plans, standards and the yearly review of the system.

-- Goal (91)
CREATE TABLE goal (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	title text NOT NULL,
	version bigint NOT NULL,
	statement text NOT NULL,
	owner_id uuid,
	adopted_on date
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON goal
	EXECUTE FUNCTION sync_guard();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON goal FOR EACH ROW
	WHEN (OLD.state IN ('adopted'))
	EXECUTE FUNCTION record_frozen('state', 'adopted_on');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON goal FOR EACH ROW
	WHEN (OLD.state IN ('retired'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE goal IS
	'A statement of what the district wants work-based learning to be, with its version.';
COMMENT ON COLUMN goal.state IS
	'draft | adopted | retired';
COMMENT ON COLUMN goal.owner_id IS
	'Refers to staff.';

-- Plan (92)
CREATE TABLE plan (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	title text NOT NULL,
	goal_id uuid,
	text text,
	starts_on date,
	ends_on date,
	owner_id uuid,
	adopted_on date,
	findings text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON plan
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE plan IS
	'A strategic plan: what the district will do for a goal, over which years.';
COMMENT ON COLUMN plan.state IS
	'draft | adopted | closed';
COMMENT ON COLUMN plan.goal_id IS
	'Refers to goal.';
COMMENT ON COLUMN plan.owner_id IS
	'Refers to staff.';

-- Milestone (93)
CREATE TABLE milestone (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	plan_id uuid NOT NULL,
	title text NOT NULL,
	due_on date NOT NULL,
	owner_id uuid,
	reached_on date,
	evidence text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON milestone
	EXECUTE FUNCTION sync_guard();
CREATE INDEX milestone_plan_id ON milestone (plan_id);
COMMENT ON TABLE milestone IS
	'A step of a plan, with the day by which it is to be reached.';
COMMENT ON COLUMN milestone.state IS
	'open | reached | dropped';
COMMENT ON COLUMN milestone.plan_id IS
	'Refers to plan.';
COMMENT ON COLUMN milestone.owner_id IS
	'Refers to staff.';
COMMENT ON COLUMN milestone.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION milestone_computed(r milestone, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('open') AND today >= r.due_on + 1 THEN 'overdue'
END $$;

-- Standard (94)
CREATE TABLE standard (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	code text NOT NULL,
	version bigint NOT NULL,
	text text NOT NULL,
	evidence text,
	activity_type_id uuid
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON standard
	EXECUTE FUNCTION sync_guard();
CREATE INDEX standard_code ON standard (code);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON standard FOR EACH ROW
	WHEN (OLD.state IN ('in_use'))
	EXECUTE FUNCTION record_frozen('state');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON standard FOR EACH ROW
	WHEN (OLD.state IN ('retired'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE standard IS
	'A standard that placements of a kind must meet, in words a person can check.';
COMMENT ON COLUMN standard.state IS
	'draft | in_use | retired';
COMMENT ON COLUMN standard.evidence IS
	'How one sees that it is met.';
COMMENT ON COLUMN standard.activity_type_id IS
	'Empty: every kind. Refers to activity_type.';

-- Checklist (95)
CREATE TABLE checklist (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	title text NOT NULL,
	version bigint NOT NULL,
	purpose text NOT NULL,
	audience text NOT NULL,
	items text[]
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON checklist
	EXECUTE FUNCTION sync_guard();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON checklist FOR EACH ROW
	WHEN (OLD.state IN ('in_use'))
	EXECUTE FUNCTION record_frozen('state');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON checklist FOR EACH ROW
	WHEN (OLD.state IN ('retired'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE checklist IS
	'A list of things to be done or checked, for students, partners or staff.';
COMMENT ON COLUMN checklist.state IS
	'draft | in_use | retired';
COMMENT ON COLUMN checklist.purpose IS
	'readiness | onboarding | safety | orientation | program | other';
COMMENT ON COLUMN checklist.audience IS
	'student | supervisor | staff | site | program';
COMMENT ON COLUMN checklist.items IS
	'code: text, as in resume: Has a resume.';

-- Indicator (111)
CREATE TABLE indicator (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	name text NOT NULL,
	version bigint NOT NULL,
	numerator text,
	denominator text,
	report text,
	target text,
	owner_id uuid
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON indicator
	EXECUTE FUNCTION sync_guard();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON indicator FOR EACH ROW
	WHEN (OLD.state IN ('adopted'))
	EXECUTE FUNCTION record_frozen('state');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON indicator FOR EACH ROW
	WHEN (OLD.state IN ('retired'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE indicator IS
	'A measure of success: how it is counted, its target, and who answers for it.';
COMMENT ON COLUMN indicator.state IS
	'draft | adopted | retired';
COMMENT ON COLUMN indicator.numerator IS
	'What is counted.';
COMMENT ON COLUMN indicator.denominator IS
	'Out of what.';
COMMENT ON COLUMN indicator.report IS
	'Name of the report that shows it.';
COMMENT ON COLUMN indicator.owner_id IS
	'Refers to staff.';

-- System element (112)
CREATE TABLE system_element (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	code text NOT NULL,
	name text NOT NULL,
	area text,
	description text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON system_element
	EXECUTE FUNCTION sync_guard();
CREATE INDEX system_element_code ON system_element (code);
COMMENT ON TABLE system_element IS
	'Something a system of work-based learning must have, to be looked at every year.';
COMMENT ON COLUMN system_element.state IS
	'active | retired';
COMMENT ON COLUMN system_element.area IS
	'vision | leadership | placement | partners | compliance | staff | measures | communication | other';

-- Review cycle (113)
CREATE TABLE review_cycle (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	year bigint NOT NULL,
	starts_on date,
	ends_on date,
	owner_id uuid,
	adopted_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON review_cycle
	EXECUTE FUNCTION sync_guard();
CREATE INDEX review_cycle_year ON review_cycle (year);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON review_cycle FOR EACH ROW
	WHEN (OLD.state IN ('adopted'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE review_cycle IS
	'A year''s review of the system: which elements are there and work.';
COMMENT ON COLUMN review_cycle.state IS
	'open | scored | adopted';
COMMENT ON COLUMN review_cycle.owner_id IS
	'Refers to staff.';
COMMENT ON COLUMN review_cycle.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION review_cycle_computed(r review_cycle, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('open') AND today >= r.ends_on + 1 THEN 'overdue'
END $$;

-- Element rating (114)
CREATE TABLE element_rating (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	review_cycle_id uuid NOT NULL,
	system_element_id uuid NOT NULL,
	is_present bigint NOT NULL,
	works bigint NOT NULL,
	evidence text,
	rated_on date,
	staff_id uuid
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON element_rating
	EXECUTE FUNCTION sync_guard();
CREATE INDEX element_rating_review_cycle_id ON element_rating (review_cycle_id);
COMMENT ON TABLE element_rating IS
	'How one element of the system stands in one review: present, working, with what evidence.';
COMMENT ON COLUMN element_rating.review_cycle_id IS
	'Refers to review_cycle.';
COMMENT ON COLUMN element_rating.system_element_id IS
	'Refers to system_element.';
COMMENT ON COLUMN element_rating.is_present IS
	'0 not at all to 4 fully.';
COMMENT ON COLUMN element_rating.works IS
	'0 not at all to 4 fully.';
COMMENT ON COLUMN element_rating.staff_id IS
	'Refers to staff.';

-- Finding (115)
CREATE TABLE finding (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	review_cycle_id uuid,
	indicator_id uuid,
	title text NOT NULL,
	text text,
	action text,
	owner_id uuid,
	due_on date,
	result text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON finding
	EXECUTE FUNCTION sync_guard();
CREATE INDEX finding_review_cycle_id ON finding (review_cycle_id);
COMMENT ON TABLE finding IS
	'Something to be mended, what is done about it, and whether that helped.';
COMMENT ON COLUMN finding.state IS
	'open | acting | remeasured | closed';
COMMENT ON COLUMN finding.review_cycle_id IS
	'Refers to review_cycle.';
COMMENT ON COLUMN finding.indicator_id IS
	'Refers to indicator.';
COMMENT ON COLUMN finding.owner_id IS
	'Refers to staff.';
CREATE OR REPLACE FUNCTION finding_computed(r finding, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('acting') AND today >= r.due_on + 1 THEN 'overdue'
END $$;
