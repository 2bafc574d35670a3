-- What the server asks before it serves, and whenever its writer connects again.

-- name: check_settings
-- Settings that decide whether a commit survives a power cut, as PostgreSQL has them now.
SELECT name, setting
  FROM pg_settings
 WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums')
 ORDER BY name;

-- name: check_schema
SELECT coalesce(max(number), 0)::bigint
  FROM schema_migration;

-- name: check_head
-- The timeline comes from the name of the WAL file being written: the control file lags behind a
-- promotion until the next checkpoint.
SELECT h.epoch, h.head, h.system_id, h.timeline::bigint,
       c.system_identifier,
       ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer::bigint
  FROM sync_head h, pg_control_system() c
 WHERE h.shard = 0;

-- name: check_claim
-- A database that no server has used yet belongs to this cluster from now on.
UPDATE sync_head
   SET system_id = $1::bigint, timeline = $2::bigint
 WHERE shard = 0 AND system_id IS NULL;
