-- What happens to people and their rights writes its event by itself, whoever does it and by whatever way:
-- the server, practicumd user, or somebody at psql. The triggers are deferred, so that the head of the
-- chain is the last lock of a transaction.

-- Roles as people type them; integration.audit compares with PRAC_ROLE_MAP.
CREATE FUNCTION role_word(role bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT (ARRAY['coordinator', 'teacher', 'counselor', 'principal', 'district_coordinator', 'cte_director',
	              'data_clerk', 'auditor', 'administrator', 'operator', 'student', 'supervisor'])[role]
$$;

CREATE FUNCTION scope_word(scope uuid) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN scope_word.scope = '00000000-0000-0000-0000-000000000001' THEN 'in the district'
	            ELSE 'at ' || coalesce((SELECT s.name FROM school s WHERE s.id = scope_word.scope), 'a school') END
$$;

CREATE FUNCTION audit_membership() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	what text := role_word(NEW.role) || ' ' || scope_word(NEW.scope);
BEGIN
	PERFORM audit_event('rights', 'done', CASE TG_OP WHEN 'INSERT' THEN NEW.granted_by END, NULL, 'user',
	                    NEW.user_id, NEW.scope,
	                    CASE WHEN TG_OP = 'INSERT' THEN 'now ' || what
	                         WHEN NEW.valid_until <= now() THEN 'no longer ' || what
	                         ELSE what || ' until ' || coalesce(NEW.valid_until::date::text, 'further notice')
	                    END);
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit AFTER INSERT ON membership DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION audit_membership();
CREATE CONSTRAINT TRIGGER audit_end AFTER UPDATE ON membership DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW WHEN (NEW.valid_until IS DISTINCT FROM OLD.valid_until)
	EXECUTE FUNCTION audit_membership();

CREATE FUNCTION audit_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM audit_event('user', 'done', NULL, NULL, 'user', NEW.id, NULL,
	                    CASE WHEN TG_OP = 'INSERT' THEN 'made' WHEN NEW.disabled IS NULL THEN 'enabled'
	                         ELSE 'disabled' END);
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit AFTER INSERT ON app_user DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION audit_user();
CREATE CONSTRAINT TRIGGER audit_switch AFTER UPDATE ON app_user DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW WHEN ((NEW.disabled IS NULL) <> (OLD.disabled IS NULL)) EXECUTE FUNCTION audit_user();

-- What proves who somebody is: that it is new, never what it is.
CREATE FUNCTION audit_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM audit_event('password', 'done', NULL, NULL, 'user', NEW.user_id, NULL,
	                    CASE TG_TABLE_NAME WHEN 'user_password' THEN 'new password'
	                         WHEN 'reset_code' THEN 'one-time code made' ELSE 'new authenticator' END);
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit AFTER INSERT OR UPDATE OF password ON user_password
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_proof();
CREATE CONSTRAINT TRIGGER audit AFTER INSERT OR UPDATE OF key ON reset_code
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_proof();
CREATE CONSTRAINT TRIGGER audit AFTER INSERT OR UPDATE OF salt ON second_factor
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_proof();

CREATE FUNCTION audit_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM audit_event(CASE TG_OP WHEN 'INSERT' THEN 'sign_in' ELSE 'sign_out' END, 'done', NEW.user_id,
	                    NEW.device_id, 'user', NEW.user_id, NULL,
	                    CASE WHEN TG_OP = 'UPDATE' THEN 'signed out'
	                         WHEN NEW.factor IS NULL THEN 'signed in'
	                         ELSE 'signed in with an authenticator' END);
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit AFTER INSERT ON user_session DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION audit_session();
CREATE CONSTRAINT TRIGGER audit_end AFTER UPDATE OF ended ON user_session DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW WHEN (OLD.ended IS NULL AND NEW.ended IS NOT NULL) EXECUTE FUNCTION audit_session();

-- A bulk import has ended. 4: done; 5: refused.
CREATE FUNCTION audit_import() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM audit_event('import', CASE NEW.stage WHEN 4 THEN 'done' ELSE 'refused' END,
	                    nullif(NEW.person, '00000000-0000-0000-0000-000000000000'), NEW.device_id, 'import',
	                    NEW.import_id, NULL,
	                    NEW.label || ': ' || NEW.n_applied || ' of ' || NEW.n_rows || ' rows, '
	                    || NEW.n_flaws || ' flaws');
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit AFTER UPDATE OF stage ON import DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW WHEN (NEW.stage IN (4, 5) AND OLD.stage <> NEW.stage) EXECUTE FUNCTION audit_import();

-- The last one is looked up at every start.
CREATE INDEX audit_event_configuration ON audit_event (number) WHERE kind = 'configuration';
