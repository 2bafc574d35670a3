/* Counts of few people, and what would let one reckon them, are not shown (RULES 3.4). */
#include "server/report/small.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/macros.h"
#include "sql/reports.h"

enum {
	COLUMNS = 4,
	ROWS_MAX = 5
};

static struct prac_arena arena;

static int stop(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

/* Rows of school, participants, students and rate; the cells that are left, "; " between rows. */
static const char *shown(
	int64_t hide, size_t n_by, const char *const (*rows)[COLUMNS], size_t n_rows)
{
	static const char *columns[COLUMNS] = { "school", "participants", "students", "rate" };
	struct prac_report report;
	struct report_ask ask = { .report = &report, .hide = hide, .n_by = n_by };
	const char *cells[ROWS_MAX * COLUMNS], *text = "";
	struct report_result result = { .ask = &ask,
		.columns = columns,
		.n_columns = COLUMNS,
		.n_rows = n_rows,
		.cells = cells };

	prac_report_read("r", "-- by: school\n-- counts: participants students\n-- shares: rate\n",
		&arena, &report);
	memcpy(cells, rows, n_rows * sizeof(*rows));
	report_hide_small(&result);
	for (size_t i = 0; i < n_rows * COLUMNS; i++) {
		text = prac_arena_printf(&arena, "%s%s%s", text,
			i == 0             ? ""
			: i % COLUMNS == 0 ? "; "
					   : " ",
			cells[i]);
	}
	return text;
}

#define SHOWN(hide, n_by, ...)                                            \
	(shown(hide, n_by, (const char *const[][COLUMNS]){ __VA_ARGS__ }, \
		PRAC_NELEM(((const char *const[][COLUMNS]){ __VA_ARGS__ }))))

static void nothing_is_hidden_unless_it_is_asked_for(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(0, 1, { "A", "1", "2", "50.0" }, { "Total", "1", "2", "50.0" }),
		"A 1 2 50.0; Total 1 2 50.0");
}

static void a_count_below_the_number_is_hidden_with_what_is_reckoned_from_it(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(10, 1, { "A", "9", "20", "45.0" }, { "B", "10", "20", "50.0" },
				    { "C", "11", "20", "55.0" }, { "Total", "30", "60", "50.0" }),
		"A * 20 *; B * 20 *; C 11 20 55.0; Total 30 60 50.0");
	assert_string_equal(SHOWN(10, 0, { "", "9", "20", "45.0" }), " * 20 *");
}

/* Total less what is shown would be the one that is hidden, or two of too few people together. */
static void no_hidden_count_can_be_reckoned_from_the_total(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(10, 1, { "A", "3", "30", "10.0" }, { "B", "4", "30", "13.3" },
				    { "C", "12", "30", "40.0" }, { "D", "13", "30", "43.3" },
				    { "Total", "32", "120", "26.7" }),
		"A * 30 *; B * 30 *; C * 30 *; D 13 30 43.3; Total 32 120 26.7");
	/* 5 and 6 are eleven people: enough. */
	assert_string_equal(SHOWN(10, 1, { "A", "5", "30", "16.7" }, { "B", "6", "30", "20.0" },
				    { "C", "12", "30", "40.0" }, { "Total", "23", "90", "25.6" }),
		"A * 30 *; B * 30 *; C 12 30 40.0; Total 23 90 25.6");
}

static void a_total_of_few_people_is_hidden_too(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(10, 1, { "A", "3", "30", "10.0" }, { "B", "4", "30", "13.3" },
				    { "Total", "7", "60", "11.7" }),
		"A * 30 *; B * 30 *; Total * 60 *");
}

static void every_report_says_which_columns_count_people(void **state)
{
	struct prac_report report;

	(void)state;
	for (const struct db_script *one = sql_reports; one->name != NULL; one++) {
		prac_report_read(one->name, one->text, &arena, &report);
		assert_true(report.counts.n > 0);
		assert_true(report.shares.n > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nothing_is_hidden_unless_it_is_asked_for, stop),
		cmocka_unit_test_teardown(
			a_count_below_the_number_is_hidden_with_what_is_reckoned_from_it, stop),
		cmocka_unit_test_teardown(no_hidden_count_can_be_reckoned_from_the_total, stop),
		cmocka_unit_test_teardown(a_total_of_few_people_is_hidden_too, stop),
		cmocka_unit_test_teardown(every_report_says_which_columns_count_people, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
