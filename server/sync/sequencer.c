#include "server/sync/sequencer.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "server/sync/lanes.h"

enum {
	RETRY_FIRST_MS = 50,
	RETRY_LAST_MS = 5000,
	MS_PER_DAY = 24 * 60 * 60 * 1000
};

enum sequencer_state {
	SEQUENCER_IDLE,
	SEQUENCER_LOADING,      /* begin, perhaps more */
	SEQUENCER_COMMITTING,   /* the outcome is open */
	SEQUENCER_ROLLING_BACK, /* nothing to keep, or nothing that can be kept */
	SEQUENCER_WAITING,      /* for the time to try again */
	SEQUENCER_ANSWERING
};

struct sequencer {
	struct sequencer_config config;
	enum sequencer_state state;
	bool is_stopping;
	struct lanes lanes;
	size_t n_waiting, n_bytes;
	/* Taken and not settled; the batch is the first n_batch of them. NULL: its push was answered
	 * while the batch was being settled. */
	struct push_item *hand[SEQUENCER_BATCH_MAX];
	size_t n_hand, n_batch;
	struct judge_input inputs[SEQUENCER_BATCH_MAX];
	struct judge_result results[SEQUENCER_BATCH_MAX];
	struct judge_batch batch;
	struct judge *judge;
	struct store_ask ask;
	struct store_more more;
	struct store_writes writes;
	struct prac_arena arena; /* of the batch */
	unsigned n_tries;
	enum prac_status failure; /* why the last try failed */
	uint64_t due_ms;          /* WAITING */
	uint64_t head;
};

static void start_batch(struct sequencer *sequencer);
static void try_batch(struct sequencer *sequencer);

struct sequencer *sequencer_new(const struct sequencer_config *config)
{
	struct sequencer *sequencer = g_new0(struct sequencer, 1);

	sequencer->config = *config;
	return sequencer;
}

void sequencer_free(struct sequencer *sequencer)
{
	if (sequencer == NULL) {
		return;
	}
	assert(sequencer_is_idle(sequencer));
	prac_arena_deinit(&sequencer->arena);
	g_free(sequencer);
}

bool sequencer_is_idle(const struct sequencer *sequencer)
{
	return sequencer->state == SEQUENCER_IDLE && lanes_is_empty(&sequencer->lanes);
}

size_t sequencer_waiting(const struct sequencer *sequencer)
{
	return sequencer->n_waiting;
}

/* ---- pushes */

static void free_push(struct push *push)
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
	push->items = prac_arena_alloc(&push->arena, n * sizeof(*push->items));
	push->verdicts = prac_arena_alloc(&push->arena, n * sizeof(*push->verdicts));
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

static struct push *new_push(const struct sequencer_push *from)
{
	struct prac_arena arena = { 0 };
	struct push *push = prac_arena_alloc(&arena, sizeof(*push));

	push->arena = arena;
	copy_device(push, from->device);
	push->done = from->done;
	push->ctx = from->ctx;
	return push;
}

enum prac_status sequencer_submit(struct sequencer *sequencer, const struct sequencer_push *from)
{
	struct push *push;
	enum prac_status status;

	if (sequencer->is_stopping) {
		return PRAC_UNAVAILABLE;
	}
	if (from->n_mutations == 0) {
		return PRAC_INVALID_ARGUMENT;
	}
	if (sequencer->n_waiting + from->n_mutations > SEQUENCER_WAITING_MAX ||
		sequencer->n_bytes > SEQUENCER_WAITING_BYTES) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	push = new_push(from);
	status = read_items(push, from->mutations, from->n_mutations);
	if (status != PRAC_OK) {
		free_push(push);
		return status;
	}
	sequencer->n_waiting += push->n_items;
	sequencer->n_bytes += push->n_bytes;
	lanes_add(&sequencer->lanes, push);
	start_batch(sequencer);
	return PRAC_OK;
}

/* The last that is heard of a push. */
static void answer(struct sequencer *sequencer, struct push *push, enum prac_status status,
	const char *reason, uint64_t last_counter)
{
	const struct sequencer_answer answer = { .status = status,
		.reason = reason,
		.verdicts = push->verdicts,
		.n_verdicts = push->n_verdicts,
		.last_counter = last_counter,
		.head = sequencer->head };

	if (push->n_taken < push->n_items) {
		lanes_remove(&sequencer->lanes, push);
	}
	for (size_t i = 0; i < sequencer->n_hand; i++) {
		if (sequencer->hand[i] != NULL && sequencer->hand[i]->push == push) {
			sequencer->hand[i] = NULL;
		}
	}
	sequencer->n_waiting -= push->n_items;
	sequencer->n_bytes -= push->n_bytes;
	push->done(push->ctx, &answer);
	free_push(push);
}

static void drop_answered(struct sequencer *sequencer)
{
	size_t n = 0;

	for (size_t i = 0; i < sequencer->n_hand; i++) {
		if (sequencer->hand[i] != NULL) {
			sequencer->hand[n++] = sequencer->hand[i];
		}
	}
	sequencer->n_hand = n;
}

static void answer_all(struct sequencer *sequencer, enum prac_status status)
{
	for (size_t i = 0; i < sequencer->n_hand; i++) {
		if (sequencer->hand[i] != NULL) {
			answer(sequencer, sequencer->hand[i]->push, status, "", 0);
		}
	}
	sequencer->n_hand = 0;
	while (!lanes_is_empty(&sequencer->lanes)) {
		answer(sequencer, sequencer->lanes.turn->first, PRAC_UNAVAILABLE, "", 0);
	}
}

/* ---- the end of a batch */

static void settle_one(
	struct sequencer *sequencer, struct push *push, const struct judge_result *result)
{
	struct prac_verdict *verdict;

	switch (result->outcome) {
	case JUDGE_STORED:
	case JUDGE_REPLAY:
		verdict = &push->verdicts[push->n_verdicts++];
		*verdict = result->verdict;
		verdict->text = prac_arena_copy(&push->arena, verdict->text);
		if (push->n_verdicts == push->n_items) {
			answer(sequencer, push, PRAC_OK, "", result->last_counter);
		}
		break;
	case JUDGE_GAP:
		answer(sequencer, push, PRAC_ABORTED, "GAP", result->last_counter);
		break;
	case JUDGE_REWOUND:
		answer(sequencer, push, PRAC_ABORTED, "REWOUND", result->last_counter);
		break;
	case JUDGE_LOST:
		prac_log(PRAC_LOG_ERROR, "sequencer.verdict_lost", "last_counter=%llu",
			(unsigned long long)result->last_counter);
		answer(sequencer, push, PRAC_INTERNAL, "VERDICT_LOST", 0);
		break;
	}
}

static int compare_ids(const void *a, const void *b)
{
	return prac_id_compare(a, b);
}

/* Each scope in which something changed, once. */
static size_t changed_scopes(struct sequencer *sequencer, struct prac_id **scopes_out)
{
	const struct store_writes *writes = &sequencer->writes;
	size_t n = writes->n_feed + writes->n_fan_outs;
	struct prac_id *scopes = prac_arena_alloc(&sequencer->arena, (n + 1) * sizeof(*scopes));
	size_t n_unique = 0;

	for (size_t i = 0; i < n; i++) {
		scopes[i] = i < writes->n_feed ? writes->feed[i].scope
					       : writes->fan_outs[i - writes->n_feed].scope;
	}
	qsort(scopes, n, sizeof(*scopes), compare_ids);
	for (size_t i = 0; i < n; i++) {
		if (n_unique == 0 || !prac_id_equal(&scopes[i], &scopes[n_unique - 1])) {
			scopes[n_unique++] = scopes[i];
		}
	}
	*scopes_out = scopes;
	return n_unique;
}

static void announce(struct sequencer *sequencer)
{
	struct prac_id *scopes;
	size_t n = changed_scopes(sequencer, &scopes);

	if (n > 0 && sequencer->config.committed != NULL) {
		sequencer->config.committed(
			sequencer->config.ctx, scopes, n, sequencer->writes.head);
	}
}

static void settle(struct sequencer *sequencer, bool has_changes)
{
	sequencer->state = SEQUENCER_ANSWERING;
	sequencer->n_tries = 0;
	if (has_changes) {
		sequencer->head = sequencer->writes.head;
	}
	for (size_t i = 0; i < sequencer->n_batch; i++) {
		struct push_item *item = sequencer->hand[i];

		if (item != NULL) {
			sequencer->hand[i] = NULL;
			settle_one(sequencer, item->push, &sequencer->results[i]);
		}
	}
	drop_answered(sequencer);
	if (has_changes) {
		announce(sequencer);
	}
	if (sequencer->is_stopping) {
		answer_all(sequencer, PRAC_UNAVAILABLE);
	}
	sequencer->state = SEQUENCER_IDLE;
	start_batch(sequencer);
}

/* ---- failures */

static void wait_and_retry(struct sequencer *sequencer)
{
	const struct prac_env *env = sequencer->config.env;
	unsigned doublings = sequencer->n_tries < 7 ? sequencer->n_tries : 7;
	uint64_t longest_ms = (uint64_t)RETRY_FIRST_MS << doublings;

	if (longest_ms > RETRY_LAST_MS) {
		longest_ms = RETRY_LAST_MS;
	}
	sequencer->n_tries++;
	sequencer->state = SEQUENCER_WAITING;
	sequencer->due_ms = env->monotonic_ms(env->ctx) + longest_ms / 2 +
			    prac_env_random64(env) % (longest_ms / 2 + 1);
	prac_log(PRAC_LOG_WARNING, "sequencer.retry", "status=%s tries=%u mutations=%zu",
		prac_status_name(sequencer->failure), sequencer->n_tries, sequencer->n_batch);
}

/* Something in the batch cannot be stored: the half without it can. */
static void bisect(struct sequencer *sequencer)
{
	struct push_item *item = sequencer->hand[0];
	const struct prac_mutation *mutation = &item->input.mutation;

	if (sequencer->n_batch > 1) {
		sequencer->n_batch /= 2;
		try_batch(sequencer);
		return;
	}
	prac_log(PRAC_LOG_ERROR, "sequencer.poison", "type=%u counter=%llu",
		(unsigned)mutation->type_number, (unsigned long long)mutation->counter);
	if (item->input.reason != PRAC_REASON_INTERNAL) {
		item->input.reason = PRAC_REASON_INTERNAL;
		memset(&item->input.problem, 0, sizeof(item->input.problem));
		try_batch(sequencer);
		return;
	}
	/* Not even its bytes can be kept: the device must. */
	sequencer->state = SEQUENCER_ANSWERING;
	answer(sequencer, item->push, PRAC_INTERNAL, "POISON", 0);
	drop_answered(sequencer);
	sequencer->state = SEQUENCER_IDLE;
	start_batch(sequencer);
}

/* The transaction is over and nothing of it holds, as far as is known. */
static void try_failed(struct sequencer *sequencer)
{
	if (sequencer->failure == PRAC_INVALID_ARGUMENT) {
		bisect(sequencer);
	} else if (sequencer->is_stopping) {
		sequencer->state = SEQUENCER_ANSWERING;
		answer_all(sequencer,
			sequencer->failure == PRAC_UNKNOWN ? PRAC_UNKNOWN : PRAC_UNAVAILABLE);
		sequencer->state = SEQUENCER_IDLE;
	} else if (sequencer->failure == PRAC_UNKNOWN && sequencer->n_tries == 0) {
		/* The keys make a replay of whatever was committed. */
		sequencer->n_tries++;
		try_batch(sequencer);
	} else {
		wait_and_retry(sequencer);
	}
}

/* ---- one try */

static void on_committed(void *ctx, enum prac_status status)
{
	struct sequencer *sequencer = ctx;

	if (status == PRAC_OK) {
		settle(sequencer, true);
	} else {
		sequencer->failure = status;
		try_failed(sequencer);
	}
}

static void on_rolled_back(void *ctx, enum prac_status status)
{
	struct sequencer *sequencer = ctx;

	(void)status; /* a transaction that cannot be rolled back is gone with its connection */
	if (sequencer->failure == PRAC_OK) {
		settle(sequencer, false);
	} else {
		try_failed(sequencer);
	}
}

static void roll_back(struct sequencer *sequencer, enum prac_status failure)
{
	struct store *store = sequencer->config.store;

	sequencer->failure = failure;
	sequencer->state = SEQUENCER_ROLLING_BACK;
	store->ops->rollback(store, on_rolled_back, sequencer);
}

static void judge_batch(struct sequencer *sequencer)
{
	struct store *store = sequencer->config.store;

	judge_run(sequencer->judge, sequencer->results, &sequencer->writes);
	if (sequencer->writes.n_judged == 0) {
		roll_back(sequencer, PRAC_OK);
		return;
	}
	sequencer->state = SEQUENCER_COMMITTING;
	store->ops->commit(store, &sequencer->writes, &sequencer->arena, on_committed, sequencer);
}

static void on_more(void *ctx, enum prac_status status, const struct store_facts *facts)
{
	struct sequencer *sequencer = ctx;

	if (status != PRAC_OK) {
		roll_back(sequencer, status);
		return;
	}
	judge_loaded_more(sequencer->judge, facts);
	judge_batch(sequencer);
}

static void on_loaded(void *ctx, enum prac_status status, const struct store_facts *facts)
{
	struct sequencer *sequencer = ctx;
	struct store *store = sequencer->config.store;

	if (status != PRAC_OK) {
		sequencer->failure = status;
		try_failed(sequencer);
		return;
	}
	sequencer->head = facts->head;
	if (judge_loaded(sequencer->judge, facts, &sequencer->more)) {
		store->ops->more(store, &sequencer->more, &sequencer->arena, on_more, sequencer);
	} else {
		judge_batch(sequencer);
	}
}

static void try_batch(struct sequencer *sequencer)
{
	struct store *store = sequencer->config.store;
	const struct prac_env *env = sequencer->config.env;
	struct judge_batch *batch = &sequencer->batch;

	prac_arena_reset(&sequencer->arena);
	for (size_t i = 0; i < sequencer->n_batch; i++) {
		sequencer->inputs[i] = sequencer->hand[i]->input;
	}
	batch->inputs = sequencer->inputs;
	batch->n_inputs = sequencer->n_batch;
	batch->now_ms = env->wall_ms(env->ctx);
	batch->today = (int32_t)(batch->now_ms / MS_PER_DAY);
	sequencer->judge = judge_new(batch, &sequencer->arena);
	judge_plan(sequencer->judge, &sequencer->ask);
	sequencer->state = SEQUENCER_LOADING;
	store->ops->begin(store, &sequencer->ask, &sequencer->arena, on_loaded, sequencer);
}

/* What is left in hand of a batch that was cut in two comes before what waits. */
static void start_batch(struct sequencer *sequencer)
{
	if (sequencer->state != SEQUENCER_IDLE) {
		return;
	}
	if (sequencer->n_hand == 0) {
		sequencer->n_hand = lanes_take(&sequencer->lanes, sequencer->hand,
			SEQUENCER_BATCH_MAX, SEQUENCER_BATCH_BYTES);
	}
	sequencer->n_batch = sequencer->n_hand;
	if (sequencer->n_batch > 0) {
		try_batch(sequencer);
	}
}

void sequencer_tick(struct sequencer *sequencer, uint64_t now_ms)
{
	if (sequencer->state == SEQUENCER_WAITING && now_ms >= sequencer->due_ms) {
		try_batch(sequencer);
	}
}

void sequencer_stop(struct sequencer *sequencer)
{
	sequencer->is_stopping = true;
	if (sequencer->state == SEQUENCER_WAITING) {
		try_failed(sequencer);
	} else if (sequencer->state == SEQUENCER_IDLE) {
		answer_all(sequencer, PRAC_UNAVAILABLE);
	}
}
