-- Whose change a conflict is with: the mutation with the number that a record's group has. Numbers follow
-- each other on the disk, so a few bytes a page are enough; a B-tree would cost each mutation 80 bytes of WAL.
CREATE INDEX mutation_seq ON mutation USING brin (seq) WITH (pages_per_range = 16, autosummarize = on);
