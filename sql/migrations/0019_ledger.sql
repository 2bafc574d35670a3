-- Closed hours, pay, and the credit and credentials they lead to.

-- Adjustment (60)
CREATE TABLE adjustment (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	entry_id uuid NOT NULL,
	delta_minutes bigint NOT NULL,
	because text NOT NULL,
	evidence text NOT NULL,
	requested_by_id uuid NOT NULL,
	approved_by_id uuid,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON adjustment
	EXECUTE FUNCTION sync_guard();
CREATE INDEX adjustment_student_id ON adjustment (student_id);
CREATE INDEX adjustment_entry_id ON adjustment (entry_id);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON adjustment FOR EACH ROW
	WHEN (OLD.state IN ('approved'))
	EXECUTE FUNCTION record_frozen('state', 'approved_by_id', 'reason');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON adjustment FOR EACH ROW
	WHEN (OLD.state IN ('posted'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE adjustment IS
	'A correction of hours in a closed period, with a second person''s approval.';
COMMENT ON COLUMN adjustment.state IS
	'proposed | approved | posted | rejected';
COMMENT ON COLUMN adjustment.student_id IS
	'Refers to student.';
COMMENT ON COLUMN adjustment.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN adjustment.entry_id IS
	'Refers to time_entry.';
COMMENT ON COLUMN adjustment.evidence IS
	'Where the proof is.';
COMMENT ON COLUMN adjustment.requested_by_id IS
	'Refers to staff.';
COMMENT ON COLUMN adjustment.approved_by_id IS
	'Refers to staff.';
COMMENT ON COLUMN adjustment.reason IS
	'Why the last move was made.';

-- Pay evidence (61)
CREATE TABLE pay_evidence (
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
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	paid_minutes bigint NOT NULL,
	amount_cents bigint NOT NULL,
	file_name text,
	difference text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pay_evidence
	EXECUTE FUNCTION sync_guard();
CREATE INDEX pay_evidence_student_id ON pay_evidence (student_id);
CREATE INDEX pay_evidence_placement_id ON pay_evidence (placement_id);
COMMENT ON TABLE pay_evidence IS
	'A pay stub or other proof of what a student was paid for a period.';
COMMENT ON COLUMN pay_evidence.state IS
	'submitted | matched | mismatched | resolved';
COMMENT ON COLUMN pay_evidence.student_id IS
	'Refers to student.';
COMMENT ON COLUMN pay_evidence.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN pay_evidence.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN pay_evidence.reason IS
	'Why the last move was made.';

-- Period close (62)
CREATE TABLE period_close (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	school_id uuid NOT NULL,
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	total_minutes bigint,
	n_sheets bigint,
	content_hash bytea,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON period_close
	EXECUTE FUNCTION sync_guard();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON period_close FOR EACH ROW
	WHEN (OLD.state IN ('closed'))
	EXECUTE FUNCTION record_frozen('state', 'total_minutes', 'n_sheets', 'content_hash', 'reason');
COMMENT ON TABLE period_close IS
	'The hours of a school and period, closed; what is closed changes by adjustments only.';
COMMENT ON COLUMN period_close.state IS
	'open | closing | closed';
COMMENT ON COLUMN period_close.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN period_close.reason IS
	'Why the last move was made.';

-- Credit (68)
CREATE TABLE credit (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	course_id uuid NOT NULL,
	grading_period_id uuid,
	placement_id uuid,
	credits_attempted text NOT NULL,
	rule_set_id uuid,
	class_part_met boolean,
	weekly_minutes bigint,
	minutes_accepted bigint,
	credits_earned text,
	decided_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON credit
	EXECUTE FUNCTION sync_guard();
CREATE INDEX credit_student_id ON credit (student_id);
CREATE INDEX credit_placement_id ON credit (placement_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON credit FOR EACH ROW
	WHEN (OLD.state IN ('posted'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE credit IS
	'Credit that a student works for: attempted, earned, on the transcript.';
COMMENT ON COLUMN credit.state IS
	'attempted | earned | not_earned | posted';
COMMENT ON COLUMN credit.student_id IS
	'Refers to student.';
COMMENT ON COLUMN credit.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN credit.course_id IS
	'Refers to course.';
COMMENT ON COLUMN credit.grading_period_id IS
	'Refers to grading_period.';
COMMENT ON COLUMN credit.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN credit.credits_attempted IS
	'As in 1 or 0.5.';
COMMENT ON COLUMN credit.rule_set_id IS
	'Refers to rule_set.';
COMMENT ON COLUMN credit.reason IS
	'Why the last move was made.';

-- Versions that were replaced, and all versions together.
CREATE TABLE credit_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	student_id uuid,
	school_id uuid,
	course_id uuid,
	grading_period_id uuid,
	placement_id uuid,
	credits_attempted text,
	rule_set_id uuid,
	class_part_met boolean,
	weekly_minutes bigint,
	minutes_accepted bigint,
	credits_earned text,
	decided_on date,
	reason text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON credit_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW credit_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, student_id, school_id, course_id, grading_period_id, placement_id,
       credits_attempted, rule_set_id, class_part_met, weekly_minutes, minutes_accepted, credits_earned,
       decided_on, reason
  FROM credit
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, student_id, school_id, course_id, grading_period_id, placement_id,
       credits_attempted, rule_set_id, class_part_met, weekly_minutes, minutes_accepted, credits_earned,
       decided_on, reason
  FROM credit_past;

-- Credential type (69)
CREATE TABLE credential_type (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	code text NOT NULL,
	name text NOT NULL,
	issuer text,
	program_id uuid,
	is_recognized boolean,
	valid_months bigint,
	cost_cents bigint
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON credential_type
	EXECUTE FUNCTION sync_guard();
CREATE INDEX credential_type_code ON credential_type (code);
COMMENT ON TABLE credential_type IS
	'An industry credential that students can earn, with its issuer.';
COMMENT ON COLUMN credential_type.state IS
	'active | retired';
COMMENT ON COLUMN credential_type.program_id IS
	'Refers to program_of_study.';
COMMENT ON COLUMN credential_type.valid_months IS
	'In months.';

-- Industry credential (70)
CREATE TABLE industry_credential (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	credential_type_id uuid NOT NULL,
	attempt bigint NOT NULL,
	planned_on date,
	attempted_on date,
	earned_on date,
	score text,
	number text,
	expires_on date
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON industry_credential
	EXECUTE FUNCTION sync_guard();
CREATE INDEX industry_credential_student_id ON industry_credential (student_id);
COMMENT ON TABLE industry_credential IS
	'A student''s attempt at an industry credential, and the award.';
COMMENT ON COLUMN industry_credential.state IS
	'planned | attempted | earned | failed';
COMMENT ON COLUMN industry_credential.student_id IS
	'Refers to student.';
COMMENT ON COLUMN industry_credential.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN industry_credential.credential_type_id IS
	'Refers to credential_type.';
CREATE OR REPLACE FUNCTION industry_credential_computed(r industry_credential, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('earned') AND today >= r.expires_on + 1 THEN 'expired'
	WHEN r.state IN ('earned') AND today >= r.expires_on - 60 THEN 'expiring'
END $$;

-- Versions that were replaced, and all versions together.
CREATE TABLE industry_credential_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	student_id uuid,
	school_id uuid,
	credential_type_id uuid,
	attempt bigint,
	planned_on date,
	attempted_on date,
	earned_on date,
	score text,
	number text,
	expires_on date,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON industry_credential_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW industry_credential_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, student_id, school_id, credential_type_id, attempt, planned_on,
       attempted_on, earned_on, score, number, expires_on
  FROM industry_credential
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, student_id, school_id, credential_type_id, attempt, planned_on,
       attempted_on, earned_on, score, number, expires_on
  FROM industry_credential_past;
