#include "tests/sim/world.h"

#include <glib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/id.h"

struct event {
	uint64_t at_ms, order;
	world_fn fn;
	void *ctx;
};

struct world {
	uint64_t chance;
	uint64_t now_ms;
	uint64_t n_posted;
	GSequence *events; /* of struct event, next first */
	GPtrArray *links;  /* that are not over */
};

/* 2026-11-21 at the beginning of the world. */
static const int64_t epoch_ms = 1795219200000;

void world_reseed(struct world *world, uint64_t number)
{
	world->chance = number * 0x9E3779B97F4A7C15U + 0x1234567;
}

struct world *world_new(uint64_t seed)
{
	struct world *world = g_new0(struct world, 1);

	prac_id_restart(); /* ids of an earlier world must not show in this one */
	world_reseed(world, seed);
	world->events = g_sequence_new(g_free);
	world->links = g_ptr_array_new();
	return world;
}

/* splitmix64: any seed is a good one. */
uint64_t world_random(struct world *world)
{
	uint64_t z = world->chance += 0x9E3779B97F4A7C15U;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
	z = (z ^ z >> 27) * 0x94D049BB133111EBU;
	return z ^ z >> 31;
}

uint64_t world_below(struct world *world, uint64_t n)
{
	return n > 0 ? world_random(world) % n : 0;
}

bool world_chance(struct world *world, unsigned per_mille)
{
	return world_below(world, 1000) < per_mille;
}

uint64_t world_now_ms(const struct world *world)
{
	return world->now_ms;
}

static uint64_t monotonic_ms(void *ctx)
{
	return ((struct world_clock *)ctx)->world->now_ms;
}

static int64_t wall_ms(void *ctx)
{
	const struct world_clock *clock = ctx;

	return epoch_ms + (int64_t)clock->world->now_ms + clock->skew_ms;
}

static void fill_random(void *ctx, void *out, size_t len)
{
	uint8_t *bytes = out;

	for (size_t i = 0; i < len; i++) {
		bytes[i] = (uint8_t)world_random(((struct world_clock *)ctx)->world);
	}
}

struct prac_env world_env(struct world_clock *clock)
{
	return (struct prac_env){ monotonic_ms, wall_ms, fill_random, clock };
}

static int compare_events(const void *a, const void *b, void *ctx)
{
	const struct event *left = a;
	const struct event *right = b;

	(void)ctx;
	if (left->at_ms != right->at_ms) {
		return left->at_ms < right->at_ms ? -1 : 1;
	}
	return left->order < right->order ? -1 : 1;
}

void world_post(struct world *world, uint64_t delay_ms, world_fn fn, void *ctx)
{
	struct event *event = g_new0(struct event, 1);

	*event = (struct event){ world->now_ms + delay_ms, world->n_posted++, fn, ctx };
	g_sequence_insert_sorted(world->events, event, compare_events, NULL);
}

void world_forget(struct world *world, const void *ctx)
{
	GSequenceIter *next = g_sequence_get_begin_iter(world->events);

	while (!g_sequence_iter_is_end(next)) {
		GSequenceIter *this = next;

		next = g_sequence_iter_next(next);
		if (((struct event *)g_sequence_get(this))->ctx == ctx) {
			g_sequence_remove(this);
		}
	}
}

static const struct event *next_event(const struct world *world)
{
	GSequenceIter *first = g_sequence_get_begin_iter(world->events);

	return g_sequence_iter_is_end(first) ? NULL : g_sequence_get(first);
}

bool world_step(struct world *world)
{
	const struct event *next = next_event(world);
	struct event event;

	if (next == NULL) {
		return false;
	}
	event = *next;
	g_sequence_remove(g_sequence_get_begin_iter(world->events));
	world->now_ms = event.at_ms;
	event.fn(event.ctx);
	return true;
}

void world_run(struct world *world, uint64_t ms)
{
	uint64_t end_ms = world->now_ms + ms;
	const struct event *next;

	while ((next = next_event(world)) != NULL && next->at_ms <= end_ms) {
		(void)world_step(world);
	}
	world->now_ms = end_ms;
}

/* ---- links */

/* One direction; its ctx in the queue, so that each has at most one event under way. */
struct flow {
	struct world_link *link;
	enum world_end to;
	struct prac_buf bytes;
	bool is_moving; /* an event is posted */
	bool is_left;   /* nobody is there to receive */
	bool is_over;   /* the receiving end heard the cut */
};

struct world_link {
	struct world *world;
	struct world_weather weather;
	struct world_peer peers[2];
	struct flow flows[2]; /* by receiving end */
	bool is_cut;
};

static void free_link(struct world_link *link)
{
	for (size_t i = 0; i < 2; i++) {
		world_forget(link->world, &link->flows[i]);
		prac_buf_deinit(&link->flows[i].bytes);
	}
	g_free(link);
}

void world_free(struct world *world)
{
	for (unsigned i = 0; i < world->links->len; i++) {
		free_link(g_ptr_array_index(world->links, i));
	}
	g_ptr_array_free(world->links, TRUE);
	g_sequence_free(world->events);
	g_free(world);
}

struct world_link *world_link_new(
	struct world *world, const struct world_weather *weather, const struct world_peer peers[2])
{
	struct world_link *link = g_new0(struct world_link, 1);

	link->world = world;
	link->weather = *weather;
	for (size_t i = 0; i < 2; i++) {
		link->peers[i] = peers[i];
		link->flows[i].link = link;
		link->flows[i].to = (enum world_end)i;
	}
	g_ptr_array_add(world->links, link);
	return link;
}

static uint64_t delay(const struct world_link *link)
{
	const struct world_weather *weather = &link->weather;

	return weather->delay_min_ms +
	       world_below(link->world, weather->delay_max_ms - weather->delay_min_ms + 1);
}

static void tell_cut(void *ctx)
{
	struct flow *flow = ctx;
	struct world_link *link = flow->link;
	const struct world_peer *peer = &link->peers[flow->to];

	flow->is_over = true;
	peer->cut(peer->ctx);
	if (link->flows[0].is_over && link->flows[1].is_over) {
		g_ptr_array_remove(link->world->links, link);
		free_link(link);
	}
}

void world_link_cut(struct world_link *link)
{
	if (link->is_cut) {
		return;
	}
	link->is_cut = true;
	for (size_t i = 0; i < 2; i++) {
		world_forget(link->world, &link->flows[i]);
		world_post(link->world, delay(link), tell_cut, &link->flows[i]);
	}
}

static size_t piece_len(const struct world_link *link, size_t len)
{
	size_t max = link->weather.piece_max;

	if (max == 0 || len == 0) {
		return len;
	}
	return 1 + world_below(link->world, len < max ? len : max);
}

/* Who was left alone has heard all. */
static void end_if_left(struct world_link *link)
{
	if ((link->flows[0].is_left && !link->flows[1].is_moving) ||
		(link->flows[1].is_left && !link->flows[0].is_moving)) {
		world_link_cut(link);
	}
}

/* The receiver may send, or cut, while it receives. */
static void arrive(void *ctx)
{
	struct flow *flow = ctx;
	struct world_link *link = flow->link;
	const struct world_peer *peer = &link->peers[flow->to];
	size_t len = piece_len(link, prac_buf_len(&flow->bytes));
	bool breaks = world_chance(link->world, link->weather.cut_per_mille);
	uint8_t *piece = g_memdup2(prac_buf_bytes(&flow->bytes).data, len);

	prac_buf_consume(&flow->bytes, len);
	flow->is_moving = prac_buf_len(&flow->bytes) > 0;
	if (flow->is_moving) {
		world_post(link->world, delay(link), arrive, flow);
	}
	if (breaks) {
		len = world_below(link->world, len);
		world_link_cut(link);
	}
	if (len > 0) {
		peer->received(peer->ctx, (struct prac_bytes){ piece, len });
	}
	g_free(piece);
	end_if_left(link);
}

void world_link_leave(struct world_link *link, enum world_end end)
{
	struct flow *flow = &link->flows[end];

	world_forget(link->world, flow);
	prac_buf_consume(&flow->bytes, prac_buf_len(&flow->bytes));
	flow->is_moving = false;
	flow->is_left = true;
	end_if_left(link);
}

size_t world_link_under_way(const struct world_link *link, enum world_end to)
{
	return prac_buf_len(&link->flows[to].bytes);
}

void world_link_send(struct world_link *link, enum world_end from, struct prac_bytes bytes)
{
	struct flow *flow = &link->flows[from == WORLD_CLIENT ? WORLD_SERVER : WORLD_CLIENT];

	if (link->is_cut || flow->is_left || bytes.len == 0) {
		return;
	}
	prac_buf_append(&flow->bytes, bytes.data, bytes.len);
	if (!flow->is_moving) {
		flow->is_moving = true;
		world_post(link->world, delay(link), arrive, flow);
	}
}
