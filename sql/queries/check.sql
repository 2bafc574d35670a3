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

-- name: check_clock
-- What the time is here.
SELECT now();

-- name: check_roles
-- Who is who, with what would make policies and grants worth nothing. The first row is who signed in.
SELECT r.rolname, r.rolsuper OR r.rolbypassrls, r.rolcreaterole OR r.rolcreatedb,
       pg_has_role(r.oid, c.relowner, 'MEMBER')
  FROM pg_roles r, pg_class c
 WHERE c.oid = 'sync_head'::regclass
   AND (r.rolname = session_user OR r.rolname IN ('practicum_writer', 'practicum_reader',
                                                  'practicum_report', 'practicum_auth'))
 ORDER BY r.rolname <> session_user, r.rolname;

-- name: check_open_tables
-- Tables with a scope that do not hide rows from readers, or let one of the server's roles do what
-- none needs.
SELECT c.relname
  FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
   AND (c.relname = 'feed'
        OR EXISTS (SELECT FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attname = 'scope' AND NOT a.attisdropped
                      AND EXISTS (SELECT FROM pg_attribute b
                                   WHERE b.attrelid = c.oid AND b.attname IN ('group_seq', 'from_seq'))))
   AND (NOT c.relrowsecurity
        OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'reader')
        OR EXISTS (SELECT FROM pg_policy p
                    WHERE p.polrelid = c.oid AND p.polname NOT IN ('writer', 'reader', 'report', 'desk'))
        OR has_table_privilege('practicum_reader', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('practicum_report', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_table_privilege('practicum_writer', c.oid, 'DELETE, TRUNCATE'))
 ORDER BY c.relname;

-- name: check_head
-- The timeline as is_decided() has it, but as a number.
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

-- name: check_keys
-- The keys that closed fields are or were sealed under; is all of it under this one?
SELECT number::bigint, key_id, is_whole
  FROM record_key
 ORDER BY number;

-- name: check_claim_key
INSERT INTO record_key (number, key_id, is_whole)
VALUES ($1::bigint, $2::bytea, true)
ON CONFLICT (number) DO UPDATE SET is_whole = true;

-- name: check_seal_serve
-- Who serves holds this with everybody else who does, as long as the connection lives. False: somebody seals.
SELECT pg_try_advisory_lock_shared(7443002);

-- name: check_seal_alone
-- Who seals holds it alone, so that nobody goes on writing under the keys from before.
SELECT pg_try_advisory_lock(7443002);
