/* practicum import TYPE FILE.csv: rows of one type, through the outbox or the server's staging. */
#pragma once

#include "client/cmd/cmd.h"

struct import_csv_options {
	bool is_preview;   /* show what would change, store nothing */
	bool is_staged;    /* through the server's staging also when it is small */
	bool is_raw;       /* cells as they are: no apostrophe is taken off */
	bool is_good_rows; /* leave out the rows that cannot be stored */
};

/* words[1] is the file. Returns an exit code. */
int import_csv(struct cmd_call *call, const struct prac_type *type,
	const struct import_csv_options *options);
