#include "client/cmd/extract_map.h"

#include <glib.h>

static bool fault(struct extract_map *map, const char *where, const char *what)
{
	map->where = where;
	map->what = what;
	return false;
}

static const char *text_of(const json_t *from, const char *name)
{
	return json_string_value(json_object_get(from, name));
}

static const char *const members[] = { "title", "type", "party", "purpose", "basis", "filter",
	"columns", NULL };
static const char *const column_members[] = { "name", "value", "field", "codes", "with",
	"otherwise", NULL };
static const char *const filter_members[] = { "field", "in", NULL };

/* Whose form is looked at where they are read; every other member is a text. */
static const char *const no_texts[] = { "filter", "columns", "codes", "in", NULL };

/* A member that nobody reads is a slip of the pen, and of a filter one that lets everything out. */
static bool check_members(struct extract_map *map, const char *where, const json_t *from,
	const char *const *known, struct prac_arena *arena)
{
	const char *name;
	json_t *value;

	if (!json_is_object(from)) {
		return fault(map, where, "want an object");
	}
	json_object_foreach((json_t *)from, name, value)
	{
		if (!g_strv_contains(known, name)) {
			char *all = g_strjoinv(", ", (char **)known);

			(void)fault(map, where,
				prac_arena_printf(arena, "no member is called %.60s; there are %s",
					name, all));
			g_free(all);
			return false;
		}
		if (!g_strv_contains(no_texts, name) && !json_is_string(value)) {
			return fault(map, where, prac_arena_printf(arena, "%s: want a text", name));
		}
	}
	return true;
}

static bool read_path(struct extract_map *map, const char *where, const char *text,
	struct prac_arena *arena, struct extract_path *path)
{
	const struct prac_type *type = map->type;
	char **names = g_strsplit(text, ".", -1);
	bool is_good = names[0] != NULL;

	for (size_t i = 0; names[i] != NULL && is_good; i++) {
		const struct prac_field *field = prac_field_find_name(type, names[i]);
		const struct prac_type *next;

		is_good = field != NULL && i < EXTRACT_STEPS_MAX;
		if (is_good) {
			path->steps[path->n_steps++] = field;
			next = prac_type_find(field->ref_type);
			is_good = next != NULL || names[i + 1] == NULL;
			type = next != NULL ? next : type;
		}
	}
	g_strfreev(names);
	return is_good || fault(map, where,
				  prac_arena_printf(arena,
					  "%s leads to no field; practicum describe %s lists them",
					  text, map->type->name));
}

static bool read_column(struct extract_map *map, const json_t *from, struct prac_arena *arena)
{
	struct extract_column *column = &map->columns[map->n_columns];
	const char *field = text_of(from, "field");
	const char *with = text_of(from, "with");

	if (!check_members(map, "columns", from, column_members, arena)) {
		return false;
	}
	column->name = text_of(from, "name");
	column->value = text_of(from, "value");
	column->otherwise = text_of(from, "otherwise");
	column->codes = json_object_get(from, "codes");
	if (column->name == NULL) {
		return fault(map, "columns", "a column without name");
	}
	if ((field == NULL) == (column->value == NULL)) {
		return fault(map, column->name, "wants either field or value");
	}
	if (column->codes != NULL && !json_is_object(column->codes)) {
		return fault(map, column->name, "codes: want an object of texts");
	}
	map->n_columns++;
	return (field == NULL || read_path(map, column->name, field, arena, &column->path)) &&
	       (with == NULL || read_path(map, column->name, with, arena, &column->with));
}

static bool read_filter(struct extract_map *map, const json_t *from, struct prac_arena *arena)
{
	struct extract_filter *filter = &map->filters[map->n_filters++];
	const char *field = text_of(from, "field");

	if (!check_members(map, "filter", from, filter_members, arena)) {
		return false;
	}
	filter->in = json_object_get(from, "in");
	if (field == NULL || !json_is_array(filter->in)) {
		return fault(map, "filter", "want field, and in with a list of texts");
	}
	return read_path(map, "filter", field, arena, &filter->path);
}

static bool read_list(struct extract_map *map, const json_t *list, struct prac_arena *arena,
	bool (*read)(struct extract_map *map, const json_t *from, struct prac_arena *arena))
{
	bool is_good = true;

	if (json_array_size(list) > EXTRACT_COLUMNS_MAX) {
		return fault(map, "mapping", "more than 256 columns or filters");
	}

	for (size_t i = 0; i < json_array_size(list) && is_good; i++) {
		is_good = read(map, json_array_get(list, i), arena);
	}
	return is_good;
}

bool extract_map_read(struct extract_map *map, const json_t *mapping, struct prac_arena *arena)
{
	const char *type = text_of(mapping, "type");
	const json_t *columns = json_object_get(mapping, "columns");
	const json_t *filter = json_object_get(mapping, "filter");

	if (!check_members(map, "mapping", mapping, members, arena)) {
		return false;
	}
	map->type = type != NULL ? prac_type_find_name(type) : NULL;
	map->party = text_of(mapping, "party");
	map->purpose = text_of(mapping, "purpose");
	map->basis = text_of(mapping, "basis");
	if (map->type == NULL) {
		return fault(map, "type", "want the name of a record type");
	}
	if (json_array_size(columns) == 0) {
		return fault(map, "columns", "want a list with at least one");
	}
	if (filter != NULL && !json_is_array(filter)) {
		return fault(map, "filter", "want a list");
	}
	return read_list(map, columns, arena, read_column) &&
	       read_list(map, filter, arena, read_filter);
}
