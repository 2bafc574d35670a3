-- The score that students are to reach.
ALTER TABLE rubric ADD COLUMN target_score bigint;
COMMENT ON COLUMN rubric.target_score IS
	'The score that students are to reach in every item; reports count who does.';
