/*
 * Seats of an opportunity (DOMAIN 4b): a student takes one with a placement under way or an accepted
 * application. Full is not stored: a placement that ends frees its seat by itself.
 */
#pragma once

#include "common/rules/rules.h"

/* Is the placement one that takes a seat of its opportunity: neither completed, canceled nor terminated? */
bool prac_seat_is_taken_by(const struct prac_record *placement);

struct prac_seats {
	int64_t n, taken;
};

/* Of whom and when: days since 1970, both included; INT32_MIN and INT32_MAX are open. */
struct prac_seats_asked {
	const struct prac_id *but; /* this student does not count; NULL: every one does */
	int32_t from, through;
};

/*
 * The seats taken on any of the days. False: the opportunity does not say how many it has. Needs its
 * placements and applications as children by opportunity.
 */
bool prac_seats_of(struct prac_judgement *judgement, const struct prac_record *opportunity,
	const struct prac_seats_asked *asked, struct prac_seats *seats_out);
