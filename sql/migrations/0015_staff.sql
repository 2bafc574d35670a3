-- What members of staff may do and were trained in.

-- Staff qualification (31)
CREATE TABLE staff_qualification (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	staff_id uuid NOT NULL,
	kind text NOT NULL,
	name text,
	number text,
	issuer text,
	issued_on date NOT NULL,
	expires_on date,
	evidence text,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON staff_qualification
	EXECUTE FUNCTION sync_guard();
CREATE INDEX staff_qualification_staff_id ON staff_qualification (staff_id);
COMMENT ON TABLE staff_qualification IS
	'A certificate, license or endorsement of a member of staff, with its days.';
COMMENT ON COLUMN staff_qualification.state IS
	'pending | valid | withdrawn';
COMMENT ON COLUMN staff_qualification.staff_id IS
	'Refers to staff.';
COMMENT ON COLUMN staff_qualification.kind IS
	'The WBL certificate is what lets somebody coordinate placements. wbl_certificate | license | endorsement | training | background | other';
COMMENT ON COLUMN staff_qualification.expires_on IS
	'Last day on which it counts; a Tennessee WBL certificate lasts two years.';
COMMENT ON COLUMN staff_qualification.evidence IS
	'Where the certificate is.';
COMMENT ON COLUMN staff_qualification.reason IS
	'Why the last move was made.';
CREATE OR REPLACE FUNCTION staff_qualification_computed(r staff_qualification, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('valid') AND today >= r.expires_on + 1 THEN 'expired'
	WHEN r.state IN ('valid') AND today >= r.expires_on - 60 THEN 'expiring'
END $$;

-- Training session (53)
CREATE TABLE training_session (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	topic text NOT NULL,
	held_on date NOT NULL,
	place text,
	audience text NOT NULL,
	title text NOT NULL,
	trainer text,
	minutes bigint,
	competencies text[],
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON training_session
	EXECUTE FUNCTION sync_guard();
CREATE INDEX training_session_held_on ON training_session (held_on);
COMMENT ON TABLE training_session IS
	'A training or orientation that students, mentors or staff may attend.';
COMMENT ON COLUMN training_session.state IS
	'planned | held | canceled';
COMMENT ON COLUMN training_session.topic IS
	'orientation | safety | harassment | food | mentor | portrait | wbl_certificate | other';
COMMENT ON COLUMN training_session.audience IS
	'students | mentors | staff | mixed';
COMMENT ON COLUMN training_session.competencies IS
	'Codes of what it is about.';
COMMENT ON COLUMN training_session.reason IS
	'Why the last move was made.';

-- Staff training (56)
CREATE TABLE staff_training (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	staff_id uuid NOT NULL,
	topic text NOT NULL,
	assigned_on date,
	session_id uuid,
	attended_on date,
	minutes bigint,
	score bigint,
	valid_until date,
	evidence text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON staff_training
	EXECUTE FUNCTION sync_guard();
CREATE INDEX staff_training_staff_id ON staff_training (staff_id);
COMMENT ON TABLE staff_training IS
	'What a member of staff was trained in, with the hours that count.';
COMMENT ON COLUMN staff_training.state IS
	'assigned | attended | passed | failed';
COMMENT ON COLUMN staff_training.staff_id IS
	'Refers to staff.';
COMMENT ON COLUMN staff_training.topic IS
	'wbl_certificate | portrait | safety | harassment | mentor | other';
COMMENT ON COLUMN staff_training.session_id IS
	'Refers to training_session.';
COMMENT ON COLUMN staff_training.score IS
	'In percent.';
CREATE OR REPLACE FUNCTION staff_training_computed(r staff_training, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('passed') AND today >= r.valid_until + 1 THEN 'expired'
	WHEN r.state IN ('passed') AND today >= r.valid_until - 60 THEN 'expiring'
END $$;

-- Training (54)
CREATE TABLE training (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	topic text NOT NULL,
	assigned_on date,
	session_id uuid,
	placement_id uuid,
	attended_on date,
	score bigint,
	minutes bigint,
	valid_until date,
	evidence text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON training
	EXECUTE FUNCTION sync_guard();
CREATE INDEX training_student_id ON training (student_id);
CREATE INDEX training_placement_id ON training (placement_id);
COMMENT ON TABLE training IS
	'A student''s training or orientation: assigned, attended, passed or not.';
COMMENT ON COLUMN training.state IS
	'assigned | attended | passed | failed';
COMMENT ON COLUMN training.student_id IS
	'Refers to student.';
COMMENT ON COLUMN training.school_id IS
	'The school it belongs to. Refers to school.';
COMMENT ON COLUMN training.topic IS
	'orientation | safety | harassment | food | readiness | other';
COMMENT ON COLUMN training.session_id IS
	'Refers to training_session.';
COMMENT ON COLUMN training.placement_id IS
	'Where the training is for one site only. Refers to placement.';
COMMENT ON COLUMN training.score IS
	'In percent.';
COMMENT ON COLUMN training.valid_until IS
	'Empty: no end.';
COMMENT ON COLUMN training.evidence IS
	'Where the signed log is.';
CREATE OR REPLACE FUNCTION training_computed(r training, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('passed') AND today >= r.valid_until + 1 THEN 'expired'
	WHEN r.state IN ('passed') AND today >= r.valid_until - 60 THEN 'expiring'
END $$;

-- Mentor training (55)
CREATE TABLE mentor_training (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	supervisor_id uuid NOT NULL,
	topic text NOT NULL,
	assigned_on date,
	session_id uuid,
	attended_on date,
	score bigint,
	valid_until date,
	evidence text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mentor_training
	EXECUTE FUNCTION sync_guard();
CREATE INDEX mentor_training_supervisor_id ON mentor_training (supervisor_id);
COMMENT ON TABLE mentor_training IS
	'What a supervisor at a partner was trained in.';
COMMENT ON COLUMN mentor_training.state IS
	'assigned | attended | passed | failed';
COMMENT ON COLUMN mentor_training.supervisor_id IS
	'Refers to supervisor.';
COMMENT ON COLUMN mentor_training.topic IS
	'orientation | mentor | safety | harassment | other';
COMMENT ON COLUMN mentor_training.session_id IS
	'Refers to training_session.';
COMMENT ON COLUMN mentor_training.score IS
	'In percent.';
CREATE OR REPLACE FUNCTION mentor_training_computed(r mentor_training, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('passed') AND today >= r.valid_until + 1 THEN 'expired'
	WHEN r.state IN ('passed') AND today >= r.valid_until - 60 THEN 'expiring'
END $$;
