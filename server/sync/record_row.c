#include "server/sync/record_row.h"

#include <string.h>

#include "common/catalog/sql.h"

/* ---- what is sealed */

static struct db_seal_place place_of(
	const struct prac_type *type, const struct prac_id *id, uint32_t column)
{
	return (struct db_seal_place){
		.table = DB_SEAL_RECORD, .type = type->number, .column = column, .id = *id
	};
}

/* Opens it in place. A value of no bytes is sealed, too. */
static bool open_bytes(const struct record_rows *from, const struct prac_record *record,
	uint32_t column, struct prac_bytes *bytes, struct prac_arena *arena)
{
	const struct db_seal_place place = place_of(from->type, &record->id, column);

	return db_seal_get(from->seal, &place, *bytes, arena, bytes) == PRAC_OK;
}

static bool open_closed(
	const struct record_rows *from, struct prac_record *record, struct prac_arena *arena)
{
	const struct prac_type *type = from->type;

	for (size_t i = 0; i < type->n_fields; i++) {
		struct prac_value *value = &record->values[i];

		if (value->has && prac_field_is_closed(&type->fields[i]) &&
			!open_bytes(from, record, type->fields[i].number, &value->bytes, arena)) {
			return false;
		}
	}
	return record->extra.len == 0 || !prac_type_is_closed(type) ||
	       open_bytes(from, record, 0, &record->extra, arena);
}

/* ---- from rows */

static struct prac_bytes copy(
	struct db_rows *rows, size_t row, size_t column, struct prac_arena *arena)
{
	return prac_arena_copy(arena, db_rows_bytes(rows, row, column));
}

/* An enum is stored by name. One that a newer program wrote reads as 0, which no enum has. */
static int64_t read_enum(
	const struct prac_field *field, const struct db_rows *rows, size_t row, size_t column)
{
	struct prac_bytes name = db_rows_bytes(rows, row, column);

	for (size_t i = 0; i < field->n_values; i++) {
		if (prac_bytes_equal(name, prac_bytes_text(field->values[i].name)))
			return field->values[i].number;
	}
	return 0;
}

static struct prac_value read_list(const struct prac_field *field, struct db_rows *rows, size_t row,
	size_t column, struct prac_arena *arena)
{
	struct prac_bytes *items;
	size_t n = db_rows_texts(rows, row, column, arena, &items);

	return prac_list_value(arena, field, items, n);
}

static struct prac_value read_value(
	const struct prac_field *field, struct db_rows *rows, size_t row, struct prac_arena *arena)
{
	size_t column = (size_t)PRAC_SQL_FIELDS + field->index;
	struct prac_value value = { 0 };

	if (db_rows_is_null(rows, row, column))
		return value;
	value.has = true;
	switch (field->kind) {
	case PRAC_TEXT:
	case PRAC_BLOB:
	case PRAC_REF:
		value.bytes = copy(rows, row, column, arena);
		break;
	case PRAC_TEXT_LIST:
		return read_list(field, rows, row, column, arena);
	case PRAC_ENUM:
		value.number = read_enum(field, rows, row, column);
		break;
	case PRAC_BOOL:
		value.number = db_rows_bool(rows, row, column);
		break;
	case PRAC_DATE:
		value.number = db_rows_date(rows, row, column);
		break;
	case PRAC_INSTANT:
		value.number = db_rows_instant(rows, row, column);
		break;
	case PRAC_INT:
	case PRAC_TIME:
	case PRAC_MINUTES:
	case PRAC_CENTS:
		value.number = db_rows_int(rows, row, column);
		break;
	}
	return value;
}

struct prac_record *record_row_read(
	const struct record_rows *from, size_t row, struct prac_arena *arena)
{
	const struct prac_type *type = from->type;
	struct db_rows *rows = from->rows;
	struct prac_record *record = prac_record_new(arena, type);
	int64_t group_seq[PRAC_GROUPS_MAX] = { 0 };

	record->id = db_rows_id(rows, row, PRAC_SQL_ID);
	record->scope = db_rows_id(rows, row, PRAC_SQL_SCOPE);
	record->seq = (uint64_t)db_rows_int(rows, row, PRAC_SQL_SEQ);
	record->deleted = db_rows_bool(rows, row, PRAC_SQL_DELETED);
	/* A group that came later than the row has no number yet: 0 is "before everything". */
	db_rows_ints(rows, row, PRAC_SQL_GROUP_SEQ, group_seq, PRAC_GROUPS_MAX);
	for (size_t i = 0; i < PRAC_GROUPS_MAX; i++)
		record->group_seq[i] = (uint64_t)group_seq[i];
	if (!db_rows_is_null(rows, row, PRAC_SQL_EXTRA))
		record->extra = copy(rows, row, PRAC_SQL_EXTRA, arena);
	for (size_t i = 0; i < type->n_fields; i++)
		record->values[i] = read_value(&type->fields[i], rows, row, arena);
	return open_closed(from, record, arena) ? record : NULL;
}

size_t record_row_len(const struct db_rows *rows, size_t row)
{
	size_t len = 0;

	for (size_t i = 0; i < db_rows_n_columns(rows); i++)
		len += db_rows_bytes(rows, row, i).len;
	return len;
}

/* ---- to rows */

static enum db_elem column_elem(const struct prac_field *field)
{
	switch (prac_field_is_closed(field) ? PRAC_BLOB : field->kind) {
	case PRAC_TEXT:
	case PRAC_ENUM:
	case PRAC_TEXT_LIST:
		return DB_TEXT;
	case PRAC_INT:
	case PRAC_MINUTES:
	case PRAC_CENTS:
		return DB_INT8;
	case PRAC_BOOL:
		return DB_BOOL;
	case PRAC_DATE:
		return DB_DATE;
	case PRAC_TIME:
		return DB_INT4;
	case PRAC_INSTANT:
		return DB_TIMESTAMPTZ;
	case PRAC_REF:
		return DB_UUID;
	case PRAC_BLOB:
		return DB_BYTEA;
	}
	return DB_TEXT;
}

/* {"a","b"}: an array as a text, every item quoted. Appends to what is in text. */
static void write_list_item(char **end, struct prac_bytes item)
{
	*(*end)++ = '"';
	for (size_t i = 0; i < item.len; i++) {
		if (item.data[i] == '"' || item.data[i] == '\\')
			*(*end)++ = '\\';
		*(*end)++ = (char)item.data[i];
	}
	*(*end)++ = '"';
}

static void write_list(struct db_array *array, const struct prac_value *value)
{
	/* At worst every byte is escaped and every item, of no bytes but a tag and a length, quoted. */
	char *text = prac_arena_alloc(array->arena, 2 * value->bytes.len + 3);
	struct prac_bytes rest = value->bytes, item;
	char *end = text;

	*end++ = '{';
	while (prac_list_next(&rest, &item)) {
		if (end[-1] != '{')
			*end++ = ',';
		write_list_item(&end, item);
	}
	*end++ = '}';
	db_array_bytes(array, (struct prac_bytes){ (const uint8_t *)text, (size_t)(end - text) });
}

static void write_enum(
	struct db_array *array, const struct prac_field *field, const struct prac_value *value)
{
	const struct prac_enum_value *known = prac_enum_find(field, value->number);

	if (known != NULL) {
		db_array_bytes(array, prac_bytes_text(known->name));
	} else {
		db_array_null(array);
	}
}

static void write_value(
	struct db_array *array, const struct prac_field *field, const struct prac_value *value)
{
	struct prac_id id;

	if (!value->has) {
		db_array_null(array);
		return;
	}
	switch (field->kind) {
	case PRAC_TEXT:
	case PRAC_BLOB:
		db_array_bytes(array, value->bytes);
		break;
	case PRAC_TEXT_LIST:
		write_list(array, value);
		break;
	case PRAC_ENUM:
		write_enum(array, field, value);
		break;
	case PRAC_BOOL:
		db_array_bool(array, value->number != 0);
		break;
	case PRAC_DATE:
		db_array_date(array, (int32_t)value->number);
		break;
	case PRAC_INSTANT:
		db_array_instant(array, value->number);
		break;
	case PRAC_REF:
		if (prac_id_from_bytes(value->bytes, &id) == PRAC_OK) {
			db_array_id(array, &id);
		} else {
			db_array_null(array);
		}
		break;
	case PRAC_INT:
	case PRAC_TIME:
	case PRAC_MINUTES:
	case PRAC_CENTS:
		db_array_int(array, value->number);
		break;
	}
}

/* Closed fields are text or bytes. */
static void write_closed(struct db_array *array, const struct db_seal *seal,
	const struct prac_record *record, uint32_t column, struct prac_bytes plain)
{
	const struct db_seal_place place = place_of(record->type, &record->id, column);

	db_array_bytes(array, db_seal_put(seal, &place, plain, array->arena));
}

static void write_field(struct db_array *array, const struct db_seal *seal,
	const struct prac_record *record, const struct prac_field *field)
{
	const struct prac_value *value = &record->values[field->index];

	if (value->has && prac_field_is_closed(field)) {
		write_closed(array, seal, record, field->number, value->bytes);
	} else {
		write_value(array, field, value);
	}
}

static struct db_array field_array(struct prac_arena *arena, const struct prac_field *field,
	const struct db_seal *seal, const struct prac_record *const *records, size_t n_records)
{
	struct db_array array;

	db_array_init(&array, arena, column_elem(field));
	db_array_reserve(&array, n_records);
	for (size_t row = 0; row < n_records; row++)
		write_field(&array, seal, records[row], field);
	return array;
}

static void add_fields(struct db_params *params, const struct db_seal *seal,
	const struct prac_record *const *records, size_t n_records)
{
	const struct prac_type *type = records[0]->type;

	/* Most records leave most fields empty. */
	for (size_t i = 0; i < type->n_fields; i++) {
		struct db_array array =
			field_array(params->arena, &type->fields[i], seal, records, n_records);

		db_param_column(params, &array);
	}
}

struct db_params *record_row_keys(
	const struct prac_record *const *records, size_t n_records, struct prac_arena *arena)
{
	const struct prac_type *type = records[0]->type;
	struct db_params *params = db_params_new(arena);

	/* Nothing is found by what is sealed (proto/gen/catalog.py). */
	for (size_t i = 0; i < type->n_natural_key; i++) {
		struct db_array array = field_array(
			arena, &type->fields[type->natural_key[i]], NULL, records, n_records);

		db_param_array(params, &array);
	}
	return params;
}

/* {1,2,3}: an array as a text, as all arrays within arrays travel. */
static void write_groups(struct db_array *array, const struct prac_record *record)
{
	uint8_t text[PRAC_GROUPS_MAX * 21 + 3];
	size_t at = sizeof(text);

	/* From the end, as the digits come; printf would take longer than the rest of the row. */
	text[--at] = '}';
	for (size_t i = record->type->n_groups; i-- > 0;) {
		uint64_t rest = record->group_seq[i];

		do {
			text[--at] = (uint8_t)('0' + rest % 10);
			rest /= 10;
		} while (rest > 0);
		if (i > 0) {
			text[--at] = ',';
		}
	}
	text[--at] = '{';
	db_array_bytes(array, (struct prac_bytes){ text + at, sizeof(text) - at });
}

static void write_extra(
	struct db_array *array, const struct db_seal *seal, const struct prac_record *record)
{
	if (record->extra.len == 0) {
		db_array_null(array);
	} else if (prac_type_is_closed(record->type)) {
		write_closed(array, seal, record, 0, record->extra);
	} else {
		db_array_bytes(array, record->extra);
	}
}

struct db_params *record_row_write(const struct db_seal *seal,
	const struct prac_record *const *records, size_t n_records, struct prac_arena *arena)
{
	struct db_params *params = db_params_new(arena);

	static const enum db_elem elems[PRAC_SQL_FIELDS] = { DB_UUID, DB_UUID, DB_INT8, DB_TEXT,
		DB_BOOL, DB_BYTEA };
	struct db_array arrays[PRAC_SQL_FIELDS];

	for (size_t i = 0; i < PRAC_SQL_FIELDS; i++) {
		db_array_init(&arrays[i], arena, elems[i]);
		db_array_reserve(&arrays[i], n_records);
	}
	for (size_t row = 0; row < n_records; row++) {
		const struct prac_record *record = records[row];

		db_array_id(&arrays[PRAC_SQL_ID], &record->id);
		db_array_id(&arrays[PRAC_SQL_SCOPE], &record->scope);
		db_array_int(&arrays[PRAC_SQL_SEQ], (int64_t)record->seq);
		write_groups(&arrays[PRAC_SQL_GROUP_SEQ], record);
		db_array_bool(&arrays[PRAC_SQL_DELETED], record->deleted);
		write_extra(&arrays[PRAC_SQL_EXTRA], seal, record);
	}
	for (size_t i = 0; i < PRAC_SQL_FIELDS; i++)
		db_param_column(params, &arrays[i]);
	add_fields(params, seal, records, n_records);
	return params;
}

struct db_params *record_row_past(const struct db_seal *seal,
	const struct prac_record *const *versions, const uint64_t *to_seq, size_t n_versions,
	struct prac_arena *arena)
{
	struct db_params *params = db_params_new(arena);
	struct db_array ids, from, to, scopes;

	db_array_init(&ids, arena, DB_UUID);
	db_array_init(&from, arena, DB_INT8);
	db_array_init(&to, arena, DB_INT8);
	db_array_init(&scopes, arena, DB_UUID);
	for (size_t i = 0; i < n_versions; i++) {
		db_array_id(&ids, &versions[i]->id);
		db_array_int(&from, (int64_t)versions[i]->seq);
		db_array_int(&to, (int64_t)to_seq[i]);
		db_array_id(&scopes, &versions[i]->scope);
	}
	db_param_array(params, &ids);
	db_param_array(params, &from);
	db_param_array(params, &to);
	db_param_array(params, &scopes);
	add_fields(params, seal, versions, n_versions);
	return params;
}
