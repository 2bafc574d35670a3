/* A period is closed over the hours that were approved, once the sheets typed from paper are checked. */
#include <stdio.h>
#include <stdlib.h>

#include "catalog/types.h"
#include "common/base/buf.h"
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

/* Records in the order of their ids, as facts are. */
struct list {
	const struct prac_record *const *records;
	size_t n;
};

struct period {
	struct prac_judgement *judgement;
	const struct prac_record *record;
	struct list sheets, entries;
	bool *counts; /* of the sheet at the same index: approved, in the period, and the last of its week */
};

static struct list of_school(struct prac_judgement *judgement, const struct prac_record *period,
	uint32_t type, uint32_t field)
{
	struct list list = { 0 };
	struct prac_id school;

	if (prac_id_from_bytes(period->values[PRAC_PERIOD_CLOSE_SCHOOL_ID].bytes, &school) ==
		PRAC_OK) {
		list.n = judgement->facts->children(
			judgement->facts->ctx, type, field, &school, &list.records);
	}
	return list;
}

static int compare(const void *key, const void *item)
{
	return prac_id_compare(key, &(*(const struct prac_record *const *)item)->id);
}

/* Where the reference leads in the list; -1: not to one of it. */
static ptrdiff_t find_place(const struct list *list, const struct prac_value *reference)
{
	const struct prac_record *const *found;
	struct prac_id id;

	if (list->n == 0 || !reference->has ||
		prac_id_from_bytes(reference->bytes, &id) != PRAC_OK) {
		return -1;
	}
	found = bsearch(&id, list->records, list->n, sizeof(struct prac_record *), compare);
	return found == NULL ? -1 : found - list->records;
}

static bool is_in_period(const struct prac_record *period, const struct prac_record *sheet)
{
	int64_t week = sheet->values[PRAC_TIME_SHEET_WEEK_START].number;

	return week >= period->values[PRAC_PERIOD_CLOSE_STARTS_ON].number &&
	       week <= period->values[PRAC_PERIOD_CLOSE_ENDS_ON].number;
}

/* Of a week that was corrected the last approved sheet counts. */
static struct period look_at(struct prac_judgement *judgement, const struct prac_record *record)
{
	struct period period = { .judgement = judgement, .record = record };
	struct list *sheets = &period.sheets;

	*sheets = of_school(judgement, record, PRAC_TIME_SHEET, PRAC_TIME_SHEET_SCHOOL_ID_NO);
	period.entries =
		of_school(judgement, record, PRAC_TIME_ENTRY, PRAC_TIME_ENTRY_SCHOOL_ID_NO);
	period.counts = prac_arena_alloc(judgement->arena, (sheets->n + 1) * sizeof(bool));
	for (size_t i = 0; i < sheets->n; i++) {
		period.counts[i] = sheets->records[i]->values[PRAC_TIME_SHEET_STATE].number ==
					   PRAC_TIME_SHEET_STATE_APPROVED &&
				   is_in_period(record, sheets->records[i]);
	}
	for (size_t i = 0; i < sheets->n; i++) {
		const struct prac_value *values = sheets->records[i]->values;
		ptrdiff_t amended = find_place(sheets, &values[PRAC_TIME_SHEET_AMENDS_ID]);

		if (amended >= 0 &&
			values[PRAC_TIME_SHEET_STATE].number == PRAC_TIME_SHEET_STATE_APPROVED) {
			period.counts[amended] = false;
		}
	}
	return period;
}

static bool counts(const struct period *period, const struct prac_record *entry)
{
	ptrdiff_t sheet = find_place(&period->sheets, &entry->values[PRAC_TIME_ENTRY_SHEET_ID]);

	return sheet >= 0 && period->counts[sheet];
}

static int64_t minutes_of(const struct period *period)
{
	struct list adjustments = of_school(
		period->judgement, period->record, PRAC_ADJUSTMENT, PRAC_ADJUSTMENT_SCHOOL_ID_NO);
	int64_t minutes = 0;

	for (size_t i = 0; i < period->entries.n; i++) {
		const struct prac_record *entry = period->entries.records[i];

		minutes += counts(period, entry)
				   ? entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number
				   : 0;
	}
	for (size_t i = 0; i < adjustments.n; i++) {
		const struct prac_value *values = adjustments.records[i]->values;
		ptrdiff_t entry = find_place(&period->entries, &values[PRAC_ADJUSTMENT_ENTRY_ID]);

		if (entry >= 0 && counts(period, period->entries.records[entry]) &&
			values[PRAC_ADJUSTMENT_STATE].number == PRAC_ADJUSTMENT_STATE_POSTED) {
			minutes += values[PRAC_ADJUSTMENT_DELTA_MINUTES].number;
		}
	}
	return minutes;
}

static int64_t sheets_of(const struct period *period)
{
	int64_t n = 0;

	for (size_t i = 0; i < period->sheets.n; i++) {
		n += period->counts[i] ? 1 : 0;
	}
	return n;
}

/* Over the ids of the sheets that count and the minutes, so that a copy of the totals can be checked. */
static struct prac_digest hash_of(const struct period *period, int64_t minutes)
{
	struct prac_buf text = { 0 };
	struct prac_digest digest;

	for (size_t i = 0; i < period->sheets.n; i++) {
		if (period->counts[i]) {
			prac_buf_append(&text, period->sheets.records[i]->id.b, PRAC_ID_LEN);
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
	const struct prac_record *sheet = period->sheets.records[i];

	return is_in_period(period->record, sheet) &&
	       (period->counts[i] || sheet->values[PRAC_TIME_SHEET_STATE].number !=
					     PRAC_TIME_SHEET_STATE_APPROVED);
}

static void find_unchecked(const struct period *period, struct prac_findings *findings)
{
	struct prac_policy policy = prac_statute_policy(period->judgement, "documents");
	int n[PRAC_TYPED_WAITS_MEND + 1] = { 0 };

	for (size_t i = 0; i < period->sheets.n; i++) {
		const struct prac_record *sheet = period->sheets.records[i];

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
