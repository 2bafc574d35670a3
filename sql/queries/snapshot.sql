-- First load of a scope (server/sync/snapshot_build.c), in one read-only snapshot.

-- name: snapshot_feed
-- The next live rows behind ($2, $3, $4) = number, type, id.
SELECT scope, record_type, record_id, seq, gone
  FROM feed
 WHERE scope = $1::uuid AND gone = 0
   AND (seq, record_type, record_id) > ($2::bigint, $3::bigint::integer, $4::uuid)
 ORDER BY seq, record_type, record_id
 LIMIT $5::bigint;

-- name: snapshot_changed
-- How many rows changed since $2; counts no further than $3.
SELECT count(*)
  FROM (SELECT FROM feed WHERE scope = $1::uuid AND seq > $2::bigint LIMIT $3::bigint) AS changed;
