-- The fixed part of the device's store. SQLite: parameters are ?1, ?2 ... The tables of the record
-- types are made from the catalog by client/replica/tables_sql.c.

-- name: replica_schema
CREATE TABLE meta (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  device      BLOB,
  person      BLOB,
  district    INTEGER NOT NULL DEFAULT 0,
  label       TEXT,
  server      TEXT,
  incarnation INTEGER NOT NULL,
  next_counter INTEGER NOT NULL DEFAULT 1,
  epoch       INTEGER NOT NULL DEFAULT 0,
  seq         INTEGER NOT NULL DEFAULT 0,
  scope_set   INTEGER NOT NULL DEFAULT 0,
  head        INTEGER NOT NULL DEFAULT 0,
  last_mark   INTEGER NOT NULL DEFAULT 0,
  schema      INTEGER NOT NULL,
  catalog     TEXT NOT NULL DEFAULT ''
);
-- state: 0 unsent, 1 sent, 2 judged. draft: 0 none, 1 open, 2 dealt with. A row is pending (part of
-- the view) until settled. judged_ms: by the server's clock; NULL when it did not say.
CREATE TABLE outbox (
  id          INTEGER PRIMARY KEY,
  incarnation INTEGER NOT NULL,
  counter     INTEGER NOT NULL,
  state       INTEGER NOT NULL DEFAULT 0,
  settled     INTEGER NOT NULL DEFAULT 0,
  draft       INTEGER NOT NULL DEFAULT 0,
  type        INTEGER NOT NULL,
  record      BLOB NOT NULL,
  scope       BLOB NOT NULL,
  made_ms     INTEGER NOT NULL,
  verdict     INTEGER NOT NULL DEFAULT 0,
  reason      INTEGER NOT NULL DEFAULT 0,
  field       INTEGER NOT NULL DEFAULT 0,
  seq         INTEGER NOT NULL DEFAULT 0,
  judged_ms   INTEGER,
  words       TEXT,
  payload     BLOB NOT NULL,
  UNIQUE (incarnation, counter)
);
CREATE INDEX outbox_queue ON outbox (id) WHERE state < 2;
CREATE INDEX outbox_unjudged ON outbox (incarnation, counter) WHERE state < 2;
CREATE INDEX outbox_pending ON outbox (type, record, id) WHERE settled = 0;
CREATE INDEX outbox_draft ON outbox (id) WHERE draft = 1;
-- state: 0 to be loaded, 1 live, 2 taken away (hidden, purged when its input is judged).
CREATE TABLE scope (
  id          BLOB PRIMARY KEY,
  generation  INTEGER NOT NULL,
  state       INTEGER NOT NULL,
  snapshot    INTEGER NOT NULL DEFAULT 0,
  chunk       INTEGER NOT NULL DEFAULT 0,
  mark        INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- name: replica_schema_2
-- Bytes of attachments in the folder `files`. sent: the server has the whole.
CREATE TABLE file (
  id          INTEGER PRIMARY KEY,
  sha256      BLOB NOT NULL UNIQUE,
  size        INTEGER NOT NULL,
  sent        INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX file_unsent ON file (id) WHERE sent = 0;

-- name: replica_schema_3
-- revoked_ms: when the district's order to erase everything came; lost: entries that were not judged then;
-- receipt_kept: the server has heard that it is done.
ALTER TABLE meta ADD COLUMN revoked_ms INTEGER;
ALTER TABLE meta ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN receipt_kept INTEGER NOT NULL DEFAULT 0;
-- The lease: last contact, the latest time this device's clock ever showed since, days without contact; 0: any.
ALTER TABLE meta ADD COLUMN contact_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN seen_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN lease_days INTEGER NOT NULL DEFAULT 0;
-- Schools that were taken away and erased, until the server has heard of it. clean: also from free pages.
CREATE TABLE purged (
  scope       BLOB PRIMARY KEY,
  clean       INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- name: replica_schema_5
-- key_id: of the data key under which payloads, words and the column _sealed of records are (docs/adr/0011).
-- unclean: what was in the clear may still be in free pages.
ALTER TABLE meta ADD COLUMN key_id BLOB;
ALTER TABLE meta ADD COLUMN unclean INTEGER NOT NULL DEFAULT 0;

-- name: replica_schema_6
-- Imports that went through the outbox, by the places of their entries: after `before`, up to `last`.
CREATE TABLE import (
  id          BLOB PRIMARY KEY,
  label       TEXT NOT NULL,
  begun_ms    INTEGER NOT NULL,
  before      INTEGER NOT NULL,
  last        INTEGER NOT NULL,
  n           INTEGER NOT NULL,
  reversed    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- name: replica_import_place
SELECT coalesce(max(id), 0) FROM outbox;

-- name: replica_import_count
SELECT count(*) FROM outbox WHERE id > ?1;

-- name: replica_import_add
INSERT INTO import (id, label, begun_ms, before, last, n)
SELECT ?1, ?2, ?3, ?4, max(id), count(*) FROM outbox WHERE id > ?4;

-- name: replica_import_list
-- The newest first.
SELECT id, label, begun_ms, before, last, n, reversed FROM import ORDER BY begun_ms DESC, id DESC;

-- name: replica_import_n
SELECT count(*) FROM import;

-- name: replica_import_entries
SELECT id, state, verdict, seq, type, record, incarnation, counter, payload, draft FROM outbox
 WHERE id > ?1 AND id <= ?2 ORDER BY id;

-- name: replica_import_later
-- Records of the import that were entered again here since; what was refused changed nothing.
SELECT DISTINCT type, record FROM outbox l
 WHERE l.id > ?2 AND l.draft = 0
   AND EXISTS (SELECT 1 FROM outbox o
                WHERE o.id > ?1 AND o.id <= ?2 AND o.type = l.type AND o.record = l.record);

-- name: replica_import_is_unsent
-- All of it, and nothing was entered since, so that no counter is left out: ?3 is the incarnation.
SELECT count(*) FILTER (WHERE id <= ?2 AND state = 0 AND incarnation = ?3) = count(*) FROM outbox
 WHERE id > ?1;

-- name: replica_import_first_counter
SELECT min(counter) FROM outbox WHERE id > ?1 AND id <= ?2;

-- name: replica_import_records
SELECT DISTINCT type, record FROM outbox WHERE id > ?1 AND id <= ?2;

-- name: replica_import_drop
DELETE FROM outbox WHERE id > ?1 AND id <= ?2;

-- name: replica_import_counter
UPDATE meta SET next_counter = ?1;

-- name: replica_import_reversed
UPDATE import SET reversed = 1 WHERE id = ?1;

-- name: replica_import_sweep
-- Places are given anew once nothing is behind them.
DELETE FROM import WHERE last NOT IN (SELECT id FROM outbox);

-- name: replica_meta_key
UPDATE meta SET key_id = ?1;

-- name: replica_meta_unclean
UPDATE meta SET unclean = ?1;

-- name: replica_outbox_all
SELECT id, type, record, incarnation, counter, payload, words FROM outbox;

-- name: replica_outbox_seal
UPDATE outbox SET payload = ?2, words = ?3 WHERE id = ?1;

-- name: replica_purged_add
INSERT INTO purged (scope) VALUES (?1) ON CONFLICT (scope) DO UPDATE SET clean = 0;

-- name: replica_purged_unclean
SELECT EXISTS (SELECT 1 FROM purged WHERE clean = 0);

-- name: replica_purged_clean
UPDATE purged SET clean = 1 WHERE clean = 0;

-- name: replica_purged_next
SELECT scope FROM purged WHERE clean = 1 LIMIT 1;

-- name: replica_purged_told
DELETE FROM purged WHERE scope = ?1;

-- name: replica_lease_contact
UPDATE meta SET contact_ms = ?1, seen_ms = ?1, lease_days = ?2;

-- name: replica_lease_get
SELECT contact_ms, seen_ms, lease_days FROM meta;

-- name: replica_lease_seen
UPDATE meta SET seen_ms = max(seen_ms, ?1);

-- name: replica_purge_get
SELECT coalesce(revoked_ms, 0), lost, receipt_kept FROM meta;

-- name: replica_purge_note
UPDATE meta SET revoked_ms = ?1, lost = (SELECT count(*) FROM outbox WHERE state < 2)
 WHERE revoked_ms IS NULL;

-- name: replica_purge_tables
-- Statements that empty every table but the one with the device's name and the files, which are removed first.
SELECT 'DELETE FROM "' || name || '"' FROM sqlite_schema
 WHERE type = 'table' AND name NOT IN ('meta', 'file') AND name NOT GLOB 'sqlite_*';

-- name: replica_purge_kept
UPDATE meta SET receipt_kept = 1 WHERE revoked_ms IS NOT NULL;

-- name: replica_file_put
INSERT INTO file (sha256, size, sent) VALUES (?1, ?2, ?3)
ON CONFLICT (sha256) DO UPDATE SET sent = max(sent, ?3);

-- name: replica_file_next
SELECT id, sha256, size FROM file WHERE sent = 0 AND id > ?1 ORDER BY id LIMIT 1;

-- name: replica_file_sent
UPDATE file SET sent = 1 WHERE id = ?1;

-- name: replica_file_resend
UPDATE file SET sent = 0 WHERE sent = 1;

-- name: replica_file_count
SELECT count(*) FROM file WHERE sent = 0;

-- name: replica_file_list
SELECT id, sha256, sent, size FROM file ORDER BY id;

-- name: replica_file_drop
DELETE FROM file WHERE id = ?1;

-- name: replica_meta_new
INSERT INTO meta (one, incarnation, schema) VALUES (1, ?1, ?2);

-- name: replica_meta_get
SELECT incarnation, next_counter, epoch, seq, scope_set, head, last_mark, schema, catalog, district, people,
       key_id, unclean
  FROM meta;

-- name: replica_meta_catalog
UPDATE meta SET schema = ?1, catalog = ?2;

-- name: replica_meta_identity
SELECT device, person, district, label, server FROM meta WHERE device IS NOT NULL;

-- name: replica_meta_enroll
UPDATE meta SET device = ?1, person = ?2, district = ?3, label = ?4, server = ?5;

-- name: replica_meta_counter
UPDATE meta SET next_counter = next_counter + 1 RETURNING next_counter - 1, incarnation;

-- name: replica_meta_incarnation
UPDATE meta SET incarnation = ?1, next_counter = ?2;

-- name: replica_meta_position
UPDATE meta SET epoch = ?1, seq = ?2, scope_set = ?3, head = ?4;

-- name: replica_meta_mark
UPDATE meta SET last_mark = last_mark + 1 RETURNING last_mark;

-- name: replica_outbox_add
INSERT INTO outbox (incarnation, counter, type, record, scope, made_ms, payload, attestation)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: replica_outbox_oldest
SELECT min(counter) FROM outbox WHERE state < 2 AND incarnation = ?1;

-- name: replica_outbox_queue
-- In the order it was made, so that an earlier incarnation comes before a later one.
SELECT id, state, attestation, type, record, incarnation, counter, payload FROM outbox
 WHERE state < 2 AND id > ?1 ORDER BY id LIMIT ?2;

-- name: replica_outbox_sent
UPDATE outbox SET state = 1 WHERE state = 0 AND incarnation = ?1 AND counter BETWEEN ?2 AND ?3;

-- name: replica_outbox_find
SELECT id, type, record, state, draft FROM outbox WHERE incarnation = ?1 AND counter = ?2;

-- name: replica_outbox_is_waiting
SELECT EXISTS (SELECT 1 FROM outbox WHERE state < 2 AND incarnation = ?1 AND counter = ?2);

-- name: replica_outbox_judge
-- A draft that was dealt with stays so; one that is open is none any more when another server accepts.
UPDATE outbox SET state = 2, settled = ?2, draft = CASE draft WHEN 2 THEN 2 ELSE ?3 END, verdict = ?4,
       reason = ?5, field = ?6, seq = ?7, words = ?8, judged_ms = ?9
 WHERE id = ?1;

-- name: replica_outbox_any_pending
SELECT EXISTS (SELECT 1 FROM outbox WHERE settled = 0);

-- name: replica_outbox_pending
SELECT type, record, incarnation, counter, payload FROM outbox
 WHERE settled = 0 AND type = ?1 AND record = ?2 ORDER BY id;

-- name: replica_outbox_scope
SELECT scope FROM outbox WHERE type = ?1 AND record = ?2 AND settled = 0 ORDER BY id DESC LIMIT 1;

-- name: replica_outbox_reached
-- Judged up to ?1, and owned by a scope that is loaded: what became of it is in base.
SELECT DISTINCT type, record FROM outbox
 WHERE settled = 0 AND state = 2 AND seq <= ?1 AND scope IN (SELECT id FROM scope WHERE state = 1);

-- name: replica_outbox_settle
UPDATE outbox SET settled = 1
 WHERE settled = 0 AND state = 2 AND seq <= ?1 AND scope IN (SELECT id FROM scope WHERE state = 1);

-- name: replica_outbox_reached_apart
-- The same of scopes that are not loaded, or not held.
SELECT DISTINCT type, record FROM outbox
 WHERE settled = 0 AND state = 2 AND seq <= ?1
   AND scope NOT IN (SELECT id FROM scope WHERE state = 1);

-- name: replica_outbox_without
-- Of scopes the device does not hold.
SELECT DISTINCT type, record FROM outbox
 WHERE settled = 0 AND state = 2 AND seq <= ?1 AND scope NOT IN (SELECT id FROM scope);

-- name: replica_outbox_abandon
UPDATE outbox SET settled = 1
 WHERE settled = 0 AND state = 2 AND seq <= ?1 AND scope NOT IN (SELECT id FROM scope);

-- name: replica_outbox_settle_record
UPDATE outbox SET settled = 1
 WHERE settled = 0 AND type = ?1 AND record = ?2 AND state = 2 AND seq <= ?3;

-- name: replica_outbox_unjudged_after
SELECT id, type, record, incarnation, counter, payload FROM outbox
 WHERE state < 2 AND incarnation = ?1 AND counter >= ?2 ORDER BY counter;

-- name: replica_outbox_move
UPDATE outbox SET incarnation = ?2, counter = ?3, payload = ?4, state = 0 WHERE id = ?1;

-- name: replica_outbox_forgotten
-- What a restored server lost: judged above the number ?3, or beyond the counter ?2 of incarnation ?1.
SELECT DISTINCT type, record FROM outbox
 WHERE state = 2 AND (seq > ?3 OR (incarnation = ?1 AND counter > ?2));

-- name: replica_outbox_resend
-- As above. What had become a draft is not laid over the records again.
UPDATE outbox SET state = 0, settled = draft <> 0, verdict = 0, reason = 0, field = 0, seq = 0,
       judged_ms = NULL
 WHERE state = 2 AND (seq > ?3 OR (incarnation = ?1 AND counter > ?2));

-- name: replica_outbox_counts
SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1)
  FROM outbox WHERE state < 2;

-- name: replica_outbox_scope_busy
SELECT EXISTS (SELECT 1 FROM outbox WHERE state < 2 AND scope = ?1);

-- name: replica_outbox_pending_in
SELECT DISTINCT type, record FROM outbox WHERE settled = 0 AND scope = ?1;

-- name: replica_outbox_purge
DELETE FROM outbox WHERE scope = ?1;

-- name: replica_outbox_expire
DELETE FROM outbox WHERE state = 2 AND settled = 1 AND draft <> 1 AND judged_ms < ?1;

-- name: replica_outbox_history_count
SELECT count(*) FROM outbox WHERE type = ?1 AND record = ?2;

-- name: replica_outbox_history
SELECT state, made_ms, verdict, reason, field, seq, judged_ms, type, record, incarnation, counter, payload,
       words
  FROM outbox WHERE type = ?1 AND record = ?2 ORDER BY id;

-- name: replica_draft_count
SELECT count(*) FROM outbox WHERE draft = 1;

-- name: replica_draft_list
SELECT id, reason, field, made_ms, type, record, incarnation, counter, payload, words FROM outbox
 WHERE draft = 1 ORDER BY id;

-- name: replica_draft_get
SELECT reason, type, record, incarnation, counter, payload FROM outbox WHERE draft = 1 AND id = ?1;

-- name: replica_draft_dependents
SELECT id, type, record, incarnation, counter, payload FROM outbox
 WHERE draft = 1 AND reason = ?1 ORDER BY id;

-- name: replica_draft_duplicate
-- The create of a record that was refused because there was one already; ?3 is that reason.
SELECT type, record, incarnation, counter, payload FROM outbox
 WHERE type = ?1 AND record = ?2 AND reason = ?3 AND draft <> 0 ORDER BY id DESC LIMIT 1;

-- name: replica_draft_close
UPDATE outbox SET draft = 2 WHERE draft = 1 AND id = ?1;

-- name: replica_scope_count
SELECT count(*) FROM scope;

-- name: replica_scope_list
SELECT id, generation, state FROM scope ORDER BY id;

-- The first school of the device, of which something may be entered here.
-- name: replica_scope_school
SELECT id FROM scope WHERE state <> 2 AND substr(id, 1, 15) <> zeroblob(15) ORDER BY id LIMIT 1;

-- name: replica_scope_leaving
SELECT id FROM scope WHERE state = 2;

-- name: replica_scope_get
SELECT generation, state, snapshot, chunk, mark FROM scope WHERE id = ?1;

-- name: replica_scope_put
INSERT INTO scope (id, generation, state) VALUES (?1, ?2, ?3)
ON CONFLICT (id) DO UPDATE SET generation = ?2, state = ?3, snapshot = 0, chunk = 0, mark = 0;

-- name: replica_scope_drop
DELETE FROM scope WHERE id = ?1;

-- name: replica_scope_reload
UPDATE scope SET state = 0, snapshot = 0, chunk = 0, mark = 0 WHERE state = 1;

-- name: replica_scope_next
SELECT id, snapshot, chunk FROM scope WHERE state = 0 ORDER BY mark = 0, id LIMIT 1;

-- name: replica_scope_begin
UPDATE scope SET snapshot = ?2, chunk = 0, mark = ?3 WHERE id = ?1;

-- name: replica_scope_chunk
UPDATE scope SET chunk = ?2 WHERE id = ?1;

-- name: replica_scope_live
UPDATE scope SET state = 1, snapshot = 0, chunk = 0 WHERE id = ?1;

-- name: replica_scope_any
SELECT EXISTS (SELECT 1 FROM scope WHERE state = ?1);

-- name: replica_pragmas
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA cache_size = -8192;
PRAGMA temp_store = MEMORY;

-- name: replica_begin_write
BEGIN IMMEDIATE;

-- name: replica_begin_read
BEGIN;

-- name: replica_commit
COMMIT;

-- name: replica_rollback
ROLLBACK;

-- name: replica_shrink
PRAGMA wal_checkpoint(TRUNCATE);
VACUUM;
PRAGMA wal_checkpoint(TRUNCATE);

-- name: replica_format_get
PRAGMA user_version;

-- name: replica_format_set
PRAGMA user_version = 6;

-- name: replica_table_names
SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'unknown_*';

-- name: replica_table_text
SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1;
