/*
 * Every labor rule of RULES 5.2 at its border, and the vectors of 5.6. A (15), B (16) and C (17) are
 * those of 5.6; the clock times are the statute's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/labor.h"

#define A "2011-03-01"
#define B "2010-05-20"
#define C "2009-05-20"

struct row {
	const char *birth_date, *entries, *marks;
};

static void expect(void **state, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(labor_lab_marks(*state, rows[i].birth_date, rows[i].entries),
			rows[i].marks);
	}
}

#define EXPECT(...)                                        \
	do {                                               \
		const struct row rows[] = { __VA_ARGS__ }; \
		expect(state, rows, PRAC_NELEM(rows));     \
	} while (0)

static void vector_1_a_tuesday_in_august(void **state)
{
	EXPECT({ A, "2026-08-11 16:00-20:00", "FED-14-DAY-S TN-14-NIGHT-S TN-14-DAY-S" });
}

static void vector_3_a_friday_in_september(void **state)
{
	EXPECT({ A, "2026-09-18 16:00-19:30", "FED-14-DAY-S FED-14-PM TN-14-DAY-S" });
}

static void vector_5_a_saturday_takes_the_week_over_18_hours(void **state)
{
	EXPECT({ A,
		"2026-09-14 15:00-18:00;2026-09-15 15:00-18:00;2026-09-16 15:00-18:00;"
		"2026-09-17 15:00-17:00;2026-09-19 08:00-16:30 break=12:00+30",
		"-; -; -; -; FED-14-WEEK-S TN-14-WEEK-S" });
}

static void vector_7_a_week_without_school_has_40_hours(void **state)
{
	EXPECT({ A,
		"2026-10-05 09:00-17:30 break=12:00+30;2026-10-06 09:00-17:30 break=12:00+30;"
		"2026-10-07 09:00-17:30 break=12:00+30;2026-10-08 09:00-17:30 break=12:00+30;"
		"2026-10-09 09:00-17:30 break=12:00+30;2026-10-10 10:00-11:00",
		"-; -; -; -; -; FED-14-WEEK-N TN-14-WEEK-N" });
}

static void vector_9_a_summer_day_until_nine(void **state)
{
	EXPECT({ A, "2026-07-15 12:00-21:00 break=16:00+60", "-" });
}

static void vector_11_three_evenings_with_consent_and_a_fourth(void **state)
{
	EXPECT({ B, "2026-10-14 18:00-22:30 consent", "-" },
		{ B,
			"2026-10-11 18:00-22:30 consent;2026-10-12 18:00-22:30 consent;"
			"2026-10-13 18:00-22:30 consent;2026-10-14 18:00-22:30 consent",
			"-; -; -; TN-16-NIGHT-CONSENT" });
}

static void vector_13_a_sunday_before_school(void **state)
{
	EXPECT({ B, "2026-10-18 18:00-22:15", "TN-16-NIGHT" });
}

static void vector_15_a_free_day_without_a_break(void **state)
{
	EXPECT({ C, "2026-10-05 14:00-20:20", "TN-BREAK" });
}

static void vector_17_age_13(void **state)
{
	EXPECT({ "2013-03-01", "2026-08-15 10:00-11:00", "FED-MIN TN-MIN" });
}

static void age_13_ends_on_the_14th_birthday(void **state)
{
	EXPECT({ "2012-08-16", "2026-08-15 10:00-11:00", "FED-MIN TN-MIN" },
		{ "2012-08-15", "2026-08-15 10:00-11:00", "-" });
}

static void fed_14_and_tn_14_schoolhrs_touch_class_hours(void **state)
{
	EXPECT({ A, "2026-08-11 15:00-16:00", "-" },
		{ A, "2026-08-11 14:59-16:00", "FED-14-SCHOOLHRS TN-14-SCHOOLHRS" },
		{ A, "2026-08-11 07:00-08:00", "-" },
		{ A, "2026-08-11 07:00-08:01", "FED-14-SCHOOLHRS TN-14-SCHOOLHRS" },
		{ A, "2026-10-05 09:00-10:00", "-" });
}

static void a_school_day_has_3_hours_to_the_minute(void **state)
{
	EXPECT({ A, "2026-08-11 15:30-18:30", "-" },
		{ A, "2026-08-11 15:30-18:31", "FED-14-DAY-S TN-14-DAY-S" },
		{ A, "2026-08-11 06:59-08:00;2026-08-11 15:00-17:00",
			"FED-14-AM TN-14-NIGHT-S; FED-14-DAY-S TN-14-DAY-S" },
		{ A, "2026-08-11 15:00-17:00;2026-08-11 17:00-19:00",
			"-; FED-14-DAY-S TN-14-DAY-S" });
}

static void another_day_has_8_hours_to_the_minute(void **state)
{
	EXPECT({ A, "2026-08-15 10:00-18:30 break=12:00+30", "-" },
		{ A, "2026-08-15 10:00-18:31 break=12:00+30", "FED-14-DAY-N TN-14-DAY-N" });
}

static void a_school_week_has_18_hours_to_the_minute(void **state)
{
	EXPECT({ A,
		       "2026-08-10 15:00-18:00;2026-08-11 15:00-18:00;2026-08-12 15:00-18:00;"
		       "2026-08-13 15:00-18:00;2026-08-14 15:00-18:00;2026-08-15 10:00-13:00",
		       "-; -; -; -; -; -" },
		{ A,
			"2026-08-10 15:00-18:00;2026-08-11 15:00-18:00;2026-08-12 15:00-18:00;"
			"2026-08-13 15:00-18:00;2026-08-14 15:00-18:00;2026-08-15 10:00-13:01",
			"-; -; -; -; -; FED-14-WEEK-S TN-14-WEEK-S" });
}

static void a_week_with_one_school_day_is_a_school_week(void **state)
{
	/* School begins on Wednesday the 5th: Sunday to Tuesday of that week are other days. */
	EXPECT({ A,
		"2026-08-02 09:00-17:30 break=12:00+30;2026-08-03 09:00-17:30 break=12:00+30;"
		"2026-08-04 09:00-11:00;2026-08-04 12:00-12:01",
		"-; -; -; FED-14-WEEK-S TN-14-WEEK-S" });
}

static void the_morning_begins_at_seven(void **state)
{
	EXPECT({ A, "2026-08-15 07:00-08:00", "-" }, { A, "2026-08-15 06:59-08:00", "FED-14-AM" },
		{ A, "2026-08-15 06:00-06:30", "FED-14-AM" },
		{ A, "2026-08-15 05:59-07:30", "FED-14-AM TN-14-NIGHT" });
}

static void the_evening_ends_at_seven_and_from_june_at_nine(void **state)
{
	/* 31 May 2026 is a Sunday; school has ended. */
	EXPECT({ A, "2026-05-31 18:00-19:00", "-" }, { A, "2026-05-31 18:00-19:01", "FED-14-PM" },
		{ A, "2026-06-01 18:00-21:00", "-" },
		{ A, "2026-06-01 18:00-21:01", "FED-14-PM-SUM TN-14-NIGHT" });
}

static void the_summer_window_ends_with_labor_day(void **state)
{
	/* 2026-09-07 is Labor Day, the 8th a school day; the 11th a Friday. */
	EXPECT({ A, "2026-09-05 18:00-21:00", "-" },
		{ A, "2026-09-07 18:00-20:00", "TN-14-NIGHT-S" },
		{ A, "2026-09-11 18:00-20:00", "FED-14-PM" });
}

static void labor_day_moves_with_the_year(void **state)
{
	/* In 2025 it is 1 September, a school day in this calendar; the 5th a Friday. */
	EXPECT({ "2010-05-20", "2025-08-29 19:00-20:00", "-" },
		{ "2010-10-20", "2025-09-05 19:00-20:00", "FED-14-PM" });
}

static void the_night_before_a_school_day_is_from_seven_to_seven(void **state)
{
	EXPECT({ A, "2026-08-10 18:00-19:00", "-" },
		{ A, "2026-08-10 18:00-19:01", "TN-14-NIGHT-S" },
		{ A, "2026-08-14 18:00-20:00", "-" }, /* a Friday */
		{ A, "2026-08-16 18:00-20:00", "TN-14-NIGHT-S" } /* a Sunday */);
}

static void every_night_is_from_nine_to_six(void **state)
{
	EXPECT({ A, "2026-07-15 20:00-21:00", "-" },
		{ A, "2026-07-15 20:00-21:01", "FED-14-PM-SUM TN-14-NIGHT" },
		{ A, "2026-07-15 06:00-07:00", "FED-14-AM" });
}

static void at_16_class_is_attended(void **state)
{
	EXPECT({ B, "2026-10-13 15:00-17:00", "-" }, { B, "2026-10-13 14:59-17:00", "TN-16-CLASS" },
		{ B, "2026-10-05 09:00-12:00", "-" });
}

static void at_16_the_night_before_school_is_from_ten_to_six(void **state)
{
	EXPECT({ B, "2026-10-13 18:00-22:00", "-" }, { B, "2026-10-13 18:00-22:01", "TN-16-NIGHT" },
		{ B, "2026-10-14 05:59-07:00", "TN-16-NIGHT" },
		{ B, "2026-10-14 06:00-07:00", "-" });
}

static void at_16_friday_and_saturday_nights_are_free(void **state)
{
	EXPECT({ B, "2026-10-16 20:00-02:00 break=22:00+30", "-" },
		{ B, "2026-10-17 20:00-01:00", "-" }, { B, "2026-10-04 20:00-23:00", "-" });
}

static void at_16_hours_have_no_sum(void **state)
{
	EXPECT({ B, "2026-10-05 06:00-21:00 break=12:00+60;2026-10-06 06:00-21:00 break=12:00+60",
		"-; -" });
}

static void consent_ends_at_midnight(void **state)
{
	EXPECT({ B, "2026-10-13 20:00-00:00 consent", "-" },
		{ B, "2026-10-13 20:00-00:01 consent", "TN-16-NIGHT" });
}

static void consent_that_has_ended_frees_nothing(void **state)
{
	EXPECT({ B, "2026-10-13 18:00-22:30 ended", "TN-16-NIGHT TN-16-CONSENT-END" },
		{ B, "2026-10-13 18:00-22:00 ended", "-" });
}

static void the_break_is_due_at_six_hours(void **state)
{
	EXPECT({ C, "2026-10-05 10:00-15:59", "-" }, { C, "2026-10-05 10:00-16:00", "TN-BREAK" },
		{ C, "2026-10-05 10:00-16:00 break=12:00+30", "-" },
		{ C, "2026-10-05 10:00-16:00 break=12:00+29", "TN-BREAK" });
}

static void the_break_is_not_in_the_first_hour(void **state)
{
	EXPECT({ C, "2026-10-05 10:00-16:30 break=10:59+30", "TN-BREAK" },
		{ C, "2026-10-05 10:00-16:30 break=11:00+30", "-" });
}

static void at_18_nothing_binds(void **state)
{
	EXPECT({ "2008-10-13", "2026-10-13 09:00-23:30 ho=3", "-" },
		{ "2008-10-14", "2026-10-13 09:00-23:30 ho=3",
			"FED-HO-3 TN-16-CLASS TN-16-NIGHT TN-BREAK" });
}

static void the_16th_birthday_inside_a_week_ends_the_sums(void **state)
{
	/* 16 on Thursday. Hours worked before count in the week, but no limit binds any more. */
	EXPECT({ "2010-10-15",
		"2026-10-12 15:00-18:00;2026-10-13 15:00-18:00;2026-10-14 15:00-18:01;"
		"2026-10-15 15:00-21:00 break=17:00+30;2026-10-16 15:00-21:00 break=17:00+30",
		"-; -; FED-14-DAY-S TN-14-DAY-S; -; -" });
}

static void the_14th_birthday_inside_a_week_keeps_the_hours_before(void **state)
{
	EXPECT({ "2012-10-14",
		"2026-10-11 08:00-18:00 break=12:00+30;2026-10-14 15:00-18:00;"
		"2026-10-15 15:00-18:00;2026-10-16 15:00-18:00",
		"FED-MIN TN-MIN; -; -; FED-14-WEEK-S TN-14-WEEK-S" });
}

static void a_shift_over_midnight_is_split_for_the_sums(void **state)
{
	/* Friday 2 h and Saturday 2 h; on one day it would be over 3 hours. */
	EXPECT({ A, "2026-08-14 22:00-02:00", "FED-14-AM FED-14-PM-SUM TN-14-NIGHT" });
}

static void a_shift_over_saturday_midnight_is_split_for_the_weeks(void **state)
{
	EXPECT({ A,
		"2026-10-05 09:00-17:00 break=+0;2026-10-06 09:00-17:00 break=12:00+30;"
		"2026-10-07 09:00-17:00 break=12:00+30;2026-10-08 09:00-17:00 break=12:00+30;"
		"2026-10-09 09:00-17:00 break=12:00+30;2026-10-10 22:00-02:00",
		"TN-BREAK; -; -; -; -; FED-14-AM FED-14-PM TN-14-NIGHT" });
}

static void the_year_change_is_a_week_like_others(void **state)
{
	/* 27 December to 2 January; the break lasts until Friday the 1st. */
	EXPECT({ A,
		"2026-12-28 09:00-17:30 break=12:00+30;2026-12-29 09:00-17:30 break=12:00+30;"
		"2026-12-30 09:00-17:30 break=12:00+30;2026-12-31 09:00-17:30 break=12:00+30;"
		"2027-01-01 09:00-17:30 break=12:00+30;2027-01-02 09:00-09:01",
		"-; -; -; -; -; FED-14-WEEK-N TN-14-WEEK-N" });
}

static void each_hazardous_order_is_reported(void **state)
{
	char entries[64], marks[32];

	for (int order = 1; order <= 17; order++) {
		(void)snprintf(entries, sizeof(entries), "2026-10-05 10:00-12:00 ho=%d", order);
		(void)snprintf(marks, sizeof(marks), "FED-HO-%d", order);
		assert_string_equal(labor_lab_marks(*state, C, entries), marks);
	}
}

static void seven_orders_yield_to_a_student_learner(void **state)
{
	static const bool yields[18] = { [5] = true,
		[8] = true,
		[10] = true,
		[12] = true,
		[14] = true,
		[16] = true,
		[17] = true };
	char entries[96], marks[32];

	for (int order = 1; order <= 17; order++) {
		(void)snprintf(entries, sizeof(entries),
			"2026-10-05 10:00-12:00 student-learner ho=%d", order);
		(void)snprintf(marks, sizeof(marks), "FED-HO-%d", order);
		assert_string_equal(
			labor_lab_marks(*state, C, entries), yields[order] ? "-" : marks);
		assert_string_equal(
			labor_lab_lifted(*state, C, entries), yields[order] ? marks : "-");
	}
}

static void a_student_learner_of_15_is_none(void **state)
{
	EXPECT({ A, "2026-10-05 10:00-12:00 student-learner ho=5", "FED-HO-5" },
		{ A, "2026-08-11 15:30-18:31 student-learner", "FED-14-DAY-S TN-14-DAY-S" });
}

static void tennessee_yields_to_a_student_learner_of_16(void **state)
{
	static const char entry[] = "2026-10-13 14:00-22:30 student-learner";

	EXPECT({ B, entry, "-" });
	assert_string_equal(labor_lab_lifted(*state, B, entry), "TN-16-CLASS TN-16-NIGHT TN-BREAK");
}

static void each_exemption_of_tennessee_lifts_its_rules_only(void **state)
{
	static const char *const proofs[] = { "graduate", "family", "parent-business", "farm",
		"newspaper", "errands", "self-employed", "entertainer" };
	char entry[64];

	for (size_t i = 0; i < PRAC_NELEM(proofs); i++) {
		(void)snprintf(entry, sizeof(entry), "2026-08-11 15:30-18:31 %s", proofs[i]);
		assert_string_equal(labor_lab_marks(*state, A, entry), "FED-14-DAY-S");
		assert_string_equal(labor_lab_lifted(*state, A, entry), "TN-14-DAY-S");
	}
}

static void an_approved_wecep_has_23_hours_and_school_hours(void **state)
{
	/* Tennessee's own rules are not lifted. */
	EXPECT({ A, "2026-08-11 13:00-16:00 wecep", "TN-14-SCHOOLHRS" },
		{ A,
			"2026-08-10 15:00-18:00 wecep;2026-08-11 15:00-18:00 wecep;"
			"2026-08-12 15:00-18:00 wecep;2026-08-13 15:00-18:00 wecep;"
			"2026-08-14 15:00-18:00 wecep;2026-08-15 08:00-16:30 break=12:00+30 wecep;"
			"2026-08-15 17:00-17:01 wecep",
			"-; -; -; -; -; TN-14-WEEK-S; FED-14-DAY-N FED-14-WECEP-WEEK TN-14-DAY-N" });
}

static void an_approved_work_study_day_has_8_hours(void **state)
{
	labor_lab_rules(*state, "S=class-hours age:14-15\nD=day-sum age:14-15 on:school most:3h\n"
				"X=exemption proof:wsp age:14-15 lifts:S lifts:D\n"
				"W=day-sum age:14-15 needs:wsp on:class-worked most:8h\n"
				"R=day-sum age:14-15 needs:wsp on:class-free most:3h");
	EXPECT({ A, "2026-08-11 09:00-17:00 wsp", "-" }, { A, "2026-08-11 09:00-17:01 wsp", "W" },
		{ A, "2026-08-11 15:00-18:01 wsp", "R" });
}

static void work_study_has_five_days_in_four_weeks(void **state)
{
	labor_lab_rules(*state, "N=class-days age:14-15 needs:wsp");
	EXPECT({ A,
		       "2026-08-11 09:00-11:00 wsp;2026-08-18 09:00-11:00 wsp;"
		       "2026-08-25 09:00-11:00 wsp;2026-09-01 09:00-11:00 wsp;"
		       "2026-09-02 09:00-11:00 wsp;2026-09-03 09:00-11:00 wsp",
		       "-; -; -; -; -; N" },
		{ A,
			"2026-08-11 09:00-11:00 wsp;2026-08-12 09:00-11:00 wsp;"
			"2026-09-01 09:00-11:00 wsp;2026-09-02 09:00-11:00 wsp;"
			"2026-09-08 09:00-11:00 wsp;2026-09-09 09:00-11:00 wsp",
			"-; -; -; N; -; N" });
}

static void a_sports_attendant_keeps_school_hours(void **state)
{
	EXPECT({ A, "2026-08-11 14:00-20:00 sports",
		"FED-14-SCHOOLHRS TN-14-SCHOOLHRS TN-14-NIGHT-S TN-14-DAY-S TN-BREAK" });
}

/*
 * The rule ids of RULES 5.2, by its text. Those of the last two rows are rules that nothing breaks: hours have no limit
 * there, which the test named beside it tries.
 */
static const struct {
	const char *id, *tried_by;
} ids[] = {
	{ "FED-MIN", NULL },
	{ "FED-14-SCHOOLHRS", NULL },
	{ "FED-14-DAY-S", NULL },
	{ "FED-14-DAY-N", NULL },
	{ "FED-14-WEEK-S", NULL },
	{ "FED-14-WEEK-N", NULL },
	{ "FED-14-AM", NULL },
	{ "FED-14-PM", NULL },
	{ "FED-14-PM-SUM", NULL },
	{ "TN-MIN", NULL },
	{ "TN-14-SCHOOLHRS", NULL },
	{ "TN-14-NIGHT-S", NULL },
	{ "TN-14-NIGHT", NULL },
	{ "TN-14-DAY-S", NULL },
	{ "TN-14-DAY-N", NULL },
	{ "TN-14-WEEK-S", NULL },
	{ "TN-14-WEEK-N", NULL },
	{ "TN-16-CLASS", NULL },
	{ "TN-16-NIGHT", NULL },
	{ "TN-16-NIGHT-CONSENT", NULL },
	{ "TN-16-CONSENT-END", NULL },
	{ "TN-BREAK", NULL },
	{ "FED-16", "at_16_hours_have_no_sum" },
	{ "FED-18", "at_18_nothing_binds" },
};

/* Runs last: prints which test expected the id first. */
static void every_rule_id_of_5_2_is_expected_by_a_test(void **state)
{
	int n_missing = 0;

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(ids); i++) {
		const char *test = ids[i].tried_by != NULL && labor_lab_has_run(ids[i].tried_by)
					   ? ids[i].tried_by
					   : labor_lab_expected_by(ids[i].id);

		n_missing += test == NULL ? 1 : 0;
		print_message("# %s: %s\n", ids[i].id, test == NULL ? "no test" : test);
	}
	assert_int_equal(n_missing, 0);
}

int main(void)
{
#define T(name) LABOR_LAB_TEST(name)
	const struct CMUnitTest tests[] = {
		T(vector_1_a_tuesday_in_august),
		T(vector_3_a_friday_in_september),
		T(vector_5_a_saturday_takes_the_week_over_18_hours),
		T(vector_7_a_week_without_school_has_40_hours),
		T(vector_9_a_summer_day_until_nine),
		T(vector_11_three_evenings_with_consent_and_a_fourth),
		T(vector_13_a_sunday_before_school),
		T(vector_15_a_free_day_without_a_break),
		T(vector_17_age_13),
		T(age_13_ends_on_the_14th_birthday),
		T(fed_14_and_tn_14_schoolhrs_touch_class_hours),
		T(a_school_day_has_3_hours_to_the_minute),
		T(another_day_has_8_hours_to_the_minute),
		T(a_school_week_has_18_hours_to_the_minute),
		T(a_week_with_one_school_day_is_a_school_week),
		T(the_morning_begins_at_seven),
		T(the_evening_ends_at_seven_and_from_june_at_nine),
		T(the_summer_window_ends_with_labor_day),
		T(labor_day_moves_with_the_year),
		T(the_night_before_a_school_day_is_from_seven_to_seven),
		T(every_night_is_from_nine_to_six),
		T(at_16_class_is_attended),
		T(at_16_the_night_before_school_is_from_ten_to_six),
		T(at_16_friday_and_saturday_nights_are_free),
		T(at_16_hours_have_no_sum),
		T(consent_ends_at_midnight),
		T(consent_that_has_ended_frees_nothing),
		T(the_break_is_due_at_six_hours),
		T(the_break_is_not_in_the_first_hour),
		T(at_18_nothing_binds),
		T(the_16th_birthday_inside_a_week_ends_the_sums),
		T(the_14th_birthday_inside_a_week_keeps_the_hours_before),
		T(a_shift_over_midnight_is_split_for_the_sums),
		T(a_shift_over_saturday_midnight_is_split_for_the_weeks),
		T(the_year_change_is_a_week_like_others),
		T(each_hazardous_order_is_reported),
		T(seven_orders_yield_to_a_student_learner),
		T(a_student_learner_of_15_is_none),
		T(tennessee_yields_to_a_student_learner_of_16),
		T(each_exemption_of_tennessee_lifts_its_rules_only),
		T(an_approved_wecep_has_23_hours_and_school_hours),
		T(an_approved_work_study_day_has_8_hours),
		T(work_study_has_five_days_in_four_weeks),
		T(a_sports_attendant_keeps_school_hours),
		T(every_rule_id_of_5_2_is_expected_by_a_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
