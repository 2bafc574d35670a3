-- A new pepper takes the place of an older one, person by person. $1 is the newest version.

-- name: pepper_rehash
-- The same password under another pepper: who is signed in stays so. $4: the password as it was stored.
UPDATE user_password SET password = $2::text, pepper = $3::bigint
 WHERE user_id = $1::uuid AND password = $4::text;

-- name: pepper_left
-- Who signs in with a password, a card or an authenticator under an older one.
SELECT u.login, EXISTS (SELECT FROM card k WHERE k.user_id = u.id),
       coalesce(c.pepper < $1::bigint AND c.password <> '', false), coalesce(f.pepper < $1::bigint, false)
  FROM app_user u
  LEFT JOIN user_password c ON c.user_id = u.id
  LEFT JOIN second_factor f ON f.user_id = u.id
 WHERE u.disabled IS NULL
   AND (c.pepper < $1::bigint AND c.password <> '' OR f.pepper < $1::bigint)
 ORDER BY u.login;

-- name: pepper_end
-- What stands under an older one proves nothing any more; of who is disabled, too.
WITH gone AS (
	DELETE FROM user_password WHERE pepper < $1::bigint
	RETURNING user_id
), factor AS (
	DELETE FROM second_factor WHERE pepper < $1::bigint
	RETURNING user_id
)
UPDATE user_session s SET ended = now()
 WHERE s.ended IS NULL
   AND s.user_id IN (SELECT user_id FROM gone UNION ALL SELECT user_id FROM factor);

-- name: audit_pepper
-- $1: what happened to the peppers.
SELECT audit_event('pepper', 'done', NULL, NULL, NULL, NULL, NULL, $1::text);
