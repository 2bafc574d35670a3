/*
 * The rule sets in force at the report's point of the change order, as a parameter: what the district had approved
 * by then over what is shipped (common/law/book.h), a line a row with bars between its parts:
 *
 *     domain|kind|id|set and version|first day|last day|key=value|key=value ...
 *
 * Durations are minutes, an open end is infinity.
 */
#pragma once

#include "common/law/law.h"
#include "server/db/params.h"
#include "server/db/rows.h"

struct report_rules {
	struct prac_arena *arena;
	struct prac_law_set *own; /* the district's */
	size_t n_own;
};

/* For db_batch_add(): takes the rows of report_rules; ctx is a struct report_rules with its arena set. */
void report_rules_read(void *ctx, struct db_rows *rows);

/* A text[] of the lines; of all domains but labor. */
void report_rules_param(const struct report_rules *rules, struct db_params *params);
