-- Schema 3 of student: what the supplement file of a student information system says beyond OneRoster.
-- A view that is replaced forgets its options: without this one it would show a reader every school.

ALTER TABLE student
	ADD COLUMN concentrator_on date,
	ADD COLUMN resident_leaid text;
ALTER TABLE student_past
	ADD COLUMN concentrator_on date,
	ADD COLUMN resident_leaid text;
CREATE OR REPLACE VIEW student_history WITH (security_invoker = true) AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, school_id, identifier, state_id, given_name, middle_name,
       family_name, preferred_name, birth_date, grade, program_id, concentrator,
       concentrator_source, career_goal, interests, skills, special_populations, transport,
       email, phone, street, city, region, postal_code,
       emergency_name, emergency_phone, emergency_relation, directory_opt_out, left_on, leave_reason,
       work_values, concentrator_on, resident_leaid
  FROM student
 WHERE NOT deleted
UNION ALL
SELECT id, from_seq, to_seq, scope,
       state, school_id, identifier, state_id, given_name, middle_name,
       family_name, preferred_name, birth_date, grade, program_id, concentrator,
       concentrator_source, career_goal, interests, skills, special_populations, transport,
       email, phone, street, city, region, postal_code,
       emergency_name, emergency_phone, emergency_relation, directory_opt_out, left_on, leave_reason,
       work_values, concentrator_on, resident_leaid
  FROM student_past;
COMMENT ON COLUMN student.resident_leaid IS
	'NCES number (LEAID) of the district where the student lives, when it is another one.';
