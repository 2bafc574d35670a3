-- Privacy: what a consent to disclose says (34 CFR 99.30), when a family opted out of directory information
-- (99.37), whose records went to whom (99.32) and who of the staff looked. Tables as `practicum types --sql`
-- prints them.

-- The name is the record type's from now on.
DROP VIEW disclosure;
DROP FUNCTION audit_disclosure(text, uuid, uuid, uuid, uuid[], text, text, text);

ALTER TABLE consent
	ADD COLUMN records text[],
	ADD COLUMN party text,
	ADD COLUMN signed_by text,
	ADD COLUMN signed_on date,
	ADD COLUMN method text;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON consent FOR EACH ROW
	WHEN (OLD.state IN ('granted'))
	EXECUTE FUNCTION record_frozen('state', 'valid_from', 'valid_until', 'evidence', 'reason', 'signed_by', 'signed_on', 'method');
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON consent FOR EACH ROW
	WHEN (OLD.state IN ('refused', 'revoked'))
	EXECUTE FUNCTION record_frozen();
COMMENT ON COLUMN consent.records IS
	'Record types that may go to the party, as placement;time_entry, or all; sensitive fields only where sensitive is named too.';
COMMENT ON COLUMN consent.party IS
	'To whom, by name or as a class of parties.';
COMMENT ON COLUMN consent.signed_by IS
	'A parent or guardian until the student is 18, the student from then on. guardian | student';
COMMENT ON COLUMN consent.method IS
	'How it was signed (34 CFR 99.30(d)). paper | electronic';

COMMENT ON COLUMN rule_set.domain IS
	'labor | credit | eligibility | perkins | retention | documents | visits | privacy';

ALTER TABLE student ADD COLUMN directory_opt_out_on date;
ALTER TABLE student_past ADD COLUMN directory_opt_out_on date;
CREATE OR REPLACE VIEW student_history WITH (security_invoker = true) AS
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
COMMENT ON COLUMN student.directory_opt_out_on IS
	'When the family asked for it.';

-- Disclosure (150)
CREATE TABLE disclosure (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	record_type bigint NOT NULL,
	record_id uuid NOT NULL,
	student_id uuid NOT NULL,
	kind text NOT NULL,
	what text NOT NULL,
	n_records bigint,
	made_on date NOT NULL,
	person_id uuid,
	party text NOT NULL,
	purpose text NOT NULL,
	basis text NOT NULL,
	consent_id uuid,
	further_parties text
) WITH (fillfactor = 100);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON disclosure
	EXECUTE FUNCTION sync_guard();
CREATE INDEX disclosure_record_id ON disclosure (record_id);
CREATE INDEX disclosure_student_id ON disclosure (student_id);
CREATE INDEX disclosure_person_id ON disclosure (person_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON disclosure FOR EACH ROW
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE disclosure IS
	'A student''s records went to somebody outside the staff of the district. Never changes.';
COMMENT ON COLUMN disclosure.record_type IS
	'Number of the type of the record; left out: the student.';
COMMENT ON COLUMN disclosure.student_id IS
	'Refers to student.';
COMMENT ON COLUMN disclosure.kind IS
	'export | extract | told';
COMMENT ON COLUMN disclosure.what IS
	'Which records, as in 2 placement, 31 time_entry.';
COMMENT ON COLUMN disclosure.made_on IS
	'The day on which they went; left out: today.';
COMMENT ON COLUMN disclosure.person_id IS
	'The person signed in; empty: nobody had to be.';
COMMENT ON COLUMN disclosure.purpose IS
	'In an emergency: the threat that was the reason.';
COMMENT ON COLUMN disclosure.basis IS
	'consent | parent | directory | other_school | audit | studies | subpoena | emergency';
COMMENT ON COLUMN disclosure.consent_id IS
	'Refers to consent.';
COMMENT ON COLUMN disclosure.further_parties IS
	'To whom the party may pass them on, and why (99.32(b)).';

-- Who may read and write it.
SELECT secure_record_table('disclosure', 150);
-- Record access (151)
CREATE TABLE record_access (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	record_type bigint NOT NULL,
	record_id uuid NOT NULL,
	student_id uuid NOT NULL,
	kind text NOT NULL,
	what text,
	n_records bigint,
	made_on date NOT NULL,
	person_id uuid
) WITH (fillfactor = 100);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON record_access
	EXECUTE FUNCTION sync_guard();
CREATE INDEX record_access_record_id ON record_access (record_id);
CREATE INDEX record_access_student_id ON record_access (student_id);
CREATE INDEX record_access_person_id ON record_access (person_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON record_access FOR EACH ROW
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE record_access IS
	'Somebody of the staff looked at a student''s record, fetched a file of it or exported it. Never changes.';
COMMENT ON COLUMN record_access.record_type IS
	'Number of the type of the record.';
COMMENT ON COLUMN record_access.student_id IS
	'Refers to student.';
COMMENT ON COLUMN record_access.kind IS
	'shown | fetched | exported';
COMMENT ON COLUMN record_access.what IS
	'Which records, of an export.';
COMMENT ON COLUMN record_access.person_id IS
	'The person signed in; empty: nobody had to be.';

-- Who may read and write it.
SELECT secure_record_table('record_access', 151);

-- Both reach the audit with the mutation that brought them, whatever way it came, and so does one that was
-- refused: its content is kept as a rejected record. Deferred, so that the head of the chain is the last
-- lock of the transaction.
CREATE FUNCTION audit_reading() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
	e audit_event;
BEGIN
	e.kind := CASE NEW.record_type WHEN 150 THEN 'disclosure' ELSE 'access' END;
	e.actor := nullif(NEW.person, '00000000-0000-0000-0000-000000000000');
	e.device := NEW.device_id;
	e.object_type := 'record';
	e.outcome := 'done';
	e.students := '{}';
	e.detail := '';
	IF NEW.verdict NOT IN (1, 2) THEN
		e.outcome := 'refused';
		e.object_id := NEW.record_id;
		e.detail := 'kept as rejected';
	ELSIF NEW.record_type = 150 THEN
		SELECT d.record_id, d.scope, ARRAY[d.student_id], d.party, d.purpose,
		       d.what || ', ' || d.basis || ', ' || d.made_on
		  INTO e.object_id, e.scope, e.students, e.party, e.purpose, e.detail
		  FROM disclosure d WHERE d.id = NEW.record_id;
	ELSE
		SELECT a.record_id, a.scope, ARRAY[a.student_id],
		       a.kind || coalesce(' ' || a.what, '') || ', ' || a.made_on
		  INTO e.object_id, e.scope, e.students, e.detail
		  FROM record_access a WHERE a.id = NEW.record_id;
	END IF;
	PERFORM audit_append(e);
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_reading AFTER INSERT ON mutation DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW WHEN (NEW.record_type IN (150, 151)) EXECUTE FUNCTION audit_reading();

-- A row for each student and event: the record of disclosures (kind disclosure), and who of the staff looked.
CREATE VIEW audit_student AS
SELECT s.student_id, e.number, e.at, e.kind, e.party, e.purpose, e.detail, e.actor, e.device
  FROM audit_event e
 CROSS JOIN LATERAL unnest(e.students) AS s (student_id)
 WHERE e.outcome = 'done';
REVOKE ALL ON audit_student FROM practicum_writer, practicum_auth;
GRANT SELECT ON audit_student TO practicum_auth;
