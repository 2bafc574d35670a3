-- title: WBL participation
-- by: school grade program kind pay
--
-- Participants are distinct students with at least one placement that is active, suspended,
-- completing or completed at the as-of point and whose dates touch the school year (1 July to
-- 30 June, named by the year in which it ends). Students are all who are enrolled, participating,
-- completed or graduated at the as-of point, in the same cell of school, grade and program. A
-- person counts once in each cell and once in the total; the school is the home school. Rate is
-- participants in percent of students.
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
	  LEFT JOIN school c ON c.id = s.school_id
	  LEFT JOIN program_of_study g ON g.id = s.program_id
	 WHERE s.from_seq <= $1::bigint AND (s.to_seq IS NULL OR s.to_seq > $1::bigint)
	   AND s.state IN ('enrolled', 'participating', 'completed', 'graduated')
), takers AS (
	SELECT p.is_total, p.school, p.grade, p.program,
	       CASE WHEN NOT 'kind' = ANY ($3::text[]) THEN '' WHEN p.is_total THEN 'Total'
	            ELSE l.kind END AS kind,
	       CASE WHEN NOT 'pay' = ANY ($3::text[]) THEN '' WHEN p.is_total THEN 'Total'
	            ELSE coalesce(l.pay, '(none)') END AS pay,
	       count(DISTINCT p.id) AS participants
	  FROM people p
	  JOIN placement_history l ON l.student_id = p.id
	 CROSS JOIN year y
	 WHERE l.from_seq <= $1::bigint AND (l.to_seq IS NULL OR l.to_seq > $1::bigint)
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
       round(100.0 * coalesce(t.participants, 0) / s.students, 1)::text AS rate
  FROM students s
  LEFT JOIN takers t USING (is_total, school, grade, program)
 ORDER BY s.is_total, 1, 2, 3, 4, 5;
