#include "tests/sim/tally.h"

#include <stdio.h>
#include <string.h>

static void add_met(struct full_met *all, const struct full_met *part)
{
	size_t sums[sizeof(*all) / sizeof(size_t)], more[sizeof(*part) / sizeof(size_t)];

	memcpy(sums, all, sizeof(sums));
	memcpy(more, part, sizeof(more));
	for (size_t i = 0; i < PRAC_NELEM(sums); i++) {
		sums[i] += more[i];
	}
	memcpy(all, sums, sizeof(sums));
}

void tally_run(struct tally *tally, const struct full_met *met)
{
	tally->n_seeds++;
	add_met(&tally->met, met);
#ifdef PRAC_FAILPOINTS
	for (size_t i = 0; i < PRAC_N_SOMETIMES; i++) {
		tally->sometimes[i] += prac_sometimes[i];
		prac_sometimes[i] = 0;
	}
#endif
}

void tally_add(struct tally *all, const struct tally *part)
{
	all->n_seeds += part->n_seeds;
	add_met(&all->met, &part->met);
#ifdef PRAC_FAILPOINTS
	for (size_t i = 0; i < PRAC_N_SOMETIMES; i++) {
		all->sometimes[i] += part->sometimes[i];
	}
#endif
}

void tally_print(const struct tally *tally)
{
	const struct full_met *met = &tally->met;

	printf("inputs %zu (lost with disks %zu), accepted %zu, conflicts %zu, refused %zu\n"
	       "crashes %zu, cuts %zu, kills %zu, old disks %zu, copies %zu, epochs %zu, "
	       "full disks %zu, grants %zu, failovers %zu, poisons %zu\n"
	       "loads %zu, checks %zu, approved sheets %zu, weeks compared %zu\n",
		met->n_inputs, met->n_lost, met->n_accepted, met->n_conflicts, met->n_refused,
		met->n_crashes, met->n_cuts, met->n_kills, met->n_restores, met->n_clones,
		met->n_epoch_changes, met->n_full_disks, met->n_grants, met->n_failovers,
		met->n_poisons, met->n_loads, met->n_checks, met->n_approved, met->n_weeks);
}

size_t tally_print_sometimes(const struct tally *tally, bool shows_all)
{
	size_t n_missed = 0;
#ifdef PRAC_FAILPOINTS
	for (size_t i = 0; i < PRAC_N_SOMETIMES; i++) {
		n_missed += tally->sometimes[i] == 0 ? 1 : 0;
		if (shows_all || tally->sometimes[i] == 0) {
			printf("%8lu times: %s\n", tally->sometimes[i], prac_sometimes_words[i]);
		}
	}
	printf("%zu of %d rare branches entered\n", PRAC_N_SOMETIMES - n_missed,
		(int)PRAC_N_SOMETIMES);
#endif
	return n_missed;
}
