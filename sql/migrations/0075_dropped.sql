-- An evaluation that nobody will make is dropped.
COMMENT ON COLUMN evaluation.state IS
	'scheduled | opened | submitted | returned | acknowledged | final | dropped';
