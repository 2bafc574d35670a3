-- Schema 4: what was typed from paper, the totals of a period as counted, who entered an adjustment.
-- Transcript (117)
CREATE TABLE transcript (
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
	school_id uuid,
	version bigint NOT NULL,
	because text,
	content_hash bytea,
	signer_name text NOT NULL,
	signed_on date NOT NULL,
	attachment_id uuid NOT NULL,
	typed_by_id uuid,
	checked_by_id uuid,
	checked_on date,
	reason text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON transcript
	EXECUTE FUNCTION sync_guard();
CREATE INDEX transcript_record_id ON transcript (record_id);
CREATE INDEX transcript_student_id ON transcript (student_id);
CREATE INDEX transcript_school_id ON transcript (school_id);
CREATE UNIQUE INDEX transcript_natural_key ON transcript (record_id, version) NULLS NOT DISTINCT WHERE NOT deleted;
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON transcript FOR EACH ROW
	WHEN (OLD.state IN ('withdrawn'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE transcript IS
	'A record typed from a signed paper: who signed and when, the scan, who typed, and who checked it.';
COMMENT ON COLUMN transcript.state IS
	'typed | confirmed | disputed | withdrawn';
COMMENT ON COLUMN transcript.record_type IS
	'Number of the record''s type, as `practicum types --json` shows it.';
COMMENT ON COLUMN transcript.student_id IS
	'The student the record is about, if it is about one. Refers to student.';
COMMENT ON COLUMN transcript.school_id IS
	'The school the record belongs to, if it belongs to one. Refers to school.';
COMMENT ON COLUMN transcript.version IS
	'1, and one more each time a typing error is mended.';
COMMENT ON COLUMN transcript.because IS
	'What was typed wrong before, from version 2 on.';
COMMENT ON COLUMN transcript.content_hash IS
	'The hours as they were typed; an approval must name the same.';
COMMENT ON COLUMN transcript.attachment_id IS
	'Refers to attachment.';
COMMENT ON COLUMN transcript.reason IS
	'What does not fit, or why it was withdrawn.';

-- Who may read and write it.
SELECT secure_record_table('transcript', 117);

ALTER TABLE period_close
	ADD COLUMN counted_minutes bigint,
	ADD COLUMN counted_sheets bigint,
	ADD COLUMN difference text;
DROP TRIGGER frozen ON period_close;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON period_close FOR EACH ROW
	WHEN (OLD.state IN ('closed'))
	EXECUTE FUNCTION record_frozen('state', 'total_minutes', 'n_sheets', 'content_hash', 'reason', 'counted_minutes', 'counted_sheets', 'difference');
COMMENT ON COLUMN period_close.counted_minutes IS
	'Of the sheets that were approved when it was closed, with posted adjustments.';
COMMENT ON COLUMN period_close.difference IS
	'Where the totals entered are not those counted.';
ALTER TABLE adjustment ADD COLUMN entered_by_id uuid;
COMMENT ON COLUMN adjustment.entered_by_id IS
	'Who was signed in; somebody else approves it.';

-- A close reads a school's weeks; dates grow with the tables, so an index of block ranges is enough.
CREATE INDEX time_sheet_week_start ON time_sheet USING brin (week_start)
	WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX time_entry_work_date ON time_entry USING brin (work_date)
	WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX adjustment_school_id ON adjustment (school_id);

COMMENT ON COLUMN evaluation.scores IS
	'code=score for every item of the rubric, as in reliability=4; code=not_observed counts in no mean.';
