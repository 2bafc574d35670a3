-- Attachments: the table of proto/records/attachment.proto, as `practicum types --sql` prints it, and the
-- bytes of the files. The bytes are no records: they come and go in pieces beside the sync
-- (server/svc/file.c), and nothing but a record that names their SHA-256 gives a device a right to them.

-- A file is whole when `completed` is set: its pieces were put together and hashed then.
CREATE TABLE file (
	sha256 bytea PRIMARY KEY CHECK (length(sha256) = 32),
	size bigint NOT NULL CHECK (size BETWEEN 1 AND 10485760),
	received bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND size),
	began timestamptz NOT NULL DEFAULT now(),
	completed timestamptz
);
CREATE TABLE file_piece (
	sha256 bytea NOT NULL REFERENCES file ON DELETE CASCADE,
	at bigint NOT NULL,
	bytes bytea NOT NULL,
	PRIMARY KEY (sha256, at)
);
-- Scans are compressed already.
ALTER TABLE file_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE file IS 'Contents of attachments, each once, whoever attached it how often.';
COMMENT ON TABLE file_piece IS 'The bytes of a file from position `at` on.';

-- Attachment (90)
CREATE TABLE attachment (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	state text NOT NULL,
	reason text,
	record_type bigint NOT NULL,
	record_id uuid NOT NULL,
	student_id uuid,
	file_name text NOT NULL,
	format text NOT NULL,
	size bigint NOT NULL,
	sha256 bytea NOT NULL,
	note text
) WITH (fillfactor = 85);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON attachment
	EXECUTE FUNCTION sync_guard();
CREATE INDEX attachment_record_id ON attachment (record_id);
CREATE INDEX attachment_student_id ON attachment (student_id);
CREATE INDEX attachment_sha256 ON attachment (sha256);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON attachment FOR EACH ROW
	WHEN (OLD.state IN ('withdrawn'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE attachment IS
	'A scan or photo that belongs to a record: a signed agreement, a permit, a paper time sheet.';
COMMENT ON COLUMN attachment.state IS
	'attached | withdrawn';
COMMENT ON COLUMN attachment.reason IS
	'Why it was withdrawn.';
COMMENT ON COLUMN attachment.record_type IS
	'Number of the record''s type, as `practicum types --json` shows it.';
COMMENT ON COLUMN attachment.student_id IS
	'The student the record is about, if it is about one. Refers to student.';
COMMENT ON COLUMN attachment.file_name IS
	'What it was called where it came from, without folders.';
COMMENT ON COLUMN attachment.format IS
	'Told by the first bytes of the file, not by its name. pdf | jpeg | png | tiff | heic';
COMMENT ON COLUMN attachment.size IS
	'In bytes.';
