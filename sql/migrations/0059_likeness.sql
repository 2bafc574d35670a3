-- The table of proto/records/likeness.proto, as `practicum types --sql` prints it.

-- Likeness (191)
CREATE TABLE likeness (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	record_type bigint NOT NULL,
	record_id uuid NOT NULL,
	student_id uuid,
	other_id uuid NOT NULL,
	verdict text NOT NULL,
	reason text NOT NULL
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON likeness
	EXECUTE FUNCTION sync_guard();
CREATE INDEX likeness_record_id ON likeness (record_id);
CREATE INDEX likeness_student_id ON likeness (student_id);
CREATE INDEX likeness_other_id ON likeness (other_id);
COMMENT ON TABLE likeness IS
	'Two records that look like one: a person has said whether they are, and why.';
COMMENT ON COLUMN likeness.state IS
	'decided | withdrawn';
COMMENT ON COLUMN likeness.record_type IS
	'Number of the records'' type.';
COMMENT ON COLUMN likeness.student_id IS
	'The student the record is about, if it is about one. Refers to student.';
COMMENT ON COLUMN likeness.other_id IS
	'A record of the same type.';
COMMENT ON COLUMN likeness.verdict IS
	'different | same';
COMMENT ON COLUMN likeness.reason IS
	'How it was found out.';

-- Who may read and write it.
SELECT secure_record_table('likeness', 191);
