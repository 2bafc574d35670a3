/* What a row of a domain beside labor may say, and what is wrong with one that says otherwise. */
#include <string.h>

#include "common/base/date.h"
#include "common/law/policy.h"
#include "common/law/retention.h"

/* What may stand behind the colon of a key. */
#define NUMBER NULL /* a whole one or a duration */
#define WORD   ""   /* else the words to choose from, blanks between them */

/* What the catalog says `retention` of a message with. */
#define PRAC_RETENTION_CLASSES \
	"year student hours document incident staff partner financial permanent"

enum {
	FORM_KEYS = 8
};

struct form_key {
	const char *name, *takes;
	bool is_required;
};

/* Which placements a row is about; without any of them it is about all. */
#define CASE                                                \
	{ "kind", WORD, false }, { "except", WORD, false }, \
	{                                                   \
		"activity", WORD, false                     \
	}

static const struct form {
	const char *domain, *kind;
	struct form_key keys[FORM_KEYS]; /* ended by a NULL name */
	const char *example;
} forms[] = {
	{ "credit", "credit",
		{ { "most", NUMBER, true }, { "class-periods", NUMBER, true },
			{ "class-blocks", NUMBER, true }, { "each", NUMBER, true } },
		"most:6 class-periods:2 class-blocks:1 each:5h" },
	{ "eligibility", "age", { { "least", NUMBER, false }, { "most", NUMBER, false }, CASE },
		"least:16" },
	{ "eligibility", "grade", { { "least", NUMBER, false }, { "most", NUMBER, false }, CASE },
		"least:11 most:12" },
	{ "eligibility", "attendance",
		{ { "least", NUMBER, false }, { "most", NUMBER, false }, CASE }, "least:90" },
	{ "visits", "visit", { { "most", NUMBER, true }, CASE }, "most:30 kind:clinical" },
	{ "documents", "paper",
		{ { "paper", WORD, true }, { "gate", "start each_day close", true },
			{ "lapse", "suspends warns", true }, { "pay", "paid unpaid", false },
			{ "under", NUMBER, false }, CASE },
		"paper:agreement gate:start lapse:suspends pay:paid under:18 kind:internship" },
	{ "privacy", "basis",
		{ { "name",
			  "consent parent directory other_school audit studies subpoena emergency",
			  true },
			{ "recorded", NUMBER, true }, { "sensitive", NUMBER, false } },
		"name:consent recorded:0" },
	{ "privacy", "bulk", { { "most", NUMBER, true } }, "most:5000" },
	{ "privacy", "card", { { "hours", NUMBER, true } }, "hours:24" },
	{ "documents", "sample", { { "share", NUMBER, true }, { "seed", WORD, false } },
		"share:5 seed:oak-2026" },
	{ "retention", "keep",
		{ { "class", PRAC_RETENTION_CLASSES, true },
			{ "from", "change leaving placement expiry", true },
			{ "years", NUMBER, true }, { "days", NUMBER, false },
			{ "school-year", NUMBER, false } },
		"class:hours years:3 from:placement school-year:1" },
	{ "perkins", "concentrator", { { "least", NUMBER, true } }, "least:2" },
	{ "perkins", "qualifying", { { "least", NUMBER, true }, { "kind", WORD, true } },
		"least:0 kind:internship" },
};

static const struct form *form_of(const struct prac_law_set *set, const struct prac_law_row *row)
{
	for (size_t i = 0; i < PRAC_NELEM(forms); i++) {
		if (strcmp(forms[i].domain, set->domain) == 0 &&
			strcmp(forms[i].kind, row->kind) == 0) {
			return &forms[i];
		}
	}
	return NULL;
}

static const struct form_key *key_of(const struct form *form, const char *name)
{
	for (size_t i = 0; i < FORM_KEYS && form->keys[i].name != NULL; i++) {
		if (strcmp(form->keys[i].name, name) == 0) {
			return &form->keys[i];
		}
	}
	return NULL;
}

static bool is_among(const char *choices, const char *value)
{
	size_t len = strlen(value);
	bool is_found = false;

	while (!is_found && *choices != '\0') {
		size_t n = strcspn(choices, " ");

		is_found = n == len && strncmp(choices, value, n) == 0;
		choices += n + strspn(choices + n, " ");
	}
	return is_found;
}

bool prac_retention_is_class(const char *class)
{
	return is_among(PRAC_RETENTION_CLASSES, class);
}

static bool is_taken(const struct form_key *key, const char *value)
{
	int32_t number;

	if (key->takes == NUMBER) {
		return prac_duration_parse(value, &number) == PRAC_OK;
	}
	return key->takes[0] == '\0' || is_among(key->takes, value);
}

static const char *row_flaw(
	const struct prac_law_row *row, const struct form *form, struct prac_arena *arena)
{
	for (size_t i = 0; i < row->n_keys; i++) {
		const struct prac_law_key *key = &row->keys[i];
		const struct form_key *known = key_of(form, key->name);

		if (known == NULL) {
			return prac_arena_printf(arena,
				"%s: a row of kind %s has no key \"%s\"; write it as in %s",
				row->id, row->kind, key->name, form->example);
		}
		if (!is_taken(known, key->value)) {
			return prac_arena_printf(arena,
				"%s: \"%s:%s\" is not understood; write it as in %s", row->id,
				key->name, key->value, form->example);
		}
	}
	for (size_t i = 0; i < FORM_KEYS && form->keys[i].name != NULL; i++) {
		if (form->keys[i].is_required && prac_law_key(row, form->keys[i].name) == NULL) {
			return prac_arena_printf(arena,
				"%s: a row of kind %s needs %s; write it as in %s", row->id,
				row->kind, form->keys[i].name, form->example);
		}
	}
	return NULL;
}

const char *prac_policy_flaw(const struct prac_law_set *set, struct prac_arena *arena)
{
	const char *flaw = NULL;

	for (size_t i = 0; i < set->n_rows && flaw == NULL; i++) {
		const struct prac_law_row *row = &set->rows[i];
		const struct form *form = form_of(set, row);

		if (form != NULL) {
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
