#include "server/db/rows.h"

#include <endian.h>
#include <string.h>

#include "server/db/epoch.h"
#include "server/db/result.h"

enum {
	ARRAY_HEADER = 12,   /* dimensions, has-null flag, element oid */
	ARRAY_DIMENSION = 8, /* length, lower bound */
	DAY_MS = 24 * 60 * 60 * 1000
};

/* A bad cell within a cell makes the whole result bad. */
static void spoil(struct db_rows *rows)
{
	for (; rows != NULL; rows = rows->outer)
		rows->is_bad = true;
}

size_t db_rows_count(const struct db_rows *rows)
{
	if (rows->cells != NULL)
		return 1;
	return (size_t)PQntuples(rows->result);
}

size_t db_rows_n_columns(const struct db_rows *rows)
{
	if (rows->cells != NULL)
		return rows->n_cells;
	return (size_t)PQnfields(rows->result);
}

const char *db_rows_column(const struct db_rows *rows, size_t column)
{
	return rows->cells != NULL ? "" : PQfname(rows->result, (int)column);
}

bool db_rows_is_null(const struct db_rows *rows, size_t row, size_t column)
{
	if (rows->cells != NULL)
		return column >= rows->n_cells || rows->cells[column].data == NULL;
	return PQgetisnull(rows->result, (int)row, (int)column) != 0;
}

struct prac_bytes db_rows_bytes(const struct db_rows *rows, size_t row, size_t column)
{
	if (rows->cells != NULL)
		return column < rows->n_cells ? rows->cells[column] : (struct prac_bytes){ 0 };
	return (struct prac_bytes){
		.data = (const uint8_t *)PQgetvalue(rows->result, (int)row, (int)column),
		.len = (size_t)PQgetlength(rows->result, (int)row, (int)column),
	};
}

static uint32_t read32(const uint8_t *data)
{
	uint32_t wire;

	memcpy(&wire, data, sizeof(wire));
	return be32toh(wire);
}

static uint64_t read64(const uint8_t *data)
{
	uint64_t wire;

	memcpy(&wire, data, sizeof(wire));
	return be64toh(wire);
}

/* The cell when it has exactly len bytes, else NULL and the result is bad. */
static const uint8_t *cell(struct db_rows *rows, size_t row, size_t column, size_t len)
{
	struct prac_bytes bytes = db_rows_bytes(rows, row, column);

	if (db_rows_is_null(rows, row, column) || bytes.len != len) {
		spoil(rows);
		return NULL;
	}
	return bytes.data;
}

int64_t db_rows_int(struct db_rows *rows, size_t row, size_t column)
{
	struct prac_bytes bytes = db_rows_bytes(rows, row, column);

	if (db_rows_is_null(rows, row, column)) {
		spoil(rows);
		return 0;
	}
	if (bytes.len == sizeof(int64_t))
		return (int64_t)read64(bytes.data);
	if (bytes.len == sizeof(int32_t))
		return (int32_t)read32(bytes.data);
	if (bytes.len == sizeof(int16_t))
		return (int16_t)((unsigned)bytes.data[0] << 8 | bytes.data[1]);
	spoil(rows);
	return 0;
}

bool db_rows_bool(struct db_rows *rows, size_t row, size_t column)
{
	const uint8_t *data = cell(rows, row, column, 1);

	return data != NULL && *data != 0;
}

struct prac_id db_rows_id(struct db_rows *rows, size_t row, size_t column)
{
	const uint8_t *data = cell(rows, row, column, PRAC_ID_LEN);
	struct prac_id id = { 0 };

	if (data != NULL)
		memcpy(id.b, data, sizeof(id.b));
	return id;
}

int32_t db_rows_date(struct db_rows *rows, size_t row, size_t column)
{
	const uint8_t *data = cell(rows, row, column, sizeof(int32_t));

	return data != NULL ? (int32_t)read32(data) + DB_EPOCH_DAYS : 0;
}

int64_t db_rows_instant(struct db_rows *rows, size_t row, size_t column)
{
	const uint8_t *data = cell(rows, row, column, sizeof(int64_t));

	/* Written from milliseconds, so the division leaves nothing over. */
	return data != NULL ? (int64_t)read64(data) / DB_TICKS_PER_MS + DB_EPOCH_MS : 0;
}

void db_rows_day(struct db_rows *rows, size_t row, size_t column, char text_out[PRAC_DATE_TEXT])
{
	text_out[0] = '\0';
	if (!db_rows_is_null(rows, row, column)) {
		prac_date_format((int32_t)(db_rows_instant(rows, row, column) / DAY_MS), text_out);
	}
}

/* Opens an array: *rest goes from the cell to its items. False: not an array of ours. */
static bool array_open(struct prac_bytes *rest, size_t *n_out)
{
	*n_out = 0;
	if (rest->len < ARRAY_HEADER)
		return false;
	if (read32(rest->data) == 0)
		return true;
	if (read32(rest->data) != 1 || rest->len < ARRAY_HEADER + ARRAY_DIMENSION)
		return false;
	*n_out = read32(rest->data + ARRAY_HEADER);
	rest->data += ARRAY_HEADER + ARRAY_DIMENSION;
	rest->len -= ARRAY_HEADER + ARRAY_DIMENSION;
	/* Each item takes at least its length word. */
	return *n_out <= rest->len / sizeof(uint32_t);
}

static bool array_next(struct prac_bytes *rest, struct prac_bytes *item_out)
{
	uint32_t len;

	if (rest->len < sizeof(len))
		return false;
	len = read32(rest->data);
	rest->data += sizeof(len);
	rest->len -= sizeof(len);
	if (len > rest->len) /* so is a null, whose length is -1 */
		return false;
	*item_out = (struct prac_bytes){ rest->data, len };
	rest->data += len;
	rest->len -= len;
	return true;
}

size_t db_rows_ints(struct db_rows *rows, size_t row, size_t column, int64_t *items_out, size_t max)
{
	struct prac_bytes rest = db_rows_bytes(rows, row, column);
	struct prac_bytes item;
	size_t n;

	if (!array_open(&rest, &n) || n > max) {
		spoil(rows);
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (!array_next(&rest, &item) || item.len != sizeof(int64_t)) {
			spoil(rows);
			return 0;
		}
		items_out[i] = (int64_t)read64(item.data);
	}
	return n;
}

size_t db_rows_texts(struct db_rows *rows, size_t row, size_t column, struct prac_arena *arena,
	struct prac_bytes **items_out)
{
	struct prac_bytes rest = db_rows_bytes(rows, row, column);
	struct prac_bytes *items;
	size_t n;

	*items_out = NULL;
	if (!array_open(&rest, &n)) {
		spoil(rows);
		return 0;
	}
	items = prac_arena_alloc(arena, (n + 1) * sizeof(*items));
	for (size_t i = 0; i < n; i++) {
		if (!array_next(&rest, &items[i])) {
			spoil(rows);
			return 0;
		}
	}
	*items_out = items;
	return n;
}

/* The next cell of a record: the type's oid, the length, the bytes. */
static bool record_next(struct prac_bytes *rest, struct prac_bytes *cell_out)
{
	const uint32_t null = UINT32_MAX;

	if (rest->len < 2 * sizeof(uint32_t))
		return false;
	rest->data += sizeof(uint32_t);
	rest->len -= sizeof(uint32_t);
	if (read32(rest->data) == null) {
		rest->data += sizeof(uint32_t);
		rest->len -= sizeof(uint32_t);
		*cell_out = (struct prac_bytes){ 0 };
		return true;
	}
	return array_next(rest, cell_out);
}

struct db_rows *db_rows_record(
	struct db_rows *rows, size_t row, size_t column, struct prac_arena *arena)
{
	struct prac_bytes rest = db_rows_bytes(rows, row, column);
	struct db_rows *record = prac_arena_alloc(arena, sizeof(*record));
	struct prac_bytes *cells;
	size_t n = 0;

	if (rest.len >= sizeof(uint32_t)) {
		n = read32(rest.data);
		rest.data += sizeof(uint32_t);
		rest.len -= sizeof(uint32_t);
	}
	/* Each cell takes at least its oid and its length. */
	if (n == 0 || n > rest.len / (2 * sizeof(uint32_t))) {
		spoil(rows);
		n = 0;
	}
	cells = prac_arena_alloc(arena, (n + 1) * sizeof(*cells));
	for (size_t i = 0; i < n; i++) {
		if (!record_next(&rest, &cells[i])) {
			spoil(rows);
			n = i;
		}
	}
	*record = (struct db_rows){ .cells = cells, .n_cells = n, .outer = rows };
	return record;
}
