/* Credit, eligibility, visits and Perkins by the shipped rule sets (RULES 3 and 4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/date.h"
#include "common/law/policy.h"

static struct prac_arena arena;

static int32_t date_of(const char *text)
{
	int32_t date = 0;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

static int32_t credits(const char *date, struct prac_credit_basis basis)
{
	struct prac_policy policy = prac_policy_shipped("credit", &arena);

	return prac_policy_credits(prac_policy_row(&policy, "credit", date_of(date)), &basis);
}

static void tn_cr_1_gives_a_credit_for_ten_hours_until_2024_12_09(void **state)
{
	struct prac_policy policy = prac_policy_shipped("credit", &arena);

	(void)state;
	assert_string_equal(
		prac_policy_row(&policy, "credit", date_of("2024-12-09"))->id, "TN-CR-1");
	assert_int_equal(credits("2024-12-09", (struct prac_credit_basis){ 2, 0, 599 }), 1);
	assert_int_equal(credits("2024-12-09", (struct prac_credit_basis){ 2, 0, 600 }), 2);
	assert_int_equal(credits("2024-12-09", (struct prac_credit_basis){ 2, 0, 1200 }), 3);
	assert_int_equal(credits("2024-12-09", (struct prac_credit_basis){ 2, 0, 2400 }), 3);
}

static void tn_cr_2_gives_a_credit_for_five_hours_from_2024_12_10(void **state)
{
	struct prac_policy policy = prac_policy_shipped("credit", &arena);

	(void)state;
	assert_string_equal(
		prac_policy_row(&policy, "credit", date_of("2024-12-10"))->id, "TN-CR-2");
	assert_int_equal(credits("2024-12-10", (struct prac_credit_basis){ 2, 0, 299 }), 1);
	assert_int_equal(credits("2024-12-10", (struct prac_credit_basis){ 2, 0, 300 }), 2);
	assert_int_equal(credits("2024-12-10", (struct prac_credit_basis){ 2, 0, 1499 }), 5);
	assert_int_equal(credits("2024-12-10", (struct prac_credit_basis){ 2, 0, 1500 }), 6);
	assert_int_equal(credits("2024-12-10", (struct prac_credit_basis){ 2, 0, 3000 }), 6);
}

static void there_is_no_credit_without_the_class(void **state)
{
	(void)state;
	assert_int_equal(credits("2026-09-01", (struct prac_credit_basis){ 1, 0, 1500 }), 0);
	assert_int_equal(credits("2026-09-01", (struct prac_credit_basis){ 0, 1, 1500 }), 6);
}

static const char *ineligible(struct prac_participant person)
{
	struct prac_policy policy = prac_policy_shipped("eligibility", &arena);
	const struct prac_law_row *row =
		prac_policy_ineligible(&policy, &person, date_of("2026-09-01"));

	return row == NULL ? "" : row->id;
}

static void juniors_and_seniors_of_16_take_part(void **state)
{
	(void)state;
	assert_string_equal(ineligible((struct prac_participant){ 16, 11, 90 }), "");
	assert_string_equal(ineligible((struct prac_participant){ 15, 11, 90 }), "TN-EL-AGE");
	assert_string_equal(ineligible((struct prac_participant){ 16, 10, 90 }), "TN-EL-GRADE");
	assert_string_equal(ineligible((struct prac_participant){ 18, 13, 90 }), "TN-EL-GRADE");
	assert_string_equal(
		ineligible((struct prac_participant){ 16, 11, 89 }), "DI-EL-ATTENDANCE");
	assert_string_equal(ineligible((struct prac_participant){ 16, 11, -1 }), "");
}

static void a_visit_is_due_thirty_days_after_the_last(void **state)
{
	struct prac_policy policy = prac_policy_shipped("visits", &arena);
	const struct prac_law_row *row = prac_policy_row(&policy, "visit", date_of("2026-09-01"));

	(void)state;
	assert_int_equal(prac_policy_visit_due(row, date_of("2026-09-01")), date_of("2026-10-01"));
}

static void a_concentrator_has_two_courses(void **state)
{
	struct prac_policy policy = prac_policy_shipped("perkins", &arena);
	const struct prac_law_row *row =
		prac_policy_row(&policy, "concentrator", date_of("2026-09-01"));

	(void)state;
	assert_false(prac_policy_is_concentrator(row, 1));
	assert_true(prac_policy_is_concentrator(row, 2));
}

static void a_shadow_day_does_not_count_for_5s3(void **state)
{
	struct prac_policy policy = prac_policy_shipped("perkins", &arena);
	const struct prac_law_row *row =
		prac_policy_row(&policy, "qualifying", date_of("2026-09-01"));

	(void)state;
	assert_true(prac_policy_qualifies(row, "internship", 60));
	assert_false(prac_policy_qualifies(row, "job_shadowing", 6000));
}

static void before_its_first_day_no_set_is_in_force(void **state)
{
	struct prac_policy policy = prac_policy_shipped("perkins", &arena);

	(void)state;
	assert_null(prac_policy_row(&policy, "concentrator", date_of("2018-07-30")));
	assert_int_equal(prac_policy_shipped("nothing", &arena).n, 0);
}

static int stop(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tn_cr_1_gives_a_credit_for_ten_hours_until_2024_12_09),
		cmocka_unit_test(tn_cr_2_gives_a_credit_for_five_hours_from_2024_12_10),
		cmocka_unit_test(there_is_no_credit_without_the_class),
		cmocka_unit_test(juniors_and_seniors_of_16_take_part),
		cmocka_unit_test(a_visit_is_due_thirty_days_after_the_last),
		cmocka_unit_test(a_concentrator_has_two_courses),
		cmocka_unit_test(a_shadow_day_does_not_count_for_5s3),
		cmocka_unit_test(before_its_first_day_no_set_is_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
