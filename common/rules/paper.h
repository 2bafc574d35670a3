/*
 * Which papers a placement needs: what the rule sets of domain `documents` ask for on the day, by kind
 * of work, activity type, pay and age, and what the district's document types ask for beside them. A
 * kind of paper that both ask for is one, by the name that the district gave it.
 */
#pragma once

#include "common/rules/rules.h"
#include "common/rules/statute.h"

enum prac_gate {
	PRAC_GATE_READY,    /* everything that must be there before the first day */
	PRAC_GATE_SUSPENDS, /* what suspends the placement while it is missing */
	PRAC_GATE_CLOSE     /* what must be there before it is completed */
};

struct prac_paper {
	int64_t kind;     /* of document */
	const char *name; /* for people */
	const char *help; /* what satisfies it, and by which rule */
};

/* Whole years of the student on the day; -1 without a birth date. Born on 29 February: a year older on 1 March. */
int32_t prac_age_on(const struct prac_record *student, int32_t day);

/* Are wages or a stipend paid? */
bool prac_is_paid(const struct prac_record *placement);

/* In the arena; returns how many. Needs rule sets, document types and activity types among the facts. */
size_t prac_papers_asked(const struct prac_judgement *judgement,
	const struct prac_record *placement, enum prac_gate gate, int32_t day,
	const struct prac_paper **papers_out);
