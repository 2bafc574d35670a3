-- What the embedding has to survive; used by tests/unit/test_embed.c only.

-- name: embed_quotes
-- A comment with $9 in it neither counts nor reaches the server.
SELECT '\x00'::bytea, E'tab\t', "Odd ""name""" FROM t
 WHERE a = $2 AND b = $1 AND c @? '$' AND d ??= 1;

-- name: embed_many
SELECT $10, $11;

-- name: embed_sqlite
SELECT ?1, ?3;
