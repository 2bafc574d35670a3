-- Tables of proto/records/placement.proto, as `practicum types --sql` prints them.

-- Placement (12)
CREATE TABLE placement (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	title text NOT NULL,
	kind text NOT NULL,
	opportunity_id uuid,
	organization_id uuid,
	site_id uuid,
	supervisor_id uuid,
	coordinator_id uuid,
	teacher_id uuid,
	program_id uuid,
	course_code text,
	section text,
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	weekly_minutes bigint,
	weekly_pattern text,
	target_minutes bigint,
	pay text,
	wage_cents bigint,
	tasks text,
	outcomes text,
	note text,
	reason text,
	ended_on date,
	ended_by text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON placement
	EXECUTE FUNCTION sync_guard();
CREATE INDEX placement_student_id ON placement (student_id);
CREATE INDEX placement_organization_id ON placement (organization_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON placement FOR EACH ROW
	WHEN (OLD.state IN ('completed', 'canceled', 'terminated'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE placement IS
	'A student works or learns with a partner for a time, toward a target of hours.';
COMMENT ON COLUMN placement.state IS
	'draft | school_review | district_review | approved | ready | active | suspended | completing | completed | canceled | terminated';
COMMENT ON COLUMN placement.student_id IS
	'Refers to student.';
COMMENT ON COLUMN placement.school_id IS
	'Refers to school.';
COMMENT ON COLUMN placement.kind IS
	'internship | cooperative | apprenticeship | preapprenticeship | clinical | job_shadowing | mentorship | school_enterprise | simulated | service | supervised_agriculture | entrepreneurship | on_the_job | other';
COMMENT ON COLUMN placement.opportunity_id IS
	'Refers to opportunity.';
COMMENT ON COLUMN placement.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN placement.site_id IS
	'Refers to site.';
COMMENT ON COLUMN placement.supervisor_id IS
	'Refers to supervisor.';
COMMENT ON COLUMN placement.coordinator_id IS
	'Refers to staff.';
COMMENT ON COLUMN placement.teacher_id IS
	'Refers to staff.';
COMMENT ON COLUMN placement.program_id IS
	'Refers to program_of_study.';
COMMENT ON COLUMN placement.weekly_pattern IS
	'As in Mon Wed Fri 13:00-16:00.';
COMMENT ON COLUMN placement.pay IS
	'unpaid | wage | stipend';
COMMENT ON COLUMN placement.ended_by IS
	'student | partner | school | family';

-- Versions that were replaced, and all versions together.
CREATE TABLE placement_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	student_id uuid,
	school_id uuid,
	title text,
	kind text,
	opportunity_id uuid,
	organization_id uuid,
	site_id uuid,
	supervisor_id uuid,
	coordinator_id uuid,
	teacher_id uuid,
	program_id uuid,
	course_code text,
	section text,
	starts_on date,
	ends_on date,
	weekly_minutes bigint,
	weekly_pattern text,
	target_minutes bigint,
	pay text,
	wage_cents bigint,
	tasks text,
	outcomes text,
	note text,
	reason text,
	ended_on date,
	ended_by text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON placement_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW placement_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, student_id, school_id, title, kind, opportunity_id,
       organization_id, site_id, supervisor_id, coordinator_id, teacher_id, program_id,
       course_code, section, starts_on, ends_on, weekly_minutes, weekly_pattern,
       target_minutes, pay, wage_cents, tasks, outcomes, note,
       reason, ended_on, ended_by
  FROM placement
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, student_id, school_id, title, kind, opportunity_id,
       organization_id, site_id, supervisor_id, coordinator_id, teacher_id, program_id,
       course_code, section, starts_on, ends_on, weekly_minutes, weekly_pattern,
       target_minutes, pay, wage_cents, tasks, outcomes, note,
       reason, ended_on, ended_by
  FROM placement_past;
