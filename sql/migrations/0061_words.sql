-- How a line of it is written, as a sentence.
COMMENT ON COLUMN document.signatures IS
	'One line a signature: role; name; method; date.';
