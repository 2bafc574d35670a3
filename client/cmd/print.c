#include "client/cmd/print.h"

#include <glib.h>
#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/replica/replica.h"
#include "common/base/env.h"
#include "common/base/wrap.h"

enum {
	CELL_TEXT = 60, /* characters of a long text shown in a table on a terminal */
	/* Rows that wait until they are printed; the columns of a longer table only ever grow. */
	ROWS_AT_ONCE = 1000
};

struct print_table {
	struct libscols_table *lines; /* for people, or */
	struct print_array array;     /* for programs */
	size_t n_heads, n_rows;
	bool is_terminal;
};

struct print_table *print_table_new(const char *const *heads, size_t n_heads, bool json)
{
	struct print_table *table = g_new0(struct print_table, 1);

	table->n_heads = n_heads;
	table->is_terminal = isatty(STDOUT_FILENO) == 1;
	if (json) {
		table->array.out = stdout;
		return table;
	}
	table->lines = scols_new_table();
	for (size_t i = 0; i < n_heads; i++) {
		if (table->lines == NULL ||
			scols_table_new_column(table->lines, heads[i], 0, 0) == NULL) {
			abort();
		}
	}
	return table;
}

bool print_table_is_json(const struct print_table *table)
{
	return table->array.out != NULL;
}

void print_table_object(struct print_table *table, json_t *object)
{
	print_array_add(&table->array, object);
}

/* Control characters become spaces; on a terminal long texts are cut at a character. */
static char *clean(const char *text, bool is_terminal)
{
	char *copy = g_strdup(text == NULL ? "" : text);

	for (char *c = copy; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f) {
			*c = ' ';
		}
	}
	if (is_terminal && g_utf8_strlen(copy, -1) > CELL_TEXT) {
		memcpy(g_utf8_offset_to_pointer(copy, CELL_TEXT - 2), "..", sizeof(".."));
	}
	return copy;
}

/* What was printed is gone; what comes next stands below it, without a head of its own. */
static void print_waiting(struct print_table *table)
{
	(void)scols_print_table(table->lines); /* stdout's failure shows at exit */
	for (size_t i = 0; i < table->n_heads; i++) {
		struct libscols_column *column = scols_table_get_column(table->lines, i);

		(void)scols_column_set_whint(column, (double)scols_column_get_width(column));
	}
	scols_table_remove_lines(table->lines);
	(void)scols_table_enable_noheadings(table->lines, 1);
}

void print_table_row(struct print_table *table, const char *const *cells)
{
	struct libscols_line *line = scols_table_new_line(table->lines, NULL);

	if (line == NULL) {
		abort();
	}
	for (size_t i = 0; i < table->n_heads; i++) {
		char *text = clean(cells[i], table->is_terminal);

		if (scols_line_set_data(line, i, text) != 0) {
			abort();
		}
		g_free(text);
	}
	table->n_rows++;
	if (table->n_rows % ROWS_AT_ONCE == 0) {
		print_waiting(table);
	}
}

void print_table_end(struct print_table *table, const char *empty)
{
	if (print_table_is_json(table)) {
		print_array_end(&table->array);
		(void)putchar('\n');
	} else if (table->n_rows == 0) {
		(void)puts(empty);
	} else if (table->n_rows % ROWS_AT_ONCE > 0) {
		print_waiting(table);
	}
	if (table->lines != NULL) {
		scols_unref_table(table->lines);
	}
	g_free(table);
}

void print_paragraph(const char *text)
{
	GString *lines = g_string_new(NULL);

	prac_wrap(lines, text, prac_wrap_width(), 0);
	(void)fputs(lines->str, stdout);
	g_string_free(lines, TRUE);
}

void print_json(json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(1) | JSON_ENCODE_ANY);

	if (text == NULL) {
		abort();
	}
	(void)puts(text);
	explicit_bzero(text, strlen(text)); /* a card's PIN may be in it */
	free(text);
	json_decref(value);
}

static void put_margin(const struct print_array *array, unsigned more)
{
	for (unsigned i = 0; i < array->margin + more; i++) {
		(void)fputc(' ', array->out);
	}
}

/* A line feed inside a text is written as \n, so that each one here begins a line. */
static int put_json(const char *text, size_t len, void *ctx)
{
	const struct print_array *array = ctx;

	for (size_t i = 0; i < len; i++) {
		(void)fputc(text[i], array->out);
		if (text[i] == '\n') {
			put_margin(array, 1);
		}
	}
	return 0;
}

void print_array_add(struct print_array *array, json_t *object)
{
	(void)fputs(array->has_items ? ",\n" : "[\n", array->out);
	array->has_items = true;
	put_margin(array, 1);
	if (json_dump_callback(object, put_json, array, JSON_INDENT(1)) != 0) {
		abort();
	}
	json_decref(object);
}

void print_array_end(struct print_array *array)
{
	if (!array->has_items) {
		(void)fputs("[]", array->out);
		return;
	}
	(void)fputc('\n', array->out);
	put_margin(array, 0);
	(void)fputc(']', array->out);
}

static const char *as_text(
	const struct prac_field *field, const struct prac_value *value, struct prac_arena *arena)
{
	struct prac_buf buf = { 0 };
	const char *text;

	prac_value_format(field, value, &buf);
	text = prac_arena_text(arena, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	return text;
}

static json_t *list_json(const struct prac_value *value)
{
	json_t *array = json_array();
	struct prac_bytes rest = value->bytes, item;

	while (prac_list_next(&rest, &item)) {
		json_array_append_new(array, json_stringn((const char *)item.data, item.len));
	}
	return array;
}

json_t *print_value_json(const struct prac_field *field, const struct prac_value *value)
{
	struct prac_arena arena = { 0 };
	json_t *json;

	switch (field->kind) {
	case PRAC_INT:
	case PRAC_MINUTES:
	case PRAC_CENTS:
		return json_integer(value->number);
	case PRAC_BOOL:
		return json_boolean(value->number != 0);
	case PRAC_TEXT_LIST:
		return list_json(value);
	case PRAC_TEXT:
	case PRAC_DATE:
	case PRAC_TIME:
	case PRAC_INSTANT:
	case PRAC_ENUM:
	case PRAC_REF:
	case PRAC_BLOB:
	default:
		json = json_string(as_text(field, value, &arena));
		prac_arena_deinit(&arena);
		return json != NULL ? json : json_null();
	}
}

static bool is_withheld(const struct prac_record *record, size_t index)
{
	return (record->withheld >> index & 1) != 0;
}

static json_t *id_json(const struct prac_id *id)
{
	char text[PRAC_ID_TEXT];

	prac_id_format(id, text);
	return json_string(text);
}

const char *print_state(const struct prac_record *record, struct prac_arena *arena)
{
	const struct prac_computed *computed =
		prac_record_computed(record, prac_env_today(&prac_env_system));
	const struct prac_enum_value *state = NULL;

	if (record->type->state_field >= 0) {
		const struct prac_field *field = &record->type->fields[record->type->state_field];

		state = prac_enum_find(field, record->values[field->index].number);
	}
	return prac_arena_printf(arena, "%s%s%s", state != NULL ? state->name : "",
		state != NULL && computed != NULL ? ", " : "",
		computed != NULL ? computed->name : "");
}

json_t *print_record_json(const struct prac_record *record, bool pending)
{
	const struct prac_computed *computed =
		prac_record_computed(record, prac_env_today(&prac_env_system));
	json_t *object = json_object(), *withheld = json_array();

	json_object_set_new(object, "id", id_json(&record->id));
	for (size_t i = 0; i < record->type->n_fields; i++) {
		const struct prac_field *field = &record->type->fields[i];

		if (record->values[i].has) {
			json_object_set_new(
				object, field->name, print_value_json(field, &record->values[i]));
		} else if (is_withheld(record, i)) {
			json_object_set_new(object, field->name, json_null());
			json_array_append_new(withheld, json_string(field->name));
		}
	}
	if (json_array_size(withheld) > 0) {
		json_object_set(object, "withheld", withheld);
	}
	json_decref(withheld);
	if (computed != NULL) {
		json_object_set_new(object, "computed_state", json_string(computed->name));
	}
	json_object_set_new(object, "scope", id_json(&record->scope));
	json_object_set_new(object, "seq", json_integer((json_int_t)record->seq));
	json_object_set_new(object, "pending", json_boolean(pending));
	return object;
}

static const struct prac_record *referred(struct replica *replica, const struct prac_field *field,
	const struct prac_value *value, struct prac_arena *arena)
{
	const struct prac_type *type = prac_type_find(field->ref_type);
	const struct prac_record *record = NULL;
	struct prac_id id;

	if (replica == NULL || type == NULL || prac_id_from_bytes(value->bytes, &id) != PRAC_OK ||
		replica_get(replica, type, &id, arena, &record) != PRAC_OK) {
		return NULL;
	}
	return record;
}

const char *print_value(struct replica *replica, const struct prac_field *field,
	const struct prac_value *value, struct prac_arena *arena)
{
	const struct prac_record *record = NULL;

	if (!value->has) {
		return "";
	}
	if (field->kind == PRAC_REF) {
		record = referred(replica, field, value, arena);
	}
	return record != NULL ? prac_record_title(record, arena) : as_text(field, value, arena);
}

const char *print_field(struct replica *replica, const struct prac_record *record, uint16_t index,
	struct prac_arena *arena)
{
	return is_withheld(record, index) ? PRINT_WITHHELD
					  : print_value(replica, &record->type->fields[index],
						    &record->values[index], arena);
}

const char *print_plain(const struct prac_record *record, uint16_t index, struct prac_arena *arena)
{
	if (is_withheld(record, index)) {
		return PRINT_WITHHELD;
	}
	return record->values[index].has
		       ? as_text(&record->type->fields[index], &record->values[index], arena)
		       : "";
}

const char *print_id(struct replica *replica, const struct prac_type *type,
	const struct prac_id *id, struct prac_arena *arena)
{
	size_t n = replica_short_id(replica, type, id);
	char text[PRAC_ID_TEXT], digits[2 * PRAC_ID_LEN + 1];
	size_t len = 0;

	prac_id_format(id, text);
	for (const char *c = text; *c != '\0' && len < n; c++) {
		if (*c != '-') {
			digits[len++] = *c;
		}
	}
	digits[len] = '\0';
	return prac_arena_printf(arena, "%s", digits);
}
