-- A database on another timeline than the head's is a standby that was promoted, or a backup that was played
-- forward: until an operator has said what was lost (practicumd epoch), nothing that people or devices do may
-- be written into it. The sequencer draws no number there (sync_lock); every table that somebody writes
-- beside the sequencer asks the same here.

-- timeline: that of sync_head; NULL: no server has used this database yet. Where the WAL is written says more
-- than the control file, which lags behind a promotion until the next checkpoint.
CREATE FUNCTION is_decided(timeline integer) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT timeline IS NULL
	    OR timeline = ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer
$$;

-- As an answer of a server that is starting: the caller tries again later.
CREATE FUNCTION decided_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_catalog AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM sync_head WHERE shard = 0 AND is_decided(timeline)) THEN
		RAISE EXCEPTION 'nobody has decided yet what this restored or promoted database lacks'
			USING ERRCODE = 'cannot_connect_now',
			      HINT = 'practicumd epoch new, or practicumd epoch no-loss if nothing is lost';
	END IF;
	RETURN NULL;
END $$;

-- The desk's tables and those of staging; sync_head and sync_epoch are what the decision is written to. With
-- the audit come all who write events. integration.db_rights finds a table without it.
DO $$
DECLARE
	name text;
BEGIN
	FOR name IN SELECT c.oid::regclass FROM pg_class c
	             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
	               AND (has_table_privilege('practicum_auth', c.oid, 'INSERT, UPDATE, DELETE')
	                    AND c.relname NOT IN ('sync_head', 'sync_epoch')
	                    OR c.relname = 'audit_event') LOOP
		EXECUTE format('CREATE TRIGGER decided BEFORE INSERT OR UPDATE OR DELETE ON %s '
		               'EXECUTE FUNCTION decided_guard()', name);
	END LOOP;
END $$;
