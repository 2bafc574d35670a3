/* What link.c hands to rows.c. Nobody else includes this. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>

#include "server/db/rows.h"

struct db_rows {
	const PGresult *result;
	bool is_bad;
	/* One row out of a cell of another result: its cells, and whose cell it is. */
	const struct prac_bytes *cells; /* NULL: result's; a null has no data */
	size_t n_cells;
	struct db_rows *outer;
};
