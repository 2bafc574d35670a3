-- title: Hours, credit and timeliness
-- by: school course month partner coordinator
--
-- Hours belong to the day on which they were worked; the school year is 1 July to 30 June, named by
-- the year in which it ends. Accepted minutes are those of time sheets approved at the as-of point
-- that no other approved sheet corrects; pending minutes are those of submitted and flagged sheets, and no part
-- of the accepted ones. Planned minutes are the hours targets of the placements whose dates touch
-- the year and that were not canceled; a plan has no month, so with `month` they stand in the total
-- only. Students attempting credit are those of such placements whose program says how much work
-- makes a credit; they have earned it when their accepted minutes of the year in that program reach
-- it. An entry is submitted in time when its sheet was first submitted within 7 days after the day
-- worked, and decided in time when it was first approved or returned within 7 days after that; both
-- in percent of all entries, and of all that were ever submitted.
WITH year AS (
	SELECT make_date($2::bigint::integer - 1, 7, 1) AS first_day,
	       make_date($2::bigint::integer, 6, 30) AS last_day
), whole (is_total) AS (
	SELECT false WHERE cardinality($3::text[]) > 0 UNION ALL SELECT true
), sheets AS (
	SELECT s.*
	  FROM time_sheet_history s
	 WHERE s.from_seq <= $1::bigint AND (s.to_seq IS NULL OR s.to_seq > $1::bigint)
), moves AS (
	SELECT m.id, min(m.from_seq) FILTER (WHERE m.state IN ('submitted', 'flagged')) AS submitted,
	       min(m.from_seq) FILTER (WHERE m.state IN ('approved', 'returned')) AS decided
	  FROM time_sheet_history m
	 WHERE m.from_seq <= $1::bigint
	 GROUP BY m.id
), times AS (
	SELECT m.id,
	       (SELECT t.committed FROM seq_time t WHERE t.seq >= m.submitted ORDER BY t.seq LIMIT 1)
	       AS submitted,
	       (SELECT t.committed FROM seq_time t WHERE t.seq >= m.decided ORDER BY t.seq LIMIT 1)
	       AS decided
	  FROM moves m
), placements AS (
	SELECT p.*
	  FROM placement_history p
	 WHERE p.from_seq <= $1::bigint AND (p.to_seq IS NULL OR p.to_seq > $1::bigint)
), entries AS (
	SELECT e.placement_id, e.student_id, e.work_date, e.elapsed_minutes AS minutes,
	       s.state = 'approved' AND NOT EXISTS (
	               SELECT FROM sheets a WHERE a.amends_id = s.id AND a.state = 'approved')
	       AS is_accepted,
	       s.state IN ('submitted', 'flagged') AS is_pending,
	       t.submitted IS NOT NULL AS was_submitted,
	       (t.submitted AT TIME ZONE 'UTC')::date <= e.work_date + 7 AS submitted_in_time,
	       t.decided <= t.submitted + interval '7 days' AS decided_in_time
	  FROM time_entry_history e
	  JOIN sheets s ON s.id = e.sheet_id
	  JOIN times t ON t.id = s.id
	 CROSS JOIN year y
	 WHERE e.from_seq <= $1::bigint AND (e.to_seq IS NULL OR e.to_seq > $1::bigint)
	   AND e.work_date BETWEEN y.first_day AND y.last_day
), earned AS (
	SELECT p.student_id, p.program_id,
	       sum(e.minutes) FILTER (WHERE e.is_accepted) AS minutes
	  FROM entries e
	  JOIN placements p ON p.id = e.placement_id
	 GROUP BY 1, 2
), facts AS (
	SELECT e.placement_id, e.work_date, e.student_id, e.minutes, e.is_accepted, e.is_pending,
	       e.was_submitted, e.submitted_in_time, e.decided_in_time, NULL::bigint AS planned,
	       false AS attempts, false AS has_earned
	  FROM entries e
	UNION ALL
	SELECT p.id, NULL, p.student_id, NULL, false, false, false, false, false, p.target_minutes,
	       g.minutes_per_credit IS NOT NULL,
	       coalesce(d.minutes >= g.minutes_per_credit, false)
	  FROM placements p
	 CROSS JOIN year y
	  LEFT JOIN program_of_study g ON g.id = p.program_id
	  LEFT JOIN earned d ON d.student_id = p.student_id AND d.program_id = p.program_id
	 WHERE p.state <> 'canceled'
	   AND p.starts_on <= y.last_day AND coalesce(p.ended_on, p.ends_on) >= y.first_day
), cells AS (
	SELECT w.is_total,
	       CASE WHEN NOT 'school' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(c.name, '(none)') END AS school,
	       CASE WHEN NOT 'course' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(p.course_code, '(none)') END AS course,
	       CASE WHEN NOT 'month' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE to_char(f.work_date, 'YYYY-MM') END AS month,
	       CASE WHEN NOT 'partner' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(o.name, '(none)') END AS partner,
	       CASE WHEN NOT 'coordinator' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(k.family_name || ', ' || k.given_name, '(none)') END AS coordinator,
	       f.*
	  FROM facts f
	 CROSS JOIN whole w
	  JOIN placements p ON p.id = f.placement_id
	  LEFT JOIN school c ON c.id = p.school_id
	  LEFT JOIN organization o ON o.id = p.organization_id
	  LEFT JOIN staff k ON k.id = p.coordinator_id
	 WHERE w.is_total OR f.work_date IS NOT NULL OR NOT 'month' = ANY ($3::text[])
)
SELECT school, course, month, partner, coordinator,
       coalesce(sum(minutes) FILTER (WHERE is_accepted), 0)::text AS accepted_minutes,
       coalesce(sum(minutes) FILTER (WHERE is_pending), 0)::text AS pending_minutes,
       sum(planned)::text AS planned_minutes,
       count(DISTINCT student_id) FILTER (WHERE has_earned)::text AS credit_earned,
       count(DISTINCT student_id) FILTER (WHERE attempts)::text AS credit_attempted,
       count(work_date)::text AS entries,
       round(100.0 * count(*) FILTER (WHERE submitted_in_time) / nullif(count(work_date), 0), 1)::text
       AS submitted_in_time,
       round(100.0 * count(*) FILTER (WHERE decided_in_time)
             / nullif(count(*) FILTER (WHERE was_submitted), 0), 1)::text AS decided_in_time
  FROM cells
 GROUP BY is_total, school, course, month, partner, coordinator
 ORDER BY is_total, 1, 2, 3, 4, 5;
