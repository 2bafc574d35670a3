#include "server/sync/store_pg.h"

#include <glib.h>
#include <string.h>

#include "server/sync/record_row.h"
#include "server/sync/store_pg_parts.h"
#include "sql/queries.h"

/* One trip that loads: begin or more. */
struct load {
	struct store_pg *store;
	struct store_facts facts;
	struct store_found found;
	bool is_astray; /* the head belongs to another timeline than the database is on */
	store_loaded_fn done;
	void *ctx;
};

/* One statement of a load that yields records of a type. */
struct load_part {
	struct load *load;
	const struct prac_type *type;
};

/* Room for one more item of the array at *items; doubling leaves the old one to the arena. */
static void grow(struct prac_arena *arena, void **items, size_t n, size_t *cap, size_t size)
{
	void *larger;

	if (n < *cap)
		return;
	*cap = *cap > 0 ? 2 * *cap : 64;
	larger = prac_arena_alloc(arena, *cap * size);
	if (n > 0)
		memcpy(larger, *items, n * size);
	*items = larger;
}

static void add_record(struct store_found *found, struct prac_record *record)
{
	grow(found->arena, (void **)&found->records, found->n_records, &found->cap_records,
		sizeof(struct prac_record *));
	found->records[found->n_records++] = record;
}

void store_found_add_feed(struct store_found *found, struct db_rows *rows, size_t column)
{
	for (size_t row = 0; row < db_rows_count(rows); row++) {
		grow(found->arena, (void **)&found->feed, found->n_feed, &found->cap_feed,
			sizeof(*found->feed));
		found->feed[found->n_feed++] = (struct store_feed_row){
			.scope = db_rows_id(rows, row, column),
			.key = { .type = (uint32_t)db_rows_int(rows, row, column + 1),
				.id = db_rows_id(rows, row, column + 2) },
			.seq = (uint64_t)db_rows_int(rows, row, column + 3),
			.gone = (enum store_gone)db_rows_int(rows, row, column + 4),
		};
	}
}

static void on_feed(void *ctx, struct db_rows *rows)
{
	struct load *load = ctx;

	store_found_add_feed(&load->found, rows, 0);
}

static void on_records(void *ctx, struct db_rows *rows)
{
	struct load_part *part = ctx;
	struct store_found *found = &part->load->found;
	const struct record_rows from = { part->type, part->load->store->seal, rows };

	for (size_t row = 0; row < db_rows_count(rows); row++) {
		struct prac_record *record = record_row_read(&from, row, found->arena);

		if (record != NULL) {
			add_record(found, record);
		} else {
			found->is_damaged = true;
		}
	}
}

static struct db_params *ids_param(
	struct prac_arena *arena, const struct prac_id *ids, size_t n_ids)
{
	struct db_params *params = db_params_new(arena);
	struct db_array array;

	db_array_init(&array, arena, DB_UUID);
	db_array_reserve(&array, n_ids);
	for (size_t i = 0; i < n_ids; i++)
		db_array_id(&array, &ids[i]);
	db_param_array(params, &array);
	return params;
}

static void add_load(struct load *load, struct db_batch *batch, const struct store_load *ask)
{
	const struct record_sql *sql = record_sqls_get(load->store->sqls, ask->type);
	struct db_params *params =
		ask->kind == STORE_BY_KEY
			? record_row_keys(ask->keys, ask->n_keys, load->found.arena)
			: ids_param(load->found.arena, ask->ids, ask->n_ids);
	struct load_part *part = prac_arena_alloc(load->found.arena, sizeof(*part));
	const struct db_stmt *records = &sql->by_id, *feed = &sql->by_id_feed;

	part->load = load;
	part->type = ask->type;
	if (ask->date != NULL) {
		db_param_date(params, ask->from);
		db_param_date(params, ask->until);
	}
	if (ask->kind == STORE_THROUGH) {
		records = record_sqls_through(load->store->sqls, ask->type, ask->field,
			&(struct prac_sql_through){ ask->through, ask->by, ask->named }, ask->date);
	} else if (ask->date != NULL) {
		records = record_sqls_window(
			load->store->sqls, ask->type, ask->field, ask->date, ask->or_none);
	} else if (ask->kind == STORE_SCOPE) {
		records = &sql->by_scope;
		feed = &sql->by_scope_feed;
	} else if (ask->kind == STORE_BY_KEY) {
		records = &sql->by_key;
		feed = &sql->by_key_feed;
	} else if (ask->kind == STORE_CHILDREN) {
		records = &sql->refs[ask->field->index].children;
		feed = &sql->refs[ask->field->index].children_feed;
	} else if (ask->kind == STORE_PARENTS) {
		records = &sql->refs[ask->field->index].parents;
		feed = &sql->refs[ask->field->index].parents_feed;
		part->type = prac_type_find(ask->field->ref_type);
	}
	if (records->text == NULL || ask->n_ids + ask->n_keys == 0)
		return;
	db_batch_add(batch, records, params, on_records, part);
	if (ask->with_feed)
		db_batch_add(batch, feed, params, on_feed, load);
}

static struct load *load_new(
	struct store_pg *store, struct prac_arena *arena, store_loaded_fn done, void *ctx)
{
	struct load *load = prac_arena_alloc(arena, sizeof(*load));

	load->store = store;
	load->found.arena = arena;
	load->done = done;
	load->ctx = ctx;
	return load;
}

/* A batch that needs a damaged record is cut in two like one that cannot be stored: others go on. */
static enum prac_status load_status(const struct load *load, enum prac_status status)
{
	return status == PRAC_OK && load->found.is_damaged ? PRAC_INVALID_ARGUMENT : status;
}

static void finish_load(struct load *load)
{
	load->facts.records = load->found.records;
	load->facts.n_records = load->found.n_records;
	load->facts.feed = load->found.feed;
	load->facts.n_feed = load->found.n_feed;
	load->done(load->ctx, PRAC_OK, &load->facts);
}

static void on_lock(void *ctx, struct db_rows *rows)
{
	struct load *load = ctx;

	load->is_astray = db_rows_count(rows) == 0;
	if (load->is_astray)
		return;
	load->facts.epoch = (uint64_t)db_rows_int(rows, 0, 0);
	load->facts.head = (uint64_t)db_rows_int(rows, 0, 1);
}

static void on_counters(void *ctx, struct db_rows *rows)
{
	struct load *load = ctx;

	for (size_t row = 0; row < load->facts.n_devices; row++) {
		load->facts.devices[row].last_counter = (uint64_t)db_rows_int(rows, row, 0);
		load->facts.devices[row].acked_through = (uint64_t)db_rows_int(rows, row, 1);
	}
}

static void add_counters(struct load *load, struct db_batch *batch, const struct store_ask *ask)
{
	struct prac_arena *arena = load->found.arena;
	struct db_params *params = db_params_new(arena);
	struct db_array ids, incarnations;

	load->facts.n_devices = ask->n_devices;
	load->facts.devices =
		prac_arena_alloc(arena, (ask->n_devices + 1) * sizeof(*load->facts.devices));
	db_array_init(&ids, arena, DB_UUID);
	db_array_init(&incarnations, arena, DB_INT8);
	for (size_t i = 0; i < ask->n_devices; i++) {
		load->facts.devices[i] = ask->devices[i];
		db_array_id(&ids, &ask->devices[i].id);
		db_array_int(&incarnations, (int64_t)ask->devices[i].incarnation);
	}
	db_param_array(params, &ids);
	db_param_array(params, &incarnations);
	db_batch_add(batch, &q_sync_counters, params, on_counters, load);
}

static void begin_undone(void *ctx, enum prac_status status)
{
	struct load *load = ctx;

	load->done(load->ctx, status, NULL);
}

static void begin_done(void *ctx, enum prac_status status)
{
	struct load *load = ctx;

	if (status == PRAC_OK && load->is_astray)
		status = PRAC_FAILED_PRECONDITION;
	status = load_status(load, status);
	if (status == PRAC_OK) {
		finish_load(load);
	} else {
		store_pg_undo(load->store, status, load->found.arena, begin_undone, load);
	}
}

static void add_loads(struct load *load, struct db_batch *batch, const struct store_ask *ask)
{
	add_counters(load, batch, ask);
	for (size_t i = 0; i < ask->n_loads; i++)
		add_load(load, batch, &ask->loads[i]);
}

static void begin(struct store *base, const struct store_ask *ask, struct prac_arena *arena,
	store_loaded_fn done, void *ctx)
{
	struct store_pg *store = container_of(base, struct store_pg, store);
	struct load *load = load_new(store, arena, done, ctx);
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *numbers = db_params_new(arena);

	db_param_int(numbers, (int64_t)ask->n_numbers);
	db_batch_add(batch, &q_sync_begin, NULL, NULL, NULL);
	db_batch_add(batch, &q_sync_lock, numbers, on_lock, load);
	add_loads(load, batch, ask);
	db_link_run(store->writer, batch, begin_done, load);
}

/* The last of the loads. */
static void on_next_head(void *ctx, struct db_rows *rows)
{
	struct load *load = ctx;

	on_lock(load, rows);
	if (load->found.is_damaged) {
		load->done(load->ctx, PRAC_INVALID_ARGUMENT, NULL);
	} else {
		finish_load(load);
	}
}

void store_pg_load_next(
	struct store_pg *store, struct db_batch *batch, const struct store_next *next)
{
	struct load *load = load_new(store, next->arena, next->loaded, next->ctx);

	add_loads(load, batch, next->ask);
	db_batch_add(batch, &q_sync_head, NULL, on_next_head, load);
	db_batch_flush(batch);
}

static void on_judged(void *ctx, struct db_rows *rows)
{
	struct load *load = ctx;
	struct prac_arena *arena = load->found.arena;

	for (size_t row = 0; row < db_rows_count(rows); row++) {
		struct store_judged *judged = &load->facts.judged[load->facts.n_judged++];
		struct prac_bytes hash = db_rows_bytes(rows, row, 11);

		judged->key.device = db_rows_id(rows, row, 0);
		judged->key.incarnation = (uint64_t)db_rows_int(rows, row, 1);
		judged->key.counter = (uint64_t)db_rows_int(rows, row, 2);
		judged->verdict.counter = judged->key.counter;
		judged->verdict.seq = (uint64_t)db_rows_int(rows, row, 3);
		judged->verdict.kind = (Practicum__VerdictKind)db_rows_int(rows, row, 4);
		judged->verdict.reason = (enum prac_reason)db_rows_int(rows, row, 5);
		judged->verdict.field = (uint32_t)db_rows_int(rows, row, 6);
		judged->verdict.text = prac_arena_copy(arena, db_rows_bytes(rows, row, 7));
		judged->type = (uint32_t)db_rows_int(rows, row, 8);
		judged->id = db_rows_id(rows, row, 9);
		judged->person = db_rows_id(rows, row, 10);
		if (hash.len == sizeof(judged->hash.b))
			memcpy(judged->hash.b, hash.data, hash.len);
		judged->client_time_ms = db_rows_instant(rows, row, 12);
		if (!db_rows_is_null(rows, row, 13)) {
			judged->verdict.existing = db_rows_id(rows, row, 13);
		}
	}
}

static void add_judged_keys(struct load *load, struct db_batch *batch, const struct store_more *ask)
{
	struct prac_arena *arena = load->found.arena;
	struct db_params *params = db_params_new(arena);
	struct db_array devices, incarnations, counters;

	db_array_init(&devices, arena, DB_UUID);
	db_array_init(&incarnations, arena, DB_INT8);
	db_array_init(&counters, arena, DB_INT8);
	for (size_t i = 0; i < ask->n_keys; i++) {
		db_array_id(&devices, &ask->keys[i].device);
		db_array_int(&incarnations, (int64_t)ask->keys[i].incarnation);
		db_array_int(&counters, (int64_t)ask->keys[i].counter);
	}
	db_param_array(params, &devices);
	db_param_array(params, &incarnations);
	db_param_array(params, &counters);
	db_batch_add(batch, &q_sync_judged, params, on_judged, load);
}

static void add_judged(struct load *load, struct db_batch *batch, const struct store_more *ask)
{
	struct prac_arena *arena = load->found.arena;
	size_t n_max = ask->n_keys + ask->n_seqs;

	load->facts.judged = prac_arena_alloc(arena, (n_max + 1) * sizeof(*load->facts.judged));
	if (ask->n_keys > 0)
		add_judged_keys(load, batch, ask);
	if (ask->n_seqs > 0) {
		struct db_params *params = db_params_new(arena);
		struct db_array seqs;

		db_array_init(&seqs, arena, DB_INT8);
		for (size_t i = 0; i < ask->n_seqs; i++)
			db_array_int(&seqs, (int64_t)ask->seqs[i]);
		db_param_array(params, &seqs);
		db_batch_add(batch, &q_sync_judged_as, params, on_judged, load);
	}
}

static void more_done(void *ctx, enum prac_status status)
{
	struct load *load = ctx;

	status = load_status(load, status);
	/* Nothing was to be committed yet, so a lost connection leaves no doubt. */
	if (status == PRAC_OK) {
		finish_load(load);
	} else {
		load->done(load->ctx, status == PRAC_UNKNOWN ? PRAC_UNAVAILABLE : status, NULL);
	}
}

static void more(struct store *base, const struct store_more *ask, struct prac_arena *arena,
	store_loaded_fn done, void *ctx)
{
	struct store_pg *store = container_of(base, struct store_pg, store);
	struct load *load = load_new(store, arena, done, ctx);
	struct db_batch *batch = db_batch_new(arena);

	for (size_t i = 0; i < ask->n_loads; i++)
		add_load(load, batch, &ask->loads[i]);
	add_judged(load, batch, ask);
	db_link_run(store->writer, batch, more_done, load);
}

static void look_done(void *ctx, enum prac_status status)
{
	struct load *load = ctx;

	if (status == PRAC_OK && load->found.is_damaged)
		status = PRAC_DATA_LOSS;
	if (status == PRAC_OK) {
		finish_load(load);
	} else {
		load->done(load->ctx, status, NULL);
	}
}

void store_pg_look(struct store_pg *store, const struct store_pg_look *look,
	struct prac_arena *arena, store_loaded_fn done, void *ctx)
{
	struct load *load = load_new(store, arena, done, ctx);
	struct db_batch *batch = db_batch_new(arena);

	for (size_t i = 0; i < look->ask.n_loads; i++)
		add_load(load, batch, &look->ask.loads[i]);
	add_judged(load, batch, &look->ask);
	db_link_run(look->link, batch, look_done, load);
}

struct undo {
	struct store_pg *store;
	enum prac_status status;
	store_done_fn done;
	void *ctx;
};

static void undone(void *ctx, enum prac_status status)
{
	struct undo *undo = ctx;

	/* If even that did not work, only a new connection surely has no transaction. */
	if (status != PRAC_OK && db_link_state(undo->store->writer) == DB_IDLE)
		db_link_drop(undo->store->writer, "rollback failed");
	undo->done(undo->ctx, undo->status);
}

void store_pg_undo(struct store_pg *store, enum prac_status status, struct prac_arena *arena,
	store_done_fn done, void *ctx)
{
	struct undo *undo = prac_arena_alloc(arena, sizeof(*undo));
	struct db_batch *batch;

	/* With the connection went the transaction. */
	if (db_link_state(store->writer) != DB_IDLE || !db_link_in_transaction(store->writer)) {
		done(ctx, status == PRAC_UNKNOWN ? PRAC_UNAVAILABLE : status);
		return;
	}
	*undo = (struct undo){ .store = store, .status = status, .done = done, .ctx = ctx };
	batch = db_batch_new(arena);
	db_batch_add(batch, &q_sync_rollback, NULL, NULL, NULL);
	db_link_run(store->writer, batch, undone, undo);
}

static void rolled_back(void *ctx, enum prac_status status)
{
	struct undo undo = *(struct undo *)ctx;

	(void)status; /* a lost connection has rolled back too */
	prac_arena_deinit(&undo.store->rollback_arena);
	undo.done(undo.ctx, PRAC_OK);
}

static void rollback(struct store *base, store_done_fn done, void *ctx)
{
	struct store_pg *store = container_of(base, struct store_pg, store);
	struct undo *undo;
	struct db_batch *batch;

	store->rollback_arena = (struct prac_arena){ 0 };
	undo = prac_arena_alloc(&store->rollback_arena, sizeof(*undo));
	*undo = (struct undo){ .store = store, .done = done, .ctx = ctx };
	batch = db_batch_new(&store->rollback_arena);
	db_batch_add(batch, &q_sync_rollback, NULL, NULL, NULL);
	db_link_run(store->writer, batch, rolled_back, undo);
}

static const struct store_ops ops = {
	.begin = begin,
	.more = more,
	.prepare = store_pg_prepare,
	.commit = store_pg_commit,
	.rollback = rollback,
	.page = store_pg_page,
};

struct store_pg *store_pg_new(struct db_pool *pool)
{
	struct store_pg *store = g_new0(struct store_pg, 1);

	store->store.ops = &ops;
	store->pool = pool;
	store->writer = db_pool_writer(pool);
	store->sqls = record_sqls_new();
	store->seal = db_pool_seal(pool);
	return store;
}

void store_pg_free(struct store_pg *store)
{
	if (store == NULL)
		return;
	record_sqls_free(store->sqls);
	g_free(store);
}

const struct db_seal *store_pg_seal(const struct store_pg *store)
{
	return store->seal;
}

struct store *store_pg_store(struct store_pg *store)
{
	return &store->store;
}
