-- Whether the disk of a device is encrypted, as it or the person who enrolled it said.
ALTER TABLE device ADD COLUMN disk text NOT NULL DEFAULT 'unknown'
	CHECK (disk IN ('unknown', 'encrypted', 'open'));
