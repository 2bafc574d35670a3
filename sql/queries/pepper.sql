-- A new pepper takes the place of an older one, person by person. $1 is the newest version that the signer has; a
-- newer one in a table is of a file that is lost.

-- name: pepper_rehash
-- The same password under another pepper: who is signed in stays so. $4: the password as it was stored.
UPDATE user_password SET password = $2::text, pepper = $3::bigint
 WHERE user_id = $1::uuid AND password = $4::text;

-- name: pepper_left
-- Who signs in with a password, a card or an authenticator under another one.
SELECT u.login, EXISTS (SELECT FROM card k WHERE k.user_id = u.id),
       coalesce(c.pepper <> $1::bigint AND c.password <> '', false), coalesce(f.pepper <> $1::bigint, false)
  FROM app_user u
  LEFT JOIN user_password c ON c.user_id = u.id
  LEFT JOIN second_factor f ON f.user_id = u.id
 WHERE u.disabled IS NULL
   AND (c.pepper <> $1::bigint AND c.password <> '' OR f.pepper <> $1::bigint)
 ORDER BY u.login;

-- name: pepper_highest
SELECT greatest(0, (SELECT max(pepper) FROM user_password), (SELECT max(pepper) FROM second_factor))::bigint;

-- name: pepper_locked_out
-- Who has neither a password nor a code that counts: a code was lost, or is over.
SELECT u.login
  FROM app_user u
  JOIN identity i ON i.user_id = u.id AND i.provider = 'local'
 WHERE u.disabled IS NULL
   AND NOT EXISTS (SELECT FROM user_password c WHERE c.user_id = u.id)
   AND NOT EXISTS (SELECT FROM reset_code r
                    WHERE r.user_id = u.id AND r.attempts < 5 AND r.expires > now())
 ORDER BY u.login;

-- name: pepper_end
-- What stands under another one proves nothing any more; of who is disabled, too.
WITH gone AS (
	DELETE FROM user_password WHERE pepper <> $1::bigint
	RETURNING user_id
), factor AS (
	DELETE FROM second_factor WHERE pepper <> $1::bigint
	RETURNING user_id
)
UPDATE user_session s SET ended = now()
 WHERE s.ended IS NULL
   AND s.user_id IN (SELECT user_id FROM gone UNION ALL SELECT user_id FROM factor);

-- name: audit_pepper
-- $1: what happened to the peppers.
SELECT audit_event('pepper', 'done', NULL, NULL, NULL, NULL, NULL, $1::text);
