-- Competencies, reflections, and looking after a placement.

-- Journal (63)
CREATE TABLE journal (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	placement_id uuid NOT NULL,
	written_on date NOT NULL,
	prompt text,
	text text,
	competencies text[],
	visibility text,
	comment text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON journal
	EXECUTE FUNCTION sync_guard();
CREATE INDEX journal_student_id ON journal (student_id);
CREATE INDEX journal_placement_id ON journal (placement_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON journal FOR EACH ROW
	WHEN (OLD.state IN ('reviewed'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE journal IS
	'What a student writes about a placement: a prompt and a reflection.';
COMMENT ON COLUMN journal.state IS
	'draft | submitted | returned | reviewed';
COMMENT ON COLUMN journal.student_id IS
	'Refers to student.';
COMMENT ON COLUMN journal.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN journal.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN journal.competencies IS
	'Codes of what it shows.';
COMMENT ON COLUMN journal.visibility IS
	'teacher | school | partner';

-- Competency framework (64)
CREATE TABLE competency_framework (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	name text NOT NULL,
	version bigint NOT NULL,
	kind text NOT NULL,
	levels text[],
	adopted_on date,
	source text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON competency_framework
	EXECUTE FUNCTION sync_guard();
CREATE INDEX competency_framework_name ON competency_framework (name);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON competency_framework FOR EACH ROW
	WHEN (OLD.state IN ('adopted'))
	EXECUTE FUNCTION record_frozen('state', 'adopted_on');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON competency_framework FOR EACH ROW
	WHEN (OLD.state IN ('retired'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE competency_framework IS
	'A list of competencies with its levels: Portrait of a Graduate, employability, a program''s.';
COMMENT ON COLUMN competency_framework.state IS
	'draft | adopted | retired';
COMMENT ON COLUMN competency_framework.kind IS
	'portrait | employability | program | other';
COMMENT ON COLUMN competency_framework.levels IS
	'From the lowest to the highest, as in 1: novice.';

-- Competency (65)
CREATE TABLE competency (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	framework_id uuid NOT NULL,
	code text NOT NULL,
	name text NOT NULL,
	position bigint,
	indicators text[]
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON competency
	EXECUTE FUNCTION sync_guard();
CREATE INDEX competency_framework_id ON competency (framework_id);
COMMENT ON TABLE competency IS
	'One competency of a framework, with the indicators by which it shows.';
COMMENT ON COLUMN competency.state IS
	'active | retired';
COMMENT ON COLUMN competency.framework_id IS
	'Refers to competency_framework.';
COMMENT ON COLUMN competency.indicators IS
	'What one sees where it is there.';

-- Visit (66)
CREATE TABLE visit (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	placement_id uuid NOT NULL,
	staff_id uuid,
	planned_on date NOT NULL,
	kind text NOT NULL,
	held_on date,
	minutes bigint,
	findings text,
	follow_up text,
	follow_up_due_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON visit
	EXECUTE FUNCTION sync_guard();
CREATE INDEX visit_student_id ON visit (student_id);
CREATE INDEX visit_placement_id ON visit (placement_id);
CREATE INDEX visit_planned_on ON visit (planned_on);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON visit FOR EACH ROW
	WHEN (OLD.state IN ('closed'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE visit IS
	'A member of staff looks after a placement: on site, by phone or by video.';
COMMENT ON COLUMN visit.state IS
	'planned | done | follow_up_open | closed | missed';
COMMENT ON COLUMN visit.student_id IS
	'Refers to student.';
COMMENT ON COLUMN visit.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN visit.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN visit.staff_id IS
	'Refers to staff.';
COMMENT ON COLUMN visit.kind IS
	'announced | unannounced | phone | video';
COMMENT ON COLUMN visit.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION visit_computed(r visit, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('planned') AND today >= r.planned_on + 1 THEN 'overdue'
	WHEN r.state IN ('follow_up_open') AND today >= r.follow_up_due_on + 1 THEN 'follow_up_overdue'
END $$;

-- Student checklist (96)
CREATE TABLE student_checklist (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	checklist_id uuid NOT NULL,
	begun_on date NOT NULL,
	placement_id uuid,
	done text[],
	decided_on date,
	note text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON student_checklist
	EXECUTE FUNCTION sync_guard();
CREATE INDEX student_checklist_student_id ON student_checklist (student_id);
CREATE INDEX student_checklist_placement_id ON student_checklist (placement_id);
COMMENT ON TABLE student_checklist IS
	'A checklist filled in for one student: what is there, what is missing, ready or not.';
COMMENT ON COLUMN student_checklist.state IS
	'open | ready | not_ready';
COMMENT ON COLUMN student_checklist.student_id IS
	'Refers to student.';
COMMENT ON COLUMN student_checklist.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN student_checklist.checklist_id IS
	'Refers to checklist.';
COMMENT ON COLUMN student_checklist.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN student_checklist.done IS
	'Codes of the items that are done.';
COMMENT ON COLUMN student_checklist.reason IS
	'Why the last move was made.';
