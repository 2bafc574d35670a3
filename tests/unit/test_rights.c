/* The sentences of DESIGN part 5 about roles, against the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/macros.h"
#include "common/rules/rights.h"
#include "sql/reports.h"
#include "tests/support/rights_table.h"

enum {
	DAY_MS = 24 * 60 * 60 * 1000
};

static const struct prac_id school_a = { { [15] = 0xA0 } };
static const struct prac_id school_b = { { [15] = 0xB0 } };
static const struct prac_id ana = { { [15] = 0x11 } };
static const struct prac_id ben = { { [15] = 0x12 } };

static const struct prac_place at_a = { .scopes = &school_a, .n_scopes = 1 };
static const struct prac_place at_b = { .scopes = &school_b, .n_scopes = 1 };
static const struct prac_place everywhere = { .is_common = true };

static bool may(enum prac_role role, const struct prac_type *type, enum prac_right_op op)
{
	return (prac_right_roles(type, op, NULL) & PRAC_ROLE_BIT(role)) != 0;
}

static bool may_do(enum prac_role role, const struct prac_type *type, const char *action)
{
	return (prac_right_roles(type, PRAC_RIGHT_ACT, prac_action_find_name(type, action)) &
		       PRAC_ROLE_BIT(role)) != 0;
}

static uint32_t roles_of(const struct prac_grant *grant, const struct prac_place *place)
{
	struct prac_person person = {
		.subject = ana, .subject_type = PRAC_STUDENT, .grants = grant, .n_grants = 1
	};

	return prac_person_roles(&person, place, DAY_MS, DAY_MS);
}

static void administrators_and_operators_see_no_record(void **state)
{
	(void)state;
	for (size_t i = 0; i < prac_n_types; i++) {
		for (int op = 0; op < PRAC_RIGHT_OPS; op++) {
			assert_false(may(
				PRAC_ROLE_ADMINISTRATOR, prac_types[i], (enum prac_right_op)op));
			assert_false(
				may(PRAC_ROLE_OPERATOR, prac_types[i], (enum prac_right_op)op));
		}
	}
}

/* What reading itself writes: that it was done. */
static bool is_trace(const struct prac_type *type, int op)
{
	return op == PRAC_RIGHT_CREATE &&
	       (type->access == PRAC_ACCESS_DISCLOSURE || type->access == PRAC_ACCESS_READING);
}

static void an_auditor_reads_and_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < prac_n_types; i++) {
		assert_true(may(PRAC_ROLE_AUDITOR, prac_types[i], PRAC_RIGHT_READ));
		for (int op = PRAC_RIGHT_CREATE; op < PRAC_RIGHT_OPS; op++) {
			assert_int_equal(
				may(PRAC_ROLE_AUDITOR, prac_types[i], (enum prac_right_op)op),
				is_trace(prac_types[i], op));
		}
	}
}

static void assert_changed_by_readers_only(const struct prac_type *type)
{
	uint32_t others = ~prac_right_roles(type, PRAC_RIGHT_READ, NULL);

	for (int op = PRAC_RIGHT_CREATE; op < PRAC_RIGHT_OPS; op++) {
		uint32_t roles = prac_right_roles(type, (enum prac_right_op)op, NULL);

		assert_int_equal(is_trace(type, op) ? 0 : roles & others, 0);
	}
	for (size_t i = 0; i < type->n_actions; i++) {
		assert_int_equal(
			prac_right_roles(type, PRAC_RIGHT_ACT, &type->actions[i]) & others, 0);
	}
}

static void nobody_changes_anything_who_may_not_read_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < prac_n_types; i++) {
		assert_changed_by_readers_only(prac_types[i]);
	}
}

static void a_student_enters_hours_and_does_not_approve_them(void **state)
{
	(void)state;
	assert_true(may(PRAC_ROLE_STUDENT, &prac_type_time_entry, PRAC_RIGHT_CREATE));
	assert_true(may_do(PRAC_ROLE_STUDENT, &prac_type_time_sheet, "submit"));
	assert_false(may_do(PRAC_ROLE_STUDENT, &prac_type_time_sheet, "approve"));
	assert_false(may(PRAC_ROLE_STUDENT, &prac_type_placement, PRAC_RIGHT_CHANGE));
	assert_false(may(PRAC_ROLE_STUDENT, &prac_type_staff, PRAC_RIGHT_READ));
	assert_true(may_do(PRAC_ROLE_COORDINATOR, &prac_type_time_sheet, "approve"));
	assert_false(may_do(PRAC_ROLE_PRINCIPAL, &prac_type_time_sheet, "approve"));
}

static void what_the_district_decides_no_school_role_decides(void **state)
{
	(void)state;
	assert_false(may_do(PRAC_ROLE_COORDINATOR, &prac_type_organization, "approve"));
	assert_true(may_do(PRAC_ROLE_DISTRICT_COORDINATOR, &prac_type_organization, "approve"));
	assert_true(may_do(PRAC_ROLE_COORDINATOR, &prac_type_organization, "contact"));
}

static void groups_with_writers_are_those_roles_alone(void **state)
{
	const struct prac_group *needs =
		prac_group_find(&prac_type_student, PRAC_STUDENT_GROUP_NEEDS);
	const struct prac_group *grade =
		prac_group_find(&prac_type_student, PRAC_STUDENT_GROUP_GRADE);

	(void)state;
	assert_int_equal(prac_right_writers(&prac_type_student, needs),
		PRAC_ROLE_BIT(PRAC_ROLE_COUNSELOR) | PRAC_ROLE_BIT(PRAC_ROLE_DATA_CLERK) |
			PRAC_ROLE_BIT(PRAC_ROLE_DISTRICT_COORDINATOR));
	assert_int_equal(prac_right_writers(&prac_type_student, grade), UINT32_MAX);
}

static uint64_t bit_of(unsigned field)
{
	return UINT64_C(1) << field;
}

static void a_teacher_sees_no_birth_date_no_population_and_no_emergency_contact(void **state)
{
	struct prac_arena arena = { 0 };
	struct prac_record *record = prac_record_new(&arena, &prac_type_student);
	uint64_t withheld = prac_record_withheld(record, PRAC_ROLE_BIT(PRAC_ROLE_TEACHER));

	(void)state;
	assert_int_equal(withheld,
		bit_of(PRAC_STUDENT_BIRTH_DATE) | bit_of(PRAC_STUDENT_SPECIAL_POPULATIONS) |
			bit_of(PRAC_STUDENT_SEX) | bit_of(PRAC_STUDENT_RACE) |
			bit_of(PRAC_STUDENT_EMERGENCY_NAME) | bit_of(PRAC_STUDENT_EMERGENCY_PHONE) |
			bit_of(PRAC_STUDENT_EMERGENCY_RELATION) |
			bit_of(PRAC_STUDENT_LEAVE_REASON));
	/* Whoever is a counselor as well sees what a counselor does. */
	assert_int_equal(prac_record_withheld(record, PRAC_ROLE_BIT(PRAC_ROLE_TEACHER) |
							      PRAC_ROLE_BIT(PRAC_ROLE_COUNSELOR)),
		0);
	record->values[PRAC_STUDENT_BIRTH_DATE] =
		(struct prac_value){ .has = true, .number = 14000 };
	prac_record_withhold(record, withheld);
	assert_false(record->values[PRAC_STUDENT_BIRTH_DATE].has);
	assert_int_equal(record->values[PRAC_STUDENT_BIRTH_DATE].number, 0);
	assert_int_equal(record->withheld, withheld);
	prac_arena_deinit(&arena);
}

static void who_does_not_see_a_field_changes_nothing_of_its_group_but_may_add_it(void **state)
{
	const struct prac_group *event =
		prac_group_find(&prac_type_incident, PRAC_INCIDENT_GROUP_EVENT);

	(void)state;
	assert_int_equal(prac_right_writers(&prac_type_incident, event), UINT32_MAX);
	assert_int_equal(prac_right_changers(&prac_type_incident, event),
		PRAC_ROLE_BIT(PRAC_ROLE_COORDINATOR) | PRAC_ROLE_BIT(PRAC_ROLE_COUNSELOR) |
			PRAC_ROLE_BIT(PRAC_ROLE_PRINCIPAL) |
			PRAC_ROLE_BIT(PRAC_ROLE_DISTRICT_COORDINATOR) |
			PRAC_ROLE_BIT(PRAC_ROLE_CTE_DIRECTOR));
}

static uint64_t withheld_of_conflict(uint32_t type, uint32_t group, enum prac_role role)
{
	struct prac_arena arena = { 0 };
	struct prac_record *record = prac_record_new(&arena, &prac_type_conflict);
	uint64_t withheld;

	record->values[PRAC_CONFLICT_RECORD_TYPE] =
		(struct prac_value){ .has = true, .number = type };
	record->values[PRAC_CONFLICT_RECORD_ID] =
		(struct prac_value){ .has = true, .bytes = prac_id_bytes(&ana) };
	record->values[PRAC_CONFLICT_GROUP_NUMBER] =
		(struct prac_value){ .has = true, .number = group };
	withheld = prac_record_withheld(record, PRAC_ROLE_BIT(role));
	prac_arena_deinit(&arena);
	return withheld;
}

static void a_conflict_shows_no_more_than_the_record_it_is_about(void **state)
{
	uint64_t sides = bit_of(PRAC_CONFLICT_CHOSEN) | bit_of(PRAC_CONFLICT_BASE_VALUE) |
			 bit_of(PRAC_CONFLICT_THEIRS) | bit_of(PRAC_CONFLICT_MINE);

	(void)state;
	assert_int_equal(withheld_of_conflict(
				 PRAC_STUDENT, PRAC_STUDENT_GROUP_BIRTH_DATE, PRAC_ROLE_TEACHER),
		sides);
	assert_int_equal(withheld_of_conflict(
				 PRAC_STUDENT, PRAC_STUDENT_GROUP_BIRTH_DATE, PRAC_ROLE_COUNSELOR),
		0);
	assert_int_equal(
		withheld_of_conflict(PRAC_STUDENT, PRAC_STUDENT_GROUP_GRADE, PRAC_ROLE_TEACHER), 0);
	/* The record as a whole, and what this program cannot read. */
	assert_int_equal(withheld_of_conflict(PRAC_STUDENT, 0, PRAC_ROLE_TEACHER), sides);
	assert_int_equal(withheld_of_conflict(60000, 1, PRAC_ROLE_COUNSELOR), sides);
}

/* That some role that may run reports does not see. */
static const struct prac_field *masked_field_in(const char *text)
{
	uint32_t runners = prac_right_method(4)->roles; /* REPORT_RUN */

	assert_int_not_equal(runners, 0);
	for (size_t i = 0; i < prac_type_student.n_fields; i++) {
		const struct prac_field *field = &prac_type_student.fields[i];

		if ((runners & ~prac_right_viewers((enum prac_mask)field->mask)) != 0 &&
			strstr(text, field->name) != NULL) {
			return field;
		}
	}
	return NULL;
}

/* A report is one answer for all roles that may run it. */
static void no_report_reads_a_field_that_who_runs_it_does_not_see(void **state)
{
	(void)state;
	for (const struct db_script *report = sql_reports; report->name != NULL; report++) {
		const struct prac_field *masked = masked_field_in(report->text);

		assert_string_equal(masked == NULL ? "" : masked->name, "");
	}
}

static void a_role_counts_at_its_school_only(void **state)
{
	struct prac_grant grant = { school_a, PRAC_ROLE_COORDINATOR, 0, INT64_MAX };

	(void)state;
	assert_int_equal(roles_of(&grant, &at_a), PRAC_ROLE_BIT(PRAC_ROLE_COORDINATOR));
	assert_int_equal(roles_of(&grant, &at_b), 0);
	assert_int_equal(roles_of(&grant, &everywhere), PRAC_ROLE_BIT(PRAC_ROLE_COORDINATOR));
}

static void a_district_role_counts_everywhere_and_only_in_the_districts_scope(void **state)
{
	struct prac_grant grant = { prac_scope_district, PRAC_ROLE_DATA_CLERK, 0, INT64_MAX };

	(void)state;
	assert_int_equal(roles_of(&grant, &at_b), PRAC_ROLE_BIT(PRAC_ROLE_DATA_CLERK));
	grant.scope = school_a;
	assert_int_equal(roles_of(&grant, &at_a), 0);
	/* And a school's role is none in the district. */
	grant = (struct prac_grant){ prac_scope_district, PRAC_ROLE_COORDINATOR, 0, INT64_MAX };
	assert_int_equal(roles_of(&grant, &at_a), 0);
}

static void a_student_is_a_student_for_own_records_only(void **state)
{
	struct prac_grant grant = { school_a, PRAC_ROLE_STUDENT, 0, INT64_MAX };
	struct prac_place place = at_a;

	(void)state;
	place.student = &ana;
	assert_int_equal(roles_of(&grant, &place), PRAC_ROLE_BIT(PRAC_ROLE_STUDENT));
	place.student = &ben;
	assert_int_equal(roles_of(&grant, &place), 0);
	assert_int_equal(roles_of(&grant, &at_a), 0);
	assert_int_equal(roles_of(&grant, &everywhere), PRAC_ROLE_BIT(PRAC_ROLE_STUDENT));
}

static void a_membership_has_a_first_and_a_last_moment(void **state)
{
	struct prac_grant grant = { school_a, PRAC_ROLE_TEACHER, DAY_MS + 1, INT64_MAX };

	(void)state;
	assert_int_equal(roles_of(&grant, &at_a), 0);
	grant.from_ms = DAY_MS;
	assert_int_equal(roles_of(&grant, &at_a), PRAC_ROLE_BIT(PRAC_ROLE_TEACHER));
	grant.until_ms = DAY_MS;
	assert_int_equal(roles_of(&grant, &at_a), 0);
}

/* Every right of the type as the program has it and as people agreed on it. */
static void assert_agreed(const struct prac_type *type)
{
	for (int op = 0; op < PRAC_RIGHT_OPS; op++) {
		assert_int_equal(prac_right_roles(type, (enum prac_right_op)op, NULL),
			rights_table_may(type, (enum prac_right_op)op, NULL));
	}
	for (size_t i = 0; i < type->n_actions; i++) {
		assert_int_equal(prac_right_roles(type, PRAC_RIGHT_ACT, &type->actions[i]),
			rights_table_may(type, PRAC_RIGHT_ACT, &type->actions[i]));
	}
	for (size_t i = 0; i < type->n_groups; i++) {
		assert_int_equal(prac_right_writers(type, &type->groups[i]),
			rights_table_writers(type, &type->groups[i]));
		assert_int_equal(prac_right_changers(type, &type->groups[i]),
			rights_table_changers(type, &type->groups[i]));
	}
	for (size_t i = 0; i < type->n_fields; i++) {
		assert_int_equal(prac_right_viewers((enum prac_mask)type->fields[i].mask),
			rights_table_viewers(type, &type->fields[i]));
	}
}

static void the_program_has_the_rights_that_people_agreed_on(void **state)
{
	(void)state;
	rights_table_begin();
	for (size_t i = 0; i < prac_n_types; i++) {
		assert_agreed(prac_types[i]);
	}
	assert_int_equal(prac_right_method(4)->roles, rights_table_call("REPORT_RUN"));
	assert_int_equal(prac_right_method(6)->roles, rights_table_call("DEVICE_RENEW"));
	assert_int_equal(prac_right_method(10)->roles, rights_table_call("IMPORT_PUT"));
	assert_int_equal(prac_right_method(13)->roles, rights_table_call("IMPORT_REVERSE"));
	assert_int_equal(prac_right_method(31)->roles, rights_table_call("PEOPLE_BULK_READ"));
	assert_int_equal(prac_right_method(29)->roles, rights_table_call("PEOPLE_CARD"));
	if (rights_table_unused() != NULL) {
		fail_msg("rights.txt: nothing is called %s", rights_table_unused());
	}
	rights_table_end();
}

static void each_cell_of_the_table_stands_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < prac_n_rights; i++) {
		for (size_t k = 0; k < i; k++) {
			assert_true(prac_rights[i].access != prac_rights[k].access ||
				    prac_rights[i].what != prac_rights[k].what);
		}
	}
}

static void roles_have_the_names_that_are_typed(void **state)
{
	(void)state;
	assert_int_equal(prac_role_find("cte_director"), PRAC_ROLE_CTE_DIRECTOR);
	assert_int_equal(prac_role_find("none"), PRAC_ROLE_NONE);
	assert_int_equal(prac_role_find("Coordinator"), PRAC_ROLE_NONE);
	assert_string_equal(prac_role_name(PRAC_ROLE_SUPERVISOR), "supervisor");
	assert_string_equal(prac_role_name((enum prac_role)99), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(administrators_and_operators_see_no_record),
		cmocka_unit_test(an_auditor_reads_and_changes_nothing),
		cmocka_unit_test(nobody_changes_anything_who_may_not_read_it),
		cmocka_unit_test(a_student_enters_hours_and_does_not_approve_them),
		cmocka_unit_test(what_the_district_decides_no_school_role_decides),
		cmocka_unit_test(groups_with_writers_are_those_roles_alone),
		cmocka_unit_test(
			a_teacher_sees_no_birth_date_no_population_and_no_emergency_contact),
		cmocka_unit_test(
			who_does_not_see_a_field_changes_nothing_of_its_group_but_may_add_it),
		cmocka_unit_test(a_conflict_shows_no_more_than_the_record_it_is_about),
		cmocka_unit_test(no_report_reads_a_field_that_who_runs_it_does_not_see),
		cmocka_unit_test(a_role_counts_at_its_school_only),
		cmocka_unit_test(a_district_role_counts_everywhere_and_only_in_the_districts_scope),
		cmocka_unit_test(a_student_is_a_student_for_own_records_only),
		cmocka_unit_test(a_membership_has_a_first_and_a_last_moment),
		cmocka_unit_test(the_program_has_the_rights_that_people_agreed_on),
		cmocka_unit_test(each_cell_of_the_table_stands_once),
		cmocka_unit_test(roles_have_the_names_that_are_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
