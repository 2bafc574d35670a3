/* Any text as a mapping file: what is taken leads to fields of the catalog, what is not is said where. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "client/cmd/extract_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_path(const struct extract_path *path)
{
	for (size_t i = 0; i + 1 < path->n_steps; i++) {
		assert(prac_type_find(path->steps[i]->ref_type) != NULL);
	}
	assert(path->n_steps <= EXTRACT_STEPS_MAX);
}

static void check_map(const struct extract_map *map)
{
	for (size_t i = 0; i < map->n_columns; i++) {
		check_path(&map->columns[i].path);
		check_path(&map->columns[i].with);
		assert((map->columns[i].path.n_steps == 0) == (map->columns[i].value != NULL));
	}
	for (size_t i = 0; i < map->n_filters; i++) {
		check_path(&map->filters[i].path);
		assert(map->filters[i].path.n_steps > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	json_t *mapping = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);
	struct extract_map *map = calloc(1, sizeof(*map));
	struct prac_arena arena = { 0 };

	assert(map != NULL);
	if (mapping != NULL && extract_map_read(map, mapping, &arena)) {
		check_map(map);
	} else if (mapping != NULL) {
		assert(map->where != NULL && map->what != NULL);
	}
	prac_arena_deinit(&arena);
	json_decref(mapping);
	free(map);
	return 0;
}
