/*
 * The full simulator: sim [--seeds N] [--from S] [--jobs N] [--actions N] [--twins] [--bug NAME] [--shrink]
 * [--trace]
 * Each seed is a history of its own; the first that breaks a property is made as short as it still does,
 * and played again with its trace. With a planted bug the exit code is 0 when a seed finds it; --shrink
 * makes that one short, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "tests/sim/jobs.h"
#include "tests/sim/shrink.h"

enum {
	N_ACTIONS = 160,
	NIGHT_SEEDS = 1000 /* in so many, every rare branch is entered */
};

static const struct bug {
	const char *name;
	enum store_mem_bug store;
	unsigned plant;
} bugs[] = {
	{ "none", STORE_MEM_NO_BUG, PRAC_PLANT_NOTHING },
	{ "naive-cursor", STORE_MEM_NAIVE_CURSOR, PRAC_PLANT_NOTHING },
	{ "counter-first", STORE_MEM_COUNTER_FIRST, PRAC_PLANT_NOTHING },
	{ "ack-first", STORE_MEM_ACK_FIRST, PRAC_PLANT_NOTHING },
	{ "purge-first", STORE_MEM_NO_BUG, PRAC_PLANT_PURGE_FIRST },
	{ "no-generation", STORE_MEM_NO_BUG, PRAC_PLANT_NO_GENERATION },
	{ "thaw", STORE_MEM_NO_BUG, PRAC_PLANT_THAW },
	{ "replay-refused", STORE_MEM_NO_BUG, PRAC_PLANT_REPLAY_REFUSED },
	{ "no-credit", STORE_MEM_NO_BUG, PRAC_PLANT_NO_CREDIT },
	{ "early-settled", STORE_MEM_NO_BUG, PRAC_PLANT_EARLY_SETTLED },
};

struct options {
	unsigned long long first, n_seeds;
	size_t n_actions;
	unsigned n_jobs; /* processes that share the seeds; a hunt goes from seed to seed */
	const struct bug *bug;
	bool is_traced, is_calm, is_shrinking, is_twins;
	bool is_hunt; /* a fault is what is wanted */
};

static struct full_setting setting_of(const struct options *options, uint64_t seed)
{
	return (struct full_setting){ .seed = seed,
		.n_actions = options->n_actions,
		.store_bug = options->bug->store,
		.plant = options->bug->plant,
		.is_calm = options->is_calm,
		.is_traced = options->is_traced };
}

static bool run(const struct full_setting *setting, bool is_twins, struct full *met)
{
	static struct full full;
	bool holds = is_twins ? full_twins(&full, setting) : full_run(&full, setting);

	full_deinit(&full);
	*met = full;
	return holds;
}

static void explain(const struct options *options, uint64_t seed)
{
	static bool skips[FULL_ACTIONS_MAX];
	struct full_setting setting = setting_of(options, seed);
	static struct full met;
	size_t n_left;

	if (options->is_traced || options->is_twins ||
		(options->is_hunt && !options->is_shrinking)) {
		return; /* it was seen, or is as expected */
	}
	n_left = shrink(&setting, skips, &setting);
	printf("%zu of its %zu actions are enough:", n_left, options->n_actions);
	for (size_t i = 0; i < setting.n_actions; i++) {
		if (!skips[i]) {
			printf(" %zu", i);
		}
	}
	printf("\n");
	setting.is_traced = true;
	(void)run(&setting, false, &met);
	printf("the whole: build/asan/sim --from %llu --seeds 1 --trace\n",
		(unsigned long long)seed);
}

static void tell(const struct options *options, uint64_t seed, const struct full *met)
{
	if (options->is_hunt) {
		printf("%s: found at seed %llu, the %llu. tried: %s\n", options->bug->name,
			(unsigned long long)seed, (unsigned long long)(seed - options->first + 1),
			met->fault);
	} else {
		printf("seed %llu: %s\n", (unsigned long long)seed, met->fault);
	}
	explain(options, seed);
}

/* One of jobs_run(). */
static bool play(const void *ctx, unsigned nth, unsigned n_jobs, struct tally *tally)
{
	const struct options *options = ctx;
	static struct full met;

	for (uint64_t i = nth; i < options->n_seeds; i += n_jobs) {
		const struct full_setting setting = setting_of(options, options->first + i);

		if (!run(&setting, options->is_twins, &met)) {
			tell(options, options->first + i, &met);
			return false;
		}
		tally_run(tally, &met.met);
	}
	return true;
}

/* The exit code. Twins do not break all that the others do. */
static int run_all(const struct options *options)
{
	struct tally tally = { 0 };
	bool is_night = options->n_seeds >= NIGHT_SEEDS;
	size_t n_missed;

	if (!jobs_run(options->is_hunt ? 1 : options->n_jobs, play, options, &tally)) {
		return options->is_hunt ? 0 : 1;
	}
	printf("%zu seeds from %llu hold\n", tally.n_seeds, options->first);
	tally_print(&tally);
	n_missed = tally_print_sometimes(&tally, is_night);
	return options->is_hunt || (is_night && n_missed > 0 && !options->is_twins) ? 1 : 0;
}

static bool read_bug(const char *name, struct options *options)
{
	for (size_t i = 0; i < PRAC_NELEM(bugs); i++) {
		if (strcmp(bugs[i].name, name) == 0) {
			options->is_hunt = i > 0;
			options->bug = &bugs[i];
			return true;
		}
	}
	return false;
}

static bool read_option(const char *name, const char *value, struct options *options)
{
	if (strcmp(name, "--bug") == 0) {
		return read_bug(value, options);
	}
	if (strcmp(name, "--seeds") == 0) {
		options->n_seeds = strtoull(value, NULL, 10);
	} else if (strcmp(name, "--from") == 0) {
		options->first = strtoull(value, NULL, 10);
	} else if (strcmp(name, "--actions") == 0) {
		options->n_actions = strtoull(value, NULL, 10);
	} else if (strcmp(name, "--jobs") == 0) {
		options->n_jobs = (unsigned)strtoul(value, NULL, 10);
	} else {
		return false;
	}
	return true;
}

static bool read_options(int argc, char **argv, struct options *options)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--trace") == 0) {
			options->is_traced = true;
		} else if (strcmp(argv[i], "--calm") == 0) {
			options->is_calm = true;
		} else if (strcmp(argv[i], "--shrink") == 0) {
			options->is_shrinking = true;
		} else if (strcmp(argv[i], "--twins") == 0) {
			options->is_twins = true;
		} else if (i + 1 == argc || !read_option(argv[i], argv[i + 1], options)) {
			return false;
		} else {
			i++;
		}
	}
	return options->n_actions <= FULL_ACTIONS_MAX;
}

int main(int argc, char **argv)
{
	struct options options = {
		.first = 1, .n_seeds = 100, .n_actions = N_ACTIONS, .n_jobs = 1, .bug = bugs
	};

	prac_log_level_set(PRAC_LOG_ERROR);
	if (!read_options(argc, argv, &options)) {
		(void)fprintf(stderr,
			"usage: sim [--seeds N] [--from S] [--jobs N] [--actions N] [--calm | "
			"--twins]\n           [--trace] [--shrink] [--bug NAME]; NAME is one of");
		for (size_t i = 1; i < PRAC_NELEM(bugs); i++) {
			(void)fprintf(stderr, " %s", bugs[i].name);
		}
		(void)fprintf(stderr, "\n");
		return 2;
	}
	return full_types_suffice() ? run_all(&options) : 2;
}
