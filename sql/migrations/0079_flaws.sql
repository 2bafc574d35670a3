-- A row of an import has as many flaws as it has: nr counts them from 0.
ALTER TABLE import_flaw ADD COLUMN nr integer NOT NULL DEFAULT 0;
ALTER TABLE import_flaw DROP CONSTRAINT import_flaw_pkey;
ALTER TABLE import_flaw ADD PRIMARY KEY (import_id, row, nr);
