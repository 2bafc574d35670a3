#include "common/rules/credit.h"

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/counted.h"
#include "common/rules/school_days.h"

enum {
	JULY = 7,
	WEEK = 7,
	WEEKS_MAX = 54 /* that a year touches */
};

/* The days that count, both included. */
struct span {
	int32_t first, last;
};

struct work {
	struct prac_credit credit;
	int32_t last; /* day of it */
};

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
	struct prac_id school = { 0 };
	int32_t n = 0;

	if (prac_id_from_bytes(placement->values[PRAC_PLACEMENT_SCHOOL_ID].bytes, &school) !=
		PRAC_OK) {
		school = (struct prac_id){ 0 };
	}
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

/* Minutes a week of supervised work at the placement; the records are the student's. */
static int32_t weekly_minutes(const struct prac_judgement *judgement,
	const struct prac_record *placement, const struct span *span, int32_t weeks)
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

	return (int32_t)(prac_counted_minutes(&counted, span->first, span->last) / weeks);
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
	struct span span = span_of(placement, day);
	int32_t weeks;

	if (class == NULL || span.last < span.first ||
		placement->values[PRAC_PLACEMENT_STATE].number == PRAC_PLACEMENT_STATE_CANCELED) {
		return;
	}
	weeks = weeks_of(judgement, placement, &span);
	basis->class_periods =
		more(basis->class_periods, class->values[PRAC_CLASS_PERIODS_PER_WEEK].number);
	basis->class_blocks =
		more(basis->class_blocks, class->values[PRAC_CLASS_BLOCKS_PER_WEEK].number);
	basis->weekly_minutes += weekly_minutes(judgement, placement, &span, weeks);
	work->credit.weeks = more(work->credit.weeks, weeks);
	work->credit.n_placements++;
	work->last = more(work->last, span.last);
}

bool prac_credit_of(const struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_credit *credit_out)
{
	struct prac_policy policy = prac_statute_policy(judgement, "credit");
	struct work asked = { .last = INT32_MIN }, all = { .last = INT32_MIN };
	struct prac_counted_list placements =
		prac_counted_children(judgement, &placement->values[PRAC_PLACEMENT_STUDENT_ID],
			PRAC_PLACEMENT, PRAC_PLACEMENT_STUDENT_ID_NO);

	add_placement(judgement, placement, day, &asked);
	for (size_t i = 0; i < placements.n; i++) {
		add_placement(judgement, placements.records[i], day, &all);
	}
	*credit_out = all.credit;
	credit_out->row = prac_policy_row(&policy, "credit", all.last);
	if (asked.credit.n_placements == 0 || credit_out->row == NULL) {
		return false;
	}
	credit_out->credits = prac_policy_credits(credit_out->row, &credit_out->basis);
	return true;
}

/* "2 periods a week" or "1 block a week", whichever the school counts. */
static const char *class_words(
	const struct prac_judgement *judgement, const struct prac_credit_basis *basis)
{
	int32_t n = basis->class_blocks > 0 ? basis->class_blocks : basis->class_periods;

	return prac_arena_printf(judgement->arena, "%d %s%s a week", (int)n,
		basis->class_blocks > 0 ? "block" : "period", n == 1 ? "" : "s");
}

const char *prac_credit_words(
	const struct prac_judgement *judgement, const struct prac_credit *credit, int32_t day)
{
	int32_t minutes = credit->basis.weekly_minutes;
	const char *where = credit->n_placements > 1
				    ? prac_arena_printf(judgement->arena, " in %d placements",
					      (int)credit->n_placements)
				    : "";
	char date[PRAC_DATE_TEXT];

	prac_date_format(day, date);
	return prac_arena_printf(judgement->arena,
		"%d until %s: %dh%02dm a week%s over %d weeks of instruction, class of %s (%s: %s "
		"%s)",
		(int)credit->credits, date, (int)(minutes / 60), (int)(minutes % 60), where,
		(int)credit->weeks, class_words(judgement, &credit->basis), credit->row->id,
		credit->row->words, credit->row->source);
}
