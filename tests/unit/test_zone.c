/* Local times and instants: clock changes of 2026 in the zones of Tennessee. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/date.h"
#include "common/base/zone.h"

static int64_t at(struct prac_zone *zone, const char *date_text, const char *time_text)
{
	int32_t date = 0, minute = 0;

	assert_int_equal(prac_date_parse(date_text, &date), PRAC_OK);
	assert_int_equal(prac_time_parse(time_text, &minute), PRAC_OK);
	return prac_zone_instant(zone, date, minute);
}

static int64_t utc(const char *date_text, const char *time_text)
{
	int32_t date = 0, minute = 0;

	assert_int_equal(prac_date_parse(date_text, &date), PRAC_OK);
	assert_int_equal(prac_time_parse(time_text, &minute), PRAC_OK);
	return (int64_t)date * 1440 + minute;
}

static void a_zone_has_its_offset_in_winter_and_summer(void **state)
{
	struct prac_zone *eastern = prac_zone_open("America/New_York");
	struct prac_zone *central = prac_zone_open("America/Chicago");

	(void)state;
	assert_non_null(eastern);
	assert_non_null(central);
	assert_int_equal(at(eastern, "2026-01-15", "12:00"), utc("2026-01-15", "17:00"));
	assert_int_equal(at(eastern, "2026-07-15", "12:00"), utc("2026-07-15", "16:00"));
	assert_int_equal(at(central, "2026-07-15", "12:00"), utc("2026-07-15", "17:00"));
	prac_zone_close(eastern);
	prac_zone_close(central);
}

static void a_skipped_time_is_read_with_the_old_offset(void **state)
{
	struct prac_zone *zone = prac_zone_open("America/New_York");

	(void)state;
	assert_int_equal(at(zone, "2026-03-08", "01:59"), utc("2026-03-08", "06:59"));
	assert_int_equal(at(zone, "2026-03-08", "02:30"), utc("2026-03-08", "07:30"));
	assert_int_equal(at(zone, "2026-03-08", "03:30"), utc("2026-03-08", "07:30"));
	assert_int_equal(at(zone, "2026-03-09", "00:00"), utc("2026-03-09", "04:00"));
	prac_zone_close(zone);
}

static void a_time_that_occurs_twice_is_the_first(void **state)
{
	struct prac_zone *zone = prac_zone_open("America/New_York");

	(void)state;
	assert_int_equal(at(zone, "2026-11-01", "00:59"), utc("2026-11-01", "04:59"));
	assert_int_equal(at(zone, "2026-11-01", "01:30"), utc("2026-11-01", "05:30"));
	assert_int_equal(at(zone, "2026-11-01", "02:00"), utc("2026-11-01", "07:00"));
	prac_zone_close(zone);
}

static void minutes_beyond_the_day_are_on_the_next(void **state)
{
	struct prac_zone *zone = prac_zone_open("America/New_York");
	int32_t date = 0;

	(void)state;
	assert_int_equal(prac_date_parse("2026-12-31", &date), PRAC_OK);
	assert_int_equal(prac_zone_instant(zone, date, 1440), utc("2027-01-01", "05:00"));
	assert_int_equal(prac_zone_instant(zone, date, -1), utc("2026-12-31", "04:59"));
	prac_zone_close(zone);
}

/* A day is the civil day at the place, not the one in Greenwich. */
static void the_date_is_that_of_the_place(void **state)
{
	struct prac_zone *eastern = prac_zone_open("America/New_York");
	const int64_t at_ms =
		INT64_C(1786505400000); /* 2026-08-12 03:30 UTC, 23:30 the day before */
	const int64_t half_hour = 1800000;

	(void)state;
	assert_int_equal(prac_zone_date(eastern, at_ms), 20676); /* 2026-08-11 */
	assert_int_equal(prac_zone_date(eastern, at_ms + half_hour - 1), 20676);
	assert_int_equal(prac_zone_date(eastern, at_ms + half_hour), 20677); /* midnight */
	assert_int_equal(prac_zone_date(NULL, at_ms), 20677);
	assert_int_equal(prac_zone_date(eastern, 0), -1); /* 19:00 on the last day of 1969 */
	assert_int_equal(prac_zone_date(NULL, -1), -1);
	prac_zone_close(eastern);
}

static void only_names_open_a_zone(void **state)
{
	(void)state;
	assert_null(prac_zone_open(""));
	assert_null(prac_zone_open("Mars/Olympus"));
	assert_null(prac_zone_open("/usr/share/zoneinfo/America/New_York"));
	assert_null(prac_zone_open("America/../America/New_York"));
	prac_zone_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_has_its_offset_in_winter_and_summer),
		cmocka_unit_test(a_skipped_time_is_read_with_the_old_offset),
		cmocka_unit_test(a_time_that_occurs_twice_is_the_first),
		cmocka_unit_test(minutes_beyond_the_day_are_on_the_next),
		cmocka_unit_test(the_date_is_that_of_the_place),
		cmocka_unit_test(only_names_open_a_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
