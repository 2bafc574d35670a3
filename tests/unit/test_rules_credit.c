/* Credit of a placement over records: which hours and weeks count, and which rule (RULES 4.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/base/macros.h"
#include "common/rules/credit.h"
#include "tests/support/facts.h"

static int32_t day(const char *text)
{
	int32_t date;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

/* A placement (0b) with a class (0c) of two periods a week; no calendar. */
static struct prac_record *add_placement(struct facts *facts, const char *from, const char *until)
{
	struct prac_record *placement =
		facts_keep(facts, facts_make(facts, &prac_type_placement, 0x0b, "student_id=01",
					  "school_id=aa", "class_id=0c", NULL));

	facts_set(facts, placement, from);
	facts_set(facts, placement, until);
	facts_keep(facts, facts_make(facts, &prac_type_class, 0x0c, "periods_per_week=2", NULL));
	return placement;
}

/* A sheet with one entry; ids end in last and last + 1. */
static struct prac_record *add_hours(
	struct facts *facts, uint8_t last, const char *work_date, const char *minutes)
{
	struct prac_record *sheet =
		facts_keep(facts, facts_make(facts, &prac_type_time_sheet, last, "placement_id=0b",
					  "state=approved", NULL));
	struct prac_record *entry =
		facts_keep(facts, facts_make(facts, &prac_type_time_entry, (uint8_t)(last + 1),
					  "placement_id=0b", "student_id=01", NULL));

	facts_set(facts, entry, prac_arena_printf(&facts->arena, "sheet_id=%02x", last));
	facts_set(facts, entry, work_date);
	facts_set(facts, entry, minutes);
	return sheet;
}

static int32_t credits(struct facts *facts, const struct prac_record *placement, const char *on)
{
	struct prac_credit credit;

	return prac_credit_of(&facts->judgement, placement, day(on), &credit) ? credit.credits : -1;
}

/* Two weeks, Sunday 2026-09-06 to Saturday 2026-09-19: 600 minutes are 5 hours a week. */
static void five_hours_a_week_earn_a_second_credit_to_the_minute(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement =
		add_placement(facts, "starts_on=2026-09-06", "ends_on=2026-09-19");
	struct prac_record *sheet =
		add_hours(facts, 0x20, "work_date=2026-09-08", "elapsed_minutes=599");

	assert_int_equal(credits(facts, placement, "2026-09-19"), 1);
	facts_set(facts, facts->records[3], "elapsed_minutes=600");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 2);
	facts_set(facts, sheet, "state=submitted");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 1);
	facts_set(facts, sheet, "state=approved");
	(void)facts_keep(facts, facts_make(facts, &prac_type_time_sheet, 0x30, "placement_id=0b",
					"state=approved", "amends_id=20", NULL));
	assert_int_equal(credits(facts, placement, "2026-09-19"), 1); /* corrected to nothing */
}

static void without_the_class_or_its_periods_there_is_none(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement =
		add_placement(facts, "starts_on=2026-09-06", "ends_on=2026-09-19");

	(void)add_hours(facts, 0x20, "work_date=2026-09-08", "elapsed_minutes=6000");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 6);
	facts_set(facts, facts->records[1], "periods_per_week=1");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 0);
	facts_set(facts, placement, "class_id=");
	assert_int_equal(credits(facts, placement, "2026-09-19"), -1);
}

/* TN-CR-1 until 2024-12-09: 10 hours; TN-CR-2 from 2024-12-10: 5 hours. */
static void the_rule_is_that_of_the_last_day_that_counts(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement =
		add_placement(facts, "starts_on=2024-12-08", "ends_on=2024-12-14");

	(void)add_hours(facts, 0x20, "work_date=2024-12-09", "elapsed_minutes=300");
	assert_int_equal(credits(facts, placement, "2024-12-09"), 1);
	assert_int_equal(credits(facts, placement, "2024-12-10"), 2);
	assert_int_equal(credits(facts, placement, "2025-06-30"), 2);
	assert_int_equal(credits(facts, placement, "2024-12-07"), -1); /* not begun */
	assert_int_equal(credits(facts, placement, "2025-07-01"), -1); /* another year */
}

static void only_weeks_with_classes_count_where_a_calendar_is_published(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement =
		add_placement(facts, "starts_on=2026-09-06", "ends_on=2026-09-19");
	struct prac_record *first, *second;

	(void)add_hours(facts, 0x20, "work_date=2026-09-08", "elapsed_minutes=300");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 1);
	first = facts_keep(facts, facts_make(facts, &prac_type_school_day, 0x60, "day=2026-09-08",
					  "kind=school", "state=published", NULL));
	assert_int_equal(credits(facts, placement, "2026-09-19"), 2); /* one week */
	second = facts_keep(facts, facts_make(facts, &prac_type_school_day, 0x61, "school_id=aa",
					   "day=2026-09-15", "kind=exam", "state=draft", NULL));
	assert_int_equal(credits(facts, placement, "2026-09-19"), 2);
	facts_set(facts, second, "state=amended");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 1);
	facts_set(facts, second, "kind=holiday");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 2);
	facts_set(facts, first, "kind=holiday"); /* no classes at all: every week */
	assert_int_equal(credits(facts, placement, "2026-09-19"), 1);
}

static void a_school_with_blocks_needs_one_a_week(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement =
		add_placement(facts, "starts_on=2026-09-06", "ends_on=2026-09-19");

	facts_set(facts, facts->records[1], "periods_per_week=");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 0);
	facts_set(facts, facts->records[1], "blocks_per_week=1");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 1);
	facts_set(facts, facts->records[1], "blocks_per_week=0");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 0);
}

/* 600 minutes over two weeks are 5 hours a week to the minute. */
static void posted_adjustments_count(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement =
		add_placement(facts, "starts_on=2026-09-06", "ends_on=2026-09-19");
	struct prac_record *adjustment;

	(void)add_hours(facts, 0x20, "work_date=2026-09-08", "elapsed_minutes=590");
	adjustment = facts_keep(
		facts, facts_make(facts, &prac_type_adjustment, 0x40, "student_id=01",
			       "entry_id=21", "delta_minutes=10", "state=approved", NULL));
	assert_int_equal(credits(facts, placement, "2026-09-19"), 1);
	facts_set(facts, adjustment, "state=posted");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 2);
	facts_set(facts, adjustment, "delta_minutes=9");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 1);
}

static void the_weekly_hours_of_a_students_placements_are_added_up(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement =
		add_placement(facts, "starts_on=2026-09-06", "ends_on=2026-09-19");
	struct prac_record *other = facts_make(facts, &prac_type_placement, 0x0d, "student_id=01",
		"school_id=aa", "class_id=0c", "starts_on=2026-09-13", "ends_on=2026-09-19", NULL);
	struct prac_record *sheet =
		add_hours(facts, 0x20, "work_date=2026-09-14", "elapsed_minutes=180");

	(void)add_hours(facts, 0x22, "work_date=2026-09-08", "elapsed_minutes=240");
	facts_set(facts, sheet, "placement_id=0d");
	(void)facts_keep(facts, other);
	assert_int_equal(credits(facts, placement, "2026-09-19"), 2); /* 2 h and 3 h a week */
	facts_set(facts, other, "state=canceled");
	assert_int_equal(credits(facts, placement, "2026-09-19"), 1);
}

static void the_words_name_hours_weeks_and_rule(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement =
		add_placement(facts, "starts_on=2026-09-06", "ends_on=2026-09-19");
	const struct prac_derived *derived;

	(void)add_hours(facts, 0x20, "work_date=2026-09-08", "elapsed_minutes=1290");
	facts->judgement.today = day("2026-09-19");
	assert_int_equal(
		prac_rules_find(placement->type)->derive(&facts->judgement, placement, &derived),
		1);
	assert_string_equal(derived->name, "credit");
	assert_string_equal(derived->words,
		"3 until 2026-09-19: 10h45m a week over 2 weeks of instruction, class of 2 periods "
		"a week (TN-CR-2: One credit for the related class, one more for each 5 hours a "
		"week of supervised work, at most 6 a year. 0520-01-07-.04)");
}

/* ---- earning */

/* What stands against earning; arguments are stored as before the rules run. */
static const char *earn(struct facts *facts, struct prac_record *credit, const char *credits_earned,
	const char *minutes, const char *decided_on)
{
	struct prac_findings findings = { .arena = &facts->arena };
	const struct prac_type *type = &prac_type_credit;

	facts_set(facts, credit,
		prac_arena_printf(&facts->arena, "credits_earned=%s", credits_earned));
	facts_set(facts, credit, prac_arena_printf(&facts->arena, "minutes_accepted=%s", minutes));
	facts_set(facts, credit, prac_arena_printf(&facts->arena, "decided_on=%s", decided_on));
	prac_rules_find(type)->find(
		&facts->judgement, prac_action_find_name(type, "earn"), credit, &findings);
	return findings.words == NULL ? "" : findings.words;
}

static struct prac_record *add_credit(struct facts *facts, uint8_t last)
{
	return facts_keep(facts, facts_make(facts, &prac_type_credit, last, "student_id=01",
					 "school_id=aa", "credits_attempted=1", NULL));
}

/* Two weeks of 300 minutes each at the placement 0b; a credit to earn. */
static struct prac_record *add_earned(struct facts *facts)
{
	(void)add_placement(facts, "starts_on=2026-09-06", "ends_on=2026-09-19");
	(void)add_hours(facts, 0x20, "work_date=2026-09-08", "elapsed_minutes=600");
	return add_credit(facts, 0x50);
}

static void no_more_is_earned_than_the_rule_gives(void **state)
{
	struct facts *facts = *state;
	struct prac_record *credit = add_earned(facts);

	assert_string_equal(earn(facts, credit, "2", "600", "2026-09-19"), "");
	assert_string_equal(earn(facts, credit, "2.01", "600", "2026-09-19"),
		"TN-CR-2 gives 2 until 2026-09-19 (5h00m a week over 2 weeks of instruction, class "
		"of 2 periods a week), 0.00 of it are earned already: earn at most 2.00, or mend "
		"hours or class first");
	facts_set(facts, facts->records[3], "elapsed_minutes=599");
	assert_non_null(strstr(earn(facts, credit, "2", "599", "2026-09-19"), "earn at most 1.00"));
	assert_string_equal(earn(facts, credit, "1", "599", "2026-09-19"), "");
	facts_set(facts, facts->records[1], "periods_per_week=1");
	assert_non_null(
		strstr(earn(facts, credit, "0.5", "599", "2026-09-19"), "earn at most 0.00"));
}

/* TN-CR-1 asks for 10 hours a week, TN-CR-2 from 2024-12-10 for 5. */
static void earning_goes_by_the_rule_of_its_days(void **state)
{
	struct facts *facts = *state;
	struct prac_record *credit;

	(void)add_placement(facts, "starts_on=2024-12-01", "ends_on=2024-12-14");
	(void)add_hours(facts, 0x20, "work_date=2024-12-03", "elapsed_minutes=600");
	credit = add_credit(facts, 0x50);
	assert_non_null(strstr(earn(facts, credit, "2", "600", "2024-12-09"), "TN-CR-1 gives 1"));
	assert_string_equal(earn(facts, credit, "1", "600", "2024-12-09"), "");
	assert_string_equal(earn(facts, credit, "2", "600", "2024-12-14"), "");
}

static void what_was_earned_in_the_school_year_counts(void **state)
{
	struct facts *facts = *state;
	struct prac_record *credit = add_earned(facts), *other = add_credit(facts, 0x51);

	facts_set(facts, other, "state=posted");
	facts_set(facts, other, "credits_earned=1.5");
	facts_set(facts, other, "decided_on=2026-09-18");
	assert_string_equal(earn(facts, credit, "0.5", "600", "2026-09-19"), "");
	assert_non_null(strstr(earn(facts, credit, "1", "600", "2026-09-19"),
		", 1.50 of it are earned already: earn at most 0.50,"));
	facts_set(facts, other, "state=not_earned");
	assert_string_equal(earn(facts, credit, "2", "600", "2026-09-19"), "");
	facts_set(facts, other, "state=earned");
	facts_set(facts, other, "decided_on=2026-06-30"); /* of the year before */
	assert_string_equal(earn(facts, credit, "2", "600", "2026-09-19"), "");
}

static void accepted_time_is_time_that_counts(void **state)
{
	struct facts *facts = *state;
	struct prac_record *credit = add_earned(facts);

	assert_string_equal(earn(facts, credit, "1", "601", "2026-09-19"),
		"accepted time: only 10h00m of approved sheets count by then (enter these)");
	assert_string_equal(earn(facts, credit, "1", "600", "2026-09-19"), "");
	facts_set(facts, facts->records[2], "state=submitted");
	assert_non_null(strstr(earn(facts, credit, "1", "600", "2026-09-19"), "only 0h00m"));
}

/* Decided in the next school year, the work is that of the placement or of the period. */
static void the_work_is_that_of_period_or_placement(void **state)
{
	struct facts *facts = *state;
	struct prac_record *credit = add_earned(facts);

	assert_string_equal(earn(facts, credit, "1", "600", "2027-07-02"),
		"no placement with a class was under way in the school year until 2027-07-02 (name "
		"the class at the placement, or here the grading period or the placement)");
	facts_set(facts, credit, "placement_id=0b");
	assert_string_equal(earn(facts, credit, "1", "600", "2027-07-02"), "");
	assert_string_equal(earn(facts, credit, "1", "600", "2027-09-20"), ""); /* 366 days */
	assert_string_equal(earn(facts, credit, "1", "600", "2027-09-21"),
		"the work ended more than a year before the decision (enter as decided_on a day "
		"within a year of its end)");
	facts_set(facts, credit, "placement_id=");
	(void)facts_keep(facts, facts_make(facts, &prac_type_grading_period, 0x55,
					"starts_on=2026-08-05", "ends_on=2027-05-21", NULL));
	facts_set(facts, credit, "grading_period_id=55");
	assert_string_equal(earn(facts, credit, "1", "600", "2027-07-02"), "");
}

static void credits_are_a_number(void **state)
{
	static const char *const wrong[] = { "0", "0.00", "x", "1.255", "1,5", "-1", ".", "1.2.5" };
	struct facts *facts = *state;
	struct prac_record *credit = add_earned(facts);

	for (size_t i = 0; i < PRAC_NELEM(wrong); i++) {
		assert_string_equal(earn(facts, credit, wrong[i], "600", "2026-09-19"),
			"credits earned are a number above 0 with at most two decimals (as in 1 or "
			"0.5; `fail` says that none were)");
	}
	assert_string_equal(earn(facts, credit, "0.25", "600", "2026-09-19"), "");
}

static void a_refusal_in_summer_names_the_day_of_the_year_before(void **state)
{
	struct facts *facts = *state;
	struct prac_record *credit = add_earned(facts);

	facts_set(facts, facts->records[0], "ends_on=2027-12-17");
	assert_non_null(strstr(earn(facts, credit, "2", "0", "2027-07-05"),
		"; only work from 2027-07-01 on counts (for that of the school year before, enter "
		"2027-06-30 as decided_on)"));
	assert_non_null(strstr(earn(facts, credit, "2", "0", "2027-08-31"), "; only work from"));
	assert_null(strstr(earn(facts, credit, "2", "0", "2027-09-01"), "; only work from"));
	assert_string_equal(earn(facts, credit, "1", "0", "2027-07-05"), "");
}

/* A station of the school that ends in aa alone. */
static bool holds_own(void *ctx, const struct prac_id *scope)
{
	(void)ctx;
	return scope->b[sizeof(scope->b) - 1] == 0xaa;
}

/* A station of every school. */
static bool holds_all(void *ctx, const struct prac_id *scope)
{
	(void)ctx;
	(void)scope;
	return true;
}

static const char *derived_of(struct facts *facts, const struct prac_record *record)
{
	const struct prac_derived *derived;
	size_t n = prac_rules_find(record->type)->derive(&facts->judgement, record, &derived);

	return n == 0 ? "" : derived[0].words;
}

/* A placement beside that of add_earned(); its class is not here. */
static struct prac_record *add_elsewhere(struct facts *facts)
{
	(void)facts_keep(
		facts, facts_make(facts, &prac_type_school, 0xbb, "name=Career Center", NULL));
	return facts_keep(facts,
		facts_make(facts, &prac_type_placement, 0x0d, "student_id=01", "school_id=aa",
			"class_id=0e", "starts_on=2026-09-06", "ends_on=2026-09-19", NULL));
}

/* The class of another school's placement is not at every station, and not judged where it is not. */
static void a_class_that_is_not_here_is_not_judged(void **state)
{
	struct facts *facts = *state;
	struct prac_record *credit = add_earned(facts), *other = add_elsewhere(facts);

	facts->access.holds = holds_own;
	assert_string_equal(earn(facts, credit, "6", "1200", "2026-09-19"), "");
	facts_set(facts, facts->records[0], "state=canceled");
	assert_string_equal(earn(facts, credit, "6", "1200", "2026-09-19"), "");
	facts_set(facts, facts->records[0], "state=active");
	facts_set(facts, other, "state=canceled"); /* counts nowhere */
	assert_non_null(strstr(earn(facts, credit, "6", "600", "2026-09-19"), "at most 2.00"));
}

/* Nothing is elsewhere for the server, or for a station of all schools: such a class was deleted. */
static void a_class_that_was_deleted_brings_nothing_and_the_others_are_judged(void **state)
{
	struct facts *facts = *state;
	struct prac_record *credit = add_earned(facts);

	(void)add_elsewhere(facts);
	for (int i = 0; i < 2; i++) {
		facts->access.holds = i == 0 ? NULL : holds_all;
		assert_non_null(
			strstr(earn(facts, credit, "6", "600", "2026-09-19"), "at most 2.00"));
		assert_string_equal(earn(facts, credit, "2", "600", "2026-09-19"), "");
		assert_string_equal(derived_of(facts, credit), "");
	}
	facts_set(facts, facts->records[0], "class_id=0f");
	assert_non_null(strstr(earn(facts, credit, "6", "600", "2026-09-19"),
		"no placement with a class was under way"));
}

/* Over all weeks instead of those with classes the hours would be 2h30m a week, and the credit refused. */
static void what_the_calendar_of_another_school_decides_is_left_to_the_district(void **state)
{
	static const char words[] = "judged at the district: the student has a placement at Career "
				    "Center, whose classes and calendar are not kept here";
	struct facts *facts = *state;
	struct prac_record *credit = add_earned(facts);

	(void)facts_keep(
		facts, facts_make(facts, &prac_type_school, 0xbb, "name=Career Center", NULL));
	facts->judgement.today = day("2026-09-19");
	facts_set(facts, facts->records[0], "school_id=bb");
	assert_non_null(strstr(earn(facts, credit, "3", "600", "2026-09-19"), "earn at most 2.00"));
	assert_string_equal(derived_of(facts, credit), "");
	facts->access.holds = holds_own;
	assert_string_equal(earn(facts, credit, "3", "600", "2026-09-19"), "");
	assert_string_equal(derived_of(facts, credit), words);
	assert_string_equal(derived_of(facts, facts->records[0]), words);
	facts_set(facts, facts->records[0], "school_id=aa");
	assert_non_null(strstr(earn(facts, credit, "3", "600", "2026-09-19"), "earn at most 2.00"));
	assert_string_equal(derived_of(facts, credit), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(five_hours_a_week_earn_a_second_credit_to_the_minute),
		TEST(without_the_class_or_its_periods_there_is_none),
		TEST(the_rule_is_that_of_the_last_day_that_counts),
		TEST(only_weeks_with_classes_count_where_a_calendar_is_published),
		TEST(a_school_with_blocks_needs_one_a_week),
		TEST(posted_adjustments_count),
		TEST(the_weekly_hours_of_a_students_placements_are_added_up),
		TEST(the_words_name_hours_weeks_and_rule),
		TEST(no_more_is_earned_than_the_rule_gives),
		TEST(earning_goes_by_the_rule_of_its_days),
		TEST(what_was_earned_in_the_school_year_counts),
		TEST(accepted_time_is_time_that_counts),
		TEST(the_work_is_that_of_period_or_placement),
		TEST(credits_are_a_number),
		TEST(a_refusal_in_summer_names_the_day_of_the_year_before),
		TEST(a_class_that_is_not_here_is_not_judged),
		TEST(a_class_that_was_deleted_brings_nothing_and_the_others_are_judged),
		TEST(what_the_calendar_of_another_school_decides_is_left_to_the_district),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
