-- Who may connect: devices with what they may hold, and the one-time codes that make devices.
-- No synced tables: rights do not travel through the path that they guard.

CREATE TABLE device (
	id        uuid PRIMARY KEY,
	label     text NOT NULL,       -- for people: "Oak Ridge office"
	person    text NOT NULL,       -- who was named at enrollment
	district  boolean NOT NULL,    -- the district office: holds every school
	spki      bytea NOT NULL,      -- SHA-256 of its public key; what revocation goes by
	not_after timestamptz NOT NULL, -- of its certificate
	enrolled  timestamptz NOT NULL DEFAULT now(),
	last_seen timestamptz,
	revoked   timestamptz
);
CREATE UNIQUE INDEX device_spki ON device (spki);

-- The schools of a device that is not the district's. A scope that was taken away keeps its row, so
-- that its generation can grow when it is given again.
CREATE TABLE device_scope (
	device_id  uuid NOT NULL REFERENCES device,
	scope      uuid NOT NULL,
	generation integer NOT NULL DEFAULT 1,
	granted    boolean NOT NULL DEFAULT true,
	PRIMARY KEY (device_id, scope)
);

CREATE TABLE enrollment_code (
	lookup    text PRIMARY KEY,    -- the first 4 characters of the code, which are no secret
	key       bytea NOT NULL,      -- derived from the secret, sealed by the signer
	district  boolean NOT NULL,
	schools   uuid[] NOT NULL,
	label     text NOT NULL,
	person    text NOT NULL,
	issued    timestamptz NOT NULL DEFAULT now(),
	expires   timestamptz NOT NULL,
	attempts  integer NOT NULL DEFAULT 0,
	device_id uuid NOT NULL,       -- that the code will make
	used      timestamptz,
	csr_hash  bytea,               -- SHA-256 of the request that used it
	certificate text,              -- PEM, to be given again when the answer was lost
	frozen    timestamptz          -- another request came with a used code
);

-- Grows with every change of rights, so that servers notice by reading one row.
CREATE TABLE device_version (
	shard   integer PRIMARY KEY,
	version bigint NOT NULL
);
INSERT INTO device_version VALUES (0, 1);

CREATE FUNCTION device_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE device_version SET version = version + 1;
	RETURN NULL;
END
$$;
CREATE TRIGGER device_changed AFTER INSERT OR DELETE OR UPDATE OF district, spki, revoked ON device
	EXECUTE FUNCTION device_changed();
CREATE TRIGGER device_changed AFTER INSERT OR UPDATE OR DELETE ON device_scope
	EXECUTE FUNCTION device_changed();
