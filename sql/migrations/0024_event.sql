-- Events, projects and pilots.

-- Event (86)
CREATE TABLE event (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	title text NOT NULL,
	held_on date NOT NULL,
	kind text NOT NULL,
	stage_id uuid,
	school_id uuid,
	organization_ids text[],
	starts_at integer,
	ends_at integer,
	place text,
	capacity bigint,
	grade_band text,
	n_attended bigint,
	minutes_counted bigint,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON event
	EXECUTE FUNCTION sync_guard();
CREATE INDEX event_held_on ON event (held_on);
COMMENT ON TABLE event IS
	'A fair, speaker, tour, shadow day, school visit or mock interview, with partners and schools.';
COMMENT ON COLUMN event.state IS
	'proposed | approved | open | full | held | closed | canceled';
COMMENT ON COLUMN event.kind IS
	'career_fair | speaker | shadow_day | tour | school_visit | mock_interview | project_day | celebration | other';
COMMENT ON COLUMN event.stage_id IS
	'Refers to continuum_stage.';
COMMENT ON COLUMN event.school_id IS
	'Where it takes place, or the school it is for. Refers to school.';
COMMENT ON COLUMN event.organization_ids IS
	'Ids of the organizations that take part.';
COMMENT ON COLUMN event.starts_at IS
	'Minutes since midnight.';
COMMENT ON COLUMN event.ends_at IS
	'Minutes since midnight.';
COMMENT ON COLUMN event.capacity IS
	'In students.';
COMMENT ON COLUMN event.grade_band IS
	'As in 9-10.';
COMMENT ON COLUMN event.n_attended IS
	'In students.';
COMMENT ON COLUMN event.reason IS
	'Why the last move was made.';

-- Event attendance (87)
CREATE TABLE event_attendance (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	event_id uuid NOT NULL,
	minutes bigint,
	note text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON event_attendance
	EXECUTE FUNCTION sync_guard();
CREATE INDEX event_attendance_student_id ON event_attendance (student_id);
CREATE INDEX event_attendance_event_id ON event_attendance (event_id);
COMMENT ON TABLE event_attendance IS
	'A student at an event: signed up, there, or not.';
COMMENT ON COLUMN event_attendance.state IS
	'signed_up | attended | absent | withdrawn';
COMMENT ON COLUMN event_attendance.student_id IS
	'Refers to student.';
COMMENT ON COLUMN event_attendance.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN event_attendance.event_id IS
	'Refers to event.';
COMMENT ON COLUMN event_attendance.reason IS
	'Why the last move was made.';

-- Project (88)
CREATE TABLE project (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	school_id uuid NOT NULL,
	title text NOT NULL,
	class_id uuid,
	teacher_id uuid,
	organization_id uuid,
	question text,
	kind text,
	starts_on date,
	ends_on date,
	touch_points text,
	n_students bigint,
	result text,
	findings text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON project
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE project IS
	'Work-based learning inside a class: a partner''s question that students work on.';
COMMENT ON COLUMN project.state IS
	'proposed | running | ended | reviewed';
COMMENT ON COLUMN project.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN project.class_id IS
	'Refers to class.';
COMMENT ON COLUMN project.teacher_id IS
	'Refers to staff.';
COMMENT ON COLUMN project.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN project.kind IS
	'project | enterprise | interdisciplinary | service';
COMMENT ON COLUMN project.touch_points IS
	'When and how the partner takes part.';
CREATE OR REPLACE FUNCTION project_computed(r project, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('running') AND today >= r.ends_on + 1 THEN 'overdue'
END $$;

-- Pilot (89)
CREATE TABLE pilot (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	school_id uuid NOT NULL,
	title text NOT NULL,
	model text NOT NULL,
	measures text[],
	starts_on date,
	ends_on date,
	result text,
	findings text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pilot
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE pilot IS
	'A school tries a new instructional model for a time and measures what it does.';
COMMENT ON COLUMN pilot.state IS
	'proposed | running | ended | reviewed';
COMMENT ON COLUMN pilot.school_id IS
	'The school it belongs to. Refers to school.';
CREATE OR REPLACE FUNCTION pilot_computed(r pilot, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('running') AND today >= r.ends_on + 1 THEN 'overdue'
END $$;

-- Recognition (85)
CREATE TABLE recognition (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	year bigint NOT NULL,
	award text NOT NULL,
	criteria text,
	nominee text NOT NULL,
	organization_id uuid,
	supervisor_id uuid,
	evidence text,
	may_publish boolean,
	awarded_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON recognition
	EXECUTE FUNCTION sync_guard();
COMMENT ON TABLE recognition IS
	'A partner, supervisor or member of staff to be honored, for what, and when.';
COMMENT ON COLUMN recognition.state IS
	'nominated | selected | awarded | published | declined';
COMMENT ON COLUMN recognition.criteria IS
	'The criteria and their version.';
COMMENT ON COLUMN recognition.organization_id IS
	'Refers to organization.';
COMMENT ON COLUMN recognition.supervisor_id IS
	'Refers to supervisor.';
COMMENT ON COLUMN recognition.evidence IS
	'The numbers that speak for it.';
COMMENT ON COLUMN recognition.reason IS
	'Why the last move was made.';
