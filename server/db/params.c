#include "server/db/params.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "server/db/epoch.h"

enum {
	ARRAY_HEADER = 20, /* dimensions, has-null flag, element oid, length, lower bound */
	ARRAY_START = 256  /* bytes */
};

struct db_params *db_params_new(struct prac_arena *arena)
{
	struct db_params *params = prac_arena_alloc(arena, sizeof(*params));

	params->arena = arena;
	return params;
}

static void add(struct db_params *params, const void *value, size_t len)
{
	assert(params->n < DB_PARAMS_MAX);
	params->values[params->n] = value;
	params->lengths[params->n] = (int)len;
	params->n++;
}

static void add_copy(struct db_params *params, const void *value, size_t len)
{
	add(params, memcpy(prac_arena_alloc(params->arena, len), value, len), len);
}

void db_param_null(struct db_params *params)
{
	add(params, NULL, 0);
}

void db_param_int(struct db_params *params, int64_t value)
{
	uint64_t wire = htobe64((uint64_t)value);

	add_copy(params, &wire, sizeof(wire));
}

void db_param_bool(struct db_params *params, bool value)
{
	uint8_t wire = value ? 1 : 0;

	add_copy(params, &wire, sizeof(wire));
}

void db_param_bytes(struct db_params *params, struct prac_bytes bytes)
{
	/* NULL would be the SQL null; an empty run is an empty text. */
	add(params, bytes.len > 0 ? (const void *)bytes.data : "", bytes.len);
}

void db_param_id(struct db_params *params, const struct prac_id *id)
{
	add_copy(params, id->b, sizeof(id->b));
}

static uint32_t wire_date(int32_t days)
{
	return htobe32((uint32_t)(days - DB_EPOCH_DAYS));
}

static uint64_t wire_instant(int64_t ms)
{
	return htobe64((uint64_t)((ms - DB_EPOCH_MS) * DB_TICKS_PER_MS));
}

void db_param_date(struct db_params *params, int32_t days)
{
	uint32_t wire = wire_date(days);

	add_copy(params, &wire, sizeof(wire));
}

void db_param_instant(struct db_params *params, int64_t ms)
{
	uint64_t wire = wire_instant(ms);

	add_copy(params, &wire, sizeof(wire));
}

/* The arena cannot grow a piece in place: doubling leaves at most as much behind as is in use. */
static uint8_t *array_reserve(struct db_array *array, size_t len)
{
	if (array->len + len > array->cap) {
		size_t cap = 2 * array->cap > array->len + len ? 2 * array->cap : array->len + len;
		uint8_t *data = prac_arena_room(array->arena, cap);
		memcpy(data, array->data, array->len);
		array->data = data;
		array->cap = cap;
	}
	array->len += len;
	return array->data + array->len - len;
}

void db_array_init(struct db_array *array, struct prac_arena *arena, enum db_elem elem)
{
	*array = (struct db_array){ .arena = arena, .elem = elem };
	array->data = prac_arena_alloc(arena, ARRAY_START);
	array->cap = ARRAY_START;
	array->len = ARRAY_HEADER;
}

void db_array_reserve(struct db_array *array, size_t n)
{
	size_t len = array->len;

	(void)array_reserve(array, n * (sizeof(uint32_t) + PRAC_ID_LEN));
	array->len = len;
}

static void array_add(struct db_array *array, const void *value, size_t len)
{
	uint32_t wire_len = htobe32((uint32_t)len);
	uint8_t *to = array_reserve(array, sizeof(wire_len) + len);

	memcpy(to, &wire_len, sizeof(wire_len));
	if (len > 0)
		memcpy(to + sizeof(wire_len), value, len);
	array->n_items++;
}

void db_array_null(struct db_array *array)
{
	memset(array_reserve(array, sizeof(uint32_t)), 0xff, sizeof(uint32_t));
	array->n_items++;
	array->n_nulls++;
}

void db_array_int(struct db_array *array, int64_t value)
{
	uint64_t wide = htobe64((uint64_t)value);
	uint32_t narrow = htobe32((uint32_t)value);
	uint16_t narrowest = htobe16((uint16_t)value);

	if (array->elem == DB_INT2) {
		array_add(array, &narrowest, sizeof(narrowest));
	} else if (array->elem == DB_INT4) {
		array_add(array, &narrow, sizeof(narrow));
	} else {
		array_add(array, &wide, sizeof(wide));
	}
}

void db_array_bool(struct db_array *array, bool value)
{
	uint8_t wire = value ? 1 : 0;

	array_add(array, &wire, sizeof(wire));
}

void db_array_bytes(struct db_array *array, struct prac_bytes bytes)
{
	array_add(array, bytes.data, bytes.len);
}

void db_array_id(struct db_array *array, const struct prac_id *id)
{
	array_add(array, id->b, sizeof(id->b));
}

void db_array_date(struct db_array *array, int32_t days)
{
	uint32_t wire = wire_date(days);

	array_add(array, &wire, sizeof(wire));
}

void db_array_instant(struct db_array *array, int64_t ms)
{
	uint64_t wire = wire_instant(ms);

	array_add(array, &wire, sizeof(wire));
}

void db_param_array(struct db_params *params, struct db_array *array)
{
	uint32_t header[ARRAY_HEADER / sizeof(uint32_t)] = {
		htobe32(array->n_items > 0 ? 1 : 0),
		htobe32(array->n_nulls > 0 ? 1 : 0),
		htobe32((uint32_t)array->elem),
		htobe32(array->n_items),
		htobe32(1),
	};

	memcpy(array->data, header, sizeof(header));
	/* An array without items has no dimension, so its header is shorter. */
	add(params, array->data, array->n_items > 0 ? array->len : 3 * sizeof(uint32_t));
}

void db_param_column(struct db_params *params, struct db_array *array)
{
	if (array->n_nulls == array->n_items)
		array->n_nulls = array->n_items = 0;
	db_param_array(params, array);
}
