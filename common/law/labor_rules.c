/* What each kind of labor rule says of one shift. */
#include <string.h>

#include "common/base/date.h"
#include "common/law/labor_parts.h"

enum {
	OTHER_WEEKS = 3, /* of a running four-week cycle */
	WEEK = 7
};

static bool is_in_season(const struct labor_rule *rule, int32_t date)
{
	int year, month, day;
	int32_t from, until;

	if (rule->season == LABOR_ALL_YEAR) {
		return true;
	}
	prac_date_to_civil(date, &year, &month, &day);
	from = prac_date_from_civil(year, rule->season_from / 100, rule->season_from % 100);
	if (rule->season_until == LABOR_LABOR_DAY) {
		int32_t first = prac_date_from_civil(year, 9, 1);
		until = first + (PRAC_MONDAY + WEEK - (int32_t)prac_date_weekday(first)) % WEEK;
	} else {
		until = prac_date_from_civil(
			year, rule->season_until / 100, rule->season_until % 100);
	}
	return (from <= date && date <= until) == (rule->season == LABOR_INSIDE);
}

/* An evening or night is named by the date it begins on (R3). */
static bool is_evening_of(
	const struct labor_judging *judging, const struct labor_rule *rule, int32_t date)
{
	return (rule->weekdays >> (unsigned)prac_date_weekday(date) & 1) != 0 &&
	       (!rule->before_school || labor_is_school(judging, date + 1)) &&
	       is_in_season(rule, date);
}

static void judge_age(const struct labor_judging *judging, const struct labor_rule *rule,
	struct labor_shift *shift)
{
	labor_mark(judging, shift, rule);
}

static void judge_class(const struct labor_judging *judging, const struct labor_rule *rule,
	struct labor_shift *shift)
{
	int32_t date = shift->entry->date;

	if (labor_works_in_class(judging, shift, date, rule->less_release) ||
		labor_works_in_class(judging, shift, date + 1, rule->less_release)) {
		labor_mark(judging, shift, rule);
	}
}

/* Days worked in class hours, of the week of the date until the date itself. */
static int class_days_until(const struct labor_judging *judging, int32_t date)
{
	int n = 0;

	for (int32_t d = prac_date_week_start(date); d <= date; d++) {
		n += d >= judging->first && judging->class_days[labor_day_index(judging, d)];
	}
	return n;
}

static void judge_class_days(const struct labor_judging *judging, const struct labor_rule *rule,
	struct labor_shift *shift)
{
	int32_t date = shift->entry->date;
	int32_t saturday = prac_date_week_start(date) + WEEK - 1;
	int n = class_days_until(judging, date);
	bool is_second_taken = false;

	if (!labor_works_in_class(judging, shift, date, false)) {
		return;
	}
	for (int i = 1; i <= OTHER_WEEKS; i++) {
		is_second_taken =
			is_second_taken || class_days_until(judging, saturday - i * WEEK) >= 2;
	}
	if (n > 2 || (n == 2 && is_second_taken)) {
		labor_mark(judging, shift, rule);
	}
}

static bool is_on(const struct labor_judging *judging, const struct labor_rule *rule, int32_t date)
{
	bool is_school = labor_is_school(judging, date);
	bool is_worked = judging->class_days[labor_day_index(judging, date)];

	switch (rule->on) {
	case LABOR_ON_ANY:
		return true;
	case LABOR_ON_SCHOOL:
		return is_school;
	case LABOR_ON_OTHER:
		return !is_school;
	case LABOR_ON_CLASS_WORKED:
		return is_school && is_worked;
	case LABOR_ON_CLASS_FREE:
		return is_school && !is_worked;
	}
	return false;
}

/* The entry that takes a sum over its limit is marked, no later one (R11). */
static bool crosses(int32_t before, int32_t more, int32_t most)
{
	return before <= most && before + more > most;
}

static void judge_day(const struct labor_judging *judging, const struct labor_rule *rule,
	struct labor_shift *shift)
{
	for (int32_t i = 0; i < 2; i++) {
		int32_t date = shift->entry->date + i;
		int32_t before = judging->day_minutes[labor_day_index(judging, date)];

		if (crosses(before, shift->minutes[i], rule->most) && is_on(judging, rule, date)) {
			labor_mark(judging, shift, rule);
		}
	}
}

static bool is_on_week(
	const struct labor_judging *judging, const struct labor_rule *rule, int32_t date)
{
	return rule->on == LABOR_ON_ANY ||
	       labor_has_school_week(judging, date) == (rule->on == LABOR_ON_SCHOOL);
}

static void judge_week(const struct labor_judging *judging, const struct labor_rule *rule,
	struct labor_shift *shift)
{
	int32_t date = shift->entry->date;
	bool is_split = prac_date_weekday(date) == PRAC_SATURDAY;
	int32_t minutes[2] = { shift->minutes[0] + (is_split ? 0 : shift->minutes[1]),
		is_split ? shift->minutes[1] : 0 };

	for (int32_t i = 0; i < 2; i++) {
		int32_t before = judging->week_minutes[labor_day_index(judging, date + i) / WEEK];

		if (crosses(before, minutes[i], rule->most) &&
			is_on_week(judging, rule, date + i)) {
			labor_mark(judging, shift, rule);
		}
	}
}

static void judge_morning(const struct labor_judging *judging, const struct labor_rule *rule,
	struct labor_shift *shift)
{
	for (int32_t date = shift->entry->date; date <= shift->entry->date + 1; date++) {
		if (is_in_season(rule, date) && labor_works(shift, date, 0, rule->until)) {
			labor_mark(judging, shift, rule);
		}
	}
}

/* Hours after midnight belong to the evening the shift began on, too (R1). */
static void judge_evening(const struct labor_judging *judging, const struct labor_rule *rule,
	struct labor_shift *shift)
{
	int32_t date = shift->entry->date;

	if ((is_in_season(rule, date) &&
		    labor_works(shift, date, rule->from, 2 * LABOR_DAY_MINUTES)) ||
		(is_in_season(rule, date + 1) &&
			labor_works(shift, date + 1, rule->from, LABOR_DAY_MINUTES))) {
		labor_mark(judging, shift, rule);
	}
}

static void judge_night(const struct labor_judging *judging, const struct labor_rule *rule,
	struct labor_shift *shift)
{
	bool is_freed =
		rule->consent != LABOR_NO_TIME && shift->entry->consent == PRAC_LABOR_CONSENT;
	int32_t from = is_freed ? rule->consent : rule->from;

	for (int32_t date = shift->entry->date - 1; date <= shift->entry->date + 1; date++) {
		if (is_evening_of(judging, rule, date) &&
			labor_works(shift, date, from, LABOR_DAY_MINUTES + rule->until)) {
			labor_mark(judging, shift, rule);
		}
	}
}

bool labor_works_evening(const struct labor_judging *judging, const struct labor_rule *rule,
	const struct labor_shift *shift, int32_t date)
{
	return is_evening_of(judging, rule, date) &&
	       labor_works(shift, date, rule->from, rule->until);
}

static int32_t evenings_until(const struct labor_judging *judging, int32_t date)
{
	int32_t n = 0;

	for (int32_t d = prac_date_week_start(date); d <= date; d++) {
		n += judging->evenings[labor_day_index(judging, d)];
	}
	return n;
}

static void judge_consent_evenings(const struct labor_judging *judging,
	const struct labor_rule *rule, struct labor_shift *shift)
{
	if (shift->entry->consent != PRAC_LABOR_CONSENT) {
		return;
	}
	for (int32_t date = shift->entry->date; date <= shift->entry->date + 1; date++) {
		if (labor_works_evening(judging, rule, shift, date) &&
			evenings_until(judging, date) > rule->most) {
			labor_mark(judging, shift, rule);
		}
	}
}

static void judge_consent_end(const struct labor_judging *judging, const struct labor_rule *rule,
	struct labor_shift *shift)
{
	if (shift->entry->consent != PRAC_LABOR_CONSENT_ENDED) {
		return;
	}
	for (int32_t date = shift->entry->date; date <= shift->entry->date + 1; date++) {
		if (labor_works_evening(judging, rule, shift, date)) {
			labor_mark(judging, shift, rule);
		}
	}
}

static void judge_hazard(const struct labor_judging *judging, const struct labor_rule *rule,
	struct labor_shift *shift)
{
	if ((shift->entry->orders >> rule->order & 1) != 0) {
		labor_mark(judging, shift, rule);
	}
}

const labor_judge_fn labor_judges[LABOR_N_KINDS] = {
	[LABOR_MIN_AGE] = judge_age,
	[LABOR_CLASS_HOURS] = judge_class,
	[LABOR_CLASS_DAYS] = judge_class_days,
	[LABOR_DAY_SUM] = judge_day,
	[LABOR_WEEK_SUM] = judge_week,
	[LABOR_MORNING] = judge_morning,
	[LABOR_EVENING] = judge_evening,
	[LABOR_NIGHT] = judge_night,
	[LABOR_CONSENT_EVENINGS] = judge_consent_evenings,
	[LABOR_CONSENT_END] = judge_consent_end,
	[LABOR_HAZARD] = judge_hazard,
};

/* One single break, long enough and not in the first hour, somewhere in the chain (R7). */
static bool has_break(const struct labor_rule *rule, const struct labor_shift *last)
{
	for (const struct labor_shift *shift = last; shift != NULL; shift = shift->chain) {
		if (shift->break_start >= 0 && shift->entry->break_minutes >= rule->least &&
			shift->break_start - last->chain_start >= rule->after) {
			return true;
		}
	}
	return false;
}

static bool is_lifted(const struct labor_judging *judging, const struct labor_rule *rule,
	const struct labor_shift *shift)
{
	return (labor_lifted(judging->law, judging->minor, shift->entry) >> rule->bit & 1) != 0;
}

/* How the chain goes on behind a shift, a bit each. */
enum {
	GOES_ON = 1,
	GOES_ON_LIFTED = 2 /* with an entry that an exemption frees of the rule */
};

static void find_ends(
	const struct labor_judging *judging, const struct labor_rule *rule, uint8_t *goes_on)
{
	memset(goes_on, 0, judging->n_shifts);
	for (size_t i = 0; i < judging->n_shifts; i++) {
		const struct labor_shift *shift = &judging->shifts[i];

		if (shift->chain != NULL) {
			goes_on[shift->chain - judging->shifts] |=
				is_lifted(judging, rule, shift) ? GOES_ON_LIFTED : GOES_ON;
		}
	}
}

/* The mark is for the last entry of a chain that the rule is for (R6). */
static void judge_chains(
	const struct labor_judging *judging, const struct labor_rule *rule, const uint8_t *goes_on)
{
	for (size_t i = 0; i < judging->n_shifts; i++) {
		const struct labor_shift *shift = &judging->shifts[i];
		uint8_t ends = is_lifted(judging, rule, shift) ? GOES_ON | GOES_ON_LIFTED : GOES_ON;

		if ((goes_on[i] & ends) == 0 && shift->end - shift->chain_start >= rule->length &&
			labor_binds(
				judging, rule, shift->entry, shift->chain_date, shift->chain_age) &&
			!has_break(rule, shift)) {
			labor_mark(judging, shift, rule);
		}
	}
}

void labor_judge_breaks(struct labor_judging *judging, struct prac_arena *arena)
{
	uint8_t *goes_on = prac_arena_alloc(arena, judging->n_shifts);

	for (size_t i = 0; i < judging->law->n_rules; i++) {
		const struct labor_rule *rule = &judging->law->rules[i];

		if (rule->kind == LABOR_BREAK) {
			find_ends(judging, rule, goes_on);
			judge_chains(judging, rule, goes_on);
		}
	}
}
