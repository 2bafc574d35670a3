/* That somebody looked belongs to the record and is seen wherever its student is. */
#include "catalog/types.h"
#include "common/rules/target.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_TARGET },
};

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *access)
{
	if (before != NULL) {
		return;
	}
	access->values[PRAC_RECORD_ACCESS_MADE_ON] =
		(struct prac_value){ .has = true, .number = judgement->today };
	access->values[PRAC_RECORD_ACCESS_PERSON_ID] = prac_judgement_person(judgement);
	prac_target_complete(judgement, before, access, PRAC_RECORD_ACCESS_STUDENT_ID);
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	return prac_target_check(judgement, before, after, PRAC_RECORD_ACCESS_STUDENT_ID);
}

const struct prac_rules prac_rules_record_access = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
};
