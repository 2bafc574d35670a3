/*
 * Is a student a CTE concentrator (Perkins V, 20 U.S.C. 2302(12))? By the row `concentrator` of the rule set
 * perkins in force: so many courses completed in a single program of study. The report perkins says the same in
 * SQL (sql/reports/perkins.sql).
 */
#pragma once

#include "common/rules/statute.h"

struct prac_concentrator {
	bool is_one;
	int32_t n_courses; /* of the program with most */
	int32_t since;     /* when the last course that it takes was completed; if it is one */
	const struct prac_record *program; /* NULL: no course of any program */
	const struct prac_law_row *row;
};

/*
 * On the day. False: no rule is in force. Needs the student's course completions, the courses, their
 * programs and the rule sets among the facts.
 */
bool prac_concentrator_of(const struct prac_judgement *judgement, const struct prac_record *student,
	int32_t day, struct prac_concentrator *concentrator_out);

/* "yes, since 2026-05-20: 2 courses completed in Welding (PK-CONCENTRATOR: ...)"; in the arena. */
const char *prac_concentrator_words(const struct prac_judgement *judgement,
	const struct prac_record *student, const struct prac_concentrator *concentrator);
