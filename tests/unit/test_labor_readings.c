/* The readings R1 to R17 of RULES 5.2a, one test each or more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/cmd/hours_input.h"
#include "common/base/date.h"
#include "tests/support/labor.h"

#define A "2011-03-01"
#define B "2010-05-20"
#define C "2009-05-20"

static const char *marks(void **state, const char *birth_date, const char *entries)
{
	return labor_lab_marks(*state, birth_date, entries);
}

static int minutes(void **state, const char *entry)
{
	size_t n;

	return labor_lab_verdicts(*state, C, entry, &n)->minutes;
}

static enum prac_labor_fault fault(void **state, const char *birth_date, const char *entry)
{
	size_t n;

	return labor_lab_verdicts(*state, birth_date, entry, &n)->fault;
}

static void r1_hours_after_midnight_are_morning_and_that_evening(void **state)
{
	assert_string_equal(
		marks(state, A, "2026-10-10 23:00-01:00"), "FED-14-AM FED-14-PM TN-14-NIGHT");
	/* Worked only after midnight, in a shift of the evening before. */
	assert_string_equal(marks(state, A, "2026-10-10 18:00-01:00 break=19:00+300"),
		"FED-14-AM FED-14-PM TN-14-NIGHT");
	/* Begun after midnight: no evening's. */
	assert_string_equal(marks(state, A, "2026-10-10 00:00-01:00"), "FED-14-AM TN-14-NIGHT");
}

static void r1_the_evening_decides_which_limit_it_has(void **state)
{
	/* The evening of 31 May is outside the summer window, the morning after inside. */
	assert_string_equal(
		marks(state, A, "2026-05-31 20:30-00:30"), "FED-14-AM FED-14-PM TN-14-NIGHT");
	assert_string_equal(marks(state, A, "2026-09-07 23:30-00:30"), /* into a school day */
		"FED-14-AM FED-14-PM-SUM TN-14-NIGHT-S TN-14-NIGHT");
}

static void r2_both_nights_of_tennessee_are_marked(void **state)
{
	assert_string_equal(
		marks(state, A, "2026-10-13 20:59-21:01"), "FED-14-PM TN-14-NIGHT-S TN-14-NIGHT");
	assert_string_equal(marks(state, A, "2026-10-13 20:00-21:00"), "FED-14-PM TN-14-NIGHT-S");
	assert_string_equal(marks(state, A, "2026-10-16 21:00-21:01"), "FED-14-PM TN-14-NIGHT");
}

static void r3_a_night_is_the_evenings_whenever_the_shift_began(void **state)
{
	assert_string_equal(marks(state, A, "2026-10-14 06:30-07:00"), "FED-14-AM TN-14-NIGHT-S");
	/* Monday morning belongs to Sunday's night. */
	assert_string_equal(marks(state, B, "2026-10-19 05:30-06:30"), "TN-16-NIGHT");
	/* Friday morning to Thursday's, Saturday morning to Friday's. */
	assert_string_equal(marks(state, B, "2026-10-16 05:30-06:30"), "TN-16-NIGHT");
	assert_string_equal(marks(state, B, "2026-10-17 05:30-06:30"), "-");
}

static void r3_evenings_before_holidays_are_free(void **state)
{
	assert_string_equal(marks(state, B, "2026-09-06 20:00-23:30"), "-");
	assert_string_equal(marks(state, B, "2026-10-11 20:00-23:30"), "TN-16-NIGHT");
	assert_string_equal(marks(state, B, "2026-10-07 20:00-23:30"), "-");
}

static void r4_consent_opens_nothing_after_midnight(void **state)
{
	assert_string_equal(marks(state, B, "2026-10-13 23:00-00:00 consent"), "-");
	assert_string_equal(marks(state, B, "2026-10-13 23:00-00:01 consent"), "TN-16-NIGHT");
	assert_string_equal(marks(state, B, "2026-10-14 00:00-01:00 consent"), "TN-16-NIGHT");
	assert_string_equal(marks(state, B, "2026-10-13 23:00-00:00"), "TN-16-NIGHT");
}

static void r4_a_fourth_evening_past_midnight_carries_both(void **state)
{
	assert_string_equal(
		marks(state, B,
			"2026-10-11 21:00-22:30 consent;2026-10-12 21:00-22:30 consent;"
			"2026-10-13 21:00-22:30 consent;2026-10-14 23:00-00:30 consent"),
		"-; -; -; TN-16-NIGHT TN-16-NIGHT-CONSENT");
}

static void r5_two_entries_of_one_evening_count_once(void **state)
{
	assert_string_equal(
		marks(state, B,
			"2026-10-11 21:00-22:30 consent;2026-10-11 23:00-23:30 consent;"
			"2026-10-12 21:00-22:30 consent;2026-10-13 21:00-22:30 consent"),
		"-; -; -; -");
}

static void r5_the_fourth_and_later_evenings_are_marked_in_time_order(void **state)
{
	assert_string_equal(
		marks(state, B,
			"2026-10-15 21:00-22:30 consent;2026-10-14 21:00-22:01 consent;"
			"2026-10-14 23:00-23:30 consent;2026-10-13 21:00-22:30 consent;"
			"2026-10-12 21:00-22:30 consent;2026-10-11 21:00-22:30 consent"),
		"TN-16-NIGHT-CONSENT; TN-16-NIGHT-CONSENT; TN-16-NIGHT-CONSENT; -; -; -");
}

static void r5_evenings_without_consent_or_school_after_do_not_count(void **state)
{
	/* Until 22:00, before a free day, without consent, as a student learner. */
	assert_string_equal(
		marks(state, B,
			"2026-10-11 21:00-22:00 consent;2026-10-12 21:00-22:30;"
			"2026-10-13 21:00-22:30 consent student-learner;"
			"2026-10-14 21:00-22:30 consent;2026-10-15 21:00-22:30 consent;"
			"2026-10-16 21:00-22:30 consent;2026-10-17 21:00-22:30 consent"),
		"-; TN-16-NIGHT; -; -; -; -; -");
}

static void r5_a_new_week_counts_anew(void **state)
{
	assert_string_equal(
		marks(state, B,
			"2026-10-13 21:00-22:30 consent;2026-10-14 21:00-22:30 consent;"
			"2026-10-15 21:00-22:30 consent;2026-10-18 21:00-22:30 consent"),
		"-; -; -; -");
}

static void r6_the_break_counts_the_break_and_begins_at_360_minutes(void **state)
{
	assert_string_equal(marks(state, C, "2026-10-05 10:00-16:00 break=12:00+20"), "TN-BREAK");
	assert_string_equal(marks(state, C, "2026-10-05 10:00-15:59 break=12:00+20"), "-");
}

static void r6_entries_that_touch_are_one_shift(void **state)
{
	assert_string_equal(
		marks(state, C, "2026-10-05 10:00-13:00;2026-10-05 13:00-16:00"), "-; TN-BREAK");
	assert_string_equal(
		marks(state, C, "2026-10-05 13:00-16:00;2026-10-05 10:00-13:00"), "TN-BREAK; -");
	assert_string_equal(
		marks(state, C, "2026-10-05 10:00-13:00;2026-10-05 13:01-16:01"), "-; -");
	assert_string_equal(
		marks(state, C, "2026-10-05 10:00-13:00 break=11:30+30;2026-10-05 13:00-16:00"),
		"-; -");
	assert_string_equal(
		marks(state, C, "2026-10-05 22:00-00:00;2026-10-06 00:00-04:00"), "-; TN-BREAK");
}

static void r6_elapsed_time_is_real(void **state)
{
	/* Fall back: 01:00 to 06:00 are six hours; spring forward: 00:00 to 06:00 are five. */
	assert_string_equal(marks(state, C, "2026-11-01 01:00-06:00"), "TN-BREAK");
	assert_string_equal(marks(state, C, "2026-03-08 00:00-06:00"), "-");
}

static void r7_short_breaks_do_not_add_up(void **state)
{
	assert_string_equal(marks(state, C,
				    "2026-10-05 10:00-13:00 break=11:30+15;"
				    "2026-10-05 13:00-16:30 break=14:00+15"),
		"-; TN-BREAK");
}

static void r7_the_first_hour_is_that_of_the_whole_shift(void **state)
{
	assert_string_equal(
		marks(state, C, "2026-10-05 10:00-10:45;2026-10-05 10:45-16:30 break=11:00+30"),
		"-; -");
	assert_string_equal(
		marks(state, C, "2026-10-05 10:00-10:45;2026-10-05 10:45-16:30 break=10:59+30"),
		"-; TN-BREAK");
}

static void r8_a_located_break_excuses_clock_rules(void **state)
{
	assert_string_equal(marks(state, A, "2026-06-06 18:00-22:00 break=21:00+60"), "-");
	assert_string_equal(marks(state, A, "2026-06-06 18:00-22:00 break=21:01+59"),
		"FED-14-PM-SUM TN-14-NIGHT");
	assert_string_equal(marks(state, B, "2026-10-13 14:00-17:00 break=14:00+60"), "-");
}

static void r8_touching_a_limit_is_no_breach(void **state)
{
	assert_string_equal(marks(state, A, "2026-10-14 16:00-19:00"), "-");
	assert_string_equal(marks(state, A, "2026-10-14 07:00-08:00"), "-");
	assert_string_equal(marks(state, B, "2026-10-14 15:00-22:00 break=18:00+30"), "-");
}

static void r9_a_school_day_without_class_times_is_no_calendar(void **state)
{
	static const char text[] = "date,kind,class_start,class_end\n2026-08-11,school,,\n";
	struct labor_lab *lab = *state;
	struct hours_flaws flaws = { .arena = &lab->arena };
	struct prac_labor_calendar calendar;
	const char *unknown = NULL, *error = "";
	struct csv_table table;

	assert_int_equal(
		csv_parse_text(prac_bytes_text(text), 10, &lab->arena, &table, &error), PRAC_OK);
	hours_read_calendar(&table, &flaws, &calendar, &unknown);
	assert_int_equal(flaws.n, 1);
	assert_non_null(strstr(flaws.words[0], "line 2"));
	assert_non_null(strstr(flaws.words[0], "class_start"));
}

static void r10_the_week_and_the_day_after_it_are_needed(void **state)
{
	struct labor_lab *lab = *state;
	struct prac_labor_calendar week = { labor_lab_date("2026-10-11"), 8, lab->calendar.days };
	int32_t missing = 0;

	assert_false(prac_labor_lacks_day(&week, labor_lab_date("2026-10-14"), &missing));
	week.n_days = 7;
	assert_true(prac_labor_lacks_day(&week, labor_lab_date("2026-10-14"), &missing));
	assert_int_equal(missing, labor_lab_date("2026-10-18"));
	week.first++;
	assert_true(prac_labor_lacks_day(&week, labor_lab_date("2026-10-14"), &missing));
	assert_int_equal(missing, labor_lab_date("2026-10-11"));
}

static void r11_only_the_entry_that_crosses_is_marked(void **state)
{
	assert_string_equal(
		marks(state, A,
			"2026-10-14 17:30-18:30;2026-10-14 16:10-17:20;2026-10-14 15:00-16:00;"
			"2026-10-14 18:40-19:00"),
		"FED-14-DAY-S TN-14-DAY-S; -; -; -");
}

static void r11_hours_before_the_14th_birthday_count(void **state)
{
	assert_string_equal(marks(state, "2012-10-17",
				    "2026-10-12 07:00-23:00 break=12:00+60;2026-10-17 09:00-12:01"),
		"FED-MIN TN-MIN; FED-14-WEEK-S TN-14-WEEK-S");
	/* What crosses at 16 is not marked, and nothing after it. */
	assert_string_equal(
		marks(state, "2010-10-14",
			"2026-10-12 15:00-18:00;2026-10-14 15:00-21:00 break=17:00+30;"
			"2026-10-15 15:00-21:00 break=17:00+30;2026-10-17 08:00-20:00 break=12:00+30"),
		"-; -; -; -");
}

static void r12_enrolled_affects_tn_16_only(void **state)
{
	struct labor_lab *lab = *state;

	lab->minor.is_enrolled = false;
	assert_string_equal(marks(state, B, "2026-10-13 10:00-23:30 ended"), "TN-BREAK");
	assert_string_equal(
		marks(state, B,
			"2026-10-11 21:00-22:30 consent;2026-10-12 21:00-22:30 consent;"
			"2026-10-13 21:00-22:30 consent;2026-10-14 21:00-22:30 consent"),
		"-; -; -; -");
	assert_string_equal(
		marks(state, A, "2026-10-13 14:00-16:00"), "FED-14-SCHOOLHRS TN-14-SCHOOLHRS");
}

static void r13_a_break_without_a_start_comes_off_the_first_day(void **state)
{
	/* All of it off Friday: Saturday has its 8 hours. */
	assert_string_equal(
		marks(state, A, "2026-10-09 21:00-08:00 break=+30;2026-10-10 09:00-09:01"),
		"FED-14-AM FED-14-PM TN-14-NIGHT TN-BREAK; FED-14-DAY-N TN-14-DAY-N");
	/* Half an hour off Friday, which has no more, and half an hour off Saturday. */
	assert_string_equal(
		marks(state, A, "2026-10-09 23:30-08:30 break=+60;2026-10-10 09:00-09:01"),
		"FED-14-AM FED-14-PM TN-14-NIGHT TN-BREAK; FED-14-DAY-N TN-14-DAY-N");
	assert_string_equal(
		marks(state, A, "2026-10-09 23:30-08:30 break=+61;2026-10-10 09:00-09:01"),
		"FED-14-AM FED-14-PM TN-14-NIGHT TN-BREAK; -");
}

static void r13_a_break_without_a_start_excuses_nothing(void **state)
{
	assert_string_equal(marks(state, C, "2026-10-05 10:00-16:00 break=+60"), "TN-BREAK");
	assert_string_equal(
		marks(state, A, "2026-06-06 18:00-21:30 break=+60"), "FED-14-PM-SUM TN-14-NIGHT");
	assert_int_equal(minutes(state, "2026-10-05 10:00-16:00 break=+60"), 300);
}

static void r13_a_break_lies_inside_the_shift(void **state)
{
	assert_int_equal(
		fault(state, C, "2026-10-05 10:00-16:00 break=09:00+30"), PRAC_LABOR_FAULT_BREAK);
	assert_int_equal(
		fault(state, C, "2026-10-05 10:00-16:00 break=15:45+30"), PRAC_LABOR_FAULT_BREAK);
	assert_int_equal(
		fault(state, C, "2026-10-05 10:00-16:00 break=+361"), PRAC_LABOR_FAULT_BREAK);
	assert_int_equal(
		fault(state, C, "2026-10-05 10:00-16:00 break=15:30+30"), PRAC_LABOR_FAULT_NONE);
	/* Before the start is on the next day. */
	assert_int_equal(
		fault(state, C, "2026-10-05 20:00-04:00 break=00:30+30"), PRAC_LABOR_FAULT_NONE);
}

static void r14_overlapping_entries_are_added(void **state)
{
	assert_string_equal(marks(state, A, "2026-10-14 15:00-17:00;2026-10-14 16:00-17:01"),
		"-; FED-14-DAY-S TN-14-DAY-S");
}

static void r14_start_equal_to_end_is_refused(void **state)
{
	assert_int_equal(fault(state, C, "2026-10-05 10:00-10:00"), PRAC_LABOR_FAULT_EMPTY);
	assert_int_equal(fault(state, C, "2026-03-08 02:30-03:30"), PRAC_LABOR_FAULT_EMPTY);
}

static void r15_clock_changes(void **state)
{
	/* 01:30 is the first one, daylight time; 02:30 in March is 03:30. */
	assert_int_equal(minutes(state, "2026-11-01 00:30-01:30"), 60);
	assert_int_equal(minutes(state, "2026-11-01 00:30-02:30"), 180);
	assert_int_equal(minutes(state, "2026-11-01 01:30-02:00"), 90);
	assert_int_equal(minutes(state, "2026-10-31 22:00-06:00"), 540);
	assert_int_equal(minutes(state, "2026-03-08 01:30-02:30"), 60);
	assert_int_equal(minutes(state, "2026-03-08 01:30-03:30"), 60);
	assert_int_equal(minutes(state, "2026-03-08 02:30-04:00"), 30);
	assert_int_equal(minutes(state, "2026-03-07 22:00-06:00"), 420);
}

static void r15_a_skipped_time_is_noted(void **state)
{
	size_t n;

	assert_true(labor_lab_verdicts(*state, C, "2026-03-08 01:30-02:30", &n)->is_skipped_hour);
	assert_false(labor_lab_verdicts(*state, C, "2026-03-08 01:30-03:30", &n)->is_skipped_hour);
	assert_false(labor_lab_verdicts(*state, C, "2026-11-01 01:30-02:30", &n)->is_skipped_hour);
}

static void r16_february_29_falls_on_march_1(void **state)
{
	assert_int_equal(
		prac_labor_age(labor_lab_date("2012-02-29"), labor_lab_date("2026-02-28")), 13);
	assert_int_equal(
		prac_labor_age(labor_lab_date("2012-02-29"), labor_lab_date("2026-03-01")), 14);
	assert_int_equal(
		prac_labor_age(labor_lab_date("2012-02-29"), labor_lab_date("2028-02-29")), 16);
	assert_string_equal(marks(state, "2012-02-29", "2026-02-28 10:00-11:00"), "FED-MIN TN-MIN");
	assert_string_equal(marks(state, "2012-02-29", "2026-03-01 10:00-11:00"), "-");
}

static void r17_hazards_bind_under_14_too(void **state)
{
	assert_string_equal(marks(state, "2013-03-01", "2026-08-15 10:00-11:00 ho=7"),
		"FED-MIN FED-HO-7 TN-MIN");
}

static void r17_an_agreement_needs_no_enrollment(void **state)
{
	struct labor_lab *lab = *state;

	lab->minor.is_enrolled = false;
	assert_string_equal(marks(state, C, "2026-10-05 10:00-16:00 student-learner ho=16"), "-");
}

static void r17_a_release_period_is_not_required_class_time(void **state)
{
	/* Tuesdays and Thursdays, 13:00 to 15:00, until the end of the term. */
	static const struct prac_labor_release releases[] = {
		{ .weekdays = 1 << PRAC_TUESDAY | 1 << PRAC_THURSDAY, .from = 780, .until = 900 },
	};
	struct prac_labor_release release = releases[0];
	struct labor_lab *lab = *state;

	release.starts_on = labor_lab_date("2026-08-05");
	release.ends_on = labor_lab_date("2026-12-18");
	lab->minor.releases = &release;
	lab->minor.n_releases = 1;
	assert_string_equal(marks(state, B, "2026-10-13 13:00-16:00"), "-");
	assert_string_equal(marks(state, B, "2026-10-13 12:59-16:00"), "TN-16-CLASS");
	assert_string_equal(marks(state, B, "2026-10-14 13:00-16:00"), "TN-16-CLASS");
	assert_string_equal(marks(state, B, "2027-01-12 13:00-16:00"), "TN-16-CLASS");
	/* At 15 the hours of the school count, not the student's own. */
	assert_string_equal(
		marks(state, A, "2026-10-13 13:00-16:00"), "FED-14-SCHOOLHRS TN-14-SCHOOLHRS");
}

static void the_zone_is_that_of_the_work_site(void **state)
{
	struct labor_lab *lab = *state;
	struct prac_zone *eastern = lab->zone;

	/* The same words at another place: local time counts there as well. */
	lab->zone = prac_zone_open("America/Chicago");
	assert_string_equal(marks(state, A, "2026-10-14 16:00-19:00"), "-");
	assert_int_equal(minutes(state, "2026-11-01 00:30-02:30"), 180);
	prac_zone_close(lab->zone);
	/* Arizona has no daylight time. */
	lab->zone = prac_zone_open("America/Phoenix");
	assert_int_equal(minutes(state, "2026-11-01 00:30-02:30"), 120);
	prac_zone_close(lab->zone);
	lab->zone = eastern;
}

static void an_entry_before_birth_is_a_fault(void **state)
{
	assert_int_equal(
		fault(state, "2026-10-06", "2026-10-05 10:00-11:00"), PRAC_LABOR_FAULT_BIRTH);
}

static const struct CMUnitTest *all;
static size_t n_all;

/* A test of the reading R4 is called r4_... */
static bool has_test(const char *reading)
{
	size_t len = strlen(reading);
	bool has = false;

	for (size_t i = 0; i < n_all; i++) {
		has = has || (all[i].name[0] == 'r' && all[i].name[len] == '_' &&
				     strncmp(all[i].name + 1, reading + 1, len - 1) == 0);
	}
	return has;
}

/* How many notes of the set have a test; *n_io grows by how many there are. */
static int count_tested(const struct prac_law_set *set, int *n_io)
{
	int n = 0;

	for (size_t i = 0; i < set->n_rows; i++) {
		if (strcmp(set->rows[i].kind, "note") == 0) {
			(*n_io)++;
			n += has_test(set->rows[i].id);
		}
	}
	return n;
}

static void every_reading_that_is_shipped_has_a_test(void **state)
{
	struct labor_lab *lab = *state;
	struct prac_law_set set;
	const char *error;
	int n = 0, n_tested = 0;

	for (const struct prac_law_text *text = prac_law_shipped; text->name != NULL; text++) {
		assert_int_equal(
			prac_law_set_read(prac_bytes_text(text->text), &lab->arena, &set, &error),
			PRAC_OK);
		n_tested += count_tested(&set, &n);
	}
	assert_int_equal(n, 17);
	assert_int_equal(n_tested, n);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, labor_lab_start, labor_lab_stop)
	const struct CMUnitTest tests[] = {
		T(r1_hours_after_midnight_are_morning_and_that_evening),
		T(r1_the_evening_decides_which_limit_it_has),
		T(r2_both_nights_of_tennessee_are_marked),
		T(r3_a_night_is_the_evenings_whenever_the_shift_began),
		T(r3_evenings_before_holidays_are_free),
		T(r4_consent_opens_nothing_after_midnight),
		T(r4_a_fourth_evening_past_midnight_carries_both),
		T(r5_two_entries_of_one_evening_count_once),
		T(r5_the_fourth_and_later_evenings_are_marked_in_time_order),
		T(r5_evenings_without_consent_or_school_after_do_not_count),
		T(r5_a_new_week_counts_anew),
		T(r6_the_break_counts_the_break_and_begins_at_360_minutes),
		T(r6_entries_that_touch_are_one_shift),
		T(r6_elapsed_time_is_real),
		T(r7_short_breaks_do_not_add_up),
		T(r7_the_first_hour_is_that_of_the_whole_shift),
		T(r8_a_located_break_excuses_clock_rules),
		T(r8_touching_a_limit_is_no_breach),
		T(r9_a_school_day_without_class_times_is_no_calendar),
		T(r10_the_week_and_the_day_after_it_are_needed),
		T(r11_only_the_entry_that_crosses_is_marked),
		T(r11_hours_before_the_14th_birthday_count),
		T(r12_enrolled_affects_tn_16_only),
		T(r13_a_break_without_a_start_comes_off_the_first_day),
		T(r13_a_break_without_a_start_excuses_nothing),
		T(r13_a_break_lies_inside_the_shift),
		T(r14_overlapping_entries_are_added),
		T(r14_start_equal_to_end_is_refused),
		T(r15_clock_changes),
		T(r15_a_skipped_time_is_noted),
		T(r16_february_29_falls_on_march_1),
		T(r17_hazards_bind_under_14_too),
		T(r17_an_agreement_needs_no_enrollment),
		T(r17_a_release_period_is_not_required_class_time),
		T(the_zone_is_that_of_the_work_site),
		T(an_entry_before_birth_is_a_fault),
		T(every_reading_that_is_shipped_has_a_test),
	};
	int failed;

	all = tests;
	n_all = PRAC_NELEM(tests);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	all = NULL;
	return failed;
}
