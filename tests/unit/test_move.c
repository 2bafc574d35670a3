/* Which moves are known to take another one back, and what with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/catalog/move.h"

enum {
	AUGUST = 20666,
	MAY = 20964
};

static struct prac_arena arena;

static const struct prac_action *action_of(uint32_t number)
{
	return prac_action_find(&prac_type_enrollment, number);
}

static struct prac_move done_to(
	const struct prac_record *enrollment, uint32_t action, int32_t ends_on)
{
	struct prac_value args[PRAC_FIELDS_MAX] = { { .has = ends_on != 0, .number = ends_on } };

	return (struct prac_move){ action_of(action),
		prac_move_args(enrollment, action_of(action), args, &arena) };
}

static struct prac_record *enrollment_until(int32_t ends_on)
{
	struct prac_record *enrollment = prac_record_new(&arena, &prac_type_enrollment);

	enrollment->values[PRAC_ENROLLMENT_ENDS_ON] =
		(struct prac_value){ .has = ends_on != 0, .number = ends_on };
	return enrollment;
}

static void the_end_of_an_enrollment_goes_and_its_planned_end_comes_back(void **state)
{
	struct prac_move done = done_to(enrollment_until(MAY), PRAC_ENROLLMENT_DO_END, AUGUST);
	struct prac_move back;

	(void)state;
	assert_true(prac_move_back(&prac_type_enrollment, &done, "why", &arena, &back));
	assert_string_equal(back.action->name, "reopen");
	assert_true(back.args[PRAC_ENROLLMENT_REOPEN_ENDS_ON].has);
	assert_int_equal(back.args[PRAC_ENROLLMENT_REOPEN_ENDS_ON].number, MAY);
	assert_string_equal(
		(const char *)back.args[PRAC_ENROLLMENT_REOPEN_REASON].bytes.data, "why");
	assert_int_equal(back.args[PRAC_ENROLLMENT_REOPEN_WAS_ENDS_ON].number, AUGUST);
	done = done_to(enrollment_until(0), PRAC_ENROLLMENT_DO_END, AUGUST);
	assert_true(prac_move_back(&prac_type_enrollment, &done, "why", &arena, &back));
	assert_false(back.args[PRAC_ENROLLMENT_REOPEN_ENDS_ON].has);
}

static void a_reopened_enrollment_ends_again_on_its_day(void **state)
{
	struct prac_move done = done_to(enrollment_until(MAY), PRAC_ENROLLMENT_DO_REOPEN, 0);
	struct prac_move back;

	(void)state;
	assert_true(prac_move_back(&prac_type_enrollment, &done, "why", &arena, &back));
	assert_string_equal(back.action->name, "end");
	assert_int_equal(back.args[PRAC_ENROLLMENT_END_ENDS_ON].number, MAY);
}

/* As an older program entered it. */
static void what_was_reopened_without_its_day_has_no_move_back(void **state)
{
	struct prac_value nothing[PRAC_FIELDS_MAX] = { { .has = false } };
	struct prac_move done = { action_of(PRAC_ENROLLMENT_DO_REOPEN), nothing }, back;

	(void)state;
	assert_false(prac_move_back(&prac_type_enrollment, &done, "why", &arena, &back));
}

static void what_a_person_says_a_field_was_does_not_count(void **state)
{
	struct prac_value args[PRAC_FIELDS_MAX] = { { .has = false } };
	struct prac_value *filled;

	(void)state;
	args[PRAC_ENROLLMENT_END_WAS_ENDS_ON] = (struct prac_value){ .has = true, .number = 1 };
	filled = prac_move_args(
		enrollment_until(MAY), action_of(PRAC_ENROLLMENT_DO_END), args, &arena);
	assert_int_equal(filled[PRAC_ENROLLMENT_END_WAS_ENDS_ON].number, MAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_of_an_enrollment_goes_and_its_planned_end_comes_back),
		cmocka_unit_test(a_reopened_enrollment_ends_again_on_its_day),
		cmocka_unit_test(what_was_reopened_without_its_day_has_no_move_back),
		cmocka_unit_test(what_a_person_says_a_field_was_does_not_count),
	};
	int n_failed;

	prac_arena_init(&arena, 0);
	n_failed = cmocka_run_group_tests(tests, NULL, NULL);
	prac_arena_deinit(&arena);
	return n_failed;
}
