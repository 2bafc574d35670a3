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
	GArray *events;   /* of struct event; a heap: none comes before the one at half its place */
	GPtrArray *links; /* that are not over */
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
	world->events = g_array_new(FALSE, FALSE, sizeof(struct event));
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

static struct event *event_at(const struct world *world, size_t i)
{
	return &g_array_index(world->events, struct event, i);
}

static bool is_before(const struct event *a, const struct event *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void move_up(struct world *world, size_t i)
{
	const struct event moved = *event_at(world, i);

	while (i > 0 && is_before(&moved, event_at(world, (i - 1) / 2))) {
		*event_at(world, i) = *event_at(world, (i - 1) / 2);
		i = (i - 1) / 2;
	}
	*event_at(world, i) = moved;
}

static void move_down(struct world *world, size_t i)
{
	const struct event moved = *event_at(world, i);
	size_t n = world->events->len;

	for (size_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
		if (child + 1 < n &&
			is_before(event_at(world, child + 1), event_at(world, child))) {
			child++;
		}
		if (!is_before(event_at(world, child), &moved)) {
			break;
		}
		*event_at(world, i) = *event_at(world, child);
		i = child;
	}
	*event_at(world, i) = moved;
}

void world_post(struct world *world, uint64_t delay_ms, world_fn fn, void *ctx)
{
	const struct event event = { world->now_ms + delay_ms, world->n_posted++, fn, ctx };

	g_array_append_val(world->events, event);
	move_up(world, world->events->len - 1);
}

void world_forget(struct world *world, const void *ctx)
{
	unsigned n_kept = 0;

	for (unsigned i = 0; i < world->events->len; i++) {
		if (event_at(world, i)->ctx != ctx) {
			*event_at(world, n_kept++) = *event_at(world, i);
		}
	}
	g_array_set_size(world->events, n_kept);
	for (size_t i = n_kept / 2; i > 0; i--) {
		move_down(world, i - 1);
	}
}

static const struct event *next_event(const struct world *world)
{
	return world->events->len > 0 ? event_at(world, 0) : NULL;
}

static struct event take_event(struct world *world)
{
	struct event event = *event_at(world, 0);

	/* The last takes its place and sinks to its own. */
	g_array_remove_index_fast(world->events, 0);
	if (world->events->len > 0) {
		move_down(world, 0);
	}
	return event;
}

bool world_step(struct world *world)
{
	struct event event;

	if (next_event(world) == NULL) {
		return false;
	}
	event = take_event(world);
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
	g_array_free(world->events, TRUE);
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
