#include <stdlib.h>
#include <string.h>

#include "common/wire/zip.h"
#include "server/sync/row.h"
#include "tests/sim/full.h"

enum {
	CHUNK_ROWS = 7,
	ROWS_FIELD = 1, /* SnapshotRows.rows */
	ANSWER_MS = 6,
	FRESH_MS = 20000,
	LAST_WORDS_MS = 400,
	REFRESH_MS = 2000
};

/* The rows of a scope at one number. */
struct spool {
	uint64_t id;
	struct prac_id scope;
	uint64_t epoch, seq, made_ms;
	struct prac_arena arena;
	struct store_page *page;
};

/* An answer of the database that is to come. */
struct wait {
	struct full_server *server;
	/* counters */
	struct rpc_arrival arrival;
	rpc_counted_fn counted;
	/* a chunk */
	struct snapshot_ask ask;
	struct prac_arena *arena;
	snapshot_chunk_fn read;
	void *ctx;
};

static void free_spool(void *item)
{
	struct spool *spool = item;

	prac_arena_deinit(&spool->arena);
	g_free(spool);
}

/* ---- answers */

static struct spool *build(struct full_server *server, const struct prac_id *scope)
{
	struct spool *spool = g_new0(struct spool, 1);
	const struct store_page_ask ask = {
		.scopes = scope, .n_scopes = 1, .max_rows = SIZE_MAX, .max_bytes = SIZE_MAX
	};
	size_t n = 0;

	spool->id = 1 + world_random(server->full->world) % INT32_MAX;
	spool->scope = *scope;
	spool->made_ms = world_now_ms(server->full->world);
	spool->page = mem_db_page(server->full->mem.db, &ask, &spool->arena);
	spool->epoch = spool->page->epoch;
	spool->seq = spool->page->head;
	for (size_t i = 0; i < spool->page->n_rows; i++) {
		if (spool->page->rows[i].record != NULL) {
			spool->page->rows[n++] = spool->page->rows[i];
		}
	}
	spool->page->n_rows = n;
	g_ptr_array_add(server->spools, spool);
	server->full->met.n_loads++;
	return spool;
}

static struct spool *find(struct full_server *server, const struct snapshot_ask *ask)
{
	for (unsigned i = server->spools->len; i-- > 0;) {
		struct spool *spool = g_ptr_array_index(server->spools, i);
		uint64_t age_ms = world_now_ms(server->full->world) - spool->made_ms;

		if (prac_id_equal(&spool->scope, &ask->scope) &&
			(ask->snapshot == spool->id || (ask->snapshot == 0 && age_ms < FRESH_MS))) {
			return spool;
		}
	}
	return NULL;
}

static void send_chunk(const struct wait *wait, const struct spool *spool)
{
	size_t first = (size_t)wait->ask.chunk * CHUNK_ROWS;
	size_t n_chunks = (spool->page->n_rows + CHUNK_ROWS - 1) / CHUNK_ROWS;
	struct prac_buf raw = { 0 }, zipped = { 0 }, scratch = { 0 };
	struct snapshot_chunk chunk = { .snapshot = spool->id,
		.chunk = wait->ask.chunk,
		.n_chunks = n_chunks > 0 ? (uint32_t)n_chunks : 1,
		.epoch = spool->epoch,
		.seq = spool->seq };

	if (wait->ask.chunk >= chunk.n_chunks) {
		wait->read(wait->ctx, PRAC_OUT_OF_RANGE, NULL);
		return;
	}
	for (size_t i = first; i < first + CHUNK_ROWS && i < spool->page->n_rows; i++) {
		const struct store_page_row *row = &spool->page->rows[i];

		sync_row_put(&raw, ROWS_FIELD, &row->feed, row->record, &scratch);
	}
	chunk.raw_len = (uint32_t)prac_buf_len(&raw);
	if (chunk.raw_len > 0) {
		prac_zip_frame(&zipped, prac_buf_bytes(&raw));
	}
	chunk.rows = prac_arena_copy(wait->arena, prac_buf_bytes(&zipped));
	chunk.sha256 = prac_sha256(chunk.rows);
	prac_buf_deinit(&raw);
	prac_buf_deinit(&zipped);
	prac_buf_deinit(&scratch);
	wait->read(wait->ctx, PRAC_OK, &chunk);
}

static void answer_chunk(const struct wait *wait)
{
	struct spool *spool = find(wait->server, &wait->ask);

	if (spool == NULL && wait->ask.snapshot != 0) {
		wait->read(wait->ctx, PRAC_NOT_FOUND, NULL);
		return;
	}
	if (spool == NULL) {
		spool = build(wait->server, &wait->ask.scope);
	}
	send_chunk(wait, spool);
}

static void answer_counter(const struct wait *wait)
{
	struct mem_db *db = wait->server->full->mem.db;
	const struct rpc_arrival *arrival = &wait->arrival;
	const struct rpc_counted counted = {
		.last_counter =
			mem_db_device(db, &arrival->device, arrival->incarnation)->last_counter,
		.lost_after = mem_db_lost_after(db, arrival->epoch),
	};

	wait->counted(wait->ctx, PRAC_OK, &counted);
}

static void answer(void *ctx)
{
	struct wait *wait = ctx;

	g_ptr_array_remove(wait->server->waits, wait);
	if (wait->counted != NULL) {
		answer_counter(wait);
	} else {
		answer_chunk(wait);
	}
	g_free(wait);
}

static void lose_waits(struct full_server *server)
{
	while (server->waits->len > 0) {
		struct wait *wait = g_ptr_array_steal_index(server->waits, server->waits->len - 1);

		world_forget(server->full->world, wait);
		if (wait->counted != NULL) {
			wait->counted(wait->ctx, PRAC_UNAVAILABLE, &(struct rpc_counted){ 0 });
		} else {
			wait->read(wait->ctx, PRAC_UNAVAILABLE, NULL);
		}
		g_free(wait);
	}
}

static void add_wait(const struct wait *from)
{
	struct world *world = from->server->full->world;
	struct wait *wait = g_memdup2(from, sizeof(*from));

	g_ptr_array_add(wait->server->waits, wait);
	world_post(world, 1 + world_below(world, ANSWER_MS), answer, wait);
}

static void read_chunk(struct snapshot_source *source, const struct snapshot_ask *ask,
	struct prac_arena *arena, snapshot_chunk_fn done, void *ctx)
{
	add_wait(&(struct wait){ .server = (struct full_server *)source,
		.ask = *ask,
		.arena = arena,
		.read = done,
		.ctx = ctx });
}

static void read_counter(
	void *services, const struct rpc_arrival *arrival, rpc_counted_fn done, void *ctx)
{
	struct svc *svc = services;

	add_wait(&(struct wait){ .server = container_of(svc, struct full_server, svc),
		.arrival = *arrival,
		.counted = done,
		.ctx = ctx });
}

/* ---- sessions */

static void end_wire(void *ctx)
{
	world_link_cut(((struct full_wire *)ctx)->link);
}

static void flush(struct full_wire *wire)
{
	struct prac_buf *out;

	if (wire->served == NULL) {
		return;
	}
	out = rpc_session_output(wire->served);
	if (prac_buf_len(out) > 0) {
		world_link_send(wire->link, WORLD_SERVER, prac_buf_bytes(out));
		prac_buf_consume(out, prac_buf_len(out));
	}
	if (rpc_session_is_done(wire->served) && !wire->is_ending) {
		wire->is_ending = true; /* what was said last is heard first */
		world_post(wire->full->world, LAST_WORDS_MS, end_wire, wire);
	}
}

static void wake(void *ctx)
{
	flush(ctx);
}

static struct rpc_peer peer_of(const struct full *full, const struct full_device *device)
{
	struct rpc_peer peer = { .device = device->id, .district = device->district };

	peer.grants = calloc(FULL_SCHOOLS_MAX + 2, sizeof(*peer.grants));
	g_assert(peer.grants != NULL);
	peer.grants[peer.n_grants++] = (struct prac_scope_grant){ prac_scope_reference, 1 };
	if (device->district) {
		peer.grants[peer.n_grants++] = (struct prac_scope_grant){ prac_scope_district, 1 };
	}
	for (size_t i = 0; i < full->n_schools; i++) {
		if (device->schools[i]) {
			peer.grants[peer.n_grants++] = (struct prac_scope_grant){ full->schools[i],
				device->generations[i] };
		}
	}
	peer.scope_set = prac_scope_set(peer.grants, peer.n_grants);
	return peer;
}

uint32_t full_scope_set(const struct full *full, const struct full_device *device, size_t *n_out)
{
	struct rpc_peer peer = peer_of(full, device);

	*n_out = peer.n_grants;
	free(peer.grants);
	return peer.scope_set;
}

void full_server_accept(struct full_wire *wire)
{
	struct full_server *server = wire->server;
	struct rpc_peer peer;

	if (!server->is_up) {
		world_link_cut(wire->link);
		return;
	}
	peer = peer_of(wire->full, wire->device);
	wire->served = rpc_session_new(&server->rpc, &peer, wake, wire);
	svc_subscribe(server->svc.subscriptions, wire->served);
}

void full_server_give_up(struct full_wire *wire)
{
	struct full_server *server = wire->server;

	if (wire->served != NULL) {
		svc_unsubscribe(server->svc.subscriptions, wire->served);
		rpc_session_free(wire->served);
		wire->served = NULL;
	}
}

void full_server_received(void *ctx, struct prac_bytes bytes)
{
	struct full_wire *wire = ctx;

	if (wire->served != NULL) {
		rpc_session_feed(wire->served, bytes);
		flush(wire);
	}
}

void full_server_cut(void *ctx)
{
	struct full_wire *wire = ctx;

	full_server_give_up(wire);
	full_station_heard_end(wire);
}

/* ---- what others did: as server/station.c, every two seconds */

static void regrant(struct full_wire *wire)
{
	struct svc_subscriptions *subscriptions = wire->server->svc.subscriptions;
	struct rpc_peer peer = peer_of(wire->full, wire->device);

	if (peer.scope_set == rpc_session_peer(wire->served)->scope_set) {
		free(peer.grants);
		return;
	}
	svc_unsubscribe(subscriptions, wire->served);
	rpc_session_regrant(wire->served, peer.grants, peer.n_grants, peer.scope_set);
	svc_subscribe(subscriptions, wire->served);
	rpc_session_poke(wire->served, wire->server->rpc.head);
}

static void refresh(struct full_server *server)
{
	struct full *full = server->full;
	bool is_behind = server->known_head > server->rpc.head;

	for (unsigned i = 0; i < full->wires->len; i++) {
		struct full_wire *wire = g_ptr_array_index(full->wires, i);

		if (wire->served == NULL || wire->server != server) {
			continue;
		}
		if (is_behind) {
			rpc_session_poke(wire->served, full->mem.db->head);
		}
		regrant(wire);
		flush(wire);
	}
	server->known_head = full->mem.db->head;
	server->refresh_at_ms = world_now_ms(full->world) + REFRESH_MS;
}

void full_server_tick(struct full_server *server)
{
	struct full *full = server->full;

	if (!server->is_up) {
		return;
	}
	full_limits_of_server(server);
	sequencer_tick(server->sequencer, world_now_ms(full->world));
	if (world_now_ms(full->world) >= server->refresh_at_ms) {
		refresh(server);
	}
	for (unsigned i = 0; i < full->wires->len; i++) {
		struct full_wire *wire = g_ptr_array_index(full->wires, i);

		if (wire->served != NULL && wire->server == server) {
			rpc_session_tick(wire->served, world_now_ms(full->world));
			flush(wire);
		}
	}
}

/* ---- life */

static void committed(void *ctx, const struct notice *notice)
{
	struct full_server *server = ctx;

	server->rpc.head = notice->head;
	svc_notify(server->svc.subscriptions, notice->scopes, notice->n_scopes, notice->head);
}

void full_server_start(struct full_server *server)
{
	struct full *full = server->full;

	memset(server, 0, sizeof(*server));
	server->full = full;
	server->source.read = read_chunk;
	server->clock = (struct world_clock){ full->world, 0 };
	server->env = world_env(&server->clock);
	server->spools = g_ptr_array_new_with_free_func(free_spool);
	server->waits = g_ptr_array_new();
	store_mem_connect(&full->mem, &server->store);
	server->sequencer = sequencer_new(&(struct sequencer_config){ .store = &server->store.store,
		.env = &server->env,
		.committed = committed,
		.ctx = server,
		/* Of every other seed; the others let batches gather. */
		.ahead_min = full->setting.seed % 2 == 1 ? SEQUENCER_AHEAD_ALWAYS : 0 });
	rpc_routes_add(&server->routes, svc_sync_methods, svc_n_sync_methods);
	server->rpc = (struct rpc_server){ .env = &server->env,
		.epoch = full->mem.db->epoch,
		.head = full->mem.db->head,
		.per_device = 1,
		.services = &server->svc,
		.counters = read_counter,
		.routes = &server->routes };
	server->svc = (struct svc){ .env = &server->env,
		.rpc = &server->rpc,
		.sequencer = server->sequencer,
		.store = &server->store.store,
		.snapshots = &server->source,
		.subscriptions = svc_subscriptions_new() };
	server->known_head = full->mem.db->head;
	server->refresh_at_ms = world_now_ms(full->world) + world_below(full->world, REFRESH_MS);
	server->is_up = true;
}

/* A process that dies says nothing; what it says here while it is taken apart nobody hears. */
void full_server_kill(struct full_server *server)
{
	struct full *full = server->full;

	server->is_up = false;
	for (unsigned i = 0; i < full->wires->len; i++) {
		struct full_wire *wire = g_ptr_array_index(full->wires, i);

		if (wire->server == server) {
			full_server_give_up(wire);
			world_link_cut(wire->link);
		}
	}
	sequencer_stop(server->sequencer);
	store_mem_disconnect(&server->store);
	lose_waits(server);
	sequencer_free(server->sequencer);
	svc_subscriptions_free(server->svc.subscriptions);
	g_ptr_array_free(server->spools, TRUE);
	g_ptr_array_free(server->waits, TRUE);
}
