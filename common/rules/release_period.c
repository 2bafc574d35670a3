/* Class time from which a student is released, as days of the week and times of day. */
#include "catalog/types.h"
#include "common/rules/labor_week.h"

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_value *values = after->values;
	const struct prac_field *fields = after->type->fields;
	struct prac_labor_release release;

	(void)before;
	if (after->deleted) {
		return PRAC_REASON_NONE;
	}
	if (!prac_labor_release_of(after, &release)) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&fields[PRAC_RELEASE_PERIOD_WEEKDAYS],
			"Weekdays: write sun, mon, tue, wed, thu, fri or sat, as in weekdays=mon;wed");
	}
	if (values[PRAC_RELEASE_PERIOD_ENDS_AT].number <=
		values[PRAC_RELEASE_PERIOD_STARTS_AT].number) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&fields[PRAC_RELEASE_PERIOD_ENDS_AT],
			"Ends at: must be after starts at, on the same day");
	}
	return values[PRAC_RELEASE_PERIOD_ENDS_ON].number >=
			       values[PRAC_RELEASE_PERIOD_STARTS_ON].number
		       ? PRAC_REASON_NONE
		       : prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
				 &fields[PRAC_RELEASE_PERIOD_ENDS_ON],
				 "Ends on: must not be before starts on");
}

const struct prac_rules prac_rules_release_period = {
	.check = check,
};
