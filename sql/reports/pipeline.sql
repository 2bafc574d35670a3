-- title: Placement pipeline
-- by: school coordinator kind partner reason
-- counts: placements opened
-- labels: state
--
-- All placements opened in the school year (1 July to 30 June, named by the year in which it ends):
-- those whose first version was committed in it. Placements counts them by the state they have at
-- the as-of point, share is that in percent of the cell's opened. Median days is how long a
-- placement stayed in that state, over the stays that had ended by the as-of point. The reason is
-- that of a loss: of placements canceled or terminated. Dates are those of UTC.
WITH year AS (
	SELECT make_date($2::bigint::integer - 1, 7, 1) AS first_day,
	       make_date($2::bigint::integer, 6, 30) AS last_day
), whole (is_total) AS (
	SELECT false WHERE cardinality($3::text[]) > 0 UNION ALL SELECT true
), changes AS (
	SELECT h.id, h.state, h.from_seq,
	       h.state IS DISTINCT FROM lag(h.state) OVER versions AS is_move
	  FROM placement_history h
	 WHERE h.from_seq <= $1::bigint
	WINDOW versions AS (PARTITION BY h.id ORDER BY h.from_seq)
), moves AS (
	SELECT c.id, c.state, row_number() OVER in_order = 1 AS is_first,
	       (SELECT t.committed FROM seq_time t WHERE t.seq >= c.from_seq ORDER BY t.seq LIMIT 1)
	       AS entered,
	       lead(c.from_seq) OVER in_order AS left_seq
	  FROM changes c
	 WHERE c.is_move
	WINDOW in_order AS (PARTITION BY c.id ORDER BY c.from_seq)
), opened AS (
	SELECT m.id
	  FROM moves m, year y
	 WHERE m.is_first AND (m.entered AT TIME ZONE 'UTC')::date BETWEEN y.first_day AND y.last_day
), placements AS (
	SELECT p.id, p.state AS state_now, w.is_total,
	       CASE WHEN NOT 'school' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(c.name, '(none)') END AS school,
	       CASE WHEN NOT 'coordinator' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(k.family_name || ', ' || k.given_name, '(none)') END AS coordinator,
	       CASE WHEN NOT 'kind' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE p.kind END AS kind,
	       CASE WHEN NOT 'partner' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(o.name, '(none)') END AS partner,
	       CASE WHEN NOT 'reason' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            WHEN p.state IN ('canceled', 'terminated') THEN coalesce(p.reason, '(none)')
	            ELSE '(not lost)' END AS reason
	  FROM placement_history p
	  JOIN opened USING (id)
	 CROSS JOIN whole w
	  LEFT JOIN school_history c ON c.id = p.school_id
	       AND held(c.from_seq, c.to_seq, $1::bigint)
	  LEFT JOIN staff_history k ON k.id = p.coordinator_id
	       AND held(k.from_seq, k.to_seq, $1::bigint)
	  LEFT JOIN organization_history o ON o.id = p.organization_id
	       AND held(o.from_seq, o.to_seq, $1::bigint)
	 WHERE p.from_seq <= $1::bigint AND (p.to_seq IS NULL OR p.to_seq > $1::bigint)
), sizes AS (
	SELECT is_total, school, coordinator, kind, partner, reason, count(*) AS opened
	  FROM placements
	 GROUP BY 1, 2, 3, 4, 5, 6
), steps AS (
	SELECT p.is_total, p.school, p.coordinator, p.kind, p.partner, p.reason, m.state,
	       count(DISTINCT p.id) FILTER (WHERE m.left_seq IS NULL) AS placements,
	       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM (
	               SELECT t.committed FROM seq_time t WHERE t.seq >= m.left_seq
	                ORDER BY t.seq LIMIT 1) - m.entered) / 86400) AS median_days
	  FROM placements p
	  JOIN moves m ON m.id = p.id
	 GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT s.school, s.coordinator, s.kind, s.partner, s.reason, s.state,
       s.placements::text AS placements, z.opened::text AS opened,
       round(100.0 * s.placements / z.opened, 1)::text AS share,
       round(s.median_days::numeric, 1)::text AS median_days
  FROM steps s
  JOIN sizes z USING (is_total, school, coordinator, kind, partner, reason)
 ORDER BY s.is_total, 1, 2, 3, 4, 5,
          array_position(ARRAY['draft', 'school_review', 'district_review', 'approved', 'ready',
                               'active', 'suspended', 'completing', 'completed', 'canceled',
                               'terminated'], s.state);
