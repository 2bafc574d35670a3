-- A paper's own kind may keep it longer than the retention rules do (document_type.retention_years), and a file stays
-- as long as the record that it is of.

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
CREATE OR REPLACE FUNCTION disposal_refer(d disposal) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
	n_held bigint := CASE d.kind WHEN 'retention' THEN 1 ELSE 0 END;
BEGIN
	WHILE n_held > 0 LOOP
		n_held := disposal_hold_referred(d) + disposal_hold_about(d);
		n_held := n_held + disposal_hold_files(d);
	END LOOP;
END $$;
REVOKE ALL ON FUNCTION disposal_years(date, bigint), disposal_hold_files(disposal), disposal_hold_referred(disposal),
	disposal_hold_about(disposal) FROM PUBLIC;
