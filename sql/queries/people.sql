-- People who sign in, and what they may do.

-- name: people_exist
SELECT EXISTS (SELECT FROM app_user);

-- name: people_try
-- Counts the try before anybody knows whether it is right, so that racing tries count too. $1: device,
-- $2: login. No row: too soon after the last one.
INSERT INTO sign_in_delay AS d (device_id, login, n_failed, again)
VALUES ($1::uuid, $2::text, 1, now() + interval '1 s')
ON CONFLICT (device_id, login) DO UPDATE
   SET n_failed = least(d.n_failed + 1, 10),
       again = now() + least(interval '1 s' * (1 << d.n_failed), interval '5 min')
 WHERE d.again <= now()
RETURNING n_failed;

-- name: people_again
-- Seconds until a try counts.
SELECT greatest(1, ceil(extract(epoch FROM again - now())))::bigint
  FROM sign_in_delay
 WHERE device_id = $1::uuid AND login = $2::text;

-- name: people_try_sweep
DELETE FROM sign_in_delay
 WHERE again < now() - interval '1 day';

-- name: people_secrets
-- What proves who somebody is. $2: are the roles that need a factor, as numbers. Nobody: no row.
SELECT u.id, coalesce(c.password, ''), coalesce(c.pepper, 0), f.salt, coalesce(f.pepper, 0),
       coalesce(f.last_step, 0),
       EXISTS (SELECT FROM live_membership m
                WHERE m.user_id = u.id AND m.role = ANY ($2::bigint[]) AND m.valid_from <= now()
                  AND (m.valid_until IS NULL OR m.valid_until > now())),
       i.provider = 'card'
  FROM identity i
  JOIN app_user u ON u.id = i.user_id AND u.disabled IS NULL
  LEFT JOIN user_password c ON c.user_id = u.id
  LEFT JOIN second_factor f ON f.user_id = u.id
 WHERE i.provider IN ('local', 'card') AND i.external_id = $1::text;

-- name: people_code
-- Counts the try of a one-time code; nobody's, or one without tries left: no row.
UPDATE reset_code r
   SET attempts = attempts + 1
  FROM identity i
 WHERE i.provider = 'local' AND i.external_id = $1::text AND r.user_id = i.user_id
   AND r.attempts < 5 AND r.expires > now()
RETURNING r.key;

-- name: people_code_password
-- With the code goes the password it stands for. $4: the code's key; only one of two racing tries gets a
-- row.
WITH used AS (
	DELETE FROM reset_code
	 WHERE user_id = $1::uuid AND key = $4::bytea
	RETURNING user_id
)
INSERT INTO user_password (user_id, password, pepper)
SELECT user_id, $2::text, $3::bigint
  FROM used
ON CONFLICT (user_id) DO UPDATE
   SET password = excluded.password, pepper = excluded.pepper, changed = now()
RETURNING user_id;

-- name: people_password
-- $4: the password that was shown, as it is stored.
UPDATE user_password SET password = $2::text, pepper = $3::bigint, changed = now()
 WHERE user_id = $1::uuid AND password = $4::text
RETURNING user_id;

-- name: people_credential
SELECT c.password, c.pepper, u.login
  FROM user_password c
  JOIN app_user u ON u.id = c.user_id
 WHERE c.user_id = $1::uuid;

-- name: people_factor
INSERT INTO second_factor (user_id, salt, pepper)
VALUES ($1::uuid, $2::bytea, $3::bigint)
ON CONFLICT (user_id) DO UPDATE
   SET salt = excluded.salt, pepper = excluded.pepper, last_step = 0;

-- name: people_factor_renew
-- $4: the salt of the secret that was shown; of two that race, one gets a row.
UPDATE second_factor SET salt = $2::bytea, pepper = $3::bigint, last_step = 0
 WHERE user_id = $1::uuid AND salt = $4::bytea
RETURNING user_id;

-- name: people_factor_step
-- A code counts once: of two that race with the same one, one gets a row. $3: the salt of its secret, which is
-- another one after a renewal.
UPDATE second_factor SET last_step = $2::bigint
 WHERE user_id = $1::uuid AND salt = $3::bytea AND last_step < $2::bigint
RETURNING user_id;

-- name: people_try_forget
DELETE FROM sign_in_delay
 WHERE device_id = $1::uuid AND login = $2::text;

-- name: people_device
INSERT INTO user_device (user_id, device_id, public_key)
VALUES ($1::uuid, $2::uuid, $3::bytea)
ON CONFLICT (device_id, user_id, public_key) DO UPDATE SET last_seen = now();

-- name: people_session_new
-- $4: a second factor was shown.
INSERT INTO user_session (token, user_id, device_id, factor)
VALUES ($1::bytea, $2::uuid, $3::uuid, CASE WHEN $4::boolean THEN now() END);

-- name: people_session
-- Who is signed in: $1 SHA-256 of the session, $2 the device that shows it. $3 minutes idle end it, 12
-- hours in any case. Without a right that holds now nobody is anybody.
UPDATE user_session s
   SET last_used = now()
  FROM app_user u
 WHERE s.token = $1::bytea AND s.device_id = $2::uuid AND s.ended IS NULL
   AND s.last_used > now() - interval '1 minute' * $3::bigint AND s.started > now() - interval '12 hours'
   AND u.id = s.user_id AND u.disabled IS NULL
   AND EXISTS (SELECT FROM live_membership m
                WHERE m.user_id = u.id AND m.valid_from <= now()
                  AND (m.valid_until IS NULL OR m.valid_until > now()))
RETURNING s.user_id, coalesce(s.factor > now() - interval '5 minutes', false);

-- name: people_session_end
UPDATE user_session SET ended = now()
 WHERE token = $1::bytea AND device_id = $2::uuid AND ended IS NULL;

-- name: people_sign_out_lost
-- Who holds no right any more, as who left with a roster, is signed in nowhere. After $1 minutes idle a
-- session is none.
UPDATE user_session s SET ended = now()
 WHERE s.ended IS NULL AND s.last_used > now() - interval '1 minute' * $1::bigint
   AND NOT EXISTS (SELECT FROM live_membership m
                    WHERE m.user_id = s.user_id
                      AND (m.valid_until IS NULL OR m.valid_until > now()));

-- name: people_persons
-- $1: ids. Who may not sign in has no row.
SELECT u.id, u.login, u.name, coalesce(u.record_type, 0), u.record_id, c.changed
  FROM app_user u
  LEFT JOIN user_password c ON c.user_id = u.id
 WHERE u.id = ANY ($1::uuid[]) AND u.disabled IS NULL
   AND EXISTS (SELECT FROM live_membership m
                WHERE m.user_id = u.id AND (m.valid_until IS NULL OR m.valid_until > now()))
 ORDER BY u.id;

-- name: people_grants
-- What holds now or will.
SELECT m.user_id, m.role, m.scope, m.valid_from, m.valid_until
  FROM live_membership m
 WHERE m.user_id = ANY ($1::uuid[]) AND (m.valid_until IS NULL OR m.valid_until > now())
 ORDER BY m.user_id, m.role, m.scope;

-- name: people_attest
-- An attestation whose signature was checked; of a key that was never shown at a sign-in it is none.
INSERT INTO attestation (device_id, user_id, public_key, starts, ends, signature)
SELECT $1::uuid, $2::uuid, $3::bytea, $4::timestamptz, $5::timestamptz, $6::bytea
 WHERE EXISTS (SELECT FROM user_device d
                WHERE d.device_id = $1::uuid AND d.user_id = $2::uuid AND d.public_key = $3::bytea)
ON CONFLICT DO NOTHING;

-- name: people_at_device
-- Everybody who ever signed in on a device, also who may not any more: late work is judged by it.
SELECT DISTINCT u.id, coalesce(u.record_type, 0), u.record_id
  FROM user_device d
  JOIN app_user u ON u.id = d.user_id
 WHERE d.device_id = $1::uuid
 ORDER BY u.id;

-- name: people_rights_at_device
-- All their rights, also those that are over.
SELECT m.user_id, m.role, m.scope, m.valid_from, m.valid_until
  FROM live_membership m
 WHERE m.user_id IN (SELECT d.user_id FROM user_device d WHERE d.device_id = $1::uuid)
 ORDER BY m.user_id;

-- name: people_attested_at_device
-- When they were there. Work waits longer than a school year nowhere.
SELECT a.user_id, a.starts, a.ends
  FROM attestation a
 WHERE a.device_id = $1::uuid AND a.ends > now() - interval '400 days'
 ORDER BY a.user_id, a.starts;

-- name: people_session_roles
-- The roles that hold now of who is signed in; $1, $2 as in people_session.
SELECT DISTINCT m.role
  FROM user_session s
  JOIN live_membership m ON m.user_id = s.user_id
 WHERE s.token = $1::bytea AND s.device_id = $2::uuid AND s.ended IS NULL
   AND m.valid_from <= now() AND (m.valid_until IS NULL OR m.valid_until > now());

-- name: people_persons_here
-- As people_persons; of those only who ever signed in on the device $2.
SELECT u.id, u.login, u.name, coalesce(u.record_type, 0), u.record_id, c.changed
  FROM app_user u
  LEFT JOIN user_password c ON c.user_id = u.id
 WHERE u.id = ANY ($1::uuid[]) AND u.disabled IS NULL
   AND EXISTS (SELECT FROM user_device d WHERE d.user_id = u.id AND d.device_id = $2::uuid)
   AND EXISTS (SELECT FROM live_membership m
                WHERE m.user_id = u.id AND (m.valid_until IS NULL OR m.valid_until > now()))
 ORDER BY u.id;
