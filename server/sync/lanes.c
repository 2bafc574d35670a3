#include "server/sync/lanes.h"

#include <glib.h>
#include <string.h>

#include "server/sync/sequencer.h"

void push_free(struct push *push)
{
	struct prac_arena arena = push->arena; /* the push lies in it */

	prac_arena_deinit(&arena);
}

static void copy_device(struct push *push, const struct judge_device *device)
{
	size_t size = device->n_grants * sizeof(*device->grants);
	struct prac_scope_grant *grants = prac_arena_alloc(&push->arena, size + 1);

	if (size > 0) {
		memcpy(grants, device->grants, size);
	}
	push->device = *device;
	push->device.grants = grants;
}

static enum prac_status read_items(struct push *push, const struct prac_bytes *mutations, size_t n)
{
	push->items = prac_arena_room(&push->arena, n * sizeof(*push->items));
	push->verdicts = prac_arena_room(&push->arena, n * sizeof(*push->verdicts));
	push->n_items = n;
	for (size_t i = 0; i < n; i++) {
		struct push_item *item = &push->items[i];
		struct prac_bytes bytes = prac_arena_copy(&push->arena, mutations[i]);
		enum prac_status status = prac_mutation_read(bytes, &push->arena,
			&item->input.mutation, &item->input.reason, &item->input.problem);

		if (status != PRAC_OK) {
			return status;
		}
		item->push = push;
		item->input.device = &push->device;
		push->n_bytes += bytes.len;
	}
	return PRAC_OK;
}

enum prac_status push_new(const struct sequencer_push *from, struct push **push_out)
{
	struct prac_arena arena = { 0 };
	struct push *push = prac_arena_alloc(&arena, sizeof(*push));
	enum prac_status status;

	push->arena = arena;
	copy_device(push, from->device);
	push->done = from->done;
	push->ctx = from->ctx;
	status = read_items(push, from->mutations, from->n_mutations);
	if (status != PRAC_OK) {
		push_free(push);
		push = NULL;
	}
	*push_out = push;
	return status;
}

bool lanes_is_empty(const struct lanes *lanes)
{
	return lanes->turn == NULL;
}

static bool is_of(const struct lane *lane, const struct judge_device *device)
{
	return lane->incarnation == device->incarnation &&
	       prac_id_equal(&lane->device, &device->id);
}

static struct lane *find(const struct lanes *lanes, const struct judge_device *device)
{
	struct lane *lane = lanes->turn;

	if (lane == NULL) {
		return NULL;
	}
	do {
		if (is_of(lane, device)) {
			return lane;
		}
		lane = lane->next;
	} while (lane != lanes->turn);
	return NULL;
}

static struct lane *before(const struct lanes *lanes, const struct lane *lane)
{
	struct lane *previous = lanes->turn;

	while (previous->next != lane) {
		previous = previous->next;
	}
	return previous;
}

/* New lanes come last: behind everybody who waits. */
static struct lane *add_lane(struct lanes *lanes, const struct judge_device *device)
{
	struct lane *lane = g_new0(struct lane, 1);

	lane->device = device->id;
	lane->incarnation = device->incarnation;
	lanes->n_lanes++;
	if (lanes->turn == NULL) {
		lane->next = lane;
		lanes->turn = lane;
	} else {
		struct lane *last = before(lanes, lanes->turn);

		lane->next = lanes->turn;
		last->next = lane;
	}
	return lane;
}

static void remove_lane(struct lanes *lanes, struct lane *lane)
{
	struct lane *previous = before(lanes, lane);

	previous->next = lane->next;
	if (lanes->turn == lane) {
		lanes->turn = lane->next == lane ? NULL : lane->next;
	}
	lanes->n_lanes--;
	g_free(lane);
}

void lanes_add(struct lanes *lanes, struct push *push)
{
	struct lane *lane = find(lanes, &push->device);

	if (lane == NULL) {
		lane = add_lane(lanes, &push->device);
	}
	push->next = NULL;
	if (lane->first == NULL) {
		lane->first = push;
	} else {
		lane->last->next = push;
	}
	lane->last = push;
	lanes->n_items += push->n_items - push->n_taken;
}

void lanes_remove(struct lanes *lanes, struct push *push)
{
	struct lane *lane = find(lanes, &push->device);
	struct push **link = lane != NULL ? &lane->first : NULL;

	if (lane == NULL) {
		return;
	}
	lane->last = NULL;
	while (*link != NULL) {
		if (*link == push) {
			*link = push->next;
			lanes->n_items -= push->n_items - push->n_taken;
		} else {
			lane->last = *link;
			link = &(*link)->next;
		}
	}
	if (lane->first == NULL) {
		remove_lane(lanes, lane);
	}
}

/* A batch being filled. */
struct taking {
	struct push_item **items;
	const struct lanes_limits *limits;
	size_t n, n_bytes;
};

static bool is_full(const struct taking *taking)
{
	return taking->n == taking->limits->items || taking->n_bytes >= taking->limits->bytes;
}

/*
 * A batch costs PostgreSQL 2 to 3 ms before its first mutation. Beside a few others a longer turn of theirs would
 * hold up whoever comes with little; where many wait anyway, all of them gain.
 */
static size_t share_of(const struct lanes *lanes, const struct lanes_limits *limits)
{
	size_t even = limits->items / lanes->n_lanes;

	if (lanes->n_lanes < LANES_MANY || even <= LANES_SHARE) {
		return LANES_SHARE;
	}
	return even < LANES_SHARE_MANY ? even : LANES_SHARE_MANY;
}

static void take_share(struct lane *lane, size_t share, struct taking *taking)
{
	size_t n = 0;

	while (lane->first != NULL && n < share && !is_full(taking)) {
		struct push *push = lane->first;
		struct push_item *item = &push->items[push->n_taken++];

		taking->items[taking->n++] = item;
		taking->n_bytes += item->input.mutation.bytes.len;
		n++;
		if (push->n_taken == push->n_items) {
			lane->first = push->next;
		}
	}
}

size_t lanes_take(
	struct lanes *lanes, struct push_item **items_out, const struct lanes_limits *limits)
{
	struct taking taking = { .items = items_out, .limits = limits };
	size_t share = lanes_is_empty(lanes) ? 0 : share_of(lanes, limits);

	for (size_t i = 0; i < limits->turns && lanes->turn != NULL && !is_full(&taking); i++) {
		struct lane *lane = lanes->turn;

		take_share(lane, share, &taking);
		lanes->turn = lane->next;
		if (lane->first == NULL) {
			remove_lane(lanes, lane);
		}
	}
	lanes->n_items -= taking.n;
	return taking.n;
}
