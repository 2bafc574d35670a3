/* What `practicum show placement` says of how the student's scores grew. */
#pragma once

#include <jansson.h>

#include "client/cmd/cmd.h"
#include "client/cmd/print.h"

/* Rows of a placement, over the evaluations that whoever looks may read; none of other types. */
void growth_rows(
	struct cmd_call *call, const struct prac_record *placement, struct print_table *table);

/* The same as the member "growth" of the object; nothing for other types. */
void growth_put(struct cmd_call *call, const struct prac_record *placement, json_t *object);
