-- The chain of mutations, link by link as before (0034_audit.sql), but not put together row by row here any
-- more: that was the dearest part of a push. Whoever writes a batch brings the bytes that are chained of
-- it. They are what `practicumd audit verify` makes of the rows anew, so bytes that are not those of the rows
-- show up as rows that were changed.

DROP TRIGGER chained ON mutation;
DROP FUNCTION mutation_chained();
DROP FUNCTION mutation_body(mutation);

-- The link of the batch that this transaction writes. body: what is chained of each mutation, 132 bytes, in
-- the order of device_id, incarnation, counter (server/sync/chain.h).
CREATE FUNCTION chain_mutations(body bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
	link record;
BEGIN
	IF length(body) = 0 OR length(body) % 132 <> 0 THEN
		RAISE EXCEPTION 'a link is made of whole mutations, not of % bytes', length(body);
	END IF;
	UPDATE audit_head a
	   SET number = a.number + 1, hash = sha256(a.hash || int8send(h.head) || body)
	  FROM sync_head h
	 WHERE a.chain = 'mutation' AND h.shard = 0 AND h.xact = pg_current_xact_id()
	RETURNING a.number, h.head AS batch, a.hash INTO link;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'only the sequencer may chain mutations';
	END IF;
	INSERT INTO mutation_chain VALUES (link.number, link.batch, length(body) / 132, link.hash);
END $$;
REVOKE ALL ON FUNCTION chain_mutations(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION chain_mutations(bytea) TO practicum_writer;

-- First the link, then the mutations: none without one.
CREATE FUNCTION mutation_linked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM sync_head h JOIN mutation_chain c ON c.batch = h.head
	                WHERE h.xact = pg_current_xact_id()) THEN
		RAISE EXCEPTION 'no link of the chain stands for these mutations';
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER linked AFTER INSERT ON mutation EXECUTE FUNCTION mutation_linked();

-- Numbers and batches go up together: one index does for both, and each row asks it once.
DROP INDEX mutation_batch;
DROP INDEX mutation_seq;
CREATE INDEX mutation_order ON mutation USING brin (seq, batch) WITH (pages_per_range = 16, autosummarize = on);
