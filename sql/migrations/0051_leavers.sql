-- Who left with a roster loses access: what of it the database decides.

-- Stays although a roster names them no more.
ALTER TABLE staff ADD COLUMN kept boolean;
COMMENT ON COLUMN staff.kept IS 'Stays, and keeps access, although a roster names them no more.';

-- People whose staff record is not active any more: an applied roster does that, or somebody. 6: staff.
CREATE VIEW left_user AS
SELECT u.id AS user_id
  FROM app_user u
  LEFT JOIN staff s ON s.id = u.record_id
 WHERE u.record_type = 6 AND (s.deleted OR s.state IS DISTINCT FROM 'active');

-- What holds. Who left may do nothing from now on, whatever rows there are; when the record is active again,
-- what was granted counts again. The last administrator stays one, so that somebody can put it right.
-- 9: administrator.
CREATE OR REPLACE VIEW live_membership AS
SELECT m.id, m.user_id, m.role, m.scope, m.valid_from,
       least(m.valid_until, u.disabled,
	     CASE WHEN l.user_id IS NOT NULL AND (m.role <> 9 OR EXISTS (
		SELECT FROM membership o
		  JOIN app_user p ON p.id = o.user_id AND p.disabled IS NULL
		 WHERE o.role = 9 AND o.user_id <> m.user_id AND o.valid_from <= now()
		   AND (o.valid_until IS NULL OR o.valid_until > now())
		   AND o.user_id NOT IN (SELECT user_id FROM left_user))) THEN now() END) AS valid_until
  FROM membership m
  JOIN app_user u ON u.id = m.user_id
  LEFT JOIN left_user l ON l.user_id = m.user_id;
