/* A CSV file as practicum import reads it. */
#include "client/cmd/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void unguard_all(const struct csv_row *row)
{
	for (size_t i = 0; i < row->n_cells; i++) {
		(void)csv_unguard(row->cells[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prac_arena arena = { 0 };
	struct csv_table table = { 0 };
	const char *error = NULL;

	if (csv_parse_text((struct prac_bytes){ data, size }, 1000, &arena, &table, &error) ==
		PRAC_OK) {
		for (size_t i = 0; i < table.n_rows; i++) {
			unguard_all(&table.rows[i]);
		}
	}
	prac_arena_deinit(&arena);
	return 0;
}
