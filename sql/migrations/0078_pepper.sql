-- A password that is stored anew under another pepper is the same one: nobody is signed out, and stations keep what it
-- opens, which go by `changed`. The audit says what it was.
DROP TRIGGER sign_out ON user_password;
CREATE TRIGGER sign_out AFTER UPDATE ON user_password
	FOR EACH ROW WHEN (NEW.changed <> OLD.changed OR NEW.pepper <= OLD.pepper)
	EXECUTE FUNCTION people_sign_out();

CREATE FUNCTION audit_pepper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM audit_event('password', 'done', NULL, NULL, 'user', NEW.user_id, NULL,
	                    'same password, another pepper');
	RETURN NULL;
END $$;
DROP TRIGGER audit ON user_password;
CREATE CONSTRAINT TRIGGER audit AFTER INSERT ON user_password
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_proof();
CREATE CONSTRAINT TRIGGER audit_change AFTER UPDATE OF password ON user_password
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.changed <> OLD.changed OR NEW.pepper <= OLD.pepper)
	EXECUTE FUNCTION audit_proof();
CREATE CONSTRAINT TRIGGER audit_pepper AFTER UPDATE OF password ON user_password
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.changed = OLD.changed AND NEW.pepper > OLD.pepper)
	EXECUTE FUNCTION audit_pepper();
