-- Tables of proto/records/hours.proto, as `practicum types --sql` prints them.

-- Time sheet (13)
CREATE TABLE time_sheet (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	placement_id uuid NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	week_start date NOT NULL,
	amends_id uuid,
	amendment_no bigint,
	note text,
	return_reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON time_sheet
	EXECUTE FUNCTION sync_guard();
CREATE INDEX time_sheet_placement_id ON time_sheet (placement_id);
CREATE INDEX time_sheet_student_id ON time_sheet (student_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON time_sheet FOR EACH ROW
	WHEN (OLD.state IN ('approved'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE time_sheet IS
	'The hours of one placement in one week, Sunday to Saturday; approved as a whole.';
COMMENT ON COLUMN time_sheet.state IS
	'draft | submitted | returned | approved';
COMMENT ON COLUMN time_sheet.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN time_sheet.student_id IS
	'Refers to student.';
COMMENT ON COLUMN time_sheet.school_id IS
	'Refers to school.';
COMMENT ON COLUMN time_sheet.week_start IS
	'A Sunday.';
COMMENT ON COLUMN time_sheet.amends_id IS
	'Refers to time_sheet.';

-- Versions that were replaced, and all versions together.
CREATE TABLE time_sheet_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	state text,
	placement_id uuid,
	student_id uuid,
	school_id uuid,
	week_start date,
	amends_id uuid,
	amendment_no bigint,
	note text,
	return_reason text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON time_sheet_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW time_sheet_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, placement_id, student_id, school_id, week_start, amends_id,
       amendment_no, note, return_reason
  FROM time_sheet
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, placement_id, student_id, school_id, week_start, amends_id,
       amendment_no, note, return_reason
  FROM time_sheet_past;

-- Time entry (14)
CREATE TABLE time_entry (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	sheet_id uuid NOT NULL,
	placement_id uuid NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	work_date date NOT NULL,
	starts_at integer,
	ends_at integer,
	break_starts_at integer,
	break_minutes bigint,
	zone text,
	elapsed_minutes bigint NOT NULL,
	method text,
	task text,
	note text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON time_entry
	EXECUTE FUNCTION sync_guard();
CREATE INDEX time_entry_sheet_id ON time_entry (sheet_id);
CREATE INDEX time_entry_student_id ON time_entry (student_id);
CREATE FUNCTION time_entry_frozen() RETURNS trigger LANGUAGE plpgsql
	SET enable_seqscan = off AS $$
BEGIN
	IF EXISTS (SELECT FROM time_sheet
	            WHERE id = ANY (ARRAY(SELECT sheet_id FROM touched)) AND state IN ('approved')) THEN
		RAISE EXCEPTION 'time_entry is frozen with its time_sheet';
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER frozen_i AFTER INSERT ON time_entry REFERENCING NEW TABLE AS touched
	EXECUTE FUNCTION time_entry_frozen();
CREATE TRIGGER frozen_u AFTER UPDATE ON time_entry REFERENCING OLD TABLE AS touched
	EXECUTE FUNCTION time_entry_frozen();
CREATE TRIGGER frozen_d AFTER DELETE ON time_entry REFERENCING OLD TABLE AS touched
	EXECUTE FUNCTION time_entry_frozen();
COMMENT ON TABLE time_entry IS
	'One shift of work, a line of a time sheet.';
COMMENT ON COLUMN time_entry.sheet_id IS
	'Refers to time_sheet.';
COMMENT ON COLUMN time_entry.placement_id IS
	'Refers to placement.';
COMMENT ON COLUMN time_entry.student_id IS
	'Refers to student.';
COMMENT ON COLUMN time_entry.school_id IS
	'Refers to school.';
COMMENT ON COLUMN time_entry.starts_at IS
	'Minutes since midnight.';
COMMENT ON COLUMN time_entry.ends_at IS
	'At or before the start: on the next day. Minutes since midnight.';
COMMENT ON COLUMN time_entry.break_starts_at IS
	'Minutes since midnight.';
COMMENT ON COLUMN time_entry.method IS
	'clocked | declared';

-- Versions that were replaced, and all versions together.
CREATE TABLE time_entry_past (
	id uuid NOT NULL,
	from_seq bigint NOT NULL,
	to_seq bigint NOT NULL,
	scope uuid NOT NULL,
	sheet_id uuid,
	placement_id uuid,
	student_id uuid,
	school_id uuid,
	work_date date,
	starts_at integer,
	ends_at integer,
	break_starts_at integer,
	break_minutes bigint,
	zone text,
	elapsed_minutes bigint,
	method text,
	task text,
	note text,
	PRIMARY KEY (id, from_seq)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON time_entry_past
	EXECUTE FUNCTION sync_guard();
CREATE VIEW time_entry_history AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       sheet_id, placement_id, student_id, school_id, work_date, starts_at,
       ends_at, break_starts_at, break_minutes, zone, elapsed_minutes, method,
       task, note
  FROM time_entry
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       sheet_id, placement_id, student_id, school_id, work_date, starts_at,
       ends_at, break_starts_at, break_minutes, zone, elapsed_minutes, method,
       task, note
  FROM time_entry_past;

-- Approval (15)
CREATE TABLE approval (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	sheet_id uuid NOT NULL,
	student_id uuid NOT NULL,
	school_id uuid NOT NULL,
	content_hash bytea,
	decision text NOT NULL,
	capacity text,
	approver_name text,
	approver_id uuid,
	reason text,
	evidence text,
	decided_at timestamptz NOT NULL
) WITH (fillfactor = 100);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON approval
	EXECUTE FUNCTION sync_guard();
CREATE INDEX approval_sheet_id ON approval (sheet_id);
CREATE INDEX approval_student_id ON approval (student_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON approval FOR EACH ROW
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE approval IS
	'A signature under a time sheet, or its return; names the content it was given for.';
COMMENT ON COLUMN approval.sheet_id IS
	'Refers to time_sheet.';
COMMENT ON COLUMN approval.student_id IS
	'Refers to student.';
COMMENT ON COLUMN approval.school_id IS
	'Refers to school.';
COMMENT ON COLUMN approval.decision IS
	'approved | returned';
COMMENT ON COLUMN approval.capacity IS
	'supervisor | coordinator | transcribed';
