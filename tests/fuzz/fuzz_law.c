/* A rule set as a file, and as a law when it is of that domain. */
#include <stddef.h>
#include <stdint.h>

#include "common/law/labor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_arena arena = { 0 };
	struct prac_law_set set;
	const char *error;

	if (prac_law_set_read((struct prac_bytes){ data, len }, &arena, &set, &error) == PRAC_OK) {
		/* Any answer is right; it must not end otherwise. */
		enum prac_status status =
			prac_labor_law_add(prac_labor_law_new(&arena), &set, &error);
		(void)status;
	}
	prac_arena_deinit(&arena);
	return 0;
}
