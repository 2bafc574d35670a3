#include "common/rules/target.h"

#include "catalog/types.h"

/* The student whom the target is about, as it names them; absent: none. */
static struct prac_value student_of(const struct prac_record *target)
{
	if (target->type == &prac_type_student) {
		return (struct prac_value){ .has = true, .bytes = prac_id_bytes(&target->id) };
	}
	return target->type->follow_field >= 0 ? target->values[target->type->follow_field]
					       : (struct prac_value){ 0 };
}

void prac_target_complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *record, uint16_t student)
{
	const struct prac_record *target = prac_facts_target(judgement, record);

	if (before == NULL && target != NULL) {
		record->values[student] = student_of(target);
	}
}

enum prac_reason prac_target_check(struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after, uint16_t student)
{
	const struct prac_field *field = &after->type->fields[student];
	const struct prac_record *target;
	struct prac_value wanted;

	if (before != NULL || after->deleted) {
		return PRAC_REASON_NONE;
	}
	target = prac_facts_target(judgement, after);
	if (target == NULL || target->deleted) {
		return prac_refuse(judgement, PRAC_REASON_MISSING_REFERENCE,
			prac_field_find_name(after->type, "record_id"),
			"Record: there is no such record; name one that is there");
	}
	wanted = student_of(target);
	if (!prac_value_equal(field, &wanted, &after->values[student])) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, field,
			"Student: must be the one whom the record is about; leave it out");
	}
	return PRAC_REASON_NONE;
}
