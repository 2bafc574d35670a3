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
	const struct prac_law_row *row = prac_policy_ineligible(
		&policy, &person, date_of("2026-09-01"), &(struct prac_policy_case){ 0 });

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

static struct prac_policy policy_of(const char *domain, const char *rows)
{
	struct prac_policy policy = { prac_arena_alloc(&arena, sizeof(*policy.sets)), 1 };
	const char *error = "";
	const char *text = prac_arena_printf(&arena,
		"domain=%s\njurisdiction=district\nversion=1\nstarts_on=2026-08-01\n%s\n", domain,
		rows);

	if (prac_law_set_read(prac_bytes_text(text), &arena, policy.sets, &error) != PRAC_OK) {
		fail_msg("%s", error);
	}
	assert_null(prac_policy_flaw(policy.sets, &arena));
	return policy;
}

static const char *visit_of(
	const struct prac_policy *policy, const char *date, const char *kind, const char *activity)
{
	const struct prac_law_row *row = prac_policy_row_of(policy, "visit", date_of(date),
		&(struct prac_policy_case){ .kind = kind, .activity = activity });

	return row == NULL ? "" : row->id;
}

static void the_row_that_names_the_activity_comes_before_the_kind_and_that_before_all(void **state)
{
	struct prac_policy policy = policy_of("visits",
		"ALL=visit most:30\nCLINIC=visit most:14 kind:clinical kind:cooperative\n"
		"NURSE=visit most:7 activity:nursing");

	(void)state;
	assert_string_equal(visit_of(&policy, "2026-07-31", "internship", NULL), "");
	assert_string_equal(visit_of(&policy, "2026-08-01", "internship", NULL), "ALL");
	assert_string_equal(visit_of(&policy, "2026-08-01", "cooperative", "x"), "CLINIC");
	assert_string_equal(visit_of(&policy, "2026-08-01", "clinical", "nursing"), "NURSE");
	assert_string_equal(visit_of(&policy, "2026-08-01", NULL, NULL), "ALL");
}

static size_t papers_of(const char *kind)
{
	struct prac_policy policy = prac_policy_shipped("documents", &arena);

	return prac_policy_rows(&policy, "paper", date_of("2026-09-01"),
		&(struct prac_policy_case){ .kind = kind }, &arena)
		.n;
}

static void a_paper_is_asked_of_all_kinds_of_work_but_the_excepted(void **state)
{
	(void)state;
	assert_int_equal(papers_of("internship"), 5);
	assert_int_equal(papers_of("clinical"), 5);
	assert_int_equal(papers_of("school_enterprise"), 3); /* plan, emergency, safety */
	assert_int_equal(papers_of("mentorship"), 2);        /* agreement, emergency */
	assert_int_equal(papers_of("job_shadowing"), 2);     /* emergency, transportation */
	assert_int_equal(papers_of("simulated"), 2);         /* emergency, safety */
}

static const char *flaw_of(const char *domain, const char *row)
{
	struct prac_law_set set = { .domain = domain };
	const char *error = "";

	set.rows = prac_arena_alloc(&arena, sizeof(*set.rows));
	set.n_rows = 1;
	assert_int_equal(
		prac_law_row_read(prac_bytes_text(row), &arena, set.rows, &error), PRAC_OK);
	error = prac_policy_flaw(&set, &arena);
	return error == NULL ? "" : error;
}

static void a_row_of_papers_says_gate_and_lapse_in_known_words(void **state)
{
	(void)state;
	assert_string_equal(
		flaw_of("documents", "A=paper paper:waiver gate:close lapse:warns"), "");
	assert_string_equal(flaw_of("documents", "A=paper paper:waiver gate:star lapse:warns"),
		"A: \"gate:star\" is not understood; write it as in paper:agreement gate:start "
		"lapse:suspends pay:paid under:18 kind:internship");
	assert_string_equal(flaw_of("documents", "A=paper gate:close lapse:warns"),
		"A: a row of kind paper needs paper; write it as in paper:agreement gate:start "
		"lapse:suspends pay:paid under:18 kind:internship");
	assert_string_equal(flaw_of("visits", "A=visit most:30 pay:paid"),
		"A: a row of kind visit has no key \"pay\"; write it as in most:30 kind:clinical");
}

static uint32_t draw(uint32_t below)
{
	static uint64_t state = 7;

	state = state * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (uint32_t)(state >> 33) % below;
}

static void a_stricter_row_never_lets_more_through(void **state)
{
	(void)state;
	for (int round = 0; round < 500; round++) {
		int least = (int)draw(20), days = (int)draw(60);
		struct prac_policy loose = policy_of(
			"eligibility", prac_arena_printf(&arena, "A=age least:%d", least));
		struct prac_policy strict = policy_of("eligibility",
			prac_arena_printf(&arena, "A=age least:%d", least + 1 + (int)draw(5)));
		struct prac_policy often =
			policy_of("visits", prac_arena_printf(&arena, "V=visit most:%d", days));
		struct prac_policy seldom = policy_of("visits",
			prac_arena_printf(&arena, "V=visit most:%d", days + (int)draw(9)));
		struct prac_participant person = { (int32_t)draw(25), -1, -1 };
		const struct prac_policy_case all = { 0 };
		int32_t today = date_of("2026-09-01");

		if (prac_policy_ineligible(&loose, &person, today, &all) != NULL) {
			assert_non_null(prac_policy_ineligible(&strict, &person, today, &all));
		}
		assert_true(prac_policy_visit_due(prac_policy_row(&often, "visit", today), today) <=
			    prac_policy_visit_due(prac_policy_row(&seldom, "visit", today), today));
		prac_arena_reset(&arena);
	}
}

static void more_hours_never_make_less_credit_and_never_more_than_the_most(void **state)
{
	(void)state;
	for (int round = 0; round < 500; round++) {
		struct prac_credit_basis basis = { (int32_t)draw(4), (int32_t)draw(2),
			(int32_t)draw(3000) };
		struct prac_credit_basis more = basis;
		int32_t before = credits("2026-09-01", basis);

		more.weekly_minutes += (int32_t)draw(600);
		assert_true(credits("2026-09-01", more) >= before);
		assert_true(before >= 0 && before <= 6);
		prac_arena_reset(&arena);
	}
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
		cmocka_unit_test(
			the_row_that_names_the_activity_comes_before_the_kind_and_that_before_all),
		cmocka_unit_test(a_paper_is_asked_of_all_kinds_of_work_but_the_excepted),
		cmocka_unit_test(a_row_of_papers_says_gate_and_lapse_in_known_words),
		cmocka_unit_test(a_stricter_row_never_lets_more_through),
		cmocka_unit_test(more_hours_never_make_less_credit_and_never_more_than_the_most),
		cmocka_unit_test(a_concentrator_has_two_courses),
		cmocka_unit_test(a_shadow_day_does_not_count_for_5s3),
		cmocka_unit_test(before_its_first_day_no_set_is_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
