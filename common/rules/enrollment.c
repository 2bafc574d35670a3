/* A student attends a school from one day to another. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static enum prac_reason check_dates(
	struct prac_judgement *judgement, const struct prac_record *enrollment)
{
	const struct prac_value *ends_on = &enrollment->values[PRAC_ENROLLMENT_ENDS_ON];

	if (ends_on->has &&
		ends_on->number < enrollment->values[PRAC_ENROLLMENT_STARTS_ON].number) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&enrollment->type->fields[PRAC_ENROLLMENT_ENDS_ON],
			"Ends on: must not be before starts on");
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	(void)before;
	return after->deleted ? PRAC_REASON_NONE : check_dates(judgement, after);
}

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *enrollment)
{
	if (action->number == PRAC_ENROLLMENT_DO_REOPEN) {
		enrollment->values[PRAC_ENROLLMENT_ENDS_ON] =
			args != NULL ? args[PRAC_ENROLLMENT_REOPEN_ENDS_ON]
				     : (struct prac_value){ 0 };
	}
	return check_dates(judgement, enrollment);
}

const struct prac_rules prac_rules_enrollment = { .check = check, .act = act };
