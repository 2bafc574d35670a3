-- The table of proto/records/snooze.proto, as `practicum types --sql` prints it.

-- Snooze (190)
CREATE TABLE snooze (
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
	cause text NOT NULL,
	until date NOT NULL,
	reason text NOT NULL
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON snooze
	EXECUTE FUNCTION sync_guard();
CREATE INDEX snooze_record_id ON snooze (record_id);
CREATE INDEX snooze_student_id ON snooze (student_id);
COMMENT ON TABLE snooze IS
	'An exception that a person has put off to a day, with the reason.';
COMMENT ON COLUMN snooze.state IS
	'asleep | awake';
COMMENT ON COLUMN snooze.record_type IS
	'Number of the record''s type.';
COMMENT ON COLUMN snooze.student_id IS
	'The student the record is about, if it is about one. Refers to student.';
COMMENT ON COLUMN snooze.cause IS
	'As `practicum exceptions` names it.';
COMMENT ON COLUMN snooze.until IS
	'The day on which it is shown again.';
CREATE OR REPLACE FUNCTION snooze_computed(r snooze, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('asleep') AND today >= r.until THEN 'over'
END $$;

-- Who may read and write it.
SELECT secure_record_table('snooze', 190);
