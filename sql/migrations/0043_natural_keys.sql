-- What `practicum types --sql` prints for unique types: no two live records with one natural key.

CREATE UNIQUE INDEX school_natural_key ON school (code) NULLS NOT DISTINCT WHERE NOT deleted;
CREATE UNIQUE INDEX student_natural_key ON student (identifier) NULLS NOT DISTINCT WHERE NOT deleted;
CREATE UNIQUE INDEX enrollment_natural_key ON enrollment (student_id, school_id, kind, starts_on)
	NULLS NOT DISTINCT WHERE NOT deleted;
CREATE UNIQUE INDEX staff_natural_key ON staff (identifier) NULLS NOT DISTINCT WHERE NOT deleted;
CREATE UNIQUE INDEX time_sheet_natural_key ON time_sheet (placement_id, week_start, amendment_no)
	NULLS NOT DISTINCT WHERE NOT deleted;
