/*
 * Judges a batch of mutations: pure C over what the store loaded. Same inputs, same outputs; the
 * simulator, the tests and the server run this very code.
 */
#pragma once

#include "server/sync/store.h"

/* Who sends: from the device's certificate and the grants table, never from the message. */
struct judge_device {
	struct prac_id id;
	uint64_t incarnation;
	bool district;
	const struct prac_scope_grant *grants;
	size_t n_grants;
};

/* One mutation in the order it is to be judged. */
struct judge_input {
	const struct judge_device *device;
	struct prac_mutation mutation;
	enum prac_reason reason; /* of prac_mutation_read(); not NONE: refused already */
	struct prac_problem problem;
};

struct judge_batch {
	struct judge_input *inputs; /* of one device in counter order */
	size_t n_inputs;
	int64_t now_ms;
	int32_t today;
};

enum judge_outcome {
	JUDGE_STORED, /* verdict is part of the writes */
	JUDGE_REPLAY, /* counter was judged before: look the stored verdict up */
	JUDGE_GAP     /* counter beyond the next one: answer ABORTED with last_counter */
};

struct judge_result {
	enum judge_outcome outcome;
	struct prac_verdict verdict; /* JUDGE_STORED */
	uint64_t last_counter;       /* of the device after the batch */
};

/* What must be loaded before the batch can be judged. */
void judge_plan(
	const struct judge_batch *batch, struct prac_arena *arena, struct store_ask *ask_out);

/* results[batch->n_inputs]. writes may be empty (only replays and gaps): then nothing is committed. */
void judge_run(const struct judge_batch *batch, const struct store_facts *facts,
	struct prac_arena *arena, struct judge_result *results, struct store_writes *writes_out);
