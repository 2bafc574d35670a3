-- Who may do what in this database. The server signs in as one role and takes for each of its links the
-- role of what the link is for (server/db/connect.c):
--
--   practicum_writer  the sequencer: reads everything it judges, adds and changes, deletes nothing
--   practicum_reader  pages for devices: sees the rows of the scopes in a context that this database signed
--   practicum_report  reports, first loads: reads records, writes nothing
--   practicum_auth    devices, codes, people, sessions, audit; of records those that everybody holds
--
-- Roles belong to the cluster. `practicumd setup --print-sql` makes them for a database administrator; here
-- they are made where that was not done and the migrating role may.
DO $$
DECLARE
	role text;
BEGIN
	FOREACH role IN ARRAY ARRAY['practicum_writer', 'practicum_reader', 'practicum_report',
	                            'practicum_auth'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
			BEGIN
				EXECUTE format('CREATE ROLE %I NOLOGIN', role);
			EXCEPTION WHEN duplicate_object OR unique_violation THEN
				NULL; -- another database of the cluster was first
			END;
		END IF;
	END LOOP;
	-- The check of the cluster's identity reads it; only a superuser can allow that.
	IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
		GRANT EXECUTE ON FUNCTION pg_control_system() TO practicum_auth;
	END IF;
END $$;

GRANT USAGE ON SCHEMA public TO practicum_writer, practicum_reader, practicum_report, practicum_auth;

-- Tables that are no records: people, rights, devices. New ones are the desk's, and the sequencer reads
-- them to judge; a migration takes away what nobody else needs to see.
ALTER DEFAULT PRIVILEGES IN SCHEMA public
	GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO practicum_auth;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO practicum_writer;

DO $$
DECLARE
	t record;
BEGIN
	FOR t IN SELECT c.oid::regclass AS name
	           FROM pg_class c
	          WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
	            AND NOT EXISTS (SELECT FROM pg_attribute a
	                             WHERE a.attrelid = c.oid AND a.attname = 'scope'
	                               AND EXISTS (SELECT FROM pg_attribute b
	                                            WHERE b.attrelid = c.oid
	                                              AND b.attname IN ('group_seq', 'from_seq')))
	            AND c.relname NOT IN ('feed', 'mutation', 'device_counter', 'seq_time', 'sync_head',
	                                  'schema_migration') LOOP
		EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO practicum_auth', t.name);
		EXECUTE format('GRANT SELECT ON %s TO practicum_writer', t.name);
	END LOOP;
END $$;
-- Nothing that proves who somebody is concerns the sequencer.
REVOKE ALL ON enrollment_code, user_password, second_factor, reset_code, user_session FROM practicum_writer;

GRANT SELECT ON schema_migration TO practicum_auth, practicum_writer;
GRANT SELECT, UPDATE ON sync_head TO practicum_writer, practicum_auth;
GRANT SELECT ON sync_head, sync_epoch, seq_time TO practicum_reader, practicum_report;
GRANT SELECT ON file, file_piece TO practicum_reader;
GRANT SELECT, INSERT, UPDATE ON device_counter TO practicum_writer;
GRANT SELECT ON device_counter TO practicum_reader, practicum_auth;
GRANT SELECT, INSERT, UPDATE ON mutation, feed TO practicum_writer;
GRANT SELECT, INSERT ON seq_time TO practicum_writer;
GRANT SELECT (seq) ON mutation TO practicum_auth;
GRANT SELECT ON feed TO practicum_reader, practicum_report, practicum_auth;

-- The key that contexts are signed with; no role of the server can read it.
CREATE TABLE read_key (
	key bytea NOT NULL CHECK (length(key) = 32)
);
REVOKE ALL ON read_key FROM practicum_auth, practicum_writer;
INSERT INTO read_key VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

CREATE FUNCTION read_mac(body text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_catalog AS $$
	SELECT encode(sha256(key || sha256(key || convert_to(body, 'UTF8'))), 'hex') FROM read_key
$$;
REVOKE ALL ON FUNCTION read_mac(text) FROM PUBLIC;

-- What the device with this key may read, as a text that only this database can make: its scopes, the
-- day it was made, and a signature. The desk asks for it when a device has shown its certificate.
CREATE FUNCTION read_pass(spki bytea) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
	scopes uuid[];
	body text;
BEGIN
	SELECT array_agg(DISTINCT g.scope ORDER BY g.scope) INTO scopes
	  FROM device d
	 CROSS JOIN LATERAL (
		SELECT '00000000-0000-0000-0000-000000000002'::uuid AS scope
		UNION ALL
		SELECT '00000000-0000-0000-0000-000000000001' WHERE d.district
		UNION ALL
		SELECT s.scope FROM device_scope s WHERE s.device_id = d.id AND NOT d.district AND s.granted
		UNION ALL
		SELECT f.record_id FROM feed f
		 WHERE d.district AND f.scope = '00000000-0000-0000-0000-000000000002'
		   AND f.record_type = 1 AND f.gone = 0) AS g
	 WHERE d.spki = read_pass.spki AND d.revoked IS NULL;
	IF scopes IS NULL THEN
		RETURN '';
	END IF;
	body := scopes::text || ';' || (now() AT TIME ZONE 'UTC')::date;
	RETURN body || '#' || read_mac('pass|' || body);
END $$;

-- The context of the rest of this transaction on this connection. An error, not an empty answer, when
-- the pass is not ours or older than a week: a page without rows would look like a page without news.
CREATE FUNCTION read_enter(pass text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
	body text := split_part(pass, '#', 1);
BEGIN
	IF split_part(pass, '#', 2) IS DISTINCT FROM read_mac('pass|' || body)
	   OR split_part(body, ';', 2)::date < (now() AT TIME ZONE 'UTC')::date - 7 THEN
		RAISE EXCEPTION 'no such right to read' USING errcode = '28000';
	END IF;
	body := split_part(body, ';', 1);
	PERFORM set_config('practicum.context', body || '#' || read_mac(body || '|' || pg_backend_pid()
		|| '|' || transaction_timestamp()), true);
END $$;

-- The scopes of the context; none without one, with another's or with one of another transaction.
CREATE FUNCTION read_scopes() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
	context text := nullif(current_setting('practicum.context', true), '');
	body text := split_part(context, '#', 1);
BEGIN
	IF context IS NULL OR split_part(context, '#', 2) IS DISTINCT FROM
	   read_mac(body || '|' || pg_backend_pid() || '|' || transaction_timestamp()) THEN
		RETURN '{}';
	END IF;
	RETURN body::uuid[];
END $$;

REVOKE ALL ON FUNCTION read_pass(bytea), read_enter(text), read_scopes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION read_pass(bytea) TO practicum_auth;
GRANT EXECUTE ON FUNCTION read_enter(text), read_scopes() TO practicum_reader;

ALTER TABLE feed ENABLE ROW LEVEL SECURITY;
CREATE POLICY writer ON feed TO practicum_writer USING (true) WITH CHECK (true);
CREATE POLICY report ON feed FOR SELECT TO practicum_report USING (true);
CREATE POLICY reader ON feed FOR SELECT TO practicum_reader
	USING (scope = ANY ((SELECT read_scopes())::uuid[]));
CREATE POLICY desk ON feed FOR SELECT TO practicum_auth
	USING (scope = '00000000-0000-0000-0000-000000000002' OR record_type = 90);

-- A reader sees a record when it holds its owning scope, or a scope that the feed shows it in. The type
-- belongs to that: another record with the same id must not open this one.
CREATE FUNCTION secure_record_table(record_table regclass, type_number integer) RETURNS void
LANGUAGE plpgsql SET client_min_messages = warning AS $$
DECLARE
	suffix text;
	t regclass;
	name text := (SELECT relname FROM pg_class WHERE oid = record_table);
	space text := (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = record_table);
	policy text;
BEGIN
	FOREACH suffix IN ARRAY ARRAY['', '_past', '_history'] LOOP
		t := to_regclass(format('%s.%I', space, name || suffix));
		CONTINUE WHEN t IS NULL;
		EXECUTE format('REVOKE ALL ON %s FROM practicum_writer, practicum_reader, practicum_report, '
		               'practicum_auth', t);
		EXECUTE format('GRANT SELECT ON %s TO practicum_writer, practicum_reader, practicum_report', t);
		IF suffix = '_history' THEN
			EXECUTE format('ALTER VIEW %s SET (security_invoker = true)', t);
			CONTINUE;
		END IF;
		EXECUTE format('GRANT INSERT, UPDATE ON %s TO practicum_writer', t);
		EXECUTE format('GRANT SELECT ON %s TO practicum_auth', t);
		EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
		FOREACH policy IN ARRAY ARRAY['writer', 'report', 'reader', 'desk'] LOOP
			EXECUTE format('DROP POLICY IF EXISTS %I ON %s', policy, t);
		END LOOP;
		EXECUTE format('CREATE POLICY writer ON %s TO practicum_writer '
		               'USING (true) WITH CHECK (true)', t);
		EXECUTE format('CREATE POLICY report ON %s FOR SELECT TO practicum_report USING (true)', t);
		EXECUTE format('CREATE POLICY reader ON %s FOR SELECT TO practicum_reader '
		               'USING (scope = ANY ((SELECT read_scopes())::uuid[]) OR EXISTS ('
		               'SELECT FROM feed f WHERE f.record_id = id AND f.record_type = %s '
		               'AND f.gone = 0))', t, type_number);
		-- Also those that a person may be, as a user is tied to one of them, and what gives a right to a
		-- file that is being sent (sql/queries/file.sql).
		EXECUTE format('CREATE POLICY desk ON %s FOR SELECT TO practicum_auth '
		               'USING (scope = ''00000000-0000-0000-0000-000000000002'' OR %L)', t,
		               name IN ('staff', 'student', 'supervisor', 'attachment'));
	END LOOP;
END $$;

SELECT secure_record_table(name::regclass, number)
  FROM (VALUES ('school', 1), ('school_day', 2), ('student', 3), ('enrollment', 4), ('guardian', 5),
               ('staff', 6), ('program_of_study', 7), ('organization', 8), ('site', 9), ('supervisor', 10),
               ('opportunity', 11), ('placement', 12), ('time_sheet', 13), ('time_entry', 14),
               ('approval', 15), ('rubric', 16), ('evaluation', 17), ('document', 18), ('rule_set', 19),
               ('conflict', 20), ('rejected', 21), ('consent', 30), ('staff_qualification', 31),
               ('absence', 32), ('class', 33), ('class_enrollment', 34), ('grading_period', 35),
               ('cover', 36), ('course', 40), ('occupation', 41), ('continuum_stage', 42),
               ('activity_type', 43), ('match_run', 44), ('match_proposal', 45), ('application', 46),
               ('training_plan', 47), ('shift_plan', 48), ('document_type', 50), ('insurance', 51),
               ('student_insurance', 52), ('training_session', 53), ('training', 54),
               ('mentor_training', 55), ('staff_training', 56), ('incident', 57), ('adjustment', 60),
               ('pay_evidence', 61), ('period_close', 62), ('journal', 63), ('competency_framework', 64),
               ('competency', 65), ('visit', 66), ('contact_log', 67), ('credit', 68),
               ('credential_type', 69), ('industry_credential', 70),
               ('pre_apprenticeship', 71),
               ('pre_apprentice', 72), ('articulation_agreement', 73), ('advisory_board', 74),
               ('board_member', 75), ('board_meeting', 76), ('recommendation', 77),
               ('civic_membership', 78), ('engagement', 79), ('grant_award', 80), ('budget_line', 81),
               ('expenditure', 82), ('deliverable', 83), ('outcome', 84), ('recognition', 85),
               ('event', 86), ('event_attendance', 87), ('project', 88), ('pilot', 89), ('attachment', 90),
               ('goal', 91), ('plan', 92), ('milestone', 93), ('standard', 94), ('checklist', 95),
               ('student_checklist', 96), ('resource', 97), ('task', 98), ('workflow_template', 99),
               ('role_template', 100), ('pathway_map', 101), ('media_contact', 102),
               ('media_release', 103), ('survey', 104), ('survey_answer', 105), ('feedback', 106),
               ('thread', 107), ('message', 108), ('announcement', 109), ('story', 110),
               ('indicator', 111), ('system_element', 112), ('review_cycle', 113), ('element_rating', 114),
               ('finding', 115), ('state_submission', 116)) AS t (name, number);
