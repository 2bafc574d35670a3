-- People as an operator sees and makes them.

-- name: user_insert
-- $5, $6: the record that the person is, or null.
INSERT INTO app_user (id, login, name, record_type, record_id)
VALUES ($1::uuid, $2::text, $3::text, $4::bigint, $5::uuid);

-- name: user_identity
INSERT INTO identity (provider, external_id, user_id)
VALUES ('local', $2::text, $1::uuid);

-- name: user_find
-- The one person with this login.
SELECT u.id, u.name, u.disabled IS NOT NULL
  FROM app_user u
 WHERE u.login = $1::text;

-- name: user_list
-- A row for each right that holds; a person without any has one row with a role of 0.
SELECT u.id, u.login, u.name, u.disabled IS NOT NULL, coalesce(m.role, 0),
       coalesce(s.name, CASE WHEN m.scope IS NOT NULL THEN 'district' END, ''),
       m.valid_until - interval '1 ms', -- the last day of it
       c.user_id IS NOT NULL,
       (SELECT max(us.last_used) FROM user_session us WHERE us.user_id = u.id)
  FROM app_user u
  LEFT JOIN live_membership m ON m.user_id = u.id AND m.valid_from <= now()
       AND (m.valid_until IS NULL OR m.valid_until > now())
  LEFT JOIN school s ON s.id = m.scope
  LEFT JOIN user_password c ON c.user_id = u.id
 ORDER BY u.login, m.role, 6;

-- name: user_grant
-- $2: role; $3: scope; $4: until or null; $5: login of who grants, or empty; $6: why. No row: nobody
-- has that login, or the person has this right already.
INSERT INTO membership (user_id, role, scope, valid_until, granted_by, reason)
SELECT u.id, $2::bigint, $3::uuid, $4::timestamptz, g.id, $6::text
  FROM app_user u
  LEFT JOIN app_user g ON g.login = $5::text
 WHERE u.login = $1::text AND ($5::text = '' OR g.id IS NOT NULL)
   AND NOT EXISTS (
	SELECT FROM membership m
	 WHERE m.user_id = u.id AND m.role = $2::bigint AND m.scope = $3::uuid
	   AND (m.valid_until IS NULL OR m.valid_until > now()))
RETURNING id;

-- name: user_ungrant
-- $3: scope; null: wherever the person has the role.
UPDATE membership m SET valid_until = now()
  FROM app_user u
 WHERE u.id = m.user_id AND u.login = $1::text AND m.role = $2::bigint
   AND ($3::uuid IS NULL OR m.scope = $3::uuid)
   AND (m.valid_until IS NULL OR m.valid_until > now())
RETURNING m.id;

-- name: user_disable
UPDATE app_user SET disabled = coalesce(disabled, now())
 WHERE login = $1::text
RETURNING id, name;

-- name: user_enable
UPDATE app_user SET disabled = NULL
 WHERE login = $1::text
RETURNING id, name;

-- name: user_code
-- A new code in place of the one before. $2: SHA-256 of the code's key.
INSERT INTO reset_code (user_id, key, expires)
SELECT u.id, $2::bytea, $3::timestamptz
  FROM app_user u
 WHERE u.login = $1::text AND u.disabled IS NULL
ON CONFLICT (user_id) DO UPDATE
   SET key = excluded.key, expires = excluded.expires, issued = now(), attempts = 0
RETURNING user_id;

-- name: user_forget
-- What proved who the person is proves nothing any more, and nobody is signed in with it.
WITH gone AS (
	DELETE FROM user_password c USING app_user u
	 WHERE u.id = c.user_id AND u.login = $1::text
), factor AS (
	DELETE FROM second_factor f USING app_user u
	 WHERE u.id = f.user_id AND u.login = $1::text
)
UPDATE user_session s SET ended = now()
  FROM app_user u
 WHERE u.id = s.user_id AND u.login = $1::text AND s.ended IS NULL;

-- name: user_sign_out
-- Of one person, or of everybody where $1 is empty: each session that is not over ends, with an event.
WITH gone AS (
	UPDATE user_session s SET ended = now()
	  FROM app_user u
	 WHERE u.id = s.user_id AND s.ended IS NULL AND $1::text IN ('', u.login)
	RETURNING s.user_id
)
SELECT count(*), count(DISTINCT user_id)
  FROM gone;

-- name: user_record
-- A staff member, student or supervisor by id or number; two rows: not enough to tell.
SELECT 6::bigint, s.id, s.given_name || ' ' || s.family_name
  FROM staff s
 WHERE $1::text = 'staff' AND NOT s.deleted AND $2::text IN (s.id::text, s.identifier)
 UNION ALL
SELECT 3, s.id, s.given_name || ' ' || s.family_name
  FROM student s
 WHERE $1::text = 'student' AND NOT s.deleted AND $2::text IN (s.id::text, s.identifier)
 UNION ALL
SELECT 10, s.id, s.given_name || ' ' || s.family_name
  FROM supervisor s
 WHERE $1::text = 'supervisor' AND NOT s.deleted AND $2::text = s.id::text;
