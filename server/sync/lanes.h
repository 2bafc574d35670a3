/*
 * What waits for the sequencer: a lane for each device and incarnation, emptied in turn, so that one
 * station's long backlog does not hold up the others.
 */
#pragma once

#include "server/sync/judge.h"

enum {
	/* Mutations of one device before the next one's turn: where many wait anyway, more. */
	LANES_SHARE = 32,
	LANES_SHARE_MANY = 64,
	LANES_MANY = 4
};

struct push;
struct sequencer_answer;
struct sequencer_push;

struct push_item {
	struct push *push;
	struct judge_input input;
};

/* Mutations that one request brought. Owned by the queue until taken whole, then by its taker. */
struct push {
	struct prac_arena arena; /* of all it holds, itself included */
	struct judge_device device;
	struct push_item *items;
	size_t n_items, n_taken;
	size_t n_bytes;
	struct prac_verdict *verdicts; /* n_items of them at the end */
	size_t n_verdicts;
	void (*done)(void *ctx, const struct sequencer_answer *answer);
	void *ctx;
	struct push *next; /* of the same lane */
};

struct lane {
	struct prac_id device;
	uint64_t incarnation;
	struct push *first, *last;
	struct lane *next; /* in a ring */
};

/* All zero is empty. */
struct lanes {
	struct lane *turn; /* whose turn it is; NULL: nothing waits */
	size_t n_lanes, n_items;
};

/* Reads what was pushed; status and ownership as sequencer_submit() says. */
enum prac_status push_new(const struct sequencer_push *from, struct push **push_out) PRAC_MUST_USE;
void push_free(struct push *push);

void lanes_add(struct lanes *lanes, struct push *push);

/* Of one batch; each of them is enough to end it. bytes: of mutations, and of one turn no more after them. */
struct lanes_limits {
	size_t turns, items, bytes;
};

/* Takes in fair order; items of one device stay in order. Returns how many. */
size_t lanes_take(
	struct lanes *lanes, struct push_item **items_out, const struct lanes_limits *limits);

/* The push is forgotten, whatever of it still waits; it belongs to the caller now. */
void lanes_remove(struct lanes *lanes, struct push *push);

bool lanes_is_empty(const struct lanes *lanes);
