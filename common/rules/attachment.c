/* A file belongs to a record that is there, and is seen by whoever sees that record. */
#include "catalog/types.h"
#include "common/rules/target.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_TARGET },
};

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *attachment)
{
	prac_target_complete(judgement, before, attachment, PRAC_ATTACHMENT_STUDENT_ID);
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	return prac_target_check(judgement, before, after, PRAC_ATTACHMENT_STUDENT_ID);
}

const struct prac_rules prac_rules_attachment = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
};
