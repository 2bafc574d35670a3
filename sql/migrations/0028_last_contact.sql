-- The day of the last talk with a partner, from which a silent one is found; kinds of documents that
-- document types ask for.
ALTER TABLE organization ADD COLUMN last_contact_on date;
COMMENT ON COLUMN organization.last_contact_on IS
	'Set by the contact log when a talk with the partner took place.';
COMMENT ON COLUMN document.kind IS
	'agreement | learning_plan | emergency | safety | waiver | work_permit | background | survey | insurance | other | transportation | late_hours | hazard_exemption';
CREATE OR REPLACE FUNCTION organization_computed(r organization, today date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
	WHEN r.state IN ('approved') AND today >= r.last_contact_on + 365 THEN 'dormant'
END $$;
