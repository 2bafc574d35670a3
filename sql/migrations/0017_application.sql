-- From a match to an application, and the plan of a placement.

-- Match run (44)
CREATE TABLE match_run (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	school_id uuid NOT NULL,
	run_on date NOT NULL,
	rule_version text NOT NULL,
	n_students bigint,
	n_opportunities bigint,
	note text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON match_run
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE match_run IS
	'One run of matching students with opportunities, with the rules it used.';
COMMENT ON COLUMN match_run.state IS
	'running | done | discarded';
COMMENT ON COLUMN match_run.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN match_run.rule_version IS
	'Which version of the scoring made the proposals.';
COMMENT ON COLUMN match_run.reason IS
	'Why the last move was made.';

-- Match proposal (45)
CREATE TABLE match_proposal (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	match_run_id uuid NOT NULL,
	opportunity_id uuid NOT NULL,
	score bigint NOT NULL,
	reasons text[],
	distance_meters bigint,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON match_proposal
	EXECUTE FUNCTION sync_guard();
CREATE INDEX match_proposal_student_id ON match_proposal (student_id);
CREATE INDEX match_proposal_match_run_id ON match_proposal (match_run_id);
COMMENT ON TABLE match_proposal IS
	'An opportunity that fits a student, with a score and the reasons for it.';
COMMENT ON COLUMN match_proposal.state IS
	'proposed | shortlisted | applied | discarded';
COMMENT ON COLUMN match_proposal.student_id IS
	'Refers to student.';
COMMENT ON COLUMN match_proposal.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN match_proposal.match_run_id IS
	'Refers to match_run.';
COMMENT ON COLUMN match_proposal.opportunity_id IS
	'Refers to opportunity.';
COMMENT ON COLUMN match_proposal.score IS
	'Out of 1000.';
COMMENT ON COLUMN match_proposal.reasons IS
	'Why it fits, each in a few words.';
COMMENT ON COLUMN match_proposal.distance_meters IS
	'In meters.';
COMMENT ON COLUMN match_proposal.reason IS
	'Why the last move was made.';

-- Application (46)
CREATE TABLE application (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	opportunity_id uuid NOT NULL,
	choice bigint,
	source text,
	starts_on date,
	ends_on date,
	statement text,
	resume text,
	submitted_on date,
	interview_on date,
	offer_until date,
	decided_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON application
	EXECUTE FUNCTION sync_guard();
CREATE INDEX application_student_id ON application (student_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON application FOR EACH ROW
	WHEN (OLD.state IN ('accepted', 'declined', 'withdrawn', 'rejected'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE application IS
	'A student asks for a place at a partner.';
COMMENT ON COLUMN application.state IS
	'draft | submitted | staff_review | sent_to_partner | interview | offered | accepted | declined | withdrawn | rejected';
COMMENT ON COLUMN application.student_id IS
	'Refers to student.';
COMMENT ON COLUMN application.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN application.opportunity_id IS
	'Refers to opportunity.';
COMMENT ON COLUMN application.choice IS
	'1 is what the student wants most.';
COMMENT ON COLUMN application.source IS
	'allocated | self_found | advertised | interview';
COMMENT ON COLUMN application.resume IS
	'Where it is.';
COMMENT ON COLUMN application.offer_until IS
	'After this day the offer has lapsed.';
COMMENT ON COLUMN application.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION application_computed(r application, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('offered') AND today >= r.offer_until + 1 THEN 'lapsed'
END $$;

-- Training plan (47)
CREATE TABLE training_plan (
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
	version bigint NOT NULL,
	outcomes text[],
	tasks text[],
	competencies text[],
	hazardous_clause text,
	student_agreed_on date,
	supervisor_agreed_on date,
	coordinator_agreed_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON training_plan
	EXECUTE FUNCTION sync_guard();
CREATE INDEX training_plan_student_id ON training_plan (student_id);
CREATE INDEX training_plan_placement_id ON training_plan (placement_id);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON training_plan FOR EACH ROW
	WHEN (OLD.state IN ('agreed'))
	EXECUTE FUNCTION record_frozen('state', 'reason');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON training_plan FOR EACH ROW
	WHEN (OLD.state IN ('replaced'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE training_plan IS
	'What a student is to learn at a placement, step by step, and who agreed to it.';
COMMENT ON COLUMN training_plan.state IS
	'draft | agreed | replaced';
COMMENT ON COLUMN training_plan.student_id IS
	'Refers to student.';
COMMENT ON COLUMN training_plan.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN training_plan.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN training_plan.outcomes IS
	'What the student will know or be able to do.';
COMMENT ON COLUMN training_plan.tasks IS
	'In the order in which they are learned.';
COMMENT ON COLUMN training_plan.competencies IS
	'Codes of the competencies they build.';
COMMENT ON COLUMN training_plan.hazardous_clause IS
	'What of it is hazardous, and that it is incidental, intermittent and supervised; empty: none.';
COMMENT ON COLUMN training_plan.reason IS
	'Why the last move was made.';

-- Shift plan (48)
CREATE TABLE shift_plan (
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
	work_date date NOT NULL,
	starts_at integer NOT NULL,
	ends_at integer NOT NULL,
	break_starts_at integer,
	break_minutes bigint,
	note text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON shift_plan
	EXECUTE FUNCTION sync_guard();
CREATE INDEX shift_plan_student_id ON shift_plan (student_id);
CREATE INDEX shift_plan_placement_id ON shift_plan (placement_id);
CREATE INDEX shift_plan_work_date ON shift_plan (work_date);
COMMENT ON TABLE shift_plan IS
	'A shift that a student is planned to work.';
COMMENT ON COLUMN shift_plan.state IS
	'planned | canceled | worked';
COMMENT ON COLUMN shift_plan.student_id IS
	'Refers to student.';
COMMENT ON COLUMN shift_plan.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN shift_plan.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN shift_plan.starts_at IS
	'Minutes since midnight.';
COMMENT ON COLUMN shift_plan.ends_at IS
	'At or before the start: on the next day. Minutes since midnight.';
COMMENT ON COLUMN shift_plan.break_starts_at IS
	'Minutes since midnight.';
COMMENT ON COLUMN shift_plan.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION shift_plan_computed(r shift_plan, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('planned') AND today >= r.work_date + 1 THEN 'overdue'
END $$;
