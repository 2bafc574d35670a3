/*
 * Records went to a party: whose, to whom, why and by what right. Only the form is asked for; whether it was
 * lawful was the question before (common/rules/consent.h), and what has happened is not refused.
 */
#include "catalog/types.h"
#include "common/rules/target.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_TARGET },
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_DISCLOSURE_CONSENT_ID_NO },
};

/* Of the student as a whole, today, by whoever acts: what a person who enters one by hand leaves out. */
static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *disclosure)
{
	struct prac_value *values = disclosure->values;

	if (before != NULL) {
		return;
	}
	if (!values[PRAC_DISCLOSURE_RECORD_ID].has && values[PRAC_DISCLOSURE_STUDENT_ID].has) {
		values[PRAC_DISCLOSURE_RECORD_TYPE] =
			(struct prac_value){ .has = true, .number = PRAC_STUDENT };
		values[PRAC_DISCLOSURE_RECORD_ID] = values[PRAC_DISCLOSURE_STUDENT_ID];
	}
	if (!values[PRAC_DISCLOSURE_MADE_ON].has) {
		values[PRAC_DISCLOSURE_MADE_ON] =
			(struct prac_value){ .has = true, .number = judgement->today };
	}
	values[PRAC_DISCLOSURE_PERSON_ID] = prac_judgement_person(judgement);
	prac_target_complete(judgement, before, disclosure, PRAC_DISCLOSURE_STUDENT_ID);
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_value *values = after->values;
	const struct prac_field *field = &after->type->fields[PRAC_DISCLOSURE_CONSENT_ID];
	const struct prac_record *consent =
		prac_facts_follow(judgement, after, PRAC_DISCLOSURE_CONSENT_ID);

	if (values[PRAC_DISCLOSURE_BASIS].number == PRAC_DISCLOSURE_BASIS_CONSENT &&
		!values[PRAC_DISCLOSURE_CONSENT_ID].has) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, field,
			"Consent: name the consent by which the records went (34 CFR 99.30)");
	}
	if (consent != NULL && !prac_bytes_equal(consent->values[PRAC_CONSENT_STUDENT_ID].bytes,
				       values[PRAC_DISCLOSURE_STUDENT_ID].bytes)) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, field,
			"Consent: is about another student");
	}
	return prac_target_check(judgement, before, after, PRAC_DISCLOSURE_STUDENT_ID);
}

const struct prac_rules prac_rules_disclosure = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
};
