-- title: Perkins 5S3, work-based learning of concentrators
-- by: school program cluster sex race population kind
-- counts: participants concentrators graduates
-- labels: rule
--
-- Graduates are distinct students who graduated in the school year (1 July to 30 June, named by the year in which
-- it ends: they left on a day of it). Concentrators are those of them who, by the end of the year, had
-- completed as many courses in a single program of study as the rule set of domain perkins asks for that is in
-- force on the last day of the year, or whom the student information system counts as concentrators. Participants are
-- those of the concentrators who at any time completed a placement that counts for indicator 5S3 by the rule set
-- in force on its last day, as in the report participation. 5S3 is participants in percent of concentrators; without a
-- concentrator there is no rate. A person counts once in each cell and once in the total. The school is the home
-- school; program and cluster are those of the courses, or else of the student's program. Sex and race are as the
-- roster says, one race or ethnicity for each student: Hispanic or Latino of whatever race, else two or more races, else the one. Population is each
-- special population that the student belongs to, kind each kind of work that counts: a person of two is in both
-- cells, so that those do not add up to the total. Rule names the rule sets of the year as they were at the as-of point, with their version.
WITH year AS (
	SELECT make_date($2::bigint::integer - 1, 7, 1) AS first_day,
	       make_date($2::bigint::integer, 6, 30) AS last_day
), whole (is_total) AS (
	SELECT false WHERE cardinality($3::text[]) > 0 UNION ALL SELECT true
), rules AS (
	SELECT r.*, string_to_array(r.line, '|') AS words, rule_number(r.line, 'least') AS least
	  FROM (SELECT * FROM rule_rows($4::text[], 'perkins|qualifying')
	        UNION ALL
	        SELECT * FROM rule_rows($4::text[], 'perkins|concentrator')) r
), said AS (
	SELECT string_agg(format('%s (%s)', r.id, r.named), ', ' ORDER BY r.id, r.first_day) AS rule
	  FROM rules r
	 CROSS JOIN year y
	 WHERE r.first_day <= y.last_day AND r.last_day >= y.first_day
), asked AS (
	SELECT r.least
	  FROM rule_rows($4::text[], 'perkins|concentrator') c
	  JOIN rules r USING (nr)
	 CROSS JOIN year y
	 WHERE y.last_day BETWEEN c.first_day AND c.last_day
	 ORDER BY c.set_nr DESC, c.nr LIMIT 1
), graduates AS (
	SELECT s.id, s.school_id, s.program_id, coalesce(s.concentrator, false) AND
	       coalesce(s.concentrator_on <= y.last_day, true) AS is_flagged, s.special_populations,
	       s.sex, s.race
	  FROM student_history s
	 CROSS JOIN year y
	 WHERE held(s.from_seq, s.to_seq, $1::bigint) AND s.state = 'graduated'
	   AND s.left_on BETWEEN y.first_day AND y.last_day
), courses AS (
	SELECT DISTINCT ON (c.student_id) c.student_id, k.program_id,
	       count(DISTINCT k.id) AS courses
	  FROM course_completion_history c
	  JOIN course_history k ON k.id = c.course_id AND held(k.from_seq, k.to_seq, $1::bigint)
	 CROSS JOIN year y
	 WHERE held(c.from_seq, c.to_seq, $1::bigint) AND c.passed AND c.completed_on <= y.last_day
	   AND k.program_id IS NOT NULL
	 GROUP BY c.student_id, k.program_id
	 ORDER BY c.student_id, count(DISTINCT k.id) DESC, k.program_id
), accepted AS (
	SELECT placement_id, sum(minutes) AS minutes
	  FROM entries_as_of($1::bigint)
	 WHERE is_accepted
	 GROUP BY 1
), takers AS (
	SELECT l.student_id AS id, array_agg(DISTINCT l.kind) AS kinds
	  FROM placement_history l
	  LEFT JOIN accepted a ON a.placement_id = l.id
	  JOIN rules r ON coalesce(l.ended_on, l.ends_on) BETWEEN r.first_day AND r.last_day
	       AND 'kind=' || l.kind = ANY (r.words) AND coalesce(a.minutes, 0) >= r.least
	 CROSS JOIN year y
	 WHERE held(l.from_seq, l.to_seq, $1::bigint) AND l.state = 'completed'
	   AND coalesce(l.ended_on, l.ends_on) <= y.last_day
	 GROUP BY 1
), people AS (
	SELECT g.id, g.school_id, coalesce(c.program_id, g.program_id) AS program_id,
	       g.is_flagged OR coalesce(c.courses >= (SELECT least FROM asked), false) AS is_concentrator,
	       t.id IS NOT NULL AS took_part, g.special_populations, t.kinds, g.sex, g.race
	  FROM graduates g
	  LEFT JOIN courses c ON c.student_id = g.id
	  LEFT JOIN takers t ON t.id = g.id
), cells AS (
	SELECT w.is_total, p.is_concentrator, p.took_part,
	       CASE WHEN NOT 'school' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(c.name, '(none)') END AS school,
	       CASE WHEN NOT 'program' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(g.name, '(none)') END AS program,
	       CASE WHEN NOT 'cluster' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(g.cluster, '(none)') END AS cluster,
	       CASE WHEN NOT 'sex' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(p.sex, 'unknown') END AS sex,
	       CASE WHEN NOT 'race' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(p.race, 'unknown') END AS race,
	       CASE WHEN NOT 'population' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(n.population, '(none)') END AS population,
	       CASE WHEN NOT 'kind' = ANY ($3::text[]) THEN '' WHEN w.is_total THEN 'Total'
	            ELSE coalesce(k.kind, '(none)') END AS kind
	  FROM people p
	 CROSS JOIN whole w
	  LEFT JOIN unnest(CASE WHEN 'population' = ANY ($3::text[]) AND NOT w.is_total
	                        THEN p.special_populations END) AS n (population) ON true
	  LEFT JOIN unnest(CASE WHEN 'kind' = ANY ($3::text[]) AND NOT w.is_total
	                        THEN p.kinds END) AS k (kind) ON true
	  LEFT JOIN school_history c ON c.id = p.school_id AND held(c.from_seq, c.to_seq, $1::bigint)
	  LEFT JOIN program_of_study_history g ON g.id = p.program_id
	       AND held(g.from_seq, g.to_seq, $1::bigint)
)
SELECT school, program, cluster, sex, race, population, kind,
       count(*) FILTER (WHERE is_concentrator AND took_part)::text AS participants,
       count(*) FILTER (WHERE is_concentrator)::text AS concentrators,
       round(100.0 * count(*) FILTER (WHERE is_concentrator AND took_part)
             / nullif(count(*) FILTER (WHERE is_concentrator), 0), 2)::text AS rate,
       count(*)::text AS graduates,
       min(said.rule) AS rule
  FROM cells
 CROSS JOIN said
 GROUP BY is_total, school, program, cluster, sex, race, population, kind
 ORDER BY is_total, 1, 2, 3, 4, 5, 6, 7;
