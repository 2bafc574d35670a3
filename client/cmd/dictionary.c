#include "client/cmd/dictionary.h"

#include <inttypes.h>

#include "client/cmd/csv.h"
#include "client/cmd/describe.h"
#include "common/base/macros.h"
#include "common/rules/rights.h"

static const char *const columns[] = { "type", "field", "label", "meaning", "kind", "unit",
	"values", "required", "personal", "seen_by", "since" };

enum {
	N_COLUMNS = PRAC_NELEM(columns)
};

static const char *const personal_words[] = { "none", "directory", "personal", "sensitive" };

/* The words an enum may hold; of a reference the type it leads to. In the arena. */
static const char *values_of(const struct prac_field *field, struct prac_arena *arena)
{
	const struct prac_type *target = prac_type_find(field->ref_type);
	const char *words = target != NULL ? target->name : "";

	for (size_t i = 0; i < field->n_values; i++) {
		words = prac_arena_printf(
			arena, "%s%s%s", words, i > 0 ? ";" : "", field->values[i].name);
	}
	return words;
}

/* The roles that see it, where not all do who see the record. */
static const char *viewers_of(const struct prac_field *field, struct prac_arena *arena)
{
	uint32_t viewers = prac_right_viewers((enum prac_mask)field->mask);
	const char *words = "";

	for (unsigned role = 1; viewers != UINT32_MAX && role < PRAC_ROLES; role++) {
		if ((viewers & PRAC_ROLE_BIT(role)) != 0) {
			words = prac_arena_printf(arena, "%s%s%s", words,
				words[0] != '\0' ? ";" : "", prac_role_name((enum prac_role)role));
		}
	}
	return words;
}

static void fill(const struct prac_type *type, const struct prac_field *field,
	struct prac_arena *arena, const char *cells[N_COLUMNS])
{
	const char *const texts[N_COLUMNS] = { type->name, field->name, field->label,
		prac_field_words(type, field), types_kind(field), field->unit,
		values_of(field, arena), (field->flags & PRAC_REQUIRED) != 0 ? "yes" : "no",
		field->personal < PRAC_NELEM(personal_words) ? personal_words[field->personal] : "",
		viewers_of(field, arena), prac_arena_printf(arena, "%u", (unsigned)field->since) };

	for (size_t i = 0; i < N_COLUMNS; i++) {
		cells[i] = texts[i];
	}
}

static void put_row(FILE *out, const char *const *cells, bool is_guarded)
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		if (i > 0) {
			(void)fputc(',', out);
		}
		csv_put(out, prac_bytes_text(cells[i]), is_guarded);
	}
	(void)fputs("\r\n", out);
}

static json_t *row_json(const char *const *cells)
{
	json_t *row = json_object();

	for (size_t i = 0; i < N_COLUMNS; i++) {
		json_object_set_new(row, columns[i], json_string(cells[i]));
	}
	return row;
}

/* One type's fields: appended to rows, or written when that is NULL. */
static void put_type(
	FILE *out, const struct prac_type *type, enum dictionary_format format, json_t *rows)
{
	struct prac_arena arena = { 0 };
	const char *cells[N_COLUMNS];

	for (size_t i = 0; i < type->n_fields; i++) {
		fill(type, &type->fields[i], &arena, cells);
		if (rows != NULL) {
			json_array_append_new(rows, row_json(cells));
		} else {
			put_row(out, cells, format == DICTIONARY_CSV);
		}
	}
	prac_arena_deinit(&arena);
}

enum prac_status dictionary_write(FILE *out, enum dictionary_format format)
{
	json_t *rows = format == DICTIONARY_JSON ? json_array() : NULL;

	if (rows == NULL) {
		put_row(out, columns, false);
	}
	for (size_t i = 0; i < prac_n_types; i++) {
		put_type(out, prac_types[i], format, rows);
	}
	if (rows != NULL) {
		(void)json_dumpf(rows, out, JSON_INDENT(1)); /* ferror() tells */
		(void)fputc('\n', out);
		json_decref(rows);
	}
	return ferror(out) == 0 ? PRAC_OK : PRAC_RESOURCE_EXHAUSTED;
}
