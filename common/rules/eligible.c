#include "common/rules/eligible.h"

#include <string.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/paper.h"

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
