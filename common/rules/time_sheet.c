/*
 * A week's sheet: submitted whole, approved by the hash of its content, never changed afterwards
 * (DESIGN part 4). A correction is another sheet that names this one.
 */
#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/confirmation.h"
#include "common/rules/gate.h"
#include "common/rules/labor.h"
#include "common/rules/sheet_sign.h"
#include "common/rules/shift.h"

enum {
	COUNTS = 1 << PRAC_TIME_SHEET_DO_SUBMIT | 1 << PRAC_TIME_SHEET_DO_APPROVE,
	SIGNS = 1 << PRAC_TIME_SHEET_DO_SUBMIT | 1 << PRAC_TIME_SHEET_DO_APPROVE |
		1 << PRAC_TIME_SHEET_DO_RETURN
};

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_TIME_SHEET_PLACEMENT_ID_NO },
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_TIME_ENTRY,
		.field = PRAC_TIME_ENTRY_SHEET_ID_NO,
		.actions = SIGNS },
	PRAC_LABOR_LOADS(PRAC_TIME_SHEET, PRAC_TIME_SHEET_WEEK_START_NO,
		1 << PRAC_TIME_SHEET_DO_SUBMIT | 1 << PRAC_TIME_SHEET_DO_REJUDGE),
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_TIME_SHEET_SCHOOL_ID_NO, .actions = COUNTS },
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_PERIOD_CLOSE,
		.field = PRAC_PERIOD_CLOSE_SCHOOL_ID_NO,
		.actions = COUNTS,
		.via = PRAC_TIME_SHEET_SCHOOL_ID_NO },
	PRAC_GATE_LOADS_SHEET(UINT64_C(1) << PRAC_TIME_SHEET_DO_APPROVE),
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_TRANSCRIPT,
		.field = PRAC_TRANSCRIPT_RECORD_ID_NO,
		.actions = UINT64_C(1) << PRAC_TIME_SHEET_DO_APPROVE },
	PRAC_CONFIRMATION_LOADS(UINT64_C(1) << PRAC_TIME_SHEET_DO_APPROVE),
};

static int64_t number_of(const struct prac_record *sheet)
{
	return sheet->values[PRAC_TIME_SHEET_AMENDMENT_NO]
		.number; /* 0: the first sheet of the week */
}

/* A correction is for the same placement and week, and the next in number. */
static void complete_correction(struct prac_record *sheet, const struct prac_record *amended)
{
	struct prac_value *number = &sheet->values[PRAC_TIME_SHEET_AMENDMENT_NO];
	static const uint16_t same[] = { PRAC_TIME_SHEET_PLACEMENT_ID, PRAC_TIME_SHEET_WEEK_START };

	for (size_t i = 0; i < PRAC_NELEM(same); i++) {
		if (!sheet->values[same[i]].has) {
			sheet->values[same[i]] = amended->values[same[i]];
		}
	}
	if (!number->has) {
		*number = (struct prac_value){ .has = true, .number = number_of(amended) + 1 };
	}
}

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *sheet)
{
	const struct prac_record *amended =
		prac_facts_follow(judgement, sheet, PRAC_TIME_SHEET_AMENDS_ID);
	const struct prac_record *placement;

	(void)before;
	if (amended != NULL) {
		complete_correction(sheet, amended);
	}
	placement = prac_facts_follow(judgement, sheet, PRAC_TIME_SHEET_PLACEMENT_ID);
	if (placement == NULL) {
		return;
	}
	if (!sheet->values[PRAC_TIME_SHEET_STUDENT_ID].has) {
		sheet->values[PRAC_TIME_SHEET_STUDENT_ID] =
			placement->values[PRAC_PLACEMENT_STUDENT_ID];
	}
	if (!sheet->values[PRAC_TIME_SHEET_SCHOOL_ID].has) {
		sheet->values[PRAC_TIME_SHEET_SCHOOL_ID] =
			placement->values[PRAC_PLACEMENT_SCHOOL_ID];
	}
}

/* The ids that a sheet repeats from its placement, so that it can be found without it. */
static enum prac_reason check_placement(
	struct prac_judgement *judgement, const struct prac_record *sheet)
{
	const struct prac_record *placement =
		prac_facts_follow(judgement, sheet, PRAC_TIME_SHEET_PLACEMENT_ID);
	static const uint16_t same[][2] = {
		{ PRAC_TIME_SHEET_STUDENT_ID, PRAC_PLACEMENT_STUDENT_ID },
		{ PRAC_TIME_SHEET_SCHOOL_ID, PRAC_PLACEMENT_SCHOOL_ID },
	};

	for (size_t i = 0; placement != NULL && i < PRAC_NELEM(same); i++) {
		const struct prac_field *field = &sheet->type->fields[same[i][0]];

		if (!prac_value_equal(
			    field, &sheet->values[same[i][0]], &placement->values[same[i][1]])) {
			return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, field,
				"%s: must be that of the placement; leave it out", field->label);
		}
	}
	return PRAC_REASON_NONE;
}

/* Corrections make a chain of approved sheets of one week, so that totals have one last link. */
static enum prac_reason check_correction(
	struct prac_judgement *judgement, const struct prac_record *sheet)
{
	const struct prac_record *amended =
		prac_facts_follow(judgement, sheet, PRAC_TIME_SHEET_AMENDS_ID);
	const struct prac_field *fields = sheet->type->fields;

	if (amended == NULL) {
		return PRAC_REASON_NONE;
	}
	if (amended->values[PRAC_TIME_SHEET_STATE].number != PRAC_TIME_SHEET_STATE_APPROVED) {
		return prac_refuse(judgement, PRAC_REASON_GUARD, &fields[PRAC_TIME_SHEET_AMENDS_ID],
			"Corrects: the other sheet is not approved and can be changed itself");
	}
	if (!prac_value_equal(&fields[PRAC_TIME_SHEET_PLACEMENT_ID],
		    &sheet->values[PRAC_TIME_SHEET_PLACEMENT_ID],
		    &amended->values[PRAC_TIME_SHEET_PLACEMENT_ID]) ||
		sheet->values[PRAC_TIME_SHEET_WEEK_START].number !=
			amended->values[PRAC_TIME_SHEET_WEEK_START].number) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&fields[PRAC_TIME_SHEET_AMENDS_ID],
			"Corrects: must be a sheet of the same placement and week");
	}
	if (number_of(sheet) != number_of(amended) + 1) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&fields[PRAC_TIME_SHEET_AMENDMENT_NO],
			"Correction number: must be %d; leave it out", (int)number_of(amended) + 1);
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_value *values = after->values;
	enum prac_reason reason = PRAC_REASON_NONE;

	if (after->deleted) {
		return PRAC_REASON_NONE;
	}
	if (prac_date_weekday((int32_t)values[PRAC_TIME_SHEET_WEEK_START].number) != PRAC_SUNDAY) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_TIME_SHEET_WEEK_START],
			"Week from: must be a Sunday");
	}
	if (values[PRAC_TIME_SHEET_AMENDS_ID].has != values[PRAC_TIME_SHEET_AMENDMENT_NO].has) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_TIME_SHEET_AMENDMENT_NO],
			"Correction number: belongs to a sheet that corrects another; name that one (amends_id) or leave it out");
	}
	if (before == NULL) {
		reason = check_correction(judgement, after);
	}
	return reason != PRAC_REASON_NONE ? reason : check_placement(judgement, after);
}

static size_t entries_of(struct prac_judgement *judgement, const struct prac_record *sheet,
	const struct prac_record *const **entries_out)
{
	return judgement->facts->children(judgement->facts->ctx, PRAC_TIME_ENTRY,
		PRAC_TIME_ENTRY_SHEET_ID_NO, &sheet->id, entries_out);
}

static enum prac_reason check_entry(struct prac_judgement *judgement,
	const struct prac_record *entry, int64_t week_start, const struct prac_record *placement)
{
	int64_t date = entry->values[PRAC_TIME_ENTRY_WORK_DATE].number;
	char text[PRAC_DATE_TEXT];

	prac_date_format((int32_t)date, text);
	if (date < week_start || date > week_start + 6) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, NULL,
			"the shift of %s is outside the week; enter it on the sheet of its week",
			text);
	}
	if (date < placement->values[PRAC_PLACEMENT_STARTS_ON].number ||
		date > placement->values[PRAC_PLACEMENT_ENDS_ON].number) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, NULL,
			"the shift of %s is outside the dates of the placement; mend the day or those dates",
			text);
	}
	return PRAC_REASON_NONE;
}

static bool overlaps_an_earlier(const struct prac_record *const *entries, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (prac_shifts_overlap(entries[i]->values, entries[index]->values)) {
			return true;
		}
	}
	return false;
}

static enum prac_reason check_overlap(struct prac_judgement *judgement,
	const struct prac_record *const *entries, size_t n_entries)
{
	char text[PRAC_DATE_TEXT];

	for (size_t i = 1; i < n_entries; i++) {
		if (overlaps_an_earlier(entries, i)) {
			prac_date_format(
				(int32_t)entries[i]->values[PRAC_TIME_ENTRY_WORK_DATE].number,
				text);
			return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, NULL,
				"the shift of %s overlaps another; mend the times of one", text);
		}
	}
	return PRAC_REASON_NONE;
}

static void put_list(struct prac_judgement *judgement, struct prac_record *sheet, uint16_t index,
	const struct prac_bytes *lines, size_t n)
{
	sheet->values[index] = (struct prac_value){ 0 };
	if (n > 0) {
		sheet->values[index] =
			prac_list_value(judgement->arena, &sheet->type->fields[index], lines, n);
	}
}

/* What was worked is stored as it was; a broken rule makes the sheet wait for a decision. */
static void judge_labor(struct prac_judgement *judgement, struct prac_record *sheet)
{
	static const uint16_t over[] = { PRAC_TIME_SHEET_DISPOSITION,
		PRAC_TIME_SHEET_REJUDGED_BECAUSE, PRAC_TIME_SHEET_NEWLY_BROKEN,
		PRAC_TIME_SHEET_NEWLY_CLEAR };
	struct prac_labor_findings findings;
	struct prac_value *values = sheet->values;

	prac_labor_judge_sheet(judgement, sheet, &findings);
	for (size_t i = 0; i < PRAC_NELEM(over); i++) {
		values[over[i]] = (struct prac_value){ 0 };
	}
	put_list(judgement, sheet, PRAC_TIME_SHEET_VIOLATIONS, findings.lines, findings.n);
	values[PRAC_TIME_SHEET_STATE].number = findings.n > 0 && findings.is_binding
						       ? PRAC_TIME_SHEET_STATE_FLAGGED
						       : PRAC_TIME_SHEET_STATE_SUBMITTED;
}

/* Items of the list that the other one does not have. */
static size_t lines_beside(
	struct prac_bytes list, struct prac_bytes other, struct prac_bytes *lines_out)
{
	struct prac_bytes item;
	size_t n = 0;

	while (n < PRAC_LABOR_LINES_MAX && prac_list_next(&list, &item)) {
		if (!prac_list_has(other, item)) {
			lines_out[n++] = item;
		}
	}
	return n;
}

/*
 * By the rules and the calendar of today. What says the same changes nothing, so that it may be done
 * any number of times; a decision stands until a rule is broken that it was not made for.
 */
static enum prac_reason rejudge(
	struct prac_judgement *judgement, const struct prac_value *args, struct prac_record *sheet)
{
	struct prac_bytes broken[PRAC_LABOR_LINES_MAX], clear[PRAC_LABOR_LINES_MAX];
	struct prac_bytes before = sheet->values[PRAC_TIME_SHEET_VIOLATIONS].bytes, now;
	struct prac_value *state = &sheet->values[PRAC_TIME_SHEET_STATE];
	struct prac_labor_findings findings;
	size_t n_broken, n_clear;

	prac_labor_judge_sheet(judgement, sheet, &findings);
	if (!findings.is_judged) {
		return prac_refuse(judgement, PRAC_REASON_GUARD, NULL,
			"the student's birth date or the placement is not known here; enter the birth date, or sync first");
	}
	put_list(judgement, sheet, PRAC_TIME_SHEET_VIOLATIONS, findings.lines, findings.n);
	now = sheet->values[PRAC_TIME_SHEET_VIOLATIONS].bytes;
	n_broken = lines_beside(now, before, broken);
	n_clear = lines_beside(before, now, clear);
	if (n_broken == 0 && n_clear == 0) {
		return PRAC_REASON_NONE;
	}
	put_list(judgement, sheet, PRAC_TIME_SHEET_NEWLY_BROKEN, broken, n_broken);
	put_list(judgement, sheet, PRAC_TIME_SHEET_NEWLY_CLEAR, clear, n_clear);
	sheet->values[PRAC_TIME_SHEET_REJUDGED_BECAUSE] = args[PRAC_TIME_SHEET_REJUDGE_BECAUSE];
	if (n_broken > 0 && findings.is_binding) {
		state->number = PRAC_TIME_SHEET_STATE_FLAGGED;
		sheet->values[PRAC_TIME_SHEET_DISPOSITION] = (struct prac_value){ 0 };
	} else if (findings.n == 0) {
		state->number = PRAC_TIME_SHEET_STATE_SUBMITTED;
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason submit(struct prac_judgement *judgement, struct prac_record *sheet)
{
	const struct prac_record *placement =
		prac_facts_follow(judgement, sheet, PRAC_TIME_SHEET_PLACEMENT_ID);
	const struct prac_record *const *entries;
	size_t n_entries = entries_of(judgement, sheet, &entries);
	enum prac_reason reason = PRAC_REASON_NONE;

	if (placement == NULL) {
		return prac_refuse(judgement, PRAC_REASON_GUARD, NULL,
			"the placement is not here; sync first");
	}
	if (n_entries == 0) {
		return prac_refuse(judgement, PRAC_REASON_GUARD, NULL,
			"a sheet without hours cannot be submitted; add its time entries first");
	}
	for (size_t i = 0; i < n_entries && reason == PRAC_REASON_NONE; i++) {
		reason = check_entry(judgement, entries[i],
			sheet->values[PRAC_TIME_SHEET_WEEK_START].number, placement);
	}
	if (reason == PRAC_REASON_NONE) {
		reason = check_overlap(judgement, entries, n_entries);
	}
	if (reason == PRAC_REASON_NONE) {
		judge_labor(judgement, sheet);
	}
	return reason;
}

/* A week belongs to the period in which it begins; the totals of a closed one hold. */
static void find_closed(struct prac_judgement *judgement, const struct prac_record *sheet,
	struct prac_findings *findings)
{
	int64_t week = sheet->values[PRAC_TIME_SHEET_WEEK_START].number;
	const struct prac_record *const *periods;
	struct prac_id school;
	size_t n_periods;

	if (prac_id_from_bytes(sheet->values[PRAC_TIME_SHEET_SCHOOL_ID].bytes, &school) !=
		PRAC_OK) {
		return;
	}
	n_periods = judgement->facts->children(judgement->facts->ctx, PRAC_PERIOD_CLOSE,
		PRAC_PERIOD_CLOSE_SCHOOL_ID_NO, &school, &periods);
	for (size_t i = 0; i < n_periods; i++) {
		const struct prac_value *period = periods[i]->values;
		char from[PRAC_DATE_TEXT], to[PRAC_DATE_TEXT];

		if (period[PRAC_PERIOD_CLOSE_STATE].number != PRAC_PERIOD_CLOSE_STATE_CLOSED ||
			week < period[PRAC_PERIOD_CLOSE_STARTS_ON].number ||
			week > period[PRAC_PERIOD_CLOSE_ENDS_ON].number) {
			continue;
		}
		prac_date_format((int32_t)period[PRAC_PERIOD_CLOSE_STARTS_ON].number, from);
		prac_date_format((int32_t)period[PRAC_PERIOD_CLOSE_ENDS_ON].number, to);
		prac_find(findings, &sheet->type->fields[PRAC_TIME_SHEET_WEEK_START],
			"the hours from %s to %s are closed (add an adjustment that a second "
			"person approves, or ask the district to reopen the period)",
			from, to);
	}
}

/* Hours are stored whenever they were worked; they count once the papers cover the days. */
static void find(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *sheet, struct prac_findings *findings)
{
	const struct prac_record *placement =
		prac_facts_follow(judgement, sheet, PRAC_TIME_SHEET_PLACEMENT_ID);
	const struct prac_record *const *entries;

	if ((COUNTS >> action->number & 1) != 0) {
		find_closed(judgement, sheet, findings);
	}
	if (action->number == PRAC_TIME_SHEET_DO_APPROVE && placement != NULL) {
		size_t n_entries = entries_of(judgement, sheet, &entries);

		prac_gate_find_days(judgement, placement, entries, n_entries, findings);
	}
}

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *sheet)
{
	if (action->number == PRAC_TIME_SHEET_DO_SUBMIT) {
		sheet->values[PRAC_TIME_SHEET_RETURN_REASON] = (struct prac_value){ 0 };
		return submit(judgement, sheet);
	}
	if (action->args == NULL) {
		return PRAC_REASON_NONE;
	}
	if (args == NULL) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, NULL,
			"%s: the arguments are missing; practicum describe time_sheet names them",
			action->label);
	}
	if (action->number == PRAC_TIME_SHEET_DO_REJUDGE) {
		return rejudge(judgement, args, sheet);
	}
	if (action->number == PRAC_TIME_SHEET_DO_APPROVE) {
		return prac_sheet_approve(judgement, args, sheet);
	}
	return action->number == PRAC_TIME_SHEET_DO_RETURN
		       ? prac_sheet_return(judgement, args, sheet)
		       : PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_time_sheet = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
	.find = find,
	.act = act,
};
