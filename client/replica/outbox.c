#include "client/replica/outbox.h"

#include <string.h>

#include "client/replica/acting.h"
#include "client/replica/rows.h"
#include "client/replica/sealed.h"
#include "sql/replica.h"

enum {
	DAY_MS = 24 * 60 * 60 * 1000
};

static void load_leaving(struct replica *replica)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_scope_leaving);
	struct prac_bytes all = { 0 };
	struct prac_id id;

	while (file_row(replica, stmt)) {
		id = column_id(stmt, 0);
		all = scopes_with(all, &id, &replica->tx_arena);
	}
	replica->n_leaving = all.len / PRAC_ID_LEN;
	replica->leaving = prac_arena_alloc(&replica->tx_arena, all.len + 1);
	if (all.len > 0) {
		memcpy(replica->leaving, all.data, all.len);
	}
}

void outbox_load(struct replica *replica)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_outbox_any_pending);

	replica->has_pending = file_number(replica, stmt) != 0;
	load_leaving(replica);
}

static sqlite3_stmt *use_pending(struct replica *replica, uint32_t type, const struct prac_id *id)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_outbox_pending);

	bind_u64(stmt, 1, type);
	bind_id(stmt, 2, id);
	return stmt;
}

bool outbox_is_pending(struct replica *replica, uint32_t type, const struct prac_id *id)
{
	sqlite3_stmt *stmt;

	if (!replica->has_pending) {
		return false;
	}
	stmt = use_pending(replica, type, id);
	if (!file_row(replica, stmt)) {
		return false;
	}
	(void)sqlite3_reset(stmt); /* a row was there */
	return true;
}

static struct prac_mutation *next_slot(struct outbox_pending *pending, struct prac_arena *arena)
{
	struct prac_mutation *bigger;

	if (pending->n == pending->cap) {
		pending->cap = pending->cap == 0 ? 4 : 2 * pending->cap;
		bigger = prac_arena_alloc(arena, pending->cap * sizeof(*bigger));
		if (pending->n > 0) {
			memcpy(bigger, pending->mutations, pending->n * sizeof(*bigger));
		}
		pending->mutations = bigger;
	}
	return &pending->mutations[pending->n];
}

void outbox_pending(struct replica *replica, uint32_t type, const struct prac_id *id,
	struct prac_arena *arena, struct outbox_pending *pending_out)
{
	sqlite3_stmt *stmt = use_pending(replica, type, id);
	struct prac_problem problem;
	enum prac_reason reason;

	while (file_row(replica, stmt)) {
		struct prac_bytes bytes = sealed_payload(replica, stmt, 0, arena);

		/* What this program cannot read (made by a newer one) is sent but not shown. */
		if (prac_mutation_read(bytes, arena, next_slot(pending_out, arena), &reason,
			    &problem) == PRAC_OK &&
			reason == PRAC_REASON_NONE) {
			pending_out->n++;
		}
	}
}

void outbox_scope(
	struct replica *replica, uint32_t type, const struct prac_id *id, struct prac_id *scope_out)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_outbox_scope);

	memset(scope_out, 0, sizeof(*scope_out));
	bind_u64(stmt, 1, type);
	bind_id(stmt, 2, id);
	if (file_row(replica, stmt)) {
		*scope_out = column_id(stmt, 0);
		(void)sqlite3_reset(stmt); /* a row was there */
	}
}

/* Counters have no holes, so what waits is the distance to the oldest that waits. */
static bool is_full(struct replica *replica)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_outbox_oldest);
	int64_t oldest;

	bind_u64(stmt, 1, replica->meta.incarnation);
	oldest = file_number(replica, stmt);
	return oldest > 0 && replica->meta.next_counter - (uint64_t)oldest >= OUTBOX_MAX;
}

void outbox_add(struct replica *replica, struct prac_mutation *mutation,
	const struct prac_id *scope, struct prac_arena *arena)
{
	struct sealed_place place;
	struct prac_bytes sealed;
	sqlite3_stmt *stmt;

	if (replica->collect == NULL && is_full(replica)) {
		file_fail(replica, PRAC_RESOURCE_EXHAUSTED,
			"200,000 changes wait to be sent; connect to the server before more is "
			"entered");
		return;
	}
	stmt = file_use(replica, &q_replica_meta_counter);
	mutation->counter = (uint64_t)file_number(replica, stmt);
	if (mutation->counter == 0) {
		return; /* the file failed, as its end says */
	}
	replica->meta.next_counter = mutation->counter + 1;
	prac_mutation_write(mutation, arena);
	if (mutation->bytes.len > PRAC_MUTATION_MAX) {
		file_fail(replica, PRAC_RESOURCE_EXHAUSTED,
			"one change is larger than 64 KiB; enter it in parts");
		return;
	}
	place = (struct sealed_place){ SEALED_PAYLOAD, mutation->type->number, mutation->id,
		replica->meta.incarnation, mutation->counter };
	sealed = sealed_put(replica, &place, mutation->bytes, arena);
	stmt = file_use(replica, &q_replica_outbox_add);
	bind_u64(stmt, 1, replica->meta.incarnation);
	bind_u64(stmt, 2, mutation->counter);
	bind_u64(stmt, 3, mutation->type->number);
	bind_id(stmt, 4, &mutation->id);
	bind_id(stmt, 5, scope);
	(void)sqlite3_bind_int64(stmt, 6, mutation->client_time_ms); /* step tells */
	bind_bytes(stmt, 7, sealed);
	(void)sqlite3_bind_int64(stmt, 8, acting_attestation(replica)); /* step tells */
	file_run(replica, stmt);
	replica->has_pending = true;
	row_refresh(replica, mutation->type->number, &mutation->id);
	if (replica->collect != NULL) {
		replica->collect(replica->collect_ctx, mutation);
	}
}

void replica_collect(struct replica *replica, replica_collect_fn collect, void *ctx)
{
	replica->collect = collect;
	replica->collect_ctx = ctx;
}

struct outbox_touched *outbox_gather(struct replica *replica, sqlite3_stmt *stmt)
{
	struct outbox_touched *all = NULL;

	while (file_row(replica, stmt)) {
		struct outbox_touched *one = prac_arena_alloc(&replica->tx_arena, sizeof(*one));

		one->type = (uint32_t)sqlite3_column_int64(stmt, 0);
		one->id = column_id(stmt, 1);
		one->next = all;
		all = one;
	}
	return all;
}

void outbox_refresh(struct replica *replica, const struct outbox_touched *all)
{
	for (const struct outbox_touched *one = all; one != NULL; one = one->next) {
		row_refresh(replica, one->type, &one->id);
	}
}

static bool has_base(struct replica *replica, const struct outbox_touched *one)
{
	struct table *table = table_find(replica, one->type);
	struct row row;

	return table != NULL && row_read(replica, table, &one->id, &replica->tx_arena, &row) &&
	       row.has_base;
}

/* Settles what the statements find up to seq, by whole sets. */
static void settle_all(struct replica *replica, const struct db_stmt *find,
	const struct db_stmt *settle, uint64_t seq)
{
	sqlite3_stmt *stmt = file_use(replica, find);
	struct outbox_touched *all;

	bind_u64(stmt, 1, seq);
	all = outbox_gather(replica, stmt);
	if (all != NULL) {
		stmt = file_use(replica, settle);
		bind_u64(stmt, 1, seq);
		file_run(replica, stmt);
		outbox_refresh(replica, all);
	}
}

/*
 * Records of scopes that are not loaded: those that are seen through another one have a base. What is
 * of a school that came to be just now waits at the district only: another device that is shown no
 * such record lost the scope through which it saw it.
 */
static void settle_guests(struct replica *replica, uint64_t seq)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_outbox_reached_apart);
	const struct outbox_touched *one;

	bind_u64(stmt, 1, seq);
	for (one = outbox_gather(replica, stmt); one != NULL; one = one->next) {
		if (!replica->meta.is_district || has_base(replica, one)) {
			outbox_settle_record(replica, one->type, &one->id, seq);
			row_refresh(replica, one->type, &one->id);
		}
	}
}

void outbox_settle(struct replica *replica, uint64_t seq)
{
	if (replica->has_pending) {
		settle_all(replica, &q_replica_outbox_reached, &q_replica_outbox_settle, seq);
		settle_guests(replica, seq);
	}
}

void outbox_settle_record(
	struct replica *replica, uint32_t type, const struct prac_id *id, uint64_t seq)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_outbox_settle_record);

	bind_u64(stmt, 1, type);
	bind_id(stmt, 2, id);
	bind_u64(stmt, 3, seq);
	file_run(replica, stmt);
}

void outbox_abandon(struct replica *replica)
{
	if (replica->has_pending) {
		settle_all(replica, &q_replica_outbox_without, &q_replica_outbox_abandon,
			replica->meta.cursor.seq);
	}
}

static sqlite3_stmt *use_lost(struct replica *replica, const struct db_stmt *source,
	const struct replica_greeting *greeting)
{
	sqlite3_stmt *stmt = file_use(replica, source);

	bind_u64(stmt, 1, replica->meta.incarnation);
	bind_u64(stmt, 2, greeting->last_counter);
	bind_u64(stmt, 3, greeting->lost_after);
	return stmt;
}

void outbox_resend(struct replica *replica, const struct replica_greeting *greeting)
{
	struct outbox_touched *all =
		outbox_gather(replica, use_lost(replica, &q_replica_outbox_forgotten, greeting));

	file_run(replica, use_lost(replica, &q_replica_outbox_resend, greeting));
	replica->has_pending = replica->has_pending || all != NULL;
	outbox_refresh(replica, all);
}

void outbox_purge(struct replica *replica, const struct prac_id *scope)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_outbox_pending_in);
	struct outbox_touched *all;

	/* Accepted input that base has not reached, because another scope is still loading. */
	bind_id(stmt, 1, scope);
	all = outbox_gather(replica, stmt);
	stmt = file_use(replica, &q_replica_outbox_purge);
	bind_id(stmt, 1, scope);
	file_run(replica, stmt);
	file_run(replica, file_use(replica, &q_replica_import_sweep));
	outbox_refresh(replica, all);
}

int64_t outbox_now_ms(const struct replica *replica)
{
	uint64_t since_ms = replica->env->monotonic_ms(replica->env->ctx) - replica->greeted_ms;

	return replica->server_ms != 0 ? replica->server_ms + (int64_t)since_ms : 0;
}

void outbox_expire(struct replica *replica)
{
	int64_t now_ms = outbox_now_ms(replica);
	sqlite3_stmt *stmt;

	if (now_ms == 0) {
		return;
	}
	stmt = file_use(replica, &q_replica_outbox_expire);
	(void)sqlite3_bind_int64(stmt, 1, now_ms - (int64_t)OUTBOX_KEPT_DAYS * DAY_MS); /* step */
	file_run(replica, stmt);
	if (sqlite3_changes(replica->db) > 0) {
		file_run(replica, file_use(replica, &q_replica_import_sweep));
	}
}

/* How many sign-ins the entries up to the n-th were entered under, the n-th counted. */
static size_t count_attested(const struct replica_entry *entries, size_t n, size_t n_before)
{
	for (size_t i = n; i > 0; i--) {
		if (entries[i - 1].attestation == entries[n].attestation) {
			return n_before;
		}
	}
	return n_before + (entries[n].attestation != 0 ? 1 : 0);
}

static size_t read_queue(struct replica *replica, const struct replica_want *want,
	struct replica_entry *entries, struct prac_arena *arena)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_outbox_queue);
	uint64_t incarnation = want->incarnation;
	size_t n = 0, len = 0, n_attested = 0;

	(void)sqlite3_bind_int64(stmt, 1, want->after); /* step tells */
	bind_u64(stmt, 2, want->max_n);
	while (file_row(replica, stmt)) {
		struct prac_bytes bytes = sealed_payload(replica, stmt, 3, arena);

		len += bytes.len;
		incarnation = incarnation == 0 ? column_u64(stmt, 5) : incarnation;
		entries[n].attestation = sqlite3_column_int64(stmt, 2);
		n_attested = count_attested(entries, n, n_attested);
		if (column_u64(stmt, 5) != incarnation || n_attested > REPLICA_ATTESTED_MAX ||
			(n > 0 && len > want->max_bytes)) {
			(void)sqlite3_reset(stmt); /* a row was there */
			break;
		}
		entries[n].place = sqlite3_column_int64(stmt, 0);
		entries[n].incarnation = incarnation;
		entries[n].counter = column_u64(stmt, 6);
		entries[n].state = (enum replica_outbox_state)sqlite3_column_int(stmt, 1);
		entries[n++].bytes = bytes;
	}
	return n;
}

enum prac_status replica_take(struct replica *replica, const struct replica_want *want,
	struct prac_arena *arena, struct replica_entry **entries_out, size_t *n_out)
{
	struct replica_entry *entries =
		prac_arena_alloc(arena, (want->max_n + 1) * sizeof(*entries));
	sqlite3_stmt *stmt;
	size_t n;

	file_begin(replica);
	n = read_queue(replica, want, entries, arena);
	if (n > 0) {
		stmt = file_use(replica, &q_replica_outbox_sent);
		bind_u64(stmt, 1, entries[0].incarnation);
		bind_u64(stmt, 2, entries[0].counter);
		bind_u64(stmt, 3, entries[n - 1].counter);
		file_run(replica, stmt);
	}
	*entries_out = entries;
	*n_out = n;
	return file_end(replica);
}
