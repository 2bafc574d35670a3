-- Devices, their scopes and the codes that make them.

-- name: device_by_key
-- The device of a certificate. Here and in the two below $1 is SHA-256 of its public key.
SELECT d.id, d.district, d.revoked IS NOT NULL
  FROM device d
 WHERE d.spki = $1::bytea;

-- name: device_scopes
-- What a device of schools may hold, besides the reference data.
SELECT s.scope, s.generation
  FROM device d
  JOIN device_scope s ON s.device_id = d.id
 WHERE d.spki = $1::bytea AND NOT d.district AND s.granted
 ORDER BY s.scope;

-- name: device_school_scopes
-- What the district office may hold, besides its own and the reference data: every school there is.
-- $2: the scope of reference data, $3: record type number of schools.
SELECT f.record_id, 1
  FROM feed f
 WHERE f.scope = $2::uuid AND f.record_type = $3::bigint AND f.gone = 0
   AND EXISTS (SELECT FROM device d WHERE d.spki = $1::bytea AND d.district)
 ORDER BY f.record_id;

-- name: device_pass
SELECT read_pass($1::bytea);

-- name: device_seen
UPDATE device SET last_seen = now()
 WHERE id = ANY ($1::uuid[]);

-- name: device_version
-- What others may have changed under a server: rights, when a device did or reference data, in which
-- a school may be new; the epoch; the head, which other servers move; who may do what, as a number that
-- differs when it does; whether the numbers are some cluster's, or nobody's since practicumd epoch.
-- $1: the scope of reference data.
SELECT v.version, coalesce((SELECT max(f.seq) FROM feed f WHERE f.scope = $1::uuid), 0),
       h.epoch, h.head, EXISTS (SELECT FROM app_user),
       (SELECT p.version FROM people_version p WHERE p.shard = 0) # coalesce((
	SELECT hashtextextended(string_agg(l.user_id::text, ',' ORDER BY l.user_id), 0)
	  FROM left_user l), 0),
       h.system_id IS NOT NULL
  FROM device_version v
  JOIN sync_head h ON h.shard = v.shard
 WHERE v.shard = 0;

-- name: device_counter
-- One row. How far the device's mutations are judged, and the number after which what it was told in
-- epoch $3 never happened here. An epoch that this database never had: all of it is in doubt, 0.
SELECT coalesce((SELECT c.last_counter FROM device_counter c
                  WHERE c.device_id = $1::uuid AND c.incarnation = $2::bigint), 0),
       coalesce((SELECT min(later.began_after)
                   FROM sync_epoch known JOIN sync_epoch later ON later.ordinal > known.ordinal
                  WHERE known.epoch = $3::bigint), 0);

-- name: device_renew
-- A certificate for device $1 with key $2, until $3, of authority $4. No row: it may have none.
UPDATE device SET not_after = $3::timestamptz, authority = $4::bytea
 WHERE id = $1::uuid AND spki = $2::bytea AND revoked IS NULL
RETURNING id, audit_event('renewal', 'done', NULL, id, 'device', id, NULL, label);

-- name: device_of_other_authority
-- Devices that may still come with a certificate of another authority than $1.
SELECT count(*) FROM device
 WHERE revoked IS NULL AND not_after > now() - interval '400 days' AND authority IS DISTINCT FROM $1::bytea;

-- name: device_list
SELECT d.id, d.label, d.person, d.district, d.enrolled, d.last_seen, d.not_after, d.revoked, d.purged,
       coalesce(d.purge_lost, 0),
       (SELECT count(*) FROM device_scope s WHERE s.device_id = d.id AND NOT s.granted AND s.purged IS NULL),
       d.disk
  FROM device d
 ORDER BY d.enrolled;

-- name: device_purged
-- The receipt of a revoked device, once. $1: device, $2: entries that were lost.
UPDATE device SET purged = now(), purge_lost = $2::bigint
 WHERE id = $1::uuid AND revoked IS NOT NULL AND purged IS NULL
RETURNING id, audit_event('purge', 'done', NULL, id, 'device', id, NULL,
                          label || ': replica erased, and with it unjudged entries: ' || $2::bigint);

-- name: device_scopes_purged
-- The receipt of device $1 for schools $2, once for each.
UPDATE device_scope SET purged = now()
 WHERE device_id = $1::uuid AND scope = ANY ($2::uuid[]) AND NOT granted AND purged IS NULL
RETURNING scope, audit_event('purge', 'done', NULL, device_id, 'school', scope, scope,
                             'records of the school erased');

-- name: device_scope_revoke
-- Takes school $2 from the device that $1, an id or the beginning of it, names.
WITH found AS (
	SELECT id, label FROM device WHERE left(id::text, length($1::text)) = $1::text
), taken AS (
	UPDATE device_scope s SET granted = false, purged = NULL
	  FROM found f
	 WHERE s.device_id = f.id AND s.scope = $2::uuid AND s.granted AND (SELECT count(*) FROM found) = 1
	RETURNING f.id, f.label, s.scope
)
SELECT id, label, audit_event('revocation', 'done', NULL, id, 'school', scope, scope, label)
  FROM taken;

-- name: device_scope_grant
-- Gives it one, or gives it back: as a later generation, so that the device loads it anew.
WITH found AS (
	SELECT id, label FROM device
	 WHERE left(id::text, length($1::text)) = $1::text AND NOT district AND revoked IS NULL
), given AS (
	INSERT INTO device_scope AS s (device_id, scope)
	SELECT f.id, $2::uuid FROM found f WHERE (SELECT count(*) FROM found) = 1
	ON CONFLICT (device_id, scope) DO UPDATE SET granted = true, generation = s.generation + 1, purged = NULL
	 WHERE NOT s.granted
	RETURNING s.device_id, s.scope
)
SELECT f.id, f.label, audit_event('grant', 'done', NULL, f.id, 'school', g.scope, g.scope, f.label)
  FROM given g JOIN found f ON f.id = g.device_id;

-- name: device_revoke
-- $1: the id or the beginning of it. Two rows: the beginning is not enough.
WITH found AS (
	SELECT id FROM device WHERE left(id::text, length($1::text)) = $1::text
)
UPDATE device SET revoked = coalesce(revoked, now())
 WHERE id IN (SELECT id FROM found) AND (SELECT count(*) FROM found) = 1
RETURNING id, label, audit_event('revocation', 'done', NULL, id, 'device', id, NULL, label);

-- name: code_insert
INSERT INTO enrollment_code (lookup, key, district, schools, label, person, expires, device_id)
VALUES ($1::text, $2::bytea, $3::boolean, $4::uuid[], $5::text, $6::text, $7::timestamptz, $8::uuid)
RETURNING audit_event('enrollment_code', 'done', NULL, device_id, 'enrollment_code', NULL, NULL,
                      'code ' || lookup || ' for ' || label);

-- name: code_sweep
-- A lookup id may be used again a month after its code is over.
DELETE FROM enrollment_code
 WHERE expires < now() - interval '30 days';

-- name: code_try
-- Counts the try before anybody knows whether the proof is right, so that racing tries count too.
-- $1: lookup. No row: no such code, or no tries left, or over.
UPDATE enrollment_code c
   SET attempts = attempts + 1
 WHERE c.lookup = $1::text AND c.frozen IS NULL AND c.attempts < 5
   AND CASE WHEN c.used IS NULL THEN c.expires > now()
            ELSE c.used > now() - interval '15 minutes' END
RETURNING c.key, c.label, c.person, c.device_id, c.used IS NOT NULL, coalesce(c.certificate, '');

-- name: code_use
-- The device that a code makes, with its schools: a row for the first request, none for others.
-- $1: lookup; $2: SHA-256 of the request; $3: certificate; $4: SHA-256 of its key; $5: its end; $6: SHA-256
-- of the authority's key; $7: what the device says of its disk.
WITH used AS (
	UPDATE enrollment_code
	   SET used = now(), csr_hash = $2::bytea, certificate = $3::text
	 WHERE lookup = $1::text AND used IS NULL AND frozen IS NULL AND expires > now()
	RETURNING device_id, label, person, district, schools
), made AS (
	INSERT INTO device (id, label, person, district, spki, not_after, authority, disk)
	SELECT u.device_id, u.label, u.person, u.district, $4::bytea, $5::timestamptz, $6::bytea,
	       $7::text
	  FROM used u
	RETURNING id, label
), granted AS (
	INSERT INTO device_scope (device_id, scope)
	SELECT u.device_id, unnest(u.schools)
	  FROM used u
)
SELECT id, audit_event('enrollment', 'done', NULL, id, 'device', id, NULL, label)
  FROM made;

-- name: code_freeze
-- A used code in other hands: an alarm.
UPDATE enrollment_code SET frozen = now()
 WHERE lookup = $1::text AND frozen IS NULL
RETURNING audit_event('alarm', 'refused', NULL, device_id, 'enrollment_code', NULL, NULL,
                      'code ' || lookup || ' for ' || label || ' was used by a second device');

-- name: code_school
-- $1: what a person calls a school: its id, its district or NCES number, or its name.
SELECT s.id, s.name
  FROM school s
 WHERE NOT s.deleted
   AND ($1::text IN (s.id::text, s.code, s.nces_id) OR lower(s.name) = lower($1::text));

-- name: epoch_new
-- Another life of the data; which cluster it lives in is claimed at the next start. As in 0001_sync.
-- The head jumps over every number the lost part may have used: a station that saw one of them must
-- not pass for having seen what gets it now. It goes to the microseconds since 2026, so that a life begun
-- later has the larger numbers also when both began with the same backup; by a fixed step where the
-- clock is behind. A server that runs hears of it (server/sync/notice.h).
WITH begun AS (
	INSERT INTO sync_epoch (epoch, began_after)
	SELECT ('x' || encode(substr(uuid_send(gen_random_uuid()), 9, 8), 'hex'))::bit(64)::bigint
	       & 9223372036854775807 | 1, head
	  FROM sync_head WHERE shard = 0
	RETURNING epoch, began_after
)
UPDATE sync_head
   SET epoch = begun.epoch, head = CASE WHEN micros > head THEN micros ELSE head + 1000000000 END,
       system_id = NULL, timeline = NULL
  FROM begun,
       (SELECT (extract(epoch FROM clock_timestamp() - timestamptz '2026-01-01 00:00:00+00') * 1000000)::bigint) AS clock (micros)
 WHERE shard = 0
RETURNING sync_head.epoch, audit_event('restore', 'done', NULL, NULL, 'sync_head', NULL, NULL, 'new epoch'),
          pg_notify('practicum_commit', begun.began_after || ' ' || head || ' *');

-- name: epoch_keep
UPDATE sync_head SET system_id = NULL, timeline = NULL
 WHERE shard = 0
RETURNING epoch, audit_event('restore', 'done', NULL, NULL, 'sync_head', NULL, NULL, 'nothing lost');

-- name: status
SELECT h.epoch, h.head,
       (SELECT count(*) FROM device d WHERE d.revoked IS NULL),
       (SELECT count(*) FROM enrollment_code c
         WHERE c.used IS NULL AND c.frozen IS NULL AND c.expires > now()),
       (SELECT count(*) FROM mutation),
       (SELECT coalesce(max(m.number), 0) FROM schema_migration m)::bigint
  FROM sync_head h
 WHERE h.shard = 0;
