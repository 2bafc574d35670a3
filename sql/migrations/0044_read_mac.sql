-- The signature of a context, four times a page: as a function with plans that stay. The functions that
-- call it run as its owner and have set the search path, so it needs neither again; as an SQL function
-- with both it cost three times as much.

CREATE OR REPLACE FUNCTION read_mac(body text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	secret bytea := (SELECT key FROM public.read_key);
BEGIN
	RETURN encode(sha256(secret || sha256(secret || convert_to(body, 'UTF8'))), 'hex');
END $$;
ALTER FUNCTION read_mac(text) SECURITY INVOKER RESET ALL;
REVOKE ALL ON FUNCTION read_mac(text) FROM PUBLIC;
