-- The record that has the natural key of one refused with DUPLICATE, where whoever sent it may see that
-- record: said with the verdict, and again with its replay. Like the words for people it is no part of the
-- chain (mutation_body).
ALTER TABLE mutation ADD COLUMN existing uuid;
