/*
 * The law as the district's records have it: approved rule sets over the shipped ones. A superseded set
 * still holds for the days before the newer one, so that past years keep their rules.
 */
#pragma once

#include "common/law/book.h"
#include "common/rules/rules.h"

/* What the rules of a type must load for it. */
#define PRAC_STATUTE_LOADS(mask)                                                \
	{                                                                       \
		.kind = PRAC_LOAD_ALL, .type = PRAC_RULE_SET, .actions = (mask) \
	}

/* All of it lives until the next call with other rule sets: for the judging at hand. */
const struct prac_labor_law *prac_statute_labor(
	const struct prac_judgement *judgement) PRAC_RETURNS_NONNULL;
struct prac_law_book prac_statute_book(const struct prac_judgement *judgement);
struct prac_policy prac_statute_policy(const struct prac_judgement *judgement, const char *domain);

/* The activity_type of a placement; NULL: it names none, or it is not among the facts. */
const struct prac_record *prac_statute_activity(
	const struct prac_judgement *judgement, const struct prac_record *placement);

/* The placement as rows ask about it; in the judgement's arena. */
struct prac_policy_case prac_statute_case(
	const struct prac_judgement *judgement, const struct prac_record *placement);

/*
 * NULL, or what is wrong with the set (prac_law_set_flaw()), also when a row names a kind of work or of
 * paper that the catalog does not have; in the arena.
 */
const char *prac_statute_flaw(const struct prac_law_set *set, struct prac_arena *arena);

/* The record as a set, in the arena. Not OK: *error_out names the row and what would be right. */
enum prac_status prac_statute_read(const struct prac_record *record, struct prac_arena *arena,
	struct prac_law_set *set_out, const char **error_out) PRAC_MUST_USE;
