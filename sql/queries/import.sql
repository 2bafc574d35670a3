-- Staging of bulk imports (server/staging). Stages by number: 1 receiving, 2 checking, 3 applying,
-- 4 done, 5 refused, 6 reversing.

-- name: import_lock
-- One server works on imports at a time; the lock goes with the connection.
SELECT pg_try_advisory_lock(hashtextextended('practicum import', 0));

-- name: import_open
INSERT INTO import (import_id, device_id, incarnation, person, stage, label, files)
VALUES ($1::uuid, $2::uuid, $3::bigint, $4::uuid, 1, $5::text, $6::text[])
ON CONFLICT (import_id) DO NOTHING;

-- name: import_take
-- A part that is not the next one, or not of this device's and person's import, changes nothing. $3: part,
-- $4: rows in it, $5: is it the last? $6: its rows. $7: the person, or nil.
WITH head AS (
	UPDATE import
	   SET n_parts = n_parts + 1, n_rows = n_rows + $4::bigint, touched = now(),
	       stage = CASE WHEN $5::boolean THEN 2 ELSE 1 END
	 WHERE import_id = $1::uuid AND device_id = $2::uuid AND person = $7::uuid AND stage = 1
	   AND n_parts = $3::bigint
	RETURNING import_id, n_parts
)
INSERT INTO import_part (import_id, part, rows)
SELECT import_id, n_parts - 1, $6::bytea FROM head;

-- name: import_state
SELECT i.import_id, i.device_id, i.stage, i.n_parts, i.n_rows, i.n_checked, i.n_applied, i.n_flaws,
       i.label, i.begun, coalesce(i.ended, 'epoch'), i.reverses, r.import_id, i.person
  FROM import i
  LEFT JOIN import r ON r.reverses = i.import_id
 WHERE i.import_id = $1::uuid;

-- name: import_list
SELECT i.import_id, i.device_id, i.stage, i.n_parts, i.n_rows, i.n_checked, i.n_applied, i.n_flaws,
       i.label, i.begun, coalesce(i.ended, 'epoch'), i.reverses, r.import_id
  FROM import i
  LEFT JOIN import r ON r.reverses = i.import_id
 ORDER BY i.begun DESC
 LIMIT 100;

-- name: import_flaws
-- $2: rows after this one; $3: how many, and what else the last row has.
SELECT f.row, coalesce(i.files[f.file + 1], ''), f.line, f.record_type, f.record_id, f.field,
       f.reason, f.text, f.kind
  FROM (SELECT *
          FROM import_flaw
         WHERE import_id = $1::uuid AND row > $2::bigint
         ORDER BY row
         FETCH FIRST ($3::bigint) ROWS WITH TIES) f
  JOIN import i USING (import_id)
 ORDER BY f.row, f.nr;

-- name: import_next
SELECT i.import_id, i.device_id, i.stage, i.n_parts, i.n_rows, i.done_parts, i.n_applied, i.person,
       i.undo_before, o.device_id, o.incarnation
  FROM import i
  LEFT JOIN import o ON o.import_id = i.reverses
 WHERE i.stage IN (2, 3, 6)
 ORDER BY i.begun
 LIMIT 1;

-- name: import_part
SELECT rows FROM import_part
 WHERE import_id = $1::uuid AND part = $2::bigint;

-- name: import_person
-- Who sent it, whose rights its rows are judged by. No row: a device by itself.
SELECT u.id, coalesce(u.record_type, 0), u.record_id
  FROM app_user u
 WHERE u.id = $1::uuid;

-- name: import_person_rights
-- All of the person's rights, also those that are over.
SELECT m.role, m.scope, m.valid_from, m.valid_until
  FROM live_membership m
 WHERE m.user_id = $1::uuid;

-- name: import_check_anew
TRUNCATE import_touched;

-- name: import_forget_flaws
DELETE FROM import_flaw WHERE import_id = $1::uuid;

-- name: import_uncheck
UPDATE import SET n_checked = 0, n_flaws = 0 WHERE import_id = $1::uuid;

-- name: import_known
-- Which of these records the import being checked is about already.
SELECT t.record_type, t.record_id, t.is_new
  FROM unnest($1::bigint[], $2::uuid[]) AS k (record_type, record_id)
  JOIN import_touched t ON t.record_id = k.record_id AND t.record_type = k.record_type;

-- name: import_touch
INSERT INTO import_touched (record_type, record_id, is_new)
SELECT * FROM unnest($1::integer[], $2::uuid[], $3::boolean[]);

-- name: import_write_flaws
-- The same rows again after a crash: nothing is doubled.
INSERT INTO import_flaw (import_id, row, file, line, record_type, record_id, field, reason, kind,
                         text, nr)
SELECT $1::uuid, *
  FROM unnest($2::bigint[], $3::integer[], $4::integer[], $5::integer[], $6::uuid[],
              $7::integer[], $8::integer[], $9::integer[], $10::text[], $11::integer[])
ON CONFLICT (import_id, row, nr) DO NOTHING;

-- name: import_checked
-- $2: rows checked so far; $3: flaws found in the last ones.
UPDATE import SET n_checked = $2::bigint, n_flaws = n_flaws + $3::bigint, touched = now()
 WHERE import_id = $1::uuid;

-- name: import_check_end
-- With a flaw nothing is applied.
UPDATE import
   SET stage = CASE WHEN n_flaws = 0 THEN 3 ELSE 5 END,
       ended = CASE WHEN n_flaws = 0 THEN NULL ELSE now() END
 WHERE import_id = $1::uuid
RETURNING stage;

-- name: import_applied
-- $2: parts that are done now; $3: rows in them; $4: flaws in the last one. Nothing when it was said
-- before.
UPDATE import
   SET done_parts = $2::bigint, n_applied = $3::bigint, n_flaws = n_flaws + $4::bigint,
       touched = now()
 WHERE import_id = $1::uuid AND done_parts < $2::bigint;

-- name: import_end
-- $2: the stage it ends in.
UPDATE import SET stage = $2::bigint, ended = now(), touched = now()
 WHERE import_id = $1::uuid AND ended IS NULL;

-- name: import_drop_parts
-- The mutations are in the table of that name; of an import that was refused nothing is left to do.
DELETE FROM import_part p USING import i
 WHERE i.import_id = $1::uuid AND p.import_id = i.import_id AND i.stage IN (4, 5);

-- name: import_sweep
-- What nobody went on sending.
DELETE FROM import
 WHERE stage = 1 AND touched < now() - interval '7 days';

-- name: import_reverse
-- Of an import that is done, once. $1: the reversal, $2: the import, $3: device, $4: incarnation,
-- $5: person.
INSERT INTO import (import_id, device_id, incarnation, person, stage, label, files, reverses,
                    undo_before)
SELECT $1::uuid, $3::uuid, $4::bigint, $5::uuid, 6, 'reversal of ' || o.label, '{}', o.import_id,
       o.n_rows + 1
  FROM import o
 WHERE o.import_id = $2::uuid AND o.stage = 4 AND o.reverses IS NULL
ON CONFLICT DO NOTHING;

-- name: import_done_rows
-- What an import did, from its end, but for what was disposed of since. $3: before this row; $4: how many.
SELECT counter, record_type, record_id, seq, verdict, payload
  FROM mutation
 WHERE device_id = $1::uuid AND incarnation = $2::bigint AND counter < $3::bigint AND payload <> ''
 ORDER BY counter DESC
 LIMIT $4::bigint;

-- name: import_undo_part
-- The next part of a reversal. $2: rows in it; $3: its rows, may be null; $4: rows of the original
-- from here on are dealt with; $5: flaws.
WITH head AS (
	UPDATE import
	   SET undo_before = $4::bigint, n_flaws = n_flaws + $5::bigint, touched = now(),
	       n_parts = n_parts + CASE WHEN $2::bigint > 0 THEN 1 ELSE 0 END,
	       n_rows = n_rows + $2::bigint
	 WHERE import_id = $1::uuid
	RETURNING import_id, n_parts
)
INSERT INTO import_part (import_id, part, rows)
SELECT import_id, n_parts - 1, $3::bytea FROM head
 WHERE $2::bigint > 0;
