/* One minor's entries, resolved to instants and judged in time order. */
#include "common/law/labor.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/date.h"
#include "common/law/labor_parts.h"

enum {
	WEEK = 7,
	COVERED = 8 /* the week and the day after it (R10) */
};

int prac_labor_age(int32_t birth_date, int32_t date)
{
	int birth_year, birth_month, birth_day, year, month, day;

	prac_date_to_civil(birth_date, &birth_year, &birth_month, &birth_day);
	prac_date_to_civil(date, &year, &month, &day);
	/* On 28 February of a common year whoever was born on the 29th is still younger (R16). */
	return year - birth_year -
	       (month < birth_month || (month == birth_month && day < birth_day) ? 1 : 0);
}

struct prac_labor_day prac_labor_day(const struct prac_labor_calendar *calendar, int32_t date)
{
	int64_t index = (int64_t)date - calendar->first;

	return index >= 0 && index < (int64_t)calendar->n_days
		       ? calendar->days[index]
		       : (struct prac_labor_day){ .kind = PRAC_LABOR_DAY_UNKNOWN };
}

bool prac_labor_lacks_day(
	const struct prac_labor_calendar *calendar, int32_t date, int32_t *missing_out)
{
	int32_t sunday = prac_date_week_start(date);

	for (int32_t i = 0; i < COVERED; i++) {
		if (prac_labor_day(calendar, sunday + i).kind == PRAC_LABOR_DAY_UNKNOWN) {
			*missing_out = sunday + i;
			return true;
		}
	}
	return false;
}

static bool is_at(const struct labor_rule *rule, int age, int32_t date)
{
	return rule->age_from <= age && age <= rule->age_until && rule->starts_on <= date &&
	       date <= rule->ends_on;
}

bool labor_binds(const struct labor_judging *judging, const struct labor_rule *rule,
	const struct prac_labor_entry *entry, int32_t date, int age)
{
	return is_at(rule, age, date) && (!rule->for_enrolled || judging->minor->is_enrolled) &&
	       (entry->proofs & rule->needs) == rule->needs;
}

static bool exempts(const struct labor_rule *rule, const struct prac_labor_minor *minor,
	const struct prac_labor_entry *entry)
{
	return rule->kind == LABOR_EXEMPTION && (entry->proofs & rule->proofs) != 0 &&
	       is_at(rule, prac_labor_age(minor->birth_date, entry->date), entry->date);
}

uint64_t labor_lifted(const struct prac_labor_law *law, const struct prac_labor_minor *minor,
	const struct prac_labor_entry *entry)
{
	uint64_t lifted = 0;

	for (size_t i = 0; entry->proofs != 0 && i < law->n_rules; i++) {
		if (exempts(&law->rules[i], minor, entry)) {
			lifted |= law->rules[i].lifts;
		}
	}
	return lifted;
}

const struct prac_law_row *prac_labor_exemption(const struct prac_labor_law *law, unsigned bit,
	const struct prac_labor_minor *minor, const struct prac_labor_entry *entry)
{
	for (size_t i = 0; i < law->n_rules; i++) {
		if (exempts(&law->rules[i], minor, entry) &&
			(law->rules[i].lifts >> bit & 1) != 0) {
			return law->rules[i].row;
		}
	}
	return NULL;
}

void labor_mark(const struct labor_judging *judging, const struct labor_shift *shift,
	const struct labor_rule *rule)
{
	uint64_t bit = UINT64_C(1) << rule->bit;

	if ((labor_lifted(judging->law, judging->minor, shift->entry) & bit) != 0) {
		shift->verdict->lifted |= bit;
	} else {
		shift->verdict->violations |= bit;
	}
}

size_t labor_day_index(const struct labor_judging *judging, int32_t date)
{
	return (size_t)(date - judging->first);
}

bool labor_is_school(const struct labor_judging *judging, int32_t date)
{
	return prac_labor_day(judging->minor->calendar, date).kind == PRAC_LABOR_DAY_SCHOOL;
}

bool labor_has_school_week(const struct labor_judging *judging, int32_t date)
{
	int32_t sunday = prac_date_week_start(date);
	bool has_school = false;

	for (int32_t i = 0; i < WEEK; i++) {
		has_school = has_school || labor_is_school(judging, sunday + i);
	}
	return has_school;
}

bool labor_works(const struct labor_shift *shift, int32_t date, int32_t from, int32_t until)
{
	int64_t start = prac_zone_instant(shift->entry->zone, date, from);
	int64_t end = prac_zone_instant(shift->entry->zone, date, until);

	for (size_t i = 0; i < shift->n_pieces; i++) {
		const struct labor_piece *piece = &shift->pieces[i];

		if (piece->from < piece->until && piece->from < end && start < piece->until) {
			return true;
		}
	}
	return false;
}

/* The release period that holds the minute; NULL: none, and *next_io is no later than one begins. */
static const struct prac_labor_release *find_release(
	const struct prac_labor_minor *minor, int32_t date, int32_t minute, int32_t *next_io)
{
	for (size_t i = 0; i < minor->n_releases; i++) {
		const struct prac_labor_release *release = &minor->releases[i];

		if (date < release->starts_on || date > release->ends_on ||
			(release->weekdays >> (unsigned)prac_date_weekday(date) & 1) == 0) {
			continue;
		}
		if (release->from <= minute && minute < release->until) {
			return release;
		}
		if (release->from > minute && release->from < *next_io) {
			*next_io = release->from;
		}
	}
	return NULL;
}

bool labor_works_in_class(const struct labor_judging *judging, const struct labor_shift *shift,
	int32_t date, bool less_release)
{
	struct prac_labor_day day = prac_labor_day(judging->minor->calendar, date);
	int32_t minute = day.class_from;

	if (day.kind != PRAC_LABOR_DAY_SCHOOL) {
		return false;
	}
	while (minute < day.class_until) {
		int32_t next = day.class_until;
		const struct prac_labor_release *release =
			less_release ? find_release(judging->minor, date, minute, &next) : NULL;

		if (release != NULL) {
			minute = release->until;
			continue;
		}
		if (labor_works(shift, date, minute, next)) {
			return true;
		}
		minute = next;
	}
	return false;
}

static int compare_shifts(const void *a, const void *b)
{
	const struct labor_shift *x = a, *y = b;

	if (x->start != y->start) {
		return x->start < y->start ? -1 : 1;
	}
	if (x->end != y->end) {
		return x->end < y->end ? -1 : 1;
	}
	return x->entry < y->entry ? -1 : x->entry > y->entry;
}

static int compare_ends(const void *a, const void *b)
{
	const struct labor_shift *x = *(const struct labor_shift *const *)a;
	const struct labor_shift *y = *(const struct labor_shift *const *)b;

	return x->end < y->end ? -1 : x->end > y->end;
}

/* The local time as instant; notes when it does not exist that day. */
static int64_t resolve(struct labor_shift *shift, int32_t date, int32_t minute)
{
	struct prac_zone *zone = shift->entry->zone;
	int64_t instant = prac_zone_instant(zone, date, minute);

	/* A minute that exists has another instant than the one an hour later. */
	if (instant == prac_zone_instant(zone, date, minute + 60)) {
		shift->verdict->is_skipped_hour = true;
	}
	return instant;
}

static enum prac_labor_fault resolve_break(struct labor_shift *shift)
{
	const struct prac_labor_entry *entry = shift->entry;
	int32_t date = entry->date + (entry->break_starts_at < entry->starts_at ? 1 : 0);
	int64_t end;

	shift->break_start = -1;
	shift->pieces[0] = (struct labor_piece){ shift->start, shift->end };
	shift->n_pieces = 1;
	if (entry->break_starts_at < 0) {
		return entry->break_minutes > shift->end - shift->start ? PRAC_LABOR_FAULT_BREAK
									: PRAC_LABOR_FAULT_NONE;
	}
	shift->break_start = resolve(shift, date, entry->break_starts_at);
	end = shift->break_start + entry->break_minutes;
	if (shift->break_start < shift->start || end > shift->end) {
		return PRAC_LABOR_FAULT_BREAK;
	}
	shift->pieces[0].until = shift->break_start;
	shift->pieces[1] = (struct labor_piece){ end, shift->end };
	shift->n_pieces = 2;
	return PRAC_LABOR_FAULT_NONE;
}

static int32_t overlap(const struct labor_piece *piece, int64_t from, int64_t until)
{
	int64_t start = piece->from > from ? piece->from : from;
	int64_t end = piece->until < until ? piece->until : until;

	return end > start ? (int32_t)(end - start) : 0;
}

/* Split at midnight for the sums; a break without a start comes off the first date first (R13). */
static void count_minutes(struct labor_shift *shift)
{
	const struct prac_labor_entry *entry = shift->entry;
	int64_t midnight = prac_zone_instant(entry->zone, entry->date, LABOR_DAY_MINUTES);

	for (size_t i = 0; i < shift->n_pieces; i++) {
		shift->minutes[0] += overlap(&shift->pieces[i], shift->start, midnight);
		shift->minutes[1] += overlap(&shift->pieces[i], midnight, shift->end);
	}
	if (entry->break_starts_at < 0) {
		int32_t first = entry->break_minutes < shift->minutes[0] ? entry->break_minutes
									 : shift->minutes[0];

		shift->minutes[0] -= first;
		shift->minutes[1] -= entry->break_minutes - first;
	}
}

static enum prac_labor_fault resolve_times(struct labor_shift *shift)
{
	const struct prac_labor_entry *entry = shift->entry;
	enum prac_labor_fault fault;

	if (entry->starts_at < 0 || entry->ends_at < 0) {
		shift->start = shift->end = prac_zone_instant(entry->zone, entry->date, 0);
		shift->minutes[0] = entry->minutes;
		shift->break_start = -1;
		return PRAC_LABOR_FAULT_NONE;
	}
	shift->start = resolve(shift, entry->date, entry->starts_at);
	shift->end = resolve(
		shift, entry->date + (entry->ends_at < entry->starts_at ? 1 : 0), entry->ends_at);
	if (shift->end <= shift->start) {
		return PRAC_LABOR_FAULT_EMPTY;
	}
	fault = resolve_break(shift);
	if (fault == PRAC_LABOR_FAULT_NONE) {
		count_minutes(shift);
	}
	return fault;
}

int32_t prac_labor_minutes(const struct prac_labor_entry *entry, enum prac_labor_fault *fault_out)
{
	struct prac_labor_verdict verdict = { 0 };
	struct labor_shift shift = { .entry = entry, .verdict = &verdict };

	*fault_out = resolve_times(&shift);
	return *fault_out == PRAC_LABOR_FAULT_NONE && entry->starts_at >= 0 && entry->ends_at >= 0
		       ? shift.minutes[0] + shift.minutes[1]
		       : -1;
}

/* False: the entry is left out, and its verdict says why. */
static bool begin_shift(const struct prac_labor_minor *minor, struct labor_shift *shift)
{
	struct prac_labor_verdict *verdict = shift->verdict;

	*verdict = (struct prac_labor_verdict){ 0 };
	verdict->age = prac_labor_age(minor->birth_date, shift->entry->date);
	verdict->fault = shift->entry->date < minor->birth_date ? PRAC_LABOR_FAULT_BIRTH
								: resolve_times(shift);
	verdict->minutes = shift->minutes[0] + shift->minutes[1];
	shift->chain_start = shift->start;
	shift->chain_date = shift->entry->date;
	shift->chain_age = verdict->age;
	return verdict->fault == PRAC_LABOR_FAULT_NONE;
}

/* The one that ends where the shift starts; of several the one whose chain is longest. */
static void follow(struct labor_shift *shift, const struct labor_shift *const *ending)
{
	for (; *ending != NULL && (*ending)->end == shift->start; ending++) {
		const struct labor_shift *other = *ending;

		if (other->chain_start < shift->chain_start && other->start < other->end &&
			shift->start < shift->end) {
			shift->chain = other;
			shift->chain_start = other->chain_start;
			shift->chain_date = other->chain_date;
			shift->chain_age = other->chain_age;
		}
	}
}

/* Forerunners begin earlier than who follows them, so that their chains are known. */
static void join_chains(struct labor_judging *judging)
{
	const struct labor_shift **by_end = judging->by_end;
	size_t first = 0;

	for (size_t i = 0; i < judging->n_shifts; i++) {
		by_end[i] = &judging->shifts[i];
	}
	qsort(by_end, judging->n_shifts, sizeof(void *), compare_ends);
	for (size_t i = 0; i < judging->n_shifts; i++) {
		struct labor_shift *shift = &judging->shifts[i];

		while (by_end[first] != NULL && by_end[first]->end < shift->start) {
			first++;
		}
		follow(shift, by_end + first);
	}
}

static void note_class_days(struct labor_judging *judging, const struct labor_shift *shift)
{
	for (int32_t date = shift->entry->date; date <= shift->entry->date + 1; date++) {
		if (labor_works_in_class(judging, shift, date, false)) {
			judging->class_days[labor_day_index(judging, date)] = true;
		}
	}
}

static void note_evenings(struct labor_judging *judging, const struct labor_rule *rule,
	const struct labor_shift *shift)
{
	const struct prac_labor_entry *entry = shift->entry;

	if (entry->consent != PRAC_LABOR_CONSENT ||
		!labor_binds(judging, rule, entry, entry->date, shift->verdict->age) ||
		(labor_lifted(judging->law, judging->minor, entry) >> rule->bit & 1) != 0) {
		return;
	}
	for (int32_t date = entry->date; date <= entry->date + 1; date++) {
		if (labor_works_evening(judging, rule, shift, date)) {
			judging->evenings[labor_day_index(judging, date)] = true;
		}
	}
}

/* What rules about a whole week ask of all its entries. */
static void note_days(struct labor_judging *judging, const struct labor_shift *shift)
{
	const struct prac_labor_law *law = judging->law;

	note_class_days(judging, shift);
	for (size_t i = 0; i < law->n_rules; i++) {
		if (law->rules[i].kind == LABOR_CONSENT_EVENINGS) {
			note_evenings(judging, &law->rules[i], shift);
		}
	}
}

static void judge_shift(struct labor_judging *judging, struct labor_shift *shift)
{
	int32_t date = shift->entry->date;

	for (size_t i = 0; i < judging->law->n_rules; i++) {
		const struct labor_rule *rule = &judging->law->rules[i];

		if (labor_judges[rule->kind] != NULL &&
			labor_binds(judging, rule, shift->entry, date, shift->verdict->age)) {
			labor_judges[rule->kind](judging, rule, shift);
		}
	}
	for (int32_t i = 0; i < 2; i++) {
		size_t day = labor_day_index(judging, date + i);

		judging->day_minutes[day] += shift->minutes[i];
		judging->week_minutes[day / WEEK] += shift->minutes[i];
	}
}

static void make_room(struct labor_judging *judging, struct prac_arena *arena)
{
	int32_t first = judging->shifts[0].entry->date, last = first;

	for (size_t i = 1; i < judging->n_shifts; i++) {
		int32_t date = judging->shifts[i].entry->date;

		first = date < first ? date : first;
		last = date > last ? date : last;
	}
	judging->first = prac_date_week_start(first);
	judging->n_days = (size_t)(last - judging->first) + 3; /* work ends on the next day */
	judging->day_minutes = prac_arena_alloc(arena, judging->n_days * sizeof(int32_t));
	judging->week_minutes =
		prac_arena_alloc(arena, (judging->n_days / WEEK + 1) * sizeof(int32_t));
	judging->evenings = prac_arena_alloc(arena, judging->n_days * sizeof(bool));
	judging->class_days = prac_arena_alloc(arena, judging->n_days * sizeof(bool));
	judging->by_end = prac_arena_alloc(arena, (judging->n_shifts + 1) * sizeof(void *));
}

static void begin_shifts(struct labor_judging *judging, const struct prac_labor_entry *entries,
	size_t n_entries, struct prac_labor_verdict *verdicts)
{
	for (size_t i = 0; i < n_entries; i++) {
		struct labor_shift *shift = &judging->shifts[judging->n_shifts];

		*shift = (struct labor_shift){ .entry = &entries[i], .verdict = &verdicts[i] };
		judging->n_shifts += begin_shift(judging->minor, shift);
	}
}

void prac_labor_judge(const struct prac_labor_law *law, const struct prac_labor_minor *minor,
	const struct prac_labor_entries *list, struct prac_arena *arena,
	struct prac_labor_verdict *verdicts_out)
{
	struct labor_judging judging = { .law = law, .minor = minor };

	judging.shifts = prac_arena_alloc(arena, (list->n + 1) * sizeof(*judging.shifts));
	begin_shifts(&judging, list->entries, list->n, verdicts_out);
	if (judging.n_shifts == 0) {
		return;
	}
	qsort(judging.shifts, judging.n_shifts, sizeof(*judging.shifts), compare_shifts);
	make_room(&judging, arena);
	join_chains(&judging);
	for (size_t i = 0; i < judging.n_shifts; i++) {
		note_days(&judging, &judging.shifts[i]);
	}
	for (size_t i = 0; i < judging.n_shifts; i++) {
		judge_shift(&judging, &judging.shifts[i]);
	}
	labor_judge_breaks(&judging, arena);
}
