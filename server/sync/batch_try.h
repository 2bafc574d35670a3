/* One try to judge a batch: what it is, what it needed, what it writes. */
#pragma once

#include "server/sync/lanes.h"
#include "server/sync/sequencer.h"

/* All zero before the first plan. */
struct batch_try {
	struct prac_arena arena; /* of all the rest */
	struct judge_batch batch;
	struct judge_result *results;
	struct judge *judge;
	struct store_ask ask;
	struct store_more more;
	struct store_writes writes;
	struct store_commit commit;
	bool is_judged; /* of the one ahead: it can be committed behind the present one */
};

/*
 * What judging the items needs, today in the district's zone: ask is set. What the try held before is
 * gone. before: as in judge_plan().
 */
void batch_try_plan(struct batch_try *batch_try, const struct sequencer_config *config,
	const struct batch_try *before, struct push_item *const *items, size_t n_items);

/* After judge_loaded(): results, writes and commit are set. */
void batch_try_judge(struct batch_try *batch_try);

/*
 * Does each push of the judged batch go on? One that is answered early takes back what follows of
 * it.
 */
bool batch_try_is_smooth(const struct batch_try *batch_try);
