#include "server/db/pool.h"

#include <assert.h>
#include <glib.h>
#include <uv.h>

struct lease {
	enum db_purpose purpose;
	uint64_t deadline_ms; /* of now_ms() */
	db_lease_fn granted;
	void *ctx;
};

struct slot {
	struct db_link *link;
	enum db_purpose purpose;
	bool is_leased;
};

struct db_pool {
	uv_idle_t soon;
	uv_timer_t tick; /* runs while somebody waits */
	struct slot *slots;
	size_t n_slots;
	GQueue waiting; /* of struct lease */
	const struct db_seal *seal;
	bool is_closing;
	size_t n_open; /* links and handles that are not closed yet */
	db_closed_fn closed;
	void *closed_ctx;
};

enum {
	TICK_MS = 500
};

/* Not the loop's time, which stands still while somebody blocks it, as at the start. */
static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

static struct slot *free_slot(struct db_pool *pool, enum db_purpose purpose)
{
	for (size_t i = 0; i < pool->n_slots; i++) {
		struct slot *slot = &pool->slots[i];

		if (slot->purpose == purpose && !slot->is_leased &&
			db_link_state(slot->link) == DB_IDLE)
			return slot;
	}
	return NULL;
}

/* Answers one lease if it can be; true when it is answered and gone. */
static bool answer(struct db_pool *pool, struct lease *lease)
{
	enum prac_status status = PRAC_OK;
	struct slot *slot = NULL;

	if (pool->is_closing) {
		status = PRAC_CANCELLED;
	} else if ((slot = free_slot(pool, lease->purpose)) != NULL) {
		slot->is_leased = true;
	} else if (now_ms() >= lease->deadline_ms) {
		status = PRAC_UNAVAILABLE;
	} else {
		return false;
	}
	lease->granted(lease->ctx, status, slot != NULL ? slot->link : NULL);
	g_free(lease);
	return true;
}

static void answer_all(struct db_pool *pool)
{
	guint n = g_queue_get_length(&pool->waiting);

	for (; n > 0; n--) {
		struct lease *lease = g_queue_pop_head(&pool->waiting);

		if (!answer(pool, lease))
			g_queue_push_tail(&pool->waiting, lease);
	}
}

static void on_soon(uv_idle_t *soon)
{
	struct db_pool *pool = container_of(soon, struct db_pool, soon);

	uv_idle_stop(soon);
	answer_all(pool);
}

static void on_tick(uv_timer_t *tick)
{
	struct db_pool *pool = container_of(tick, struct db_pool, tick);

	answer_all(pool);
	if (g_queue_is_empty(&pool->waiting))
		uv_timer_stop(tick);
}

static void on_state(void *ctx, struct db_link *link, enum db_state state)
{
	struct db_pool *pool = ctx;

	(void)link; /* whichever: the waiting ones look for themselves */
	if (state == DB_IDLE && !g_queue_is_empty(&pool->waiting))
		uv_idle_start(&pool->soon, on_soon);
}

struct db_pool *db_pool_new(const struct db_pool_config *config)
{
	const size_t counts[DB_N_PURPOSES] = {
		[DB_WRITER] = 1, [DB_READER] = config->n_readers, [DB_SNAPSHOT] = 1, [DB_REPORT] = 1
	};
	struct db_pool *pool = g_new0(struct db_pool, 1);
	struct db_config link = { .loop = config->loop,
		.env = config->env,
		.conninfo = config->conninfo,
		.takes_role = config->takes_roles,
		.on_state = on_state,
		.ctx = pool };

	pool->seal = config->seal;
	g_queue_init(&pool->waiting);
	uv_idle_init(config->loop, &pool->soon);
	uv_timer_init(config->loop, &pool->tick);
	pool->slots = g_new0(struct slot, config->n_readers + DB_N_PURPOSES - 1);
	for (int purpose = 0; purpose < DB_N_PURPOSES; purpose++) {
		for (size_t i = 0; i < counts[purpose]; i++) {
			struct slot *slot = &pool->slots[pool->n_slots++];

			link.purpose = (enum db_purpose)purpose;
			slot->purpose = link.purpose;
			slot->link = db_link_new(&link);
		}
	}
	return pool;
}

const struct db_seal *db_pool_seal(const struct db_pool *pool)
{
	return pool->seal;
}

static void close_one(struct db_pool *pool)
{
	if (--pool->n_open > 0)
		return;
	answer_all(pool);
	if (pool->closed != NULL)
		pool->closed(pool->closed_ctx);
	g_free(pool->slots);
	g_free(pool);
}

static void on_link_closed(void *ctx)
{
	close_one(ctx);
}

static void on_handle_closed(uv_handle_t *handle)
{
	close_one(handle->data);
}

void db_pool_close(struct db_pool *pool, db_closed_fn closed, void *ctx)
{
	pool->is_closing = true;
	pool->closed = closed;
	pool->closed_ctx = ctx;
	pool->n_open = pool->n_slots + 2;
	pool->soon.data = pool;
	pool->tick.data = pool;
	for (size_t i = 0; i < pool->n_slots; i++)
		db_link_close(pool->slots[i].link, on_link_closed, pool);
	uv_close((uv_handle_t *)&pool->soon, on_handle_closed);
	uv_close((uv_handle_t *)&pool->tick, on_handle_closed);
}

struct db_link *db_pool_writer(struct db_pool *pool)
{
	return pool->slots[0].link;
}

void db_pool_lease(struct db_pool *pool, enum db_purpose purpose, db_lease_fn granted, void *ctx)
{
	struct lease *lease = g_new(struct lease, 1);

	assert(purpose != DB_WRITER);
	*lease = (struct lease){ .purpose = purpose,
		.deadline_ms = now_ms() + DB_LEASE_WAIT_MS,
		.granted = granted,
		.ctx = ctx };
	g_queue_push_tail(&pool->waiting, lease);
	if (pool->is_closing)
		return; /* answered when the last link has closed */
	uv_idle_start(&pool->soon, on_soon);
	uv_timer_start(&pool->tick, on_tick, TICK_MS, TICK_MS);
}

void db_pool_return(struct db_pool *pool, struct db_link *link)
{
	for (size_t i = 0; i < pool->n_slots; i++) {
		if (pool->slots[i].link == link)
			pool->slots[i].is_leased = false;
	}
	/* Somebody gave up in the middle: nobody else may find their transaction. */
	if (!pool->is_closing && db_link_state(link) == DB_IDLE && db_link_in_transaction(link))
		db_link_drop(link, "returned with an open transaction");
	if (!pool->is_closing && !g_queue_is_empty(&pool->waiting))
		uv_idle_start(&pool->soon, on_soon);
}
