-- Disposal as practicumd dispose asks for it (sql/migrations/0060_disposal.sql).

-- name: dispose_rules
-- The retention sets that the district has adopted, as report_rules has those of reports.
SELECT domain, jurisdiction, version, starts_on, ends_on, coalesce(parameters, '{}')
  FROM rule_set
 WHERE NOT deleted AND state = 'approved' AND domain = 'retention'
 ORDER BY id;

-- name: dispose_open
-- The disposal that has not ended.
SELECT replace(id::text, '-', '') FROM disposal WHERE ended IS NULL;

-- name: dispose_transaction
BEGIN;

-- name: dispose_forget
ROLLBACK;

-- name: dispose_keep
COMMIT;

-- name: dispose_begin
SELECT replace(disposal_begin($1::text, $2::date, $3::uuid, $4::text, $5::text, $6::text,
                              $7::text::jsonb)::text, '-', '');

-- name: dispose_relist
SELECT disposal_relist((SELECT id FROM disposal WHERE ended IS NULL), $1::integer[], $2::uuid[]);

-- name: dispose_step
SELECT disposal_step($1::uuid, $2::bigint::integer, $3::bigint::integer);

-- name: dispose_student
-- $1: the id of a student or the first digits of it, or the number; with what stays although it names them.
SELECT s.id, count(*) OVER ()
  FROM student s
 WHERE replace(s.id::text, '-', '') LIKE $1::text || '%' AND length($1::text) >= 4 OR s.identifier = $1::text
 LIMIT 2;

-- name: dispose_counts
-- Of the disposal that begins with $1, or the one that has not ended: type, rule, what became of it, how many.
SELECT i.record_type::bigint, i.rule, coalesce(i.held, ''), count(*),
       count(*) FILTER (WHERE i.seq IS NOT NULL)
  FROM disposal_item i
  JOIN disposal d ON d.id = i.disposal
 WHERE CASE $1::text WHEN '' THEN d.ended IS NULL ELSE replace(d.id::text, '-', '') LIKE $1::text || '%' END
 GROUP BY i.record_type, i.rule, i.held
 ORDER BY i.record_type, i.held NULLS FIRST, i.rule;

-- name: dispose_certificate
-- Those whose id begins with $1, oldest first: with the place of its event in the audit and its list hashed anew.
SELECT replace(d.id::text, '-', ''), d.kind, d.as_of::text, d.rules, d.ordered_by, d.reason,
       to_char(d.begun AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
       coalesce(to_char(d.ended AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), 'not yet'),
       (SELECT count(*) FROM disposal_item i WHERE i.disposal = d.id AND i.seq IS NOT NULL)::text,
       coalesce(encode(d.digest, 'hex'), ''),
       CASE WHEN d.digest = (SELECT sha256(convert_to(coalesce(string_agg(l, E'\n' ORDER BY nr), ''), 'UTF8'))
                               FROM disposal_list(d.id) WITH ORDINALITY AS x (l, nr))
            THEN 'as it was hashed' WHEN d.digest IS NULL THEN '' ELSE 'CHANGED SINCE' END,
       coalesce((SELECT e.number FROM audit_event e
                  WHERE e.object_id = d.id AND e.kind = 'disposal')::text, ''),
       coalesce(replace(d.student_id::text, '-', ''), '')
  FROM disposal d
 WHERE replace(d.id::text, '-', '') LIKE $1::text || '%'
 ORDER BY d.begun;

-- name: dispose_list
-- Everything that was ever disposed of.
SELECT record_type || ' ' || replace(record_id::text, '-', '')
  FROM (SELECT DISTINCT record_type, record_id FROM disposal_item WHERE seq IS NOT NULL) AS x
 ORDER BY record_type, record_id;

-- name: dispose_students
SELECT disposal_students($1::uuid);

-- name: dispose_head
-- How far refused input that is read after this is complete.
SELECT head FROM sync_head WHERE shard = 0;

-- name: dispose_closed
-- Refused input that is sealed and was not looked through: its id and the value.
SELECT rejected, payload FROM disposal_closed($1::uuid);

-- name: dispose_add_closed
-- $2: of these, $3: each about this student; all up to $4 was looked through.
SELECT disposal_add_closed($1::uuid, $2::uuid[], $3::uuid[], $4::bigint);
