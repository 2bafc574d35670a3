/* Counts of few people, and what would let one reckon them, are not shown (RULES 3.4). */
#include "server/report/small.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sql/reports.h"

enum {
	CELLS_MAX = 80
};

static struct prac_arena arena;

static int stop(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

/* Cells of a line, split at blanks; - is an empty one. */
static size_t split(const char *line, const char **cells)
{
	char *rest = prac_arena_text(&arena, prac_bytes_text(line));
	char *word;
	size_t n = 0;

	while ((word = strtok_r(rest, " ", &rest)) != NULL) {
		cells[n++] = strcmp(word, "-") == 0 ? "" : word;
	}
	return n;
}

/* The rows, one a line, as they are shown of a report with that head and those columns. */
static const char *shown(const char *head, const char *column_names, int64_t hide, const char *rows)
{
	struct prac_report report;
	struct report_ask ask = { .report = &report, .hide = hide };
	const char *columns[CELLS_MAX], *cells[CELLS_MAX], *text = "";
	struct report_result result = { .ask = &ask, .columns = columns, .cells = cells };
	char *rest = prac_arena_text(&arena, prac_bytes_text(rows));
	char *line;

	prac_report_read("r", head, &arena, &report);
	result.n_columns = split(column_names, columns);
	for (size_t i = 0; i < result.n_columns; i++) {
		ask.n_by += prac_report_has_dimension(&report, columns[i]) ? 1 : 0;
	}
	while ((line = strtok_r(rest, "\n", &rest)) != NULL) {
		assert_int_equal(
			split(line, &cells[result.n_rows++ * result.n_columns]), result.n_columns);
	}
	report_hide_small(&result, &arena);
	for (size_t i = 0; i < result.n_rows * result.n_columns; i++) {
		text = prac_arena_printf(&arena, "%s%s%s", text, cells[i],
			(i + 1) % result.n_columns == 0 ? "\n" : " ");
	}
	return text;
}

#define PARTICIPATION                                                              \
	"-- by: school kind\n-- counts: participants students\n-- labels: rule\n", \
		"school participants students rate rule"
#define PIPELINE "-- by: school\n-- counts: placements opened\n-- labels: state\n"

static void nothing_is_hidden_unless_it_is_asked_for(void **state)
{
	(void)state;
	assert_string_equal(shown(PARTICIPATION, 0, "A 1 2 50.0 us\nTotal 1 2 50.0 us\n"),
		"A 1 2 50.0 us\nTotal 1 2 50.0 us\n");
}

static void a_row_with_a_count_below_the_number_shows_no_figure(void **state)
{
	(void)state;
	assert_string_equal(shown(PARTICIPATION, 10,
				    "A 9 30 30.0 us\nB 10 30 33.3 us\nC 12 30 40.0 us\n"
				    "Total 31 90 34.4 us\n"),
		"A * * * us\nB * * * us\nC 12 30 40.0 us\nTotal 31 90 34.4 us\n");
	assert_string_equal(shown("-- counts: participants students\n",
				    "participants students rate", 10, "9 30 30.0\n"),
		"* * *\n");
}

/* The others are few: two of fifty. That all of fifty did is no count of few. */
static void a_row_whose_counts_differ_by_less_than_the_number_shows_no_figure(void **state)
{
	(void)state;
	assert_string_equal(shown(PARTICIPATION, 10, "Total 48 50 96.0 us\n"), "Total * * * us\n");
	assert_string_equal(
		shown(PARTICIPATION, 10, "Total 50 50 100.0 us\n"), "Total 50 50 100.0 us\n");
}

static void the_minutes_of_few_people_are_not_shown(void **state)
{
	(void)state;
	assert_string_equal(
		shown("-- by: course\n-- counts: credit_earned credit_attempted\n",
			"course accepted_minutes credit_earned credit_attempted entries", 10,
			"C1 480 1 1 2\nC2 9000 15 30 40\nC3 9999 20 40 50\nTotal 19479 36 71 92\n"),
		"C1 * * * *\nC2 * * * *\nC3 9999 20 40 50\nTotal 19479 36 71 92\n");
}

/* Hours of a month, where nobody earns anything; who worked are counted. */
static void a_count_that_a_row_does_not_have_hides_nothing(void **state)
{
	static const char head[] =
		"-- by: month\n-- counts: students credit_earned credit_attempted\n";
	static const char columns[] = "month students minutes credit_earned credit_attempted";

	(void)state;
	assert_string_equal(shown(head, columns, 10,
				    "Sep 30 480 - -\nOct 3 90 - -\nNov 12 99 - -\nDec 40 99 - -\n"
				    "Total 85 768 15 30\n"),
		"Sep 30 480  \nOct * * * *\nNov * * * *\nDec 40 99  \nTotal 85 768 15 30\n");
	assert_string_equal(shown(head, columns, 10, "Sep 30 480 - -\nTotal 45 768 3 30\n"),
		"Sep * * * *\nTotal * * * *\n");
}

/* Total less what is shown would be the one that is hidden, or two of too few people together. */
static void no_hidden_count_can_be_reckoned_from_the_total(void **state)
{
	(void)state;
	assert_string_equal(shown(PARTICIPATION, 10,
				    "A 3 30 10.0 us\nB 4 30 13.3 us\nC 12 30 40.0 us\n"
				    "D 13 30 43.3 us\nTotal 32 120 26.7 us\n"),
		"A * * * us\nB * * * us\nC * * * us\nD 13 30 43.3 us\nTotal 32 120 26.7 us\n");
	/* 5 and 6 are eleven people: enough. */
	assert_string_equal(shown(PARTICIPATION, 10,
				    "A 5 30 16.7 us\nB 6 30 20.0 us\nC 12 30 40.0 us\n"
				    "Total 23 90 25.6 us\n"),
		"A * * * us\nB * * * us\nC 12 30 40.0 us\nTotal 23 90 25.6 us\n");
}

static void a_total_of_few_people_is_hidden_too(void **state)
{
	(void)state;
	assert_string_equal(
		shown(PARTICIPATION, 10, "A 3 30 10.0 us\nB 4 30 13.3 us\nTotal 7 60 11.7 us\n"),
		"A * * * us\nB * * * us\nTotal * * * us\n");
}

/* Each row says what the states add up to: 72 less 40 and 30 would be the two. */
static void no_hidden_state_can_be_reckoned_from_the_others(void **state)
{
	(void)state;
	assert_string_equal(
		shown(PIPELINE, "state placements opened share", 10,
			"active 40 72 55.6\ncompleted 30 72 41.7\nterminated 2 72 2.8\n"),
		"active 40 72 55.6\ncompleted * * *\nterminated * * *\n");
	assert_string_equal(shown(PIPELINE, "state placements opened share", 10,
				    "active 23 25 92.0\nterminated 2 25 8.0\n"),
		"active * * *\nterminated * * *\n");
}

/* A total for each state: 110 active less B's and C's would be A's three. */
static void every_state_has_a_total_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(shown(PIPELINE, "school state placements opened", 10,
				    "A active 3 30\nA completed 27 30\n"
				    "B active 47 90\nB completed 43 90\n"
				    "C active 60 105\nC completed 45 105\n"
				    "Total active 110 225\nTotal completed 115 225\n"),
		"A active * *\nA completed * *\nB active * *\nB completed * *\n"
		"C active 60 105\nC completed 45 105\n"
		"Total active 110 225\nTotal completed 115 225\n");
}

/* Total ready is hidden for the sake of the draft; all of its schools would add up to it. */
static void no_hidden_total_can_be_reckoned_from_its_rows(void **state)
{
	(void)state;
	assert_string_equal(shown(PIPELINE, "school state placements opened", 10,
				    "A ready 12 52\nA active 40 52\nB draft 3 33\nB active 30 33\n"
				    "C ready 13 43\nC active 30 43\n"
				    "D active 20 50\nD completed 30 50\n"
				    "Total draft 3 178\nTotal ready 25 178\n"
				    "Total active 120 178\nTotal completed 30 178\n"),
		"A ready * *\nA active * *\nB draft * *\nB active * *\n"
		"C ready * *\nC active * *\nD active * *\nD completed * *\n"
		"Total draft * *\nTotal ready * *\n"
		"Total active 120 178\nTotal completed * *\n");
}

/* Sums over schools and over states could be solved together, so no state of B is left. */
static void a_school_is_shown_in_all_states_or_in_none(void **state)
{
	(void)state;
	assert_string_equal(shown(PIPELINE, "school state placements opened", 10,
				    "A active 50 100\nA completed 50 100\n"
				    "B draft 3 73\nB ready 20 73\nB active 50 73\n"
				    "C draft 15 55\nC active 40 55\n"
				    "Total draft 18 228\nTotal ready 20 228\n"
				    "Total active 140 228\nTotal completed 50 228\n"),
		"A active 50 100\nA completed 50 100\n"
		"B draft * *\nB ready * *\nB active * *\nC draft * *\nC active * *\n"
		"Total draft * *\nTotal ready * *\n"
		"Total active 140 228\nTotal completed 50 228\n");
}

/* Ready are those of A alone. */
static void a_total_of_one_hidden_row_is_hidden_too(void **state)
{
	(void)state;
	assert_string_equal(
		shown(PIPELINE, "school state placements opened", 10,
			"A draft 3 55\nA ready 12 55\nA active 40 55\n"
			"B draft 20 70\nB active 50 70\n"
			"Total draft 23 125\nTotal ready 12 125\nTotal active 90 125\n"),
		"A draft * *\nA ready * *\nA active * *\nB draft * *\nB active * *\n"
		"Total draft * *\nTotal ready * *\nTotal active 90 125\n");
}

/* The five students of B stand in two rows, and are no ten. */
static void a_count_repeated_over_rows_is_not_more_people(void **state)
{
	(void)state;
	assert_string_equal(shown("-- by: school kind\n-- counts: participants students\n",
				    "school kind participants students", 10,
				    "A clinic 30 95\nA office 50 95\nB clinic 2 5\nB office 3 5\n"
				    "Total Total 85 100\n"),
		"A clinic * *\nA office * *\nB clinic * *\nB office * *\nTotal Total 85 100\n");
	/* A count that the breakdown does not divide stands in no way. */
	assert_string_equal(shown("-- by: school kind\n-- counts: participants students\n",
				    "kind participants students", 10,
				    "clinic 3 200\noffice 40 200\nshop 50 200\nTotal 90 200\n"),
		"clinic * *\noffice * *\nshop 50 200\nTotal 90 200\n");
}

/* The same three people in four rows are twelve only when they are added up. */
static void people_who_are_in_several_rows_are_not_more_people(void **state)
{
	(void)state;
	assert_string_equal(
		shown("-- by: population\n-- counts: graduates\n", "population graduates", 10,
			"none 97\nP1 3\nP2 3\nP3 3\nP4 3\nTotal 100\n"),
		"none *\nP1 *\nP2 *\nP3 *\nP4 *\nTotal 100\n");
	assert_string_equal(
		shown("-- by: population\n-- counts: graduates\n", "population graduates", 10,
			"none 77\nP1 3\nP2 3\nP3 3\nP4 3\nP5 20\nTotal 100\n"),
		"none 77\nP1 *\nP2 *\nP3 *\nP4 *\nP5 *\nTotal 100\n");
}

static void every_report_says_which_columns_count_people(void **state)
{
	struct prac_report report;

	(void)state;
	for (const struct db_script *one = sql_reports; one->name != NULL; one++) {
		prac_report_read(one->name, one->text, &arena, &report);
		assert_true(report.counts.n > 0);
		for (size_t i = 0; i < report.labels.n; i++) {
			assert_true(strcmp(report.labels.items[i], "rule") == 0 ||
				    strcmp(report.labels.items[i], "state") == 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nothing_is_hidden_unless_it_is_asked_for, stop),
		cmocka_unit_test_teardown(
			a_row_with_a_count_below_the_number_shows_no_figure, stop),
		cmocka_unit_test_teardown(
			a_row_whose_counts_differ_by_less_than_the_number_shows_no_figure, stop),
		cmocka_unit_test_teardown(the_minutes_of_few_people_are_not_shown, stop),
		cmocka_unit_test_teardown(a_count_that_a_row_does_not_have_hides_nothing, stop),
		cmocka_unit_test_teardown(no_hidden_count_can_be_reckoned_from_the_total, stop),
		cmocka_unit_test_teardown(a_total_of_few_people_is_hidden_too, stop),
		cmocka_unit_test_teardown(no_hidden_state_can_be_reckoned_from_the_others, stop),
		cmocka_unit_test_teardown(every_state_has_a_total_of_its_own, stop),
		cmocka_unit_test_teardown(no_hidden_total_can_be_reckoned_from_its_rows, stop),
		cmocka_unit_test_teardown(a_school_is_shown_in_all_states_or_in_none, stop),
		cmocka_unit_test_teardown(a_total_of_one_hidden_row_is_hidden_too, stop),
		cmocka_unit_test_teardown(a_count_repeated_over_rows_is_not_more_people, stop),
		cmocka_unit_test_teardown(people_who_are_in_several_rows_are_not_more_people, stop),
		cmocka_unit_test_teardown(every_report_says_which_columns_count_people, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
