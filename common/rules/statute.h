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

/* Lives until the next call with other rule sets: for the judging at hand. */
const struct prac_labor_law *prac_statute_labor(
	const struct prac_judgement *judgement) PRAC_RETURNS_NONNULL;

/* Lives in the judgement's arena, as the book does. */
struct prac_law_book prac_statute_book(const struct prac_judgement *judgement);
struct prac_policy prac_statute_policy(const struct prac_judgement *judgement, const char *domain);

/* The record as a set, in the arena. Not OK: *error_out names the row and what would be right. */
enum prac_status prac_statute_read(const struct prac_record *record, struct prac_arena *arena,
	struct prac_law_set *set_out, const char **error_out) PRAC_MUST_USE;
