-- The fixed statements of the sequencer and the feed. Those of the record types are made from the
-- catalog (server/sync/record_sql.c).
--
-- Arrays to insert become rows in the list of the SELECT, which hands them on one by one; as a
-- FROM-item every array would first be copied into a store of tuples of its own.

-- name: sync_begin
BEGIN;

-- name: sync_commit
COMMIT;

-- name: sync_rollback
ROLLBACK;

-- name: sync_lock
-- The first statement of every writing transaction. $1: how many numbers at most. No row on another
-- timeline than the head's: a standby was promoted, and what it lacks was perhaps seen by stations under
-- the numbers that would be drawn now.
UPDATE sync_head
   SET head = head + $1::bigint, xact = pg_current_xact_id()
 WHERE shard = 0
   AND is_decided(timeline)
RETURNING epoch, head - $1::bigint;

-- name: sync_take
-- The same for a batch that was judged ahead: the head must still be $2. If it is not, it would become
-- null, which the table refuses, and nothing of the batch happens.
UPDATE sync_head
   SET head = CASE head WHEN $2::bigint THEN head + $1::bigint END, xact = pg_current_xact_id()
 WHERE shard = 0
RETURNING head;

-- name: sync_counters
-- In the order of the arrays.
SELECT coalesce(d.last_counter, 0), coalesce(d.acked_through, 0)
  FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS k (device_id, incarnation, n)
  LEFT JOIN device_counter d USING (device_id, incarnation)
 ORDER BY k.n;

-- name: sync_judged
SELECT m.device_id, m.incarnation, m.counter, m.seq, m.verdict, m.reason, m.field, m.text,
       m.record_type, m.record_id, m.person, m.payload_hash, m.client_time, m.existing
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS k (device_id, incarnation, counter)
  JOIN mutation m USING (device_id, incarnation, counter);

-- name: sync_judged_as
-- The same of the mutations with these numbers, each of which is of one mutation.
SELECT m.device_id, m.incarnation, m.counter, m.seq, m.verdict, m.reason, m.field, m.text,
       m.record_type, m.record_id, m.person, m.payload_hash, m.client_time, m.existing
  FROM mutation m
 WHERE m.seq = ANY ($1::bigint[]);

-- name: sync_write_feed
INSERT INTO feed (scope, record_type, record_id, seq, gone)
SELECT unnest($1::uuid[]), unnest($2::integer[]), unnest($3::uuid[]), unnest($4::bigint[]),
       unnest($5::smallint[])
ON CONFLICT (record_id, record_type, scope)
DO UPDATE SET seq = excluded.seq, gone = excluded.gone;

-- name: sync_add_feed
-- Of records that are new.
INSERT INTO feed (scope, record_type, record_id, seq, gone)
SELECT unnest($1::uuid[]), unnest($2::integer[]), unnest($3::uuid[]), unnest($4::bigint[]),
       unnest($5::smallint[]);

-- name: sync_chain
-- The link of this batch in the audit's chain. $1: chain_body().
SELECT chain_mutations($1::bytea);

-- name: sync_write_mutations
INSERT INTO mutation (device_id, incarnation, counter, seq, verdict, reason, field, text,
                      record_type, record_id, person, payload, payload_hash, client_time, existing,
                      received, batch)
SELECT unnest($1::uuid[]), unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::bigint[]),
       unnest($5::smallint[]), unnest($6::smallint[]), unnest($7::integer[]), unnest($8::text[]),
       unnest($9::integer[]), unnest($10::uuid[]), unnest($11::uuid[]), unnest($12::bytea[]),
       unnest($13::bytea[]), unnest($14::timestamptz[]), unnest($15::uuid[]), $16::timestamptz,
       (SELECT head FROM sync_head WHERE shard = 0);

-- name: sync_write_counters
INSERT INTO device_counter (device_id, incarnation, last_counter, acked_through, updated)
SELECT *, $5::timestamptz
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[])
ON CONFLICT (device_id, incarnation)
DO UPDATE SET last_counter = excluded.last_counter, acked_through = excluded.acked_through,
              updated = excluded.updated;

-- name: sync_write_time
INSERT INTO seq_time (seq, committed) VALUES ($1::bigint, $2::timestamptz);

-- name: sync_notify
-- Heard by the servers that listen, if this transaction commits. $1: server/sync/notice.h.
SELECT pg_notify('practicum_commit', $1::text);

-- name: sync_listen
LISTEN practicum_commit;

-- name: sync_read_begin
-- All reads of one page see the same point of the change order.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: sync_head
SELECT epoch, head FROM sync_head WHERE shard = 0;

-- name: sync_page
-- Where the head and a device's counter stand, and the feed from there on; one row without feed
-- columns when nothing is new. Each scope's next rows by its own index range, then the first of all:
-- a join with the records before the limit would read the whole school. $3: rows wanted.
SELECT h.epoch, h.head,
       coalesce((SELECT last_counter FROM device_counter
                  WHERE device_id = $4::uuid AND incarnation = $5::bigint), 0) AS last_counter,
       f.scope, f.record_type, f.record_id, f.seq, f.gone
  FROM sync_head h
  LEFT JOIN (unnest($1::uuid[]) AS s (scope)
             CROSS JOIN LATERAL (
		SELECT scope, record_type, record_id, seq, gone
		  FROM feed
		 WHERE scope = s.scope AND seq > $2::bigint
		 ORDER BY seq, record_type, record_id
		 LIMIT $3::bigint) AS f) ON true
 WHERE h.shard = 0
 ORDER BY f.seq, f.record_type, f.record_id, f.scope
 LIMIT $3::bigint;

-- name: sync_feed_one_seq
-- A change that alone is larger than a page.
SELECT scope, record_type, record_id, seq, gone
  FROM feed
 WHERE scope = ANY ($1::uuid[]) AND seq = $2::bigint
 ORDER BY record_type, record_id, scope;
