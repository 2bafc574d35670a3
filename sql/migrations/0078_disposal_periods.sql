-- A kind of paper that was given another period since a disposal listed its papers: these are looked at anew, as what
-- was written itself is.
CREATE OR REPLACE FUNCTION disposal_touched(
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
