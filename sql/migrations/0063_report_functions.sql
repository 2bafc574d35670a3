-- What several reports say in the same words, said once.

-- Did a version of a _history view hold at the number?
CREATE FUNCTION held(from_seq bigint, to_seq bigint, as_of bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT from_seq <= as_of AND (to_seq IS NULL OR to_seq > as_of)
$$;

-- Every time entry as of a number, and whether its minutes count: accepted are those of approved sheets that no
-- other approved sheet corrects, with what posted adjustments add or take off. common/rules/counted.c says
-- the same for the close of a period and for what a placement has earned.
CREATE FUNCTION entries_as_of(as_of bigint) RETURNS TABLE (
	id uuid, sheet_id uuid, placement_id uuid, student_id uuid, work_date date, minutes bigint,
	is_accepted boolean, is_pending boolean)
LANGUAGE sql STABLE AS $$
	WITH sheets AS (
		SELECT s.id, s.state, s.amends_id
		  FROM time_sheet_history s
		 WHERE held(s.from_seq, s.to_seq, as_of)
	), corrected AS (
		SELECT DISTINCT s.amends_id AS id
		  FROM sheets s
		 WHERE s.state = 'approved' AND s.amends_id IS NOT NULL
	), posted AS (
		SELECT a.entry_id AS id, sum(a.delta_minutes)::bigint AS minutes
		  FROM adjustment_history a
		 WHERE held(a.from_seq, a.to_seq, as_of) AND a.state = 'posted'
		 GROUP BY 1
	)
	SELECT e.id, s.id, e.placement_id, e.student_id, e.work_date,
	       e.elapsed_minutes + CASE WHEN s.state = 'approved' AND c.id IS NULL
	                                THEN coalesce(p.minutes, 0) ELSE 0 END,
	       s.state = 'approved' AND c.id IS NULL, s.state IN ('submitted', 'flagged')
	  FROM time_entry_history e
	  JOIN sheets s ON s.id = e.sheet_id
	  LEFT JOIN corrected c ON c.id = s.id
	  LEFT JOIN posted p ON p.id = e.id
	 WHERE held(e.from_seq, e.to_seq, as_of)
$$;

-- The rows of one kind among the lines of server/report/rules.h, as in 'credit|credit'. Of the sets in force on a
-- day the one with the largest set_nr holds, and of its rows the first.
CREATE FUNCTION rule_rows(lines text[], kind text) RETURNS TABLE (
	nr bigint, set_nr bigint, id text, named text, first_day date, last_day date, line text)
LANGUAGE sql IMMUTABLE AS $$
	SELECT l.nr, min(l.nr) OVER (PARTITION BY split_part(l.line, '|', 4), split_part(l.line, '|', 5)),
	       split_part(l.line, '|', 3), split_part(l.line, '|', 4), split_part(l.line, '|', 5)::date,
	       split_part(l.line, '|', 6)::date, l.line
	  FROM unnest(lines) WITH ORDINALITY AS l (line, nr)
	 WHERE starts_with(l.line, kind || '|')
$$;

-- A number of a row; NULL: the row does not have the key.
CREATE FUNCTION rule_number(line text, key text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT substring(line FROM '[|]' || key || '=(-?[0-9]+)(?:[|]|$)')::bigint
$$;

-- Credits of a school year: none without the classroom part. prac_policy_credits() says the same.
CREATE FUNCTION credits_given(line text, periods bigint, blocks bigint, weekly_minutes bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN coalesce(periods, 0) >= rule_number(line, 'class-periods')
	              OR coalesce(blocks, 0) >= rule_number(line, 'class-blocks')
	            THEN least(coalesce(rule_number(line, 'most'), 0),
	                       1 + coalesce(weekly_minutes / nullif(rule_number(line, 'each'), 0), 0))
	            ELSE 0 END
$$;
