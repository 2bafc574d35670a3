/* The law as records: rule sets of the district, and verdicts that a change changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/facts.h"
#include "tests/support/labor_week.h"

/* ---- rule sets as records */

static struct prac_record *add_rules(struct facts *facts, const char *rows, const char *state)
{
	struct prac_record *set =
		facts_keep(facts, facts_make(facts, &prac_type_rule_set, 0xf1, "domain=labor",
					  "jurisdiction=district", "version=1",
					  "starts_on=2026-08-10", "source=Board decision 4", NULL));

	facts_set(facts, set, prac_arena_printf(&facts->arena, "parameters=%s", rows));
	facts_set(facts, set, state);
	return set;
}

static void a_districts_rule_binds_from_its_first_day_once_it_is_approved(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);
	struct prac_record *set =
		add_rules(facts, "DI-DAY=day-sum age:14-15 most:2h | Two hours.", "state=draft");

	labor_week_entry(facts, 0x31, "2026-08-11", "16:00-18:01");
	assert_string_equal(labor_week_submit(facts, sheet), "");
	facts_set(facts, set, "state=approved");
	assert_string_equal(labor_week_submit(facts, sheet), "2026-08-11 16:00 DI-DAY");
	facts_set(facts, set, "state=superseded"); /* the days before the newer set are still its */
	assert_string_equal(labor_week_submit(facts, sheet), "2026-08-11 16:00 DI-DAY");
	facts_set(facts, set, "starts_on=2026-08-12");
	assert_string_equal(labor_week_submit(facts, sheet), "");
	facts_set(facts, set, "starts_on=2026-08-10");
	facts_set(facts, set, "ends_on=2026-08-10");
	assert_string_equal(labor_week_submit(facts, sheet), "");
}

static void a_rule_set_with_a_bad_row_is_refused_with_the_row_and_the_remedy(void **state)
{
	struct facts *facts = *state;
	struct prac_record *set = add_rules(facts, "DI-DAY=day-sum age:14-15", "state=draft");

	assert_int_equal(facts_check(facts, NULL, set), PRAC_REASON_INVALID_VALUE);
	assert_string_equal(
		facts->judgement.problem.text, "Rows: DI-DAY: a row of kind day-sum needs most:3h");
	facts_set(facts, set, "parameters=DI-DAY=day-sum age:14-15 most:2h");
	assert_int_equal(facts_check(facts, NULL, set), PRAC_REASON_NONE);
	facts_keep(facts, facts_make(facts, &prac_type_rule_set, 0xf2, "domain=labor",
				  "jurisdiction=district", "version=1", NULL));
	assert_int_equal(facts_check(facts, NULL, set), PRAC_REASON_INVALID_VALUE);
	assert_string_equal(
		facts->judgement.problem.text, "Version: 1 is there already; the next one is 2");
}

static enum prac_reason approve(struct facts *facts, struct prac_record *set, const char *departure)
{
	facts_set(facts, set, "state=draft");
	facts_set(facts, set, prac_arena_printf(&facts->arena, "departure=%s", departure));
	return facts_act(facts, set, PRAC_RULE_SET_DO_APPROVE, NULL);
}

static void rules_that_demand_less_need_a_reason(void **state)
{
	struct facts *facts = *state;
	struct prac_record *set = add_rules(
		facts, "DI-X=exemption proof:farm age:0-17 lifts:TN-BREAK", "state=draft");

	assert_int_equal(approve(facts, set, ""), PRAC_REASON_INVALID_VALUE);
	assert_string_equal(facts->judgement.problem.text,
		"Reason to demand less: it demands less than the law as shipped (DI-X is an "
		"exemption that the law does not have); say why and by whose authority with "
		"departure=TEXT");
	assert_int_equal(approve(facts, set, "Public Chapter 12 of 2026"), PRAC_REASON_NONE);
	facts_set(facts, set, "parameters=DI-DAY=day-sum age:14-15 most:2h");
	assert_int_equal(approve(facts, set, ""), PRAC_REASON_NONE);
	facts_set(facts, set, "source=");
	assert_int_equal(approve(facts, set, ""), PRAC_REASON_INVALID_VALUE);
}

static void years_that_are_over_keep_their_rules(void **state)
{
	struct facts *facts = *state;
	struct prac_record *set =
		add_rules(facts, "DI-DAY=day-sum age:14-15 most:2h", "starts_on=2026-06-30");

	assert_int_equal(approve(facts, set, ""), PRAC_REASON_INVALID_VALUE);
	assert_string_equal(facts->judgement.problem.text,
		"Starts on: years that are over keep their rules; begin on 2026-07-01 or later");
	facts_set(facts, set, "starts_on=2026-07-01");
	assert_int_equal(approve(facts, set, ""), PRAC_REASON_NONE);
}

static void a_set_is_superseded_only_by_a_newer_one(void **state)
{
	struct facts *facts = *state;
	struct prac_record *set = add_rules(facts, "A=note", "state=approved"), *newer;

	assert_int_equal(
		facts_act(facts, set, PRAC_RULE_SET_DO_SUPERSEDE, NULL), PRAC_REASON_GUARD);
	newer = facts_keep(facts, facts_make(facts, &prac_type_rule_set, 0xf2, "domain=labor",
					  "jurisdiction=district", "version=2",
					  "starts_on=2027-07-01", "state=draft", NULL));
	assert_int_equal(
		facts_act(facts, set, PRAC_RULE_SET_DO_SUPERSEDE, NULL), PRAC_REASON_GUARD);
	facts_set(facts, newer, "state=approved");
	assert_int_equal(facts_act(facts, set, PRAC_RULE_SET_DO_SUPERSEDE, NULL), PRAC_REASON_NONE);
}

/* ---- judging anew */

static enum prac_reason rejudge(struct facts *facts, struct prac_record *sheet, const char *because)
{
	return facts_act(facts, sheet, PRAC_TIME_SHEET_DO_REJUDGE,
		facts_args(facts, prac_type_time_sheet.actions[PRAC_TIME_SHEET_DO_REJUDGE - 1].args,
			prac_arena_printf(&facts->arena, "because=%s", because), NULL));
}

static const char *list_of(struct facts *facts, const struct prac_record *sheet, uint16_t index)
{
	struct prac_bytes rest = sheet->values[index].bytes, item;
	const char *lines = "";

	while (sheet->values[index].has && prac_list_next(&rest, &item)) {
		lines = prac_arena_printf(
			&facts->arena, "%s%.*s;", lines, (int)item.len, item.data);
	}
	return lines;
}

static void a_changed_calendar_flags_and_clears_and_says_why(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts);
	struct prac_record *day = facts->records[3]; /* 2026-08-11 */

	labor_week_entry(facts, 0x31, "2026-08-11", "15:00-18:01");
	assert_string_not_equal(labor_week_submit(facts, sheet), "");
	facts_set(facts, day, "state=amended");
	facts_set(facts, day, "kind=closed");
	assert_int_equal(rejudge(facts, sheet, "snow day"), PRAC_REASON_NONE);
	assert_int_equal(labor_week_state(sheet), PRAC_TIME_SHEET_STATE_SUBMITTED);
	assert_string_equal(list_of(facts, sheet, PRAC_TIME_SHEET_NEWLY_CLEAR),
		"2026-08-11 15:00 FED-14-DAY-S;2026-08-11 15:00 TN-14-DAY-S;");
	facts_set(facts, day, "kind=school");
	assert_int_equal(rejudge(facts, sheet, "no snow"), PRAC_REASON_NONE);
	assert_int_equal(labor_week_state(sheet), PRAC_TIME_SHEET_STATE_FLAGGED);
	assert_string_equal(list_of(facts, sheet, PRAC_TIME_SHEET_NEWLY_BROKEN),
		"2026-08-11 15:00 FED-14-DAY-S;2026-08-11 15:00 TN-14-DAY-S;");
	assert_int_equal(
		sheet->values[PRAC_TIME_SHEET_REJUDGED_BECAUSE].bytes.len, strlen("no snow"));
}

static void judging_anew_twice_changes_nothing_and_keeps_the_decision(void **state)
{
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts), *before;

	labor_week_entry(facts, 0x31, "2026-08-11", "16:00-19:01");
	(void)labor_week_submit(facts, sheet);
	facts_set(facts, sheet, "state=submitted");
	facts_set(facts, sheet, "disposition=Talked to the supervisor");
	before = prac_record_copy(&facts->arena, sheet);
	assert_int_equal(rejudge(facts, sheet, "again"), PRAC_REASON_NONE);
	for (size_t i = 0; i < sheet->type->n_fields; i++) {
		assert_true(prac_value_equal(
			&sheet->type->fields[i], &before->values[i], &sheet->values[i]));
	}
	/* A rule that the decision was not made for. */
	add_rules(facts, "DI-DAY=day-sum age:14-15 most:2h", "state=approved");
	assert_int_equal(rejudge(facts, sheet, "board"), PRAC_REASON_NONE);
	assert_int_equal(labor_week_state(sheet), PRAC_TIME_SHEET_STATE_FLAGGED);
	assert_string_equal(
		list_of(facts, sheet, PRAC_TIME_SHEET_NEWLY_BROKEN), "2026-08-11 16:00 DI-DAY;");
	assert_false(sheet->values[PRAC_TIME_SHEET_DISPOSITION].has);
}

static void judging_anew_is_idempotent_whatever_changed(void **state)
{
	static const char *const kinds[] = { "kind=school", "kind=holiday", "kind=closed" };
	struct facts *facts = *state;
	struct prac_record *sheet = labor_week_add(facts), *entries[5], *before;
	uint64_t draw = 11;
	int n_changes = 0;

	for (uint8_t i = 0; i < 5; i++) {
		entries[i] = labor_week_entry(facts, (uint8_t)(0x31 + i),
			prac_arena_printf(&facts->arena, "2026-08-%d", 10 + i), "15:00-18:00");
	}
	for (int round = 0; round < 200; round++) {
		uint32_t drawn;

		draw = draw * UINT64_C(6364136223846793005) + 1442695040888963407U;
		drawn = (uint32_t)(draw >> 33);
		if (round % 10 == 0) {
			facts_set(facts, entries[drawn % 5],
				prac_arena_printf(&facts->arena, "ends_at=%02u:%02u",
					16 + drawn % 6, drawn % 60));
			(void)labor_week_submit(facts, sheet);
		}
		facts_set(facts, facts->records[2 + drawn / 8 % 5], kinds[drawn / 64 % 3]);
		before = prac_record_copy(&facts->arena, sheet);
		assert_int_equal(rejudge(facts, sheet, "first"), PRAC_REASON_NONE);
		n_changes += !prac_value_equal(&sheet->type->fields[PRAC_TIME_SHEET_VIOLATIONS],
			&before->values[PRAC_TIME_SHEET_VIOLATIONS],
			&sheet->values[PRAC_TIME_SHEET_VIOLATIONS]);
		before = prac_record_copy(&facts->arena, sheet);
		assert_int_equal(rejudge(facts, sheet, "second"), PRAC_REASON_NONE);
		for (size_t i = 0; i < sheet->type->n_fields; i++) {
			assert_true(prac_value_equal(
				&sheet->type->fields[i], &before->values[i], &sheet->values[i]));
		}
	}
	assert_true(n_changes > 20);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)
	const struct CMUnitTest tests[] = {
		T(a_districts_rule_binds_from_its_first_day_once_it_is_approved),
		T(a_rule_set_with_a_bad_row_is_refused_with_the_row_and_the_remedy),
		T(rules_that_demand_less_need_a_reason),
		T(years_that_are_over_keep_their_rules),
		T(a_set_is_superseded_only_by_a_newer_one),
		T(a_changed_calendar_flags_and_clears_and_says_why),
		T(judging_anew_twice_changes_nothing_and_keeps_the_decision),
		T(judging_anew_is_idempotent_whatever_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
