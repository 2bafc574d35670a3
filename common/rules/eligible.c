#include "common/rules/eligible.h"

#include <string.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/paper.h"
#include "common/rules/school_days.h"

enum {
	JULY = 7,
	PERCENT = 100
};

static bool is_for_credit(
	const struct prac_judgement *judgement, const struct prac_record *placement)
{
	const struct prac_record *course =
		prac_facts_follow(judgement, placement, PRAC_PLACEMENT_COURSE_ID);
	const struct prac_record *activity = prac_statute_activity(judgement, placement);

	if (course != NULL) {
		return course->values[PRAC_COURSE_IS_CAPSTONE].number != 0;
	}
	return activity != NULL && activity->values[PRAC_ACTIVITY_TYPE_NEEDS_CREDIT].number != 0;
}

/* "is 15 years old" */
static const char *words_of(struct prac_judgement *judgement, const struct prac_law_row *row,
	const struct prac_participant *person)
{
	if (strcmp(row->kind, "age") == 0) {
		return prac_arena_printf(judgement->arena, "is %d years old", (int)person->age);
	}
	return prac_arena_printf(judgement->arena, "is in grade %d", (int)person->grade);
}

void prac_eligible_find(struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_findings *findings)
{
	const struct prac_record *student =
		prac_facts_follow(judgement, placement, PRAC_PLACEMENT_STUDENT_ID);
	struct prac_policy policy = prac_statute_policy(judgement, "eligibility");
	struct prac_policy_case about = prac_statute_case(judgement, placement);
	struct prac_participant person = { -1, -1, -1 };
	const struct prac_law_row *row;
	char date[PRAC_DATE_TEXT];

	if (student == NULL || !is_for_credit(judgement, placement)) {
		return;
	}
	person.age = prac_age_on(student, day);
	if (student->values[PRAC_STUDENT_GRADE].has) {
		person.grade = (int32_t)student->values[PRAC_STUDENT_GRADE].number;
	}
	row = prac_policy_ineligible(&policy, &person, day, &about);
	if (row != NULL) {
		prac_date_format(day, date);
		prac_find(findings, &placement->type->fields[PRAC_PLACEMENT_STUDENT_ID],
			"%s %s on %s, not eligible for credit (%s: %s %s)",
			prac_record_title(student, judgement->arena),
			words_of(judgement, row, &person), date, row->id, row->words, row->source);
	}
}

/* ---- attendance */

static bool is_absent_on(const struct prac_record *const *absences, size_t n, int32_t day)
{
	bool is_absent = false;

	for (size_t i = 0; i < n && !is_absent; i++) {
		const struct prac_value *values = absences[i]->values;
		int64_t kind = values[PRAC_ABSENCE_KIND].number;

		is_absent =
			values[PRAC_ABSENCE_DAY].number == day &&
			!values[PRAC_ABSENCE_MINUTES].has &&
			(kind == PRAC_ABSENCE_KIND_UNEXCUSED || kind == PRAC_ABSENCE_KIND_EXCUSED);
	}
	return is_absent;
}

struct attendance {
	int32_t n_days, n_absent;
};

static struct attendance attendance_of(
	const struct prac_judgement *judgement, const struct prac_record *student, int32_t day)
{
	int32_t first = prac_date_from_civil(prac_date_school_year(day) - 1, JULY, 1);
	struct attendance attendance = { 0 };
	const struct prac_record *const *absences;
	struct prac_school_days days;
	struct prac_id school;
	size_t n;

	if (prac_id_from_bytes(student->values[PRAC_STUDENT_SCHOOL_ID].bytes, &school) != PRAC_OK) {
		return attendance;
	}
	days = prac_school_days(judgement, &school, first, (size_t)(day - first));
	n = judgement->facts->children(judgement->facts->ctx, PRAC_ABSENCE,
		PRAC_ABSENCE_STUDENT_ID_NO, &student->id, &absences);
	for (size_t i = 0; i < days.n; i++) {
		if (prac_school_day_has_classes(days.items[i])) {
			attendance.n_days++;
			attendance.n_absent +=
				is_absent_on(absences, n, first + (int32_t)i) ? 1 : 0;
		}
	}
	return attendance;
}

const char *prac_eligible_attendance(
	struct prac_judgement *judgement, const struct prac_record *placement, int32_t day)
{
	const struct prac_record *student =
		prac_facts_follow(judgement, placement, PRAC_PLACEMENT_STUDENT_ID);
	struct prac_policy policy = prac_statute_policy(judgement, "eligibility");
	struct prac_policy_case about = prac_statute_case(judgement, placement);
	struct prac_participant person = { -1, -1, -1 };
	const struct prac_law_row *row;
	struct attendance attendance;

	if (student == NULL || !is_for_credit(judgement, placement)) {
		return NULL;
	}
	attendance = attendance_of(judgement, student, day);
	if (attendance.n_days == 0) {
		return NULL;
	}
	person.attendance = PERCENT * (attendance.n_days - attendance.n_absent) / attendance.n_days;
	row = prac_policy_ineligible(&policy, &person, day, &about);
	return row == NULL ? NULL
			   : prac_arena_printf(judgement->arena,
				     "%d%% of %d school days (%s: %s %s)", (int)person.attendance,
				     (int)attendance.n_days, row->id, row->words, row->source);
}
