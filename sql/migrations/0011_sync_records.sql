-- Tables of proto/records/sync_records.proto, as `practicum types --sql` prints them.

-- Conflict (20)
CREATE TABLE conflict (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	choice text,
	chosen bytea,
	record_type bigint NOT NULL,
	record_id uuid NOT NULL,
	student_id uuid,
	kind text NOT NULL,
	group_number bigint,
	base_value bytea,
	theirs bytea,
	mine bytea,
	theirs_seq bigint,
	theirs_device uuid,
	theirs_person uuid,
	theirs_at timestamptz,
	mine_device uuid,
	mine_person uuid,
	mine_at timestamptz
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON conflict
	EXECUTE FUNCTION sync_guard();
CREATE INDEX conflict_record_id ON conflict (record_id);
CREATE INDEX conflict_student_id ON conflict (student_id);
COMMENT ON TABLE conflict IS
	'Two people changed the same fact; one of them decides what holds.';
COMMENT ON COLUMN conflict.state IS
	'open | resolved';
COMMENT ON COLUMN conflict.choice IS
	'theirs | mine | value';
COMMENT ON COLUMN conflict.student_id IS
	'Refers to student.';
COMMENT ON COLUMN conflict.kind IS
	'edit | deleted | delete';
COMMENT ON COLUMN conflict.group_number IS
	'0: the record as a whole.';

-- Rejected input (21)
CREATE TABLE rejected (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	outcome text,
	record_type bigint,
	record_id uuid,
	payload bytea,
	reason bigint NOT NULL,
	words text,
	device_id uuid,
	incarnation bigint,
	counter bigint,
	person_id uuid,
	entered_at timestamptz
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rejected
	EXECUTE FUNCTION sync_guard();
CREATE INDEX rejected_record_id ON rejected (record_id);
COMMENT ON TABLE rejected IS
	'An input that broke a rule, kept whole with the reason.';
COMMENT ON COLUMN rejected.state IS
	'open | settled';
COMMENT ON COLUMN rejected.outcome IS
	'corrected | discarded';
COMMENT ON COLUMN rejected.payload IS
	'The mutation as the device sent it.';
