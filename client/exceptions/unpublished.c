/*
 * Weeks of work of which the published calendar lacks a day from Monday to Friday. The labor rules take such a day
 * for one without classes, so they let pass what they refuse on a school day (RULES 5.2a, R10).
 */
#include "catalog/types.h"
#include "client/exceptions/keys.h"
#include "client/exceptions/search.h"
#include "common/base/date.h"
#include "common/rules/labor_week.h"
#include "common/rules/school_days.h"

enum {
	DAYS_BACK = 60, /* older hours were decided on */
	ADULT = 18      /* years; no rule asks for classes from there on */
};

static const struct exception_cause calendar_missing = { "calendar_missing",
	"Minors work in weeks that the published calendar does not have, and are judged as on days without classes",
	"practicum import calendar FILE.csv", 12 };

struct calendar {
	struct search *search;
	int32_t from;        /* a Sunday */
	GHashTable *days;    /* (school, nil: the whole district; day) that are published */
	GHashTable *weeks;   /* (school, Sunday) with work that lack a day */
	GHashTable *n_weeks; /* school: number of them */
	GHashTable *last;    /* school: Sunday of the last one */
};

/* Where a record of work names what it is about. */
struct work {
	const struct prac_type *type;
	uint16_t student, school, placement, date;
	int64_t called_off; /* the state in which nobody works; 0: none */
};

static const struct work works[] = {
	{ &prac_type_time_entry, PRAC_TIME_ENTRY_STUDENT_ID, PRAC_TIME_ENTRY_SCHOOL_ID,
		PRAC_TIME_ENTRY_PLACEMENT_ID, PRAC_TIME_ENTRY_WORK_DATE, 0 },
	{ &prac_type_shift_plan, PRAC_SHIFT_PLAN_STUDENT_ID, PRAC_SHIFT_PLAN_SCHOOL_ID,
		PRAC_SHIFT_PLAN_PLACEMENT_ID, PRAC_SHIFT_PLAN_WORK_DATE,
		PRAC_SHIFT_PLAN_STATE_CANCELED },
};

struct looking {
	struct calendar *calendar;
	const struct work *work;
};

static bool on_day(void *ctx, const struct prac_record *record, bool pending)
{
	struct calendar *calendar = ctx;
	int32_t day = (int32_t)record->values[PRAC_SCHOOL_DAY_DAY].number;
	struct prac_id school;

	(void)pending;
	if (!search_id(record, PRAC_SCHOOL_DAY_SCHOOL_ID, &school)) {
		school = (struct prac_id){ 0 };
	}
	if (day >= calendar->from && prac_school_day_is_published(record)) {
		keys_add(calendar->days, &school, day);
	}
	return true;
}

static bool lacks_a_day(
	const struct calendar *calendar, const struct prac_id *school, int32_t sunday)
{
	static const struct prac_id district;

	for (int32_t day = sunday + PRAC_MONDAY; day <= sunday + PRAC_FRIDAY; day++) {
		if (!keys_has(calendar->days, school, day) &&
			!keys_has(calendar->days, &district, day)) {
			return true;
		}
	}
	return false;
}

/* Somebody whose hours a school day limits; also of whom nobody knows the age. */
static bool is_bound(
	const struct search *search, const struct prac_record *record, const struct work *work)
{
	const struct prac_judgement judgement = {
		.facts = &search->facts, .arena = search->arena, .today = search->today
	};
	const struct prac_record *placement =
		prac_facts_follow(&judgement, record, work->placement);
	const struct prac_record *student = prac_facts_follow(&judgement, record, work->student);
	const struct prac_value *birth =
		student == NULL ? NULL : &student->values[PRAC_STUDENT_BIRTH_DATE];

	return placement != NULL && birth != NULL &&
	       prac_labor_binding_of(&judgement, placement) != PRAC_LABOR_IS_FREE &&
	       (!birth->has || prac_labor_age((int32_t)birth->number,
				       (int32_t)record->values[work->date].number) < ADULT);
}

static bool is_called_off(const struct prac_record *record, const struct work *work)
{
	return work->called_off != 0 &&
	       record->values[record->type->state_field].number == work->called_off;
}

static bool on_work(void *ctx, const struct prac_record *record, bool pending)
{
	const struct looking *looking = ctx;
	struct calendar *calendar = looking->calendar;
	int32_t sunday = prac_date_week_start((int32_t)record->values[looking->work->date].number);
	struct prac_id school;

	(void)pending;
	if (sunday >= calendar->from && !is_called_off(record, looking->work) &&
		search_id(record, looking->work->school, &school) &&
		!keys_has(calendar->weeks, &school, sunday) &&
		lacks_a_day(calendar, &school, sunday) &&
		is_bound(calendar->search, record, looking->work)) {
		keys_add(calendar->weeks, &school, sunday);
		keys_count(calendar->n_weeks, &school);
		keys_keep_last(calendar->last, &school, sunday);
	}
	return true;
}

/* One line a school, however many weeks and students. */
static bool on_school(void *ctx, const struct prac_record *school, bool pending)
{
	struct calendar *calendar = ctx;
	struct search *search = calendar->search;
	int n = keys_last(calendar->n_weeks, &school->id);
	int32_t last = keys_last(calendar->last, &school->id);
	char text[PRAC_DATE_TEXT];

	(void)pending;
	if (n > 0) {
		prac_date_format(last, text);
		search_add(search, &calendar_missing, school, last,
			prac_arena_printf(search->arena, "%s: %d week%s, the last from %s",
				prac_record_title(school, search->arena), n, n == 1 ? "" : "s",
				text));
	}
	return true;
}

void search_unpublished(struct search *search)
{
	struct calendar calendar = { search, prac_date_week_start(search->today - DAYS_BACK),
		keys_new(), keys_new(), keys_new(), keys_new() };

	search_each(search, &prac_type_school_day, on_day, &calendar);
	for (size_t i = 0; i < PRAC_NELEM(works); i++) {
		struct looking looking = { &calendar, &works[i] };

		search_each(search, works[i].type, on_work, &looking);
	}
	search_each(search, &prac_type_school, on_school, &calendar);
	g_hash_table_destroy(calendar.days);
	g_hash_table_destroy(calendar.weeks);
	g_hash_table_destroy(calendar.n_weeks);
	g_hash_table_destroy(calendar.last);
}
