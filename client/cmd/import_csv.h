/* practicum import TYPE FILE.csv: rows of one type, through the outbox or the server's staging. */
#pragma once

#include "client/cmd/cmd.h"
#include "client/cmd/csv.h"
#include "client/cmd/import_fault.h"

enum import_which {
	IMPORT_ALL,
	IMPORT_NEW_ONLY,  /* a record that is there stays as it is */
	IMPORT_KNOWN_ONLY /* a row without a record is refused */
};

struct import_csv_options {
	bool is_preview;     /* show what would change, store nothing */
	bool is_staged;      /* through the server's staging also when it is small */
	bool is_raw;         /* cells as they are: no apostrophe is taken off */
	bool is_good_rows;   /* leave out the rows that cannot be stored */
	bool in_transaction; /* the caller's, which also decides between commit and rollback */
	enum import_which which;
};

/* Rows with their header, from a file or made by the program. */
struct import_source {
	const char *file; /* what messages call it */
	struct csv_table table;
	/* Of rows that were made from another file's: what is wrong with each row of the table, and what
	 * that file calls each column. NULL where the table is the file. */
	const struct import_faults *faults;
	const char *const *written;
};

/*
 * Stores the rows, all or none. Each returns an exit code, after cmd_fail() or a list of what was done.
 * path is a CSV file.
 */
int import_csv(struct cmd_call *call, const struct prac_type *type, const char *path,
	const struct import_csv_options *options);
int import_csv_table(struct cmd_call *call, const struct prac_type *type,
	const struct import_source *source, const struct import_csv_options *options);
