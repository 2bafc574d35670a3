-- The bytes of attachments (server/svc/file.c). A device has a right to a file by an attachment record
-- that it may see; nothing else gives one.

-- name: file_may
-- Is there an attachment of the file that the device may see? $1: SHA-256; $2: the district office's
-- device, which may hold every school; $3: the scopes of another one; $4: record type number of
-- attachments; $5: size in bytes, or null when it does not matter.
SELECT EXISTS (
	SELECT FROM attachment a
	  JOIN feed f ON f.record_id = a.id AND f.record_type = $4::bigint AND f.gone = 0
	 WHERE a.sha256 = $1::bytea AND a.state = 'attached' AND NOT a.deleted
	   AND ($2::boolean OR f.scope = ANY ($3::uuid[]))
	   AND a.size = coalesce($5::bigint, a.size));

-- name: file_forget
-- What somebody began with a wrong size. $1: SHA-256, $2: size.
DELETE FROM file WHERE sha256 = $1::bytea AND completed IS NULL AND size <> $2::bigint;

-- name: file_begin
INSERT INTO file (sha256, size) VALUES ($1::bytea, $2::bigint) ON CONFLICT DO NOTHING;

-- name: file_add
-- Nothing happens when the piece is not the next one: two stations may send the same file. $1: SHA-256,
-- $2: position, $3: the bytes.
WITH grown AS (
	UPDATE file SET received = received + length($3::bytea)
	 WHERE sha256 = $1::bytea AND received = $2::bigint AND completed IS NULL
	   AND received + length($3::bytea) <= size AND length($3::bytea) > 0
	RETURNING sha256
)
INSERT INTO file_piece (sha256, at, bytes)
SELECT sha256, $2::bigint, $3::bytea FROM grown;

-- name: file_complete
-- The whole is hashed once, when its last byte is there.
UPDATE file f SET completed = now()
 WHERE f.sha256 = $1::bytea AND f.completed IS NULL AND f.received = f.size
   AND f.sha256 = (SELECT sha256(string_agg(p.bytes, ''::bytea ORDER BY p.at))
                     FROM file_piece p WHERE p.sha256 = f.sha256);

-- name: file_reject
-- All of it came and it is another file: the sender starts again.
DELETE FROM file WHERE sha256 = $1::bytea AND completed IS NULL AND received = size;

-- name: file_state
SELECT received, completed IS NOT NULL FROM file WHERE sha256 = $1::bytea;

-- name: file_piece
-- The stored piece that holds the position, cut to it, of a whole file. $1: SHA-256, $2: position.
SELECT f.size, substring(p.bytes FROM ($2::bigint - p.at + 1)::integer)
  FROM file f
  JOIN file_piece p ON p.sha256 = f.sha256
 WHERE f.sha256 = $1::bytea AND f.completed IS NOT NULL
   AND p.at <= $2::bigint AND p.at + length(p.bytes) > $2::bigint
 ORDER BY p.at DESC
 LIMIT 1;
