#include "server/sync/sequencer.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/failpoint.h"
#include "common/base/log.h"
#include "server/sync/batch_try.h"

enum {
	RETRY_FIRST_MS = 50,
	RETRY_LAST_MS = 5000,
	/* Batches without one ahead after another server's commit came between. */
	QUIET_BATCHES = 32,
	/* The present, the one ahead, and the one being answered. */
	N_TRIES = 3
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
	struct prac_id last_device; /* that pushed */
	unsigned n_shared;          /* batches to come in which no station counts as alone */
	/* Taken and not settled, in the order to be judged; the batch is the first n_batch of them,
	 * the one ahead the n_ahead behind it. NULL: its push was answered while the batch was being
	 * settled. */
	struct push_item *hand[2 * SEQUENCER_BATCH_MAX];
	size_t n_hand, n_batch, n_ahead;
	struct push_item *settling[SEQUENCER_BATCH_MAX];
	size_t n_settling;
	struct batch_try tries[N_TRIES], *now, *ahead, *settled;
	unsigned n_quiet; /* batches to come that have none ahead */
	unsigned n_tries;
	enum prac_status failure; /* why the last try failed */
	uint64_t due_ms;          /* WAITING */
	uint64_t head;
};

static void start_batch(struct sequencer *sequencer);
static void try_batch(struct sequencer *sequencer);
static void commit_batch(struct sequencer *sequencer);

struct sequencer *sequencer_new(const struct sequencer_config *config)
{
	struct sequencer *sequencer = g_new0(struct sequencer, 1);

	sequencer->config = *config;
	if (config->ahead_min == 0) {
		sequencer->config.ahead_min = SEQUENCER_AHEAD_MIN;
	}
	sequencer->now = &sequencer->tries[0];
	sequencer->ahead = &sequencer->tries[1];
	sequencer->settled = &sequencer->tries[2];
	return sequencer;
}

void sequencer_free(struct sequencer *sequencer)
{
	if (sequencer == NULL) {
		return;
	}
	assert(sequencer_is_idle(sequencer));
	for (size_t i = 0; i < N_TRIES; i++) {
		prac_arena_deinit(&sequencer->tries[i].arena);
	}
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

size_t sequencer_memory(const struct sequencer *sequencer)
{
	size_t n = 0;

	for (size_t i = 0; i < N_TRIES; i++) {
		n += sequencer->tries[i].arena.used;
	}
	return n;
}

/* ---- pushes */

static void note_company(struct sequencer *sequencer, const struct prac_id *device)
{
	if (!prac_id_equal(&sequencer->last_device, device)) {
		sequencer->n_shared =
			prac_id_is_nil(&sequencer->last_device) ? 0 : SEQUENCER_LATELY;
		sequencer->last_device = *device;
	}
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
	status = push_new(from, &push);
	if (status != PRAC_OK) {
		return status;
	}
	sequencer->n_waiting += push->n_items;
	sequencer->n_bytes += push->n_bytes;
	note_company(sequencer, &push->device.id);
	lanes_add(&sequencer->lanes, push);
	start_batch(sequencer);
	return PRAC_OK;
}

/* What is left of a push that is answered before all of it was judged. */
static void forget_items(struct push_item **items, size_t n_items, const struct push *push)
{
	for (size_t i = 0; i < n_items; i++) {
		if (items[i] != NULL && items[i]->push == push) {
			items[i] = NULL;
		}
	}
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
	if (push->n_verdicts < push->n_items) {
		forget_items(sequencer->hand, sequencer->n_hand, push);
		forget_items(sequencer->settling, sequencer->n_settling, push);
	}
	sequencer->n_waiting -= push->n_items;
	sequencer->n_bytes -= push->n_bytes;
	push->done(push->ctx, &answer);
	push_free(push);
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

static void announce(struct sequencer *sequencer)
{
	if (sequencer->config.committed != NULL) {
		sequencer->config.committed(
			sequencer->config.ctx, &sequencer->settled->commit.notice);
	}
}

/* The batch leaves the hand; the one ahead, if there is one, becomes the present one. */
static void take_out(struct sequencer *sequencer)
{
	struct batch_try *free = sequencer->settled;

	sequencer->n_settling = sequencer->n_batch;
	memcpy(sequencer->settling, sequencer->hand,
		sequencer->n_batch * sizeof(struct push_item *));
	sequencer->n_hand -= sequencer->n_batch;
	memmove(sequencer->hand, sequencer->hand + sequencer->n_batch,
		sequencer->n_hand * sizeof(struct push_item *));
	sequencer->n_batch = sequencer->n_ahead;
	sequencer->n_ahead = 0;
	sequencer->settled = sequencer->now;
	sequencer->now = sequencer->ahead;
	sequencer->ahead = free;
}

static void answer_settled(struct sequencer *sequencer, bool has_changes)
{
	for (size_t i = 0; i < sequencer->n_settling; i++) {
		struct push_item *item = sequencer->settling[i];

		if (item != NULL) {
			sequencer->settling[i] = NULL;
			settle_one(sequencer, item->push, &sequencer->settled->results[i]);
		}
	}
	sequencer->n_settling = 0;
	if (has_changes) {
		announce(sequencer);
	}
}

static void settle(struct sequencer *sequencer, bool has_changes)
{
	bool goes_on;

	take_out(sequencer);
	goes_on = sequencer->n_batch > 0 && sequencer->now->is_judged && !sequencer->is_stopping;
	sequencer->n_tries = 0;
	sequencer->state = SEQUENCER_ANSWERING;
	if (has_changes) {
		sequencer->head = sequencer->settled->writes.head;
	}
	if (goes_on) {
		/* The database first: it works while the answers are written. */
		commit_batch(sequencer);
	}
	answer_settled(sequencer, has_changes);
	if (goes_on) {
		return;
	}
	drop_answered(sequencer);
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

	PRAC_SOMETIMES(BISECTED);
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
		PRAC_SOMETIMES(OUTCOME_UNKNOWN);
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
		return;
	}
	/* What was judged ahead stands on what did not happen; it stays in hand. */
	sequencer->n_ahead = 0;
	if (status == PRAC_ABORTED && sequencer->now->commit.opens) {
		PRAC_SOMETIMES(HEAD_MOVED);
		sequencer->n_quiet = QUIET_BATCHES;
		try_batch(sequencer);
		return;
	}
	sequencer->failure = status;
	try_failed(sequencer);
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
	batch_try_judge(sequencer->now);
	if (sequencer->now->writes.n_judged == 0) {
		roll_back(sequencer, PRAC_OK);
	} else {
		commit_batch(sequencer);
	}
}

static void on_more(void *ctx, enum prac_status status, const struct store_facts *facts)
{
	struct sequencer *sequencer = ctx;

	if (status != PRAC_OK) {
		roll_back(sequencer, status);
		return;
	}
	judge_loaded_more(sequencer->now->judge, facts);
	judge_batch(sequencer);
}

static void on_loaded(void *ctx, enum prac_status status, const struct store_facts *facts)
{
	struct sequencer *sequencer = ctx;
	struct batch_try *now = sequencer->now;
	struct store *store = sequencer->config.store;

	if (status != PRAC_OK) {
		sequencer->failure = status;
		try_failed(sequencer);
		return;
	}
	sequencer->head = facts->head;
	if (judge_loaded(now->judge, facts, &now->more)) {
		store->ops->more(store, &now->more, &now->arena, on_more, sequencer);
	} else {
		judge_batch(sequencer);
	}
}

static void try_batch(struct sequencer *sequencer)
{
	struct store *store = sequencer->config.store;
	struct batch_try *now = sequencer->now;

	batch_try_plan(now, &sequencer->config, NULL, sequencer->hand, sequencer->n_batch);
	sequencer->state = SEQUENCER_LOADING;
	store->ops->begin(store, &now->ask, &now->arena, on_loaded, sequencer);
}

/* ---- the batch ahead */

/* The present one is being committed: judged by the time the outcome is there, or left for later. */
static void on_ahead(void *ctx, enum prac_status status, const struct store_facts *facts)
{
	struct sequencer *sequencer = ctx;
	struct batch_try *ahead = sequencer->ahead;
	struct store *store = sequencer->config.store;

	/* What a second trip is wanted for is rare. */
	if (status != PRAC_OK || sequencer->is_stopping ||
		judge_loaded(ahead->judge, facts, &ahead->more)) {
		return;
	}
	batch_try_judge(ahead);
	ahead->commit.opens = true;
	ahead->is_judged = ahead->writes.n_judged > 0;
	if (ahead->is_judged) {
		store->ops->prepare(store, &ahead->commit);
		PRAC_FAILPOINT("judged_ahead");
	}
}

/* Puts the next batch behind what is in hand; how many. */
static size_t take_batch(struct sequencer *sequencer)
{
	bool is_alone = sequencer->n_shared == 0;
	const struct lanes_limits limits = {
		.turns = is_alone ? SIZE_MAX : sequencer->lanes.n_lanes,
		.items = is_alone ? SEQUENCER_BATCH_ALONE : SEQUENCER_BATCH_MAX,
		.bytes = SEQUENCER_BATCH_BYTES,
	};
	size_t n = lanes_take(&sequencer->lanes, sequencer->hand + sequencer->n_hand, &limits);

	sequencer->n_shared -= sequencer->n_shared > 0 ? 1 : 0;
	sequencer->n_hand += n;
	return n;
}

/* Does enough wait? Of one station in company nothing is taken while another may still come. */
static bool has_much(const struct sequencer *sequencer)
{
	size_t min = sequencer->config.ahead_min;
	bool holds_up = sequencer->n_shared > 0 && sequencer->lanes.n_lanes == 1 &&
			min != SEQUENCER_AHEAD_ALWAYS;

	return sequencer->lanes.n_items >= min && !holds_up;
}

static bool plan_ahead(struct sequencer *sequencer)
{
	if (sequencer->n_quiet > 0) {
		sequencer->n_quiet--;
		return false;
	}
	if (sequencer->is_stopping || sequencer->n_hand > sequencer->n_batch ||
		!has_much(sequencer) || !batch_try_is_smooth(sequencer->now)) {
		return false;
	}
	sequencer->n_ahead = take_batch(sequencer);
	batch_try_plan(sequencer->ahead, &sequencer->config, sequencer->now,
		sequencer->hand + sequencer->n_batch, sequencer->n_ahead);
	return true;
}

static void commit_batch(struct sequencer *sequencer)
{
	struct store *store = sequencer->config.store;
	const struct store_next next = {
		.ask = &sequencer->ahead->ask,
		.arena = &sequencer->ahead->arena,
		.loaded = on_ahead,
		.ctx = sequencer,
	};
	bool has_next = plan_ahead(sequencer);

	sequencer->state = SEQUENCER_COMMITTING;
	store->ops->commit(
		store, &sequencer->now->commit, has_next ? &next : NULL, on_committed, sequencer);
}

/* What is left in hand of a batch that was cut in two comes before what waits. */
static void start_batch(struct sequencer *sequencer)
{
	if (sequencer->state != SEQUENCER_IDLE) {
		return;
	}
	if (sequencer->n_hand == 0) {
		(void)take_batch(sequencer);
	}
	sequencer->n_batch =
		sequencer->n_hand < SEQUENCER_BATCH_MAX ? sequencer->n_hand : SEQUENCER_BATCH_MAX;
	if (sequencer->n_batch > 0) {
		try_batch(sequencer);
	}
}

/* What the last batches held, several MiB; the next plan would give it back as well. */
static void rest(struct sequencer *sequencer)
{
	for (size_t i = 0; i < N_TRIES; i++) {
		prac_arena_reset(&sequencer->tries[i].arena);
	}
}

void sequencer_tick(struct sequencer *sequencer, uint64_t now_ms)
{
	if (sequencer->state == SEQUENCER_WAITING && now_ms >= sequencer->due_ms) {
		try_batch(sequencer);
	} else if (sequencer_is_idle(sequencer) && !sequencer->is_stopping) {
		rest(sequencer);
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
