/*
 * Judges a batch of mutations: pure C over what the store loaded. Same inputs, same outputs; the
 * simulator, the tests and the server run this very code.
 */
#pragma once

#include "common/rules/rights.h"
#include "server/sync/store.h"

struct judge_attested {
	int64_t starts_ms, ends_ms; /* by the device's clock; ends_ms is out */
};

struct judge_person {
	struct prac_person who;
	const struct judge_attested *attested; /* when the person was signed in on the device */
	size_t n_attested;
};

/* Everybody who ever signed in on the device, with all their rights, also those that are over. */
struct judge_people {
	struct judge_person *people;
	size_t n;
};

/* Who sends: from the device's certificate and the grants table, never from the message. */
struct judge_device {
	struct prac_id id;
	uint64_t incarnation;
	bool district;
	bool is_server; /* this program itself: what is refused was typed by nobody and is not kept */
	const struct prac_scope_grant *grants;
	size_t n_grants;
	/* Borrowed until the push is answered. NULL: nobody has to sign in, the device acts. */
	const struct judge_people *people;
	uint64_t acked_through; /* as the device says; stored with its counter */
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
	JUDGE_STORED,  /* verdict is part of the writes */
	JUDGE_REPLAY,  /* judged before, or by an earlier input of this batch: the same verdict */
	JUDGE_GAP,     /* counter beyond the next one, or behind a REWOUND one of the same device */
	JUDGE_REWOUND, /* another mutation was judged under this key: the replica is a copy */
	JUDGE_LOST     /* judged before, but the store does not have the verdict: a fault */
};

struct judge_result {
	enum judge_outcome outcome;
	struct prac_verdict verdict; /* JUDGE_STORED and JUDGE_REPLAY */
	uint64_t last_counter;       /* of the device after the batch */
};

/* One batch on its way; lives in the arena, which must outlive batch, facts and writes. */
struct judge;

struct judge *judge_new(
	const struct judge_batch *batch, struct prac_arena *arena) PRAC_RETURNS_NONNULL;

/*
 * What must be loaded first; *ask_out stays until judge_run(). before: the judged batch that will have
 * been committed by then, or NULL. What its records refer to is asked for at once, which mostly saves the
 * second trip; it may be gone afterwards.
 */
void judge_plan(struct judge *judge, const struct judge *before, struct store_ask *ask_out);

/*
 * Takes what was loaded; facts are not changed. True: *more_out is to be asked for and its answer
 * given here too before judge_run(): stored verdicts of replays, targets of conflicts, whose change one will be with, what became of
 * records that are not there. False: there is no need.
 */
bool judge_loaded(
	struct judge *judge, const struct store_facts *facts, struct store_more *more_out);
void judge_loaded_more(struct judge *judge, const struct store_facts *facts);

/*
 * results[batch->n_inputs]. Each judged mutation takes the next number behind the head in the order
 * of inputs. writes->n_judged may be 0 (only replays and gaps): then nothing is to be committed.
 */
void judge_run(struct judge *judge, struct judge_result *results, struct store_writes *writes_out);
