/* Reading the view. */
#include <ctype.h>
#include <string.h>

#include "client/replica/acting.h"
#include "client/replica/rows.h"
#include "client/replica/sealed.h"
#include "sql/replica.h"

/* The file's tables cover the whole catalog, so that the type is always found. */
enum prac_status replica_get(struct replica *replica, const struct prac_type *type,
	const struct prac_id *id, struct prac_arena *arena, const struct prac_record **record_out)
{
	struct prac_record *record = NULL;
	struct table *table;
	struct row row;
	bool shown = false;

	*record_out = NULL;
	file_begin_read(replica);
	table = table_find(replica, type->number);
	if (table != NULL && row_read(replica, table, id, arena, &row)) {
		record = row_view(replica, type, &row, arena, &shown);
		shown = shown && acting_sees(replica, record);
	}
	*record_out = shown ? record : NULL;
	return file_end(replica);
}

/* Bound values live in the arena. */
static sqlite3_stmt *prepare_list(
	struct replica *replica, const struct replica_query *query, struct prac_arena *arena)
{
	struct prac_buf sql = { 0 };
	sqlite3_stmt *stmt;

	tables_list_sql(query, &sql);
	stmt = file_prepare(replica, (const char *)prac_buf_bytes(&sql).data, 0);
	prac_buf_deinit(&sql);
	for (size_t i = 0; i < query->n_filters; i++) {
		const struct replica_filter *filter = &query->filters[i];

		if (table_has_column(filter->field)) {
			bind_value(stmt, (int)i + 1, filter->field, &filter->value, arena);
		}
	}
	return stmt;
}

static bool is_closed(const struct replica_query *query)
{
	for (size_t i = 0; i < query->n_filters; i++) {
		if (!table_has_column(query->filters[i].field)) {
			return true;
		}
	}
	return false;
}

/* What SQLite could not compare: a filter on a field that has no column. */
static bool matches(const struct replica_query *query, const struct prac_record *record)
{
	for (size_t i = 0; i < query->n_filters; i++) {
		const struct replica_filter *filter = &query->filters[i];

		if (!table_has_column(filter->field) &&
			!prac_value_equal(filter->field, &filter->value,
				&record->values[filter->field->index])) {
			return false;
		}
	}
	return true;
}

/* A row that was found by a value which is not the person's to see was not found. */
static bool sees_match(
	struct replica *replica, const struct replica_query *query, struct prac_record *record)
{
	bool sees = acting_sees(replica, record);

	for (size_t i = 0; i < query->n_filters && sees; i++) {
		sees = (record->withheld >> query->filters[i].field->index & 1) == 0;
	}
	return sees;
}

enum prac_status replica_list(
	struct replica *replica, const struct replica_query *query, replica_each_fn each, void *ctx)
{
	struct prac_arena bound = { 0 }, arena = { 0 };
	bool goes_on = true;
	sqlite3_stmt *stmt;

	file_begin_read(replica);
	stmt = prepare_list(replica, query, &bound);
	while (goes_on && file_row(replica, stmt)) {
		struct prac_record *record;
		struct row row;
		bool shown;

		row_from_columns(stmt, &row);
		record = row_view(replica, query->type, &row, &arena, &shown);
		if (matches(query, record) && sees_match(replica, query, record)) {
			goes_on = each(ctx, record, row.is_pending);
		}
		prac_arena_reset(&arena);
	}
	(void)sqlite3_finalize(stmt); /* told by the step */
	prac_arena_deinit(&arena);
	prac_arena_deinit(&bound);
	return file_end(replica);
}

static bool sees_row(struct replica *replica, const struct replica_query *query, sqlite3_stmt *stmt)
{
	struct prac_arena arena = { 0 };
	struct prac_record *record;
	struct row row;
	bool shown, sees;

	if (acting_sees_all(replica) && !is_closed(query)) {
		return true;
	}
	row_from_columns(stmt, &row);
	record = row_view(replica, query->type, &row, &arena, &shown);
	sees = matches(query, record) && sees_match(replica, query, record);
	prac_arena_deinit(&arena);
	return sees;
}

enum prac_status replica_count(
	struct replica *replica, const struct replica_query *query, size_t *n_out)
{
	struct prac_arena bound = { 0 };
	sqlite3_stmt *stmt;

	*n_out = 0;
	file_begin_read(replica);
	stmt = prepare_list(replica, query, &bound);
	while (file_row(replica, stmt)) {
		*n_out += sees_row(replica, query, stmt) ? 1 : 0;
	}
	(void)sqlite3_finalize(stmt); /* told by the step */
	prac_arena_deinit(&bound);
	return file_end(replica);
}

/* Fills low and high with the first and the last id that start with the digits. */
static bool prefix_range(const char *prefix, struct prac_id *low, struct prac_id *high)
{
	size_t n = 0;

	memset(low, 0, sizeof(*low));
	memset(high, 0xff, sizeof(*high));
	for (const char *c = prefix; *c != '\0'; c++) {
		unsigned digit;

		if (*c == '-') {
			continue;
		}
		if (isxdigit((unsigned char)*c) == 0 || n == 2 * (size_t)PRAC_ID_LEN) {
			return false;
		}
		digit = (unsigned)(isdigit((unsigned char)*c) != 0
					   ? *c - '0'
					   : tolower((unsigned char)*c) - 'a' + 10);
		if (n % 2 == 0) {
			low->b[n / 2] = (uint8_t)(digit << 4);
			high->b[n / 2] = (uint8_t)(digit << 4 | 0xf);
		} else {
			low->b[n / 2] = (uint8_t)(low->b[n / 2] | digit);
			high->b[n / 2] = low->b[n / 2];
		}
		n++;
	}
	return n > 0;
}

enum prac_status replica_find_id(struct replica *replica, const struct prac_type *type,
	const char *prefix, struct prac_id ids_out[2], size_t *n_out)
{
	struct prac_buf sql = { 0 };
	struct prac_id low, high;
	sqlite3_stmt *stmt;

	*n_out = 0;
	if (!prefix_range(prefix, &low, &high)) {
		return PRAC_INVALID_ARGUMENT;
	}
	file_begin_read(replica);
	tables_range_sql(type, &sql);
	stmt = file_prepare(replica, (const char *)prac_buf_bytes(&sql).data, 0);
	prac_buf_deinit(&sql);
	bind_id(stmt, 1, &low);
	bind_id(stmt, 2, &high);
	while (*n_out < 2 && file_row(replica, stmt)) {
		ids_out[(*n_out)++] = column_id(stmt, 0);
	}
	(void)sqlite3_finalize(stmt); /* told by the step */
	return file_end(replica);
}

struct match {
	const struct prac_id *not_this;
	struct prac_id id;
	size_t n;
};

static bool on_match(void *ctx, const struct prac_record *record, bool pending)
{
	struct match *match = ctx;

	(void)pending;
	if (!prac_id_equal(&record->id, match->not_this)) {
		match->id = record->id;
		match->n++;
	}
	return match->n < 2;
}

enum prac_status replica_same_key(struct replica *replica, const struct prac_record *record,
	struct prac_arena *arena, const struct prac_record **record_out)
{
	const struct prac_type *type = record->type;
	struct replica_filter *filters =
		prac_arena_alloc(arena, (type->n_natural_key + 1) * sizeof(*filters));
	struct replica_query query = { .type = type, .filters = filters };
	struct match match = { .not_this = &record->id };
	enum prac_status status = PRAC_OK;

	*record_out = NULL;
	for (size_t i = 0; i < type->n_natural_key; i++) {
		uint16_t index = type->natural_key[i];

		filters[query.n_filters++] =
			(struct replica_filter){ &type->fields[index], record->values[index] };
	}
	if (query.n_filters > 0) {
		status = replica_list(replica, &query, on_match, &match);
	}
	return status == PRAC_OK && match.n == 1
		       ? replica_get(replica, type, &match.id, arena, record_out)
		       : status;
}

static size_t shared_digits(const struct prac_id *a, const struct prac_id *b)
{
	for (size_t i = 0; i < PRAC_ID_LEN; i++) {
		if (a->b[i] != b->b[i]) {
			return 2 * i + ((a->b[i] ^ b->b[i]) < 0x10 ? 1 : 0);
		}
	}
	return 2 * (size_t)PRAC_ID_LEN;
}

static size_t digits_beside(
	struct replica *replica, struct table *table, const struct prac_id *id, bool before)
{
	sqlite3_stmt *stmt = table_near(replica, table, before);
	struct prac_id other;
	size_t digits = 0;

	bind_id(stmt, 1, id);
	if (file_row(replica, stmt)) {
		other = column_id(stmt, 0);
		digits = prac_id_is_nil(&other) ? 0 : shared_digits(id, &other) + 1;
		(void)sqlite3_reset(stmt); /* a row was there */
	}
	return digits;
}

size_t replica_short_id(
	struct replica *replica, const struct prac_type *type, const struct prac_id *id)
{
	size_t n = 8, before = 0, after = 0;
	struct table *table;

	file_begin_read(replica);
	table = table_find(replica, type->number);
	if (table != NULL) {
		before = digits_beside(replica, table, id, true);
		after = digits_beside(replica, table, id, false);
	}
	n = before > n ? before : n;
	n = after > n ? after : n;
	return file_end(replica) == PRAC_OK ? n : 2 * (size_t)PRAC_ID_LEN;
}

static struct replica_input input_from_columns(
	struct replica *replica, sqlite3_stmt *stmt, struct prac_arena *arena)
{
	return (struct replica_input){
		.state = (enum replica_outbox_state)sqlite3_column_int(stmt, 0),
		.made_ms = sqlite3_column_int64(stmt, 1),
		.verdict.kind = (Practicum__VerdictKind)sqlite3_column_int(stmt, 2),
		.verdict.reason = (enum prac_reason)sqlite3_column_int(stmt, 3),
		.verdict.field = (uint32_t)sqlite3_column_int64(stmt, 4),
		.verdict.seq = column_u64(stmt, 5),
		.judged_ms = sqlite3_column_int64(stmt, 6),
		.counter = column_u64(stmt, 10),
		.verdict.counter = column_u64(stmt, 10),
		.bytes = sealed_payload(replica, stmt, 7, arena),
		.verdict.text = sealed_words(replica, stmt, 7, arena),
	};
}

enum prac_status replica_history(struct replica *replica, const struct prac_type *type,
	const struct prac_id *id, struct prac_arena *arena, struct replica_inputs *inputs_out)
{
	sqlite3_stmt *stmt;
	size_t cap;

	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_outbox_history_count);
	bind_u64(stmt, 1, type->number);
	bind_id(stmt, 2, id);
	cap = (size_t)file_number(replica, stmt);
	inputs_out->items = prac_arena_alloc(arena, (cap + 1) * sizeof(*inputs_out->items));
	inputs_out->n = 0;
	stmt = file_use(replica, &q_replica_outbox_history);
	bind_u64(stmt, 1, type->number);
	bind_id(stmt, 2, id);
	while (file_row(replica, stmt)) {
		inputs_out->items[inputs_out->n++] = input_from_columns(replica, stmt, arena);
	}
	return file_end(replica);
}
