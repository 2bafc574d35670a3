/* Labor law over records: what a submitted sheet says of the student's week. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/facts.h"

/*
 * A student of 15 with a paid job, the sheet of the week from Sunday 2026-08-09, and school on
 * Monday to Friday, 08:00 to 15:00, for the whole district.
 */
static struct prac_record *add_week(struct facts *facts)
{
	facts_keep(facts, facts_make(facts, &prac_type_student, 0x01, "school_id=aa",
				  "birth_date=2011-03-01", "state=enrolled", NULL));
	facts_keep(facts, facts_make(facts, &prac_type_placement, 0xbb, "student_id=01",
				  "school_id=aa", "kind=internship", "pay=wage",
				  "starts_on=2026-08-01", "ends_on=2027-05-21", NULL));
	for (uint8_t day = 10; day <= 14; day++) {
		facts_keep(facts, facts_make(facts, &prac_type_school_day, (uint8_t)(0x60 + day),
					  prac_arena_printf(&facts->arena, "day=2026-08-%d", day),
					  "kind=school", "state=published", "class_starts_at=08:00",
					  "class_ends_at=15:00", NULL));
	}
	return facts_keep(
		facts, facts_make(facts, &prac_type_time_sheet, 0x21, "placement_id=bb",
			       "student_id=01", "school_id=aa", "week_start=2026-08-09", NULL));
}

static struct prac_record *add_entry(
	struct facts *facts, uint8_t last, const char *date, const char *times)
{
	struct prac_record *entry = facts_keep(facts,
		facts_make(facts, &prac_type_time_entry, last, "sheet_id=21", "placement_id=bb",
			"student_id=01", "school_id=aa", "elapsed_minutes=60", NULL));

	facts_set(facts, entry, prac_arena_printf(&facts->arena, "work_date=%s", date));
	facts_set(facts, entry, prac_arena_printf(&facts->arena, "starts_at=%.5s", times));
	facts_set(facts, entry, prac_arena_printf(&facts->arena, "ends_at=%s", times + 6));
	return entry;
}

/* Submits and returns the lines, "; " between them. */
static const char *submit(struct facts *facts, struct prac_record *sheet)
{
	struct prac_bytes rest, item;
	const char *lines = "";

	facts_set(facts, sheet, "state=draft");
	if (facts_act(facts, sheet, PRAC_TIME_SHEET_DO_SUBMIT, NULL) != PRAC_REASON_NONE) {
		return facts->judgement.problem.text;
	}
	rest = sheet->values[PRAC_TIME_SHEET_VIOLATIONS].bytes;
	while (prac_list_next(&rest, &item)) {
		lines = prac_arena_printf(&facts->arena, "%s%s%.*s", lines,
			lines[0] == '\0' ? "" : "; ", (int)item.len, item.data);
	}
	return lines;
}

static int64_t state_of(const struct prac_record *sheet)
{
	return sheet->values[PRAC_TIME_SHEET_STATE].number;
}

static void a_lawful_week_is_submitted(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);

	add_entry(facts, 0x31, "2026-08-11", "16:00-19:00");
	assert_string_equal(submit(facts, sheet), "");
	assert_int_equal(state_of(sheet), PRAC_TIME_SHEET_STATE_SUBMITTED);
	assert_false(sheet->values[PRAC_TIME_SHEET_VIOLATIONS].has);
}

static void a_broken_rule_flags_the_sheet_and_stores_what_was_worked(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);

	add_entry(facts, 0x31, "2026-08-11", "16:00-20:00");
	assert_string_equal(submit(facts, sheet),
		"2026-08-11 16:00 FED-14-DAY-S; 2026-08-11 16:00 TN-14-NIGHT-S; "
		"2026-08-11 16:00 TN-14-DAY-S");
	assert_int_equal(state_of(sheet), PRAC_TIME_SHEET_STATE_FLAGGED);
}

static void submitting_again_judges_anew(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);
	struct prac_record *entry = add_entry(facts, 0x31, "2026-08-11", "16:00-20:00");

	(void)submit(facts, sheet);
	facts_set(facts, sheet, "disposition=Talked to the supervisor");
	facts_set(facts, entry, "ends_at=18:00");
	assert_string_equal(submit(facts, sheet), "");
	assert_int_equal(state_of(sheet), PRAC_TIME_SHEET_STATE_SUBMITTED);
	assert_false(sheet->values[PRAC_TIME_SHEET_DISPOSITION].has);
}

static void sums_span_the_placements_of_the_student(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);
	struct prac_record *other;

	facts_keep(facts, facts_make(facts, &prac_type_placement, 0xbc, "student_id=01",
				  "school_id=ab", "kind=internship", "pay=wage", NULL));
	add_entry(facts, 0x31, "2026-08-11", "17:00-19:00");
	other = add_entry(facts, 0x32, "2026-08-11", "15:00-17:00");
	facts_set(facts, other, "sheet_id=22");
	facts_set(facts, other, "placement_id=bc");
	assert_string_equal(submit(facts, sheet),
		"2026-08-11 17:00 FED-14-DAY-S; 2026-08-11 17:00 TN-14-DAY-S");
	/* The other one is later: it breaks the rule, since this sheet's hours are there. */
	facts_set(facts, other, "starts_at=19:00");
	facts_set(facts, other, "ends_at=20:01");
	assert_string_equal(submit(facts, sheet),
		"2026-08-11 19:00 FED-14-DAY-S (other placement); "
		"2026-08-11 19:00 TN-14-DAY-S (other placement)");
	/* What it breaks by itself is not this sheet's. */
	facts_set(facts, other, "work_date=2026-08-12");
	assert_string_equal(submit(facts, sheet), "");
}

static void hours_of_an_unpaid_shadow_are_no_work(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);
	struct prac_record *placement = facts->records[1];

	add_entry(facts, 0x31, "2026-08-11", "09:00-14:00");
	facts_set(facts, placement, "pay=unpaid");
	facts_set(facts, placement, "kind=job_shadowing");
	assert_string_equal(submit(facts, sheet), "");
	facts_set(facts, placement, "kind=service"); /* told, and blocks nothing */
	assert_string_equal(submit(facts, sheet),
		"2026-08-11 09:00 FED-14-SCHOOLHRS; 2026-08-11 09:00 FED-14-DAY-S; "
		"2026-08-11 09:00 TN-14-SCHOOLHRS; 2026-08-11 09:00 TN-14-DAY-S");
	assert_int_equal(state_of(sheet), PRAC_TIME_SHEET_STATE_SUBMITTED);
	facts_set(facts, placement, "kind=internship");
	(void)submit(facts, sheet);
	assert_int_equal(state_of(sheet), PRAC_TIME_SHEET_STATE_FLAGGED);
	facts_set(facts, placement, "kind=job_shadowing");
	facts_set(facts, placement, "pay=wage");
	(void)submit(facts, sheet);
	assert_int_equal(state_of(sheet), PRAC_TIME_SHEET_STATE_FLAGGED);
}

static void a_corrected_sheet_is_counted_once(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);
	struct prac_record *old;

	facts_keep(facts,
		facts_make(facts, &prac_type_time_sheet, 0x22, "placement_id=bb", "student_id=01",
			"school_id=aa", "week_start=2026-08-09", "state=approved", NULL));
	facts_set(facts, sheet, "amends_id=22");
	add_entry(facts, 0x31, "2026-08-11", "15:00-17:00");
	old = add_entry(facts, 0x32, "2026-08-11", "17:00-19:00");
	facts_set(facts, old, "sheet_id=22");
	assert_string_equal(submit(facts, sheet), "");
}

static void a_schools_own_day_stands_over_the_districts(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);
	struct prac_record *day;

	add_entry(facts, 0x31, "2026-08-11", "09:00-14:00");
	day = facts_keep(facts, facts_make(facts, &prac_type_school_day, 0x71, "day=2026-08-11",
					"kind=closed", "state=draft", "school_id=aa", NULL));
	assert_string_equal(submit(facts, sheet),
		"2026-08-11 09:00 FED-14-SCHOOLHRS; 2026-08-11 09:00 FED-14-DAY-S; "
		"2026-08-11 09:00 TN-14-SCHOOLHRS; 2026-08-11 09:00 TN-14-DAY-S");
	facts_set(facts, day, "state=published");
	assert_string_equal(submit(facts, sheet), "");
}

static void late_hours_need_a_consent_of_the_school_year(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);
	struct prac_record *consent = facts_keep(facts,
		facts_make(facts, &prac_type_consent, 0x41, "student_id=01", "school_id=aa",
			"purpose=late_hours", "state=granted", "valid_from=2026-08-01", NULL));

	facts_set(facts, facts->records[0], "birth_date=2010-03-01");
	add_entry(facts, 0x31, "2026-08-11", "20:00-22:30");
	assert_string_equal(submit(facts, sheet), "");
	facts_set(facts, consent, "valid_until=2026-08-10");
	assert_string_equal(submit(facts, sheet),
		"2026-08-11 20:00 TN-16-NIGHT; 2026-08-11 20:00 TN-16-CONSENT-END");
	facts_set(facts, consent, "valid_until=");
	facts_set(facts, consent, "valid_from=2026-05-01"); /* of the school year before */
	assert_string_equal(submit(facts, sheet),
		"2026-08-11 20:00 TN-16-NIGHT; 2026-08-11 20:00 TN-16-CONSENT-END");
	facts_set(facts, consent, "valid_from=2026-08-01");
	facts_set(facts, consent, "state=revoked");
	assert_string_equal(submit(facts, sheet),
		"2026-08-11 20:00 TN-16-NIGHT; 2026-08-11 20:00 TN-16-CONSENT-END");
	facts_set(facts, consent, "purpose=media");
	assert_string_equal(submit(facts, sheet), "2026-08-11 20:00 TN-16-NIGHT");
}

static void an_agreed_training_plan_makes_a_student_learner(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);
	struct prac_record *plan = facts_keep(
		facts, facts_make(facts, &prac_type_training_plan, 0x51, "student_id=01",
			       "school_id=aa", "placement_id=bb", "state=draft",
			       "student_agreed_on=2026-08-01", "supervisor_agreed_on=2026-08-02",
			       "coordinator_agreed_on=2026-08-11", NULL));

	facts_set(facts, facts->records[0], "birth_date=2010-03-01");
	facts_set(facts, facts->records[1], "kind=cooperative");
	add_entry(facts, 0x31, "2026-08-11", "20:00-22:30");
	assert_string_equal(submit(facts, sheet), "2026-08-11 20:00 TN-16-NIGHT");
	facts_set(facts, plan, "state=agreed");
	assert_string_equal(submit(facts, sheet), "");
	facts_set(facts, plan, "coordinator_agreed_on=2026-08-12");
	assert_string_equal(submit(facts, sheet), "2026-08-11 20:00 TN-16-NIGHT");
}

static void whoever_left_school_is_not_enrolled(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);

	facts_set(facts, facts->records[0], "birth_date=2010-03-01");
	facts_set(facts, facts->records[0], "state=withdrawn");
	add_entry(facts, 0x31, "2026-08-11", "20:00-22:30");
	assert_string_equal(submit(facts, sheet), "");
}

static void without_a_birth_date_nothing_is_judged(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);

	facts_set(facts, facts->records[0], "birth_date=");
	add_entry(facts, 0x31, "2026-08-11", "08:00-20:00");
	assert_string_equal(submit(facts, sheet), "");
}

static void the_zone_is_the_entrys_or_the_schools(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_week(facts);
	struct prac_record *entry;

	/* The same wall clock is the same law at each place. */
	facts_keep(facts, facts_make(facts, &prac_type_school, 0xaa, "zone=America/Chicago", NULL));
	entry = add_entry(facts, 0x31, "2026-08-11", "16:00-19:00");
	assert_string_equal(submit(facts, sheet), "");
	facts_set(facts, entry, "zone=America/New_York");
	assert_string_equal(submit(facts, sheet), "");
	/* A name that no machine knows: that of the school. */
	facts_set(facts, entry, "zone=Mars/Olympus");
	assert_string_equal(submit(facts, sheet), "");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)
	const struct CMUnitTest tests[] = {
		T(a_lawful_week_is_submitted),
		T(a_broken_rule_flags_the_sheet_and_stores_what_was_worked),
		T(submitting_again_judges_anew),
		T(sums_span_the_placements_of_the_student),
		T(hours_of_an_unpaid_shadow_are_no_work),
		T(a_corrected_sheet_is_counted_once),
		T(a_schools_own_day_stands_over_the_districts),
		T(late_hours_need_a_consent_of_the_school_year),
		T(an_agreed_training_plan_makes_a_student_learner),
		T(whoever_left_school_is_not_enrolled),
		T(without_a_birth_date_nothing_is_judged),
		T(the_zone_is_the_entrys_or_the_schools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
