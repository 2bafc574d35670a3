/* Scopes: given, loaded by chunks, taken away. */
#include <string.h>

#include "client/replica/outbox.h"
#include "client/replica/rows.h"
#include "client/replica/scopes.h"
#include "client/replica/sealed.h"
#include "common/base/failpoint.h"
#include "sql/replica.h"

struct scope {
	struct prac_id id;
	uint32_t generation;
	enum scope_state state;
	uint64_t snapshot;
	uint32_t chunk;
	uint64_t mark; /* of the load; 0: none begun */
};

static bool any(struct replica *replica, enum scope_state state)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_scope_any);

	bind_u64(stmt, 1, (uint64_t)state);
	return file_number(replica, stmt) != 0;
}

bool scopes_are_loading(struct replica *replica)
{
	return any(replica, SCOPE_LOADING);
}

bool scopes_are_live(struct replica *replica)
{
	return any(replica, SCOPE_LIVE) && !any(replica, SCOPE_LOADING);
}

static bool get(struct replica *replica, const struct prac_id *id, struct scope *scope_out)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_scope_get);

	bind_id(stmt, 1, id);
	if (!file_row(replica, stmt)) {
		return false;
	}
	*scope_out = (struct scope){
		.id = *id,
		.generation = (uint32_t)sqlite3_column_int64(stmt, 0),
		.state = (enum scope_state)sqlite3_column_int(stmt, 1),
		.snapshot = column_u64(stmt, 2),
		.chunk = (uint32_t)sqlite3_column_int64(stmt, 3),
		.mark = column_u64(stmt, 4),
	};
	(void)sqlite3_reset(stmt); /* a row was there */
	return true;
}

bool scopes_hold(struct replica *replica, const struct prac_id *id)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_scope_count);
	struct scope scope;

	return file_number(replica, stmt) == 0 ||
	       (get(replica, id, &scope) && scope.state == SCOPE_LIVE);
}

bool scopes_allow(struct replica *replica, const struct prac_id *id)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_scope_count);
	struct scope scope;

	return file_number(replica, stmt) == 0 ||
	       (get(replica, id, &scope) && scope.state != SCOPE_LEAVING);
}

static void put(struct replica *replica, const struct prac_id *id, uint32_t generation,
	enum scope_state state)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_scope_put);

	bind_id(stmt, 1, id);
	bind_u64(stmt, 2, generation);
	bind_u64(stmt, 3, (uint64_t)state);
	file_run(replica, stmt);
}

/* All scopes of the device; in the transaction's arena. */
static struct scope *list(struct replica *replica, size_t *n_out)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_scope_count);
	size_t cap = (size_t)file_number(replica, stmt), n = 0;
	struct scope *scopes = prac_arena_alloc(&replica->tx_arena, (cap + 1) * sizeof(*scopes));

	stmt = file_use(replica, &q_replica_scope_list);
	while (file_row(replica, stmt)) {
		scopes[n++] = (struct scope){
			.id = column_id(stmt, 0),
			.generation = (uint32_t)sqlite3_column_int64(stmt, 1),
			.state = (enum scope_state)sqlite3_column_int(stmt, 2),
		};
	}
	*n_out = n;
	return scopes;
}

/* ---- grants */

static void grant(struct replica *replica, const struct prac_scope_grant *grant)
{
	struct scope scope;

	if (!get(replica, &grant->scope, &scope) || scope.generation != grant->generation ||
		scope.state == SCOPE_LEAVING) {
		put(replica, &grant->scope, grant->generation, SCOPE_LOADING);
	}
}

static bool is_granted(
	const struct prac_id *scope, const struct prac_scope_grant *grants, size_t n_grants)
{
	for (size_t i = 0; i < n_grants; i++) {
		if (prac_id_equal(scope, &grants[i].scope)) {
			return true;
		}
	}
	return false;
}

struct record_ref {
	struct prac_id id;
	struct record_ref *next;
};

/* Records seen through the scope that the load `mark` did not bring; all of them for mark 0. */
static struct record_ref *unmarked(
	struct replica *replica, struct table *table, const struct prac_id *scope, uint64_t mark)
{
	struct record_ref *all = NULL;
	sqlite3_stmt *stmt = table_sweep(replica, table);

	bind_u64(stmt, 1, mark);
	bind_id(stmt, 2, scope);
	while (file_row(replica, stmt)) {
		struct record_ref *one = prac_arena_alloc(&replica->tx_arena, sizeof(*one));

		one->id = column_id(stmt, 0);
		one->next = all;
		all = one;
	}
	return all;
}

enum take_away {
	HIDE,  /* the view changes, nothing is erased */
	ERASE, /* the record leaves the scope, and the device with its last scope */
};

static void take_away(struct replica *replica, struct table *table, const struct prac_id *scope,
	const struct prac_id *id, enum take_away how)
{
	struct row row;

	if (!row_read(replica, table, id, &replica->row_arena, &row)) {
		return;
	}
	if (how == ERASE && scopes_have(row.scopes, scope)) {
		row.scopes = scopes_without(row.scopes, scope, &replica->row_arena);
		if (row.scopes.len == 0) {
			row.gone = PRACTICUM__GONE__GONE_HIDDEN;
		}
	}
	row_write(replica, table, &row);
}

static void take_away_all(
	struct replica *replica, const struct prac_id *scope, uint64_t mark, enum take_away how)
{
	for (size_t i = 0; i < replica->n_tables; i++) {
		struct table *table = &replica->tables[i];
		const struct record_ref *one = unmarked(replica, table, scope, mark);

		for (; one != NULL; one = one->next) {
			take_away(replica, table, scope, &one->id, how);
		}
	}
}

static void revoke(struct replica *replica, const struct scope *scope)
{
	put(replica, &scope->id, scope->generation, SCOPE_LEAVING);
	outbox_load(replica);
	take_away_all(replica, &scope->id, UINT64_MAX, HIDE);
}

void scopes_purge(struct replica *replica)
{
	for (size_t i = 0; i < replica->n_leaving; i++) {
		const struct prac_id *scope = &replica->leaving[i];
		sqlite3_stmt *stmt = file_use(replica, &q_replica_outbox_scope_busy);

		bind_id(stmt, 1, scope);
		if (file_number(replica, stmt) != 0 && !PRAC_PLANTED(PRAC_PLANT_PURGE_FIRST)) {
			PRAC_SOMETIMES(PURGE_WAITS);
			continue;
		}
		PRAC_SOMETIMES(PURGED);
		outbox_purge(replica, scope);
		take_away_all(replica, scope, UINT64_MAX, ERASE);
		stmt = file_use(replica, &q_replica_scope_drop);
		bind_id(stmt, 1, scope);
		file_run(replica, stmt);
		stmt = file_use(replica, &q_replica_purged_add);
		bind_id(stmt, 1, scope);
		file_run(replica, stmt);
		replica->wants_shrink = true;
	}
	if (replica->wants_shrink) {
		files_sweep(replica, true);
	}
}

enum prac_status scopes_end(struct replica *replica)
{
	enum prac_status status = file_end(replica);

	if (status == PRAC_OK && replica->wants_shrink && replica->depth == 0) {
		PRAC_FAILPOINT("purge_before_shrink");
		file_exec(replica, q_replica_shrink.text);
		file_run(replica, file_use(replica, &q_replica_purged_clean));
		replica->wants_shrink = replica->failure != PRAC_OK;
		status = replica->failure;
	}
	return status;
}

enum prac_status replica_grants(
	struct replica *replica, const struct replica_rights *rights, bool *purge_waits_out)
{
	struct scope *scopes;
	size_t n_scopes;

	file_begin(replica);
	scopes = list(replica, &n_scopes);
	for (size_t i = 0; i < n_scopes; i++) {
		if (scopes[i].state != SCOPE_LEAVING &&
			!is_granted(&scopes[i].id, rights->grants, rights->n_grants)) {
			revoke(replica, &scopes[i]);
		}
	}
	for (size_t i = 0; i < rights->n_grants; i++) {
		grant(replica, &rights->grants[i]);
	}
	outbox_load(replica);
	if (rights->is_greeting) {
		outbox_abandon(replica);
	}
	scopes_purge(replica);
	if (file_number(replica, file_use(replica, &q_replica_purged_unclean)) != 0) {
		replica->wants_shrink = true; /* the last time was cut short */
	}
	*purge_waits_out = any(replica, SCOPE_LEAVING);
	replica->meta.cursor.scope_set = prac_scope_set(rights->grants, rights->n_grants);
	meta_save_position(replica);
	return scopes_end(replica);
}

enum prac_status replica_position(
	struct replica *replica, struct prac_arena *arena, struct replica_position *position_out)
{
	const struct scope *scopes;
	size_t n;

	file_begin_read(replica);
	scopes = list(replica, &n);
	position_out->cursor = replica->meta.cursor;
	position_out->n_grants = n;
	position_out->grants = prac_arena_alloc(arena, (n + 1) * sizeof(*position_out->grants));
	for (size_t i = 0; i < n; i++) {
		position_out->grants[i].scope = scopes[i].id;
		position_out->grants[i].generation = scopes[i].generation;
	}
	return file_end(replica);
}

/* ---- loads */

enum prac_status replica_next_load(struct replica *replica, struct replica_load *load_out)
{
	sqlite3_stmt *stmt;
	bool found;

	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_scope_next);
	found = file_row(replica, stmt);
	if (found) {
		load_out->scope = column_id(stmt, 0);
		load_out->snapshot = column_u64(stmt, 1);
		load_out->chunk = (uint32_t)sqlite3_column_int64(stmt, 2);
		(void)sqlite3_reset(stmt); /* a row was there */
	}
	if (file_end(replica) != PRAC_OK) {
		return replica->failure;
	}
	return found ? PRAC_OK : PRAC_NOT_FOUND;
}

static void begin_load(struct replica *replica, struct scope *scope, uint64_t snapshot)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_meta_mark);

	scope->mark = (uint64_t)file_number(replica, stmt);
	scope->snapshot = snapshot;
	scope->chunk = 0;
	stmt = file_use(replica, &q_replica_scope_begin);
	bind_id(stmt, 1, &scope->id);
	bind_u64(stmt, 2, snapshot);
	bind_u64(stmt, 3, scope->mark);
	file_run(replica, stmt);
}

/* The position of the whole is that of the scope furthest behind; the feed repeats the rest. */
static void make_live(struct replica *replica, const struct scope *scope, uint64_t seq)
{
	struct prac_cursor *cursor = &replica->meta.cursor;
	bool is_first = !any(replica, SCOPE_LIVE);
	sqlite3_stmt *stmt;

	take_away_all(replica, &scope->id, scope->mark, ERASE);
	stmt = file_use(replica, &q_replica_scope_live);
	bind_id(stmt, 1, &scope->id);
	file_run(replica, stmt);
	if (is_first || seq < cursor->seq) {
		cursor->seq = seq;
	}
	replica->meta.head = META_NO_PAGE;
	meta_save_position(replica);
	if (!scopes_are_loading(replica)) {
		outbox_settle(replica, cursor->seq);
	}
}

static void apply_chunk(
	struct replica *replica, struct scope *scope, const struct replica_chunk *chunk)
{
	sqlite3_stmt *stmt;

	if (scope->mark == 0 || scope->snapshot != chunk->load.snapshot) {
		begin_load(replica, scope, chunk->load.snapshot);
	}
	if (chunk->load.chunk > scope->chunk || chunk->load.chunk >= chunk->n_chunks) {
		file_fail(replica, PRAC_ABORTED, "a piece of the first load is missing");
	}
	if (chunk->load.chunk != scope->chunk) {
		return; /* it came before */
	}
	page_apply_load(replica, chunk, scope->mark);
	stmt = file_use(replica, &q_replica_scope_chunk);
	bind_id(stmt, 1, &scope->id);
	bind_u64(stmt, 2, scope->chunk + 1);
	file_run(replica, stmt);
	if (chunk->load.chunk + 1 == chunk->n_chunks) {
		make_live(replica, scope, chunk->seq);
	}
}

enum prac_status replica_apply_chunk(struct replica *replica, const struct replica_chunk *chunk)
{
	struct scope scope;

	file_begin(replica);
	/* Else the scope was taken away, or made live, while its chunks were on the way. */
	if (sealed_ready(replica) && get(replica, &chunk->load.scope, &scope) &&
		scope.state == SCOPE_LOADING) {
		apply_chunk(replica, &scope, chunk);
	}
	return file_end(replica);
}

enum prac_status replica_reload(struct replica *replica)
{
	file_begin(replica);
	file_run(replica, file_use(replica, &q_replica_scope_reload));
	return file_end(replica);
}
