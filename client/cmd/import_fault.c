#include "client/cmd/import_fault.h"

#include <string.h>

void import_fault_add(struct import_faults *faults, struct prac_arena *arena, const char *column,
	const char *reason)
{
	struct import_fault *fault;

	for (fault = faults->first; fault != NULL; fault = fault->next) {
		if (strcmp(fault->column, column) == 0 &&
			(column[0] != '\0' || strcmp(fault->reason, reason) == 0)) {
			return;
		}
	}
	fault = prac_arena_alloc(arena, sizeof(*fault));
	fault->column = column;
	fault->reason = prac_arena_text(arena, prac_bytes_text(reason));
	*(faults->last != NULL ? &faults->last->next : &faults->first) = fault;
	faults->last = fault;
}
