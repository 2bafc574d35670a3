/* Nobody approves their own correction of closed hours. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *adjustment)
{
	struct prac_value *entered_by = &adjustment->values[PRAC_ADJUSTMENT_ENTERED_BY_ID];

	if (before == NULL) {
		*entered_by = prac_judgement_person(judgement);
	}
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_value *entered_by = &after->values[PRAC_ADJUSTMENT_ENTERED_BY_ID];

	if (before == NULL && !prac_id_is_nil(&judgement->person) &&
		!prac_bytes_equal(entered_by->bytes, prac_id_bytes(&judgement->person))) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_ADJUSTMENT_ENTERED_BY_ID],
			"Entered by: must be the person who is signed in; leave it out");
	}
	if (!after->deleted && after->values[PRAC_ADJUSTMENT_DELTA_MINUTES].number == 0) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_ADJUSTMENT_DELTA_MINUTES],
			"Minutes more or less: 0 corrects nothing; enter the minutes that are missing, "
			"or with a minus those that are too many");
	}
	return PRAC_REASON_NONE;
}

static void find(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *adjustment, struct prac_findings *findings)
{
	const struct prac_value *values = adjustment->values;

	if (action->number != PRAC_ADJUSTMENT_DO_APPROVE) {
		return;
	}
	if (!prac_id_is_nil(&judgement->person) &&
		prac_bytes_equal(values[PRAC_ADJUSTMENT_ENTERED_BY_ID].bytes,
			prac_id_bytes(&judgement->person))) {
		prac_find(findings, &adjustment->type->fields[PRAC_ADJUSTMENT_ENTERED_BY_ID],
			"whoever entered it does not approve it (a second person signs in and does)");
	}
	if (prac_bytes_equal(values[PRAC_ADJUSTMENT_APPROVED_BY_ID].bytes,
		    values[PRAC_ADJUSTMENT_REQUESTED_BY_ID].bytes)) {
		prac_find(findings, &adjustment->type->fields[PRAC_ADJUSTMENT_APPROVED_BY_ID],
			"whoever asked for it does not approve it (name a second person)");
	}
}

const struct prac_rules prac_rules_adjustment = {
	.complete = complete,
	.check = check,
	.find = find,
};
