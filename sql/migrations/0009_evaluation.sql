-- Tables of proto/records/evaluation.proto, as `practicum types --sql` prints them.

-- Rubric (16)
CREATE TABLE rubric (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	name text NOT NULL,
	version bigint NOT NULL,
	audience text,
	items text[],
	lowest_score bigint NOT NULL,
	highest_score bigint NOT NULL,
	anchors text[]
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rubric
	EXECUTE FUNCTION sync_guard();
CREATE INDEX rubric_name ON rubric (name);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON rubric FOR EACH ROW
	WHEN (OLD.state IN ('in_use'))
	EXECUTE FUNCTION record_frozen('state');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON rubric FOR EACH ROW
	WHEN (OLD.state IN ('retired'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE rubric IS
	'The items of an evaluation and their scale; in use it never changes, a new version replaces it.';
COMMENT ON COLUMN rubric.state IS
	'draft | approved | in_use | retired';
COMMENT ON COLUMN rubric.audience IS
	'supervisor | teacher | student | coordinator';
COMMENT ON COLUMN rubric.items IS
	'code: text, as in reliability: Comes on time and prepared.';
COMMENT ON COLUMN rubric.anchors IS
	'What a score means, as in 4: exceeds.';

-- Evaluation (17)
CREATE TABLE evaluation (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	placement_id uuid NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	rubric_id uuid NOT NULL,
	evaluator text NOT NULL,
	subject text NOT NULL,
	stage text NOT NULL,
	due_on date,
	scores text[],
	comment text,
	evaluated_on date,
	author_name text,
	return_reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON evaluation
	EXECUTE FUNCTION sync_guard();
CREATE INDEX evaluation_placement_id ON evaluation (placement_id);
CREATE INDEX evaluation_student_id ON evaluation (student_id);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON evaluation FOR EACH ROW
	WHEN (OLD.state IN ('submitted', 'acknowledged'))
	EXECUTE FUNCTION record_frozen('state', 'return_reason');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON evaluation FOR EACH ROW
	WHEN (OLD.state IN ('final'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE evaluation IS
	'A filled-in rubric about a placement at one point of it.';
COMMENT ON COLUMN evaluation.state IS
	'scheduled | opened | submitted | returned | acknowledged | final';
COMMENT ON COLUMN evaluation.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN evaluation.student_id IS
	'Refers to student.';
COMMENT ON COLUMN evaluation.school_id IS
	'Refers to school.';
COMMENT ON COLUMN evaluation.rubric_id IS
	'Refers to rubric.';
COMMENT ON COLUMN evaluation.evaluator IS
	'supervisor | teacher | student | coordinator';
COMMENT ON COLUMN evaluation.subject IS
	'student | site | supervisor | program';
COMMENT ON COLUMN evaluation.stage IS
	'readiness | start | middle | final';
COMMENT ON COLUMN evaluation.scores IS
	'code=score for every item of the rubric, as in reliability=4.';

-- Versions that were replaced, and all versions together.
CREATE TABLE evaluation_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	placement_id uuid,
	student_id uuid,
	school_id uuid,
	rubric_id uuid,
	evaluator text,
	subject text,
	stage text,
	due_on date,
	scores text[],
	comment text,
	evaluated_on date,
	author_name text,
	return_reason text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON evaluation_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW evaluation_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, placement_id, student_id, school_id, rubric_id, evaluator,
       subject, stage, due_on, scores, comment, evaluated_on,
       author_name, return_reason
  FROM evaluation
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, placement_id, student_id, school_id, rubric_id, evaluator,
       subject, stage, due_on, scores, comment, evaluated_on,
       author_name, return_reason
  FROM evaluation_past;
