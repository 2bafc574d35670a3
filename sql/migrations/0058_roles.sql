-- Bulk imports and judging anew work as the sequencer's role: nothing that serves signs in as the owner of the tables any more.
-- What the desk keeps of them, and what one import gathers while it is checked, is theirs alone to change.
GRANT SELECT, INSERT, UPDATE, DELETE ON import, import_part, import_flaw, import_touched TO practicum_writer;
GRANT TRUNCATE ON import_touched TO practicum_writer;
GRANT SELECT, UPDATE ON rejudge TO practicum_writer;
