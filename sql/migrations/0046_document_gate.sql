-- Rule sets ask for papers now; a document type may ask for more.
COMMENT ON COLUMN document_type.gate IS
	'What cannot happen without it, beside what the rule sets of documents ask for. start | each_day | close | none';
