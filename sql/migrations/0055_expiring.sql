-- What ends is told of 90 days ahead.
CREATE OR REPLACE FUNCTION document_computed(r document, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('signed', 'verified') AND today >= r.valid_until + 1 THEN 'expired'
	WHEN r.state IN ('signed', 'verified') AND today >= r.valid_until - 90 THEN 'expiring'
END $$;
CREATE OR REPLACE FUNCTION insurance_computed(r insurance, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('verified') AND today >= r.ends_on + 1 THEN 'expired'
	WHEN r.state IN ('verified') AND today >= r.ends_on - 90 THEN 'expiring'
END $$;
CREATE OR REPLACE FUNCTION student_insurance_computed(r student_insurance, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('verified') AND today >= r.ends_on + 1 THEN 'expired'
	WHEN r.state IN ('verified') AND today >= r.ends_on - 90 THEN 'expiring'
END $$;
CREATE OR REPLACE FUNCTION staff_qualification_computed(r staff_qualification, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('valid') AND today >= r.expires_on + 1 THEN 'expired'
	WHEN r.state IN ('valid') AND today >= r.expires_on - 90 THEN 'expiring'
END $$;
