-- Every sheet that is submitted or approved asks which periods of its school are closed.

CREATE INDEX period_close_school_id ON period_close (school_id);
COMMENT ON TABLE period_close IS
	'The hours of a school and period, closed; a week belongs to the period in which it begins, and what is closed changes by adjustments only.';
