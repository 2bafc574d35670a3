/* How long records are kept: the rows of domain retention and the days on which they are due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/date.h"
#include "common/catalog/catalog.h"
#include "common/law/book.h"
#include "common/law/retention.h"

static struct prac_arena arena;

static int32_t date_of(const char *text)
{
	int32_t date = 0;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

static struct prac_law_row row_of(const char *line)
{
	struct prac_law_row row;
	const char *error = "";

	assert_int_equal(prac_law_row_read(prac_bytes_text(line), &arena, &row, &error), PRAC_OK);
	return row;
}

static void assert_due(const char *line, const char *event, const char *wanted)
{
	struct prac_law_row row = row_of(line);
	char found[PRAC_DATE_TEXT];

	prac_date_format(prac_retention_due(&row, date_of(event)), found);
	assert_string_equal(found, wanted);
}

static void the_last_day_of_the_time_still_belongs_to_it(void **state)
{
	(void)state;
	assert_due("A=keep class:hours years:3 from:placement", "2026-05-21", "2029-05-22");
	assert_due("A=keep class:hours years:0 days:30 from:placement", "2026-05-21", "2026-06-21");
}

static void from_february_29_to_a_year_without_one_is_counted_to_march_1(void **state)
{
	(void)state;
	assert_due("A=keep class:hours years:1 from:leaving", "2028-02-29", "2029-03-02");
	assert_due("A=keep class:hours years:4 from:leaving", "2028-02-29", "2032-03-01");
	assert_due("A=keep class:hours years:1 from:leaving", "2028-02-28", "2029-03-01");
	assert_due("A=keep class:hours years:1 from:leaving", "2027-02-28", "2028-02-29");
}

static void a_school_year_ends_on_june_30(void **state)
{
	const char *row = "A=keep class:year years:1 from:change school-year:1";

	(void)state;
	assert_due(row, "2026-06-30", "2027-07-01");
	assert_due(row, "2026-07-01", "2028-07-01");
	assert_due(row, "2027-01-15", "2028-07-01");
}

static void the_cutoff_is_the_last_event_that_is_due(void **state)
{
	static const char *const lines[] = { "A=keep class:hours years:3 from:leaving",
		"A=keep class:hours years:1 days:10 from:leaving",
		"A=keep class:hours years:2 from:leaving school-year:1" };

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(lines); i++) {
		struct prac_law_row row = row_of(lines[i]);

		for (int32_t day = date_of("2028-02-20"); day < date_of("2029-07-05"); day++) {
			int32_t cutoff = prac_retention_cutoff(&row, day);

			assert_true(prac_retention_due(&row, cutoff) <= day);
			assert_true(prac_retention_due(&row, cutoff + 1) > day);
		}
	}
}

static struct prac_law_set set_of(const char *jurisdiction, const char *starts_on, const char *line)
{
	struct prac_law_row *row = prac_arena_alloc(&arena, sizeof(*row));

	*row = row_of(line);
	return (struct prac_law_set){ .domain = "retention",
		.jurisdiction = jurisdiction,
		.source = "",
		.version = 1,
		.starts_on = date_of(starts_on),
		.ends_on = PRAC_LAW_OPEN_END,
		.rows = row,
		.n_rows = 1 };
}

static void of_several_jurisdictions_the_row_that_keeps_longest_holds(void **state)
{
	struct prac_law_set sets[] = {
		set_of("district", "2026-07-01", "DI-1=keep class:hours years:3 from:leaving"),
		set_of("us-tn", "2026-07-01", "TN-1=keep class:hours years:4 from:leaving"),
		set_of("us-tn", "2027-07-01", "TN-2=keep class:hours years:2 from:leaving"),
	};
	struct prac_policy policy = { sets, PRAC_NELEM(sets) };
	const struct prac_law_set *set = NULL;

	(void)state;
	assert_null(prac_retention_row(&policy, "hours", date_of("2026-06-30"), &set));
	assert_string_equal(
		prac_retention_row(&policy, "hours", date_of("2026-07-01"), &set)->id, "TN-1");
	assert_ptr_equal(set, &sets[1]);
	assert_string_equal(
		prac_retention_row(&policy, "hours", date_of("2027-07-01"), &set)->id, "DI-1");
	assert_null(prac_retention_row(&policy, "student", date_of("2027-07-01"), &set));
}

static void assert_flaw(const char *line, const char *wanted)
{
	struct prac_law_set set = set_of("district", "2026-07-01", line);
	const char *flaw = prac_law_set_flaw(&set, &arena);

	if (wanted == NULL) {
		assert_null(flaw);
	} else {
		assert_string_equal(flaw, wanted);
	}
}

static void a_row_that_cannot_be_read_says_what_would_be_right(void **state)
{
	(void)state;
	assert_flaw("A=keep class:hours years:3 from:placement", NULL);
	assert_flaw("A=keep class:secret years:3 from:placement",
		"A: \"class:secret\" is not understood; write it as in class:hours years:3 "
		"from:placement school-year:1");
	assert_flaw("A=keep class:hours years:3 from:birth",
		"A: \"from:birth\" is not understood; write it as in class:hours years:3 "
		"from:placement school-year:1");
	assert_flaw("A=keep class:hours from:placement",
		"A: a row of kind keep needs years; write it as in class:hours years:3 "
		"from:placement school-year:1");
	assert_flaw("A=burn class:hours years:3 from:placement",
		"A: rules of domain retention have no kind \"burn\"; the shipped sets in "
		"`practicum rules list` show which there are");
}

static void every_record_type_has_a_class_that_rules_can_name(void **state)
{
	(void)state;
	assert_true(prac_n_types > 80);
	for (size_t i = 0; i < prac_n_types; i++) {
		assert_true(prac_retention_is_class(prac_types[i]->retention));
	}
}

static int tear_down(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_day_of_the_time_still_belongs_to_it),
		cmocka_unit_test(from_february_29_to_a_year_without_one_is_counted_to_march_1),
		cmocka_unit_test(a_school_year_ends_on_june_30),
		cmocka_unit_test(the_cutoff_is_the_last_event_that_is_due),
		cmocka_unit_test(of_several_jurisdictions_the_row_that_keeps_longest_holds),
		cmocka_unit_test(a_row_that_cannot_be_read_says_what_would_be_right),
		cmocka_unit_test(every_record_type_has_a_class_that_rules_can_name),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
