/* The rows of a supplement or a calendar (RULES 1.8) as rows of the record type that they become. */
#pragma once

#include <glib.h>

#include "client/cmd/csv.h"
#include "client/cmd/import_fault.h"
#include "common/catalog/record.h"

/* Rows keep their lines, so that a fault is found in the file that was delivered. */
struct delivery {
	struct prac_arena *arena;
	const struct csv_table *source; /* as delivered, with its header */
	GHashTable *programs;           /* CIP code -> id text; NULL as value: several have it */
	/* The list of special populations that a student has already. */
	struct prac_bytes (*populations)(void *ctx, const char *identifier);
	void *ctx;
	/* ---- made */
	struct csv_table made;
	struct import_faults *faults; /* one a row that was made */
	const char *leaid;            /* of the calendar's first row */
};

struct delivery_kind {
	const struct prac_type *type;
	const char *const *head;
	const char *const *written; /* what the file calls each of them */
	size_t n_head;
	const char *const
		*columns; /* that are read, NULL at the end; the first one must be there */
	const char *const *derived; /* known and not read, NULL at the end */
	/* Fills the cells, all empty before; false: the row becomes none. A fault becomes one of the made row. */
	bool (*make)(struct delivery *delivery, size_t index, const char **cells);
};

extern const struct delivery_kind delivery_students, delivery_days;

void delivery_make(struct delivery *delivery, const struct delivery_kind *kind);
