-- A disposal that goes on after days finds much that was written since its list was made. It looks at that before it
-- takes the lock that numbers are drawn under, and behind the lock only at what came meanwhile.
CREATE OR REPLACE FUNCTION disposal_step(of uuid, most_records integer, most_batches integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	d disposal;
	upto bigint;
BEGIN
	SELECT * INTO d FROM disposal WHERE id = of AND ended IS NULL FOR UPDATE;
	IF d.id IS NULL THEN
		RETURN false;
	ELSIF d.scrubbed IS NULL THEN
		IF d.kind = 'retention' THEN
			upto := (SELECT head FROM sync_head WHERE shard = 0);
			PERFORM disposal_look(d);
			d.looked := upto;
		END IF;
		IF d.kind <> 'replay' THEN
			-- What is being committed is seen: its number is drawn under the same lock.
			PERFORM FROM sync_head WHERE shard = 0 FOR UPDATE;
			PERFORM disposal_look(d);
		END IF;
		PERFORM disposal_records(d, most_records);
		UPDATE disposal SET looked = (SELECT head FROM sync_head WHERE shard = 0) WHERE id = of;
	ELSIF d.scrubbed < d.last_seq THEN
		PERFORM disposal_scrub(d, most_batches);
	ELSE
		PERFORM disposal_end(d);
		RETURN false;
	END IF;
	RETURN true;
END $$;
