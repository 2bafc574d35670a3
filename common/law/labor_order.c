/* Which of two versions of a labor rule set demands less. */
#include <string.h>

#include "common/law/labor_parts.h"

/* "TN-BREAK least:20" of the row that demands less; a key, or what else differs. */
struct lacks {
	struct prac_arena *arena;
	const char *words;
};

static void add(struct lacks *lacks, const char *id, const char *what)
{
	lacks->words = prac_arena_printf(lacks->arena, "%s%s%s %s",
		lacks->words == NULL ? "" : lacks->words, lacks->words == NULL ? "" : "; ", id,
		what);
}

static const struct labor_rule *find(const struct prac_labor_law *law, const char *id)
{
	for (size_t i = 0; i < law->n_rules; i++) {
		if (strcmp(law->rules[i].row->id, id) == 0) {
			return &law->rules[i];
		}
	}
	return NULL;
}

static bool is_season_smaller(const struct labor_rule *own, const struct labor_rule *floor)
{
	return own->season != LABOR_ALL_YEAR &&
	       (own->season != floor->season || own->season_from != floor->season_from ||
		       own->season_until != floor->season_until);
}

/* With consent the night begins at `consent`; without the key it begins at `from` for everybody. */
static bool is_consent_wider(const struct labor_rule *own, const struct labor_rule *floor)
{
	return own->consent != LABOR_NO_TIME &&
	       (floor->consent == LABOR_NO_TIME || own->consent > floor->consent);
}

static void compare(
	struct lacks *lacks, const struct labor_rule *own, const struct labor_rule *floor)
{
	const struct {
		bool is_less;
		const char *words;
	} tests[] = {
		{ own->kind != floor->kind, "is of another kind" },
		{ own->age_from > floor->age_from || own->age_until < floor->age_until,
			"binds fewer ages" },
		{ own->is_warning && !floor->is_warning, "warns only" },
		{ own->for_enrolled && !floor->for_enrolled, "binds the enrolled only" },
		{ own->less_release && !floor->less_release, "leaves out release periods" },
		{ own->before_school && !floor->before_school, "binds before school days only" },
		{ own->on != floor->on && own->on != LABOR_ON_ANY, "is for other days" },
		{ (floor->weekdays & ~own->weekdays) != 0, "is for fewer weekdays" },
		{ own->most > floor->most, "allows more" },
		{ own->from > floor->from, "begins later" },
		{ own->until < floor->until, "ends earlier" },
		{ is_consent_wider(own, floor), "lets consent reach further" },
		{ is_season_smaller(own, floor), "is for other days of the year" },
		{ own->length > floor->length, "asks for the break later" },
		{ own->least < floor->least, "asks for a shorter break" },
		{ own->after < floor->after, "lets the break come earlier" },
		{ own->order != floor->order, "is another order" },
		{ (own->needs & ~floor->needs) != 0, "binds with more proofs only" },
	};

	for (size_t i = 0; i < PRAC_NELEM(tests); i++) {
		if (tests[i].is_less) {
			add(lacks, own->row->id, tests[i].words);
		}
	}
}

static bool has_value(const struct prac_law_row *row, const char *name, const char *value)
{
	for (size_t i = 0; i < row->n_keys; i++) {
		if (strcmp(row->keys[i].name, name) == 0 &&
			strcmp(row->keys[i].value, value) == 0) {
			return true;
		}
	}
	return false;
}

/* An exemption frees: it may lift nothing, and for nobody, that the law does not. */
static void compare_exemption(
	struct lacks *lacks, const struct labor_rule *own, const struct labor_rule *floor)
{
	const struct prac_law_row *row = own->row;

	if (floor == NULL || floor->kind != LABOR_EXEMPTION) {
		add(lacks, row->id, "is an exemption that the law does not have");
		return;
	}
	if (own->age_from < floor->age_from || own->age_until > floor->age_until ||
		(own->proofs & ~floor->proofs) != 0) {
		add(lacks, row->id, "exempts more people");
	}
	for (size_t i = 0; i < row->n_keys; i++) {
		if (strcmp(row->keys[i].name, "lifts") == 0 &&
			!has_value(floor->row, "lifts", row->keys[i].value)) {
			add(lacks, row->id, "lifts more rules");
		}
	}
}

static struct prac_labor_law *read(const struct prac_law_set *set, struct prac_arena *arena)
{
	struct prac_labor_law *law = prac_labor_law_new(arena);
	const char *error;

	if (set != NULL && prac_labor_law_add(law, set, &error) != PRAC_OK) {
		law->n_rules = 0; /* then every rule is missing */
	}
	return law;
}

const char *prac_labor_looser(
	const struct prac_law_set *set, const struct prac_law_set *floor, struct prac_arena *arena)
{
	const struct prac_labor_law *own = read(set, arena), *law = read(floor, arena);
	struct lacks lacks = { .arena = arena };

	for (size_t i = 0; i < law->n_rules; i++) {
		const struct labor_rule *rule = &law->rules[i];
		const struct labor_rule *mine = find(own, rule->row->id);

		if (rule->kind == LABOR_NOTE || rule->kind == LABOR_EXEMPTION) {
			continue; /* nothing is lost without it */
		}
		if (mine == NULL) {
			add(&lacks, rule->row->id, "is missing");
		} else {
			compare(&lacks, mine, rule);
		}
	}
	for (size_t i = 0; i < own->n_rules; i++) {
		if (own->rules[i].kind == LABOR_EXEMPTION) {
			compare_exemption(&lacks, &own->rules[i], find(law, own->rules[i].row->id));
		}
	}
	return lacks.words;
}
