/* A supplement or a calendar; the first byte says which of them follows. No row becomes more than one. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "client/cmd/delivery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct prac_bytes no_populations(void *ctx, const char *identifier)
{
	(void)ctx;
	(void)identifier;
	return (struct prac_bytes){ NULL, 0 };
}

static void make(
	const struct csv_table *table, const struct delivery_kind *kind, struct prac_arena *arena)
{
	struct delivery delivery = { .arena = arena,
		.source = table,
		.programs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
		.populations = no_populations };

	g_hash_table_insert(delivery.programs, g_strdup("48.0508"), g_strdup("id"));
	g_hash_table_insert(delivery.programs, g_strdup("51.0000"), NULL);
	delivery_make(&delivery, kind);
	assert(delivery.made.n_rows <= table->n_rows);
	for (size_t i = 1; i < delivery.made.n_rows; i++) {
		assert(delivery.made.rows[i].n_cells == kind->n_head);
		assert(delivery.made.rows[i - 1].line <= delivery.made.rows[i].line);
	}
	g_hash_table_destroy(delivery.programs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_arena arena = { 0 };
	struct csv_table table;
	const char *error;

	if (len > 0 &&
		csv_parse_text((struct prac_bytes){ data + 1, len - 1 }, 1000, &arena, &table,
			&error) == PRAC_OK &&
		table.n_rows > 0) {
		make(&table, data[0] % 2 == 0 ? &delivery_students : &delivery_days, &arena);
	}
	prac_arena_deinit(&arena);
	return 0;
}
