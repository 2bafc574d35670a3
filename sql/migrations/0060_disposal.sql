-- Disposal: records leave when a district's retention rules say so, or on written request, and a certificate
-- says what went. What is disposed of stands here by type and random id only, for good: so that nothing comes
-- back from a station or out of an older backup (`practicumd dispose list`, `dispose replay`).
--
-- A run is three kinds of steps, each a transaction of its own, so that a run that was cut off goes on:
-- disposal_find() lists the records, disposal_step() erases some of them and what is kept about them, then
-- takes them out of stretches of the table mutation, and at last writes the certificate into the audit.

CREATE TABLE disposal (
	id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	kind       text NOT NULL CHECK (kind IN ('retention', 'request', 'replay')),
	as_of      date NOT NULL,
	student_id uuid,             -- of a request
	rules      text NOT NULL,    -- the sets that it goes by
	ordered_by text NOT NULL CHECK (ordered_by <> ''),
	reason     text NOT NULL CHECK (reason <> ''),
	types      jsonb NOT NULL,   -- the catalog as disposal needs it (server/dispose_types.c)
	begun      timestamptz NOT NULL DEFAULT now(),
	last_seq   bigint,           -- mutations up to here are looked through
	scrubbed   bigint,           -- and have been up to here; NULL: records are left
	ended      timestamptz,
	digest     bytea             -- SHA-256 of the list, as disposal_list() writes it
);
-- One at a time: two would wait for each other's records.
CREATE UNIQUE INDEX disposal_open ON disposal ((true)) WHERE ended IS NULL;

CREATE TABLE disposal_item (
	disposal    uuid NOT NULL REFERENCES disposal,
	record_type integer NOT NULL,
	record_id   uuid NOT NULL,
	student_id  uuid,            -- until it is disposed of
	rule        text NOT NULL,   -- id of the row it goes by
	held        text,            -- why it stays
	seq         bigint,          -- number of its disposal
	key         uuid,            -- what stands for it in the history, while the step lasts
	PRIMARY KEY (record_id, record_type, disposal)
);
CREATE INDEX disposal_item_open ON disposal_item (disposal, record_type) WHERE seq IS NULL AND held IS NULL;
CREATE INDEX disposal_item_seq ON disposal_item (disposal, seq) WHERE seq IS NOT NULL;

REVOKE ALL ON disposal, disposal_item FROM practicum_writer, practicum_auth;
GRANT SELECT ON disposal, disposal_item TO practicum_auth;

-- The one thing that a frozen record lets through: a disposal that names it.
CREATE FUNCTION disposal_names(record uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM disposal_item i JOIN disposal d ON d.id = i.disposal AND d.ended IS NULL
	                WHERE i.record_id = record AND i.held IS NULL)
$$;
CREATE OR REPLACE FUNCTION record_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	movable text[] := '{}';
BEGIN
	IF TG_OP = 'DELETE' THEN
		IF disposal_names(OLD.id) THEN
			RETURN OLD;
		END IF;
		RAISE EXCEPTION '% % is frozen', TG_TABLE_NAME, OLD.id;
	END IF;
	IF TG_NARGS > 0 THEN
		movable := TG_ARGV[:] || ARRAY['seq', 'group_seq'];
	END IF;
	IF to_jsonb(NEW) - movable IS DISTINCT FROM to_jsonb(OLD) - movable THEN
		RAISE EXCEPTION '% % is frozen', TG_TABLE_NAME, OLD.id;
	END IF;
	RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION time_entry_frozen() RETURNS trigger LANGUAGE plpgsql
	SET enable_seqscan = off AS $$
BEGIN
	IF EXISTS (SELECT FROM time_sheet
	            WHERE id = ANY (ARRAY(SELECT sheet_id FROM touched)) AND state IN ('approved'))
	   AND NOT (TG_OP = 'DELETE' AND (SELECT bool_and(disposal_names(id)) FROM touched)) THEN
		RAISE EXCEPTION 'time_entry is frozen with its time_sheet';
	END IF;
	RETURN NULL;
END $$;

-- The day on which a student left: NULL while an enrollment or a placement goes on. Who came back counts no
-- earlier exit, and the end of a center's or a host's enrollment alone is none.
CREATE VIEW student_leaving AS
SELECT s.id AS student_id,
       nullif(greatest(x.left_on,
		(SELECT max(coalesce(e.ends_on, CASE WHEN e.starts_on <= x.left_on THEN x.left_on END,
		                     'infinity'))
		   FROM enrollment e WHERE e.student_id = s.id AND NOT e.deleted),
		(SELECT max(coalesce(p.ended_on, p.ends_on, 'infinity'))
		   FROM placement p WHERE p.student_id = s.id AND NOT p.deleted)), 'infinity') AS day
  FROM student s
 CROSS JOIN LATERAL (SELECT CASE WHEN s.state NOT IN ('enrolled', 'participating')
                                 THEN s.left_on END AS left_on) AS x
 WHERE x.left_on IS NOT NULL
    OR EXISTS (SELECT FROM enrollment h
                WHERE h.student_id = s.id AND h.kind = 'home' AND NOT h.deleted);
REVOKE ALL ON student_leaving FROM practicum_writer, practicum_auth;

-- What one type's records go by, as a condition; r is the record. Of a student who is not there any more
-- nothing is counted from: it is due.
CREATE FUNCTION disposal_condition(t jsonb) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	cutoff date := (t->>'cutoff')::date;
	leaving text;
BEGIN
	IF t->>'from' = 'change' THEN
		RETURN format('r.seq <= %s', coalesce(
			(SELECT max(seq) FROM seq_time WHERE (committed AT TIME ZONE 'UTC')::date <= cutoff), 0));
	END IF;
	IF t->>'student' IS NULL THEN
		RETURN 'false';
	END IF;
	leaving := format('CASE WHEN EXISTS (SELECT FROM student s WHERE s.id = r.%1$I) '
	                  'THEN (SELECT l.day FROM student_leaving l WHERE l.student_id = r.%1$I) '
	                  'WHEN r.%1$I IS NOT NULL THEN ''-infinity'' END', t->>'student');
	IF t->>'from' = 'placement' AND t->>'placement' IS NOT NULL THEN
		RETURN format('coalesce((SELECT coalesce(p.ended_on, p.ends_on, ''infinity'') FROM placement p '
		              'WHERE p.id = r.%I), %s) <= %L', t->>'placement', leaving, cutoff);
	ELSIF t->>'from' = 'expiry' AND t->>'expiry' IS NOT NULL THEN
		RETURN format('coalesce(r.%I, %s) <= %L', t->>'expiry', leaving, cutoff);
	END IF;
	RETURN format('%s <= %L', leaving, cutoff);
END $$;

-- Lists what the disposal is about. What is about a listed record (its conflicts, refused input, files) goes
-- with it. By rules, what a kept record refers to is held until that goes; whoever has a hold is held.
CREATE FUNCTION disposal_find(of uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	d disposal;
	t jsonb;
	r jsonb;
	n bigint;
	found_more bigint := 1;
BEGIN
	SELECT * INTO d FROM disposal WHERE id = of;
	FOR t IN SELECT * FROM jsonb_array_elements(d.types) LOOP
		IF d.kind = 'retention' AND t->>'from' IS NOT NULL THEN
			EXECUTE format('INSERT INTO disposal_item (disposal, record_type, record_id, student_id, rule) '
			               'SELECT $1, %s, r.id, %s, %L FROM %I r WHERE %s',
			               t->>'number', coalesce('r.' || quote_ident(t->>'student'), 'NULL::uuid'),
			               t->>'rule', t->>'name', disposal_condition(t)) USING of;
		ELSIF d.kind = 'request' AND t->>'student' IS NOT NULL AND NOT (t->>'witness')::boolean THEN
			EXECUTE format('INSERT INTO disposal_item (disposal, record_type, record_id, student_id, rule) '
			               'SELECT $1, %s, r.id, $2, ''request'' FROM %I r WHERE r.%I = $2',
			               t->>'number', t->>'name', t->>'student') USING of, d.student_id;
		END IF;
	END LOOP;
	-- Refused input that names the student stands under an id that no record has.
	INSERT INTO disposal_item (disposal, record_type, record_id, student_id, rule)
	SELECT of, 21, r.id, i.record_id, i.rule
	  FROM disposal_item i
	  JOIN rejected r ON position(uuid_send(i.record_id) IN r.payload) > 0
	 WHERE i.disposal = of AND i.record_type = 3
	ON CONFLICT DO NOTHING;
	WHILE found_more > 0 LOOP
		found_more := 0;
		FOR t IN SELECT * FROM jsonb_array_elements(d.types) WHERE (value->>'about')::boolean LOOP
			EXECUTE format('INSERT INTO disposal_item (disposal, record_type, record_id, student_id, rule) '
			               'SELECT $1, %s, r.id, i.student_id, i.rule FROM %I r '
			               'JOIN disposal_item i ON i.disposal = $1 AND i.record_id = r.record_id '
			               'AND i.record_type = r.record_type ON CONFLICT DO NOTHING',
			               t->>'number', t->>'name') USING of;
			GET DIAGNOSTICS n = ROW_COUNT;
			found_more := found_more + n;
		END LOOP;
	END LOOP;
	PERFORM disposal_hold(of);
	found_more := CASE d.kind WHEN 'retention' THEN 1 ELSE 0 END;
	WHILE found_more > 0 LOOP
		found_more := 0;
		FOR t, r IN SELECT x.value, y.value
		              FROM jsonb_array_elements(d.types) AS x
		             CROSS JOIN LATERAL jsonb_array_elements(x.value->'refs') AS y
		             WHERE NOT (x.value->>'witness')::boolean
		               AND EXISTS (SELECT FROM disposal_item i
		                            WHERE i.disposal = of AND i.held IS NULL
		                              AND i.record_type = (y.value->>'type')::integer) LOOP
			EXECUTE format('UPDATE disposal_item i SET held = %L FROM %I r '
			               'WHERE i.disposal = $1 AND i.held IS NULL AND i.record_type = %s '
			               'AND r.%I = i.record_id AND NOT r.deleted AND NOT EXISTS ('
			               'SELECT FROM disposal_item j WHERE j.disposal = $1 AND j.held IS NULL '
			               'AND j.record_type = %s AND j.record_id = r.id)',
			               'a ' || (t->>'name') || ' that is kept refers to it', t->>'name',
			               r->>'type', r->>'column', t->>'number') USING of;
			GET DIAGNOSTICS n = ROW_COUNT;
			found_more := found_more + n;
		END LOOP;
		-- What is about a record that stays, stays.
		FOR t IN SELECT * FROM jsonb_array_elements(d.types) WHERE (value->>'about')::boolean LOOP
			EXECUTE format('UPDATE disposal_item i SET held = j.held FROM %I r '
			               'JOIN disposal_item j ON j.disposal = $1 AND j.held IS NOT NULL '
			               'AND j.record_type = r.record_type AND j.record_id = r.record_id '
			               'WHERE i.disposal = $1 AND i.held IS NULL AND i.record_type = %s '
			               'AND i.record_id = r.id', t->>'name', t->>'number') USING of;
			GET DIAGNOSTICS n = ROW_COUNT;
			found_more := found_more + n;
		END LOOP;
	END LOOP;
END $$;

-- Whose records must stay: a student with a hold, whatever the rules say.
CREATE FUNCTION disposal_hold(of uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
BEGIN
END $$;

-- Makes a disposal and lists what it is about; returns its id. Nothing has gone yet.
CREATE FUNCTION disposal_begin(kind text, as_of date, student uuid, rules text, ordered_by text, reason text,
                               types jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	made uuid;
BEGIN
	-- They become parts of statements that run as the owner.
	IF EXISTS (SELECT FROM jsonb_array_elements(disposal_begin.types) AS t
	            WHERE t->>'number' !~ '^[0-9]{1,5}$'
	               OR NOT EXISTS (SELECT FROM pg_policy p
	                               WHERE p.polrelid = to_regclass(quote_ident(t->>'name')))
	               OR EXISTS (SELECT FROM jsonb_array_elements(t->'refs') AS r
	                           WHERE r->>'type' !~ '^[0-9]{1,5}$')) THEN
		RAISE EXCEPTION 'the types are not those of the catalog';
	END IF;
	INSERT INTO disposal (kind, as_of, student_id, rules, ordered_by, reason, types)
	VALUES (disposal_begin.kind, disposal_begin.as_of, student, disposal_begin.rules,
	        disposal_begin.ordered_by, disposal_begin.reason, disposal_begin.types)
	RETURNING id INTO made;
	PERFORM disposal_find(made);
	RETURN made;
END $$;

-- A list that `practicumd dispose list` wrote, whether the records are here or not.
CREATE FUNCTION disposal_relist(of uuid, record_types integer[], record_ids uuid[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
	WITH listed AS (
		INSERT INTO disposal_item (disposal, record_type, record_id, rule)
		SELECT d.id, x.record_type, x.record_id, 'list'
		  FROM unnest(record_types, record_ids) AS x (record_type, record_id)
		  JOIN disposal d ON d.id = of AND d.kind = 'replay' AND d.ended IS NULL
		ON CONFLICT DO NOTHING
		RETURNING 1)
	SELECT count(*) FROM listed
$$;

-- The history of a reported type keeps what is coded under a key that nothing leads back from: numbers, days,
-- choices, references, and of lists what is code=value. step: items with numbers above it.
CREATE FUNCTION disposal_history(of uuid, step bigint, t jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	past text := (t->>'name') || '_past';
	columns text;
	values text;
	blanks text;
BEGIN
	SELECT string_agg(quote_ident(a.attname), ', '), string_agg('r.' || quote_ident(a.attname), ', '),
	       string_agg(format(', %I = %s', a.attname,
	                         CASE WHEN a.atttypid = 'text[]'::regtype
	                              THEN format('ARRAY(SELECT x FROM unnest(p.%I) x '
	                                          'WHERE x ~ ''^[A-Za-z0-9_.-]+=[a-z0-9_]+$'')', a.attname)
	                              WHEN a.attnotnull THEN '''''' ELSE 'NULL' END), '')
	       FILTER (WHERE t->'erase' ? a.attname)
	  INTO columns, values, blanks
	  FROM pg_attribute a
	 WHERE a.attrelid = past::regclass AND a.attnum > 0 AND NOT a.attisdropped
	   AND a.attname NOT IN ('id', 'from_seq', 'to_seq', 'scope');
	EXECUTE format('INSERT INTO %I (id, from_seq, to_seq, scope, %s) '
	               'SELECT r.id, r.seq, i.seq, r.scope, %s FROM %I r JOIN disposal_item i '
	               'ON i.record_id = r.id AND i.record_type = %s AND i.disposal = $1 AND i.seq > $2 '
	               'WHERE NOT r.deleted', past, columns, values, t->>'name', t->>'number') USING of, step;
	EXECUTE format('UPDATE %I p SET id = i.key%s FROM disposal_item i '
	               'WHERE p.id = i.record_id AND i.record_type = %s AND i.disposal = $1 AND i.seq > $2',
	               past, coalesce(blanks, ''), t->>'number') USING of, step;
END $$;

-- References of the history to what was disposed of lead to the key.
CREATE FUNCTION disposal_rekey(of uuid, step bigint, types jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	t jsonb;
	r jsonb;
BEGIN
	FOR t, r IN SELECT x.value, y.value
	              FROM jsonb_array_elements(types) AS x
	             CROSS JOIN LATERAL jsonb_array_elements(x.value->'refs') AS y
	             WHERE (x.value->>'reported')::boolean
	               AND EXISTS (SELECT FROM disposal_item i
	                            WHERE i.disposal = of AND i.seq > step
	                              AND i.record_type = (y.value->>'type')::integer) LOOP
		EXECUTE format('UPDATE %I p SET %I = i.key FROM disposal_item i '
		               'WHERE p.%I = i.record_id AND i.record_type = %s AND i.disposal = $1 AND i.seq > $2',
		               (t->>'name') || '_past', r->>'column', r->>'column', r->>'type')
			USING of, step;
	END LOOP;
END $$;

-- What stands about the records of a step beside their own tables: bytes of files, refused input as it came,
-- faults of imports, weeks to judge anew, and the account of who the person was.
CREATE FUNCTION disposal_beside(of uuid, step bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	gone uuid[];
	people uuid[];
BEGIN
	SELECT array_agg(record_id) INTO gone FROM disposal_item WHERE disposal = of AND seq > step;
	UPDATE mutation m SET payload = '', text = ''
	  FROM rejected r
	 WHERE r.id = ANY (gone) AND m.device_id = r.device_id AND m.incarnation = r.incarnation
	   AND m.counter = r.counter;
	DELETE FROM file f
	 USING attachment a
	 WHERE a.id = ANY (gone) AND f.sha256 = a.sha256
	   AND NOT EXISTS (SELECT FROM attachment o WHERE o.sha256 = f.sha256 AND o.id <> ALL (gone));
	DELETE FROM import_flaw WHERE record_id = ANY (gone);
	DELETE FROM rejudge WHERE student_id = ANY (gone);
	SELECT array_agg(u.id) INTO people FROM app_user u WHERE u.record_id = ANY (gone);
	IF people IS NOT NULL THEN
		DELETE FROM card WHERE user_id = ANY (people);
		DELETE FROM user_password WHERE user_id = ANY (people);
		DELETE FROM second_factor WHERE user_id = ANY (people);
		DELETE FROM reset_code WHERE user_id = ANY (people);
		DELETE FROM user_session WHERE user_id = ANY (people);
		DELETE FROM identity WHERE user_id = ANY (people);
		DELETE FROM sign_in_delay s USING app_user u WHERE u.id = ANY (people) AND s.login = u.login;
		UPDATE app_user SET login = 'disposed-' || id, name = 'disposed of',
		                    disabled = coalesce(disabled, now())
		 WHERE id = ANY (people);
	END IF;
END $$;

-- The next records. The numbers are drawn as the sequencer draws them, so that every station hears of it.
CREATE FUNCTION disposal_records(d disposal, most integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	step bigint;
	n bigint;
	t jsonb;
BEGIN
	SELECT count(*) INTO n FROM (SELECT FROM disposal_item
	                              WHERE disposal = d.id AND seq IS NULL AND held IS NULL LIMIT most) AS x;
	UPDATE sync_head SET head = head + n, xact = pg_current_xact_id()
	 WHERE shard = 0 AND is_decided(timeline)
	RETURNING head - n INTO step;
	IF step IS NULL THEN
		RAISE EXCEPTION 'nobody has decided yet what this restored or promoted database lacks'
			USING ERRCODE = 'cannot_connect_now',
			      HINT = 'practicumd epoch new, or practicumd epoch no-loss if nothing is lost';
	END IF;
	IF n = 0 THEN
		UPDATE disposal SET last_seq = step, scrubbed = 0 WHERE id = d.id;
		RETURN false;
	END IF;
	UPDATE disposal_item i SET seq = step + x.nr, key = gen_random_uuid(), student_id = NULL
	  FROM (SELECT record_type, record_id, row_number() OVER (ORDER BY record_type, record_id) AS nr
	          FROM (SELECT record_type, record_id FROM disposal_item
	                 WHERE disposal = d.id AND seq IS NULL AND held IS NULL
	                 ORDER BY record_type, record_id LIMIT most) AS y) AS x
	 WHERE i.disposal = d.id AND i.record_type = x.record_type AND i.record_id = x.record_id;
	PERFORM disposal_beside(d.id, step);
	FOR t IN SELECT value FROM jsonb_array_elements(d.types)
	          WHERE (value->>'number')::integer IN (SELECT record_type FROM disposal_item
	                                                 WHERE disposal = d.id AND seq > step) LOOP
		IF (t->>'reported')::boolean THEN
			PERFORM disposal_history(d.id, step, t);
		END IF;
		EXECUTE format('DELETE FROM %I r USING disposal_item i WHERE r.id = i.record_id '
		               'AND i.record_type = %s AND i.disposal = $1 AND i.seq > $2',
		               t->>'name', t->>'number') USING d.id, step;
	END LOOP;
	PERFORM disposal_rekey(d.id, step, d.types);
	UPDATE feed f SET gone = 1, seq = i.seq
	  FROM disposal_item i
	 WHERE i.disposal = d.id AND i.seq > step AND f.record_id = i.record_id
	   AND f.record_type = i.record_type;
	-- Not here, but a station may bring it: its place is taken, at the district office.
	INSERT INTO feed (scope, record_type, record_id, seq, gone)
	SELECT '00000000-0000-0000-0000-000000000001', i.record_type, i.record_id, i.seq, 1
	  FROM disposal_item i
	 WHERE i.disposal = d.id AND i.seq > step
	   AND NOT EXISTS (SELECT FROM feed f WHERE f.record_id = i.record_id
	                                        AND f.record_type = i.record_type);
	UPDATE disposal_item SET key = NULL WHERE disposal = d.id AND seq > step;
	INSERT INTO seq_time (seq, committed) VALUES (step + n, now());
	RETURN true;
END $$;

-- What was sent about the records, and what was answered. The hash of what was sent stays, and the chain of the
-- mutations is over the hash.
CREATE FUNCTION disposal_scrub(d disposal, most integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	-- Numbers jump where a life of the data begins, so a stretch is so many batches.
	until bigint := least(d.last_seq, coalesce(
		(SELECT seq FROM seq_time WHERE seq > d.scrubbed ORDER BY seq OFFSET most LIMIT 1), d.last_seq));
BEGIN
	UPDATE sync_head SET xact = pg_current_xact_id() WHERE shard = 0;
	UPDATE mutation m SET payload = '', text = ''
	  FROM disposal_item i
	 WHERE m.seq > d.scrubbed AND m.seq <= until AND i.disposal = d.id AND i.seq IS NOT NULL
	   AND i.record_id = m.record_id AND i.record_type = m.record_type;
	UPDATE disposal SET scrubbed = until WHERE id = d.id;
END $$;

-- The list, as it is hashed and as `practicumd dispose list` prints it.
CREATE FUNCTION disposal_list(of uuid) RETURNS SETOF text LANGUAGE sql STABLE
SET search_path = public, pg_catalog, pg_temp AS $$
	SELECT record_type || ' ' || replace(record_id::text, '-', '')
	  FROM disposal_item
	 WHERE disposal = of AND seq IS NOT NULL
	 ORDER BY record_type, record_id
$$;

CREATE FUNCTION disposal_end(d disposal) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	list_hash bytea := (SELECT sha256(convert_to(coalesce(string_agg(l, E'\n' ORDER BY nr), ''), 'UTF8'))
	                      FROM disposal_list(d.id) WITH ORDINALITY AS x (l, nr));
	e audit_event;
BEGIN
	UPDATE disposal SET ended = clock_timestamp(), digest = list_hash, types = '[]' WHERE id = d.id;
	e.kind := 'disposal';
	e.outcome := 'done';
	e.object_type := 'disposal';
	e.object_id := d.id;
	e.students := '{}';
	e.purpose := d.reason;
	e.detail := format('%s, ordered by %s, rules %s, %s records, %s held, list %s', d.kind, d.ordered_by,
		coalesce(nullif(d.rules, ''), 'none'),
		(SELECT count(*) FROM disposal_item WHERE disposal = d.id AND seq IS NOT NULL),
		(SELECT count(*) FROM disposal_item WHERE disposal = d.id AND held IS NOT NULL),
		encode(list_hash, 'hex'));
	PERFORM audit_append(e);
END $$;

-- One step; true: there is more to do.
CREATE FUNCTION disposal_step(of uuid, most_records integer, most_batches integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	d disposal;
BEGIN
	SELECT * INTO d FROM disposal WHERE id = of AND ended IS NULL FOR UPDATE;
	IF d.id IS NULL THEN
		RETURN false;
	ELSIF d.scrubbed IS NULL THEN
		PERFORM disposal_records(d, most_records);
	ELSIF d.scrubbed < d.last_seq THEN
		PERFORM disposal_scrub(d, most_batches);
	ELSE
		PERFORM disposal_end(d);
		RETURN false;
	END IF;
	RETURN true;
END $$;

DO $$
DECLARE
	f regprocedure;
BEGIN
	FOR f IN SELECT p.oid::regprocedure FROM pg_proc p
	          WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'disposal\_%'
	            AND p.proname <> 'disposal_names' LOOP
		EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
	END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION disposal_begin(text, date, uuid, text, text, text, jsonb),
	disposal_relist(uuid, integer[], uuid[]), disposal_step(uuid, integer, integer), disposal_list(uuid)
	TO practicum_auth;
