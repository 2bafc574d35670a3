-- The context of readers (sql/migrations/0033_rights.sql).

-- name: read_enter
-- In front of what is read, in the same transaction. $1: a pass of read_pass().
SELECT read_enter($1::text);
