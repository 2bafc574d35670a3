/* What the columns of a CSV file mean for one record type, and what a row of it says. */
#pragma once

#include "client/cmd/cmd.h"
#include "client/cmd/csv.h"
#include "client/cmd/import_fault.h"

struct import_cells;

/* A column with this head is passed over in silence. */
#define IMPORT_IGNORED "-"

/* An action that a row asks for once its record is stored: column `do`, arguments in `do.FIELD`. */
struct import_move {
	const struct prac_action *action;
	const struct prac_value *args; /* NULL: takes none */
};

enum {
	IMPORT_MOVES_MAX = 4 /* of a row */
};

struct import_row {
	struct prac_record
		*record; /* with its id when the file names it; without a state unless it does */
	bool is_cleared[PRAC_FIELDS_MAX]; /* by field: the cell says IMPORT_CLEAR */
	bool is_bad[PRAC_FIELDS_MAX];     /* by field: what the cell says has a fault */
	bool has_bad_id;
	struct import_faults faults;
	struct import_move moves[IMPORT_MOVES_MAX];
	size_t n_moves;
};

/*
 * Reads the header. Columns that are no field are named on stderr once and left out. NULL after
 * cmd_fail(). file and head stay the caller's and must live as long.
 */
struct import_cells *import_cells_new(struct cmd_call *call, const struct prac_type *type,
	const char *file, const struct csv_row *head, bool is_raw);
void import_cells_free(struct import_cells *cells); /* may be NULL */

/*
 * Reads every cell. False: it has faults, or the row is none of the header's and record is NULL. The row
 * lives in the call's arena. While call->said gathers what cmd_fail() says.
 */
bool import_cells_read(
	struct import_cells *cells, const struct csv_row *row, struct import_row *row_out);

/* The one record with these values in its natural key; NULL when there is none. */
const struct prac_record *import_match_key(
	struct cmd_call *call, const struct prac_type *type, const struct prac_value *values);
