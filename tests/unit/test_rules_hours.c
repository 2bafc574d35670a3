/* Rules of time_sheet and time_entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/rules/guard.h"
#include "tests/support/facts.h"

/* A placement of August 2026 with the sheet of the week from Sunday the 9th. */
static struct prac_record *add_sheet(struct facts *facts)
{
	facts_keep(
		facts, facts_make(facts, &prac_type_placement, 0xbb, "student_id=01",
			       "school_id=aa", "starts_on=2026-08-01", "ends_on=2026-08-12", NULL));
	return facts_keep(
		facts, facts_make(facts, &prac_type_time_sheet, 0x21, "placement_id=bb",
			       "student_id=01", "school_id=aa", "week_start=2026-08-09", NULL));
}

static struct prac_record *add_entry(struct facts *facts, uint8_t last, const char *date)
{
	struct prac_record *entry = facts_keep(facts,
		facts_make(facts, &prac_type_time_entry, last, "sheet_id=21", "placement_id=bb",
			"student_id=01", "school_id=aa", "elapsed_minutes=150", NULL));

	facts_set(facts, entry, prac_arena_printf(&facts->arena, "work_date=%s", date));
	return entry;
}

static void assert_words(const struct facts *facts, const char *words)
{
	assert_string_equal(facts->judgement.problem.text, words);
}

static void a_sheet_begins_on_a_sunday(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts);

	assert_int_equal(facts_check(facts, NULL, sheet), PRAC_REASON_NONE);
	facts_set(facts, sheet, "week_start=2026-08-10");
	assert_int_equal(facts_check(facts, NULL, sheet), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Week from: must be a Sunday");
}

static void a_sheet_belongs_to_the_student_of_its_placement(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts);

	facts_set(facts, sheet, "student_id=02");
	assert_int_equal(facts_check(facts, NULL, sheet), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Student: must be that of the placement; leave it out");
	facts_set(facts, sheet, "student_id=01");
	facts_set(facts, sheet, "school_id=ab");
	assert_int_equal(facts_check(facts, NULL, sheet), PRAC_REASON_INVALID_VALUE);
}

static void a_correction_has_a_number_and_what_it_corrects(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts);

	facts_set(facts, sheet, "amendment_no=1");
	assert_int_equal(facts_check(facts, NULL, sheet), PRAC_REASON_INVALID_VALUE);
	facts_set(facts, sheet, "amends_id=20");
	assert_int_equal(facts_check(facts, NULL, sheet), PRAC_REASON_NONE);
}

static void a_correction_follows_the_last_approved_sheet_of_the_week(void **state)
{
	struct facts *facts = *state;
	struct prac_record *first = add_sheet(facts);
	struct prac_record *sheet =
		facts_make(facts, &prac_type_time_sheet, 0x22, "amends_id=21", NULL);

	prac_rules_complete(&facts->judgement, NULL, sheet);
	assert_int_equal(sheet->values[PRAC_TIME_SHEET_AMENDMENT_NO].number, 1);
	assert_int_equal(sheet->values[PRAC_TIME_SHEET_WEEK_START].number, 20674);
	assert_int_equal(facts_check(facts, NULL, sheet), PRAC_REASON_GUARD);
	facts_set(facts, first, "state=approved");
	assert_int_equal(facts_check(facts, NULL, sheet), PRAC_REASON_NONE);

	facts_set(facts, sheet, "amendment_no=2");
	assert_int_equal(facts_check(facts, NULL, sheet), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Correction number: must be 1; leave it out");
	facts_set(facts, sheet, "amendment_no=1");
	facts_set(facts, sheet, "week_start=2026-08-02");
	assert_int_equal(facts_check(facts, NULL, sheet), PRAC_REASON_INVALID_VALUE);
	/* Later changes of its note are not held up by what became of the other. */
	assert_int_equal(facts_check(facts, sheet, sheet), PRAC_REASON_NONE);
}

static void a_sheet_takes_student_and_school_from_its_placement(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet;

	add_sheet(facts);
	sheet = facts_make(facts, &prac_type_time_sheet, 0x22, "placement_id=bb", NULL);
	prac_rules_complete(&facts->judgement, NULL, sheet);
	assert_int_equal(sheet->values[PRAC_TIME_SHEET_STUDENT_ID].bytes.data[15], 0x01);
	assert_int_equal(sheet->values[PRAC_TIME_SHEET_SCHOOL_ID].bytes.data[15], 0xaa);
}

static void a_week_of_a_closed_period_waits_for_an_adjustment(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts);
	struct prac_record *period = facts_keep(facts,
		facts_make(facts, &prac_type_period_close, 0x31, "school_id=aa",
			"starts_on=2026-08-09", "ends_on=2026-09-12", "state=closing", NULL));
	const struct prac_action *submit = prac_action_find(sheet->type, PRAC_TIME_SHEET_DO_SUBMIT);

	add_entry(facts, 0x41, "2026-08-11");
	assert_int_equal(prac_guards_check(&facts->judgement, submit, sheet), PRAC_REASON_NONE);
	facts_set(facts, period, "state=closed");
	assert_int_equal(prac_guards_check(&facts->judgement, submit, sheet), PRAC_REASON_GUARD);
	assert_words(facts,
		"Submit: not yet: the hours from 2026-08-09 to 2026-09-12 are closed (add an adjustment that a "
		"second person approves, or ask the district to reopen the period)");
	/* The week before, and another school's period, do not matter. */
	facts_set(facts, period, "starts_on=2026-08-10");
	assert_int_equal(prac_guards_check(&facts->judgement, submit, sheet), PRAC_REASON_NONE);
	facts_set(facts, period, "starts_on=2026-08-02");
	facts_set(facts, period, "ends_on=2026-08-09");
	assert_int_equal(prac_guards_check(&facts->judgement, submit, sheet), PRAC_REASON_GUARD);
	facts_set(facts, period, "school_id=ab");
	assert_int_equal(prac_guards_check(&facts->judgement, submit, sheet), PRAC_REASON_NONE);
}

static void an_empty_sheet_is_not_submitted(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts);

	assert_int_equal(
		facts_act(facts, sheet, PRAC_TIME_SHEET_DO_SUBMIT, NULL), PRAC_REASON_GUARD);
	assert_words(
		facts, "a sheet without hours cannot be submitted; add its time entries first");
	add_entry(facts, 0x31, "2026-08-11")->deleted = true;
	assert_int_equal(
		facts_act(facts, sheet, PRAC_TIME_SHEET_DO_SUBMIT, NULL), PRAC_REASON_GUARD);
}

static void hours_lie_in_the_week_and_in_the_placement(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts);
	struct prac_record *entry = add_entry(facts, 0x31, "2026-08-09");

	facts_set(facts, sheet, "return_reason=times");
	assert_int_equal(
		facts_act(facts, sheet, PRAC_TIME_SHEET_DO_SUBMIT, NULL), PRAC_REASON_NONE);
	assert_false(sheet->values[PRAC_TIME_SHEET_RETURN_REASON].has);
	facts_set(facts, entry, "work_date=2026-08-13");
	assert_int_equal(facts_act(facts, sheet, PRAC_TIME_SHEET_DO_SUBMIT, NULL),
		PRAC_REASON_INVALID_VALUE);
	assert_words(facts,
		"the shift of 2026-08-13 is outside the dates of the placement; mend the day or those dates");
	facts_set(facts, entry, "work_date=2026-08-08");
	assert_int_equal(facts_act(facts, sheet, PRAC_TIME_SHEET_DO_SUBMIT, NULL),
		PRAC_REASON_INVALID_VALUE);
	assert_words(facts,
		"the shift of 2026-08-08 is outside the week; enter it on the sheet of its week");
	facts_set(facts, facts->records[0], "ends_on=2026-08-31");
	facts_set(facts, entry, "work_date=2026-08-16");
	assert_int_equal(facts_act(facts, sheet, PRAC_TIME_SHEET_DO_SUBMIT, NULL),
		PRAC_REASON_INVALID_VALUE);
}

static void shifts_of_a_sheet_do_not_overlap(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts);
	struct prac_record *first = add_entry(facts, 0x31, "2026-08-10");
	struct prac_record *second = add_entry(facts, 0x32, "2026-08-11");

	facts_set(facts, first, "starts_at=22:00");
	facts_set(facts, first, "ends_at=01:00"); /* on the 11th */
	facts_set(facts, second, "starts_at=00:30");
	facts_set(facts, second, "ends_at=03:00");
	assert_int_equal(facts_act(facts, sheet, PRAC_TIME_SHEET_DO_SUBMIT, NULL),
		PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "the shift of 2026-08-11 overlaps another; mend the times of one");
	facts_set(facts, second, "starts_at=01:00");
	assert_int_equal(
		facts_act(facts, sheet, PRAC_TIME_SHEET_DO_SUBMIT, NULL), PRAC_REASON_NONE);
	/* The same in the other order. */
	facts_set(facts, first, "work_date=2026-08-11");
	facts_set(facts, first, "starts_at=03:00");
	facts_set(facts, first, "ends_at=05:00");
	assert_int_equal(
		facts_act(facts, sheet, PRAC_TIME_SHEET_DO_SUBMIT, NULL), PRAC_REASON_NONE);
}

static void an_approval_names_the_content_it_was_given_for(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts);
	struct prac_record *entry = add_entry(facts, 0x31, "2026-08-11");
	const struct prac_type *type =
		prac_action_find(sheet->type, PRAC_TIME_SHEET_DO_APPROVE)->args;
	const struct prac_value *args =
		facts_args(facts, type, facts_content(facts, sheet, entry), "capacity=coordinator",
			"evidence=e-mail", "approver_name=Kim", "note=good week", NULL);
	const struct prac_value *values;

	assert_int_equal(
		facts_act(facts, sheet, PRAC_TIME_SHEET_DO_APPROVE, args), PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 1);
	assert_int_equal(facts->judgement.effects[0]->type->number, PRAC_APPROVAL);
	assert_int_equal(facts->judgement.effects[0]->id.b[0], 0xef);
	assert_true(prac_id_equal(&facts->judgement.effects[0]->scope, &sheet->scope));
	values = facts->judgement.effects[0]->values;
	assert_int_equal(values[PRAC_APPROVAL_DECISION].number, PRAC_APPROVAL_DECISION_APPROVED);
	assert_int_equal(values[PRAC_APPROVAL_SHEET_ID].bytes.data[15], 0x21);
	assert_int_equal(values[PRAC_APPROVAL_DECIDED_AT].number, INT64_C(1786464000000));
	assert_memory_equal(values[PRAC_APPROVAL_APPROVER_NAME].bytes.data, "Kim", 3);
	assert_int_equal(
		prac_values_check(&prac_type_approval, values, &facts->judgement.problem), PRAC_OK);

	facts_set(facts, entry, "elapsed_minutes=151");
	assert_int_equal(facts_act(facts, sheet, PRAC_TIME_SHEET_DO_APPROVE, args),
		PRAC_REASON_CONTENT_CHANGED);
	assert_int_equal(facts->judgement.n_effects, 0);
}

static void a_returned_sheet_keeps_who_returned_it_and_why(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts);
	const struct prac_type *type =
		prac_action_find(sheet->type, PRAC_TIME_SHEET_DO_RETURN)->args;
	const struct prac_value *values;

	facts->judgement.person = (struct prac_id){ { 0x77 } };
	assert_int_equal(facts_act(facts, sheet, PRAC_TIME_SHEET_DO_RETURN,
				 facts_args(facts, type, "return_reason=Friday is missing", NULL)),
		PRAC_REASON_NONE);
	values = facts->judgement.effects[0]->values;
	assert_int_equal(values[PRAC_APPROVAL_DECISION].number, PRAC_APPROVAL_DECISION_RETURNED);
	assert_memory_equal(values[PRAC_APPROVAL_REASON].bytes.data, "Friday is missing", 17);
	assert_int_equal(values[PRAC_APPROVAL_APPROVER_ID].bytes.data[0], 0x77);
}

static void actions_without_their_arguments_are_refused(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts);

	assert_int_equal(facts_act(facts, sheet, PRAC_TIME_SHEET_DO_APPROVE, NULL),
		PRAC_REASON_INVALID_VALUE);
	assert_int_equal(
		facts_act(facts, sheet, PRAC_TIME_SHEET_DO_RECALL, NULL), PRAC_REASON_NONE);
}

static void hours_change_only_while_the_sheet_is_open(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = add_sheet(facts);
	struct prac_record *entry = add_entry(facts, 0x31, "2026-08-11");

	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_NONE);
	facts_set(facts, sheet, "state=returned");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_NONE);
	facts_set(facts, sheet, "state=submitted");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_LOCKED);
	facts_set(facts, sheet, "state=approved");
	assert_int_equal(facts_check(facts, entry, entry), PRAC_REASON_LOCKED);
	entry->deleted = true;
	assert_int_equal(facts_check(facts, entry, entry), PRAC_REASON_LOCKED);
	facts_set(facts, sheet, "state=draft");
	facts_set(facts, entry, "work_date=2026-08-30"); /* what was wrong may still go */
	assert_int_equal(facts_check(facts, entry, entry), PRAC_REASON_NONE);
}

static void an_entry_without_its_sheet_is_refused(void **state)
{
	struct facts *facts = *state;

	assert_int_equal(facts_check(facts, NULL, add_entry(facts, 0x31, "2026-08-11")),
		PRAC_REASON_MISSING_REFERENCE);
}

static void an_entry_is_in_the_week_and_repeats_the_ids_of_its_sheet(void **state)
{
	struct facts *facts = *state;
	struct prac_record *entry;

	add_sheet(facts);
	entry = add_entry(facts, 0x31, "2026-08-15");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_NONE);
	facts_set(facts, entry, "work_date=2026-08-16");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_INVALID_VALUE);
	assert_words(facts,
		"Work date: must be in the week of the sheet; enter it on the sheet of its week");
	facts_set(facts, entry, "work_date=2026-08-15");
	facts_set(facts, entry, "student_id=02");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Student: must be that of the sheet; leave it out");
}

static void minutes_worked_are_start_to_end_without_the_break(void **state)
{
	struct facts *facts = *state;
	struct prac_record *entry;

	add_sheet(facts);
	entry = add_entry(facts, 0x31, "2026-08-11");
	facts_set(facts, entry, "starts_at=16:00");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_INVALID_VALUE);
	facts_set(facts, entry, "ends_at=18:30");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_NONE);
	facts_set(facts, entry, "break_minutes=30");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_INVALID_VALUE);
	facts_set(facts, entry, "elapsed_minutes=2h");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_NONE);
	facts_set(facts, entry, "break_minutes=2h30m");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Break: must be shorter than the shift");
	facts_set(facts, entry, "break_minutes=");
	facts_set(facts, entry, "break_starts_at=17:00");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_INVALID_VALUE);
}

/* What completing fills in: -1 for nothing. */
static int64_t minutes_of(
	struct facts *facts, const char *date, const char *times, const char *zone)
{
	struct prac_record *entry = facts_make(facts, &prac_type_time_entry, 0x31, NULL);

	facts_set(facts, entry, prac_arena_printf(&facts->arena, "work_date=%s", date));
	facts_set(facts, entry, prac_arena_printf(&facts->arena, "starts_at=%.5s", times));
	facts_set(facts, entry, prac_arena_printf(&facts->arena, "ends_at=%s", times + 6));
	facts_set(facts, entry, prac_arena_printf(&facts->arena, "zone=%s", zone));
	prac_rules_complete(&facts->judgement, NULL, entry);
	return entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].has
		       ? entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number
		       : -1;
}

static void an_end_before_the_start_is_on_the_next_day(void **state)
{
	struct facts *facts = *state;

	assert_int_equal(minutes_of(facts, "2026-08-11", "22:00-02:00", ""), 240);
	assert_int_equal(minutes_of(facts, "2026-08-11", "22:00-22:00", ""), -1);
	assert_int_equal(minutes_of(facts, "2026-08-11", "22:00-", ""), -1);
}

static void times_that_give_no_minutes_are_what_is_wrong(void **state)
{
	static const struct {
		const char *starts_at, *ends_at, *pause, *words;
	} cases[] = {
		{ "", "", "", "Starts at: say when it began and ended, or only how long it was" },
		{ "16:00", "", "", "Ends at: start and end are given together or not at all" },
		{ "16:00", "16:00", "",
			"Ends at: must not be the start; an end before the start is on the next day" },
		{ "16:00", "18:00", "2h", "Break: must be shorter than the shift" },
		{ "16:00", "18:00", "3h", "Break: the break must lie inside the shift" },
	};
	struct facts *facts = *state;

	add_sheet(facts);
	for (size_t i = 0; i < PRAC_NELEM(cases); i++) {
		struct prac_record *entry = add_entry(facts, 0x31, "2026-08-11");

		facts_set(facts, entry,
			prac_arena_printf(&facts->arena, "starts_at=%s", cases[i].starts_at));
		facts_set(facts, entry, "elapsed_minutes=");
		facts_set(facts, entry,
			prac_arena_printf(&facts->arena, "ends_at=%s", cases[i].ends_at));
		facts_set(facts, entry,
			prac_arena_printf(&facts->arena, "break_minutes=%s", cases[i].pause));
		prac_rules_complete(&facts->judgement, NULL, entry);
		assert_false(entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].has);
		facts->judgement.problem.field =
			&entry->type->fields[PRAC_TIME_ENTRY_ELAPSED_MINUTES];
		assert_int_equal(prac_rules_find(entry->type)->explain(&facts->judgement, entry),
			PRAC_REASON_INVALID_VALUE);
		assert_words(facts, cases[i].words);
	}
}

static void minutes_are_those_that_passed_where_the_clock_changed(void **state)
{
	struct facts *facts = *state;

	/* 2026-03-08 02:00 becomes 03:00, 2026-11-01 02:00 becomes 01:00, in each zone. */
	assert_int_equal(minutes_of(facts, "2026-03-07", "22:00-06:00", ""), 420);
	assert_int_equal(minutes_of(facts, "2026-10-31", "22:00-06:00", "America/Chicago"), 540);
	assert_int_equal(minutes_of(facts, "2026-11-01", "00:30-01:30", ""), 60);
	assert_int_equal(minutes_of(facts, "2026-03-07", "22:00-06:00", "America/Phoenix"), 480);
}

static void the_zone_of_an_entry_is_that_of_its_work_site(void **state)
{
	struct facts *facts = *state;
	struct prac_record *entry = add_entry(facts, 0x31, "2026-08-11");
	struct prac_record *site = facts_keep(
		facts, facts_make(facts, &prac_type_site, 0x77, "zone=America/Phoenix", NULL));

	facts_keep(facts,
		facts_make(facts, &prac_type_placement, 0xbb, "site_id=77", "student_id=01", NULL));
	facts_keep(facts, facts_make(facts, &prac_type_school, 0xaa, "zone=America/Chicago", NULL));
	prac_rules_complete(&facts->judgement, NULL, entry);
	assert_int_equal(entry->values[PRAC_TIME_ENTRY_ZONE].bytes.len, strlen("America/Phoenix"));
	facts_set(facts, entry, "zone=");
	facts_set(facts, site, "zone=");
	prac_rules_complete(&facts->judgement, NULL, entry);
	assert_int_equal(entry->values[PRAC_TIME_ENTRY_ZONE].bytes.len, strlen("America/Chicago"));
	(void)add_sheet(facts);
	facts_set(facts, entry, "zone=Mars/Olympus");
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Time zone: is not known; write a name as in America/Chicago");
}

static void an_entry_is_completed_from_its_sheet_and_times(void **state)
{
	struct facts *facts = *state;
	struct prac_record *entry;

	add_sheet(facts);
	entry = facts_make(facts, &prac_type_time_entry, 0x31, "sheet_id=21",
		"work_date=2026-08-11", "starts_at=16:00", "ends_at=18:30", NULL);
	prac_rules_complete(&facts->judgement, NULL, entry);
	assert_int_equal(entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number, 150);
	assert_int_equal(entry->values[PRAC_TIME_ENTRY_PLACEMENT_ID].bytes.data[15], 0xbb);
	assert_int_equal(facts_check(facts, NULL, entry), PRAC_REASON_NONE);
}

static void minutes_follow_changed_times_unless_typed(void **state)
{
	struct facts *facts = *state;
	struct prac_record *before =
		facts_make(facts, &prac_type_time_entry, 0x31, "work_date=2026-08-11",
			"starts_at=16:00", "ends_at=18:30", "elapsed_minutes=150", NULL);
	struct prac_record *entry = prac_record_copy(&facts->arena, before);

	prac_rules_complete(&facts->judgement, before, entry);
	assert_int_equal(entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number, 150);
	facts_set(facts, entry, "ends_at=19:00");
	prac_rules_complete(&facts->judgement, before, entry);
	assert_int_equal(entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number, 180);
	facts_set(facts, entry, "ends_at=20:00");
	prac_rules_complete(&facts->judgement, before, entry);
	assert_int_equal(entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number, 180);
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)
	const struct CMUnitTest tests[] = {
		RULE(a_sheet_begins_on_a_sunday),
		RULE(a_sheet_belongs_to_the_student_of_its_placement),
		RULE(a_correction_has_a_number_and_what_it_corrects),
		RULE(a_correction_follows_the_last_approved_sheet_of_the_week),
		RULE(a_sheet_takes_student_and_school_from_its_placement),
		RULE(a_week_of_a_closed_period_waits_for_an_adjustment),
		RULE(an_empty_sheet_is_not_submitted),
		RULE(hours_lie_in_the_week_and_in_the_placement),
		RULE(shifts_of_a_sheet_do_not_overlap),
		RULE(an_approval_names_the_content_it_was_given_for),
		RULE(a_returned_sheet_keeps_who_returned_it_and_why),
		RULE(actions_without_their_arguments_are_refused),
		RULE(hours_change_only_while_the_sheet_is_open),
		RULE(an_entry_without_its_sheet_is_refused),
		RULE(an_entry_is_in_the_week_and_repeats_the_ids_of_its_sheet),
		RULE(times_that_give_no_minutes_are_what_is_wrong),
		RULE(minutes_worked_are_start_to_end_without_the_break),
		RULE(an_end_before_the_start_is_on_the_next_day),
		RULE(minutes_are_those_that_passed_where_the_clock_changed),
		RULE(the_zone_of_an_entry_is_that_of_its_work_site),
		RULE(an_entry_is_completed_from_its_sheet_and_times),
		RULE(minutes_follow_changed_times_unless_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
