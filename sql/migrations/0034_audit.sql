-- The audit: two chains of hashes, in which nothing can be changed, left out or added later without
-- changing every hash behind it (`practicumd audit verify` reads them; PROTOCOL says how they are made).

-- Where each chain stands.
CREATE TABLE audit_head (
	chain  text PRIMARY KEY,
	number bigint NOT NULL,
	hash   bytea NOT NULL
);
INSERT INTO audit_head VALUES ('event', 0, sha256('')), ('mutation', 0, sha256(''));

-- What happened that is no mutation: sign-in, rights, enrollment, export, reading, configuration, restore.
-- Ids and names of things, no contents of records.
CREATE TABLE audit_event (
	number      bigint PRIMARY KEY,
	at          timestamptz NOT NULL,
	kind        text NOT NULL,      -- enrollment, revocation, sign_in, ...
	outcome     text NOT NULL,      -- done or refused
	actor       uuid,               -- person; NULL: at the server's console
	device      uuid,
	object_type text,
	object_id   uuid,
	scope       uuid,
	detail      text NOT NULL,      -- for people: "report hours, 2027"
	students    uuid[] NOT NULL,    -- whose records were disclosed
	party       text,               -- to whom (34 CFR 99.32)
	purpose     text,               -- their legitimate interest
	hash        bytea NOT NULL      -- SHA-256 of the hash before and the row as audit_event_body() writes it
);
CREATE INDEX audit_event_at ON audit_event (at);
CREATE INDEX audit_event_actor ON audit_event (actor, number);
CREATE INDEX audit_event_object ON audit_event (object_id, number);
CREATE INDEX audit_event_students ON audit_event USING gin (students);

-- One text for one row. practicumd audit verify has the same in a query of its own, since a function
-- can be replaced by whoever would change rows.
CREATE FUNCTION audit_event_body(e audit_event) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_array(e.number, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
	       e.kind, e.outcome, e.actor, e.device, e.object_type, e.object_id, e.scope, e.detail,
	       e.students, e.party, e.purpose)::text
$$;

CREATE FUNCTION audit_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the audit does not change';
END $$;
CREATE TRIGGER final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event EXECUTE FUNCTION audit_final();

-- The one way to write an event; returns its number. Others wait for the end of this transaction, so it
-- is called last in it.
CREATE FUNCTION audit_append(e audit_event) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
	head audit_head;
BEGIN
	SELECT * INTO head FROM audit_head WHERE chain = 'event' FOR UPDATE;
	e.number := head.number + 1;
	e.at := clock_timestamp();
	e.hash := sha256(head.hash || convert_to(audit_event_body(e), 'UTF8'));
	INSERT INTO audit_event VALUES (e.*);
	UPDATE audit_head SET number = e.number, hash = e.hash WHERE chain = 'event';
	RETURN e.number;
END $$;

-- audit_event('sign_in', 'refused', NULL, device, 'user', NULL, NULL, 'login mlee')
CREATE FUNCTION audit_event(kind text, outcome text, actor uuid, device uuid, object_type text,
                            object_id uuid, scope uuid, detail text) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
	SELECT audit_append(ROW(0, now(), kind, outcome, actor, device, object_type, object_id, scope, detail,
	                        '{}', NULL, NULL, '')::audit_event)
$$;

-- Records of these students go to somebody: who, why, and what (34 CFR 99.32).
CREATE FUNCTION audit_disclosure(kind text, actor uuid, device uuid, scope uuid, students uuid[],
                                 party text, purpose text, detail text) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
	SELECT audit_append(ROW(0, now(), kind, 'done', actor, device, 'student',
	                        CASE WHEN cardinality(students) = 1 THEN students[1] END, scope, detail,
	                        students, party, purpose, '')::audit_event)
$$;

-- FERPA's record of disclosures, a row for each student and disclosure.
CREATE VIEW disclosure AS
SELECT s.student_id, e.number, e.at, e.kind, e.party, e.purpose, e.detail, e.actor, e.device
  FROM audit_event e
 CROSS JOIN LATERAL unnest(e.students) AS s (student_id)
 WHERE e.outcome = 'done';

-- A link of the second chain: the mutations of one batch of the sequencer.
ALTER TABLE mutation ADD COLUMN batch bigint;  -- NULL: judged before there was a chain
-- Batches follow each other on the disk, so a few bytes a page are enough to find them.
CREATE INDEX mutation_batch ON mutation USING brin (batch) WITH (pages_per_range = 16);
CREATE TABLE mutation_chain (
	number bigint PRIMARY KEY,
	batch  bigint NOT NULL UNIQUE,
	n_rows bigint NOT NULL,
	hash   bytea NOT NULL
);
CREATE TRIGGER final BEFORE UPDATE OR DELETE OR TRUNCATE ON mutation_chain EXECUTE FUNCTION audit_final();

-- What is chained of a mutation: all but the words for people and the payload, whose hash stands for it
-- and stays when the payload is disposed of.
CREATE FUNCTION mutation_body(m mutation) RETURNS bytea LANGUAGE sql STABLE AS $$
	SELECT uuid_send(m.device_id) || int8send(m.incarnation) || int8send(m.counter) || int8send(m.seq)
	       || int4send(m.record_type) || uuid_send(m.record_id) || uuid_send(m.person)
	       || int4send(m.field) || int2send(m.verdict) || int2send(m.reason)
	       || int8send((extract(epoch FROM m.client_time) * 1000)::bigint)
	       || int8send((extract(epoch FROM m.received) * 1000)::bigint) || m.payload_hash
$$;

CREATE FUNCTION mutation_chained() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
	head audit_head;
	link record;
BEGIN
	FOR link IN SELECT a.batch, count(*) AS n_rows,
	                   string_agg(mutation_body(a::mutation), ''::bytea
	                              ORDER BY a.device_id, a.incarnation, a.counter) AS body
	              FROM added a WHERE a.batch IS NOT NULL GROUP BY a.batch ORDER BY a.batch LOOP
		SELECT * INTO head FROM audit_head WHERE chain = 'mutation' FOR UPDATE;
		head.number := head.number + 1;
		head.hash := sha256(head.hash || int8send(link.batch) || link.body);
		INSERT INTO mutation_chain VALUES (head.number, link.batch, link.n_rows, head.hash);
		UPDATE audit_head SET number = head.number, hash = head.hash WHERE chain = 'mutation';
	END LOOP;
	RETURN NULL;
END $$;
CREATE TRIGGER chained AFTER INSERT ON mutation REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION mutation_chained();

-- Heads that the authority has signed: witnesses that also stand elsewhere.
CREATE TABLE audit_signed (
	chain     text NOT NULL REFERENCES audit_head,
	number    bigint NOT NULL,
	hash      bytea NOT NULL,
	signed    timestamptz NOT NULL DEFAULT now(),
	signature bytea NOT NULL,
	PRIMARY KEY (chain, number)
);

REVOKE ALL ON audit_head, audit_event, mutation_chain, audit_signed, disclosure
	FROM practicum_writer, practicum_auth;
GRANT SELECT ON audit_head, audit_event, mutation_chain, audit_signed, disclosure TO practicum_auth;
GRANT INSERT ON audit_signed TO practicum_auth;
-- Verifying reads the mutations, but not what is in them.
GRANT SELECT (batch, device_id, incarnation, counter, seq, record_type, record_id, person, field, verdict,
              reason, client_time, received, payload_hash) ON mutation TO practicum_auth;
REVOKE ALL ON FUNCTION audit_append(audit_event) FROM PUBLIC;
REVOKE ALL ON FUNCTION audit_event(text, text, uuid, uuid, text, uuid, uuid, text),
	audit_disclosure(text, uuid, uuid, uuid, uuid[], text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_event(text, text, uuid, uuid, text, uuid, uuid, text),
	audit_disclosure(text, uuid, uuid, uuid, uuid[], text, text, text) TO practicum_auth, practicum_writer;
