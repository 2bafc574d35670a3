-- title: WBL participation
-- by: school grade program kind pay
-- counts: participants students qualified
-- labels: rule
--
-- Participants are distinct students with at least one placement that is active, suspended,
-- completing or completed at the as-of point and whose dates touch the school year (1 July to
-- 30 June, named by the year in which it ends). Students are all who are enrolled, participating,
-- completed or graduated at the as-of point, in the same cell of school, grade and program. A
-- person counts once in each cell and once in the total; the school is the home school. Rate is
-- participants in percent of students. Qualified are those of the participants who have completed a
-- placement that counts for indicator 5S3 by the rule set of domain perkins in force on the last day
-- of the placement: its kind of work is among the qualifying ones, and its accepted minutes, those of
-- approved sheets that no other one corrects with posted adjustments, are the least that are asked for.
-- Rule names the rule sets of the year as they were at the as-of point, with their version.
WITH year AS (
	SELECT make_date($2::bigint::integer - 1, 7, 1) AS first_day,
	       make_date($2::bigint::integer, 6, 30) AS last_day
), whole (is_total) AS (
	SELECT false WHERE cardinality($3::text[]) > 0 UNION ALL SELECT true
), people AS (
	SELECT s.id, w.is_total,
	       CASE WHEN NOT 'school' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(c.name, '(none)') END AS school,
	       CASE WHEN NOT 'grade' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(lpad(s.grade::text, 2, '0'), '(none)') END AS grade,
	       CASE WHEN NOT 'program' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(g.name, '(none)') END AS program
	  FROM student_history s
	 CROSS JOIN whole w
	  LEFT JOIN school_history c ON c.id = s.school_id AND held(c.from_seq, c.to_seq, $1::bigint)
	  LEFT JOIN program_of_study_history g ON g.id = s.program_id
	       AND held(g.from_seq, g.to_seq, $1::bigint)
	 WHERE held(s.from_seq, s.to_seq, $1::bigint)
	   AND s.state IN ('enrolled', 'participating', 'completed', 'graduated')
), rules AS (
	SELECT r.*, string_to_array(r.line, '|') AS words, rule_number(r.line, 'least') AS least
	  FROM rule_rows($4::text[], 'perkins|qualifying') r
), said AS (
	SELECT string_agg(format('%s (%s)', r.id, r.named), ', ' ORDER BY r.first_day) AS rule
	  FROM rules r
	 CROSS JOIN year y
	 WHERE r.first_day <= y.last_day AND r.last_day >= y.first_day
), accepted AS (
	SELECT placement_id, sum(minutes) AS minutes
	  FROM entries_as_of($1::bigint)
	 WHERE is_accepted
	 GROUP BY 1
), takers AS (
	SELECT p.is_total, p.school, p.grade, p.program,
	       CASE WHEN NOT 'kind' = ANY ($3::text[]) THEN '' WHEN p.is_total THEN 'Total'
	            ELSE l.kind END AS kind,
	       CASE WHEN NOT 'pay' = ANY ($3::text[]) THEN '' WHEN p.is_total THEN 'Total'
	            ELSE coalesce(l.pay, '(none)') END AS pay,
	       count(DISTINCT p.id) AS participants,
	       count(DISTINCT p.id) FILTER (
	               WHERE l.state = 'completed' AND r.id IS NOT NULL
	                 AND coalesce(a.minutes, 0) >= r.least) AS qualified
	  FROM people p
	  JOIN placement_history l ON l.student_id = p.id
	  LEFT JOIN accepted a ON a.placement_id = l.id
	  LEFT JOIN rules r ON coalesce(l.ended_on, l.ends_on) BETWEEN r.first_day AND r.last_day
	       AND 'kind=' || l.kind = ANY (r.words)
	 CROSS JOIN year y
	 WHERE held(l.from_seq, l.to_seq, $1::bigint)
	   AND l.state IN ('active', 'suspended', 'completing', 'completed')
	   AND l.starts_on <= y.last_day AND coalesce(l.ended_on, l.ends_on) >= y.first_day
	 GROUP BY 1, 2, 3, 4, 5, 6
), students AS (
	SELECT is_total, school, grade, program, count(*) AS students
	  FROM people
	 GROUP BY 1, 2, 3, 4
)
SELECT s.school, s.grade, s.program,
       coalesce(t.kind, CASE WHEN 'kind' = ANY ($3::text[]) THEN '(no placement)' END) AS kind,
       coalesce(t.pay, CASE WHEN 'pay' = ANY ($3::text[]) THEN '(no placement)' END) AS pay,
       coalesce(t.participants, 0)::text AS participants,
       s.students::text AS students,
       round(100.0 * coalesce(t.participants, 0) / s.students, 1)::text AS rate,
       coalesce(t.qualified, 0)::text AS qualified,
       d.rule
  FROM students s
 CROSS JOIN said d
  LEFT JOIN takers t USING (is_total, school, grade, program)
 ORDER BY s.is_total, 1, 2, 3, 4, 5;
