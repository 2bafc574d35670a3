-- title: Competency growth
-- by: school program kind evaluator competency
-- counts: students at_target completed
--
-- Growth is the last score less the first of the same competency of a student in a placement, given by
-- the same side (supervisor, teacher, student, coordinator) with the same version of a rubric at two
-- or more stages (readiness, start, middle, final). Evaluations of the student count once they are
-- submitted and not returned at the as-of point, and once both sides may read them: what student or supervisor
-- wrote is left out while the other owes an evaluation of the same stage, until the day it was due, reckoned on the day (UTC)
-- of the last change before the as-of point. Not observed counts in no figure but its own. At target are those of the
-- students with growth whose last scores all reach the targets that their rubrics name. Placements are those
-- whose dates touch the school year (1 July to 30 June, named by the year in which it ends) and that
-- were not canceled. Gained is the sum of all growth, growth its mean over the scored competencies;
-- students are distinct, and coverage is those of them with a completed placement in percent of all students with a
-- completed placement in the same cell of school, program and kind.
WITH year AS (
	SELECT make_date($2::bigint::integer - 1, 7, 1) AS first_day,
	       make_date($2::bigint::integer, 6, 30) AS last_day
), whole (is_total) AS (
	SELECT false WHERE cardinality($3::text[]) > 0 UNION ALL SELECT true
), placements AS (
	SELECT p.id, p.student_id, p.state, w.is_total,
	       CASE WHEN NOT 'school' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(c.name, '(none)') END AS school,
	       CASE WHEN NOT 'program' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(g.name, '(none)') END AS program,
	       CASE WHEN NOT 'kind' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE p.kind END AS kind
	  FROM placement_history p
	 CROSS JOIN year y
	 CROSS JOIN whole w
	  LEFT JOIN school_history c ON c.id = p.school_id
	       AND held(c.from_seq, c.to_seq, $1::bigint)
	  LEFT JOIN program_of_study_history g ON g.id = p.program_id
	       AND held(g.from_seq, g.to_seq, $1::bigint)
	 WHERE p.from_seq <= $1::bigint AND (p.to_seq IS NULL OR p.to_seq > $1::bigint)
	   AND p.state <> 'canceled'
	   AND p.starts_on <= y.last_day AND coalesce(p.ended_on, p.ends_on) >= y.first_day
), today AS (
	SELECT (t.committed AT TIME ZONE 'UTC')::date AS day
	  FROM seq_time t
	 WHERE t.seq <= $1::bigint
	 ORDER BY t.seq DESC LIMIT 1
), evaluations AS (
	SELECT e.*, e.state IN ('submitted', 'acknowledged', 'final') AS is_in
	  FROM evaluation_history e
	 WHERE held(e.from_seq, e.to_seq, $1::bigint) AND e.state <> 'dropped'
), scores AS (
	SELECT e.placement_id, e.rubric_id, e.evaluator,
	       array_position(ARRAY['readiness', 'start', 'middle', 'final'], e.stage) AS step,
	       split_part(s, '=', 1) AS competency, split_part(s, '=', 2) AS points
	  FROM evaluations e
	 CROSS JOIN today d
	 CROSS JOIN unnest(e.scores) s
	 WHERE e.is_in AND e.subject = 'student'
	   AND (e.evaluator NOT IN ('student', 'supervisor') OR coalesce(e.due_on < d.day, false)
	        OR NOT EXISTS (
	           SELECT FROM evaluations o
	            WHERE o.placement_id = e.placement_id AND o.stage = e.stage AND NOT o.is_in
	              AND o.evaluator = CASE e.evaluator WHEN 'student' THEN 'supervisor'
	                                                 ELSE 'student' END))
), lines AS (
	SELECT placement_id, evaluator, competency,
	       (array_agg(points::bigint ORDER BY step DESC) FILTER (WHERE points <> 'not_observed'))[1]
	       >= min(r.target_score) AS is_at_target,
	       count(DISTINCT step) FILTER (WHERE points <> 'not_observed') >= 2 AS has_growth,
	       (array_agg(points::bigint ORDER BY step DESC) FILTER (WHERE points <> 'not_observed'))[1]
	       - (array_agg(points::bigint ORDER BY step) FILTER (WHERE points <> 'not_observed'))[1]
	       AS growth,
	       count(*) FILTER (WHERE points = 'not_observed') AS not_observed
	  FROM scores
	  LEFT JOIN rubric r ON r.id = rubric_id
	 GROUP BY placement_id, rubric_id, evaluator, competency
), students AS (
	SELECT p.is_total, p.school, p.program, p.kind,
	       CASE WHEN NOT 'evaluator' = ANY ($3::text[]) THEN '' WHEN p.is_total THEN 'Total'
	            ELSE l.evaluator END AS evaluator,
	       CASE WHEN NOT 'competency' = ANY ($3::text[]) THEN '' WHEN p.is_total THEN 'Total'
	            ELSE l.competency END AS competency,
	       p.student_id, bool_or(l.has_growth) AS has_growth,
	       bool_or(l.has_growth AND p.state = 'completed') AS is_covered,
	       coalesce(bool_and(l.is_at_target) FILTER (WHERE l.has_growth), false) AS is_at_target,
	       sum(l.growth) FILTER (WHERE l.has_growth) AS gained,
	       count(*) FILTER (WHERE l.has_growth) AS lines, sum(l.not_observed) AS not_observed
	  FROM placements p
	  JOIN lines l ON l.placement_id = p.id
	 GROUP BY 1, 2, 3, 4, 5, 6, 7
), cells AS (
	SELECT is_total, school, program, kind, evaluator, competency,
	       count(*) FILTER (WHERE has_growth) AS students,
	       count(*) FILTER (WHERE is_covered) AS covered,
	       count(*) FILTER (WHERE is_at_target) AS at_target,
	       sum(gained) AS gained, round(sum(gained) / nullif(sum(lines), 0), 2) AS growth,
	       sum(not_observed) AS not_observed
	  FROM students
	 GROUP BY 1, 2, 3, 4, 5, 6
), completed AS (
	SELECT is_total, school, program, kind, count(DISTINCT student_id) AS students
	  FROM placements
	 WHERE state = 'completed'
	 GROUP BY 1, 2, 3, 4
)
SELECT school, program, kind, c.evaluator, c.competency,
       c.students::text AS students,
       coalesce(c.gained, 0)::text AS gained,
       c.growth::text AS growth,
       c.at_target::text AS at_target,
       c.not_observed::text AS not_observed,
       coalesce(d.students, 0)::text AS completed,
       round(100.0 * c.covered / nullif(d.students, 0), 1)::text AS coverage
  FROM cells c
  LEFT JOIN completed d USING (is_total, school, program, kind)
 ORDER BY c.is_total, 1, 2, 3, 4, 5;
