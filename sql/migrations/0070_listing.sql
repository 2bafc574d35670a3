-- Lists of many students' records: who was shown how many, on which day (RELIABILITY 3.8, T27). Table as
-- `practicum types --sql listing` prints it.
-- Listing (153)
CREATE TABLE listing (
	id uuid PRIMARY KEY,
	scope uuid NOT NULL,
	seq bigint NOT NULL,
	group_seq bigint[] NOT NULL,
	deleted boolean NOT NULL,
	extra bytea,
	school_id uuid NOT NULL,
	kind text NOT NULL,
	record_type bigint,
	n_records bigint NOT NULL,
	made_on date NOT NULL,
	person_id uuid
) WITH (fillfactor = 100);
CREATE TRIGGER sync_guard AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON listing
	EXECUTE FUNCTION sync_guard();
CREATE INDEX listing_person_id ON listing (person_id);
CREATE TRIGGER final BEFORE UPDATE OR DELETE ON listing FOR EACH ROW
	EXECUTE FUNCTION record_frozen();
COMMENT ON TABLE listing IS
	'Somebody of the staff had many students'' records listed. Never changes.';
COMMENT ON COLUMN listing.school_id IS
	'Whose school''s; of somebody of a school, that school. Refers to school.';
COMMENT ON COLUMN listing.kind IS
	'list | conflicts | exceptions';
COMMENT ON COLUMN listing.record_type IS
	'Number of the type of the records; of exceptions none.';
COMMENT ON COLUMN listing.n_records IS
	'How many more than the person had been shown that day in such a list.';
COMMENT ON COLUMN listing.person_id IS
	'The person signed in.';

-- Who may read and write it.
SELECT secure_record_table('listing', 153);

-- An event of its own kind: it names a school and no student, for it is about very many.
CREATE FUNCTION audit_listing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog AS $$
DECLARE
	e audit_event;
BEGIN
	e.kind := 'access';
	e.actor := nullif(NEW.person, '00000000-0000-0000-0000-000000000000');
	e.device := NEW.device_id;
	e.object_type := 'record';
	e.object_id := NEW.record_id;
	e.outcome := 'refused';
	e.students := '{}';
	e.detail := 'kept as rejected';
	IF NEW.verdict IN (1, 2) THEN
		SELECT l.scope, 'done', l.n_records || ' records in a list (' || l.kind ||
		       coalesce(', type ' || l.record_type, '') || '), ' || l.made_on
		  INTO e.scope, e.outcome, e.detail
		  FROM listing l WHERE l.id = NEW.record_id;
	END IF;
	PERFORM audit_append(e);
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_listing AFTER INSERT ON mutation DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW WHEN (NEW.record_type = 153) EXECUTE FUNCTION audit_listing();
