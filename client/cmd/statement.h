/* What a family has said about a record, beside the record (34 CFR 99.21(b)(2)). */
#pragma once

#include <jansson.h>

#include "client/cmd/cmd.h"
#include "client/cmd/print.h"

/* Whoever sees the record sees what was said about it; none: no rows. */
void statement_rows(
	struct cmd_call *call, const struct prac_record *record, struct print_table *table);

/* The same as the member "statements" of the object. */
void statement_put(struct cmd_call *call, const struct prac_record *record, json_t *object);
