-- The change order, the feed and the exactly-once keys. Tables of the record types follow in files of
-- their own, made by `practicum types --sql`.

-- One row; whoever holds its lock draws numbers. Locked first in every writing transaction, so that
-- the order of numbers is the order in which changes become visible.
CREATE TABLE sync_head (
	shard     integer PRIMARY KEY,
	epoch     bigint NOT NULL,
	head      bigint NOT NULL,
	xact      xid8,            -- of the transaction that holds or last held the row
	system_id bigint,          -- the cluster and timeline the numbers belong to: after a restore or
	timeline  integer          -- a failover they differ, and the server asks for a decision
) WITH (fillfactor = 20);

-- Positive, so that it is the same in every language a client may be written in.
INSERT INTO sync_head (shard, epoch, head)
SELECT 0, ('x' || encode(substr(uuid_send(gen_random_uuid()), 9, 8), 'hex'))::bit(64)::bigint
          & 9223372036854775807 | 1, 0;

-- Changes that go around the sequencer would be invisible to clients for ever.
CREATE FUNCTION sync_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM sync_head WHERE xact = pg_current_xact_id()) THEN
		RAISE EXCEPTION 'only the sequencer may change %', TG_TABLE_NAME
			USING HINT = 'use the client, or practicumd import';
	END IF;
	RETURN NULL;
END $$;

-- How far each replica's mutations have been judged. Never deleted: a forgotten counter would let
-- old mutations in again.
CREATE TABLE device_counter (
	device_id     uuid NOT NULL,
	incarnation   bigint NOT NULL,   -- 64 random bits; above 2^63 they show as negative
	last_counter  bigint NOT NULL,
	acked_through bigint NOT NULL,
	updated       timestamptz NOT NULL,
	PRIMARY KEY (device_id, incarnation)
) WITH (fillfactor = 50);

-- Every mutation with its verdict: the answer to whoever sends it again, and the audit trail.
CREATE TABLE mutation (
	device_id    uuid NOT NULL,
	record_id    uuid NOT NULL,
	person       uuid NOT NULL,        -- nil until people exist
	incarnation  bigint NOT NULL,
	counter      bigint NOT NULL,
	seq          bigint NOT NULL,
	client_time  timestamptz NOT NULL,
	received     timestamptz NOT NULL,
	record_type  integer NOT NULL,
	field        integer NOT NULL,     -- number of the field that is wrong; 0: the whole record
	verdict      smallint NOT NULL,    -- VerdictKind of proto/sync.proto
	reason       smallint NOT NULL,    -- PRAC_REASON_MAP
	text         text NOT NULL,        -- for people; empty when accepted
	payload      bytea NOT NULL,       -- as sent
	payload_hash bytea NOT NULL,       -- SHA-256 of payload; stays when payload is erased
	PRIMARY KEY (device_id, incarnation, counter)
);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON mutation
	EXECUTE FUNCTION sync_guard();

-- The change order itself: one row for each scope a record is or was seen in, also the tombstone.
CREATE TABLE feed (
	scope       uuid NOT NULL,
	record_type integer NOT NULL,
	record_id   uuid NOT NULL,
	seq         bigint NOT NULL,
	gone        smallint NOT NULL,   -- 0 live, 1 deleted, 2 moved, 3 hidden
	PRIMARY KEY (record_id, record_type, scope)
) WITH (fillfactor = 90);
CREATE INDEX feed_order ON feed (scope, seq, record_type, record_id) INCLUDE (gone);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON feed
	EXECUTE FUNCTION sync_guard();

-- When a number was committed, for reports as of a point in time. One row for each batch.
CREATE TABLE seq_time (
	seq       bigint PRIMARY KEY,
	committed timestamptz NOT NULL
);
