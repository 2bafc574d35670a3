/* A scale leads from a lowest score up to a highest one, and the score to reach lies on it. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_value *values = after->values;
	const struct prac_value *target = &values[PRAC_RUBRIC_TARGET_SCORE];
	int64_t lowest = values[PRAC_RUBRIC_LOWEST_SCORE].number;
	int64_t highest = values[PRAC_RUBRIC_HIGHEST_SCORE].number;

	(void)before;
	if (after->deleted) {
		return PRAC_REASON_NONE;
	}
	if (highest <= lowest) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_RUBRIC_HIGHEST_SCORE],
			"Highest score: must be above the lowest one, %d", (int)lowest);
	}
	if (target->has && (target->number < lowest || target->number > highest)) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_RUBRIC_TARGET_SCORE],
			"Target score: must lie on the scale, from %d to %d; nobody could reach it",
			(int)lowest, (int)highest);
	}
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_rubric = {
	.check = check,
};
