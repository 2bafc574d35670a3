/* CSV as RFC 4180 has it, with line and column for whoever must mend a file. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

/*
 * One cell. With guard, a text that a spreadsheet would run as a formula gets a leading apostrophe
 * (RELIABILITY T19); csv_unguard() takes it off again.
 */
void csv_put(FILE *out, struct prac_bytes text, bool guard);

/* The text without the apostrophe that csv_put() set; borrowed. */
const char *csv_unguard(const char *text);

struct csv_row {
	const char **cells;
	size_t n_cells;
	size_t line; /* of the row's first byte, from 1 */
};

struct csv_table {
	struct csv_row *rows; /* the first is the header */
	size_t n_rows;
};

/*
 * Of a header that is one cell for want of commas: what separates its columns, "semicolons" or "tabs"; else
 * NULL. Spreadsheets of some countries write such files.
 */
const char *csv_separator(const struct csv_row *head);

/*
 * Reads a whole file into the arena. Not OK: error_out says what is wrong, with the line: not
 * readable, larger than 64 MiB, not UTF-8, a NUL, a broken quote, more than max_rows rows.
 */
enum prac_status csv_read(const char *path, size_t max_rows, struct prac_arena *arena,
	struct csv_table *table_out, const char **error_out) PRAC_MUST_USE;

/* The same of a text in memory. */
enum prac_status csv_parse_text(struct prac_bytes text, size_t max_rows, struct prac_arena *arena,
	struct csv_table *table_out, const char **error_out) PRAC_MUST_USE;
