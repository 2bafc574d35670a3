/* Checks one cell against its column and reads its value. */
#pragma once

#include "client/roster/table.h"

void roster_cell_read(struct roster_load *load, const struct roster_place *place,
	const struct roster_column *column, struct roster_cell *cell);

/*
 * The next item of a list cell, as a text in scratch; NULL at the end. Moves *rest on. Spaces
 * around an item are taken off.
 */
const char *roster_list_next(struct prac_arena *scratch, const char **rest, bool *is_spaced_out);

/* The text in quotation marks, shortened: for the reason of a flaw. Lives in scratch. */
const char *roster_quoted(struct prac_arena *scratch, struct prac_bytes text);
