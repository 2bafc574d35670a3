-- What papers are asked for, who is covered by which policy, and what went wrong.

-- Document type (50)
CREATE TABLE document_type (
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
	document_kind text NOT NULL,
	gate text NOT NULL,
	lapse text,
	applies_to_kinds text[],
	applies_to_pay text,
	under_age bigint,
	signers text[],
	valid_days bigint,
	retention_years bigint,
	template text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON document_type
	EXECUTE FUNCTION sync_guard();
CREATE INDEX document_type_code ON document_type (code);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON document_type FOR EACH ROW
	WHEN (OLD.state IN ('in_use'))
	EXECUTE FUNCTION record_frozen('state');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON document_type FOR EACH ROW
	WHEN (OLD.state IN ('retired'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE document_type IS
	'A kind of paper: which placements need it, who signs it, how long it holds, what it gates.';
COMMENT ON COLUMN document_type.state IS
	'draft | in_use | retired';
COMMENT ON COLUMN document_type.document_kind IS
	'Which documents count as this paper. agreement | learning_plan | emergency | safety | waiver | work_permit | background | survey | insurance | other | transportation | late_hours | hazard_exemption';
COMMENT ON COLUMN document_type.gate IS
	'What cannot happen without it. start | each_day | close | none';
COMMENT ON COLUMN document_type.lapse IS
	'What happens when it ends while the student works. suspends | warns';
COMMENT ON COLUMN document_type.applies_to_kinds IS
	'Names of kinds, as in internship; empty: all.';
COMMENT ON COLUMN document_type.applies_to_pay IS
	'any | paid | unpaid';
COMMENT ON COLUMN document_type.under_age IS
	'Only for students younger than this; empty: all.';
COMMENT ON COLUMN document_type.signers IS
	'Roles that sign, as in student, parent, employer, school.';
COMMENT ON COLUMN document_type.valid_days IS
	'Empty: as long as the placement. In days.';
COMMENT ON COLUMN document_type.retention_years IS
	'In years.';
COMMENT ON COLUMN document_type.template IS
	'Where the blank form is.';

-- Insurance (51)
CREATE TABLE insurance (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	organization_id uuid,
	kind text NOT NULL,
	carrier text NOT NULL,
	policy_number text,
	each_cents bigint,
	total_cents bigint,
	starts_on date NOT NULL,
	ends_on date,
	evidence text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON insurance
	EXECUTE FUNCTION sync_guard();
CREATE INDEX insurance_organization_id ON insurance (organization_id);
COMMENT ON TABLE insurance IS
	'A policy of an organization or of the district that covers students at work.';
COMMENT ON COLUMN insurance.state IS
	'pending | verified | canceled';
COMMENT ON COLUMN insurance.organization_id IS
	'Whose policy it is; empty: the district''s. Refers to organization.';
COMMENT ON COLUMN insurance.kind IS
	'Paid students are covered by workers'' compensation, unpaid ones by liability or accident cover. workers_compensation | liability | student_accident';
COMMENT ON COLUMN insurance.ends_on IS
	'Last day of cover.';
COMMENT ON COLUMN insurance.evidence IS
	'Where the certificate is.';
COMMENT ON COLUMN insurance.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION insurance_computed(r insurance, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('verified') AND today >= r.ends_on + 1 THEN 'expired'
	WHEN r.state IN ('verified') AND today >= r.ends_on - 60 THEN 'expiring'
END $$;

-- Student insurance (52)
CREATE TABLE student_insurance (
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
	carrier text NOT NULL,
	policy_number text,
	starts_on date NOT NULL,
	ends_on date,
	evidence text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON student_insurance
	EXECUTE FUNCTION sync_guard();
CREATE INDEX student_insurance_student_id ON student_insurance (student_id);
COMMENT ON TABLE student_insurance IS
	'A policy that covers one student at work, mostly accident cover bought by the family.';
COMMENT ON COLUMN student_insurance.state IS
	'pending | verified | canceled';
COMMENT ON COLUMN student_insurance.student_id IS
	'Refers to student.';
COMMENT ON COLUMN student_insurance.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN student_insurance.kind IS
	'student_accident | health | liability | automobile';
COMMENT ON COLUMN student_insurance.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION student_insurance_computed(r student_insurance, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('verified') AND today >= r.ends_on + 1 THEN 'expired'
	WHEN r.state IN ('verified') AND today >= r.ends_on - 60 THEN 'expiring'
END $$;

-- Incident (57)
CREATE TABLE incident (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	placement_id uuid,
	site_id uuid,
	happened_on date NOT NULL,
	happened_at integer,
	kind text NOT NULL,
	description text NOT NULL,
	people text,
	severity text,
	actions text,
	findings text,
	guardian_told_on date,
	insurer_told_on date,
	state_told_on date,
	report_due_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON incident
	EXECUTE FUNCTION sync_guard();
CREATE INDEX incident_student_id ON incident (student_id);
CREATE INDEX incident_placement_id ON incident (placement_id);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON incident FOR EACH ROW
	WHEN (OLD.state IN ('closed'))
	EXECUTE FUNCTION record_frozen('state', 'severity', 'actions', 'findings', 'reason');
COMMENT ON TABLE incident IS
	'Something went wrong at work: an injury, harassment, damage, transport, conduct.';
COMMENT ON COLUMN incident.state IS
	'reported | triaged | investigating | action_open | closed | reopened';
COMMENT ON COLUMN incident.student_id IS
	'Refers to student.';
COMMENT ON COLUMN incident.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN incident.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN incident.site_id IS
	'Refers to site.';
COMMENT ON COLUMN incident.happened_at IS
	'Minutes since midnight.';
COMMENT ON COLUMN incident.kind IS
	'injury | harassment | property | transport | conduct | illness | other';
COMMENT ON COLUMN incident.severity IS
	'minor | serious | severe';
COMMENT ON COLUMN incident.report_due_on IS
	'Where a report is due, as within 72 hours.';
COMMENT ON COLUMN incident.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION incident_computed(r incident, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('reported', 'triaged', 'investigating', 'action_open', 'reopened') AND today >= r.report_due_on + 1 THEN 'report_overdue'
END $$;
