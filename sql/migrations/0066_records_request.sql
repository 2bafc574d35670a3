-- Requests about a student's records and holds on them: the table as `practicum types --sql` prints it, and what
-- disposal asks of it.

-- Records request (152)
CREATE TABLE records_request (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	record_type bigint NOT NULL,
	record_id uuid NOT NULL,
	student_id uuid NOT NULL,
	kind text NOT NULL,
	asked_on date NOT NULL,
	due_on date,
	asked_by text NOT NULL,
	words text NOT NULL,
	decision text,
	decided_on date,
	statement text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON records_request
	EXECUTE FUNCTION sync_guard();
CREATE INDEX records_request_record_id ON records_request (record_id);
CREATE INDEX records_request_student_id ON records_request (student_id);
COMMENT ON TABLE records_request IS
	'A request to see or to amend a student''s records, or a hold on them; while it is open none is disposed of.';
COMMENT ON COLUMN records_request.state IS
	'open | hearing | granted | denied | closed';
COMMENT ON COLUMN records_request.record_type IS
	'Number of the type of the record; left out: the student.';
COMMENT ON COLUMN records_request.record_id IS
	'Left out: all of the student''s.';
COMMENT ON COLUMN records_request.student_id IS
	'Refers to student.';
COMMENT ON COLUMN records_request.kind IS
	'inspection | amendment | hold';
COMMENT ON COLUMN records_request.asked_on IS
	'The day on which it came; left out: today.';
COMMENT ON COLUMN records_request.due_on IS
	'Of an inspection: 45 days later.';
COMMENT ON COLUMN records_request.asked_by IS
	'Parent, student or court, by name.';
COMMENT ON COLUMN records_request.words IS
	'Of a hold: the reason.';
COMMENT ON COLUMN records_request.statement IS
	'Entered with comment; what it says is the family''s.';
CREATE OR REPLACE FUNCTION records_request_computed(r records_request, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('open') AND today >= r.due_on + 1 THEN 'overdue'
END $$;

-- Who may read and write it.
SELECT secure_record_table('records_request', 152);

-- Whose records must stay: while an inspection, a request to amend or a legal hold is open, whatever the rules say.
CREATE OR REPLACE FUNCTION disposal_hold(of uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
	UPDATE disposal_item i
	   SET held = format('%s asked for on %s (records_request %s)', q.kind, q.asked_on,
	                     left(replace(q.id::text, '-', ''), 12))
	  FROM records_request q
	 WHERE i.disposal = of AND i.held IS NULL AND i.seq IS NULL
	   -- Of refused input and tasks (21, 98) nobody knows here whom they are about: they wait, too.
	   AND (q.student_id = i.student_id OR i.student_id IS NULL AND i.record_type IN (21, 98))
	   AND NOT q.deleted AND q.state IN ('open', 'hearing')
$$;

-- A hold that came while the run is under way keeps what is left.
CREATE OR REPLACE FUNCTION disposal_step(of uuid, most_records integer, most_batches integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	d disposal;
BEGIN
	SELECT * INTO d FROM disposal WHERE id = of AND ended IS NULL FOR UPDATE;
	IF d.id IS NULL THEN
		RETURN false;
	ELSIF d.scrubbed IS NULL THEN
		IF d.kind <> 'replay' THEN
			-- A hold that is being committed is seen: its number is drawn under the same lock.
			PERFORM FROM sync_head WHERE shard = 0 FOR UPDATE;
			PERFORM disposal_hold(of);
		END IF;
		PERFORM disposal_records(d, most_records);
	ELSIF d.scrubbed < d.last_seq THEN
		PERFORM disposal_scrub(d, most_batches);
	ELSE
		PERFORM disposal_end(d);
		RETURN false;
	END IF;
	RETURN true;
END $$;
