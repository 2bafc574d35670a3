/*
 * Parameters of a statement in PostgreSQL's binary form. They are built in the arena that the
 * batch lives in; byte values are borrowed and must live as long.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/id.h"

enum {
	DB_PARAMS_MAX = 96 /* 64 fields of a record and what stands beside them */
};

struct db_params {
	struct prac_arena *arena;
	int n;
	const char *values[DB_PARAMS_MAX]; /* NULL: the SQL null */
	int lengths[DB_PARAMS_MAX];
};

/* Later parameters are $1, $2 ... in the order they are added. */
struct db_params *db_params_new(struct prac_arena *arena) PRAC_RETURNS_NONNULL;

void db_param_null(struct db_params *params);
void db_param_int(struct db_params *params, int64_t value); /* bigint */
void db_param_bool(struct db_params *params, bool value);
void db_param_bytes(struct db_params *params, struct prac_bytes bytes); /* text, bytea */
void db_param_id(struct db_params *params, const struct prac_id *id);
void db_param_date(struct db_params *params, int32_t days);  /* since 1970-01-01 */
void db_param_instant(struct db_params *params, int64_t ms); /* since 1970-01-01 UTC; timestamptz */

/* Element types of arrays. The number is PostgreSQL's oid of the type, which never changes. */
enum db_elem {
	DB_BOOL = 16,
	DB_BYTEA = 17,
	DB_INT8 = 20,
	DB_INT2 = 21,
	DB_INT4 = 23,
	DB_TEXT = 25,
	DB_DATE = 1082,
	DB_TIMESTAMPTZ = 1184,
	DB_UUID = 2950
};

/* An array of one dimension under construction; storage owned by the caller, memory in the arena. */
struct db_array {
	struct prac_arena *arena;
	uint8_t *data;
	size_t len, cap;
	uint32_t n_items, n_nulls;
	enum db_elem elem;
};

void db_array_init(struct db_array *array, struct prac_arena *arena, enum db_elem elem);

/* Room for n more items of a fixed size, or of a short text: growing copies what is there. */
void db_array_reserve(struct db_array *array, size_t n);

/* The value must be of the array's element type: the size is checked by PostgreSQL only. */
void db_array_null(struct db_array *array);
void db_array_int(struct db_array *array, int64_t value); /* whole numbers of any width */
void db_array_bool(struct db_array *array, bool value);
void db_array_bytes(struct db_array *array, struct prac_bytes bytes); /* DB_TEXT and DB_BYTEA */
void db_array_id(struct db_array *array, const struct prac_id *id);
void db_array_date(struct db_array *array, int32_t days);
void db_array_instant(struct db_array *array, int64_t ms);

/* The array becomes the next parameter and must not be added to any more. */
void db_param_array(struct db_params *params, struct db_array *array);

/*
 * The same of a column that stands beside others in unnest(): of nothing but nulls it goes without items,
 * and PostgreSQL fills it up with nulls to the length of the others.
 */
void db_param_column(struct db_params *params, struct db_array *array);
