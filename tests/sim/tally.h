/* What many histories have met, added up. */
#pragma once

#include "common/base/failpoint.h"
#include "tests/sim/full.h"

/* Plain numbers: may travel between processes of one program. */
struct tally {
	size_t n_seeds;
	struct full_met met;
#ifdef PRAC_FAILPOINTS
	unsigned long sometimes[PRAC_N_SOMETIMES]; /* times each rare branch was entered */
#endif
};

/* Adds one history, and what of rare branches was entered since the last one. */
void tally_run(struct tally *tally, const struct full_met *met);

void tally_add(struct tally *all, const struct tally *part);
void tally_print(const struct tally *tally);

/* Names the branches that no history entered; with shows_all how often each was. Returns how many were not. */
size_t tally_print_sometimes(const struct tally *tally, bool shows_all);
