-- People who sign in on this device, and what proves who entered something.

-- name: replica_schema_4
-- sealed: the secret key of the person's own pair, under the key that password and salt give. Without it the
-- next sign-in needs the server. known_ms: when the server last said that the person may sign in.
CREATE TABLE person (
  id          BLOB PRIMARY KEY,
  login       TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  record_type INTEGER NOT NULL,
  record      BLOB NOT NULL,
  known_ms    INTEGER NOT NULL,
  password_ms INTEGER NOT NULL,
  public_key  BLOB NOT NULL,
  salt        BLOB NOT NULL,
  sealed      BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE person_grant (
  person      BLOB NOT NULL,
  role        INTEGER NOT NULL,
  scope       BLOB NOT NULL,
  from_ms     INTEGER NOT NULL,
  until_ms    INTEGER NOT NULL
);
CREATE INDEX person_grant_person ON person_grant (person);
-- One a sign-in; kept while the outbox has something that was entered under it. sent: the server has it.
CREATE TABLE attestation (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  person      BLOB NOT NULL,
  starts_ms   INTEGER NOT NULL,
  ends_ms     INTEGER NOT NULL,
  public_key  BLOB NOT NULL,
  signature   BLOB NOT NULL,
  sent        INTEGER NOT NULL DEFAULT 0
);
-- Who is signed in: at most one. token: the server's session, empty when it was not asked.
CREATE TABLE sign_in (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  attestation INTEGER NOT NULL,
  used_ms     INTEGER NOT NULL,
  token       BLOB NOT NULL,
  factor      INTEGER NOT NULL
);
CREATE TABLE sign_in_try (
  login       TEXT PRIMARY KEY,
  n_failed    INTEGER NOT NULL,
  again_ms    INTEGER NOT NULL
) WITHOUT ROWID;
ALTER TABLE meta ADD COLUMN people INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN attestation INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_attestation ON outbox (attestation) WHERE attestation <> 0;

-- name: replica_meta_people
UPDATE meta SET people = ?1;

-- name: replica_person_get
SELECT id, login, name, record_type, record, known_ms, password_ms, public_key, salt, sealed
  FROM person WHERE login = ?1;

-- name: replica_person_name
SELECT name FROM person WHERE id = ?1;

-- name: replica_person_put
INSERT INTO person (id, login, name, record_type, record, known_ms, password_ms, public_key, salt, sealed)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (id) DO UPDATE SET login = ?2, name = ?3, record_type = ?4, record = ?5, known_ms = ?6,
       password_ms = ?7, public_key = ?8, salt = ?9, sealed = ?10;

-- name: replica_person_clear_login
-- A login that went over to somebody else: whoever had it here signs in with the server next time.
UPDATE person SET login = hex(id), salt = x'', sealed = x'' WHERE login = ?1 AND id <> ?2;

-- name: replica_person_ids
-- Those whom the server was asked about longest ago come first.
SELECT id FROM person ORDER BY known_ms LIMIT ?1;

-- name: replica_person_known
-- Another password than the key was sealed under: the key is of no more use.
UPDATE person SET login = ?2, name = ?3, record_type = ?4, record = ?5, known_ms = ?6,
       salt = iif(password_ms < ?7, x'', salt), sealed = iif(password_ms < ?7, x'', sealed)
 WHERE id = ?1;

-- name: replica_person_unknown
UPDATE person SET salt = x'', sealed = x'', known_ms = 0 WHERE id = ?1;

-- name: replica_person_ungrant
DELETE FROM person_grant WHERE person = ?1;

-- name: replica_person_grant
INSERT INTO person_grant (person, role, scope, from_ms, until_ms) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: replica_person_grants
SELECT role, scope, from_ms, until_ms FROM person_grant WHERE person = ?1;

-- name: replica_attest
INSERT INTO attestation (person, starts_ms, ends_ms, public_key, signature)
VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id;

-- name: replica_attestation_get
SELECT id, person, starts_ms, ends_ms, public_key, signature FROM attestation
 WHERE id = ?1 AND sent = 0;

-- name: replica_attestation_sent
-- The server stored them before it judged what came with them.
UPDATE attestation SET sent = 1
 WHERE sent = 0 AND id IN (SELECT attestation FROM outbox
                            WHERE incarnation = ?1 AND counter BETWEEN ?2 AND ?3);

-- name: replica_attestation_resend
UPDATE attestation SET sent = 0 WHERE sent = 1;

-- name: replica_attestation_sweep
DELETE FROM attestation
 WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.attestation = attestation.id AND o.attestation <> 0)
   AND id NOT IN (SELECT attestation FROM sign_in);

-- name: replica_sign_in
INSERT INTO sign_in (one, attestation, used_ms, token, factor) VALUES (1, ?1, ?2, ?3, ?4)
ON CONFLICT (one) DO UPDATE SET attestation = ?1, used_ms = ?2, token = ?3, factor = ?4;

-- name: replica_sign_in_get
SELECT s.attestation, s.used_ms, s.token, s.factor, a.starts_ms, a.ends_ms, p.id, p.login, p.name,
       p.record_type, p.record, p.sealed
  FROM sign_in s
  JOIN attestation a ON a.id = s.attestation
  JOIN person p ON p.id = a.person;

-- name: replica_sign_in_used
UPDATE sign_in SET used_ms = ?1;

-- name: replica_sign_out
DELETE FROM sign_in;

-- name: replica_sign_out_person
DELETE FROM sign_in WHERE attestation IN (SELECT id FROM attestation WHERE person = ?1);

-- name: replica_sign_out_unsealed
-- Whose key was thrown away is signed out as well.
DELETE FROM sign_in
 WHERE attestation IN (SELECT a.id FROM attestation a JOIN person p ON p.id = a.person
                        WHERE length(p.sealed) = 0);

-- name: replica_try
-- Counts the try before anybody knows whether it is right. No row: too soon after the last one. A wait
-- that a clock set back would make endless is none.
INSERT INTO sign_in_try AS t (login, n_failed, again_ms) VALUES (?1, 1, ?2 + 1000)
ON CONFLICT (login) DO UPDATE
   SET n_failed = min(t.n_failed + 1, 10),
       again_ms = ?2 + min(1000 * (1 << t.n_failed), 300000)
 WHERE t.again_ms <= ?2 OR t.again_ms > ?2 + 300000
RETURNING n_failed;

-- name: replica_try_again
SELECT again_ms FROM sign_in_try WHERE login = ?1;

-- name: replica_try_forget
DELETE FROM sign_in_try WHERE login = ?1;

-- name: replica_try_sweep
-- Those of a card count until it was right.
DELETE FROM sign_in_try WHERE again_ms < ?1 AND login NOT LIKE 'card-%';

-- name: replica_try_count
SELECT n_failed FROM sign_in_try WHERE login = ?1;
