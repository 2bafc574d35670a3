/* The second trip of a batch: everything it writes, as arrays, and COMMIT. */
#include <glib.h>
#include <string.h>

#include "common/base/failpoint.h"
#include "server/sync/chain.h"
#include "server/sync/payload.h"
#include "server/sync/record_row.h"
#include "server/sync/store_pg_parts.h"
#include "sql/queries.h"

struct commit {
	struct store_pg *store;
	struct prac_arena *arena;
	struct db_batch *batch;
	const struct store_writes *writes;
	bool opens, is_open; /* its own transaction; the head was where it had to be */
	store_done_fn done;
	void *ctx;
};

/*
 * The types that are written, most of them in no batch. Descending: what a record freezes has a larger
 * type number and is written before it.
 */
static size_t types_of(struct commit *commit, const struct prac_type ***types_out)
{
	const struct store_writes *writes = commit->writes;
	const struct prac_type **types =
		prac_arena_alloc(commit->arena, (prac_n_types + 1) * sizeof(struct prac_type *));
	size_t n = 0;

	for (size_t i = 0; i < writes->n_records; i++) {
		const struct prac_type *type = writes->records[i]->type;
		size_t at = 0;

		while (at < n && types[at]->number > type->number)
			at++;
		if (at < n && types[at] == type)
			continue;
		memmove(types + at + 1, types + at, (n - at) * sizeof(struct prac_type *));
		types[at] = type;
		n++;
	}
	*types_out = types;
	return n;
}

/* The new, or the changed, records of one type; in the order of the writes. */
static const struct prac_record **records_of(
	struct commit *commit, const struct prac_type *type, bool is_new, size_t *n_out)
{
	const struct store_writes *writes = commit->writes;
	const struct prac_record **some =
		prac_arena_alloc(commit->arena, (writes->n_records + 1) * sizeof(void *));
	size_t n = 0;

	for (size_t i = 0; i < writes->n_records; i++) {
		if (writes->records[i]->type == type && writes->is_new[i] == is_new)
			some[n++] = writes->records[i];
	}
	*n_out = n;
	return some;
}

/* They are written right behind it: until then their keys are nobody's. */
static void add_let_go(struct commit *commit, const struct prac_type *type)
{
	const struct record_sql *sql = record_sqls_get(commit->store->sqls, type);
	const struct store_writes *writes = commit->writes;
	struct db_params *params;
	struct db_array ids;

	db_array_init(&ids, commit->arena, DB_UUID);
	for (size_t i = 0; writes->lets_go != NULL && i < writes->n_records; i++) {
		if (writes->records[i]->type == type && writes->lets_go[i])
			db_array_id(&ids, &writes->records[i]->id);
	}
	if (ids.n_items == 0)
		return;
	params = db_params_new(commit->arena);
	db_param_array(params, &ids);
	db_batch_add(commit->batch, &sql->let_go, params, NULL, NULL);
}

static void add_records(struct commit *commit, const struct prac_type *type)
{
	const struct record_sql *sql = record_sqls_get(commit->store->sqls, type);
	size_t n;
	const struct prac_record **records = records_of(commit, type, false, &n);

	/* What is changed, or deleted, first: a new record may have the natural key it had. */
	add_let_go(commit, type);
	if (n > 0) {
		db_batch_add(commit->batch, &sql->update,
			record_row_write(commit->store->seal, records, n, commit->arena), NULL,
			NULL);
	}
	records = records_of(commit, type, true, &n);
	if (n > 0) {
		db_batch_add(commit->batch, &sql->insert,
			record_row_write(commit->store->seal, records, n, commit->arena), NULL,
			NULL);
	}
}

/* The versions of one type of which the batch holds a later one too, and where each ended. */
struct past {
	const struct prac_record **versions;
	uint64_t *ends;
	size_t n;
	struct db_array ids,
		firsts; /* of every older record with versions: its first number here */
};

/* latest: by id, the latest version met so far. */
static void take_version(
	struct past *past, GHashTable *latest, const struct prac_record *version, bool is_first)
{
	const struct prac_record *before = g_hash_table_lookup(latest, &version->id);

	g_hash_table_replace(latest, (void *)&version->id, (void *)version);
	if (is_first) {
		return;
	}
	if (before == NULL) {
		db_array_id(&past->ids, &version->id);
		db_array_int(&past->firsts, (int64_t)version->seq);
	} else if (!before->deleted) {
		past->versions[past->n] = before;
		past->ends[past->n++] = version->seq;
	}
}

/*
 * What the tables say now becomes past where it changes, and so do versions that this batch made
 * and replaced. Goes before the records themselves; a new record has nothing to be kept.
 */
static void add_history(struct commit *commit, const struct prac_type *type)
{
	const struct record_sql *sql = record_sqls_get(commit->store->sqls, type);
	const struct store_writes *writes = commit->writes;
	GHashTable *latest = g_hash_table_new(prac_id_hash, prac_id_same);
	struct db_params *params = db_params_new(commit->arena);
	struct past past = { 0 };

	past.versions = prac_arena_alloc(commit->arena, (writes->n_versions + 1) * sizeof(void *));
	past.ends = prac_arena_alloc(commit->arena, (writes->n_versions + 1) * sizeof(*past.ends));
	db_array_init(&past.ids, commit->arena, DB_UUID);
	db_array_init(&past.firsts, commit->arena, DB_INT8);
	for (size_t i = 0; i < writes->n_versions; i++) {
		if (writes->versions[i]->type == type) {
			take_version(&past, latest, writes->versions[i],
				writes->is_first != NULL && writes->is_first[i]);
		}
	}
	if (past.ids.n_items > 0) {
		db_param_array(params, &past.ids);
		db_param_array(params, &past.firsts);
		db_batch_add(commit->batch, &sql->keep, params, NULL, NULL);
	}
	if (past.n > 0) {
		db_batch_add(commit->batch, &sql->past,
			record_row_past(commit->store->seal, past.versions, past.ends, past.n,
				commit->arena),
			NULL, NULL);
	}
	g_hash_table_destroy(latest);
}

/* Rows of new records need not be looked for: that saves a probe and a WAL record for each. */
static void add_feed(struct commit *commit, const struct db_stmt *stmt, bool is_fresh)
{
	static const enum db_elem elems[] = { DB_UUID, DB_INT4, DB_UUID, DB_INT8, DB_INT2 };
	const struct store_writes *writes = commit->writes;
	struct db_params *params = db_params_new(commit->arena);
	struct db_array arrays[PRAC_NELEM(elems)];

	for (size_t i = 0; i < PRAC_NELEM(elems); i++) {
		db_array_init(&arrays[i], commit->arena, elems[i]);
		db_array_reserve(&arrays[i], writes->n_feed);
	}
	for (size_t i = 0; i < writes->n_feed; i++) {
		const struct store_feed_row *row = &writes->feed[i];

		if ((writes->is_fresh != NULL && writes->is_fresh[i]) != is_fresh)
			continue;
		db_array_id(&arrays[0], &row->scope);
		db_array_int(&arrays[1], row->key.type);
		db_array_id(&arrays[2], &row->key.id);
		db_array_int(&arrays[3], (int64_t)row->seq);
		db_array_int(&arrays[4], row->gone);
	}
	if (arrays[0].n_items == 0)
		return;
	for (size_t i = 0; i < PRAC_NELEM(elems); i++)
		db_param_array(params, &arrays[i]);
	db_batch_add(commit->batch, stmt, params, NULL, NULL);
}

static bool same_target(const struct store_fan_out *a, const struct store_fan_out *b)
{
	return prac_id_equal(&a->student, &b->student) && prac_id_equal(&a->scope, &b->scope);
}

/*
 * The longest run that one statement can do: one direction, no (student, scope) twice, since a
 * statement changes a row once only.
 */
static size_t fan_out_run(const struct store_fan_out *first, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (first[i].gone != first->gone)
			return i;
		for (size_t j = 0; j < i; j++) {
			if (same_target(&first[i], &first[j]))
				return i;
		}
	}
	return n;
}

static void add_fan_out_run(struct commit *commit, const struct store_fan_out *first, size_t n)
{
	const struct record_sqls *sqls = commit->store->sqls;
	struct db_params *params = db_params_new(commit->arena);
	struct db_array students, scopes, seqs;

	db_array_init(&students, commit->arena, DB_UUID);
	db_array_init(&scopes, commit->arena, DB_UUID);
	db_array_init(&seqs, commit->arena, DB_INT8);
	for (size_t i = 0; i < n; i++) {
		db_array_id(&students, &first[i].student);
		db_array_id(&scopes, &first[i].scope);
		db_array_int(&seqs, (int64_t)first[i].seq);
	}
	db_param_array(params, &students);
	db_param_array(params, &scopes);
	db_param_array(params, &seqs);
	db_batch_add(commit->batch, first->gone == STORE_LIVE ? &sqls->appear : &sqls->leave,
		params, NULL, NULL);
}

static void add_fan_outs(struct commit *commit)
{
	const struct store_fan_out *first = commit->writes->fan_outs;
	size_t left = commit->writes->n_fan_outs;

	while (left > 0) {
		size_t n = fan_out_run(first, left);

		add_fan_out_run(commit, first, n);
		first += n;
		left -= n;
	}
}

enum {
	N_JUDGED_ARRAYS = 15
};

static void write_judged(
	struct db_array *arrays, const struct db_seal *seal, const struct store_judged *judged)
{
	db_array_id(&arrays[0], &judged->key.device);
	db_array_int(&arrays[1], (int64_t)judged->key.incarnation);
	db_array_int(&arrays[2], (int64_t)judged->key.counter);
	db_array_int(&arrays[3], (int64_t)judged->verdict.seq);
	db_array_int(&arrays[4], judged->verdict.kind);
	db_array_int(&arrays[5], judged->verdict.reason);
	db_array_int(&arrays[6], judged->verdict.field);
	db_array_bytes(&arrays[7], judged->verdict.text);
	db_array_int(&arrays[8], judged->type);
	db_array_id(&arrays[9], &judged->id);
	db_array_id(&arrays[10], &judged->person);
	db_array_bytes(&arrays[11], payload_put(seal, judged, arrays->arena));
	db_array_bytes(&arrays[12], (struct prac_bytes){ judged->hash.b, sizeof(judged->hash.b) });
	db_array_instant(&arrays[13], judged->client_time_ms);
	if (prac_id_is_nil(&judged->verdict.existing)) {
		db_array_null(&arrays[14]);
	} else {
		db_array_id(&arrays[14], &judged->verdict.existing);
	}
}

/* Before the mutations, which are not taken without it. */
static void add_link(struct commit *commit)
{
	const struct store_writes *writes = commit->writes;
	struct db_params *params = db_params_new(commit->arena);

	db_param_bytes(params,
		chain_body(writes->judged, writes->n_judged, writes->now_ms, commit->arena));
	db_batch_add(commit->batch, &q_sync_chain, params, NULL, NULL);
}

static void add_judged(struct commit *commit)
{
	static const enum db_elem elems[N_JUDGED_ARRAYS] = { DB_UUID, DB_INT8, DB_INT8, DB_INT8,
		DB_INT2, DB_INT2, DB_INT4, DB_TEXT, DB_INT4, DB_UUID, DB_UUID, DB_BYTEA, DB_BYTEA,
		DB_TIMESTAMPTZ, DB_UUID };
	struct db_params *params = db_params_new(commit->arena);
	struct db_array arrays[N_JUDGED_ARRAYS];

	for (size_t i = 0; i < N_JUDGED_ARRAYS; i++) {
		db_array_init(&arrays[i], commit->arena, elems[i]);
		db_array_reserve(&arrays[i], commit->writes->n_judged);
	}
	for (size_t i = 0; i < commit->writes->n_judged; i++)
		write_judged(arrays, commit->store->seal, &commit->writes->judged[i]);
	for (size_t i = 0; i < N_JUDGED_ARRAYS; i++)
		db_param_column(params, &arrays[i]);
	db_param_instant(params, commit->writes->now_ms);
	db_batch_add(commit->batch, &q_sync_write_mutations, params, NULL, NULL);
}

static void add_counters(struct commit *commit)
{
	struct db_params *params = db_params_new(commit->arena);
	struct db_array ids, incarnations, last, acked;

	db_array_init(&ids, commit->arena, DB_UUID);
	db_array_init(&incarnations, commit->arena, DB_INT8);
	db_array_init(&last, commit->arena, DB_INT8);
	db_array_init(&acked, commit->arena, DB_INT8);
	for (size_t i = 0; i < commit->writes->n_devices; i++) {
		const struct store_device *device = &commit->writes->devices[i];

		db_array_id(&ids, &device->id);
		db_array_int(&incarnations, (int64_t)device->incarnation);
		db_array_int(&last, (int64_t)device->last_counter);
		db_array_int(&acked, (int64_t)device->acked_through);
	}
	db_param_array(params, &ids);
	db_param_array(params, &incarnations);
	db_param_array(params, &last);
	db_param_array(params, &acked);
	db_param_instant(params, commit->writes->now_ms);
	db_batch_add(commit->batch, &q_sync_write_counters, params, NULL, NULL);
}

static void add_time(struct commit *commit)
{
	struct db_params *params = db_params_new(commit->arena);

	db_param_int(params, (int64_t)commit->writes->head);
	db_param_instant(params, commit->writes->now_ms);
	db_batch_add(commit->batch, &q_sync_write_time, params, NULL, NULL);
}

static void add_notice(struct commit *commit, const struct store_commit *from)
{
	struct db_params *params = db_params_new(commit->arena);

	db_param_bytes(params, prac_bytes_text(notice_write(commit->arena, &from->notice)));
	db_batch_add(commit->batch, &q_sync_notify, params, NULL, NULL);
}

/*
 * What the database refuses because of the batch's content is for the caller to bisect. What is
 * wrong with the database itself is not: it would refuse every input of every school.
 */
static enum prac_status verdict(enum prac_status status)
{
	switch (status) {
	case PRAC_ALREADY_EXISTS:
	case PRAC_FAILED_PRECONDITION:
	case PRAC_OUT_OF_RANGE:
		return PRAC_INVALID_ARGUMENT;
	case PRAC_OK:
	case PRAC_CANCELLED:
	case PRAC_UNKNOWN:
	case PRAC_INVALID_ARGUMENT:
	case PRAC_DEADLINE_EXCEEDED:
	case PRAC_NOT_FOUND:
	case PRAC_PERMISSION_DENIED:
	case PRAC_RESOURCE_EXHAUSTED:
	case PRAC_ABORTED:
	case PRAC_UNIMPLEMENTED:
	case PRAC_INTERNAL:
	case PRAC_UNAVAILABLE:
	case PRAC_DATA_LOSS:
	case PRAC_UNAUTHENTICATED:
		break;
	}
	return status;
}

static void committed(void *ctx, enum prac_status status)
{
	struct commit *commit = ctx;

	if (status == PRAC_OK || status == PRAC_UNKNOWN) {
		commit->done(commit->ctx, status);
		return;
	}
	status = verdict(status);
	if (commit->opens && !commit->is_open && status == PRAC_INVALID_ARGUMENT)
		status = PRAC_ABORTED;
	store_pg_undo(commit->store, status, commit->arena, commit->done, commit->ctx);
}

static void on_taken(void *ctx, struct db_rows *rows)
{
	struct commit *commit = ctx;

	commit->is_open = db_rows_count(rows) == 1;
}

static void add_begin(struct commit *commit, const struct store_commit *from)
{
	struct db_params *params = db_params_new(commit->arena);

	commit->opens = true;
	db_param_int(params, (int64_t)from->n_numbers);
	db_param_int(params, (int64_t)from->notice.after);
	db_batch_add(commit->batch, &q_sync_begin, NULL, NULL, NULL);
	db_batch_add(commit->batch, &q_sync_take, params, on_taken, commit);
}

void store_pg_prepare(struct store *base, struct store_commit *from)
{
	struct commit *commit = prac_arena_alloc(from->arena, sizeof(*commit));
	const struct prac_type **types;
	size_t n_types;

	commit->store = container_of(base, struct store_pg, store);
	commit->arena = from->arena;
	commit->batch = db_batch_new(from->arena);
	commit->writes = from->writes;
	if (from->opens)
		add_begin(commit, from);
	n_types = types_of(commit, &types);
	for (size_t i = 0; i < n_types; i++) {
		if (types[i]->reported)
			add_history(commit, types[i]);
		add_records(commit, types[i]);
	}
	add_feed(commit, &q_sync_write_feed, false);
	add_feed(commit, &q_sync_add_feed, true);
	add_fan_outs(commit);
	if (from->writes->n_judged > 0) {
		add_link(commit);
		add_judged(commit);
	}
	add_counters(commit);
	add_time(commit);
	add_notice(commit, from);
	from->ready = commit;
}

struct db_batch *store_pg_prepared(const struct store_commit *from)
{
	const struct commit *commit = from->ready;

	return commit->batch;
}

void store_pg_commit(struct store *base, struct store_commit *from, const struct store_next *next,
	store_done_fn done, void *ctx)
{
	struct commit *commit;

	PRAC_FAILPOINT("between_trips");
	if (from->ready == NULL)
		store_pg_prepare(base, from);
	commit = from->ready;
	commit->done = done;
	commit->ctx = ctx;
	if (next != NULL)
		store_pg_load_next(commit->store, commit->batch, next);
	db_batch_add(commit->batch, &q_sync_commit, NULL, NULL, NULL);
	db_link_run(commit->store->writer, commit->batch, committed, commit);
}
