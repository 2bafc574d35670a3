#include "server/sync/batch_try.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/zone.h"

void batch_try_plan(struct batch_try *batch_try, const struct sequencer_config *config,
	const struct batch_try *before, struct push_item *const *items, size_t n_items)
{
	struct prac_arena *arena = &batch_try->arena;
	struct judge_batch *batch = &batch_try->batch;

	prac_arena_reset(arena);
	batch->inputs = prac_arena_room(arena, n_items * sizeof(*batch->inputs));
	batch_try->results = prac_arena_room(arena, n_items * sizeof(*batch_try->results));
	for (size_t i = 0; i < n_items; i++) {
		batch->inputs[i] = items[i]->input;
	}
	batch->n_inputs = n_items;
	batch->now_ms = config->env->wall_ms(config->env->ctx);
	batch->today = prac_zone_date(config->zone, batch->now_ms);
	batch_try->is_judged = false;
	batch_try->judge = judge_new(batch, arena);
	judge_plan(batch_try->judge, before != NULL ? before->judge : NULL, &batch_try->ask);
}

/* Each scope in which the judged batch changes something, once; in its arena. Returns how many. */
static size_t find_scopes(struct batch_try *batch_try, const struct prac_id **scopes_out)
{
	const struct store_writes *writes = &batch_try->writes;
	size_t n = writes->n_feed + writes->n_fan_outs;
	struct prac_id *scopes = prac_arena_alloc(&batch_try->arena, (n + 1) * sizeof(*scopes));
	size_t n_unique = 0;

	for (size_t i = 0; i < n; i++) {
		const struct prac_id *scope = i < writes->n_feed
						      ? &writes->feed[i].scope
						      : &writes->fan_outs[i - writes->n_feed].scope;

		/* Neighbors are mostly of one station. */
		if (n_unique == 0 || !prac_id_equal(scope, &scopes[n_unique - 1])) {
			scopes[n_unique++] = *scope;
		}
	}
	n = n_unique;
	n_unique = 0;
	qsort(scopes, n, sizeof(*scopes), prac_id_order);
	for (size_t i = 0; i < n; i++) {
		if (n_unique == 0 || !prac_id_equal(&scopes[i], &scopes[n_unique - 1])) {
			scopes[n_unique++] = scopes[i];
		}
	}
	*scopes_out = scopes;
	return n_unique;
}

void batch_try_judge(struct batch_try *batch_try)
{
	judge_run(batch_try->judge, batch_try->results, &batch_try->writes);
	batch_try->commit = (struct store_commit){ .writes = &batch_try->writes,
		.arena = &batch_try->arena,
		.notice.after = batch_try->writes.after,
		.notice.head = batch_try->writes.after + batch_try->ask.n_numbers,
		.n_numbers = batch_try->ask.n_numbers };
	batch_try->commit.notice.n_scopes =
		find_scopes(batch_try, &batch_try->commit.notice.scopes);
}

bool batch_try_is_smooth(const struct batch_try *batch_try)
{
	for (size_t i = 0; i < batch_try->batch.n_inputs; i++) {
		enum judge_outcome outcome = batch_try->results[i].outcome;

		if (outcome != JUDGE_STORED && outcome != JUDGE_REPLAY) {
			return false;
		}
	}
	return true;
}
