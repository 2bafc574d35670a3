/* A CSV file as practicum import reads it. */
#include "client/cmd/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prac_arena arena = { 0 };
	struct csv_table table = { 0 };
	const char *error = NULL;

	if (csv_parse_text((struct prac_bytes){ data, size }, 1000, &arena, &table, &error) ==
		PRAC_OK) {
		for (size_t i = 0; i < table.n_rows; i++) {
			for (size_t k = 0; k < table.rows[i].n_cells; k++) {
				(void)csv_unguard(table.rows[i].cells[k]);
			}
		}
	}
	prac_arena_deinit(&arena);
	return 0;
}
