/*
 * usage: test_sim_server [SEED [BUG]]   with a seed: that run alone, with what it met and what broke.
 * BUG: 1 naive cursor, 2 counter before commit, 3 acknowledge before commit.
 *
 * PRAC_SIM_SEEDS: how many seeds to run without arguments, 200.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/sim/sim.h"

enum {
	N_SEEDS = 200,
	N_ACTIONS = 300
};

static bool run(uint64_t seed, enum store_mem_bug bug, struct sim *met)
{
	struct sim sim;
	bool holds = sim_run(&sim, &(struct sim_setting){ seed, N_ACTIONS, bug });

	sim_deinit(&sim);
	*met = sim;
	return holds;
}

static uint64_t seeds_wanted(void)
{
	const char *text = getenv("PRAC_SIM_SEEDS");

	return text != NULL ? strtoull(text, NULL, 10) : N_SEEDS;
}

static void every_property_holds_over_all_seeds(void **state)
{
	struct sim all = { 0 };
	uint64_t n_seeds = seeds_wanted();

	(void)state;
	for (uint64_t seed = 1; seed <= n_seeds; seed++) {
		struct sim met;

		if (!run(seed, STORE_MEM_NO_BUG, &met)) {
			print_error("seed %llu: %s\n", (unsigned long long)seed, met.fault);
			fail();
		}
		all.n_conflicts += met.n_conflicts;
		all.n_refused += met.n_refused;
		all.n_replays += met.n_replays;
		all.n_crashes += met.n_crashes;
		all.n_rewound += met.n_rewound;
		all.n_checks += met.n_checks;
	}
	/* A simulation that meets nothing tests nothing. */
	assert_true(all.n_conflicts > n_seeds);
	assert_true(all.n_refused > n_seeds);
	assert_true(all.n_replays > n_seeds);
	assert_true(all.n_crashes > n_seeds);
	assert_true(all.n_rewound > n_seeds / 4);
	assert_true(all.n_checks > 10 * n_seeds);
}

static void find(enum store_mem_bug bug)
{
	for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
		struct sim met;

		if (!run(seed, bug, &met)) {
			print_message(
				"found with seed %llu: %s\n", (unsigned long long)seed, met.fault);
			return;
		}
	}
	fail_msg("not found in %d seeds", N_SEEDS);
}

static void a_naive_cursor_is_found(void **state)
{
	(void)state;
	find(STORE_MEM_NAIVE_CURSOR);
}

static void a_counter_before_the_commit_is_found(void **state)
{
	(void)state;
	find(STORE_MEM_COUNTER_FIRST);
}

static void an_answer_before_the_commit_is_found(void **state)
{
	(void)state;
	find(STORE_MEM_ACK_FIRST);
}

static int run_one(const char *seed_text, const char *bug_text)
{
	uint64_t seed = strtoull(seed_text, NULL, 10);
	enum store_mem_bug bug = bug_text != NULL ? (enum store_mem_bug)strtoul(bug_text, NULL, 10)
						  : STORE_MEM_NO_BUG;
	struct sim met;
	bool holds = run(seed, bug, &met);

	printf("seed %llu: %s\nconflicts %zu, refused %zu, replays %zu, crashes %zu, rewound %zu, "
	       "checks %zu\n",
		(unsigned long long)seed, holds ? "holds" : met.fault, met.n_conflicts,
		met.n_refused, met.n_replays, met.n_crashes, met.n_rewound, met.n_checks);
	return holds ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_property_holds_over_all_seeds),
		cmocka_unit_test(a_naive_cursor_is_found),
		cmocka_unit_test(a_counter_before_the_commit_is_found),
		cmocka_unit_test(an_answer_before_the_commit_is_found),
	};

	if (argc > 1) {
		return run_one(argv[1], argc > 2 ? argv[2] : NULL);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
