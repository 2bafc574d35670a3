-- Bulk imports on their way in: what a district device sent is kept here until the whole of it was
-- checked and the sequencer has applied it. No records stand here: those are the sequencer's alone.

CREATE TABLE import (
	import_id    uuid PRIMARY KEY,
	device_id    uuid NOT NULL,
	incarnation  bigint NOT NULL UNIQUE, -- under which its mutations are judged: made of import_id
	person       uuid NOT NULL,
	stage        smallint NOT NULL,      -- ImportStage of proto/sync.proto
	n_parts      integer NOT NULL DEFAULT 0,
	n_rows       bigint NOT NULL DEFAULT 0,
	n_checked    bigint NOT NULL DEFAULT 0,
	done_parts   integer NOT NULL DEFAULT 0, -- applied, and their flaws are listed
	n_applied    bigint NOT NULL DEFAULT 0,
	n_flaws      bigint NOT NULL DEFAULT 0,  -- all, listed or not
	reverses     uuid UNIQUE REFERENCES import,
	undo_before  bigint NOT NULL DEFAULT 0,  -- of a reversal: rows from here on are dealt with
	label        text NOT NULL,
	files        text[] NOT NULL,
	begun        timestamptz NOT NULL DEFAULT now(),
	touched      timestamptz NOT NULL DEFAULT now(),
	ended        timestamptz
);
-- What is to be worked on.
CREATE INDEX import_open ON import (begun) WHERE stage IN (2, 3, 6);

-- Deleted when the import has ended: the mutations are kept where they were judged.
CREATE TABLE import_part (
	import_id uuid NOT NULL REFERENCES import ON DELETE CASCADE,
	part      integer NOT NULL,
	rows      bytea NOT NULL, -- zstd frame of an ImportRows message
	PRIMARY KEY (import_id, part)
);
-- It is compressed already.
ALTER TABLE import_part ALTER COLUMN rows SET STORAGE EXTERNAL;

CREATE TABLE import_flaw (
	import_id   uuid NOT NULL REFERENCES import ON DELETE CASCADE,
	row         bigint NOT NULL,
	record_id   uuid NOT NULL,
	record_type integer NOT NULL,
	file        integer NOT NULL,  -- position in import.files, from 0
	line        integer NOT NULL,
	field       integer NOT NULL,
	reason      smallint NOT NULL,
	kind        smallint NOT NULL, -- ImportFlawKind
	text        text NOT NULL,
	PRIMARY KEY (import_id, row)
);

-- The records that the import being checked is about. One import is checked at a time, by the
-- server that holds the advisory lock, and after a crash it is checked from the beginning.
CREATE UNLOGGED TABLE import_touched (
	record_id   uuid NOT NULL,
	record_type integer NOT NULL,
	is_new      boolean NOT NULL,
	PRIMARY KEY (record_id, record_type)
);
