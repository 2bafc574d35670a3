/* Rows of rule sets made ready for judging. */
#include <stdlib.h>
#include <string.h>

#include "common/base/date.h"
#include "common/law/labor_parts.h"

enum {
	RULES_MAX = 4000,
	AGE_MAX = 150,
	ALL_WEEKDAYS = 0x7f
};

static const char *const proofs[] = {
#define XX(name, number, text) [number] = (text),
	PRAC_LABOR_PROOF_MAP(XX)
#undef XX
};

static const char *const weekdays[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

struct word {
	const char *name;
	int value;
};

static const struct word days[] = { { "any", LABOR_ON_ANY }, { "school", LABOR_ON_SCHOOL },
	{ "other", LABOR_ON_OTHER }, { "class-worked", LABOR_ON_CLASS_WORKED },
	{ "class-free", LABOR_ON_CLASS_FREE } };

static int find_text(const char *const *texts, size_t n, const char *text, size_t len)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(texts[i]) == len && memcmp(texts[i], text, len) == 0) {
			return (int)i;
		}
	}
	return -1;
}

/* Digits only; -1 for anything else or a number beyond max. Takes them from *text_io. */
static int32_t take_number(const char **text_io, int32_t max)
{
	int32_t number = **text_io >= '0' && **text_io <= '9' ? 0 : -1;

	while (number >= 0 && **text_io >= '0' && **text_io <= '9') {
		number = number * 10 + (*(*text_io)++ - '0');
		number = number > max ? -1 : number;
	}
	return number;
}

static bool read_age(struct labor_rule *rule, const char *text)
{
	rule->age_from = take_number(&text, AGE_MAX);
	if (rule->age_from < 0 || *text++ != '-') {
		return false;
	}
	rule->age_until = take_number(&text, AGE_MAX);
	return rule->age_until >= rule->age_from && *text == '\0';
}

static bool read_on(struct labor_rule *rule, const char *text)
{
	for (size_t i = 0; i < PRAC_NELEM(days); i++) {
		if (strcmp(days[i].name, text) == 0) {
			rule->on = (enum labor_on)days[i].value;
			return true;
		}
	}
	return false;
}

/* A duration, or for evenings a plain number; both are read the same. */
static bool read_most(struct labor_rule *rule, const char *text)
{
	return prac_duration_parse(text, &rule->most) == PRAC_OK;
}

static bool read_time(const char *text, int32_t *minute_out)
{
	if (strcmp(text, "24:00") == 0) {
		*minute_out = LABOR_DAY_MINUTES;
		return true;
	}
	return prac_time_parse(text, minute_out) == PRAC_OK;
}

static bool read_from(struct labor_rule *rule, const char *text)
{
	return read_time(text, &rule->from);
}

static bool read_until(struct labor_rule *rule, const char *text)
{
	return read_time(text, &rule->until);
}

static bool read_consent(struct labor_rule *rule, const char *text)
{
	return read_time(text, &rule->consent);
}

/* sun-thu */
static bool read_weekdays(struct labor_rule *rule, const char *text)
{
	const char *dash = strchr(text, '-');
	int from, until;

	if (dash == NULL) {
		return false;
	}
	from = find_text(weekdays, PRAC_NELEM(weekdays), text, (size_t)(dash - text));
	until = find_text(weekdays, PRAC_NELEM(weekdays), dash + 1, strlen(dash + 1));
	rule->weekdays = 0;
	for (int i = from; from >= 0 && i <= until; i++) {
		rule->weekdays |= (uint8_t)(1U << (unsigned)i);
	}
	return rule->weekdays != 0;
}

static bool read_before(struct labor_rule *rule, const char *text)
{
	rule->before_school = true;
	return strcmp(text, "school") == 0;
}

static bool read_who(struct labor_rule *rule, const char *text)
{
	rule->for_enrolled = true;
	return strcmp(text, "enrolled") == 0;
}

static bool read_less(struct labor_rule *rule, const char *text)
{
	rule->less_release = true;
	return strcmp(text, "release") == 0;
}

static bool read_severity(struct labor_rule *rule, const char *text)
{
	rule->is_warning = strcmp(text, "W") == 0;
	return rule->is_warning || strcmp(text, "E") == 0;
}

/* 06-01 */
static bool read_month_day(const char **text_io, int32_t *out)
{
	int32_t month = take_number(text_io, 12), day = -1;

	if (month >= 1 && **text_io == '-') {
		(*text_io)++;
		day = take_number(text_io, 31);
	}
	*out = month * 100 + day;
	return day >= 1;
}

/* 06-01..labor-day */
static bool read_season(struct labor_rule *rule, const char *text)
{
	if (!read_month_day(&text, &rule->season_from) || strncmp(text, "..", 2) != 0) {
		return false;
	}
	text += 2;
	if (strcmp(text, "labor-day") == 0) {
		rule->season_until = LABOR_LABOR_DAY;
		return true;
	}
	return read_month_day(&text, &rule->season_until) && *text == '\0';
}

static bool read_inside(struct labor_rule *rule, const char *text)
{
	rule->season = LABOR_INSIDE;
	return read_season(rule, text);
}

static bool read_outside(struct labor_rule *rule, const char *text)
{
	rule->season = LABOR_OUTSIDE;
	return read_season(rule, text);
}

static bool read_length(struct labor_rule *rule, const char *text)
{
	return prac_duration_parse(text, &rule->length) == PRAC_OK;
}

static bool read_least(struct labor_rule *rule, const char *text)
{
	return prac_duration_parse(text, &rule->least) == PRAC_OK;
}

static bool read_after(struct labor_rule *rule, const char *text)
{
	return prac_duration_parse(text, &rule->after) == PRAC_OK;
}

static bool read_order(struct labor_rule *rule, const char *text)
{
	int32_t order = take_number(&text, 31);

	rule->order = (uint32_t)order;
	return order >= 1 && *text == '\0';
}

static bool read_proofs(const char *text, uint32_t *proofs_io)
{
	int proof = find_text(proofs, PRAC_NELEM(proofs), text, strlen(text));

	if (proof >= 0) {
		*proofs_io |= 1U << (unsigned)proof;
	}
	return proof >= 0;
}

static bool read_needs(struct labor_rule *rule, const char *text)
{
	return read_proofs(text, &rule->needs);
}

static bool read_proof(struct labor_rule *rule, const char *text)
{
	return read_proofs(text, &rule->proofs);
}

/* Patterns are matched against the ids when all rows are there. */
static bool read_lifts(struct labor_rule *rule, const char *text)
{
	(void)rule;
	return text[0] != '\0';
}

/* The keys of a row, a bit each for what a kind requires and allows. */
enum key {
	KEY_AGE = 1 << 0,
	KEY_ON = 1 << 1,
	KEY_MOST = 1 << 2,
	KEY_FROM = 1 << 3,
	KEY_UNTIL = 1 << 4,
	KEY_CONSENT = 1 << 5,
	KEY_DAYS = 1 << 6,
	KEY_BEFORE = 1 << 7,
	KEY_WHO = 1 << 8,
	KEY_LESS = 1 << 9,
	KEY_SEVERITY = 1 << 10,
	KEY_INSIDE = 1 << 11,
	KEY_OUTSIDE = 1 << 12,
	KEY_LENGTH = 1 << 13,
	KEY_LEAST = 1 << 14,
	KEY_AFTER = 1 << 15,
	KEY_ORDER = 1 << 16,
	KEY_NEEDS = 1 << 17,
	KEY_PROOF = 1 << 18,
	KEY_LIFTS = 1 << 19,
	KEYS_OF_ALL = KEY_WHO | KEY_SEVERITY | KEY_NEEDS,
	KEYS_OF_EVENING = KEY_DAYS | KEY_BEFORE
};

static const struct {
	const char *name;
	enum key key;
	bool (*read)(struct labor_rule *rule, const char *text);
	const char *form; /* for whoever must mend it */
} keys[] = {
	{ "age", KEY_AGE, read_age, "age:14-15" },
	{ "on", KEY_ON, read_on, "on:school or on:other" },
	{ "most", KEY_MOST, read_most, "most:3h" },
	{ "from", KEY_FROM, read_from, "from:19:00" },
	{ "until", KEY_UNTIL, read_until, "until:07:00" },
	{ "consent", KEY_CONSENT, read_consent, "consent:24:00" },
	{ "days", KEY_DAYS, read_weekdays, "days:sun-thu" },
	{ "before", KEY_BEFORE, read_before, "before:school" },
	{ "who", KEY_WHO, read_who, "who:enrolled" },
	{ "less", KEY_LESS, read_less, "less:release" },
	{ "severity", KEY_SEVERITY, read_severity, "severity:E or severity:W" },
	{ "inside", KEY_INSIDE, read_inside, "inside:06-01..labor-day" },
	{ "outside", KEY_OUTSIDE, read_outside, "outside:06-01..labor-day" },
	{ "from-length", KEY_LENGTH, read_length, "from-length:6h" },
	{ "least", KEY_LEAST, read_least, "least:30" },
	{ "after", KEY_AFTER, read_after, "after:60" },
	{ "order", KEY_ORDER, read_order, "order:5" },
	{ "needs", KEY_NEEDS, read_needs, "needs:wecep" },
	{ "proof", KEY_PROOF, read_proof, "proof:student-learner" },
	{ "lifts", KEY_LIFTS, read_lifts, "lifts:TN-*" },
};

static const struct {
	const char *name;
	enum labor_kind kind;
	uint32_t required, allowed; /* enum key; KEYS_OF_ALL is allowed everywhere */
} kinds[] = {
	{ "note", LABOR_NOTE, 0, 0 },
	{ "free", LABOR_NOTE, KEY_AGE, 0 },
	{ "exemption", LABOR_EXEMPTION, KEY_AGE | KEY_PROOF | KEY_LIFTS, 0 },
	{ "min-age", LABOR_MIN_AGE, KEY_AGE, 0 },
	{ "class-hours", LABOR_CLASS_HOURS, KEY_AGE, KEY_LESS },
	{ "class-days", LABOR_CLASS_DAYS, KEY_AGE, 0 },
	{ "day-sum", LABOR_DAY_SUM, KEY_AGE | KEY_MOST, KEY_ON },
	{ "week-sum", LABOR_WEEK_SUM, KEY_AGE | KEY_MOST, KEY_ON },
	{ "morning", LABOR_MORNING, KEY_AGE | KEY_UNTIL, KEY_INSIDE | KEY_OUTSIDE },
	{ "evening", LABOR_EVENING, KEY_AGE | KEY_FROM, KEY_INSIDE | KEY_OUTSIDE },
	{ "night", LABOR_NIGHT, KEY_AGE | KEY_FROM | KEY_UNTIL,
		KEYS_OF_EVENING | KEY_CONSENT | KEY_INSIDE | KEY_OUTSIDE },
	{ "consent-evenings", LABOR_CONSENT_EVENINGS, KEY_AGE | KEY_FROM | KEY_UNTIL | KEY_MOST,
		KEYS_OF_EVENING },
	{ "consent-end", LABOR_CONSENT_END, KEY_AGE | KEY_FROM | KEY_UNTIL, KEYS_OF_EVENING },
	{ "break", LABOR_BREAK, KEY_AGE | KEY_LENGTH | KEY_LEAST | KEY_AFTER, 0 },
	{ "hazard", LABOR_HAZARD, KEY_AGE | KEY_ORDER, 0 },
};

static int find_kind(const char *name)
{
	for (size_t i = 0; i < PRAC_NELEM(kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

static int find_key(const char *name)
{
	for (size_t i = 0; i < PRAC_NELEM(keys); i++) {
		if (strcmp(keys[i].name, name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

static const char *form_of(uint32_t missing)
{
	for (size_t i = 0; i < PRAC_NELEM(keys); i++) {
		if ((missing & (uint32_t)keys[i].key) != 0) {
			return keys[i].form;
		}
	}
	return "";
}

/* NULL, or what is wrong. */
static const char *read_keys(struct prac_arena *arena, struct labor_rule *rule, int kind)
{
	const struct prac_law_row *row = rule->row;
	uint32_t allowed = kinds[kind].required | kinds[kind].allowed | KEYS_OF_ALL;
	uint32_t seen = 0;

	for (size_t i = 0; i < row->n_keys; i++) {
		int key = find_key(row->keys[i].name);

		if (key < 0 || (allowed & (uint32_t)keys[key].key) == 0) {
			return prac_arena_printf(arena, "%s: a row of kind %s has no key \"%s\"",
				row->id, row->kind, row->keys[i].name);
		}
		if (!keys[key].read(rule, row->keys[i].value)) {
			return prac_arena_printf(arena, "%s: \"%s:%s\" is not understood; write %s",
				row->id, row->keys[i].name, row->keys[i].value, keys[key].form);
		}
		seen |= (uint32_t)keys[key].key;
	}
	if ((kinds[kind].required & ~seen) != 0) {
		return prac_arena_printf(arena, "%s: a row of kind %s needs %s", row->id, row->kind,
			form_of(kinds[kind].required & ~seen));
	}
	return NULL;
}

static bool judges(const struct labor_rule *rule)
{
	return rule->kind != LABOR_NOTE && rule->kind != LABOR_EXEMPTION;
}

/* The id's bit, a new one for a new id; false: there are too many. */
static bool find_bit(struct prac_labor_law *law, struct labor_rule *rule)
{
	for (unsigned i = 0; i < law->n_ids; i++) {
		if (strcmp(law->ids[i], rule->row->id) == 0) {
			rule->bit = i;
			return true;
		}
	}
	if (law->n_ids == PRAC_LABOR_IDS_MAX) {
		return false;
	}
	rule->bit = law->n_ids;
	law->ids[law->n_ids++] = rule->row->id;
	return true;
}

static const char *add_row(
	struct prac_labor_law *law, const struct prac_law_set *set, const struct prac_law_row *row)
{
	struct labor_rule rule = {
		.row = row,
		.starts_on = set->starts_on,
		.ends_on = set->ends_on,
		.weekdays = ALL_WEEKDAYS,
		.consent = LABOR_NO_TIME,
	};
	int kind = find_kind(row->kind);
	const char *error;

	if (kind < 0) {
		return prac_arena_printf(law->arena, "%s: there is no kind \"%s\" of labor rule",
			row->id, row->kind);
	}
	rule.kind = kinds[kind].kind;
	error = read_keys(law->arena, &rule, kind);
	if (error != NULL) {
		return error;
	}
	if (law->n_rules == law->cap_rules || (judges(&rule) && !find_bit(law, &rule))) {
		return prac_arena_printf(law->arena,
			"%s: a law has at most %d different rules in %d rows", row->id,
			PRAC_LABOR_IDS_MAX, RULES_MAX);
	}
	law->rules[law->n_rules++] = rule;
	return NULL;
}

static bool matches(const char *pattern, const char *id)
{
	size_t len = strlen(pattern);

	return len > 0 && pattern[len - 1] == '*' ? strncmp(pattern, id, len - 1) == 0
						  : strcmp(pattern, id) == 0;
}

static uint64_t ids_like(const struct prac_labor_law *law, const char *pattern)
{
	uint64_t ids = 0;

	for (unsigned bit = 0; bit < law->n_ids; bit++) {
		if (matches(pattern, law->ids[bit])) {
			ids |= UINT64_C(1) << bit;
		}
	}
	return ids;
}

static void resolve_lifts(const struct prac_labor_law *law, struct labor_rule *rule)
{
	rule->lifts = 0;
	for (size_t i = 0; i < rule->row->n_keys; i++) {
		if (strcmp(rule->row->keys[i].name, "lifts") == 0) {
			rule->lifts |= ids_like(law, rule->row->keys[i].value);
		}
	}
}

struct prac_labor_law *prac_labor_law_new(struct prac_arena *arena)
{
	struct prac_labor_law *law = prac_arena_alloc(arena, sizeof(*law));

	law->arena = arena;
	return law;
}

static void make_room(struct prac_labor_law *law, size_t n_more)
{
	size_t wanted = law->n_rules + n_more;
	struct labor_rule *rules;

	if (wanted > RULES_MAX) {
		wanted = RULES_MAX;
	}
	if (wanted <= law->cap_rules) {
		return;
	}
	rules = prac_arena_alloc(law->arena, wanted * sizeof(*rules));
	if (law->n_rules > 0) {
		memcpy(rules, law->rules, law->n_rules * sizeof(*rules));
	}
	law->rules = rules;
	law->cap_rules = wanted;
}

enum prac_status prac_labor_law_add(
	struct prac_labor_law *law, const struct prac_law_set *set, const char **error_out)
{
	size_t n_before = law->n_rules;
	unsigned n_ids_before = law->n_ids;

	if (strcmp(set->domain, "labor") != 0) {
		*error_out = "the set is not of the domain labor";
		return PRAC_INVALID_ARGUMENT;
	}
	make_room(law, set->n_rows);
	for (size_t i = 0; i < set->n_rows; i++) {
		const char *error = add_row(law, set, &set->rows[i]);

		if (error != NULL) {
			law->n_rules = n_before;
			law->n_ids = n_ids_before;
			*error_out = error;
			return PRAC_INVALID_ARGUMENT;
		}
	}
	for (size_t i = 0; i < law->n_rules; i++) {
		if (law->rules[i].kind == LABOR_EXEMPTION) {
			resolve_lifts(law, &law->rules[i]);
		}
	}
	return PRAC_OK;
}

/* labor-us is above labor-us-tn. */
static bool is_above(const char *name, const char *wanted)
{
	size_t len = strlen(name);

	return strncmp(name, wanted, len) == 0 && (wanted[len] == '\0' || wanted[len] == '-');
}

struct prac_labor_law *prac_labor_law_shipped(const char *jurisdiction, struct prac_arena *arena)
{
	const char *wanted = prac_arena_printf(arena, "labor-%s", jurisdiction);
	struct prac_labor_law *law = prac_labor_law_new(arena);
	bool is_known = false;
	const char *error;

	for (const struct prac_law_text *text = prac_law_shipped; text->name != NULL; text++) {
		struct prac_law_set *set = prac_arena_alloc(arena, sizeof(*set));

		if (!is_above(text->name, wanted)) {
			continue;
		}
		if (prac_law_set_read(prac_bytes_text(text->text), arena, set, &error) != PRAC_OK ||
			prac_labor_law_add(law, set, &error) != PRAC_OK) {
			abort(); /* a test reads every shipped set */
		}
		is_known = is_known || strcmp(text->name, wanted) == 0;
	}
	return is_known ? law : NULL;
}

size_t prac_labor_n_ids(const struct prac_labor_law *law)
{
	return law->n_ids;
}

const char *prac_labor_id(const struct prac_labor_law *law, unsigned bit)
{
	return law->ids[bit];
}

const struct prac_law_row *prac_labor_row(
	const struct prac_labor_law *law, unsigned bit, int32_t date)
{
	for (size_t i = law->n_rules; i-- > 0;) {
		const struct labor_rule *rule = &law->rules[i];

		if (judges(rule) && rule->bit == bit && rule->starts_on <= date &&
			date <= rule->ends_on) {
			return rule->row;
		}
	}
	return NULL;
}

bool prac_labor_is_in_force(const struct prac_labor_law *law, int32_t date)
{
	for (unsigned bit = 0; bit < law->n_ids; bit++) {
		if (prac_labor_row(law, bit, date) != NULL) {
			return true;
		}
	}
	return false;
}
