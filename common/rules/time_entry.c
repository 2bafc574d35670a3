/* A shift of work: open to change only while its sheet is. */
#include "catalog/types.h"
#include "common/rules/rules.h"
#include "common/rules/shift.h"

enum {
	MINUTES_MAX = 24 * 60
};

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_TIME_ENTRY_SHEET_ID_NO },
};

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

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *entry)
{
	const struct prac_record *sheet =
		prac_facts_follow(judgement, entry, PRAC_TIME_ENTRY_SHEET_ID);
	struct prac_value *elapsed = &entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES];
	int64_t minutes = prac_shift_minutes(entry->values);

	for (size_t i = 0; sheet != NULL && i < PRAC_NELEM(same); i++) {
		if (!entry->values[same[i][0]].has) {
			entry->values[same[i][0]] = sheet->values[same[i][1]];
		}
	}
	if (minutes >= 0 && (!elapsed->has || leaves_minutes_behind(before, entry))) {
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
	int64_t minutes = prac_shift_minutes(values);

	if (values[PRAC_TIME_ENTRY_STARTS_AT].has != values[PRAC_TIME_ENTRY_ENDS_AT].has) {
		return refuse_field(judgement, PRAC_TIME_ENTRY_ENDS_AT,
			"start and end are given together or not at all");
	}
	if (values[PRAC_TIME_ENTRY_BREAK_STARTS_AT].has &&
		!values[PRAC_TIME_ENTRY_BREAK_MINUTES].has) {
		return refuse_field(
			judgement, PRAC_TIME_ENTRY_BREAK_MINUTES, "say how long the break was");
	}
	if (minutes != -1 && (minutes < 1 || minutes > MINUTES_MAX)) {
		return refuse_field(
			judgement, PRAC_TIME_ENTRY_BREAK_MINUTES, "must be shorter than the shift");
	}
	if (minutes != -1 && minutes != values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number) {
		return refuse_field(judgement, PRAC_TIME_ENTRY_ELAPSED_MINUTES,
			"must be the time from start to end without the break");
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason check_sheet(struct prac_judgement *judgement,
	const struct prac_record *entry, const struct prac_record *sheet)
{
	int64_t week_start = sheet->values[PRAC_TIME_SHEET_WEEK_START].number;
	int64_t date = entry->values[PRAC_TIME_ENTRY_WORK_DATE].number;

	for (size_t i = 0; i < PRAC_NELEM(same); i++) {
		if (!prac_value_equal(&entry->type->fields[same[i][0]], &entry->values[same[i][0]],
			    &sheet->values[same[i][1]])) {
			return refuse_field(judgement, same[i][0], "must be that of the sheet");
		}
	}
	if (date < week_start || date > week_start + 6) {
		return refuse_field(
			judgement, PRAC_TIME_ENTRY_WORK_DATE, "must be in the week of the sheet");
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
			&after->type->fields[PRAC_TIME_ENTRY_SHEET_ID], "Sheet: is not there");
	}
	if (sheet->values[PRAC_TIME_SHEET_STATE].number != PRAC_TIME_SHEET_STATE_DRAFT &&
		sheet->values[PRAC_TIME_SHEET_STATE].number != PRAC_TIME_SHEET_STATE_RETURNED) {
		return prac_refuse(judgement, PRAC_REASON_LOCKED, NULL,
			"the sheet is %s; its hours do not change",
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

const struct prac_rules prac_rules_time_entry = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
};
