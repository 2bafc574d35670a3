-- What the tables of the record types have in common.

-- A record that is frozen, as the trigger's condition says: only the columns named as arguments may
-- change, with the numbers of the change. Without arguments nothing does.
CREATE FUNCTION record_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	movable text[] := '{}';
BEGIN
	IF TG_NARGS > 0 THEN
		movable := TG_ARGV[:] || ARRAY['seq', 'group_seq'];
	END IF;
	IF TG_OP = 'DELETE' OR to_jsonb(NEW) - movable IS DISTINCT FROM to_jsonb(OLD) - movable THEN
		RAISE EXCEPTION '% % is frozen', TG_TABLE_NAME, OLD.id;
	END IF;
	RETURN NEW;
END $$;
