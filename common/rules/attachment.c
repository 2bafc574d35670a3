/* A file belongs to a record that is there, and is seen by whoever sees that record. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_TARGET },
};

/* The student whom the record is about, as that record names them; absent: none. */
static struct prac_value student_of(const struct prac_record *target)
{
	if (target->type == &prac_type_student) {
		return (struct prac_value){ .has = true, .bytes = prac_id_bytes(&target->id) };
	}
	return target->type->follow_field >= 0 ? target->values[target->type->follow_field]
					       : (struct prac_value){ 0 };
}

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *attachment)
{
	const struct prac_record *target = prac_facts_target(judgement, attachment);

	if (before == NULL && target != NULL) {
		attachment->values[PRAC_ATTACHMENT_STUDENT_ID] = student_of(target);
	}
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_field *student = &after->type->fields[PRAC_ATTACHMENT_STUDENT_ID];
	const struct prac_record *target;
	struct prac_value wanted;

	if (before != NULL || after->deleted) {
		return PRAC_REASON_NONE; /* what it belongs to never changes */
	}
	target = prac_facts_target(judgement, after);
	if (target == NULL || target->deleted) {
		return prac_refuse(judgement, PRAC_REASON_MISSING_REFERENCE,
			&after->type->fields[PRAC_ATTACHMENT_RECORD_ID],
			"Record: there is no such record; attach the file to one that is there");
	}
	wanted = student_of(target);
	if (!prac_value_equal(student, &wanted, &after->values[PRAC_ATTACHMENT_STUDENT_ID])) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, student,
			"Student: must be the one whom the record is about");
	}
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_attachment = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
};
