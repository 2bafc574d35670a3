/* Two records that look like one are of one type, and two. */
#include "catalog/types.h"
#include "common/rules/target.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_TARGET },
};

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *likeness)
{
	prac_target_complete(judgement, before, likeness, PRAC_LIKENESS_STUDENT_ID);
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_type *type =
		prac_type_find((uint32_t)after->values[PRAC_LIKENESS_RECORD_TYPE].number);

	if (!after->deleted && (type == NULL || type->n_alike == 0)) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_LIKENESS_RECORD_TYPE],
			"Record type: nobody looks for doubles of such records; name a student, an "
			"organization, a site or a supervisor");
	}
	if (!after->deleted && prac_bytes_equal(after->values[PRAC_LIKENESS_RECORD_ID].bytes,
				       after->values[PRAC_LIKENESS_OTHER_ID].bytes)) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_LIKENESS_OTHER_ID],
			"The other: is the record itself; name the one that looks like it");
	}
	return prac_target_check(judgement, before, after, PRAC_LIKENESS_STUDENT_ID);
}

const struct prac_rules prac_rules_likeness = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
};
