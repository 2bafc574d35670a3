-- Schema 5 of site: what the last safety survey came to.
ALTER TABLE site ADD COLUMN survey_verdict text;
COMMENT ON COLUMN site.survey_verdict IS 
	'What the last safety survey came to. passed | failed';
