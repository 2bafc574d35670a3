#include "tests/sim/store_mem.h"

#include <assert.h>
#include <string.h>

enum call_kind {
	CALL_BEGIN,
	CALL_MORE,
	CALL_COMMIT,
	CALL_COMMITTED, /* nobody will hear of it */
	CALL_ROLLBACK,
	CALL_PAGE
};

struct store_mem_call {
	enum call_kind kind;
	struct store_mem_server *server;
	struct prac_arena *arena;
	const struct store_ask *ask;
	const struct store_more *more;
	const struct store_commit *commit;
	struct store_next next; /* without a callback: there is none, or it was loaded */
	struct store_page_ask page;
	store_loaded_fn loaded;
	store_done_fn done;
	struct store_page *read; /* NULL: it is read when it is answered */
	store_page_fn paged;
	void *ctx;
};

static void wake(const struct store_mem *mem)
{
	if (mem->wake != NULL) {
		mem->wake(mem->wake_ctx);
	}
}

static void add_call(const struct store_mem_call *call)
{
	g_ptr_array_add(call->server->mem->calls, g_memdup2(call, sizeof(*call)));
	wake(call->server->mem);
}

static struct store_mem_server *server_of(struct store *store)
{
	return (struct store_mem_server *)store;
}

static void begin(struct store *store, const struct store_ask *ask, struct prac_arena *arena,
	store_loaded_fn done, void *ctx)
{
	add_call(&(struct store_mem_call){ .kind = CALL_BEGIN,
		.server = server_of(store),
		.arena = arena,
		.ask = ask,
		.loaded = done,
		.ctx = ctx });
}

static void more(struct store *store, const struct store_more *ask, struct prac_arena *arena,
	store_loaded_fn done, void *ctx)
{
	assert(server_of(store)->is_open);
	add_call(&(struct store_mem_call){ .kind = CALL_MORE,
		.server = server_of(store),
		.arena = arena,
		.more = ask,
		.loaded = done,
		.ctx = ctx });
}

static void prepare(struct store *store, struct store_commit *commit)
{
	(void)store;
	assert(commit->ready == NULL);
	commit->ready = commit;
}

static void commit(struct store *store, struct store_commit *commit, const struct store_next *next,
	store_done_fn done, void *ctx)
{
	assert(commit->opens != server_of(store)->is_open);
	add_call(&(struct store_mem_call){ .kind = CALL_COMMIT,
		.server = server_of(store),
		.arena = commit->arena,
		.commit = commit,
		.next = next != NULL ? *next : (struct store_next){ 0 },
		.done = done,
		.ctx = ctx });
}

static void rollback(struct store *store, store_done_fn done, void *ctx)
{
	assert(server_of(store)->is_open);
	add_call(&(struct store_mem_call){
		.kind = CALL_ROLLBACK, .server = server_of(store), .done = done, .ctx = ctx });
}

static void page(struct store *store, const struct store_page_ask *ask, struct prac_arena *arena,
	store_page_fn done, void *ctx)
{
	struct store_mem *mem = server_of(store)->mem;
	struct store_mem_call call = { .kind = CALL_PAGE,
		.server = server_of(store),
		.arena = arena,
		.page = *ask,
		.paged = done,
		.ctx = ctx };

	if (mem->page_rows_max > 0 && call.page.max_rows > mem->page_rows_max) {
		call.page.max_rows = mem->page_rows_max;
	}
	if (mem->reads_early) {
		call.read = mem_db_page(mem->db, &call.page, arena);
	}
	add_call(&call);
}

static const struct store_ops ops = { begin, more, prepare, commit, rollback, page };

void store_mem_init(struct store_mem *mem)
{
	memset(mem, 0, sizeof(*mem));
	mem->db = mem_db_new();
	mem->calls = g_ptr_array_new_with_free_func(g_free);
}

void store_mem_deinit(struct store_mem *mem)
{
	g_ptr_array_free(mem->calls, TRUE);
	mem_db_free(mem->db);
}

void store_mem_connect(struct store_mem *mem, struct store_mem_server *server)
{
	memset(server, 0, sizeof(*server));
	server->store.ops = &ops;
	server->mem = mem;
}

/* Does another transaction hold the head row? */
static bool is_ready(const struct store_mem *mem, const struct store_mem_call *call)
{
	bool opens =
		call->kind == CALL_BEGIN ||
		(call->kind == CALL_COMMIT && call->commit->opens && mem->holder != call->server);

	if (call->kind == CALL_COMMITTED) {
		return false;
	}
	return !opens || mem->holder == NULL || mem->bug == STORE_MEM_NAIVE_CURSOR;
}

static void open_transaction(struct store_mem_server *server)
{
	server->is_open = true;
	server->mem->holder = server;
}

static void close_transaction(struct store_mem_server *server)
{
	server->is_open = false;
	if (server->mem->holder == server) {
		server->mem->holder = NULL;
		wake(server->mem);
	}
}

static struct store_mem_call *first_call(const struct store_mem_server *server, unsigned *at_out)
{
	const GPtrArray *calls = server->mem->calls;

	for (unsigned i = 0; i < calls->len; i++) {
		struct store_mem_call *call = g_ptr_array_index(calls, i);

		if (call->server == server) {
			*at_out = i;
			return call;
		}
	}
	return NULL;
}

static void lose(const struct store_mem_call *call)
{
	switch (call->kind) {
	case CALL_BEGIN:
	case CALL_MORE:
		call->loaded(call->ctx, PRAC_UNAVAILABLE, NULL);
		break;
	case CALL_COMMIT:
	case CALL_COMMITTED:
		call->done(call->ctx, PRAC_UNKNOWN);
		break;
	case CALL_ROLLBACK:
		call->done(call->ctx, PRAC_UNAVAILABLE);
		break;
	case CALL_PAGE:
		call->paged(call->ctx, PRAC_UNAVAILABLE, NULL);
		break;
	}
}

void store_mem_disconnect(struct store_mem_server *server)
{
	const struct store_mem_call *call;
	unsigned at;

	while ((call = first_call(server, &at)) != NULL) {
		struct store_mem_call lost = *call;

		g_ptr_array_remove_index(server->mem->calls, at);
		lose(&lost);
	}
	close_transaction(server);
	if (server->mem->dead == server) {
		server->mem->dead = NULL;
	}
}

size_t store_mem_ready(const struct store_mem *mem)
{
	size_t n = 0;

	for (unsigned i = 0; i < mem->calls->len; i++) {
		n += is_ready(mem, g_ptr_array_index(mem->calls, i)) ? 1 : 0;
	}
	return n;
}

/* ---- answers */

static enum store_mem_fault take_fault(struct store_mem *mem, bool is_begin)
{
	enum store_mem_fault fault = mem->fault;

	if ((fault == STORE_MEM_UNAVAILABLE) != is_begin) {
		return STORE_MEM_HEALTHY;
	}
	mem->fault = STORE_MEM_HEALTHY;
	return fault;
}

static struct store_facts *load_facts(struct store_mem *mem, struct mem_db *db,
	const struct store_ask *ask, struct prac_arena *arena)
{
	struct store_facts *facts = prac_arena_alloc(arena, sizeof(*facts));

	facts->epoch = db->epoch;
	facts->head = db->head;
	if (mem->bug == STORE_MEM_NAIVE_CURSOR) {
		facts->head = mem->n_drawn;
		mem->n_drawn += ask->n_numbers;
	}
	facts->n_devices = ask->n_devices;
	facts->devices = prac_arena_alloc(arena, (ask->n_devices + 1) * sizeof(*facts->devices));
	for (size_t i = 0; i < ask->n_devices; i++) {
		facts->devices[i] =
			*mem_db_device(db, &ask->devices[i].id, ask->devices[i].incarnation);
	}
	for (size_t i = 0; i < ask->n_loads; i++) {
		mem_db_load(db, &ask->loads[i], arena, facts);
	}
	return facts;
}

static void answer_begin(struct store_mem *mem, const struct store_mem_call *call)
{
	if (take_fault(mem, true) == STORE_MEM_UNAVAILABLE) {
		call->loaded(call->ctx, PRAC_UNAVAILABLE, NULL);
		return;
	}
	open_transaction(call->server);
	mem->n_begins++;
	call->loaded(call->ctx, PRAC_OK, load_facts(mem, mem->db, call->ask, call->arena));
}

static void answer_more(struct store_mem *mem, const struct store_mem_call *call)
{
	struct store_facts *facts = prac_arena_alloc(call->arena, sizeof(*facts));
	const struct store_more *ask = call->more;

	for (size_t i = 0; i < ask->n_loads; i++) {
		mem_db_load(mem->db, &ask->loads[i], call->arena, facts);
	}
	facts->judged = prac_arena_alloc(
		call->arena, (ask->n_keys + ask->n_seqs + 1) * sizeof(*facts->judged));
	for (size_t i = 0; i < ask->n_keys + ask->n_seqs; i++) {
		const struct store_judged *judged =
			i < ask->n_keys ? mem_db_judged(mem->db, &ask->keys[i])
					: mem_db_judged_as(mem->db, ask->seqs[i - ask->n_keys]);

		if (judged != NULL) {
			facts->judged[facts->n_judged] = *judged;
			facts->judged[facts->n_judged++].payload = (struct prac_bytes){ 0 };
		}
	}
	call->loaded(call->ctx, PRAC_OK, facts);
}

static bool is_poisoned(const struct store_mem *mem, const struct store_writes *writes)
{
	for (size_t i = 0; i < writes->n_records && !prac_id_is_nil(&mem->poison); i++) {
		if (prac_id_equal(&writes->records[i]->id, &mem->poison)) {
			return true;
		}
	}
	return false;
}

static enum prac_status commit_now(struct store_mem *mem, const struct store_mem_call *call)
{
	enum store_mem_fault fault = take_fault(mem, false);

	if (is_poisoned(mem, call->commit->writes)) {
		return PRAC_INVALID_ARGUMENT;
	}
	if (mem->bug == STORE_MEM_COUNTER_FIRST) {
		mem_db_write_devices(mem->db, call->commit->writes);
	}
	if (fault == STORE_MEM_LOST_BEFORE) {
		return PRAC_UNKNOWN;
	}
	mem->n_commits++;
	if (!mem_db_write(mem->db, call->commit->writes)) {
		return PRAC_INVALID_ARGUMENT;
	}
	if (fault == STORE_MEM_DIES_AFTER) {
		mem->dead = call->server;
	}
	return fault == STORE_MEM_LOST_AFTER ? PRAC_UNKNOWN : PRAC_OK;
}

/* The next batch sees the writes of this one, which are nobody else's to see yet. */
static void load_next(struct store_mem *mem, const struct store_mem_call *call)
{
	struct mem_db *seen = mem_db_copy(mem->db);
	struct store_mem_call rest = *call;

	rest.next.loaded = NULL;
	add_call(&rest);
	if (mem_db_write(seen, call->commit->writes)) {
		call->next.loaded(call->next.ctx, PRAC_OK,
			load_facts(mem, seen, call->next.ask, call->next.arena));
	}
	mem_db_free(seen);
}

static bool is_stale(const struct store_mem *mem, const struct store_mem_call *call)
{
	return call->commit->opens && mem->bug != STORE_MEM_NAIVE_CURSOR &&
	       mem->db->head != call->commit->notice.after;
}

static void answer_commit(struct store_mem *mem, const struct store_mem_call *call)
{
	enum prac_status status;

	if (is_stale(mem, call)) {
		mem->n_stale++;
		close_transaction(call->server);
		call->done(call->ctx, PRAC_ABORTED);
		return;
	}
	open_transaction(call->server);
	if (call->next.loaded != NULL && !is_poisoned(mem, call->commit->writes)) {
		load_next(mem, call);
		return;
	}
	if (mem->bug == STORE_MEM_ACK_FIRST && take_fault(mem, false) == STORE_MEM_LOST_BEFORE) {
		/* It said so, and the power went. */
		close_transaction(call->server);
		mem->db->head = call->commit->writes->head;
		call->done(call->ctx, PRAC_OK);
		return;
	}
	status = commit_now(mem, call);
	close_transaction(call->server);
	if (mem->dead == call->server) {
		struct store_mem_call unheard = *call;

		unheard.kind = CALL_COMMITTED;
		add_call(&unheard);
		return;
	}
	call->done(call->ctx, status);
}

static void answer(struct store_mem *mem, const struct store_mem_call *call)
{
	switch (call->kind) {
	case CALL_BEGIN:
		answer_begin(mem, call);
		break;
	case CALL_MORE:
		answer_more(mem, call);
		break;
	case CALL_COMMIT:
		answer_commit(mem, call);
		break;
	case CALL_ROLLBACK:
		close_transaction(call->server);
		call->done(call->ctx, PRAC_OK);
		break;
	case CALL_PAGE:
		call->paged(call->ctx, PRAC_OK,
			call->read != NULL ? call->read
					   : mem_db_page(mem->db, &call->page, call->arena));
		break;
	case CALL_COMMITTED:
		break;
	}
}

void store_mem_step(struct store_mem *mem, size_t nth)
{
	for (unsigned i = 0; i < mem->calls->len; i++) {
		struct store_mem_call *call = g_ptr_array_index(mem->calls, i);

		if (is_ready(mem, call) && nth-- == 0) {
			struct store_mem_call copy = *call;

			g_ptr_array_remove_index(mem->calls, i);
			answer(mem, &copy);
			return;
		}
	}
	assert(!"a call that can be answered");
}
