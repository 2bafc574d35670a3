/* A period is closed over the hours that were approved, once the sheets typed from paper are checked. */
#include <stdio.h>

#include "catalog/types.h"
#include "common/base/buf.h"
#include "common/rules/counted.h"
#include "common/rules/typed.h"

enum {
	CLOSE = 1 << PRAC_PERIOD_CLOSE_DO_CLOSE,
	DAYS_MAX = 380, /* a school year; what is loaded for a close reaches so far */
	WEEK = 7
};

/* Children of the school, dated from the first day of the period on. */
#define OF_SCHOOL(TYPE, DATE, AFTER)                                                         \
	{                                                                                    \
		.kind = PRAC_LOAD_CHILDREN, .type = (TYPE), .field = TYPE##_SCHOOL_ID_NO,    \
		.actions = CLOSE, .via = PRAC_PERIOD_CLOSE_SCHOOL_ID_NO, .date = (DATE),     \
		.around = (DATE) == 0 ? 0 : PRAC_PERIOD_CLOSE_STARTS_ON_NO, .after = (AFTER) \
	}

static const struct prac_load loads[] = {
	OF_SCHOOL(PRAC_TIME_SHEET, PRAC_TIME_SHEET_WEEK_START_NO, DAYS_MAX),
	OF_SCHOOL(PRAC_TIME_ENTRY, PRAC_TIME_ENTRY_WORK_DATE_NO, DAYS_MAX + WEEK),
	OF_SCHOOL(PRAC_ADJUSTMENT, 0, 0),
	OF_SCHOOL(PRAC_TRANSCRIPT, 0, 0),
	PRAC_STATUTE_LOADS(CLOSE),
};

struct period {
	struct prac_judgement *judgement;
	const struct prac_record *record;
	struct prac_counted counted; /* of its sheets those that begin in the period */
};

static struct prac_counted_list of_school(struct prac_judgement *judgement,
	const struct prac_record *period, uint32_t type, uint32_t field)
{
	return prac_counted_children(
		judgement, &period->values[PRAC_PERIOD_CLOSE_SCHOOL_ID], type, field);
}

static bool is_in_period(const struct prac_record *period, const struct prac_record *sheet)
{
	int64_t week = sheet->values[PRAC_TIME_SHEET_WEEK_START].number;

	return week >= period->values[PRAC_PERIOD_CLOSE_STARTS_ON].number &&
	       week <= period->values[PRAC_PERIOD_CLOSE_ENDS_ON].number;
}

static struct period look_at(struct prac_judgement *judgement, const struct prac_record *record)
{
	struct period period = { .judgement = judgement, .record = record };
	struct prac_counted *counted = &period.counted;

	*counted = prac_counted_make(judgement,
		of_school(judgement, record, PRAC_TIME_SHEET, PRAC_TIME_SHEET_SCHOOL_ID_NO),
		of_school(judgement, record, PRAC_TIME_ENTRY, PRAC_TIME_ENTRY_SCHOOL_ID_NO),
		of_school(judgement, record, PRAC_ADJUSTMENT, PRAC_ADJUSTMENT_SCHOOL_ID_NO));
	for (size_t i = 0; i < counted->sheets.n; i++) {
		counted->counts[i] =
			counted->counts[i] && is_in_period(record, counted->sheets.records[i]);
	}
	return period;
}

static int64_t minutes_of(const struct period *period)
{
	return prac_counted_minutes(&period->counted, INT32_MIN, INT32_MAX);
}

static int64_t sheets_of(const struct period *period)
{
	int64_t n = 0;

	for (size_t i = 0; i < period->counted.sheets.n; i++) {
		n += period->counted.counts[i] ? 1 : 0;
	}
	return n;
}

/* Over the ids of the sheets that count and the minutes, so that a copy of the totals can be checked. */
static struct prac_digest hash_of(const struct period *period, int64_t minutes)
{
	struct prac_buf text = { 0 };
	struct prac_digest digest;

	for (size_t i = 0; i < period->counted.sheets.n; i++) {
		if (period->counted.counts[i]) {
			prac_buf_append(
				&text, period->counted.sheets.records[i]->id.b, PRAC_ID_LEN);
		}
	}
	prac_buf_printf(&text, "%lld", (long long)minutes);
	digest = prac_sha256(prac_buf_bytes(&text));
	prac_buf_deinit(&text);
	return digest;
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_field *ends_on = &after->type->fields[PRAC_PERIOD_CLOSE_ENDS_ON];
	int64_t days = after->values[PRAC_PERIOD_CLOSE_ENDS_ON].number -
		       after->values[PRAC_PERIOD_CLOSE_STARTS_ON].number;

	if (before == NULL && (days < 0 || days >= DAYS_MAX)) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, ends_on,
			"%s: must lie on or after the first day and less than %d days behind it; close "
			"a longer time in parts",
			ends_on->label, DAYS_MAX);
	}
	return PRAC_REASON_NONE;
}

static void find_difference(const struct period *period, struct prac_findings *findings)
{
	const struct prac_value *values = period->record->values;
	int64_t minutes = minutes_of(period), n_sheets = sheets_of(period);

	if ((values[PRAC_PERIOD_CLOSE_TOTAL_MINUTES].number != minutes ||
		    values[PRAC_PERIOD_CLOSE_N_SHEETS].number != n_sheets) &&
		!values[PRAC_PERIOD_CLOSE_DIFFERENCE].has) {
		prac_find(findings, &period->record->type->fields[PRAC_PERIOD_CLOSE_TOTAL_MINUTES],
			"the totals entered are not those of the approved sheets, %lldh%02lldm on %lld "
			"sheets (enter these, or say with difference=TEXT why they differ)",
			(long long)(minutes / 60), (long long)(minutes % 60), (long long)n_sheets);
	}
}

/* A sheet that was corrected is settled by the correction. */
static bool is_open(const struct period *period, size_t i)
{
	const struct prac_record *sheet = period->counted.sheets.records[i];

	return is_in_period(period->record, sheet) &&
	       (period->counted.counts[i] || sheet->values[PRAC_TIME_SHEET_STATE].number !=
						     PRAC_TIME_SHEET_STATE_APPROVED);
}

static void find_unchecked(const struct period *period, struct prac_findings *findings)
{
	struct prac_policy policy = prac_statute_policy(period->judgement, "documents");
	int n[PRAC_TYPED_WAITS_MEND + 1] = { 0 };

	for (size_t i = 0; i < period->counted.sheets.n; i++) {
		const struct prac_record *sheet = period->counted.sheets.records[i];

		if (is_open(period, i)) {
			n[prac_typed_waits(
				&policy, sheet, prac_typed_last(period->judgement, &sheet->id))]++;
		}
	}
	if (n[PRAC_TYPED_WAITS_CHECK] > 0) {
		prac_find(findings, NULL,
			"time sheets typed from paper that a second person has to check: %d (practicum "
			"exceptions lists them)",
			n[PRAC_TYPED_WAITS_CHECK]);
	}
	if (n[PRAC_TYPED_WAITS_MEND] > 0) {
		prac_find(findings, NULL,
			"time sheets typed from paper that are disputed: %d (whoever typed them mends "
			"them)",
			n[PRAC_TYPED_WAITS_MEND]);
	}
}

static void find(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *record, struct prac_findings *findings)
{
	if (action->number == PRAC_PERIOD_CLOSE_DO_CLOSE) {
		struct period period = look_at(judgement, record);

		find_difference(&period, findings);
		find_unchecked(&period, findings);
	}
}

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *record)
{
	struct prac_value *values = record->values;

	(void)args;
	if (action->number == PRAC_PERIOD_CLOSE_DO_CLOSE) {
		struct period period = look_at(judgement, record);
		int64_t minutes = minutes_of(&period);
		struct prac_digest hash = hash_of(&period, minutes);

		values[PRAC_PERIOD_CLOSE_COUNTED_MINUTES] =
			(struct prac_value){ .has = true, .number = minutes };
		values[PRAC_PERIOD_CLOSE_COUNTED_SHEETS] =
			(struct prac_value){ .has = true, .number = sheets_of(&period) };
		values[PRAC_PERIOD_CLOSE_CONTENT_HASH] = (struct prac_value){ .has = true,
			.bytes = prac_arena_copy(judgement->arena, prac_digest_bytes(&hash)) };
	} else if (action->number == PRAC_PERIOD_CLOSE_DO_REOPEN) {
		values[PRAC_PERIOD_CLOSE_DIFFERENCE] = (struct prac_value){ 0 };
	}
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_period_close = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.check = check,
	.find = find,
	.act = act,
};
