-- A row of the feed that changes gets another number, which is indexed: no update of it can do without
-- new index entries (HOT), and the room kept in its page for one only spreads what changed last, which
-- every pull reads, over the whole table. Without it the new versions stand together at the end.
ALTER TABLE feed RESET (fillfactor);
