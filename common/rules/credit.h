/*
 * Credit that a placement has earned in a school year, by the rule sets of domain `credit` (RULES 4.1).
 * The rule does not say over which weeks to average: here over the weeks with a day of classes in which the
 * placement was under way, and where no calendar is published over all of its weeks. Only hours that are
 * approved count. The rule is that of the last day that counts.
 */
#pragma once

#include "common/rules/statute.h"

struct prac_credit {
	int32_t credits;
	struct prac_credit_basis basis;
	int32_t weeks;
	const struct prac_law_row *row;
};

/*
 * In the school year of the day, until the day. False: the placement names no class, had not begun, or no
 * rule is in force. Needs class, sheets, entries, calendar and rule sets among the facts.
 */
bool prac_credit_of(const struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_credit *credit_out);

/* "2 credits until 2026-12-18: 10h30m a week over 12 weeks of instruction (TN-CR-2: ...)"; in the arena. */
const char *prac_credit_words(
	const struct prac_judgement *judgement, const struct prac_credit *credit, int32_t day);
