/* Why a row of a file cannot be stored: every fault of it, in the order found. */
#pragma once

#include "common/base/arena.h"

/* A cell with this text takes the field's value away; an empty one changes nothing. */
#define IMPORT_CLEAR "(empty)"

struct import_fault {
	const char *column; /* empty: the row as a whole */
	const char *reason;
	struct import_fault *next;
};

struct import_faults {
	struct import_fault *first, *last; /* NULL: none */
};

/* What is said of the column already is not said again. Borrows column; reason is copied. */
void import_fault_add(struct import_faults *faults, struct prac_arena *arena, const char *column,
	const char *reason);
