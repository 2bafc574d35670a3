#include "common/catalog/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct prac_arena arena;

static int teardown(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

static void the_head_of_the_file_says_what_it_is(void **state)
{
	struct prac_report report;

	(void)state;
	prac_report_read("hours",
		"-- title: Hours worked\n-- by: school month\n-- counts: students\n-- labels: rule\n--\n-- All hours\n-- of a year.\n"
		"SELECT 1; -- no more of it\n",
		&arena, &report);
	assert_string_equal(report.title, "Hours worked");
	assert_string_equal(report.definition, "All hours of a year.");
	assert_int_equal(report.dimensions.n, 2);
	assert_true(prac_report_has_dimension(&report, "month"));
	assert_true(prac_report_names_have(&report.counts, "students"));
	assert_true(prac_report_names_have(&report.labels, "rule"));
	assert_false(prac_report_has_dimension(&report, "mont"));
}

static void a_file_without_a_head_has_its_name(void **state)
{
	struct prac_report report;

	(void)state;
	prac_report_read("x", "SELECT 1", &arena, &report);
	assert_string_equal(report.title, "x");
	assert_string_equal(report.definition, "");
	assert_int_equal(report.dimensions.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_head_of_the_file_says_what_it_is, teardown),
		cmocka_unit_test_teardown(a_file_without_a_head_has_its_name, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
