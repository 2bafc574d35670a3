/*
 * The list of record types for the simulator: those that its people use and those that judging them
 * reads. Every station opens a table for each type, so the list of all was 29 % of a history's instructions.
 * Linked in place of the generated list; the types themselves are those of the catalog.
 */
#include <stdio.h>

#include "catalog/types.h"
#include "common/rules/rules.h"
#include "tests/sim/full.h"

const struct prac_type *const prac_types[] = {
	&prac_type_school,
	&prac_type_school_day,
	&prac_type_student,
	&prac_type_enrollment,
	&prac_type_guardian,
	&prac_type_staff,
	&prac_type_organization,
	&prac_type_site,
	&prac_type_supervisor,
	&prac_type_placement,
	&prac_type_time_sheet,
	&prac_type_time_entry,
	&prac_type_approval,
	&prac_type_rubric,
	&prac_type_evaluation,
	&prac_type_document,
	&prac_type_rule_set,
	&prac_type_conflict,
	&prac_type_rejected,
	&prac_type_consent,
	&prac_type_staff_qualification,
	&prac_type_release_period,
	&prac_type_course,
	&prac_type_activity_type,
	&prac_type_training_plan,
	&prac_type_shift_plan,
	&prac_type_document_type,
	&prac_type_insurance,
	&prac_type_student_insurance,
	&prac_type_training,
	&prac_type_adjustment,
	&prac_type_period_close,
	&prac_type_attachment,
	&prac_type_transcript,
};
const size_t prac_n_types = PRAC_NELEM(prac_types);

static bool has(const struct prac_type *judged, uint32_t type)
{
	if (type == 0 || prac_type_find(type) != NULL) {
		return true;
	}
	(void)fprintf(stderr, "tests/sim/types.c lacks type %u, which judging %s reads\n", type,
		judged->name);
	return false;
}

static bool has_loads(const struct prac_type *type, const struct prac_load *loads, size_t n_loads)
{
	bool is_whole = true;

	for (size_t i = 0; i < n_loads; i++) {
		const struct prac_field *field =
			loads[i].kind == PRAC_LOAD_PARENT && loads[i].via == 0
				? prac_field_find(type, loads[i].field)
				: NULL;

		is_whole = has(type, loads[i].type) && is_whole;
		is_whole = has(type, loads[i].through) && is_whole;
		is_whole = has(type, field != NULL ? field->ref_type : 0) && is_whole;
	}
	return is_whole;
}

bool full_types_suffice(void)
{
	bool is_whole = true;

	for (size_t i = 0; i < prac_n_types; i++) {
		const struct prac_rules *rules = prac_rules_find(prac_types[i]);
		const struct prac_load *loads;
		size_t n = prac_guard_loads(prac_types[i], &loads);

		is_whole = has_loads(prac_types[i], loads, n) && is_whole;
		if (rules != NULL) {
			is_whole =
				has_loads(prac_types[i], rules->loads, rules->n_loads) && is_whole;
		}
	}
	return is_whole;
}
