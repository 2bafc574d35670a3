/*
 * The rule sets that hold, day by day: what a district has put into records over what the programs
 * ship. For a domain and jurisdiction one set holds on a day: of the district's that cover the day the
 * one that begins last, of those that begin together the highest version; where none covers it, the
 * shipped one. So a changed rule is a new set from a day on, and the days before keep theirs.
 */
#pragma once

#include "common/law/labor.h"
#include "common/law/policy.h"

/* Pieces of sets: no two of one domain and jurisdiction hold on the same day. Rows are shared. */
struct prac_law_book {
	struct prac_law_set *sets;
	size_t n;
};

/* own: read and of any domain, in any order; they and the arena outlive the book. */
struct prac_law_book prac_law_book_make(
	const struct prac_law_set *own, size_t n_own, struct prac_arena *arena);

/* All jurisdictions bind beside each other. Sets that are no labor law are left out. */
struct prac_labor_law *prac_law_book_labor(
	const struct prac_law_book *book, struct prac_arena *arena) PRAC_RETURNS_NONNULL;

struct prac_policy prac_law_book_policy(
	const struct prac_law_book *book, const char *domain, struct prac_arena *arena);

/* NULL, or the row that is wrong and what would be right, by the domain of the set; in the arena. */
const char *prac_law_set_flaw(const struct prac_law_set *set, struct prac_arena *arena);

/* Is it, row by row and day by day, a set that the programs ship? */
bool prac_law_set_is_shipped(const struct prac_law_set *set, struct prac_arena *arena);

/*
 * NULL, or how the set demands less than labor law as it is shipped for its domain, jurisdiction and
 * first day: "TN-BREAK is missing; FED-14-DAY-S most:4h is more than most:3h". Sets of other domains
 * have no order. The set has no flaw.
 */
const char *prac_law_set_looser(const struct prac_law_set *set, struct prac_arena *arena);
