-- What is to be judged anew because the facts of labor law have changed (server/rejudge). A change asks
-- for it in its own transaction, so that none is forgotten; who asks twice is answered twice, which
-- changes nothing the second time. Only sheets that nobody has approved are judged: approved ones stay.

CREATE TABLE rejudge (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	because    text NOT NULL,        -- as the sheets say it
	school_id  uuid,                 -- null: of all schools
	student_id uuid,                 -- null: of all students
	first_day  date NOT NULL,        -- sheets of the weeks that begin on these days
	last_day   date NOT NULL,
	done_to    uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', -- in the order of sheets
	n_judged   bigint NOT NULL DEFAULT 0,
	asked      timestamptz NOT NULL DEFAULT now(),
	ended      timestamptz
);
CREATE TRIGGER decided BEFORE INSERT OR UPDATE OR DELETE ON rejudge EXECUTE FUNCTION decided_guard();
CREATE INDEX rejudge_open ON rejudge (id) WHERE ended IS NULL;
-- Few at any time, so that what is to be judged is found without the years before.
CREATE INDEX rejudge_time_sheet ON time_sheet (id) WHERE state IN ('submitted', 'flagged');

-- A set bears on the weeks that have a day of it, the night before the first included.
CREATE FUNCTION rejudge_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
BEGIN
	IF TG_OP = 'INSERT' OR OLD.state <> 'approved' THEN
		INSERT INTO rejudge (because, first_day, last_day)
		VALUES (format('Rules %s %s %s (rule_set %s)', NEW.domain, NEW.jurisdiction, NEW.version,
		               NEW.id),
		        NEW.starts_on - 7, coalesce(NEW.ends_on, 'infinity'));
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER rejudge AFTER INSERT OR UPDATE ON rule_set FOR EACH ROW
	WHEN (NEW.state = 'approved' AND NEW.domain = 'labor') EXECUTE FUNCTION rejudge_rules();

-- A day bears on its own week, on the one before by its eve and on the one behind by the night into it.
-- A draft bears on nothing; a day that becomes one again, does.
CREATE FUNCTION rejudge_day(days uuid[], of_school uuid, first date, last date) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO rejudge (because, school_id, first_day, last_day)
	VALUES (format('Calendar of %s (school_day %s)',
	               CASE WHEN first = last THEN first::text ELSE format('%s to %s', first, last) END,
	               days[1]),
	        of_school, first - 13, last + 7)
$$;
CREATE FUNCTION rejudge_calendar() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		PERFORM rejudge_day(array_agg(id ORDER BY day), school_id, min(day), max(day))
		   FROM changed
		  WHERE state <> 'draft'
		  GROUP BY school_id;
	ELSE
		PERFORM rejudge_day(array_agg(c.id ORDER BY c.day), c.school_id, min(least(c.day, f.day)),
		                    max(greatest(c.day, f.day)))
		   FROM changed c
		   JOIN former f USING (id)
		  WHERE c.state <> 'draft' OR f.state <> 'draft'
		  GROUP BY c.school_id;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER rejudge_new AFTER INSERT ON school_day REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION rejudge_calendar();
CREATE TRIGGER rejudge_changed AFTER UPDATE ON school_day
	REFERENCING OLD TABLE AS former NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION rejudge_calendar();

-- Papers of students. The argument says what they are; most students have no sheet that waits.
CREATE FUNCTION rejudge_students() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
BEGIN
	INSERT INTO rejudge (because, student_id, first_day, last_day)
	SELECT format('%s (%s %s)', TG_ARGV[0], TG_TABLE_NAME, (array_agg(c.id))[1]), c.student_id,
	       '-infinity', 'infinity'
	  FROM changed c
	 WHERE EXISTS (SELECT FROM time_sheet s
	                WHERE s.student_id = c.student_id AND s.state IN ('submitted', 'flagged'))
	 GROUP BY c.student_id;
	RETURN NULL;
END $$;
CREATE TRIGGER rejudge_new AFTER INSERT ON release_period REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION rejudge_students('Release period');
CREATE TRIGGER rejudge_changed AFTER UPDATE ON release_period REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION rejudge_students('Release period');
CREATE TRIGGER rejudge_new AFTER INSERT ON consent REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION rejudge_students('Consent');
CREATE TRIGGER rejudge_changed AFTER UPDATE ON consent REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION rejudge_students('Consent');
CREATE TRIGGER rejudge_new AFTER INSERT ON training_plan REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION rejudge_students('Training plan');
CREATE TRIGGER rejudge_changed AFTER UPDATE ON training_plan REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION rejudge_students('Training plan');

-- A new student has no sheets; of a change only the birth date bears on them.
CREATE FUNCTION rejudge_birth_date() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
BEGIN
	INSERT INTO rejudge (because, student_id, first_day, last_day)
	SELECT format('Birth date (student %s)', c.id), c.id, '-infinity', 'infinity'
	  FROM changed c
	  JOIN former f USING (id)
	 WHERE c.birth_date IS DISTINCT FROM f.birth_date
	   AND EXISTS (SELECT FROM time_sheet s
	                WHERE s.student_id = c.id AND s.state IN ('submitted', 'flagged'));
	RETURN NULL;
END $$;
CREATE TRIGGER rejudge_changed AFTER UPDATE ON student
	REFERENCING OLD TABLE AS former NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION rejudge_birth_date();
