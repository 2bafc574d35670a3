-- A disposal lists its records and takes them in steps, and meanwhile the schools go on. So each step looks, behind
-- the lock that numbers are drawn under, at what was written since the list was made: who came back to school
-- is not due any more, what a new record refers to stays, and what was entered about somebody who goes goes, too.
-- A paper's own kind may keep it longer than the rules do (document_type.retention_years), and a file stays as long as
-- the record that it is of.

ALTER TABLE disposal
	ADD looked bigint, -- what has a number up to here is in the list as it should be
	ADD opened bigint; -- and refused input that is sealed has been looked through up to here
UPDATE disposal d
   SET looked = coalesce((SELECT max(t.seq) FROM seq_time t WHERE t.committed < d.begun), 0)
 WHERE ended IS NULL;
CREATE INDEX disposal_item_student ON disposal_item (student_id, disposal) WHERE student_id IS NOT NULL;

-- Which of one type's records a disposal is about, as a condition; r is the record.
CREATE FUNCTION disposal_due(d disposal, t jsonb) RETURNS text LANGUAGE sql STABLE
SET search_path = public, pg_catalog, pg_temp AS $$
	SELECT CASE
		WHEN d.kind = 'retention' AND t->>'from' IS NOT NULL THEN disposal_condition(t)
		WHEN d.kind = 'request' AND t->>'student' IS NOT NULL AND NOT (t->>'witness')::boolean
		THEN format('r.%I = %L', t->>'student', d.student_id)
		ELSE 'false' END
$$;

-- Lists what is due; students: of these only, and not they themselves, who wait for the next run.
CREATE FUNCTION disposal_take(d disposal, students uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	t jsonb;
	due text;
BEGIN
	FOR t IN SELECT value FROM jsonb_array_elements(d.types)
	          WHERE students IS NULL OR value->>'student' <> 'id' LOOP
		due := disposal_due(d, t);
		CONTINUE WHEN due = 'false';
		EXECUTE format('INSERT INTO disposal_item (disposal, record_type, record_id, student_id, rule) '
		               'SELECT $1, %s, r.id, %s, %L FROM %I r WHERE (%s) %s ON CONFLICT DO NOTHING',
		               t->>'number', coalesce('r.' || quote_ident(t->>'student'), 'NULL::uuid'),
		               CASE d.kind WHEN 'request' THEN 'request' ELSE t->>'rule' END, t->>'name', due,
		               CASE WHEN students IS NOT NULL
		                    THEN format('AND r.%I = ANY ($2)', t->>'student') END) USING d.id, students;
	END LOOP;
END $$;

-- What is about a listed record (its conflicts, refused input, files) goes with it.
CREATE FUNCTION disposal_take_about(d disposal, since bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	t jsonb;
	n bigint;
	found_more bigint := 1;
BEGIN
	-- Refused input that names the student stands under an id that no record has.
	INSERT INTO disposal_item (disposal, record_type, record_id, student_id, rule)
	SELECT d.id, 21, r.id, i.record_id, i.rule
	  FROM disposal_item i
	  JOIN rejected r ON r.seq > since AND position(uuid_send(i.record_id) IN r.payload) > 0
	 WHERE i.disposal = d.id AND i.record_type = 3
	ON CONFLICT DO NOTHING;
	WHILE found_more > 0 LOOP
		found_more := 0;
		FOR t IN SELECT value FROM jsonb_array_elements(d.types) WHERE (value->>'about')::boolean LOOP
			EXECUTE format('INSERT INTO disposal_item (disposal, record_type, record_id, student_id, rule) '
			               'SELECT $1, %s, r.id, coalesce(i.student_id, $2), i.rule FROM %I r '
			               'JOIN disposal_item i ON i.disposal = $1 AND i.record_id = r.record_id '
			               'AND i.record_type = r.record_type ON CONFLICT DO NOTHING',
			               t->>'number', t->>'name') USING d.id, d.student_id;
			GET DIAGNOSTICS n = ROW_COUNT;
			found_more := found_more + n;
		END LOOP;
	END LOOP;
END $$;

-- The last day that belongs to so many years from a day on; from February 29 to a year without one: March 1.
CREATE FUNCTION disposal_years(event date, years bigint) RETURNS date LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN isfinite(event) THEN
		make_date(extract(year FROM event)::integer + years::integer, extract(month FROM event)::integer, 1)
			+ extract(day FROM event)::integer - 1
	ELSE event END
$$;

-- What one type's records go by, as a condition; r is the record. Of a student who is not there any more
-- nothing is counted from: it is due. t->'period': the column that refers to the kind, its table, and the day.
CREATE OR REPLACE FUNCTION disposal_condition(t jsonb) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	cutoff date := (t->>'cutoff')::date;
	leaving text;
	ending text;
	due text;
BEGIN
	leaving := CASE WHEN t->>'student' IS NULL THEN 'NULL::date' ELSE
		format('CASE WHEN EXISTS (SELECT FROM student s WHERE s.id = r.%1$I) '
		       'THEN (SELECT l.day FROM student_leaving l WHERE l.student_id = r.%1$I) '
		       'WHEN r.%1$I IS NOT NULL THEN ''-infinity'' END', t->>'student') END;
	ending := CASE WHEN t->>'expiry' IS NOT NULL THEN format('coalesce(r.%I, %s)', t->>'expiry', leaving)
	          ELSE leaving END;
	due := CASE
		WHEN t->>'from' = 'change' THEN format('r.seq <= %s', coalesce(
			(SELECT max(seq) FROM seq_time WHERE (committed AT TIME ZONE 'UTC')::date <= cutoff), 0))
		WHEN t->>'student' IS NULL THEN 'false'
		WHEN t->>'from' = 'placement' AND t->>'placement' IS NOT NULL THEN
			format('coalesce((SELECT coalesce(p.ended_on, p.ends_on, ''infinity'') FROM placement p '
			       'WHERE p.id = r.%I), %s) <= %L', t->>'placement', leaving, cutoff)
		WHEN t->>'from' = 'expiry' THEN format('%s <= %L', ending, cutoff)
		ELSE format('%s <= %L', leaving, cutoff) END;
	IF t->'period' IS NULL OR due = 'false' THEN
		RETURN due;
	END IF;
	RETURN due || format(' AND NOT EXISTS (SELECT FROM %I k WHERE k.id = r.%I '
	                     'AND disposal_years(%s, k.retention_years) >= %L)', t->'period'->>'of',
	                     t->'period'->>'column', ending, (t->'period'->>'as_of')::date);
END $$;

-- Files of what is kept; returns how many more are held.
CREATE FUNCTION disposal_hold_files(d disposal) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	t jsonb;
	n bigint;
	n_held bigint := 0;
BEGIN
	FOR t IN SELECT value FROM jsonb_array_elements(d.types)
	          WHERE (value->>'number')::integer IN (
			SELECT a.record_type FROM attachment a
			  JOIN disposal_item i ON i.disposal = d.id AND i.record_type = 90 AND i.record_id = a.id
			 WHERE i.held IS NULL AND i.seq IS NULL) LOOP
		EXECUTE format('UPDATE disposal_item i SET held = %L FROM attachment a JOIN %I r ON r.id = a.record_id '
		               'WHERE i.disposal = $1 AND i.record_type = 90 AND i.record_id = a.id '
		               'AND i.held IS NULL AND i.seq IS NULL AND a.record_type = %s AND NOT r.deleted '
		               'AND NOT EXISTS (SELECT FROM disposal_item j WHERE j.disposal = $1 '
		               'AND j.held IS NULL AND j.record_type = %s AND j.record_id = r.id)',
		               'the ' || (t->>'name') || ' that it is of is kept', t->>'name', t->>'number',
		               t->>'number') USING d.id;
		GET DIAGNOSTICS n = ROW_COUNT;
		n_held := n_held + n;
	END LOOP;
	RETURN n_held;
END $$;

-- What a kept record refers to is held until that goes; then, as before, what is about a record that stays.
CREATE FUNCTION disposal_hold_referred(d disposal) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	t jsonb;
	r jsonb;
	n bigint;
	n_held bigint := 0;
BEGIN
	FOR t, r IN SELECT x.value, y.value
	              FROM jsonb_array_elements(d.types) AS x
	             CROSS JOIN LATERAL jsonb_array_elements(x.value->'refs') AS y
	             WHERE NOT (x.value->>'witness')::boolean
	               AND EXISTS (SELECT FROM disposal_item i
	                            WHERE i.disposal = d.id AND i.held IS NULL AND i.seq IS NULL
	                              AND i.record_type = (y.value->>'type')::integer) LOOP
		EXECUTE format('UPDATE disposal_item i SET held = %L FROM %I r '
		               'WHERE i.disposal = $1 AND i.held IS NULL AND i.seq IS NULL '
		               'AND i.record_type = %s AND r.%I = i.record_id AND NOT r.deleted '
		               'AND NOT EXISTS (SELECT FROM disposal_item j WHERE j.disposal = $1 '
		               'AND j.held IS NULL AND j.record_type = %s AND j.record_id = r.id)',
		               'a ' || (t->>'name') || ' that is kept refers to it', t->>'name',
		               r->>'type', r->>'column', t->>'number') USING d.id;
		GET DIAGNOSTICS n = ROW_COUNT;
		n_held := n_held + n;
	END LOOP;
	RETURN n_held;
END $$;
CREATE FUNCTION disposal_hold_about(d disposal) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	t jsonb;
	n bigint;
	n_held bigint := 0;
BEGIN
	FOR t IN SELECT value FROM jsonb_array_elements(d.types) WHERE (value->>'about')::boolean LOOP
		EXECUTE format('UPDATE disposal_item i SET held = j.held FROM %I r '
		               'JOIN disposal_item j ON j.disposal = $1 AND j.held IS NOT NULL '
		               'AND j.record_type = r.record_type AND j.record_id = r.record_id '
		               'WHERE i.disposal = $1 AND i.held IS NULL AND i.seq IS NULL '
		               'AND i.record_type = %s AND i.record_id = r.id', t->>'name', t->>'number')
			USING d.id;
		GET DIAGNOSTICS n = ROW_COUNT;
		n_held := n_held + n;
	END LOOP;
	RETURN n_held;
END $$;

-- By rules, what a kept record refers to is held until that goes, and what is about a record that stays.
CREATE FUNCTION disposal_refer(d disposal) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	n_held bigint := CASE d.kind WHEN 'retention' THEN 1 ELSE 0 END;
BEGIN
	WHILE n_held > 0 LOOP
		n_held := disposal_hold_referred(d) + disposal_hold_about(d);
		n_held := n_held + disposal_hold_files(d);
	END LOOP;
END $$;

CREATE OR REPLACE FUNCTION disposal_find(of uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	d disposal;
BEGIN
	-- The number first: what is committed while the list is made is looked at again.
	UPDATE disposal SET looked = (SELECT head FROM sync_head WHERE shard = 0) WHERE id = of RETURNING * INTO d;
	PERFORM disposal_take(d, NULL);
	PERFORM disposal_take_about(d, 0);
	PERFORM disposal_hold(of);
	PERFORM disposal_refer(d);
END $$;

-- The records that were written after a number, by type.
CREATE FUNCTION disposal_written(since bigint) RETURNS TABLE (record_type integer, ids uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
	-- Scope by scope, as the feed is ordered.
	WITH RECURSIVE places AS (
		(SELECT scope FROM feed ORDER BY scope LIMIT 1)
		UNION ALL
		SELECT (SELECT f.scope FROM feed f WHERE f.scope > p.scope ORDER BY f.scope LIMIT 1)
		  FROM places p
		 WHERE p.scope IS NOT NULL)
	SELECT f.record_type, array_agg(DISTINCT f.record_id)
	  FROM places p
	 CROSS JOIN LATERAL (SELECT x.record_type, x.record_id FROM feed x
	                      WHERE x.scope = p.scope AND x.seq > since) AS f
	 GROUP BY f.record_type
$$;

-- Which of the list is to be looked at anew: of these students, these records (also papers whose kind was given
-- another period), and is_referred: a record was written that refers to a listed one.
CREATE FUNCTION disposal_touched(
	d disposal, OUT students uuid[], OUT records uuid[], OUT is_referred boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	t jsonb;
	r jsonb;
	p jsonb;
	written uuid[];
	found uuid[];
BEGIN
	students := '{}';
	records := '{}';
	is_referred := false;
	FOR t, written IN SELECT x.value, w.ids
	                    FROM disposal_written(d.looked) AS w
	                    JOIN jsonb_array_elements(d.types) AS x
	                      ON (x.value->>'number')::integer = w.record_type LOOP
		IF t->>'student' IS NOT NULL THEN
			EXECUTE format('SELECT array_agg(DISTINCT r.%1$I) FROM %2$I r WHERE r.id = ANY ($2) '
			               'AND (EXISTS (SELECT FROM disposal_item i WHERE i.disposal = $1 '
			               'AND i.student_id = r.%1$I) OR EXISTS (SELECT FROM disposal_item i '
			               'WHERE i.disposal = $1 AND i.record_type = 3 AND i.record_id = r.%1$I))',
			               t->>'student', t->>'name') INTO found USING d.id, written;
			students := students || found;
		END IF;
		SELECT records || array_agg(i.record_id) INTO records
		  FROM disposal_item i
		 WHERE i.disposal = d.id AND i.record_type = (t->>'number')::integer
		   AND i.record_id = ANY (written) AND i.seq IS NULL;
		FOR p IN SELECT value FROM jsonb_array_elements(d.types)
		          WHERE value->'period'->>'of' = t->>'name' LOOP
			EXECUTE format('SELECT $3 || array_agg(i.record_id) FROM disposal_item i '
			               'JOIN %I r ON r.id = i.record_id WHERE i.disposal = $1 '
			               'AND i.record_type = %s AND i.seq IS NULL AND i.held IS NULL '
			               'AND r.%I = ANY ($2)', p->>'name', p->>'number', p->'period'->>'column')
				INTO records USING d.id, written, records;
		END LOOP;
		FOR r IN SELECT value FROM jsonb_array_elements(t->'refs') LOOP
			EXECUTE format('SELECT $3 OR EXISTS (SELECT FROM %I r JOIN disposal_item i '
			               'ON i.disposal = $1 AND i.record_id = r.%I AND i.record_type = %s '
			               'AND i.seq IS NULL AND i.held IS NULL WHERE r.id = ANY ($2))',
			               t->>'name', r->>'column', r->>'type')
				INTO is_referred USING d.id, written, is_referred;
		END LOOP;
	END LOOP;
END $$;

-- What is not due any more stays. What is about a record goes by that.
CREATE FUNCTION disposal_recheck(d disposal, students uuid[], records uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	t jsonb;
BEGIN
	FOR t IN SELECT value FROM jsonb_array_elements(d.types)
	          WHERE (value->>'number')::integer IN (SELECT record_type FROM disposal_item
	                                                 WHERE disposal = d.id AND seq IS NULL AND held IS NULL)
	          ORDER BY (value->>'about')::boolean, (value->>'number')::integer LOOP
		EXECUTE format('UPDATE disposal_item i SET held = ''changed since it was listed, and not due now'' '
		               'WHERE i.disposal = $1 AND i.record_type = %s AND i.seq IS NULL AND i.held IS NULL '
		               'AND (i.student_id = ANY ($2) OR i.record_id = ANY ($3)) '
		               'AND NOT EXISTS (SELECT FROM %I r WHERE r.id = i.record_id AND (%s)) ',
		               t->>'number', t->>'name', disposal_due(d, t))
			|| CASE WHEN t->>'number' = '21' THEN
				'AND NOT EXISTS (SELECT FROM disposal_item j WHERE j.disposal = $1 AND j.held IS NULL '
				'AND j.record_type = 3 AND j.record_id = i.student_id) AND i.student_id IS NOT NULL '
			ELSE '' END
			|| CASE WHEN (t->>'about')::boolean THEN
				format('AND NOT EXISTS (SELECT FROM %I r JOIN disposal_item j ON j.disposal = $1 '
				       'AND j.held IS NULL AND j.record_type = r.record_type '
				       'AND j.record_id = r.record_id WHERE r.id = i.record_id)', t->>'name')
			ELSE '' END USING d.id, students, records;
	END LOOP;
END $$;

-- Makes the list true again. Whoever calls it holds the head row.
CREATE FUNCTION disposal_look(d disposal) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	touched record;
	is_touched boolean := d.kind = 'request';
BEGIN
	IF is_touched THEN
		SELECT ARRAY[d.student_id] AS students, '{}'::uuid[] AS records INTO touched;
	ELSIF d.looked < (SELECT head FROM sync_head WHERE shard = 0) THEN
		SELECT * INTO touched FROM disposal_touched(d);
		is_touched := touched.is_referred OR touched.students <> '{}' OR touched.records <> '{}';
	END IF;
	IF is_touched THEN
		PERFORM disposal_take(d, touched.students);
		PERFORM disposal_recheck(d, touched.students, touched.records);
		PERFORM disposal_take_about(d, d.looked);
	END IF;
	PERFORM disposal_hold(d.id);
	IF is_touched THEN
		PERFORM disposal_refer(d);
	END IF;
END $$;

-- What goes on after days finds much that was written: it looks at that before it takes the lock that numbers are
-- drawn under, and behind the lock only at what came meanwhile.
CREATE OR REPLACE FUNCTION disposal_step(of uuid, most_records integer, most_batches integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	d disposal;
	upto bigint;
BEGIN
	SELECT * INTO d FROM disposal WHERE id = of AND ended IS NULL FOR UPDATE;
	IF d.id IS NULL THEN
		RETURN false;
	ELSIF d.scrubbed IS NULL THEN
		IF d.kind = 'retention' THEN
			upto := (SELECT head FROM sync_head WHERE shard = 0);
			PERFORM disposal_look(d);
			d.looked := upto;
		END IF;
		IF d.kind <> 'replay' THEN
			-- What is being committed is seen: its number is drawn under the same lock.
			PERFORM FROM sync_head WHERE shard = 0 FOR UPDATE;
			PERFORM disposal_look(d);
		END IF;
		PERFORM disposal_records(d, most_records);
		UPDATE disposal SET looked = (SELECT head FROM sync_head WHERE shard = 0) WHERE id = of;
	ELSIF d.scrubbed < d.last_seq THEN
		PERFORM disposal_scrub(d, most_batches);
	ELSE
		PERFORM disposal_end(d);
		RETURN false;
	END IF;
	RETURN true;
END $$;

-- Refused input that is sealed, which was not looked through yet, and what of it names a student; upto: the head
-- before it was read (server/dispose_closed.c).
CREATE OR REPLACE FUNCTION disposal_closed(of uuid) RETURNS TABLE (rejected uuid, payload bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
	SELECT r.id, r.payload
	  FROM rejected r
	  JOIN disposal d ON d.id = of AND d.scrubbed IS NULL
	 WHERE r.seq > coalesce(d.opened, 0) AND substr(r.payload, 1, 1) = '\xff'
	   AND NOT EXISTS (SELECT FROM disposal_item i
	                    WHERE i.disposal = of AND i.record_type = 21 AND i.record_id = r.id)
$$;
DROP FUNCTION disposal_add_closed(uuid, uuid[], uuid[]);
CREATE FUNCTION disposal_add_closed(of uuid, rejected uuid[], students uuid[], upto bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
	INSERT INTO disposal_item (disposal, record_type, record_id, student_id, rule, held)
	SELECT of, 21, x.rejected, x.student, i.rule, i.held
	  FROM unnest(rejected, students) AS x (rejected, student)
	  JOIN disposal d ON d.id = of AND d.scrubbed IS NULL
	  JOIN disposal_item i ON i.disposal = of AND i.record_type = 3 AND i.record_id = x.student
	ON CONFLICT DO NOTHING;
	UPDATE disposal SET opened = upto WHERE id = of AND scrubbed IS NULL
$$;

DO $$
DECLARE
	f regprocedure;
BEGIN
	FOR f IN SELECT p.oid::regprocedure FROM pg_proc p
	          WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'disposal\_%'
	            AND p.proname <> 'disposal_names' AND has_function_privilege('public', p.oid, 'EXECUTE') LOOP
		EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
	END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION disposal_add_closed(uuid, uuid[], uuid[], bigint) TO practicum_auth;
