-- Cards of students (sql/migrations/0056_card.sql).

-- name: card_try
-- Counts the PIN before anybody knows whether it is right. $1: the card's login. No row: there is no such card,
-- or it is blocked.
UPDATE card c SET n_wrong = c.n_wrong + 1
  FROM identity i
 WHERE i.provider = 'card' AND i.external_id = $1::text AND c.user_id = i.user_id AND c.n_wrong < 5
RETURNING c.n_wrong;

-- name: card_right
UPDATE card SET n_wrong = 0
 WHERE user_id = $1::uuid AND n_wrong > 0;

-- name: card_make
-- The student's name; null: not theirs to do.
SELECT card_make($1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::bigint);

-- name: card_change
-- $3: revoked, else freed. As above.
SELECT card_change($1::uuid, $2::uuid, $3::boolean);
