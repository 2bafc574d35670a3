#include "tests/support/plant.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/pg.h"
#include "tests/support/records_key.h"

enum {
	TEXT_LEN = 32
};

const char *plant_canary = PLANT_CANARY;

/* Another text each time: some fields are what a record is known by. */
static struct prac_bytes plant_text(int64_t max, struct prac_arena *arena)
{
	static unsigned number;
	const size_t len = max < TEXT_LEN ? (size_t)max : TEXT_LEN;
	const char *digits = prac_arena_printf(arena, "%0*u", TEXT_LEN, ++number) + TEXT_LEN - len;
	const size_t n_canary = strlen(plant_canary);

	return prac_bytes_text(len < 2 * n_canary ? digits
						  : prac_arena_printf(arena, "%s%s", plant_canary,
							    digits + n_canary));
}

struct prac_value plant_value(
	const struct prac_field *field, const struct prac_id *id, struct prac_arena *arena)
{
	struct prac_value value = { .has = true, .number = field->min > 0 ? field->min : 1 };
	struct prac_bytes item = prac_bytes_text(plant_canary);

	switch ((int)field->kind) {
	case PRAC_REF:
		value.bytes = prac_arena_copy(arena, prac_id_bytes(id));
		break;
	case PRAC_TEXT:
	case PRAC_BLOB:
		value.bytes = plant_text(field->max, arena);
		break;
	case PRAC_TEXT_LIST:
		return prac_list_value(arena, field, &item, 1);
	case PRAC_ENUM:
		value.number = field->values[0].number;
		break;
	default:
		break;
	}
	return value;
}

/* Of PostgreSQL's array form what the items of tests need: no quotes, no backslashes. */
static void append_list(struct prac_bytes rest, struct prac_buf *sql)
{
	struct prac_bytes item;
	const char *before = "{\"";

	while (prac_list_next(&rest, &item)) {
		prac_buf_append(sql, before, strlen(before));
		prac_buf_append(sql, item.data, item.len);
		before = "\",\"";
	}
	prac_buf_append(sql, "\"}", 2);
}

static void append_literal(
	const struct prac_field *field, const struct prac_value *value, struct prac_buf *sql)
{
	char text[80];
	char id[PRAC_ID_TEXT];
	struct prac_id reference;

	text[0] = '\0';
	switch ((int)field->kind) {
	case PRAC_REF:
		assert_int_equal(prac_id_from_bytes(value->bytes, &reference), PRAC_OK);
		prac_id_format(&reference, id);
		(void)snprintf(text, sizeof(text), "%s", id);
		break;
	case PRAC_ENUM:
		(void)snprintf(
			text, sizeof(text), "%s", prac_enum_find(field, value->number)->name);
		break;
	case PRAC_TEXT_LIST:
		append_list(value->bytes, sql);
		break;
	case PRAC_DATE:
	case PRAC_INSTANT:
		(void)snprintf(text, sizeof(text), "2026-01-01");
		break;
	case PRAC_TEXT:
	case PRAC_BLOB:
		prac_buf_append(sql, value->bytes.data, value->bytes.len);
		break;
	default:
		(void)snprintf(text, sizeof(text), "%" PRId64, value->number);
		break;
	}
	prac_buf_append(sql, text, strlen(text));
}

/* As the server keeps it. */
static void append_closed(
	const struct prac_record *record, const struct prac_field *field, struct prac_buf *sql)
{
	const struct db_seal_place place = { .table = DB_SEAL_RECORD,
		.type = record->type->number,
		.column = field->number,
		.id = record->id };
	struct prac_arena arena = { 0 };
	struct prac_bytes sealed =
		db_seal_put(&test_seal, &place, record->values[field->index].bytes, &arena);

	prac_buf_append(sql, "\\x", 2);
	for (size_t i = 0; i < sealed.len; i++) {
		prac_buf_printf(sql, "%02x", sealed.data[i]);
	}
	prac_arena_deinit(&arena);
}

static void append_value(
	const struct prac_record *record, const struct prac_field *field, struct prac_buf *sql)
{
	if (prac_field_is_closed(field)) {
		append_closed(record, field, sql);
	} else {
		append_literal(field, &record->values[field->index], sql);
	}
}

static const char *text_of(struct prac_buf *buf)
{
	prac_buf_append_byte(buf, '\0');
	return (const char *)prac_buf_bytes(buf).data;
}

static void plant_feed(const struct prac_record *record, const struct prac_id *scope)
{
	char id_text[PRAC_ID_TEXT], scope_text[PRAC_ID_TEXT];

	prac_id_format(&record->id, id_text);
	prac_id_format(scope, scope_text);
	pg_exec("UPDATE sync_head SET xact = pg_current_xact_id();\n"
		"INSERT INTO feed VALUES ('%s', %u, '%s', 1, 0) ON CONFLICT DO NOTHING",
		scope_text, record->type->number, id_text);
}

void plant_record(const struct prac_record *record, const struct prac_id *also_seen_in)
{
	const struct prac_type *type = record->type;
	struct prac_buf columns = { 0 }, values = { 0 };
	char id_text[PRAC_ID_TEXT], scope_text[PRAC_ID_TEXT];

	prac_id_format(&record->id, id_text);
	prac_id_format(&record->scope, scope_text);
	for (size_t i = 0; i < type->n_fields; i++) {
		if (record->values[i].has) {
			prac_buf_append(&columns, ", \"", 3);
			prac_buf_append(
				&columns, type->fields[i].name, strlen(type->fields[i].name));
			prac_buf_append(&columns, "\"", 1);
			prac_buf_append(&values, ", '", 3);
			append_value(record, &type->fields[i], &values);
			prac_buf_append(&values, "'", 1);
		}
	}
	/* The head is held, as the guards of the tables ask. */
	pg_exec("UPDATE sync_head SET xact = pg_current_xact_id(), head = greatest(head, 1);\n"
		"INSERT INTO \"%s\" (id, scope, seq, group_seq, deleted%s)\n"
		"VALUES ('%s', '%s', 1, array_fill(1, ARRAY[%zu]), false%s)",
		type->name, text_of(&columns), id_text, scope_text, type->n_groups,
		text_of(&values));
	plant_feed(record, &record->scope);
	if (also_seen_in != NULL) {
		plant_feed(record, also_seen_in);
	}
	prac_buf_deinit(&columns);
	prac_buf_deinit(&values);
}
