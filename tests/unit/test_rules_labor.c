/* Labor law over records: what a submitted sheet says of the student's week. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/rules/labor.h"
#include "tests/support/facts.h"
#include "tests/support/labor_week.h"

static void a_lawful_week_is_submitted(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);

	labor_week_entry(facts, 0x31, "2026-08-11", "16:00-19:00");
	assert_string_equal(labor_week_submit(facts, sheet), "");
	assert_int_equal(labor_week_state(sheet), PRAC_TIME_SHEET_STATE_SUBMITTED);
	assert_false(sheet->values[PRAC_TIME_SHEET_VIOLATIONS].has);
}

static void a_broken_rule_flags_the_sheet_and_stores_what_was_worked(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);

	labor_week_entry(facts, 0x31, "2026-08-11", "16:00-20:00");
	assert_string_equal(labor_week_submit(facts, sheet),
		"2026-08-11 16:00 FED-14-DAY-S; 2026-08-11 16:00 TN-14-NIGHT-S; "
		"2026-08-11 16:00 TN-14-DAY-S");
	assert_int_equal(labor_week_state(sheet), PRAC_TIME_SHEET_STATE_FLAGGED);
}

static void submitting_again_judges_anew(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);
	struct prac_record *entry = labor_week_entry(facts, 0x31, "2026-08-11", "16:00-20:00");

	(void)labor_week_submit(facts, sheet);
	facts_set(facts, sheet, "disposition=Talked to the supervisor");
	facts_set(facts, entry, "ends_at=18:00");
	assert_string_equal(labor_week_submit(facts, sheet), "");
	assert_int_equal(labor_week_state(sheet), PRAC_TIME_SHEET_STATE_SUBMITTED);
	assert_false(sheet->values[PRAC_TIME_SHEET_DISPOSITION].has);
}

static void sums_span_the_placements_of_the_student(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);
	struct prac_record *other;

	facts_keep(facts, facts_make(facts, &prac_type_placement, 0xbc, "student_id=01",
				  "school_id=ab", "kind=internship", "pay=wage", NULL));
	labor_week_entry(facts, 0x31, "2026-08-11", "17:00-19:00");
	other = labor_week_entry(facts, 0x32, "2026-08-11", "15:00-17:00");
	facts_set(facts, other, "sheet_id=22");
	facts_set(facts, other, "placement_id=bc");
	assert_string_equal(labor_week_submit(facts, sheet),
		"2026-08-11 17:00 FED-14-DAY-S; 2026-08-11 17:00 TN-14-DAY-S");
	/* The other one is later: it breaks the rule, since this sheet's hours are there. */
	facts_set(facts, other, "starts_at=19:00");
	facts_set(facts, other, "ends_at=20:01");
	assert_string_equal(labor_week_submit(facts, sheet),
		"2026-08-11 19:00 FED-14-DAY-S (other placement); "
		"2026-08-11 19:00 TN-14-DAY-S (other placement)");
	/* What it breaks by itself is not this sheet's. */
	facts_set(facts, other, "work_date=2026-08-12");
	assert_string_equal(labor_week_submit(facts, sheet), "");
}

static void hours_of_an_unpaid_shadow_are_no_work(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);
	struct prac_record *placement = facts->records[1];

	labor_week_entry(facts, 0x31, "2026-08-11", "09:00-14:00");
	facts_set(facts, placement, "pay=unpaid");
	facts_set(facts, placement, "kind=job_shadowing");
	assert_string_equal(labor_week_submit(facts, sheet), "");
	facts_set(facts, placement, "kind=service"); /* told, and blocks nothing */
	assert_string_equal(labor_week_submit(facts, sheet),
		"2026-08-11 09:00 FED-14-SCHOOLHRS; 2026-08-11 09:00 FED-14-DAY-S; "
		"2026-08-11 09:00 TN-14-SCHOOLHRS; 2026-08-11 09:00 TN-14-DAY-S");
	assert_int_equal(labor_week_state(sheet), PRAC_TIME_SHEET_STATE_SUBMITTED);
	facts_set(facts, placement, "kind=internship");
	(void)labor_week_submit(facts, sheet);
	assert_int_equal(labor_week_state(sheet), PRAC_TIME_SHEET_STATE_FLAGGED);
	facts_set(facts, placement, "kind=job_shadowing");
	facts_set(facts, placement, "pay=wage");
	(void)labor_week_submit(facts, sheet);
	assert_int_equal(labor_week_state(sheet), PRAC_TIME_SHEET_STATE_FLAGGED);
}

static void a_corrected_sheet_is_counted_once(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);
	struct prac_record *old;

	facts_keep(facts,
		facts_make(facts, &prac_type_time_sheet, 0x22, "placement_id=bb", "student_id=01",
			"school_id=aa", "week_start=2026-08-09", "state=approved", NULL));
	facts_set(facts, sheet, "amends_id=22");
	labor_week_entry(facts, 0x31, "2026-08-11", "15:00-17:00");
	old = labor_week_entry(facts, 0x32, "2026-08-11", "17:00-19:00");
	facts_set(facts, old, "sheet_id=22");
	assert_string_equal(labor_week_submit(facts, sheet), "");
}

static void a_schools_own_day_stands_over_the_districts(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);
	struct prac_record *day;

	labor_week_entry(facts, 0x31, "2026-08-11", "09:00-14:00");
	day = facts_keep(facts, facts_make(facts, &prac_type_school_day, 0x71, "day=2026-08-11",
					"kind=closed", "state=draft", "school_id=aa", NULL));
	assert_string_equal(labor_week_submit(facts, sheet),
		"2026-08-11 09:00 FED-14-SCHOOLHRS; 2026-08-11 09:00 FED-14-DAY-S; "
		"2026-08-11 09:00 TN-14-SCHOOLHRS; 2026-08-11 09:00 TN-14-DAY-S");
	facts_set(facts, day, "state=published");
	assert_string_equal(labor_week_submit(facts, sheet), "");
}

static void late_hours_need_a_consent_of_the_school_year(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);
	struct prac_record *consent = facts_keep(facts,
		facts_make(facts, &prac_type_consent, 0x41, "student_id=01", "school_id=aa",
			"purpose=late_hours", "state=granted", "valid_from=2026-08-01", NULL));

	facts_set(facts, facts->records[0], "birth_date=2010-03-01");
	labor_week_entry(facts, 0x31, "2026-08-11", "20:00-22:30");
	assert_string_equal(labor_week_submit(facts, sheet), "");
	facts_set(facts, consent, "valid_until=2026-08-10");
	assert_string_equal(labor_week_submit(facts, sheet),
		"2026-08-11 20:00 TN-16-NIGHT; 2026-08-11 20:00 TN-16-CONSENT-END");
	facts_set(facts, consent, "valid_until=");
	facts_set(facts, consent, "valid_from=2026-05-01"); /* of the school year before */
	assert_string_equal(labor_week_submit(facts, sheet),
		"2026-08-11 20:00 TN-16-NIGHT; 2026-08-11 20:00 TN-16-CONSENT-END");
	facts_set(facts, consent, "valid_from=2026-08-01");
	facts_set(facts, consent, "state=revoked");
	assert_string_equal(labor_week_submit(facts, sheet),
		"2026-08-11 20:00 TN-16-NIGHT; 2026-08-11 20:00 TN-16-CONSENT-END");
	facts_set(facts, consent, "purpose=media");
	assert_string_equal(labor_week_submit(facts, sheet), "2026-08-11 20:00 TN-16-NIGHT");
}

static void an_agreed_training_plan_makes_a_student_learner(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);
	struct prac_record *plan = facts_keep(
		facts, facts_make(facts, &prac_type_training_plan, 0x51, "student_id=01",
			       "school_id=aa", "placement_id=bb", "state=draft",
			       "student_agreed_on=2026-08-01", "supervisor_agreed_on=2026-08-02",
			       "coordinator_agreed_on=2026-08-11", NULL));

	facts_set(facts, facts->records[0], "birth_date=2010-03-01");
	facts_set(facts, facts->records[1], "kind=cooperative");
	labor_week_entry(facts, 0x31, "2026-08-11", "20:00-22:30");
	assert_string_equal(labor_week_submit(facts, sheet), "2026-08-11 20:00 TN-16-NIGHT");
	facts_set(facts, plan, "state=agreed");
	assert_string_equal(labor_week_submit(facts, sheet), "");
	facts_set(facts, plan, "coordinator_agreed_on=2026-08-12");
	assert_string_equal(labor_week_submit(facts, sheet), "2026-08-11 20:00 TN-16-NIGHT");
}

static void whoever_left_school_is_not_enrolled(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);

	facts_set(facts, facts->records[0], "birth_date=2010-03-01");
	facts_set(facts, facts->records[0], "state=withdrawn");
	labor_week_entry(facts, 0x31, "2026-08-11", "20:00-22:30");
	assert_string_equal(labor_week_submit(facts, sheet), "");
}

static void without_a_birth_date_nothing_is_judged(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);

	facts_set(facts, facts->records[0], "birth_date=");
	labor_week_entry(facts, 0x31, "2026-08-11", "08:00-20:00");
	assert_string_equal(labor_week_submit(facts, sheet), "");
}

static void the_zone_is_the_entrys_or_the_schools(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);
	struct prac_record *entry;

	/* The same wall clock is the same law at each place. */
	facts_keep(facts, facts_make(facts, &prac_type_school, 0xaa, "zone=America/Chicago", NULL));
	entry = labor_week_entry(facts, 0x31, "2026-08-11", "16:00-19:00");
	assert_string_equal(labor_week_submit(facts, sheet), "");
	facts_set(facts, entry, "zone=America/New_York");
	assert_string_equal(labor_week_submit(facts, sheet), "");
	/* A name that no machine knows: that of the school. */
	facts_set(facts, entry, "zone=Mars/Olympus");
	assert_string_equal(labor_week_submit(facts, sheet), "");
}

/* ---- one entry, one planned shift */

static void a_typed_entry_is_judged_as_its_sheet_will_be(void **state)
{
	struct facts *facts = *state;
	struct prac_record *entry, *typed;
	struct prac_labor_findings findings;

	labor_week_add(facts);
	entry = labor_week_entry(facts, 0x31, "2026-08-11", "15:00-17:00");
	typed = prac_record_copy(&facts->arena, entry);
	prac_labor_judge_entry(&facts->judgement, typed, &findings);
	assert_int_equal(findings.n, 0);
	facts_set(facts, typed, "ends_at=18:01"); /* as changed, not as it stands there */
	prac_labor_judge_entry(&facts->judgement, typed, &findings);
	assert_int_equal(findings.n, 2);
	assert_string_equal(findings.rows[0]->id, "FED-14-DAY-S");
	assert_true(findings.is_binding);
	typed = facts_make(facts, &prac_type_time_entry, 0x32, "sheet_id=21", "placement_id=bb",
		"student_id=01", "school_id=aa", "work_date=2026-08-11", "starts_at=17:00",
		"ends_at=18:01", NULL);
	prac_labor_judge_entry(&facts->judgement, typed, &findings);
	assert_int_equal(findings.n, 2);
}

static struct prac_record *make_plan(struct facts *facts, uint8_t last, const char *times)
{
	struct prac_record *plan = facts_make(facts, &prac_type_shift_plan, last, "placement_id=bb",
		"student_id=01", "school_id=aa", "work_date=2026-08-11", "state=planned", NULL);

	facts_set(facts, plan, prac_arena_printf(&facts->arena, "starts_at=%.5s", times));
	facts_set(facts, plan, prac_arena_printf(&facts->arena, "ends_at=%s", times + 6));
	return plan;
}

static void a_planned_shift_that_breaks_a_rule_is_refused(void **state)
{
	struct facts *facts = *state;
	struct prac_record *plan;

	labor_week_add(facts);
	plan = make_plan(facts, 0x71, "15:00-18:01");
	assert_int_equal(facts_check(facts, NULL, plan), PRAC_REASON_INVALID_VALUE);
	assert_string_equal(facts->judgement.problem.text,
		"Starts at: the shift would break 2026-08-11 15:00 FED-14-DAY-S: At most 3 hours on "
		"a school day, Fridays too. (29 CFR 570.35(a)(5)), and 1 more rules; plan other "
		"times");
	facts_set(facts, plan, "ends_at=18:00");
	assert_int_equal(facts_check(facts, NULL, plan), PRAC_REASON_NONE);
}

static void planned_shifts_add_up_until_one_is_worked(void **state)
{
	struct facts *facts = *state;
	struct prac_record *first, *second, *entry;

	labor_week_add(facts);
	first = facts_keep(facts, make_plan(facts, 0x71, "15:00-17:00"));
	second = make_plan(facts, 0x72, "17:30-18:45");
	assert_int_equal(facts_check(facts, NULL, second), PRAC_REASON_INVALID_VALUE);
	facts_set(facts, first, "state=canceled");
	assert_int_equal(facts_check(facts, NULL, second), PRAC_REASON_NONE);
	facts_set(facts, first, "state=planned");
	entry = labor_week_entry(facts, 0x31, "2026-08-11", "15:00-16:30"); /* it was shorter */
	assert_int_equal(facts_check(facts, NULL, second), PRAC_REASON_NONE);
	facts_set(facts, entry, "ends_at=17:00");
	assert_int_equal(facts_check(facts, NULL, second), PRAC_REASON_INVALID_VALUE);
	/* A note may be added to what newer rules forbid. */
	facts_set(facts, second, "note=Bring shoes");
	assert_int_equal(facts_check(facts, make_plan(facts, 0x72, "17:30-18:45"), second),
		PRAC_REASON_NONE);
}

static void the_activity_type_says_whether_labor_rules_bind(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts), *activity;

	activity = facts_keep(
		facts, facts_make(facts, &prac_type_activity_type, 0x81, "labor_rules=none", NULL));
	facts_set(facts, facts->records[1], "activity_type_id=81");
	labor_week_entry(facts, 0x31, "2026-08-11", "16:00-19:01");
	assert_string_equal(labor_week_submit(facts, sheet), "");
	assert_int_equal(
		facts_check(facts, NULL, make_plan(facts, 0x71, "15:00-19:00")), PRAC_REASON_NONE);
	facts_set(facts, activity, "labor_rules=warn");
	assert_string_not_equal(labor_week_submit(facts, sheet), "");
	assert_int_equal(labor_week_state(sheet), PRAC_TIME_SHEET_STATE_SUBMITTED);
	assert_int_equal(
		facts_check(facts, NULL, make_plan(facts, 0x71, "15:00-19:00")), PRAC_REASON_NONE);
	facts_set(facts, activity, "labor_rules=bind");
	(void)labor_week_submit(facts, sheet);
	assert_int_equal(labor_week_state(sheet), PRAC_TIME_SHEET_STATE_FLAGGED);
}

static void a_release_period_is_no_required_class_time(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts), *release;

	facts_set(facts, facts->records[0], "birth_date=2010-03-01");
	labor_week_entry(facts, 0x31, "2026-08-11", "13:00-15:00"); /* a Tuesday */
	assert_string_equal(labor_week_submit(facts, sheet), "2026-08-11 13:00 TN-16-CLASS");
	release = facts_keep(facts,
		facts_make(facts, &prac_type_release_period, 0x91, "student_id=01", "school_id=aa",
			"weekdays=tue;thu", "starts_at=13:00", "ends_at=15:00",
			"starts_on=2026-08-10", "ends_on=2026-12-18", NULL));
	assert_int_equal(facts_check(facts, NULL, release), PRAC_REASON_NONE);
	assert_string_equal(labor_week_submit(facts, sheet), "");
	facts_set(facts, release, "starts_at=13:01");
	assert_string_equal(labor_week_submit(facts, sheet), "2026-08-11 13:00 TN-16-CLASS");
	facts_set(facts, release, "starts_at=13:00");
	facts_set(facts, release, "weekdays=wed");
	assert_string_equal(labor_week_submit(facts, sheet), "2026-08-11 13:00 TN-16-CLASS");
	facts_set(facts, release, "weekdays=wodan");
	assert_int_equal(facts_check(facts, NULL, release), PRAC_REASON_INVALID_VALUE);
}

/* ---- hazardous orders */

static struct prac_record *add_learner(struct facts *facts)
{
	labor_week_add(facts);
	facts_set(facts, facts->records[0], "birth_date=2010-03-01");
	facts_set(facts, facts->records[1], "kind=cooperative");
	facts_set(facts, facts->records[1], "hazardous_orders=8");
	return facts_keep(facts,
		facts_make(facts, &prac_type_training_plan, 0x51, "student_id=01", "school_id=aa",
			"placement_id=bb", "state=agreed", "student_agreed_on=2026-08-01",
			"supervisor_agreed_on=2026-08-02", "coordinator_agreed_on=2026-08-03",
			"is_vocational=yes", "work_is_incidental=yes", "work_is_supervised=yes",
			"safety_is_taught=yes", "has_schedule=no", "copies_are_kept=yes",
			"agreement_id=61", NULL));
}

static const char *missing(struct facts *facts)
{
	struct prac_findings findings = { .arena = &facts->arena };

	prac_labor_find_orders(&facts->judgement, facts->records[1], 20676, &findings);
	return findings.words == NULL ? "" : findings.words;
}

static void hazardous_work_names_the_condition_that_is_missing(void **state)
{
	struct facts *facts = *state;
	struct prac_record *plan = add_learner(facts);

	assert_string_equal(missing(facts),
		"FED-HO-8 binds until the training plan has: schedule of work processes");
	facts_set(facts, plan, "has_schedule=yes");
	assert_string_equal(missing(facts), "");
	facts_set(facts, plan, "agreement_id=");
	assert_string_equal(missing(facts),
		"FED-HO-8 binds until the training plan has: the signed agreement as a document");
	facts_set(facts, facts->records[1], "kind=internship");
	assert_string_equal(missing(facts),
		"FED-HO-8 binds but in a cooperative placement or an apprenticeship");
	facts_set(facts, facts->records[1], "hazardous_orders=4");
	assert_string_equal(missing(facts),
		"FED-HO-4 binds and knows no exemption: Forestry, logging and sawmilling.");
	facts_set(facts, facts->records[0], "birth_date=2008-08-01"); /* 18 */
	assert_string_equal(missing(facts), "");
}

/* RULES 5.6: C (17), order 8 ticked, student learner, the agreement lacks the process schedule. */
static void vector_19_a_student_learner_without_a_process_schedule(void **state)
{
	struct facts *facts = *state;

	(void)add_learner(facts);
	facts_set(facts, facts->records[0], "birth_date=2009-05-20");
	assert_string_equal(missing(facts),
		"FED-HO-8 binds until the training plan has: schedule of work processes");
}

static void an_entry_of_hazardous_work_carries_its_order(void **state)
{
	struct facts *facts = *state;
	struct prac_record *plan = add_learner(facts), *sheet = facts->records[7], *entry;

	assert_ptr_equal(sheet->type, &prac_type_time_sheet);
	facts_set(facts, facts->records[1], "hazardous_orders=");
	entry = labor_week_entry(facts, 0x31, "2026-08-11", "16:00-18:00");
	assert_string_equal(labor_week_submit(facts, sheet), "");
	facts_set(facts, entry, "hazardous_orders=8;4");
	assert_string_equal(labor_week_submit(facts, sheet),
		"2026-08-11 16:00 FED-HO-4; 2026-08-11 16:00 FED-HO-8");
	facts_set(facts, plan, "has_schedule=yes");
	assert_string_equal(labor_week_submit(facts, sheet), "2026-08-11 16:00 FED-HO-4");
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
		T(a_typed_entry_is_judged_as_its_sheet_will_be),
		T(a_planned_shift_that_breaks_a_rule_is_refused),
		T(planned_shifts_add_up_until_one_is_worked),
		T(the_activity_type_says_whether_labor_rules_bind),
		T(a_release_period_is_no_required_class_time),
		T(hazardous_work_names_the_condition_that_is_missing),
		T(vector_19_a_student_learner_without_a_process_schedule),
		T(an_entry_of_hazardous_work_carries_its_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
