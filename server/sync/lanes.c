#include "server/sync/lanes.h"

#include <glib.h>
#include <string.h>

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
	size_t n, max_items;
	size_t n_bytes, max_bytes;
};

static bool is_full(const struct taking *taking)
{
	return taking->n == taking->max_items || taking->n_bytes >= taking->max_bytes;
}

static void take_share(struct lane *lane, struct taking *taking)
{
	size_t n = 0;

	while (lane->first != NULL && n < LANES_SHARE && !is_full(taking)) {
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
	struct lanes *lanes, struct push_item **items_out, size_t max_items, size_t max_bytes)
{
	struct taking taking = {
		.items = items_out, .max_items = max_items, .max_bytes = max_bytes
	};

	while (lanes->turn != NULL && !is_full(&taking)) {
		struct lane *lane = lanes->turn;

		take_share(lane, &taking);
		lanes->turn = lane->next;
		if (lane->first == NULL) {
			remove_lane(lanes, lane);
		}
	}
	return taking.n;
}
