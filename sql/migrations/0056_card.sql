-- Students sign in at a station with a card and a PIN. The person of a card is one of its own: provider 'card'
-- knows it by what the card's code gives (common/wire/card.h), its password is code and PIN together.
-- Whoever coordinates a school of the student makes, frees and revokes it, and so alone adds that person.
CREATE TABLE card (
	user_id   uuid PRIMARY KEY REFERENCES app_user,
	n_wrong   integer NOT NULL DEFAULT 0,  -- wrong PINs since the last right one; 5 block it
	issued    timestamptz NOT NULL DEFAULT now(),
	issued_by uuid NOT NULL REFERENCES app_user
);
REVOKE ALL ON card FROM practicum_writer;
CREATE TRIGGER decided BEFORE INSERT OR UPDATE OR DELETE ON card EXECUTE FUNCTION decided_guard();

-- A school where the student is seen and the person is a coordinator now; the home school before others.
CREATE FUNCTION card_school(person uuid, student uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_catalog AS $$
	SELECT m.scope
	  FROM live_membership m
	  JOIN feed f ON f.scope = m.scope AND f.record_type = 3 AND f.record_id = card_school.student
	             AND f.gone = 0
	  JOIN student s ON s.id = f.record_id AND NOT s.deleted
	 WHERE m.user_id = card_school.person AND m.role = 1 AND m.valid_from <= now()
	   AND (m.valid_until IS NULL OR m.valid_until > now())
	 ORDER BY m.scope <> s.scope, m.scope
	 LIMIT 1
$$;

-- As before, and besides: a coordinator lets a student of the school be one there.
CREATE OR REPLACE FUNCTION membership_granted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.granted_by IS NOT NULL AND (NEW.granted_by = NEW.user_id OR NOT EXISTS (
		SELECT FROM membership m
		  JOIN app_user u ON u.id = m.user_id AND u.disabled IS NULL
		 WHERE m.user_id = NEW.granted_by AND m.valid_from <= now()
		   AND (m.valid_until IS NULL OR m.valid_until > now())
		   AND (m.role = 9 AND m.scope IN (NEW.scope, '00000000-0000-0000-0000-000000000001')
		     OR m.role = 1 AND m.scope = NEW.scope AND NEW.role = 11 AND EXISTS (
			SELECT FROM app_user n
			 WHERE n.id = NEW.user_id AND n.record_type = 3
			   AND card_school(NEW.granted_by, n.record_id) = NEW.scope)))) THEN
		RAISE EXCEPTION 'this person may not grant that';
	END IF;
	RETURN NEW;
END
$$;

-- A card in place of the one before, which opens nothing any more. Returns the student's name; NULL: no student
-- of this coordinator, or the person of the card was disabled.
CREATE FUNCTION card_make(person uuid, student uuid, fresh uuid, login text, password text, pepper bigint)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
	school uuid := card_school(person, student);
	holder uuid;
	is_disabled boolean;
	who text;
BEGIN
	IF school IS NULL THEN
		RETURN NULL;
	END IF;
	SELECT s.given_name || ' ' || s.family_name INTO who FROM student s WHERE s.id = card_make.student;
	-- Two coordinators take turns.
	PERFORM pg_advisory_xact_lock(hashtextextended(card_make.student::text, 3));
	SELECT u.id, u.disabled IS NOT NULL INTO holder, is_disabled
	  FROM card c JOIN app_user u ON u.id = c.user_id
	 WHERE u.record_type = 3 AND u.record_id = card_make.student;
	IF is_disabled THEN
		RETURN NULL;
	END IF;
	IF holder IS NULL THEN
		holder := fresh;
		INSERT INTO app_user (id, login, name, record_type, record_id)
		VALUES (holder, card_make.login, who, 3, card_make.student);
	ELSE
		UPDATE app_user u SET login = card_make.login, name = who WHERE u.id = holder;
	END IF;
	DELETE FROM identity i WHERE i.user_id = holder AND i.provider = 'card';
	INSERT INTO identity (provider, external_id, user_id) VALUES ('card', card_make.login, holder);
	INSERT INTO user_password AS p (user_id, password, pepper)
	VALUES (holder, card_make.password, card_make.pepper)
	ON CONFLICT (user_id) DO UPDATE
	   SET password = excluded.password, pepper = excluded.pepper, changed = now();
	INSERT INTO card AS c (user_id, issued_by) VALUES (holder, person)
	ON CONFLICT (user_id) DO UPDATE SET n_wrong = 0, issued = now(), issued_by = excluded.issued_by;
	INSERT INTO membership (user_id, role, scope, granted_by, reason)
	SELECT holder, 11, school, person, 'card'
	 WHERE NOT EXISTS (SELECT FROM membership m
	                    WHERE m.user_id = holder AND m.role = 11 AND m.scope = school
	                      AND (m.valid_until IS NULL OR m.valid_until > now()));
	PERFORM audit_event('card', 'done', person, NULL, 'user', holder, school, 'card made');
	RETURN who;
END
$$;

-- Frees a card that wrong PINs blocked, or revokes it. Returns as card_make(); NULL also without a card.
CREATE FUNCTION card_change(person uuid, student uuid, is_end boolean)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
	school uuid := card_school(person, student);
	holder uuid;
	who text;
BEGIN
	SELECT u.id, u.name INTO holder, who
	  FROM card c
	  JOIN app_user u ON u.id = c.user_id AND u.disabled IS NULL
	  JOIN identity i ON i.user_id = u.id AND i.provider = 'card'
	 WHERE u.record_type = 3 AND u.record_id = card_change.student AND school IS NOT NULL;
	IF holder IS NULL THEN
		RETURN NULL;
	END IF;
	IF is_end THEN
		DELETE FROM identity i WHERE i.user_id = holder AND i.provider = 'card';
		-- No password is this one: who is signed in is no more, and stations forget what the PIN opened.
		UPDATE user_password p SET password = '', changed = now() WHERE p.user_id = holder;
	ELSE
		UPDATE card c SET n_wrong = 0 WHERE c.user_id = holder;
	END IF;
	PERFORM audit_event('card', 'done', person, NULL, 'user', holder, school,
	                    CASE WHEN is_end THEN 'card revoked' ELSE 'card freed' END);
	RETURN who;
END
$$;

REVOKE ALL ON FUNCTION card_school(uuid, uuid), card_make(uuid, uuid, uuid, text, text, bigint),
	card_change(uuid, uuid, boolean) FROM PUBLIC;
-- card_school() too: the trigger of membership runs as whoever adds a row.
GRANT EXECUTE ON FUNCTION card_school(uuid, uuid), card_make(uuid, uuid, uuid, text, text, bigint),
	card_change(uuid, uuid, boolean) TO practicum_auth;
