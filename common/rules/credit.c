#include "common/rules/credit.h"

#include <inttypes.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/counted.h"
#include "common/rules/school_days.h"

#define EARNS (UINT64_C(1) << PRAC_CREDIT_DO_EARN)

enum {
	JULY = 7,
	WEEK = 7,
	WEEKS_MAX = 54, /* that a year touches */
	SUMMER = 62,    /* days into a school year in which the one before is decided */
	LATE_MAX = 366, /* days from the last day of the work to the decision */
	LOADED_DAYS = LATE_MAX + 380, /* before the decision: the school year of that last day */
	ONE = 100                     /* a credit, in hundredths */
};

/* The days that count, both included. */
struct span {
	int32_t first, last;
};

struct work {
	struct prac_credit credit;
	int32_t last; /* day of it */
};

static struct prac_id school_of(const struct prac_record *placement)
{
	struct prac_id school;

	return prac_id_from_bytes(placement->values[PRAC_PLACEMENT_SCHOOL_ID].bytes, &school) ==
			       PRAC_OK
		       ? school
		       : (struct prac_id){ 0 };
}

static struct span span_of(const struct prac_record *placement, int32_t day)
{
	const struct prac_value *values = placement->values;
	int32_t july = prac_date_from_civil(prac_date_school_year(day) - 1, JULY, 1);
	uint16_t end = values[PRAC_PLACEMENT_ENDED_ON].has ? PRAC_PLACEMENT_ENDED_ON
							   : PRAC_PLACEMENT_ENDS_ON;
	struct span span = { (int32_t)values[PRAC_PLACEMENT_STARTS_ON].number,
		(int32_t)values[end].number };

	span.first = span.first < july ? july : span.first;
	span.last = span.last > day ? day : span.last;
	return span;
}

/* ---- weeks of instruction */

static int32_t weeks_of(const struct prac_judgement *judgement, const struct prac_record *placement,
	const struct span *span)
{
	int32_t sunday = prac_date_week_start(span->first);
	struct prac_school_days days;
	bool has_week[WEEKS_MAX] = { false };
	struct prac_id school = school_of(placement);
	int32_t n = 0;

	days = prac_school_days(
		judgement, &school, span->first, (size_t)(span->last - span->first) + 1);
	for (size_t i = 0; i < days.n; i++) {
		if (prac_school_day_has_classes(days.items[i])) {
			has_week[(days.first + (int32_t)i - sunday) / WEEK] = true;
		}
	}
	for (size_t i = 0; i < WEEKS_MAX; i++) {
		n += has_week[i] ? 1 : 0;
	}
	return n > 0 ? n : (prac_date_week_start(span->last) - sunday) / WEEK + 1;
}

/* ---- a student's work in the year */

/* Minutes of supervised work at the placement; the records are the student's. */
static int64_t minutes_of(const struct prac_judgement *judgement,
	const struct prac_record *placement, const struct span *span)
{
	const struct prac_value id = { .has = true, .bytes = prac_id_bytes(&placement->id) };
	const struct prac_value *student = &placement->values[PRAC_PLACEMENT_STUDENT_ID];
	struct prac_counted counted = prac_counted_make(judgement,
		prac_counted_children(
			judgement, &id, PRAC_TIME_SHEET, PRAC_TIME_SHEET_PLACEMENT_ID_NO),
		prac_counted_children(
			judgement, student, PRAC_TIME_ENTRY, PRAC_TIME_ENTRY_STUDENT_ID_NO),
		prac_counted_children(
			judgement, student, PRAC_ADJUSTMENT, PRAC_ADJUSTMENT_STUDENT_ID_NO));

	return prac_counted_minutes(&counted, span->first, span->last);
}

/* Is what each school owns here? */
static bool holds_every_school(const struct prac_facts *facts)
{
	const struct prac_id none = { 0 };
	const struct prac_record *const *schools;
	size_t n = facts->children(facts->ctx, PRAC_SCHOOL, 0, &none, &schools);
	bool does = true;

	for (size_t i = 0; i < n && does; i++) {
		does = facts->holds(facts->ctx, &schools[i]->id);
	}
	return does;
}

/*
 * Are the calendar that the placement goes by and its class here? A class that was not found, NULL, may be of any
 * school; where all of them are here, as at the server, it was deleted.
 */
static bool is_here(const struct prac_judgement *judgement, const struct prac_record *class,
	const struct prac_id *school)
{
	const struct prac_facts *facts = judgement->facts;

	return facts->holds == NULL ||
	       ((prac_id_is_nil(school) || facts->holds(facts->ctx, school)) &&
		       (class != NULL || holds_every_school(facts)));
}

static int32_t more(int32_t a, int64_t b)
{
	return a > b ? a : (int32_t)b;
}

/* Adds what the placement brings, if it has a class and was under way in the year. */
static void add_placement(const struct prac_judgement *judgement,
	const struct prac_record *placement, int32_t day, struct work *work)
{
	const struct prac_record *class =
		prac_facts_follow(judgement, placement, PRAC_PLACEMENT_CLASS_ID);
	struct prac_credit_basis *basis = &work->credit.basis;
	struct prac_id school = school_of(placement);
	struct span span = span_of(placement, day);
	int64_t minutes;
	int32_t weeks;

	if (!placement->values[PRAC_PLACEMENT_CLASS_ID].has || span.last < span.first ||
		placement->values[PRAC_PLACEMENT_STATE].number == PRAC_PLACEMENT_STATE_CANCELED) {
		return;
	}
	if (!is_here(judgement, class, &school)) {
		work->credit.is_partial = true;
		work->credit.elsewhere = school;
		return;
	}
	if (class == NULL) {
		return;
	}
	weeks = weeks_of(judgement, placement, &span);
	basis->class_periods =
		more(basis->class_periods, class->values[PRAC_CLASS_PERIODS_PER_WEEK].number);
	basis->class_blocks =
		more(basis->class_blocks, class->values[PRAC_CLASS_BLOCKS_PER_WEEK].number);
	minutes = minutes_of(judgement, placement, &span);
	basis->weekly_minutes += (int32_t)(minutes / weeks);
	work->credit.minutes += minutes;
	work->credit.weeks = more(work->credit.weeks, weeks);
	work->credit.n_placements++;
	work->last = more(work->last, span.last);
}

/* All placements of the student; false: none of them brings anything, or no rule is in force. */
static bool add_up(const struct prac_judgement *judgement, const struct prac_value *student,
	int32_t day, struct prac_credit *credit_out)
{
	struct prac_policy policy = prac_statute_policy(judgement, "credit");
	struct work all = { .last = INT32_MIN };
	struct prac_counted_list placements = prac_counted_children(
		judgement, student, PRAC_PLACEMENT, PRAC_PLACEMENT_STUDENT_ID_NO);

	for (size_t i = 0; i < placements.n; i++) {
		add_placement(judgement, placements.records[i], day, &all);
	}
	*credit_out = all.credit;
	credit_out->row = prac_policy_row(&policy, "credit", all.last);
	if (all.credit.is_partial || all.credit.n_placements == 0 || credit_out->row == NULL) {
		return false;
	}
	credit_out->credits = prac_policy_credits(credit_out->row, &credit_out->basis);
	return true;
}

bool prac_credit_of(const struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_credit *credit_out)
{
	struct work asked = { .last = INT32_MIN };

	add_placement(judgement, placement, day, &asked);
	*credit_out = asked.credit;
	return (asked.credit.n_placements > 0 || asked.credit.is_partial) &&
	       (add_up(judgement, &placement->values[PRAC_PLACEMENT_STUDENT_ID], day, credit_out) ||
		       credit_out->is_partial);
}

/* "2 periods a week" or "1 block a week", whichever the school counts. */
static const char *class_words(
	const struct prac_judgement *judgement, const struct prac_credit_basis *basis)
{
	int32_t n = basis->class_blocks > 0 ? basis->class_blocks : basis->class_periods;

	return prac_arena_printf(judgement->arena, "%d %s%s a week", (int)n,
		basis->class_blocks > 0 ? "block" : "period", n == 1 ? "" : "s");
}

/* "10h30m a week in 2 placements over 12 weeks of instruction, class of 2 periods a week" */
static const char *counted_words(
	const struct prac_judgement *judgement, const struct prac_credit *credit)
{
	int32_t minutes = credit->basis.weekly_minutes;
	const char *where = credit->n_placements > 1
				    ? prac_arena_printf(judgement->arena, " in %d placements",
					      (int)credit->n_placements)
				    : "";

	return prac_arena_printf(judgement->arena,
		"%dh%02dm a week%s over %d weeks of instruction, class of %s", (int)(minutes / 60),
		(int)(minutes % 60), where, (int)credit->weeks,
		class_words(judgement, &credit->basis));
}

static const char *elsewhere_words(
	const struct prac_judgement *judgement, const struct prac_credit *credit)
{
	const struct prac_facts *facts = judgement->facts;
	const struct prac_record *school = facts->get(facts->ctx, PRAC_SCHOOL, &credit->elsewhere);
	struct prac_bytes name =
		school == NULL ? (struct prac_bytes){ 0 } : school->values[PRAC_SCHOOL_NAME].bytes;

	return prac_arena_printf(judgement->arena,
		"judged at the district: the student has a placement at %s, whose classes and "
		"calendar are not kept here",
		name.len == 0 ? "another school" : prac_arena_text(judgement->arena, name));
}

const char *prac_credit_words(
	const struct prac_judgement *judgement, const struct prac_credit *credit, int32_t day)
{
	char date[PRAC_DATE_TEXT];

	if (credit->is_partial) {
		return elsewhere_words(judgement, credit);
	}
	prac_date_format(day, date);
	return prac_arena_printf(judgement->arena, "%d until %s: %s (%s: %s %s)",
		(int)credit->credits, date, counted_words(judgement, credit), credit->row->id,
		credit->row->words, credit->row->source);
}

/* ---- a credit is earned */

/* Children of the student, dated back from the day of the decision; DATE 0: all of them. */
#define OF_STUDENT(TYPE, DATE)                                                               \
	{                                                                                    \
		.kind = PRAC_LOAD_CHILDREN, .type = (TYPE), .field = TYPE##_STUDENT_ID_NO,   \
		.actions = EARNS, .via = PRAC_CREDIT_STUDENT_ID_NO, .date = (DATE),          \
		.around = (DATE) == 0 ? 0 : PRAC_CREDIT_DECIDED_ON_NO, .before = LOADED_DAYS \
	}

static const struct prac_load loads[] = {
	PRAC_STATUTE_LOADS(EARNS),
	{ .kind = PRAC_LOAD_ALL, .type = PRAC_GRADING_PERIOD, .actions = EARNS },
	OF_STUDENT(PRAC_PLACEMENT, 0),
	OF_STUDENT(PRAC_TIME_SHEET, PRAC_TIME_SHEET_WEEK_START_NO),
	OF_STUDENT(PRAC_TIME_ENTRY, PRAC_TIME_ENTRY_WORK_DATE_NO),
	OF_STUDENT(PRAC_ADJUSTMENT, 0),
	OF_STUDENT(PRAC_CREDIT, 0),
	/* With the classes and the calendars of those placements, which may be of other schools. */
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_CREDIT_PLACEMENT_ID_NO, .actions = EARNS },
	{ .kind = PRAC_LOAD_THROUGH,
		.type = PRAC_CLASS,
		.actions = EARNS,
		.via = PRAC_CREDIT_STUDENT_ID_NO,
		.through = PRAC_PLACEMENT,
		.by = PRAC_PLACEMENT_STUDENT_ID_NO,
		.named = PRAC_PLACEMENT_CLASS_ID_NO },
	{ .kind = PRAC_LOAD_THROUGH,
		.type = PRAC_SCHOOL_DAY,
		.field = PRAC_SCHOOL_DAY_SCHOOL_ID_NO,
		.actions = EARNS,
		.via = PRAC_CREDIT_STUDENT_ID_NO,
		.through = PRAC_PLACEMENT,
		.by = PRAC_PLACEMENT_STUDENT_ID_NO,
		.named = PRAC_PLACEMENT_SCHOOL_ID_NO,
		.date = PRAC_SCHOOL_DAY_DAY_NO,
		.around = PRAC_CREDIT_DECIDED_ON_NO,
		.before = LOADED_DAYS },
	/* The days of the whole district come with those of the credit's school. */
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_SCHOOL_DAY,
		.field = PRAC_SCHOOL_DAY_SCHOOL_ID_NO,
		.actions = EARNS,
		.via = PRAC_CREDIT_SCHOOL_ID_NO,
		.date = PRAC_SCHOOL_DAY_DAY_NO,
		.around = PRAC_CREDIT_DECIDED_ON_NO,
		.before = LOADED_DAYS,
		.or_none = true },
};

/* The last day of the work that it is for: of its period or placement, if that is over by then. */
static int32_t last_day(const struct prac_judgement *judgement, const struct prac_record *credit)
{
	const struct prac_record *period =
		prac_facts_follow(judgement, credit, PRAC_CREDIT_GRADING_PERIOD_ID);
	const struct prac_record *placement =
		prac_facts_follow(judgement, credit, PRAC_CREDIT_PLACEMENT_ID);
	int64_t day = credit->values[PRAC_CREDIT_DECIDED_ON].number, last = day;

	if (period != NULL) {
		last = period->values[PRAC_GRADING_PERIOD_ENDS_ON].number;
	} else if (placement != NULL) {
		const struct prac_value *ended = &placement->values[PRAC_PLACEMENT_ENDED_ON];

		last = ended->has ? ended->number
				  : placement->values[PRAC_PLACEMENT_ENDS_ON].number;
	}
	return (int32_t)(last < day ? last : day);
}

/* "0.5" in hundredths of a credit; -1: it is no such number. */
static int64_t hundredths(const struct prac_value *credits)
{
	int64_t number = 0, place = ONE; /* of the last digit */
	struct prac_bytes text = credits->bytes;
	bool has_digit = false, has_point = false;

	if (!credits->has) {
		return 0;
	}
	for (size_t i = 0; i < text.len; i++) {
		bool is_digit = text.data[i] >= '0' && text.data[i] <= '9';

		if ((!is_digit && (text.data[i] != '.' || has_point)) || place == 1) {
			return -1;
		}
		has_point = has_point || !is_digit;
		if (is_digit) {
			place = has_point ? place / 10 : place;
			number = has_point ? number + (text.data[i] - '0') * place
					   : number * 10 + (int64_t)(text.data[i] - '0') * ONE;
		}
		has_digit = has_digit || is_digit;
	}
	return has_digit ? number : -1;
}

static int64_t earned_beside(const struct prac_judgement *judgement,
	const struct prac_record *credit, int32_t school_year)
{
	struct prac_counted_list all = prac_counted_children(judgement,
		&credit->values[PRAC_CREDIT_STUDENT_ID], PRAC_CREDIT, PRAC_CREDIT_STUDENT_ID_NO);
	int64_t sum = 0;

	for (size_t i = 0; i < all.n; i++) {
		const struct prac_record *other = all.records[i];
		int64_t state = other->values[PRAC_CREDIT_STATE].number;
		int64_t number = hundredths(&other->values[PRAC_CREDIT_CREDITS_EARNED]);

		if ((state == PRAC_CREDIT_STATE_EARNED || state == PRAC_CREDIT_STATE_POSTED) &&
			number > 0 && !prac_id_equal(&other->id, &credit->id) &&
			prac_date_school_year(last_day(judgement, other)) == school_year) {
			sum += number;
		}
	}
	return sum;
}

static void find_more_time(const struct prac_record *credit, const struct prac_credit *counted,
	struct prac_findings *findings)
{
	const struct prac_value *minutes = &credit->values[PRAC_CREDIT_MINUTES_ACCEPTED];

	if (minutes->number > counted->minutes) {
		prac_find(findings, &credit->type->fields[PRAC_CREDIT_MINUTES_ACCEPTED],
			"accepted time: only %" PRId64 "h%02" PRId64
			"m of approved sheets count by then (enter these)",
			counted->minutes / 60, counted->minutes % 60);
	}
}

static void find_more_credits(const struct prac_judgement *judgement,
	const struct prac_record *credit, const struct prac_credit *counted, int32_t day,
	struct prac_findings *findings)
{
	const struct prac_field *field = &credit->type->fields[PRAC_CREDIT_CREDITS_EARNED];
	int64_t beside = earned_beside(judgement, credit, prac_date_school_year(day));
	int64_t left = (int64_t)counted->credits * ONE - beside;

	char date[PRAC_DATE_TEXT];

	if (hundredths(&credit->values[PRAC_CREDIT_CREDITS_EARNED]) > left) {
		left = left < 0 ? 0 : left;
		prac_date_format(day, date);
		prac_find(findings, field,
			"%s gives %d until %s (%s), %" PRId64 ".%02" PRId64
			" of it are earned already: earn at most %" PRId64 ".%02" PRId64
			", or mend hours or class first",
			counted->row->id, (int)counted->credits, date,
			counted_words(judgement, counted), beside / ONE, beside % ONE, left / ONE,
			left % ONE);
	}
}

/* Decided in summer, a credit of work that goes on is easily meant for the year that is over. */
static void find_summer(
	const struct prac_record *credit, int32_t day, struct prac_findings *findings)
{
	int32_t july = prac_date_from_civil(prac_date_school_year(day) - 1, JULY, 1);
	char first[PRAC_DATE_TEXT], last[PRAC_DATE_TEXT];

	if (findings->words == NULL || day - july >= SUMMER) {
		return;
	}
	prac_date_format(july, first);
	prac_date_format(july - 1, last);
	prac_find(findings, &credit->type->fields[PRAC_CREDIT_DECIDED_ON],
		"only work from %s on counts (for that of the school year before, enter %s as "
		"decided_on)",
		first, last);
}

static void find(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *credit, struct prac_findings *findings)
{
	const struct prac_value *values = credit->values;
	int32_t day = last_day(judgement, credit);
	struct prac_credit counted;

	if (action->number != PRAC_CREDIT_DO_EARN) {
		return;
	}
	if (hundredths(&values[PRAC_CREDIT_CREDITS_EARNED]) <= 0) {
		prac_find(findings, &credit->type->fields[PRAC_CREDIT_CREDITS_EARNED],
			"credits earned are a number above 0 with at most two decimals (as in 1 or "
			"0.5; `fail` says that none were)");
	} else if (values[PRAC_CREDIT_DECIDED_ON].number - day > LATE_MAX) {
		prac_find(findings, &credit->type->fields[PRAC_CREDIT_DECIDED_ON],
			"the work ended more than a year before the decision (enter as decided_on a "
			"day within a year of its end)");
	} else if (add_up(judgement, &values[PRAC_CREDIT_STUDENT_ID], day, &counted)) {
		find_more_time(credit, &counted, findings);
		find_more_credits(judgement, credit, &counted, day, findings);
		find_summer(credit, day, findings);
	} else if (!counted.is_partial) {
		char date[PRAC_DATE_TEXT];

		prac_date_format(day, date);
		prac_find(findings, &credit->type->fields[PRAC_CREDIT_PLACEMENT_ID],
			"no placement with a class was under way in the school year until %s (name "
			"the class at the placement, or here the grading period or the placement)",
			date);
	}
}

/* Where not all that the credit rests on is here, find() found nothing, and the server decides. */
static size_t derive(struct prac_judgement *judgement, const struct prac_record *credit,
	const struct prac_derived **derived_out)
{
	struct prac_derived *derived = prac_arena_alloc(judgement->arena, sizeof(*derived));
	const struct prac_value *decided = &credit->values[PRAC_CREDIT_DECIDED_ON];
	int32_t day = decided->has ? last_day(judgement, credit) : judgement->today;
	struct prac_credit counted;

	*derived_out = derived;
	if (credit->values[PRAC_CREDIT_STATE].number == PRAC_CREDIT_STATE_POSTED ||
		add_up(judgement, &credit->values[PRAC_CREDIT_STUDENT_ID], day, &counted) ||
		!counted.is_partial) {
		return 0;
	}
	*derived = (struct prac_derived){ PRAC_DERIVED_ELSEWHERE,
		elsewhere_words(judgement, &counted) };
	return 1;
}

/* What was not earned is on no transcript, whatever somebody had entered before. */
static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *credit)
{
	(void)judgement;
	(void)args;
	if (action->number == PRAC_CREDIT_DO_FAIL ||
		credit->values[PRAC_CREDIT_STATE].number == PRAC_CREDIT_STATE_NOT_EARNED) {
		credit->values[PRAC_CREDIT_CREDITS_EARNED] = (struct prac_value){ .has = false };
	}
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_credit = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.derive = derive,
	.find = find,
	.act = act,
};
