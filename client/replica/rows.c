#include "client/replica/rows.h"

#include <string.h>

#include "client/replica/outbox.h"
#include "client/replica/sealed.h"
#include "common/sync/merge.h"

bool scopes_have(struct prac_bytes scopes, const struct prac_id *scope)
{
	for (size_t i = 0; i + PRAC_ID_LEN <= scopes.len; i += PRAC_ID_LEN) {
		if (memcmp(scopes.data + i, scope->b, PRAC_ID_LEN) == 0) {
			return true;
		}
	}
	return false;
}

struct prac_bytes scopes_with(
	struct prac_bytes scopes, const struct prac_id *scope, struct prac_arena *arena)
{
	uint8_t *data;

	if (scopes_have(scopes, scope)) {
		return scopes;
	}
	data = prac_arena_alloc(arena, scopes.len + PRAC_ID_LEN);
	if (scopes.len > 0) {
		memcpy(data, scopes.data, scopes.len);
	}
	memcpy(data + scopes.len, scope->b, PRAC_ID_LEN);
	return (struct prac_bytes){ data, scopes.len + PRAC_ID_LEN };
}

struct prac_bytes scopes_without(
	struct prac_bytes scopes, const struct prac_id *scope, struct prac_arena *arena)
{
	uint8_t *data = prac_arena_alloc(arena, scopes.len + 1);
	size_t len = 0;

	for (size_t i = 0; i + PRAC_ID_LEN <= scopes.len; i += PRAC_ID_LEN) {
		if (memcmp(scopes.data + i, scope->b, PRAC_ID_LEN) != 0) {
			memcpy(data + len, scopes.data + i, PRAC_ID_LEN);
			len += PRAC_ID_LEN;
		}
	}
	return (struct prac_bytes){ data, len };
}

struct prac_bytes group_seq_pack(const uint64_t *numbers, size_t n, struct prac_arena *arena)
{
	uint8_t *data = prac_arena_alloc(arena, n * 10 + 1);
	size_t len = 0;

	for (size_t i = 0; i < n && i < PRAC_GROUPS_MAX; i++) {
		uint64_t rest = numbers[i];

		for (; rest >= 0x80; rest >>= 7) {
			data[len++] = (uint8_t)(rest | 0x80);
		}
		data[len++] = (uint8_t)rest;
	}
	return (struct prac_bytes){ data, len };
}

static void group_seq_unpack(struct prac_bytes bytes, uint64_t numbers_out[PRAC_GROUPS_MAX])
{
	size_t n = 0;
	unsigned shift = 0;

	for (size_t i = 0; i < bytes.len && n < PRAC_GROUPS_MAX && shift < 64; i++) {
		numbers_out[n] |= (uint64_t)(bytes.data[i] & 0x7f) << shift;
		shift += 7;
		if ((bytes.data[i] & 0x80) == 0) {
			n++;
			shift = 0;
		}
	}
}

void row_from_columns(sqlite3_stmt *stmt, struct row *row_out)
{
	*row_out = (struct row){
		.id = column_id(stmt, COL_ID),
		.owner = column_id(stmt, COL_OWNER),
		.seq = column_u64(stmt, COL_SEQ),
		.scopes = column_bytes(stmt, COL_SCOPES),
		.group_seq = column_bytes(stmt, COL_GROUP_SEQ),
		.has_base = sqlite3_column_type(stmt, COL_BASE) != SQLITE_NULL,
		.base = column_bytes(stmt, COL_BASE),
		.sealed = column_bytes(stmt, COL_SEALED),
		.gone = (Practicum__Gone)sqlite3_column_int(stmt, COL_GONE),
		.is_pending = sqlite3_column_int(stmt, COL_PENDING) != 0,
		.mark = column_u64(stmt, COL_MARK),
	};
}

bool row_read(struct replica *replica, struct table *table, const struct prac_id *id,
	struct prac_arena *arena, struct row *row_out)
{
	sqlite3_stmt *stmt = table_get(replica, table);

	bind_id(stmt, 1, id);
	if (!file_row(replica, stmt)) {
		return false;
	}
	row_from_columns(stmt, row_out);
	row_out->scopes = prac_arena_copy(arena, row_out->scopes);
	row_out->group_seq = prac_arena_copy(arena, row_out->group_seq);
	row_out->base = prac_arena_copy(arena, row_out->base);
	row_out->sealed = prac_arena_copy(arena, row_out->sealed);
	(void)sqlite3_reset(stmt); /* a row was there */
	return true;
}

/* All scopes through which it is seen were taken away. */
static bool is_hidden(const struct replica *replica, struct prac_bytes scopes)
{
	size_t n_hidden = 0;

	if (replica->n_leaving == 0) {
		return false;
	}
	for (size_t i = 0; i < replica->n_leaving; i++) {
		n_hidden += scopes_have(scopes, &replica->leaving[i]) ? 1 : 0;
	}
	return n_hidden == scopes.len / PRAC_ID_LEN;
}

/* An argument named as a field of the record is stored in that field (proto/options.proto). */
static void overlay_args(struct prac_record *record, const struct prac_mutation *mutation)
{
	const struct prac_type *args = mutation->action->args;

	for (size_t i = 0; mutation->args != NULL && i < args->n_fields; i++) {
		const struct prac_field *field =
			prac_field_find_name(record->type, args->fields[i].name);

		if (field != NULL && field->kind == args->fields[i].kind && mutation->args[i].has) {
			record->values[field->index] = mutation->args[i];
		}
	}
}

/* The rules said yes when the action was entered; what else it does is the server's to say. */
static void overlay_action(struct prac_record *record, const struct prac_mutation *mutation)
{
	const struct prac_action *action = mutation->action;

	overlay_args(record, mutation);
	if (action->to >= 0 && record->type->state_field >= 0) {
		record->values[record->type->state_field] =
			(struct prac_value){ .has = true, .number = action->to };
	}
}

static void overlay(struct prac_record *record, const struct prac_mutation *mutation,
	struct prac_arena *arena, bool *exists)
{
	if (mutation->op == PRACTICUM__OP__OP_DELETE) {
		*exists = false;
		return;
	}
	if (mutation->op == PRACTICUM__OP__OP_CREATE) {
		*exists = true;
		record->scope = mutation->scope;
	}
	for (size_t i = 0; i < mutation->n_patches; i++) {
		prac_overlay(record, &mutation->patches[i], arena);
	}
	if (mutation->op == PRACTICUM__OP__OP_ACTION && mutation->action != NULL) {
		overlay_action(record, mutation);
	}
}

struct prac_record *row_view(struct replica *replica, const struct prac_type *type,
	const struct row *row, struct prac_arena *arena, bool *shown_out)
{
	struct prac_record *record = prac_record_new(arena, type);
	struct outbox_pending pending = { 0 };
	/* Input for a record that was taken away meanwhile shows until it is judged. */
	bool exists = row->has_base;

	record->id = row->id;
	record->scope = row->owner;
	record->seq = row->seq;
	group_seq_unpack(row->group_seq, record->group_seq);
	if (row->has_base && prac_values_decode(type, sealed_join(replica, type, row, arena), arena,
				     record->values, &record->extra) != PRAC_OK) {
		file_fail(replica, PRAC_DATA_LOSS, "a record of the replica cannot be read");
	}
	if (row->is_pending) {
		outbox_pending(replica, type->number, &row->id, arena, &pending);
	}
	for (size_t i = 0; i < pending.n; i++) {
		overlay(record, &pending.mutations[i], arena, &exists);
	}
	record->deleted = !exists;
	*shown_out = exists && !is_hidden(replica, row->scopes);
	return record;
}

/* From the parameter behind `at` on. */
static void bind_row(struct replica *replica, sqlite3_stmt *stmt, int at, struct table *table,
	const struct row *row)
{
	struct row stored = *row;
	struct prac_record *record;
	int column = at + COL_FIELDS + 1;
	bool shown = false;

	stored.sealed = (struct prac_bytes){ 0 }; /* has no column: not opened for nothing */
	record = row_view(replica, table->type, &stored, &replica->row_arena, &shown);
	/* Both outlive the step, so nothing is copied, as bind_id() would. */
	bind_bytes(stmt, at + COL_ID + 1, prac_id_bytes(&row->id));
	bind_u64(stmt, at + COL_SEQ + 1, row->seq);
	bind_bytes(stmt, at + COL_OWNER + 1, prac_id_bytes(&record->scope));
	bind_bytes(stmt, at + COL_SCOPES + 1, row->scopes);
	bind_bytes(stmt, at + COL_GROUP_SEQ + 1, row->group_seq);
	(void)sqlite3_bind_null(stmt, at + COL_BASE + 1); /* step tells */
	if (row->has_base) {
		bind_bytes(stmt, at + COL_BASE + 1, row->base);
	}
	(void)sqlite3_bind_null(stmt, at + COL_SEALED + 1); /* step tells */
	if (row->sealed.len > 0) {
		bind_bytes(stmt, at + COL_SEALED + 1, row->sealed);
	}
	bind_u64(stmt, at + COL_GONE + 1, (uint64_t)row->gone);
	bind_u64(stmt, at + COL_PENDING + 1, row->is_pending ? 1 : 0);
	bind_u64(stmt, at + COL_SHOWN + 1, shown ? 1 : 0);
	bind_u64(stmt, at + COL_MARK + 1, row->mark);
	for (size_t i = 0; i < table->type->n_fields; i++) {
		const struct prac_field *field = &table->type->fields[i];

		if (table_has_column(field)) {
			bind_value(stmt, column++, field, &record->values[i], &replica->row_arena);
		}
	}
}

bool row_insert(struct replica *replica, struct table *table, const struct row *row)
{
	sqlite3_stmt *stmt = table_insert(replica, table);

	bind_row(replica, stmt, 0, table, row);
	file_run(replica, stmt);
	prac_arena_reset(&replica->row_arena);
	return sqlite3_changes(replica->db) > 0;
}

bool rows_insert(struct replica *replica, struct table *table, const struct row rows[FILE_GROUP])
{
	sqlite3_stmt *stmt = table_insert_group(replica, table);
	int n_columns = sqlite3_bind_parameter_count(stmt) / FILE_GROUP;

	for (int i = 0; i < FILE_GROUP; i++) {
		bind_row(replica, stmt, i * n_columns, table, &rows[i]);
	}
	file_run(replica, stmt);
	prac_arena_reset(&replica->row_arena);
	return sqlite3_changes(replica->db) == FILE_GROUP;
}

void row_write(struct replica *replica, struct table *table, const struct row *row)
{
	bool is_live = row->has_base && row->gone == PRACTICUM__GONE__GONE_NOT;
	struct row stored = *row;
	sqlite3_stmt *stmt;

	stored.is_pending = outbox_is_pending(replica, table->type->number, &row->id);
	if (is_live || stored.is_pending) {
		stmt = table_put(replica, table);
		bind_row(replica, stmt, 0, table, &stored);
	} else {
		stmt = table_drop(replica, table);
		bind_id(stmt, 1, &row->id);
	}
	file_run(replica, stmt);
	prac_arena_reset(&replica->row_arena);
}

void row_refresh(struct replica *replica, uint32_t type, const struct prac_id *id)
{
	struct table *table = table_take(replica, type);
	struct row row;

	if (table == NULL) {
		return;
	}
	if (!row_read(replica, table, id, &replica->tx_arena, &row)) {
		row = (struct row){ .id = *id };
		outbox_scope(replica, type, id, &row.owner);
		row.scopes = scopes_with(row.scopes, &row.owner, &replica->tx_arena);
	}
	row_write(replica, table, &row);
}
