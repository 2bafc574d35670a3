-- Grants: money, what it is spent on and what is owed for it.

-- Grant (80)
CREATE TABLE grant_award (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	funder text NOT NULL,
	number text,
	name text NOT NULL,
	purpose text,
	restrictions text,
	match_cents bigint,
	application_due_on date,
	applied_on date,
	amount_cents bigint,
	starts_on date,
	ends_on date,
	findings text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON grant_award
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE grant_award IS
	'Money from outside: who gives it, for what, how much, and where it stands.';
COMMENT ON COLUMN grant_award.state IS
	'identified | applied | awarded | refused | active | closing | closed | audited';
COMMENT ON COLUMN grant_award.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION grant_award_computed(r grant_award, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('identified') AND today >= r.application_due_on + 1 THEN 'application_overdue'
	WHEN r.state IN ('active') AND today >= r.ends_on - 60 THEN 'ending'
END $$;

-- Budget line (81)
CREATE TABLE budget_line (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	grant_award_id uuid NOT NULL,
	category text NOT NULL,
	amount_cents bigint NOT NULL,
	overrun_allowed boolean
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON budget_line
	EXECUTE FUNCTION sync_guard();
CREATE INDEX budget_line_grant_award_id ON budget_line (grant_award_id);
COMMENT ON TABLE budget_line IS
	'A category of a grant and the money in it.';
COMMENT ON COLUMN budget_line.grant_award_id IS
	'Refers to grant_award.';
COMMENT ON COLUMN budget_line.overrun_allowed IS
	'The funder or the district has agreed to pay above the amount.';

-- Expenditure (82)
CREATE TABLE expenditure (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	grant_award_id uuid NOT NULL,
	budget_line_id uuid NOT NULL,
	purpose text NOT NULL,
	amount_cents bigint NOT NULL,
	vendor text,
	event_id uuid,
	spent_on date,
	document text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON expenditure
	EXECUTE FUNCTION sync_guard();
CREATE INDEX expenditure_grant_award_id ON expenditure (grant_award_id);
CREATE INDEX expenditure_budget_line_id ON expenditure (budget_line_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON expenditure FOR EACH ROW
	WHEN (OLD.state IN ('reconciled', 'disallowed'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE expenditure IS
	'Money spent from a grant: planned, encumbered, paid, reconciled.';
COMMENT ON COLUMN expenditure.state IS
	'planned | encumbered | paid | reconciled | disallowed | canceled';
COMMENT ON COLUMN expenditure.grant_award_id IS
	'Refers to grant_award.';
COMMENT ON COLUMN expenditure.budget_line_id IS
	'Refers to budget_line.';
COMMENT ON COLUMN expenditure.event_id IS
	'Refers to event.';
COMMENT ON COLUMN expenditure.document IS
	'Where the receipt is.';
COMMENT ON COLUMN expenditure.reason IS
	'Why the last move was made.';

-- Deliverable (83)
CREATE TABLE deliverable (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	grant_award_id uuid NOT NULL,
	text text NOT NULL,
	due_on date NOT NULL,
	owner_id uuid,
	evidence text,
	submitted_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON deliverable
	EXECUTE FUNCTION sync_guard();
CREATE INDEX deliverable_grant_award_id ON deliverable (grant_award_id);
COMMENT ON TABLE deliverable IS
	'What a grant demands by a day: a report, a number, an event.';
COMMENT ON COLUMN deliverable.state IS
	'open | submitted | accepted';
COMMENT ON COLUMN deliverable.grant_award_id IS
	'Refers to grant_award.';
COMMENT ON COLUMN deliverable.owner_id IS
	'Refers to staff.';
COMMENT ON COLUMN deliverable.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION deliverable_computed(r deliverable, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('open') AND today >= r.due_on + 1 THEN 'overdue'
	WHEN r.state IN ('open') AND today >= r.due_on - 30 THEN 'due_soon'
END $$;
