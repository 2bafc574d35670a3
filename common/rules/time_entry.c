/* A shift of work: open to change only while its sheet is. */
#include "catalog/types.h"
#include "common/base/failpoint.h"
#include "common/rules/labor.h"
#include "common/rules/shift.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_TIME_ENTRY_SHEET_ID_NO },
};

/* Real elapsed time at the work site, as the judging of the week has it; -1: no times, or bad ones. */
static int64_t minutes_of(struct prac_judgement *judgement, const struct prac_record *entry,
	enum prac_labor_fault *fault_out)
{
	struct prac_zone *zone =
		prac_shift_zone(&entry->values[PRAC_TIME_ENTRY_ZONE], judgement->arena);
	struct prac_labor_entry shift =
		prac_shift_entry(entry, zone == NULL ? prac_shift_zone_default() : zone);

	return prac_labor_minutes(&shift, fault_out);
}

/* The ids that an entry repeats from its sheet. */
static const uint16_t same[][2] = {
	{ PRAC_TIME_ENTRY_PLACEMENT_ID, PRAC_TIME_SHEET_PLACEMENT_ID },
	{ PRAC_TIME_ENTRY_STUDENT_ID, PRAC_TIME_SHEET_STUDENT_ID },
	{ PRAC_TIME_ENTRY_SCHOOL_ID, PRAC_TIME_SHEET_SCHOOL_ID },
};

/* Whoever changes the times and leaves the minutes as they were means the minutes between. */
static bool leaves_minutes_behind(const struct prac_record *before, const struct prac_record *entry)
{
	static const uint16_t times[] = { PRAC_TIME_ENTRY_STARTS_AT, PRAC_TIME_ENTRY_ENDS_AT,
		PRAC_TIME_ENTRY_BREAK_MINUTES };
	bool is_changed = false;

	if (before == NULL || before->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number !=
				      entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number) {
		return false;
	}
	for (size_t i = 0; i < PRAC_NELEM(times); i++) {
		is_changed =
			is_changed || !prac_value_equal(&entry->type->fields[times[i]],
					      &before->values[times[i]], &entry->values[times[i]]);
	}
	return is_changed;
}

/* Of the site where the placement is, else of the school. */
static struct prac_value zone_there(
	struct prac_judgement *judgement, const struct prac_record *entry)
{
	const struct prac_record *placement =
		prac_facts_follow(judgement, entry, PRAC_TIME_ENTRY_PLACEMENT_ID);
	const struct prac_record *site = NULL, *school;

	if (placement != NULL) {
		site = prac_facts_follow(judgement, placement, PRAC_PLACEMENT_SITE_ID);
	}
	if (site != NULL && site->values[PRAC_SITE_ZONE].has) {
		return site->values[PRAC_SITE_ZONE];
	}
	school = prac_facts_follow(judgement, entry, PRAC_TIME_ENTRY_SCHOOL_ID);
	return school != NULL ? school->values[PRAC_SCHOOL_ZONE] : (struct prac_value){ 0 };
}

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *entry)
{
	const struct prac_record *sheet =
		prac_facts_follow(judgement, entry, PRAC_TIME_ENTRY_SHEET_ID);
	struct prac_value *elapsed = &entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES];
	enum prac_labor_fault fault;
	int64_t minutes;

	for (size_t i = 0; sheet != NULL && i < PRAC_NELEM(same); i++) {
		if (!entry->values[same[i][0]].has) {
			entry->values[same[i][0]] = sheet->values[same[i][1]];
		}
	}
	if (!entry->values[PRAC_TIME_ENTRY_ZONE].has) {
		entry->values[PRAC_TIME_ENTRY_ZONE] = zone_there(judgement, entry);
	}
	minutes = minutes_of(judgement, entry, &fault);
	if (minutes > 0 && (!elapsed->has || leaves_minutes_behind(before, entry))) {
		*elapsed = (struct prac_value){ .has = true, .number = minutes };
	}
}

static enum prac_reason refuse_field(
	struct prac_judgement *judgement, size_t index, const char *words)
{
	const struct prac_field *field = &prac_type_time_entry.fields[index];

	return prac_refuse(
		judgement, PRAC_REASON_INVALID_VALUE, field, "%s: %s", field->label, words);
}

static enum prac_reason check_times(
	struct prac_judgement *judgement, const struct prac_record *entry)
{
	const struct prac_value *values = entry->values;
	enum prac_labor_fault fault;
	int64_t minutes = minutes_of(judgement, entry, &fault);

	if (values[PRAC_TIME_ENTRY_ZONE].has &&
		prac_shift_zone(&values[PRAC_TIME_ENTRY_ZONE], judgement->arena) == NULL) {
		return refuse_field(judgement, PRAC_TIME_ENTRY_ZONE,
			"is not known; write a name as in America/Chicago");
	}
	if (values[PRAC_TIME_ENTRY_STARTS_AT].has != values[PRAC_TIME_ENTRY_ENDS_AT].has) {
		return refuse_field(judgement, PRAC_TIME_ENTRY_ENDS_AT,
			"start and end are given together or not at all");
	}
	if (values[PRAC_TIME_ENTRY_BREAK_STARTS_AT].has &&
		!values[PRAC_TIME_ENTRY_BREAK_MINUTES].has) {
		return refuse_field(
			judgement, PRAC_TIME_ENTRY_BREAK_MINUTES, "say how long the break was");
	}
	if (fault == PRAC_LABOR_FAULT_EMPTY) {
		return refuse_field(judgement, PRAC_TIME_ENTRY_ENDS_AT,
			"must not be the start; an end before the start is on the next day");
	}
	if (fault == PRAC_LABOR_FAULT_BREAK) {
		return refuse_field(judgement, PRAC_TIME_ENTRY_BREAK_MINUTES,
			"the break must lie inside the shift");
	}
	if (minutes == 0) {
		return refuse_field(
			judgement, PRAC_TIME_ENTRY_BREAK_MINUTES, "must be shorter than the shift");
	}
	if (minutes != -1 && minutes != values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number) {
		return refuse_field(judgement, PRAC_TIME_ENTRY_ELAPSED_MINUTES,
			prac_arena_printf(judgement->arena,
				"must be the time that passed from start to end without the break, "
				"%d minutes",
				(int)minutes));
	}
	return PRAC_REASON_NONE;
}

/* Why the minutes are not there. */
static enum prac_reason explain(struct prac_judgement *judgement, const struct prac_record *entry)
{
	const struct prac_field *minutes = &entry->type->fields[PRAC_TIME_ENTRY_ELAPSED_MINUTES];

	if (judgement->problem.field != minutes) {
		return PRAC_REASON_NONE;
	}
	if (!entry->values[PRAC_TIME_ENTRY_STARTS_AT].has &&
		!entry->values[PRAC_TIME_ENTRY_ENDS_AT].has) {
		return refuse_field(judgement, PRAC_TIME_ENTRY_STARTS_AT,
			"say when it began and ended, or only how long it was");
	}
	return check_times(judgement, entry);
}

static enum prac_reason check_sheet(struct prac_judgement *judgement,
	const struct prac_record *entry, const struct prac_record *sheet)
{
	int64_t week_start = sheet->values[PRAC_TIME_SHEET_WEEK_START].number;
	int64_t date = entry->values[PRAC_TIME_ENTRY_WORK_DATE].number;

	for (size_t i = 0; i < PRAC_NELEM(same); i++) {
		if (!prac_value_equal(&entry->type->fields[same[i][0]], &entry->values[same[i][0]],
			    &sheet->values[same[i][1]])) {
			return refuse_field(
				judgement, same[i][0], "must be that of the sheet; leave it out");
		}
	}
	if (date < week_start || date > week_start + 6) {
		return refuse_field(judgement, PRAC_TIME_ENTRY_WORK_DATE,
			"must be in the week of the sheet; enter it on the sheet of its week");
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_record *sheet =
		prac_facts_follow(judgement, after, PRAC_TIME_ENTRY_SHEET_ID);
	enum prac_reason reason;

	(void)before;
	if (sheet == NULL) {
		return prac_refuse(judgement, PRAC_REASON_MISSING_REFERENCE,
			&after->type->fields[PRAC_TIME_ENTRY_SHEET_ID],
			"Sheet: is not there; add the time sheet of the week first");
	}
	if (!PRAC_PLANTED(PRAC_PLANT_THAW) &&
		sheet->values[PRAC_TIME_SHEET_STATE].number != PRAC_TIME_SHEET_STATE_DRAFT &&
		sheet->values[PRAC_TIME_SHEET_STATE].number != PRAC_TIME_SHEET_STATE_RETURNED) {
		return prac_refuse(judgement, PRAC_REASON_LOCKED, NULL,
			"the sheet is %s; its hours do not change (take it back or have it returned; approved hours are corrected by another sheet)",
			prac_enum_find(&prac_type_time_sheet.fields[PRAC_TIME_SHEET_STATE],
				sheet->values[PRAC_TIME_SHEET_STATE].number)
				->name);
	}
	if (after->deleted) {
		return PRAC_REASON_NONE;
	}
	reason = check_sheet(judgement, after, sheet);
	return reason != PRAC_REASON_NONE ? reason : check_times(judgement, after);
}

/* What was worked is stored as it was; whoever types it learns at once what its sheet will say. */
static size_t warn(struct prac_judgement *judgement, const struct prac_record *entry,
	const struct prac_warning **warnings_out)
{
	struct prac_labor_findings findings;
	struct prac_warning *warnings;

	prac_labor_judge_entry(judgement, entry, &findings);
	warnings = prac_arena_alloc(judgement->arena, (findings.n + 1) * sizeof(*warnings));
	for (size_t i = 0; i < findings.n; i++) {
		const struct prac_law_row *row = findings.rows[i];

		warnings[i] = (struct prac_warning){
			.rule = row == NULL ? ""
					    : prac_arena_printf(judgement->arena, "%s", row->id),
			.words = prac_arena_printf(judgement->arena, "%.*s: %s (%s)",
				(int)findings.lines[i].len, findings.lines[i].data,
				row == NULL ? "" : row->words, row == NULL ? "" : row->source),
		};
	}
	*warnings_out = warnings;
	return findings.n;
}

const struct prac_rules prac_rules_time_entry = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
	.explain = explain,
	.warn = warn,
};
