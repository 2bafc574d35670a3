#include "common/rules/credit.h"

#include "catalog/types.h"
#include "common/base/date.h"
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

static size_t children_of(const struct prac_judgement *judgement, const struct prac_type *type,
	uint32_t field, const struct prac_id *parent, const struct prac_record *const **records_out)
{
	return judgement->facts->children(
		judgement->facts->ctx, type->number, field, parent, records_out);
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

static bool holds(const struct span *span, int64_t day)
{
	return day >= span->first && day <= span->last;
}

/* ---- hours */

static bool is_corrected(
	const struct prac_record *sheet, const struct prac_record *const *sheets, size_t n)
{
	bool is_found = false;

	for (size_t i = 0; i < n && !is_found; i++) {
		const struct prac_value *values = sheets[i]->values;

		is_found = values[PRAC_TIME_SHEET_STATE].number == PRAC_TIME_SHEET_STATE_APPROVED &&
			   values[PRAC_TIME_SHEET_AMENDS_ID].has &&
			   prac_bytes_equal(values[PRAC_TIME_SHEET_AMENDS_ID].bytes,
				   prac_id_bytes(&sheet->id));
	}
	return is_found;
}

static int64_t minutes_of_sheet(const struct prac_judgement *judgement,
	const struct prac_record *sheet, const struct span *span)
{
	const struct prac_record *const *entries;
	size_t n = children_of(judgement, &prac_type_time_entry, PRAC_TIME_ENTRY_SHEET_ID_NO,
		&sheet->id, &entries);
	int64_t minutes = 0;

	for (size_t i = 0; i < n; i++) {
		const struct prac_value *values = entries[i]->values;

		if (holds(span, values[PRAC_TIME_ENTRY_WORK_DATE].number)) {
			minutes += values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number;
		}
	}
	return minutes;
}

static int64_t accepted_minutes(const struct prac_judgement *judgement,
	const struct prac_record *placement, const struct span *span)
{
	const struct prac_record *const *sheets;
	size_t n = children_of(judgement, &prac_type_time_sheet, PRAC_TIME_SHEET_PLACEMENT_ID_NO,
		&placement->id, &sheets);
	int64_t minutes = 0;

	for (size_t i = 0; i < n; i++) {
		if (sheets[i]->values[PRAC_TIME_SHEET_STATE].number ==
				PRAC_TIME_SHEET_STATE_APPROVED &&
			!is_corrected(sheets[i], sheets, n)) {
			minutes += minutes_of_sheet(judgement, sheets[i], span);
		}
	}
	return minutes;
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

bool prac_credit_of(const struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_credit *credit_out)
{
	const struct prac_record *class =
		prac_facts_follow(judgement, placement, PRAC_PLACEMENT_CLASS_ID);
	struct prac_policy policy = prac_statute_policy(judgement, "credit");
	struct span span = span_of(placement, day);

	if (class == NULL || span.last < span.first) {
		return false;
	}
	*credit_out = (struct prac_credit){
		.row = prac_policy_row(&policy, "credit", span.last),
		.weeks = weeks_of(judgement, placement, &span),
		.basis = { .class_periods =
				   (int32_t) class->values[PRAC_CLASS_PERIODS_PER_WEEK].number },
	};
	credit_out->basis.weekly_minutes =
		(int32_t)(accepted_minutes(judgement, placement, &span) / credit_out->weeks);
	if (credit_out->row == NULL) {
		return false;
	}
	credit_out->credits = prac_policy_credits(credit_out->row, &credit_out->basis);
	return true;
}

const char *prac_credit_words(
	const struct prac_judgement *judgement, const struct prac_credit *credit, int32_t day)
{
	int32_t minutes = credit->basis.weekly_minutes;
	char date[PRAC_DATE_TEXT];

	prac_date_format(day, date);
	return prac_arena_printf(judgement->arena,
		"%d until %s: %dh%02dm a week over %d weeks of instruction, class of %d periods a "
		"week (%s: %s %s)",
		(int)credit->credits, date, (int)(minutes / 60), (int)(minutes % 60),
		(int)credit->weeks, (int)credit->basis.class_periods, credit->row->id,
		credit->row->words, credit->row->source);
}
