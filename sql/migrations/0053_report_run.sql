-- Reports that were published.

-- Report run (118)
CREATE TABLE report_run (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	name text NOT NULL,
	parameters text[],
	as_of bigint NOT NULL,
	published_on date NOT NULL,
	definition_hash bytea NOT NULL,
	output_hash bytea NOT NULL,
	n_rows bigint NOT NULL,
	lines text[]
) WITH (fillfactor = 100);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON report_run
	EXECUTE FUNCTION sync_guard();
CREATE INDEX report_run_name ON report_run (name);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON report_run FOR EACH ROW
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE report_run IS
	'A report that was published: what was asked, as of which change, by which definition, and what came out.';
COMMENT ON COLUMN report_run.parameters IS
	'As they were asked for, as in year=2027 and by=school.';
COMMENT ON COLUMN report_run.definition_hash IS
	'SHA-256 of the words that define its figures.';
COMMENT ON COLUMN report_run.output_hash IS
	'Of its head and rows as CSV, each ended by a line feed.';
COMMENT ON COLUMN report_run.lines IS
	'Head and rows, unless they are more than fits one record.';

-- Who may read and write it.
SELECT secure_record_table('report_run', 118);
