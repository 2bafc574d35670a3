/*
 * Who may take part in work for credit (RULES 4.2): the rule sets of domain `eligibility`, asked of a
 * placement that earns credit. It does when its course is a capstone, or, as it names no course, when
 * credit is earned in its activity type; minors of 14 and 15 may work all the same, not for that credit.
 */
#pragma once

#include "common/rules/statute.h"

/* Beside rule sets and activity types, which every gate asks for. */
#define PRAC_ELIGIBLE_LOADS(mask)                                                                 \
	{                                                                                         \
		.kind = PRAC_LOAD_PARENT, .field = PRAC_PLACEMENT_COURSE_ID_NO, .actions = (mask) \
	}

/* Adds the first row that the student does not satisfy on the day. */
void prac_eligible_find(struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_findings *findings);

/*
 * The attendance of a student whose placement earns credit, when it is less than the rules ask for: "85%
 * of 100 school days ..." in the arena; NULL: it is enough, not known or not asked for. It refuses nothing,
 * since something else may have been agreed before the start. Counted are the published days with
 * classes of the school year before the day, less the days absent as a whole. Needs absences and calendar.
 */
const char *prac_eligible_attendance(
	struct prac_judgement *judgement, const struct prac_record *placement, int32_t day);
