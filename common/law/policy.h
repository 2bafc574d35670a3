/*
 * The rule sets beside labor: credit, eligibility, visits, papers, Perkins, privacy. Pure functions over the
 * row in force on a day; which one that is, is the caller's question to prac_policy_row(). A row may
 * name the kinds of work (kind), all but some of them (except), or the activity types (activity) that
 * it is about.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/law/law.h"

/* Sets of one domain, in ascending version. */
struct prac_policy {
	struct prac_law_set *sets;
	size_t n;
};

/* The shipped sets of the domain, of all jurisdictions; in the arena. */
struct prac_policy prac_policy_shipped(const char *domain, struct prac_arena *arena);

/* The first row of the kind in force on the date, of the highest version; NULL: none. */
const struct prac_law_row *prac_policy_row(
	const struct prac_policy *policy, const char *kind, int32_t date);

/* Of several rows of the kind, as those of lawful disclosure, the one with key name:NAME. */
const struct prac_law_row *prac_policy_named(
	const struct prac_policy *policy, const char *kind, const char *name, int32_t date);

/* What a row is asked about: a placement. NULL: not known, which no row that asks for it fits. */
struct prac_policy_case {
	const char *kind;     /* of work, as the catalog names it: internship */
	const char *activity; /* code of its activity type */
};

/*
 * The same for a placement: of the set's rows one that names its activity type comes before one that
 * names its kind of work, and that before one for all.
 */
const struct prac_law_row *prac_policy_row_of(const struct prac_policy *policy, const char *kind,
	int32_t date, const struct prac_policy_case *about);

struct prac_policy_rows {
	const struct prac_law_row **items;
	size_t n;
};

/* Every row of the kind, of all sets in force on the date, that is about the placement; in the arena. */
struct prac_policy_rows prac_policy_rows(const struct prac_policy *policy, const char *kind,
	int32_t date, const struct prac_policy_case *about, struct prac_arena *arena);

/* A whole number or duration of the row; otherwise when the key is not there or not readable. */
int32_t prac_policy_number(const struct prac_law_row *row, const char *key, int32_t otherwise);

/* NULL, or which row is wrong and what would be right, by the set's domain; in the arena. */
const char *prac_policy_flaw(const struct prac_law_set *set, struct prac_arena *arena);

struct prac_credit_basis {
	int32_t class_periods, class_blocks; /* of the related class, a week */
	int32_t weekly_minutes; /* average supervised work a week over the weeks of instruction */
};

/* Credits of a school year (RULES 4.1): none without the classroom part. */
int32_t prac_policy_credits(const struct prac_law_row *row, const struct prac_credit_basis *basis);

struct prac_participant {
	int32_t age, grade, attendance; /* in percent; -1: not known, which refuses nothing */
};

/* The first row that the person does not satisfy; NULL: eligible. */
const struct prac_law_row *prac_policy_ineligible(const struct prac_policy *policy,
	const struct prac_participant *person, int32_t date, const struct prac_policy_case *about);

/* The last day on which the next visit is in time. */
int32_t prac_policy_visit_due(const struct prac_law_row *row, int32_t last_visit);

bool prac_policy_is_concentrator(const struct prac_law_row *row, int32_t courses_completed);

/* Does a completed placement of the kind, named as in the catalog, count for 5S3? */
bool prac_policy_qualifies(const struct prac_law_row *row, const char *kind, int32_t minutes);
