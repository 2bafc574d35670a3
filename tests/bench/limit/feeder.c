#include "tests/bench/limit/feeder.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/sync/sequencer.h"
#include "tests/bench/station/work.h"

enum {
	IN_FLIGHT = 2 /* pushes of one station, as the protocol allows */
};

static void die(const char *what, const char *why)
{
	(void)fprintf(stderr, "feeder: %s: %s\n", what, why);
	exit(1);
}

struct feeder {
	struct sequencer *sequencer;
	struct work_station work;
	struct prac_scope_grant grant;
	struct judge_device device;
	struct prac_arena arena; /* of one push */
	size_t left, batch;      /* mutations */
	size_t n_open;           /* pushes under way */
};

static void feed(struct feeder *feeder);

static void on_pushed(void *ctx, const struct sequencer_answer *answer)
{
	struct feeder *feeder = ctx;

	if (answer->status != PRAC_OK) {
		die("push", prac_status_text(answer->status));
	}
	for (size_t i = 0; i < answer->n_verdicts; i++) {
		if (answer->verdicts[i].kind != PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED) {
			die("push", "a mutation was refused; is the school there?");
		}
	}
	feeder->n_open--;
	feed(feeder);
}

static void feed(struct feeder *feeder)
{
	while (feeder->left > 0 && feeder->n_open < IN_FLIGHT) {
		size_t n = feeder->left < feeder->batch ? feeder->left : feeder->batch;
		struct prac_bytes *mutations;
		struct sequencer_push push = { .device = &feeder->device,
			.n_mutations = n,
			.done = on_pushed,
			.ctx = feeder };

		prac_arena_reset(&feeder->arena);
		mutations = prac_arena_alloc(&feeder->arena, n * sizeof(*mutations));
		for (size_t i = 0; i < n; i++) {
			mutations[i] = work_next(&feeder->work, &feeder->arena);
		}
		push.mutations = mutations;
		feeder->left -= n;
		feeder->n_open++;
		if (sequencer_submit(feeder->sequencer, &push) != PRAC_OK) {
			die("push", "not taken");
		}
	}
}

static void start(
	struct feeder *feeder, struct sequencer *sequencer, size_t nth, const struct load *load)
{
	*feeder = (struct feeder){
		.sequencer = sequencer, .left = load->rows / load->n_stations, .batch = load->batch
	};
	work_begin(&feeder->work, (unsigned)nth);
	feeder->work.with_minors = load->with_minors;
	feeder->grant = (struct prac_scope_grant){ .scope = feeder->work.school, .generation = 1 };
	feeder->device = (struct judge_device){ .id = feeder->work.device,
		.incarnation = load->run,
		.grants = &feeder->grant,
		.n_grants = 1 };
}

void feed_all(uv_loop_t *loop, struct store *store, const struct load *load)
{
	const struct sequencer_config config = { .store = store, .env = &prac_env_system };
	struct sequencer *sequencer = sequencer_new(&config);
	struct feeder *feeders = g_new(struct feeder, load->n_stations);

	for (size_t i = 0; i < load->n_stations; i++) {
		start(&feeders[i], sequencer, i, load);
	}
	for (size_t i = 0; i < load->n_stations; i++) {
		feed(&feeders[i]);
	}
	while (!sequencer_is_idle(sequencer)) {
		uv_run(loop, UV_RUN_ONCE);
	}
	for (size_t i = 0; i < load->n_stations; i++) {
		prac_arena_deinit(&feeders[i].arena);
	}
	g_free(feeders);
	sequencer_free(sequencer);
}
