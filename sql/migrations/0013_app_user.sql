-- People: who they are, how they prove it, what they may do. No synced tables: rights do not travel
-- through the path that they guard.

CREATE TABLE app_user (
	id          uuid PRIMARY KEY,
	login       text NOT NULL UNIQUE CHECK (login = lower(login) AND login <> ''),
	name        text NOT NULL,
	-- The staff member, student or supervisor that the person is; both or neither.
	record_type integer,
	record_id   uuid,
	created     timestamptz NOT NULL DEFAULT now(),
	disabled    timestamptz,
	CHECK ((record_type IS NULL) = (record_id IS NULL))
);
CREATE INDEX app_user_record ON app_user (record_id) WHERE record_id IS NOT NULL;

-- By what name a provider of sign-on knows a person; provider 'local': by the login.
CREATE TABLE identity (
	provider    text NOT NULL,
	external_id text NOT NULL,
	user_id     uuid NOT NULL REFERENCES app_user,
	PRIMARY KEY (provider, external_id)
);
CREATE INDEX identity_user ON identity (user_id);

CREATE TABLE user_password (
	user_id  uuid PRIMARY KEY REFERENCES app_user,
	password text NOT NULL,      -- Argon2id of the peppered password
	pepper   integer NOT NULL,   -- version of the signer's pepper
	changed  timestamptz NOT NULL DEFAULT now()
);

-- One-time passwords by time. The secret is the signer's HMAC of the salt: it stands nowhere.
CREATE TABLE second_factor (
	user_id   uuid PRIMARY KEY REFERENCES app_user,
	salt      bytea NOT NULL,
	pepper    integer NOT NULL,
	last_step bigint NOT NULL DEFAULT 0  -- a code counts once
);

-- A code on paper for a first or a forgotten password.
CREATE TABLE reset_code (
	user_id  uuid PRIMARY KEY REFERENCES app_user,
	key      bytea NOT NULL,     -- SHA-256 of what is derived from the code; it has 80 random bits
	issued   timestamptz NOT NULL DEFAULT now(),
	expires  timestamptz NOT NULL,
	attempts integer NOT NULL DEFAULT 0
);

-- Rights: a role at a school, or in the district (scope ...0001). There are no wildcards, and what
-- does not stand here is denied. Rows are never deleted: what was entered under one is judged by it.
CREATE TABLE membership (
	id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	user_id     uuid NOT NULL REFERENCES app_user,
	role        smallint NOT NULL,    -- Role of proto/options.proto
	scope       uuid NOT NULL,
	valid_from  timestamptz NOT NULL DEFAULT now(),
	valid_until timestamptz,          -- NULL: until it is taken away
	granted_by  uuid REFERENCES app_user,  -- NULL: at the server's console
	reason      text NOT NULL DEFAULT '',
	CHECK (valid_until >= valid_from)
);
CREATE INDEX membership_user ON membership (user_id);

-- Who signed in where, proved with a password in front of the server. The key is that of the person on
-- this device; it signs that the person was there when the server could not be reached.
CREATE TABLE user_device (
	user_id    uuid NOT NULL REFERENCES app_user,
	device_id  uuid NOT NULL REFERENCES device,
	public_key bytea NOT NULL CHECK (length(public_key) = 32),
	first_seen timestamptz NOT NULL DEFAULT now(),
	last_seen  timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, device_id)
);

-- When a person was signed in on a device, by the device's clock and signed with the key above.
CREATE TABLE attestation (
	device_id  uuid NOT NULL,
	user_id    uuid NOT NULL,
	starts     timestamptz NOT NULL,
	ends       timestamptz NOT NULL,
	signature  bytea NOT NULL,
	received   timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (device_id, user_id, starts),
	FOREIGN KEY (user_id, device_id) REFERENCES user_device,
	CHECK (ends > starts AND ends <= starts + interval '12 hours')
);

CREATE TABLE user_session (
	token     bytea PRIMARY KEY,     -- SHA-256 of 256 random bits that only the station has
	user_id   uuid NOT NULL REFERENCES app_user,
	device_id uuid NOT NULL REFERENCES device,
	started   timestamptz NOT NULL DEFAULT now(),
	last_used timestamptz NOT NULL DEFAULT now(),
	factor    timestamptz,           -- when a second factor was last shown
	ended     timestamptz
);
CREATE INDEX user_session_user ON user_session (user_id) WHERE ended IS NULL;

-- Tries that failed, per device and name, also a name that nobody has.
CREATE TABLE sign_in_delay (
	device_id uuid NOT NULL,
	login     text NOT NULL,
	n_failed  integer NOT NULL,
	again     timestamptz NOT NULL,  -- no try counts before
	PRIMARY KEY (device_id, login)
);

-- Grows with every change of who may do what. Its row's lock is also what makes two changes that each
-- leave one administrator take turns.
CREATE TABLE people_version (
	shard   integer PRIMARY KEY,
	version bigint NOT NULL
);
INSERT INTO people_version VALUES (0, 1);

CREATE FUNCTION people_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE people_version SET version = version + 1;
	RETURN NULL;
END
$$;
CREATE TRIGGER people_changed AFTER INSERT OR DELETE OR UPDATE ON app_user
	EXECUTE FUNCTION people_changed();
CREATE TRIGGER people_changed AFTER INSERT OR UPDATE OR DELETE ON membership
	EXECUTE FUNCTION people_changed();

-- Runs behind people_changed: triggers of one event run in the order of their names.
CREATE FUNCTION people_keep_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (SELECT FROM membership WHERE role = 9)
	   AND NOT EXISTS (
		SELECT FROM membership m
		  JOIN app_user u ON u.id = m.user_id AND u.disabled IS NULL
		 WHERE m.role = 9 AND m.valid_from <= now()
		   AND (m.valid_until IS NULL OR m.valid_until > now())) THEN
		RAISE EXCEPTION 'the last administrator stays'
			USING HINT = 'make another person administrator first';
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER people_keep_administrator AFTER DELETE OR UPDATE ON app_user
	EXECUTE FUNCTION people_keep_administrator();
CREATE TRIGGER people_keep_administrator AFTER UPDATE OR DELETE ON membership
	EXECUTE FUNCTION people_keep_administrator();

-- Nobody grants what is not theirs to grant: an administrator of the district grants everything, one of
-- a school what is at that school, others nothing, and nobody grants to oneself.
CREATE FUNCTION membership_granted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.granted_by IS NOT NULL AND (NEW.granted_by = NEW.user_id OR NOT EXISTS (
		SELECT FROM membership m
		  JOIN app_user u ON u.id = m.user_id AND u.disabled IS NULL
		 WHERE m.user_id = NEW.granted_by AND m.role = 9 AND m.valid_from <= now()
		   AND (m.valid_until IS NULL OR m.valid_until > now())
		   AND m.scope IN (NEW.scope, '00000000-0000-0000-0000-000000000001'))) THEN
		RAISE EXCEPTION 'this person may not grant that';
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER membership_granted BEFORE INSERT ON membership
	FOR EACH ROW EXECUTE FUNCTION membership_granted();

-- Who lost a right, was disabled or has another password is signed in nowhere any more.
CREATE FUNCTION people_sign_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE user_session SET ended = now()
	 WHERE ended IS NULL AND user_id = CASE TG_TABLE_NAME
		WHEN 'app_user' THEN (to_jsonb(NEW) ->> 'id')::uuid
		ELSE (to_jsonb(NEW) ->> 'user_id')::uuid END;
	RETURN NULL;
END
$$;
CREATE TRIGGER sign_out AFTER UPDATE OF disabled ON app_user
	FOR EACH ROW WHEN (NEW.disabled IS NOT NULL) EXECUTE FUNCTION people_sign_out();
CREATE TRIGGER sign_out AFTER UPDATE ON membership
	FOR EACH ROW EXECUTE FUNCTION people_sign_out();
CREATE TRIGGER sign_out AFTER UPDATE ON user_password
	FOR EACH ROW EXECUTE FUNCTION people_sign_out();

-- What holds. A staff member whose record is not active (an applied roster does that) may do nothing
-- from now on, whatever rows there are. 6: staff.
CREATE VIEW live_membership AS
SELECT m.id, m.user_id, m.role, m.scope, m.valid_from,
       least(m.valid_until, u.disabled,
	     CASE WHEN u.record_type = 6
		   AND (s.deleted OR s.state IS DISTINCT FROM 'active') THEN now() END) AS valid_until
  FROM membership m
  JOIN app_user u ON u.id = m.user_id
  LEFT JOIN staff s ON s.id = u.record_id;
