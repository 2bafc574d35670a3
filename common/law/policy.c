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

/* What a row of each domain may say; every number is a whole one or a duration. */
static const struct {
	const char *domain, *kind;
	const char *keys[5]; /* ended by NULL; in the order of whoever writes them */
	size_t n_required;   /* of them, from the first on */
	const char *words;   /* the key whose values are words; NULL: none */
	const char *example;
} forms[] = {
	{ "credit", "credit", { "most", "class-periods", "class-blocks", "each" }, 4, NULL,
		"most:6 class-periods:2 class-blocks:1 each:5h" },
	{ "eligibility", "age", { "least", "most" }, 0, NULL, "least:16" },
	{ "eligibility", "grade", { "least", "most" }, 0, NULL, "least:11 most:12" },
	{ "eligibility", "attendance", { "least", "most" }, 0, NULL, "least:90" },
	{ "visits", "visit", { "most" }, 1, NULL, "most:30" },
	{ "perkins", "concentrator", { "least" }, 1, NULL, "least:2" },
	{ "perkins", "qualifying", { "least", "kind" }, 2, "kind", "least:0 kind:internship" },
};

static bool is_form(size_t i, const struct prac_law_set *set, const struct prac_law_row *row)
{
	return strcmp(forms[i].domain, set->domain) == 0 && strcmp(forms[i].kind, row->kind) == 0;
}

static bool has_form_key(size_t form, const char *name)
{
	for (size_t i = 0; forms[form].keys[i] != NULL; i++) {
		if (strcmp(forms[form].keys[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static const char *row_flaw(const struct prac_law_row *row, size_t form, struct prac_arena *arena)
{
	const char *words = forms[form].words == NULL ? "" : forms[form].words;
	int32_t number;

	for (size_t i = 0; i < row->n_keys; i++) {
		const struct prac_law_key *key = &row->keys[i];

		if (!has_form_key(form, key->name)) {
			return prac_arena_printf(arena,
				"%s: a row of kind %s has no key \"%s\"; write it as in %s",
				row->id, row->kind, key->name, forms[form].example);
		}
		if (strcmp(key->name, words) != 0 &&
			prac_duration_parse(key->value, &number) != PRAC_OK) {
			return prac_arena_printf(arena,
				"%s: \"%s:%s\" is not understood; write it as in %s", row->id,
				key->name, key->value, forms[form].example);
		}
	}
	for (size_t i = 0; i < forms[form].n_required; i++) {
		if (prac_law_key(row, forms[form].keys[i]) == NULL) {
			return prac_arena_printf(arena,
				"%s: a row of kind %s needs %s; write it as in %s", row->id,
				row->kind, forms[form].keys[i], forms[form].example);
		}
	}
	return NULL;
}

const char *prac_policy_flaw(const struct prac_law_set *set, struct prac_arena *arena)
{
	const char *flaw = NULL;

	for (size_t i = 0; i < set->n_rows && flaw == NULL; i++) {
		const struct prac_law_row *row = &set->rows[i];
		size_t form = 0;

		while (form < PRAC_NELEM(forms) && !is_form(form, set, row)) {
			form++;
		}
		if (form < PRAC_NELEM(forms)) {
			flaw = row_flaw(row, form, arena);
		} else if (strcmp(row->kind, "note") != 0) {
			flaw = prac_arena_printf(arena,
				"%s: rules of domain %s have no kind \"%s\"; the shipped sets in "
				"`practicum rules list` show which there are",
				row->id, set->domain, row->kind);
		}
	}
	return flaw;
}

static const struct prac_law_row *find_row(const struct prac_law_set *set, const char *kind)
{
	for (size_t i = 0; i < set->n_rows; i++) {
		if (strcmp(set->rows[i].kind, kind) == 0) {
			return &set->rows[i];
		}
	}
	return NULL;
}

const struct prac_law_row *prac_policy_row(
	const struct prac_policy *policy, const char *kind, int32_t date)
{
	const struct prac_law_row *row = NULL;

	for (size_t i = policy->n; i-- > 0 && row == NULL;) {
		const struct prac_law_set *set = &policy->sets[i];

		if (set->starts_on <= date && date <= set->ends_on) {
			row = find_row(set, kind);
		}
	}
	return row;
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

const struct prac_law_row *prac_policy_ineligible(
	const struct prac_policy *policy, const struct prac_participant *person, int32_t date)
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
		const struct prac_law_row *row = prac_policy_row(policy, facts[i].kind, date);

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
	bool is_kind = false;

	for (size_t i = 0; i < row->n_keys; i++) {
		is_kind = is_kind || (strcmp(row->keys[i].name, "kind") == 0 &&
					     strcmp(row->keys[i].value, kind) == 0);
	}
	return is_kind && minutes >= prac_policy_number(row, "least", 0);
}
