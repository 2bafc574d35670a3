#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/macros.h"

static void type_numbers_and_names_are_those_of_the_messages(void **state)
{
	/* The first ones, which programs in the field know. */
	static const char *const names[] = { "school", "school_day", "student", "enrollment",
		"guardian", "staff", "program_of_study", "organization", "site", "supervisor",
		"opportunity", "placement", "time_sheet", "time_entry", "approval", "rubric",
		"evaluation", "document", "rule_set", "conflict", "rejected" };

	(void)state;
	assert_true(prac_n_types >= PRAC_NELEM(names));
	for (size_t i = 0; i < PRAC_NELEM(names); i++) {
		assert_string_equal(prac_types[i]->name, names[i]);
		assert_int_equal(prac_types[i]->number, i + 1);
		assert_ptr_equal(prac_type_find((uint32_t)i + 1), prac_types[i]);
		assert_ptr_equal(prac_type_find_name(names[i]), prac_types[i]);
	}
}

static void unknown_numbers_and_names_find_nothing(void **state)
{
	(void)state;
	assert_null(prac_type_find(0));
	assert_null(prac_type_find(65535));
	assert_null(prac_type_find(UINT32_MAX));
	assert_null(prac_type_find_name("pupil"));
	assert_null(prac_field_find(&prac_type_placement, 0));
	assert_null(prac_field_find(&prac_type_placement, 4000000000U));
	assert_null(prac_field_find_name(&prac_type_placement, "start"));
	assert_null(prac_group_find(&prac_type_placement, 99));
	assert_null(prac_action_find(&prac_type_placement, 99));
	assert_null(prac_action_find_name(&prac_type_placement, "begin"));
}

static void indexes_point_at_their_fields(void **state)
{
	const struct prac_field *field = &prac_type_placement.fields[PRAC_PLACEMENT_STARTS_ON];

	(void)state;
	assert_string_equal(field->name, "starts_on");
	assert_string_equal(field->label, "Starts on");
	assert_int_equal(field->number, 15);
	assert_int_equal(PRAC_PLACEMENT_STARTS_ON_NO, 15);
	assert_int_equal(field->kind, PRAC_DATE);
	assert_int_equal(field->flags, PRAC_REQUIRED);
	assert_string_equal(prac_type_placement.groups[field->group].name, "dates");
	assert_ptr_equal(prac_field_find(&prac_type_placement, 15), field);
	for (size_t t = 0; t < prac_n_types; t++) {
		for (size_t i = 0; i < prac_types[t]->n_fields; i++) {
			field = &prac_types[t]->fields[i];
			assert_int_equal(field->index, i);
			assert_ptr_equal(prac_field_find(prac_types[t], field->number), field);
			assert_ptr_equal(prac_field_find_name(prac_types[t], field->name), field);
		}
	}
}

static size_t fields_that_name_their_group(const struct prac_type *type, size_t g)
{
	const struct prac_group *group = &type->groups[g];

	for (size_t i = 0; i < group->n_fields; i++) {
		assert_int_equal(type->fields[group->fields[i]].group, g);
	}
	return group->n_fields;
}

static void every_field_is_in_exactly_its_group(void **state)
{
	(void)state;
	for (size_t t = 0; t < prac_n_types; t++) {
		size_t n_fields = 0;

		for (size_t g = 0; g < prac_types[t]->n_groups; g++) {
			n_fields += fields_that_name_their_group(prac_types[t], g);
		}
		assert_int_equal(n_fields, prac_types[t]->n_fields);
	}
}

static void actions_name_their_states_and_arguments(void **state)
{
	const struct prac_action *approve = prac_action_find_name(&prac_type_time_sheet, "approve");

	(void)state;
	assert_non_null(approve);
	assert_int_equal(approve->number, PRAC_TIME_SHEET_DO_APPROVE);
	assert_true(approve->from == UINT64_C(1) << PRAC_TIME_SHEET_STATE_SUBMITTED);
	assert_int_equal(approve->to, PRAC_TIME_SHEET_STATE_APPROVED);
	assert_non_null(approve->args);
	assert_string_equal(
		approve->args->fields[PRAC_TIME_SHEET_APPROVE_CONTENT_HASH].name, "content_hash");
	assert_true(prac_type_time_sheet.frozen == UINT64_C(1) << 4);
	assert_int_equal(prac_type_first_state(&prac_type_time_sheet), 1);
	assert_int_equal(prac_type_first_state(&prac_type_approval), 0);
}

static void the_reported_types_are_those_that_reports_read(void **state)
{
	static const uint32_t reported[] = { PRAC_SCHOOL, PRAC_SCHOOL_DAY, PRAC_STUDENT, PRAC_STAFF,
		PRAC_PROGRAM_OF_STUDY, PRAC_ORGANIZATION, PRAC_PLACEMENT, PRAC_TIME_SHEET,
		PRAC_TIME_ENTRY, PRAC_EVALUATION, PRAC_RULE_SET, PRAC_CLASS, PRAC_COURSE,
		PRAC_ADJUSTMENT, PRAC_CREDIT, PRAC_INDUSTRY_CREDENTIAL, PRAC_PRE_APPRENTICE,
		PRAC_OUTCOME, PRAC_COURSE_COMPLETION };
	size_t n = 0;

	(void)state;
	for (size_t t = 0; t < prac_n_types; t++) {
		if (prac_types[t]->reported) {
			assert_int_equal(prac_types[t]->number, reported[n++]);
		}
	}
	assert_int_equal(n, PRAC_NELEM(reported));
}

static void references_and_owners_lead_to_types(void **state)
{
	const struct prac_type *entry = &prac_type_time_entry;

	(void)state;
	assert_int_equal(entry->fields[PRAC_TIME_ENTRY_SHEET_ID].ref_type, PRAC_TIME_SHEET);
	assert_int_equal(entry->owner, PRAC_OWNER_BY_FIELD);
	assert_int_equal(entry->owner_field, PRAC_TIME_ENTRY_SCHOOL_ID);
	assert_int_equal(entry->follow_field, PRAC_TIME_ENTRY_STUDENT_ID);
	assert_int_equal(prac_type_school.owner, PRAC_OWNER_REFERENCE);
	assert_true(prac_type_organization.proposable);
	assert_false(prac_type_rubric.proposable);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_numbers_and_names_are_those_of_the_messages),
		cmocka_unit_test(unknown_numbers_and_names_find_nothing),
		cmocka_unit_test(indexes_point_at_their_fields),
		cmocka_unit_test(every_field_is_in_exactly_its_group),
		cmocka_unit_test(actions_name_their_states_and_arguments),
		cmocka_unit_test(the_reported_types_are_those_that_reports_read),
		cmocka_unit_test(references_and_owners_lead_to_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
