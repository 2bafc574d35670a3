-- Schema 5 of student: sex, and race or ethnicity, by which federal accountability breaks its counts down.
-- A view that is replaced forgets its options: without this one it would show a reader every school.
ALTER TABLE student
	ADD COLUMN sex text,
	ADD COLUMN race text;
ALTER TABLE student_past
	ADD COLUMN sex text,
	ADD COLUMN race text;
CREATE OR REPLACE VIEW student_history WITH (security_invoker = true) AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, school_id, identifier, state_id, given_name, middle_name,
       family_name, preferred_name, birth_date, grade, program_id, concentrator,
       concentrator_source, career_goal, interests, skills, special_populations, transport,
       email, phone, street, city, region, postal_code,
       emergency_name, emergency_phone, emergency_relation, directory_opt_out, left_on, leave_reason,
       work_values, concentrator_on, resident_leaid,
       directory_opt_out_on, sex, race
  FROM student
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, school_id, identifier, state_id, given_name, middle_name,
       family_name, preferred_name, birth_date, grade, program_id, concentrator,
       concentrator_source, career_goal, interests, skills, special_populations, transport,
       email, phone, street, city, region, postal_code,
       emergency_name, emergency_phone, emergency_relation, directory_opt_out, left_on, leave_reason,
       work_values, concentrator_on, resident_leaid,
       directory_opt_out_on, sex, race
  FROM student_past;
COMMENT ON COLUMN student.sex IS
	'As the roster says; for the counts that federal accountability asks for. female | male | other | unspecified';
COMMENT ON COLUMN student.race IS
	'One for each student: Hispanic or Latino of whatever race, else two or more, else the one. american_indian_or_alaskan_native | asian | black_or_african_american | hispanic_or_latino | native_hawaiian_or_pacific_islander | white | two_or_more_races';
