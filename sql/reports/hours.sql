-- title: Hours, credit and timeliness
-- by: school course month partner coordinator
-- counts: students credit_earned credit_attempted
-- labels: rule
--
-- Hours belong to the day on which they were worked; the school year is 1 July to 30 June, named by
-- the year in which it ends. Accepted minutes are those of time sheets approved at the as-of point
-- that no other approved sheet corrects, with what posted adjustments of closed hours add or take off;
-- pending minutes are those of submitted and flagged sheets, and no part
-- of the accepted ones. Planned minutes are the hours targets of the placements whose dates touch
-- the year and that were not canceled; a plan has no month, so with `month` they stand in the total
-- only. Students attempting credit are those of such placements whose program says how much work
-- makes a credit; they have earned it when their accepted minutes of the year in that program reach
-- it. An entry is submitted in time when its sheet was first submitted within 7 days after the day
-- worked, and decided in time when it was first approved or returned within 7 days after that; both
-- in percent of all entries, and of all that were ever submitted. Students are those of the entries and of
-- placements whose dates touch the year; where none of them attempts credit, both columns of credit are empty. Credits are those that the rule set of
-- domain credit in force on the last day of the student's work in the year gives:
-- with a class that meets often enough, in periods or in blocks, one, and one more for each so many hours a week, at most so
-- many a year. Hours a week of a placement with a class are its accepted minutes from its first day to its last in the year over its
-- weeks with a day of classes, where no calendar is published over all of its weeks; a day of the school's own calendar stands before
-- the district's; those of a
-- student's placements are added up, and the credits stand with the placement that ends last, with
-- `month` in the total only. Rule names the rule sets of the year as they were at the as-of point, with their version.
WITH year AS (
	SELECT make_date($2::bigint::integer - 1, 7, 1) AS first_day,
	       make_date($2::bigint::integer, 6, 30) AS last_day
), whole (is_total) AS (
	SELECT false WHERE cardinality($3::text[]) > 0 UNION ALL SELECT true
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
	 WHERE held(p.from_seq, p.to_seq, $1::bigint)
), entries AS (
	SELECT e.*, t.submitted IS NOT NULL AS was_submitted,
	       (t.submitted AT TIME ZONE 'UTC')::date <= e.work_date + 7 AS submitted_in_time,
	       t.decided <= t.submitted + interval '7 days' AS decided_in_time
	  FROM entries_as_of($1::bigint) e
	  JOIN times t ON t.id = e.sheet_id
	 CROSS JOIN year y
	 WHERE e.work_date BETWEEN y.first_day AND y.last_day
), earned AS (
	SELECT p.student_id, p.program_id,
	       sum(e.minutes) FILTER (WHERE e.is_accepted) AS minutes
	  FROM entries e
	  JOIN placements p ON p.id = e.placement_id
	 GROUP BY 1, 2
), rules AS (
	SELECT * FROM rule_rows($4::text[], 'credit|credit')
), said AS (
	SELECT string_agg(format('%s (%s)', r.id, r.named), ', ' ORDER BY r.first_day) AS rule
	  FROM rules r
	 CROSS JOIN year y
	 WHERE r.first_day <= y.last_day AND r.last_day >= y.first_day
), taught AS (
	SELECT p.id, p.student_id, p.school_id, c.periods_per_week, c.blocks_per_week,
	       greatest(p.starts_on, y.first_day) AS first_day,
	       least(coalesce(p.ended_on, p.ends_on), y.last_day) AS last_day
	  FROM placements p
	  JOIN class_history c ON c.id = p.class_id AND held(c.from_seq, c.to_seq, $1::bigint)
	 CROSS JOIN year y
	 WHERE p.state <> 'canceled'
	   AND p.starts_on <= y.last_day AND coalesce(p.ended_on, p.ends_on) >= y.first_day
), days AS (
	SELECT d.school_id, d.day, d.kind IN ('school', 'exam') AS has_classes
	  FROM school_day_history d
	 CROSS JOIN year y
	 WHERE held(d.from_seq, d.to_seq, $1::bigint) AND d.state IN ('published', 'amended')
	   AND d.day BETWEEN y.first_day AND y.last_day
), schools AS (
	SELECT DISTINCT school_id FROM taught
), calendar AS (
	SELECT s.school_id, d.day, d.has_classes
	  FROM schools s
	  JOIN days d USING (school_id)
	UNION ALL
	SELECT s.school_id, d.day, d.has_classes
	  FROM schools s
	  JOIN days d ON d.school_id IS NULL
	  LEFT JOIN days own ON own.school_id = s.school_id AND own.day = d.day
	 WHERE own.day IS NULL
), taught_weeks AS (
	SELECT t.id, count(DISTINCT d.day - extract(dow FROM d.day)::integer) AS weeks
	  FROM taught t
	  JOIN calendar d ON d.school_id = t.school_id AND d.day BETWEEN t.first_day AND t.last_day
	 WHERE d.has_classes
	 GROUP BY 1
), worked AS (
	SELECT t.id, sum(e.minutes)::bigint AS minutes
	  FROM taught t
	  JOIN entries e ON e.placement_id = t.id AND e.work_date BETWEEN t.first_day AND t.last_day
	 WHERE e.is_accepted
	 GROUP BY 1
), weekly AS (
	SELECT t.*, coalesce(k.minutes, 0) / coalesce(w.weeks,
	            ((t.last_day - extract(dow FROM t.last_day)::integer)
	             - (t.first_day - extract(dow FROM t.first_day)::integer)) / 7 + 1) AS minutes
	  FROM taught t
	  LEFT JOIN taught_weeks w USING (id)
	  LEFT JOIN worked k USING (id)
), earning AS (
	SELECT DISTINCT ON (w.student_id) w.id,
	       credits_given(r.line, max(w.periods_per_week) OVER student, max(w.blocks_per_week) OVER student,
	                     (sum(w.minutes) OVER student)::bigint) AS credits
	  FROM weekly w
	  JOIN LATERAL (SELECT r.line FROM rules r WHERE w.last_day BETWEEN r.first_day AND r.last_day
	                 ORDER BY r.set_nr DESC, r.nr LIMIT 1) r ON true
	WINDOW student AS (PARTITION BY w.student_id)
	 ORDER BY w.student_id, w.last_day DESC, w.id
), facts AS (
	SELECT e.placement_id, e.work_date, e.student_id, e.minutes, e.is_accepted, e.is_pending,
	       e.was_submitted, e.submitted_in_time, e.decided_in_time, NULL::bigint AS planned,
	       false AS attempts, false AS has_earned, NULL::bigint AS credits
	  FROM entries e
	UNION ALL
	SELECT p.id, NULL, p.student_id, NULL, false, false, false, false, false, p.target_minutes,
	       g.minutes_per_credit IS NOT NULL,
	       coalesce(d.minutes >= g.minutes_per_credit, false), n.credits
	  FROM placements p
	 CROSS JOIN year y
	  LEFT JOIN earning n ON n.id = p.id
	  LEFT JOIN program_of_study_history g ON g.id = p.program_id
	       AND held(g.from_seq, g.to_seq, $1::bigint)
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
	  LEFT JOIN school_history c ON c.id = p.school_id AND held(c.from_seq, c.to_seq, $1::bigint)
	  LEFT JOIN organization_history o ON o.id = p.organization_id
	       AND held(o.from_seq, o.to_seq, $1::bigint)
	  LEFT JOIN staff_history k ON k.id = p.coordinator_id AND held(k.from_seq, k.to_seq, $1::bigint)
	 WHERE w.is_total OR f.work_date IS NOT NULL OR NOT 'month' = ANY ($3::text[])
)
SELECT school, course, month, partner, coordinator,
       count(DISTINCT student_id)::text AS students,
       coalesce(sum(minutes) FILTER (WHERE is_accepted), 0)::text AS accepted_minutes,
       coalesce(sum(minutes) FILTER (WHERE is_pending), 0)::text AS pending_minutes,
       sum(planned)::text AS planned_minutes,
       CASE WHEN bool_or(attempts)
            THEN count(DISTINCT student_id) FILTER (WHERE has_earned) END::text AS credit_earned,
       nullif(count(DISTINCT student_id) FILTER (WHERE attempts), 0)::text AS credit_attempted,
       count(work_date)::text AS entries,
       round(100.0 * count(*) FILTER (WHERE submitted_in_time) / nullif(count(work_date), 0), 1)::text
       AS submitted_in_time,
       round(100.0 * count(*) FILTER (WHERE decided_in_time)
             / nullif(count(*) FILTER (WHERE was_submitted), 0), 1)::text AS decided_in_time,
       sum(credits)::text AS credits,
       min(said.rule) AS rule
  FROM cells
 CROSS JOIN said
 GROUP BY is_total, school, course, month, partner, coordinator
 ORDER BY is_total, 1, 2, 3, 4, 5;
