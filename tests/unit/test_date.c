#include "common/base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int32_t day(const char *text)
{
	int32_t date = -999999;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

static void counts_days_from_1970(void **state)
{
	(void)state;
	assert_int_equal(day("1970-01-01"), 0);
	assert_int_equal(day("1969-12-31"), -1);
	assert_int_equal(day("2000-02-29"), 11016);
	assert_int_equal(day("2026-08-03"), 20668);
	assert_int_equal(day("2199-12-31"), 84005);
}

static void every_day_survives_the_round_trip(void **state)
{
	char text[PRAC_DATE_TEXT];
	int32_t last = day("2199-12-31");

	(void)state;
	for (int32_t date = day("1900-01-01"); date <= last; date++) {
		prac_date_format(date, text);
		assert_int_equal(day(text), date);
	}
}

static void extreme_numbers_have_a_text_too(void **state)
{
	char text[PRAC_DATE_TEXT];

	(void)state;
	prac_date_format(INT32_MAX, text);
	assert_string_equal(text, "0000-00-00");
	prac_date_format(INT32_MIN, text);
	assert_string_equal(text, "0000-00-00");
}

static void refuses_days_that_do_not_exist(void **state)
{
	static const char *const texts[] = { "", "2026-02-29", "1900-02-29", "2026-04-31",
		"2026-13-01", "2026-00-10", "2026-01-00", "1899-12-31", "2200-01-01", "2026-1-01",
		"2026-01-1 ", " 2026-01-01", "2026/01/01", "20260-1-01", "2026-01-01 " };
	int32_t date;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(prac_date_parse(texts[i], &date), PRAC_INVALID_ARGUMENT);
	}
	assert_int_equal(prac_date_parse("2000-02-29", &date), PRAC_OK);
}

static void weeks_run_from_sunday_to_saturday(void **state)
{
	(void)state;
	assert_int_equal(prac_date_weekday(day("2026-11-21")), PRAC_SATURDAY);
	assert_int_equal(prac_date_weekday(day("1969-12-28")), PRAC_SUNDAY);
	assert_int_equal(prac_date_week_start(day("2026-11-21")), day("2026-11-15"));
	assert_int_equal(prac_date_week_start(day("2026-11-22")), day("2026-11-22"));
	assert_int_equal(prac_date_week_start(day("1970-01-01")), day("1969-12-28"));
}

static void the_school_year_turns_on_the_first_of_july(void **state)
{
	(void)state;
	assert_int_equal(prac_date_school_year(day("2026-06-30")), 2026);
	assert_int_equal(prac_date_school_year(day("2026-07-01")), 2027);
	assert_int_equal(prac_date_school_year(day("2027-01-01")), 2027);
}

static void reads_and_writes_times_of_the_day(void **state)
{
	char text[PRAC_TIME_TEXT];
	int32_t minutes;

	(void)state;
	assert_int_equal(prac_time_parse("00:00", &minutes), PRAC_OK);
	assert_int_equal(minutes, 0);
	assert_int_equal(prac_time_parse("23:59", &minutes), PRAC_OK);
	assert_int_equal(minutes, 1439);
	prac_time_format(545, text);
	assert_string_equal(text, "09:05");
	prac_time_format(1500, text);
	assert_string_equal(text, "01:00");
	prac_time_format(-60, text);
	assert_string_equal(text, "23:00");
}

static void refuses_what_is_no_time(void **state)
{
	static const char *const texts[] = { "", "24:00", "12:60", "9:05", "09:5", "09-05",
		"09:05 ", "ab:cd", "-1:00" };
	int32_t minutes;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(prac_time_parse(texts[i], &minutes), PRAC_INVALID_ARGUMENT);
	}
}

static void reads_durations_in_four_forms(void **state)
{
	int32_t minutes;

	(void)state;
	assert_int_equal(prac_duration_parse("2h30m", &minutes), PRAC_OK);
	assert_int_equal(minutes, 150);
	assert_int_equal(prac_duration_parse("45m", &minutes), PRAC_OK);
	assert_int_equal(minutes, 45);
	assert_int_equal(prac_duration_parse("3h", &minutes), PRAC_OK);
	assert_int_equal(minutes, 180);
	assert_int_equal(prac_duration_parse("1000000", &minutes), PRAC_OK);
	assert_int_equal(minutes, 1000000);
}

static void refuses_what_is_no_duration(void **state)
{
	static const char *const texts[] = { "", "h", "m", "hm", "2h30", "2h60m", "2hm", "30m2h",
		"-5", "+5", "5 ", "1.5h", "1000001", "16667h", "99999999999999999999", "2h30m ",
		"3mm", "2hh" };
	int32_t minutes;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(prac_duration_parse(texts[i], &minutes), PRAC_INVALID_ARGUMENT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_days_from_1970),
		cmocka_unit_test(every_day_survives_the_round_trip),
		cmocka_unit_test(extreme_numbers_have_a_text_too),
		cmocka_unit_test(refuses_days_that_do_not_exist),
		cmocka_unit_test(weeks_run_from_sunday_to_saturday),
		cmocka_unit_test(the_school_year_turns_on_the_first_of_july),
		cmocka_unit_test(reads_and_writes_times_of_the_day),
		cmocka_unit_test(refuses_what_is_no_time),
		cmocka_unit_test(reads_durations_in_four_forms),
		cmocka_unit_test(refuses_what_is_no_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
