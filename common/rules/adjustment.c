/* Nobody approves their own correction of closed hours. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	(void)before;
	if (!after->deleted && after->values[PRAC_ADJUSTMENT_DELTA_MINUTES].number == 0) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_ADJUSTMENT_DELTA_MINUTES],
			"Minutes more or less: 0 corrects nothing");
	}
	return PRAC_REASON_NONE;
}

static void find(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *adjustment, struct prac_findings *findings)
{
	const struct prac_value *values = adjustment->values;

	(void)judgement;
	if (action->number == PRAC_ADJUSTMENT_DO_APPROVE &&
		prac_bytes_equal(values[PRAC_ADJUSTMENT_APPROVED_BY_ID].bytes,
			values[PRAC_ADJUSTMENT_REQUESTED_BY_ID].bytes)) {
		prac_find(findings, &adjustment->type->fields[PRAC_ADJUSTMENT_APPROVED_BY_ID],
			"whoever asked for it does not approve it (name a second person)");
	}
}

const struct prac_rules prac_rules_adjustment = { .check = check, .find = find };
