-- Words on health and discipline are sealed under a key that the database does not have (docs/adr/0012): their
-- columns are bytes. What is here already is sealed by `practicumd seal`, before a server serves again.

CREATE TABLE record_key (
	number   integer PRIMARY KEY, -- which key of the file; values name it
	key_id   bytea NOT NULL,      -- tells a wrong file, and nothing of the key
	is_whole boolean NOT NULL     -- everything that was there is sealed under it
);
CREATE TRIGGER decided BEFORE INSERT OR UPDATE OR DELETE ON record_key EXECUTE FUNCTION decided_guard();

DROP VIEW student_history;
ALTER TABLE student ALTER COLUMN leave_reason TYPE bytea USING convert_to(leave_reason, 'UTF8');
ALTER TABLE student_past ALTER COLUMN leave_reason TYPE bytea USING convert_to(leave_reason, 'UTF8');
CREATE VIEW student_history WITH (security_invoker = true) AS
SELECT id, seq AS from_seq, NULL::bigint AS to_seq, scope,
       state, school_id, identifier, state_id, given_name, middle_name,
       family_name, preferred_name, birth_date, grade, program_id, concentrator,
       concentrator_source, career_goal, interests, skills, special_populations, transport,
       email, phone, street, city, region, postal_code,
       emergency_name, emergency_phone, emergency_relation, directory_opt_out, left_on, leave_reason,
       work_values, concentrator_on, resident_leaid,
       directory_opt_out_on
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
       directory_opt_out_on
  FROM student_past;
SELECT secure_record_table('student', 3);

ALTER TABLE student_insurance ALTER COLUMN policy_number TYPE bytea USING convert_to(policy_number, 'UTF8');

ALTER TABLE incident
	ALTER COLUMN description TYPE bytea USING convert_to(description, 'UTF8'),
	ALTER COLUMN people TYPE bytea USING convert_to(people, 'UTF8'),
	ALTER COLUMN actions TYPE bytea USING convert_to(actions, 'UTF8'),
	ALTER COLUMN findings TYPE bytea USING convert_to(findings, 'UTF8');

-- Refused input stands here sealed, so what of it names a student who is disposed of is found by who has the key
-- (server/dispose_closed.c). Whom a disposal is about, and the input that is not listed yet:
CREATE FUNCTION disposal_students(of uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_catalog, pg_temp AS $$
	SELECT record_id FROM disposal_item WHERE disposal = of AND record_type = 3
$$;
CREATE FUNCTION disposal_closed(of uuid) RETURNS TABLE (rejected uuid, payload bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
	SELECT r.id, r.payload
	  FROM rejected r
	  JOIN disposal d ON d.id = of AND d.scrubbed IS NULL
	 WHERE get_byte(r.payload, 0) = 255
	   AND NOT EXISTS (SELECT FROM disposal_item i
	                    WHERE i.disposal = of AND i.record_type = 21 AND i.record_id = r.id)
$$;
-- It goes, or is held, with the student.
CREATE FUNCTION disposal_add_closed(of uuid, rejected uuid[], students uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
	INSERT INTO disposal_item (disposal, record_type, record_id, student_id, rule, held)
	SELECT of, 21, x.rejected, i.student_id, i.rule, i.held
	  FROM unnest(rejected, students) AS x (rejected, student)
	  JOIN disposal d ON d.id = of AND d.scrubbed IS NULL
	  JOIN disposal_item i ON i.disposal = of AND i.record_type = 3 AND i.record_id = x.student
	ON CONFLICT DO NOTHING
$$;
REVOKE ALL ON FUNCTION disposal_students(uuid), disposal_closed(uuid),
	disposal_add_closed(uuid, uuid[], uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION disposal_students(uuid), disposal_closed(uuid),
	disposal_add_closed(uuid, uuid[], uuid[]) TO practicum_auth;
