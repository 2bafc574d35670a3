#include "server/db/sqlstate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_code_of_its_own_wins_over_its_class(void **state)
{
	(void)state;
	assert_int_equal(db_sqlstate_status("23505"), PRAC_ALREADY_EXISTS);
	assert_int_equal(db_sqlstate_status("23514"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(db_sqlstate_status("57014"), PRAC_DEADLINE_EXCEEDED);
	assert_int_equal(db_sqlstate_status("57P01"), PRAC_UNAVAILABLE);
}

static void a_full_disk_is_no_fault_of_the_statement(void **state)
{
	(void)state;
	assert_int_equal(db_sqlstate_status("53100"), PRAC_RESOURCE_EXHAUSTED);
}

static void a_statement_that_does_not_fit_the_schema_is_internal(void **state)
{
	(void)state;
	assert_int_equal(db_sqlstate_status("42703"), PRAC_INTERNAL);
	assert_int_equal(db_sqlstate_status("XX001"), PRAC_INTERNAL);
}

static void no_code_means_no_server(void **state)
{
	(void)state;
	assert_int_equal(db_sqlstate_status(NULL), PRAC_UNAVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_of_its_own_wins_over_its_class),
		cmocka_unit_test(a_full_disk_is_no_fault_of_the_statement),
		cmocka_unit_test(a_statement_that_does_not_fit_the_schema_is_internal),
		cmocka_unit_test(no_code_means_no_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
