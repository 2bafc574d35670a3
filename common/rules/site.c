/* A site: what its last safety survey came to follows from the move that records it (DOMAIN 4a). */
#include "catalog/types.h"
#include "common/rules/rules.h"

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_field *field = &after->type->fields[PRAC_SITE_SURVEY_VERDICT];
	const struct prac_value none = { 0 };
	const struct prac_value *was =
		before != NULL ? &before->values[PRAC_SITE_SURVEY_VERDICT] : &none;

	if (after->deleted ||
		prac_value_equal(field, was, &after->values[PRAC_SITE_SURVEY_VERDICT])) {
		return PRAC_REASON_NONE;
	}
	return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, field,
		"%s: follows from the survey; leave it out, and record the survey (practicum do: survey, fail)",
		field->label);
}

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *site)
{
	struct prac_value *verdict = &site->values[PRAC_SITE_SURVEY_VERDICT];

	(void)judgement;
	(void)args;
	if (action->number == PRAC_SITE_DO_SURVEY) {
		*verdict = (struct prac_value){ .has = true,
			.number = PRAC_SITE_SURVEY_VERDICT_PASSED };
		site->values[PRAC_SITE_REASON] = (struct prac_value){ .has = false };
	} else if (action->number == PRAC_SITE_DO_FAIL) {
		*verdict = (struct prac_value){ .has = true,
			.number = PRAC_SITE_SURVEY_VERDICT_FAILED };
	}
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_site = {
	.check = check,
	.act = act,
};
