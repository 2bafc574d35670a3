/* The two files of `practicum hours check`. */
#pragma once

#include <stdbool.h>

#include "client/cmd/csv.h"
#include "common/law/labor.h"

enum {
	HOURS_ROWS_MAX = 200000,
	HOURS_FLAWS_MAX = 20 /* that are kept in words */
};

/* What is wrong with a file, each with line and remedy: "line 3, column start: ..." */
struct hours_flaws {
	struct prac_arena *arena;
	const char *words[HOURS_FLAWS_MAX];
	size_t n; /* all of them, also those not kept */
};

void hours_flaw(struct hours_flaws *flaws, size_t line, const char *column, const char *fmt, ...)
	PRAC_PRINTF(4, 5);

struct hours_lines {
	struct prac_labor_entry *entries; /* without zone */
	size_t *lines;                    /* where each stands in the file */
	size_t n;
};

/* Columns that the file has beside those that are read are named in *unknown_out, else NULL. */
void hours_read_calendar(const struct csv_table *table, struct hours_flaws *flaws,
	struct prac_labor_calendar *calendar_out, const char **unknown_out);
void hours_read_entries(const struct csv_table *table, struct hours_flaws *flaws,
	struct hours_lines *lines_out, const char **unknown_out);
