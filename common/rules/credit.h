/*
 * Credit that a student has earned in a school year, by the rule sets of domain `credit` (RULES 4.1). The rule
 * does not say over which weeks to average: here each placement with a class over the weeks with a day of classes in which it
 * was under way, and where no calendar is published over all of its weeks; the averages of a student's
 * placements are added up. Which hours count says counted.h. The rule is that of the last day of the
 * work. No more than it gives is earned by credit records of the year. The report hours says the same in SQL (sql/reports/hours.sql); integration.report_credit compares the two.
 */
#pragma once

#include "common/rules/statute.h"

struct prac_credit {
	int32_t credits;
	struct prac_credit_basis basis;
	int64_t minutes; /* of supervised work, all told */
	int32_t n_placements;
	int32_t weeks; /* of the placement that has most */
	const struct prac_law_row *row;
	/*
	 * The class or the calendar of a placement is not among the facts: nothing is said here but
	 * which school that one is of; credits and row are not to be looked at.
	 */
	bool is_partial;
	struct prac_id elsewhere;
};

/*
 * Of the student of the placement, in the school year of the day, until the day. False: the placement names no class,
 * had not begun, or no rule is in force. Needs the student's placements, entries and adjustments, class,
 * sheets, calendar and rule sets among the facts.
 */
bool prac_credit_of(const struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_credit *credit_out);

/* "2 credits until 2026-12-18: 10h30m a week over 12 weeks of instruction (TN-CR-2: ...)"; in the arena. */
const char *prac_credit_words(
	const struct prac_judgement *judgement, const struct prac_credit *credit, int32_t day);
