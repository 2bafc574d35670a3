-- What staff work with: resources, tasks and what opens them, submissions to the state.

-- Resource (97)
CREATE TABLE resource (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	title text NOT NULL,
	version bigint NOT NULL,
	kind text NOT NULL,
	audience text NOT NULL,
	text text,
	link text,
	n_uses bigint
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON resource
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE resource IS
	'A guide, form, lesson or link that staff, students or partners use.';
COMMENT ON COLUMN resource.state IS
	'draft | published | retired';
COMMENT ON COLUMN resource.kind IS
	'guide | form | lesson | slides | link | other';
COMMENT ON COLUMN resource.audience IS
	'staff | students | families | partners | everyone';
COMMENT ON COLUMN resource.link IS
	'Where it is.';

-- Workflow template (99)
CREATE TABLE workflow_template (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	title text NOT NULL,
	version bigint NOT NULL,
	record_type text NOT NULL,
	on_state text NOT NULL,
	tasks text[]
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON workflow_template
	EXECUTE FUNCTION sync_guard();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON workflow_template FOR EACH ROW
	WHEN (OLD.state IN ('in_use'))
	EXECUTE FUNCTION record_frozen('state');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON workflow_template FOR EACH ROW
	WHEN (OLD.state IN ('retired'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE workflow_template IS
	'Which tasks are opened when a record comes into a state, for whom and by when.';
COMMENT ON COLUMN workflow_template.state IS
	'draft | in_use | retired';
COMMENT ON COLUMN workflow_template.record_type IS
	'Name of the type, as in placement.';
COMMENT ON COLUMN workflow_template.on_state IS
	'The state that opens the tasks.';
COMMENT ON COLUMN workflow_template.tasks IS
	'role; days; text, as in coordinator; 14; Visit the site.';

-- Task (98)
CREATE TABLE task (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	school_id uuid NOT NULL,
	title text NOT NULL,
	text text,
	staff_id uuid,
	due_on date,
	record_type bigint,
	record_id uuid,
	workflow_template_id uuid,
	done_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON task
	EXECUTE FUNCTION sync_guard();
CREATE INDEX task_staff_id ON task (staff_id);
CREATE INDEX task_due_on ON task (due_on);
COMMENT ON TABLE task IS
	'Something that a person is to do by a day, about a record or in general.';
COMMENT ON COLUMN task.state IS
	'open | done | dropped';
COMMENT ON COLUMN task.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN task.staff_id IS
	'Refers to staff.';
COMMENT ON COLUMN task.record_type IS
	'Number of the record''s type; empty: about nothing in particular.';
COMMENT ON COLUMN task.workflow_template_id IS
	'Refers to workflow_template.';
COMMENT ON COLUMN task.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION task_computed(r task, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('open') AND today >= r.due_on + 1 THEN 'overdue'
	WHEN r.state IN ('open') AND today >= r.due_on - 3 THEN 'due_soon'
END $$;

-- State submission (116)
CREATE TABLE state_submission (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	collection text NOT NULL,
	year bigint NOT NULL,
	due_on date,
	n_rows bigint,
	file_hash bytea,
	n_errors bigint,
	submitted_on date,
	receipt text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON state_submission
	EXECUTE FUNCTION sync_guard();
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON state_submission FOR EACH ROW
	WHEN (OLD.state IN ('accepted'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE state_submission IS
	'A collection of the state: built, checked, submitted, accepted.';
COMMENT ON COLUMN state_submission.state IS
	'built | checked | submitted | accepted | returned';
COMMENT ON COLUMN state_submission.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION state_submission_computed(r state_submission, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('built', 'checked', 'returned') AND today >= r.due_on + 1 THEN 'overdue'
END $$;
