/* The guards that the catalog has as data, over the facts. */
#pragma once

#include "common/rules/rules.h"

struct prac_candidates {
	const struct prac_record *owner; /* whom a refusal names with them; may be NULL */
	const struct prac_record *const *records;
	size_t n;
};

/*
 * One guard over these candidates: at least one of them, or every one, must be in a state and cover
 * the days. The guard's children, by and when are not looked at.
 */
void prac_guard_candidates(struct prac_judgement *judgement, const struct prac_guard *guard,
	const struct prac_record *record, const struct prac_candidates *candidates,
	struct prac_findings *findings);

/*
 * The guards of the action and what the type's rules find: PRAC_REASON_NONE or PRAC_REASON_GUARD
 * with all of it in one sentence. record holds the arguments of the action already.
 */
enum prac_reason prac_guards_check(struct prac_judgement *judgement,
	const struct prac_action *action, const struct prac_record *record);
