/*
 * The sequencer: takes what stations push, batch after batch, has it judged and committed, and
 * answers. It alone writes synced records; the order in which it commits is the order of all change
 * (SYNC 3.4).
 *
 * No loop and no clock of its own: the store's callbacks drive it, sequencer_tick() its waiting.
 */
#pragma once

#include "common/base/env.h"
#include "server/sync/judge.h"

enum {
	SEQUENCER_BATCH_MAX = 1024,
	SEQUENCER_BATCH_BYTES = 1 << 20,
	/* Of a station that is alone. When another has pushed lately, each that waits has one turn in a
	 * batch, and nothing of a single one is judged ahead: a change waits for the batch under way. */
	SEQUENCER_BATCH_ALONE = 256,
	SEQUENCER_LATELY = 32, /* batches */
	SEQUENCER_AHEAD_MIN = 64,
	SEQUENCER_AHEAD_ALWAYS = 1,
	/* Beyond these a push is not taken; the connection is to stop reading. */
	SEQUENCER_WAITING_MAX = 4096,
	SEQUENCER_WAITING_BYTES = 32 << 20
};

struct sequencer;

/* Lives until the callback returns. */
struct sequencer_answer {
	/*
	 * PRAC_OK: every mutation has its verdict. PRAC_ABORTED: reason is GAP or REWOUND.
	 * PRAC_UNAVAILABLE: not judged. PRAC_UNKNOWN: perhaps judged. PRAC_INTERNAL: the server
	 * cannot even keep the input.
	 */
	enum prac_status status;
	const char *reason; /* for programs; empty when there is none */
	/* Of the mutations from the first on; fewer than were pushed unless PRAC_OK. */
	const struct prac_verdict *verdicts;
	size_t n_verdicts;
	uint64_t last_counter; /* of the device; 0 unless PRAC_OK or PRAC_ABORTED */
	uint64_t head;
};

typedef void (*sequencer_done_fn)(void *ctx, const struct sequencer_answer *answer);

struct sequencer_config {
	struct store *store;
	const struct prac_env *env;
	struct prac_zone *zone; /* of the district, whose date is today; NULL: UTC */
	/* After each commit, when its pushes were answered. */
	void (*committed)(void *ctx, const struct notice *notice);
	void *ctx;
	/*
	 * When so many mutations wait while a batch is committed, they are loaded behind its writes
	 * and judged while its COMMIT is under way. Fewer are left to gather: two small batches would
	 * cost two commits. 0: SEQUENCER_AHEAD_MIN; SEQUENCER_AHEAD_ALWAYS: also those of a single
	 * station beside others.
	 */
	size_t ahead_min;
};

struct sequencer *sequencer_new(const struct sequencer_config *config);

/* Only when it is idle; may be NULL. */
void sequencer_free(struct sequencer *sequencer);

struct sequencer_push {
	const struct judge_device *device;  /* copied, with its grants */
	const struct prac_bytes *mutations; /* copied; of one device in counter order */
	size_t n_mutations;
	sequencer_done_fn done; /* exactly once, never before sequencer_submit() has returned */
	void *ctx;
};

/*
 * PRAC_OK: taken, done will be called. Otherwise it will not be: PRAC_INVALID_ARGUMENT (nothing in
 * it, or not readable), PRAC_RESOURCE_EXHAUSTED (too much waits), PRAC_UNAVAILABLE (stopping).
 */
enum prac_status sequencer_submit(
	struct sequencer *sequencer, const struct sequencer_push *from) PRAC_MUST_USE;

/* Call at least every 50 ms while it is not idle: retries are due. At rest it gives memory back. */
void sequencer_tick(struct sequencer *sequencer, uint64_t now_ms);

/*
 * Nothing more is taken. The batch under way comes to its end, without retry; then, or now when there
 * is none, all that waits is answered PRAC_UNAVAILABLE.
 */
void sequencer_stop(struct sequencer *sequencer);

/* Nothing waits and nothing is under way. */
bool sequencer_is_idle(const struct sequencer *sequencer);

/* Mutations waiting or under way. */
size_t sequencer_waiting(const struct sequencer *sequencer);

/* Bytes held of the batches under way and of the last ones. */
size_t sequencer_memory(const struct sequencer *sequencer);
