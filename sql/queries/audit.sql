-- The audit as practicumd audit reads it (sql/migrations/0034_audit.sql, 0064_chain.sql). What is hashed is
-- put together here once more, from the rows.

-- name: audit_heads
SELECT chain, number, hash
  FROM audit_head
 ORDER BY chain;

-- name: audit_events
-- The next events behind number $1: what was hashed, the hash, and words that name the event.
SELECT e.number,
       jsonb_build_array(e.number, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               e.kind, e.outcome, e.actor, e.device, e.object_type, e.object_id, e.scope, e.detail,
               e.students, e.party, e.purpose)::text,
       e.hash, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' ' || e.kind
  FROM audit_event e
 WHERE e.number > $1::bigint
 ORDER BY e.number
 LIMIT 10000;

-- name: audit_batches
-- The same of the batches of mutations; a batch is named by how many mutations there are and were. A page is as
-- many batches as begin within 20,000 mutations, since one has up to 1,024 of 132 bytes.
WITH page AS (
	SELECT number, batch, n_rows, hash
	  FROM (SELECT number, batch, n_rows, hash, sum(n_rows) OVER (ORDER BY number) - n_rows AS n_before
	          FROM (SELECT *
	                  FROM mutation_chain
	                 WHERE number > $1::bigint
	                 ORDER BY number
	                 LIMIT 10000) AS next) AS counted
	 WHERE n_before < 20000
), bodies AS (
	SELECT m.batch, count(*) AS n,
	       string_agg(uuid_send(m.device_id) || int8send(m.incarnation) || int8send(m.counter)
	               || int8send(m.seq) || int4send(m.record_type) || uuid_send(m.record_id)
	               || uuid_send(m.person) || int4send(m.field) || int2send(m.verdict)
	               || int2send(m.reason) || int8send((extract(epoch FROM m.client_time) * 1000)::bigint)
	               || int8send((extract(epoch FROM m.received) * 1000)::bigint) || m.payload_hash,
	               ''::bytea ORDER BY m.device_id, m.incarnation, m.counter) AS body
	  FROM mutation m
	 WHERE m.batch BETWEEN (SELECT min(batch) FROM page) AND (SELECT max(batch) FROM page)
	 GROUP BY m.batch
)
SELECT p.number, int8send(p.batch) || coalesce(b.body, ''), p.hash,
       'batch ' || p.batch || ', ' || coalesce(b.n, 0) || ' of ' || p.n_rows || ' mutations'
  FROM page p
  LEFT JOIN bodies b USING (batch)
 ORDER BY p.number;

-- name: audit_list
-- The newest events, oldest first. $1: who, by login, label of a device, or the id of either; $2: what, an
-- object or a student; $3: since when; each may be null.
SELECT e.number, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at,
       e.kind || CASE WHEN e.outcome = 'done' THEN '' ELSE ', ' || e.outcome END AS what,
       CASE WHEN e.actor IS NOT NULL THEN coalesce(u.login, replace(e.actor::text, '-', ''))
            WHEN e.device IS NULL THEN 'console' ELSE '' END AS who,
       CASE WHEN e.device IS NULL THEN '' ELSE coalesce(d.label, replace(e.device::text, '-', '')) END AS device,
       CASE WHEN e.object_type = 'user' THEN coalesce(o.login, '')
            WHEN e.object_type IS NULL THEN ''
            ELSE e.object_type || coalesce(' ' || replace(e.object_id::text, '-', ''), '') END AS about,
       e.detail
  FROM (SELECT *
          FROM audit_event
         WHERE ($1::text IS NULL
                OR actor IN (SELECT id FROM app_user WHERE login = lower($1::text)
                                                        OR replace(id::text, '-', '') = replace(lower($1::text), '-', ''))
                OR device IN (SELECT id FROM device WHERE label = $1::text
                                                       OR replace(id::text, '-', '') = replace(lower($1::text), '-', '')))
           AND ($2::uuid IS NULL OR object_id = $2::uuid OR students @> ARRAY[$2::uuid])
           AND ($3::timestamptz IS NULL OR at >= $3::timestamptz)
         ORDER BY number DESC
         LIMIT 1000) AS e
  LEFT JOIN app_user u ON u.id = e.actor
  LEFT JOIN app_user o ON o.id = e.object_id
  LEFT JOIN device d ON d.id = e.device
 ORDER BY e.number;

-- name: audit_note
-- What a call does that writes no row by itself. $3: person or null; $4: device; $5, $6: of what, may be
-- null.
SELECT audit_event($1::text, $2::text, $3::uuid, $4::uuid, $5::text, $6::uuid, NULL, $7::text);

-- name: audit_sign_in_refused
-- $1: device; $2: the login that was tried; $3: how many tries failed by now. Who types a password for
-- a name shall not find it here: a name that nobody has is not kept.
SELECT audit_event(CASE WHEN $3::bigint >= 5 THEN 'lockout' ELSE 'sign_in' END, 'refused', u.id, $1::uuid,
                   'user', u.id, NULL,
                   CASE WHEN u.id IS NULL THEN 'a name that nobody has'
                        ELSE 'failure ' || $3::bigint || ' on this device' END)
  FROM (SELECT $2::text AS login) AS tried
  LEFT JOIN app_user u ON u.login = tried.login;

-- name: audit_configuration
-- $1: digest of what holds now; $2: in words. Nothing when it is what the last event says.
SELECT audit_event('configuration', 'done', NULL, NULL, 'server', NULL, NULL, $1::text || ' ' || $2::text)
 WHERE NOT starts_with(coalesce((SELECT e.detail FROM audit_event e WHERE e.kind = 'configuration'
                                  ORDER BY e.number DESC LIMIT 1), ''), $1::text);

-- name: audit_disclosures
-- To whom records of one student went (34 CFR 99.32), and who of the staff looked at them.
SELECT d.number, to_char(d.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, d.kind,
       coalesce(u.login, '') AS who, coalesce(v.label, '') AS device, coalesce(d.party, '') AS party,
       coalesce(d.purpose, '') AS purpose, d.detail
  FROM audit_student d
  LEFT JOIN app_user u ON u.id = d.actor
  LEFT JOIN device v ON v.id = d.device
 WHERE d.student_id = $1::uuid
 ORDER BY d.number;

-- name: audit_authority
-- A step in which one authority follows another. $1: its name.
SELECT audit_event('authority', 'done', NULL, NULL, NULL, NULL, NULL, $1::text);

-- name: audit_sign
-- Head $2 of chain $1 with hash $3 and the authority's signature $4.
INSERT INTO audit_signed (chain, number, hash, signature)
VALUES ($1::text, $2::bigint, $3::bytea, $4::bytea)
ON CONFLICT (chain, number) DO NOTHING;
