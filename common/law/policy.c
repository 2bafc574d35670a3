#include "common/law/policy.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/date.h"

enum {
	SETS_MAX = 16
};

struct prac_policy prac_policy_shipped(const char *domain, struct prac_arena *arena)
{
	struct prac_policy policy = { prac_arena_alloc(arena, SETS_MAX * sizeof(*policy.sets)), 0 };
	size_t len = strlen(domain);
	const char *error;

	for (const struct prac_law_text *text = prac_law_shipped; text->name != NULL; text++) {
		if (strncmp(text->name, domain, len) != 0 || text->name[len] != '-' ||
			policy.n == SETS_MAX) {
			continue;
		}
		if (prac_law_set_read(prac_bytes_text(text->text), arena, &policy.sets[policy.n++],
			    &error) != PRAC_OK) {
			abort(); /* a test reads every shipped set */
		}
	}
	return policy;
}

static bool has_value(const struct prac_law_row *row, const char *key, const char *value)
{
	bool has = false;

	for (size_t i = 0; value != NULL && i < row->n_keys && !has; i++) {
		has = strcmp(row->keys[i].name, key) == 0 && strcmp(row->keys[i].value, value) == 0;
	}
	return has;
}

/* -1: the row is not about the case; else the larger, the closer it fits. */
static int fit_of(const struct prac_law_row *row, const struct prac_policy_case *about)
{
	if (prac_law_key(row, "activity") != NULL) {
		return has_value(row, "activity", about->activity) ? 2 : -1;
	}
	if (prac_law_key(row, "kind") != NULL) {
		return has_value(row, "kind", about->kind) ? 1 : -1;
	}
	return has_value(row, "except", about->kind) ? -1 : 0;
}

static const struct prac_law_row *find_row(
	const struct prac_law_set *set, const char *kind, const struct prac_policy_case *about)
{
	const struct prac_law_row *best = NULL;
	int best_fit = -1;

	for (size_t i = 0; i < set->n_rows; i++) {
		int fit = strcmp(set->rows[i].kind, kind) == 0 ? fit_of(&set->rows[i], about) : -1;

		if (fit > best_fit) {
			best = &set->rows[i];
			best_fit = fit;
		}
	}
	return best;
}

static bool is_in_force(const struct prac_law_set *set, int32_t date)
{
	return set->starts_on <= date && date <= set->ends_on;
}

const struct prac_law_row *prac_policy_row_of(const struct prac_policy *policy, const char *kind,
	int32_t date, const struct prac_policy_case *about)
{
	const struct prac_law_row *row = NULL;

	for (size_t i = policy->n; i-- > 0 && row == NULL;) {
		if (is_in_force(&policy->sets[i], date)) {
			row = find_row(&policy->sets[i], kind, about);
		}
	}
	return row;
}

/* name NULL: whatever its key `name` says. */
static const struct prac_law_row *first_row(
	const struct prac_law_set *set, const char *kind, const char *name)
{
	for (size_t i = 0; i < set->n_rows; i++) {
		if (strcmp(set->rows[i].kind, kind) == 0 &&
			(name == NULL || has_value(&set->rows[i], "name", name))) {
			return &set->rows[i];
		}
	}
	return NULL;
}

const struct prac_law_row *prac_policy_row(
	const struct prac_policy *policy, const char *kind, int32_t date)
{
	return prac_policy_named(policy, kind, NULL, date);
}

const struct prac_law_row *prac_policy_named(
	const struct prac_policy *policy, const char *kind, const char *name, int32_t date)
{
	const struct prac_law_row *row = NULL;

	for (size_t i = policy->n; i-- > 0 && row == NULL;) {
		if (is_in_force(&policy->sets[i], date)) {
			row = first_row(&policy->sets[i], kind, name);
		}
	}
	return row;
}

static size_t add_rows(const struct prac_law_set *set, const char *kind,
	const struct prac_policy_case *about, const struct prac_law_row **rows)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n_rows; i++) {
		if (strcmp(set->rows[i].kind, kind) == 0 && fit_of(&set->rows[i], about) >= 0) {
			rows[n++] = &set->rows[i];
		}
	}
	return n;
}

struct prac_policy_rows prac_policy_rows(const struct prac_policy *policy, const char *kind,
	int32_t date, const struct prac_policy_case *about, struct prac_arena *arena)
{
	struct prac_policy_rows found = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < policy->n; i++) {
		n += policy->sets[i].n_rows;
	}
	found.items = prac_arena_alloc(arena, (n + 1) * sizeof(void *));
	for (size_t i = 0; i < policy->n; i++) {
		if (is_in_force(&policy->sets[i], date)) {
			found.n += add_rows(&policy->sets[i], kind, about, found.items + found.n);
		}
	}
	return found;
}

int32_t prac_policy_number(const struct prac_law_row *row, const char *key, int32_t otherwise)
{
	const char *text = prac_law_key(row, key);
	int32_t number;

	/* Plain digits are minutes to the reader of durations, which leaves them as they are. */
	return text != NULL && prac_duration_parse(text, &number) == PRAC_OK ? number : otherwise;
}

int32_t prac_policy_credits(const struct prac_law_row *row, const struct prac_credit_basis *basis)
{
	int32_t most = prac_policy_number(row, "most", 0);
	int32_t each = prac_policy_number(row, "each", 0);
	int32_t credits = 1 + (each > 0 ? basis->weekly_minutes / each : 0);
	bool has_class =
		basis->class_periods >= prac_policy_number(row, "class-periods", INT32_MAX) ||
		basis->class_blocks >= prac_policy_number(row, "class-blocks", INT32_MAX);

	if (!has_class) {
		return 0;
	}
	return credits < most ? credits : most;
}

const struct prac_law_row *prac_policy_ineligible(const struct prac_policy *policy,
	const struct prac_participant *person, int32_t date, const struct prac_policy_case *about)
{
	const struct {
		const char *kind;
		int32_t value;
	} facts[] = {
		{ "age", person->age },
		{ "grade", person->grade },
		{ "attendance", person->attendance },
	};

	for (size_t i = 0; i < PRAC_NELEM(facts); i++) {
		const struct prac_law_row *row =
			prac_policy_row_of(policy, facts[i].kind, date, about);

		if (row != NULL && facts[i].value >= 0 &&
			(facts[i].value < prac_policy_number(row, "least", 0) ||
				facts[i].value > prac_policy_number(row, "most", INT32_MAX))) {
			return row;
		}
	}
	return NULL;
}

int32_t prac_policy_visit_due(const struct prac_law_row *row, int32_t last_visit)
{
	return last_visit + prac_policy_number(row, "most", 0);
}

bool prac_policy_is_concentrator(const struct prac_law_row *row, int32_t courses_completed)
{
	return courses_completed >= prac_policy_number(row, "least", INT32_MAX);
}

bool prac_policy_qualifies(const struct prac_law_row *row, const char *kind, int32_t minutes)
{
	return has_value(row, "kind", kind) && minutes >= prac_policy_number(row, "least", 0);
}
