/* Rules of enrollment, organization, placement, evaluation and conflict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/facts.h"

static void every_reason_has_words_and_a_name(void **state)
{
	(void)state;
	assert_string_equal(prac_reason_name(PRAC_REASON_CONTENT_CHANGED), "CONTENT_CHANGED");
	assert_string_equal(prac_reason_text(PRAC_REASON_WRONG_STATE),
		"not possible in the present state; practicum show tells which it is");
	assert_string_equal(prac_reason_name((enum prac_reason)99), "UNKNOWN");
	assert_string_equal(
		prac_reason_text((enum prac_reason)99), "for a reason this version does not know");
}

static void long_words_end_between_characters(void **state)
{
	struct facts *facts = *state;
	char long_name[441];

	memset(long_name, 'x', 398);
	memcpy(&long_name[398], "\xc3\xa9\xc3\xa9", 5); /* two bytes each, the first does not fit */
	assert_int_equal(prac_refuse(&facts->judgement, PRAC_REASON_GUARD, NULL, "%s", long_name),
		PRAC_REASON_GUARD);
	assert_int_equal(strlen(facts->judgement.problem.text), 398);
}

static void types_without_rules_have_none(void **state)
{
	(void)state;
	assert_null(prac_rules_find(&prac_type_school));
	assert_non_null(prac_rules_find(&prac_type_placement));
}

static void an_enrollment_does_not_end_before_it_starts(void **state)
{
	struct facts *facts = *state;
	struct prac_record *enrollment = facts_make(facts, &prac_type_enrollment, 0x11,
		"starts_on=2026-08-01", "ends_on=2026-07-31", NULL);

	assert_int_equal(facts_check(facts, NULL, enrollment), PRAC_REASON_INVALID_VALUE);
	assert_int_equal(facts_act(facts, enrollment, PRAC_ENROLLMENT_DO_END, NULL),
		PRAC_REASON_INVALID_VALUE);
	assert_int_equal(facts->judgement.problem.field->number, PRAC_ENROLLMENT_ENDS_ON_NO);
	facts_set(facts, enrollment, "ends_on=2026-08-01");
	assert_int_equal(
		facts_act(facts, enrollment, PRAC_ENROLLMENT_DO_END, NULL), PRAC_REASON_NONE);
}

static void a_reopened_enrollment_has_no_end(void **state)
{
	struct facts *facts = *state;
	struct prac_record *enrollment = facts_make(facts, &prac_type_enrollment, 0x11,
		"starts_on=2026-08-01", "ends_on=2026-08-31", "state=ended", NULL);

	assert_int_equal(
		facts_act(facts, enrollment, PRAC_ENROLLMENT_DO_REOPEN, NULL), PRAC_REASON_NONE);
	assert_false(enrollment->values[PRAC_ENROLLMENT_ENDS_ON].has);
}

/* What stands against approving the organization. */
static const char *approval(struct facts *facts, const struct prac_record *organization)
{
	struct prac_findings findings = { .arena = &facts->arena };
	const struct prac_type *type = &prac_type_organization;

	prac_rules_find(type)->find(
		&facts->judgement, prac_action_find_name(type, "approve"), organization, &findings);
	return findings.words == NULL ? "" : findings.words;
}

static void no_two_partners_have_the_same_name_and_zip_code(void **state)
{
	struct facts *facts = *state;
	struct prac_record *organization =
		facts_keep(facts, facts_make(facts, &prac_type_organization, 0x41,
					  "name=Ridge Works Inc.", "postal_code=37830", NULL));
	struct prac_record *other = facts_keep(
		facts, facts_make(facts, &prac_type_organization, 0x42, "name=RIDGE WORKS, INC",
			       "postal_code=37830-1234", "state=prospect", NULL));

	assert_string_equal(approval(facts, organization), "");
	facts_set(facts, other, "state=approved");
	assert_string_equal(approval(facts, organization),
		"a partner has this name and ZIP code, 00000000-0000-7000-8000-000000000042 (the same "
		"one: practicum exceptions same; two: let the names or streets tell them apart)");
	facts_set(facts, other, "name=Ridge Works Incorporated");
	assert_string_equal(approval(facts, organization), "");
	facts_set(facts, other, "name=ridge works inc");
	facts_set(facts, other, "postal_code=37831");
	assert_string_equal(approval(facts, organization), "");
	facts_set(facts, other, "postal_code=37830");
	facts_set(facts, other, "street=1 Mill Rd.");
	assert_string_not_equal(approval(facts, organization), "");
	facts_set(facts, organization, "street=20 Oak St");
	assert_string_equal(approval(facts, organization), "");
	facts_set(facts, organization, "street=1 mill rd");
	assert_string_not_equal(approval(facts, organization), "");
	facts_set(facts, other, "state=ended");
	assert_string_equal(approval(facts, organization), "");
}

static void an_organization_is_not_merged_into_itself(void **state)
{
	struct facts *facts = *state;
	struct prac_record *organization =
		facts_make(facts, &prac_type_organization, 0x41, "merged_into_id=41", NULL);

	assert_int_equal(facts_act(facts, organization, PRAC_ORGANIZATION_DO_MERGE, NULL),
		PRAC_REASON_INVALID_VALUE);
	facts_set(facts, organization, "merged_into_id=42");
	assert_int_equal(
		facts_act(facts, organization, PRAC_ORGANIZATION_DO_MERGE, NULL), PRAC_REASON_NONE);
}

static struct prac_record *add_placement(struct facts *facts)
{
	facts_keep(facts, facts_make(facts, &prac_type_student, 0x01, "school_id=aa", NULL));
	return facts_keep(facts,
		facts_make(facts, &prac_type_placement, 0xbb, "student_id=01", "title=Clinic",
			"kind=clinical", "starts_on=2026-08-01", "ends_on=2026-12-18", NULL));
}

static struct prac_record *likeness(struct facts *facts, const char *type, const char *other)
{
	struct prac_record *record =
		facts_make(facts, &prac_type_likeness, 0x91, "record_id=01", "verdict=different",
			"reason=two firms of one house", "state=decided", type, other, NULL);

	prac_rules_complete(&facts->judgement, NULL, record);
	return record;
}

static void only_two_records_of_a_type_that_has_doubles_are_said_to_be_alike(void **state)
{
	struct facts *facts = *state;

	facts_keep(facts, facts_make(facts, &prac_type_organization, 0x01, "name=One", NULL));
	assert_int_equal(facts_check(facts, NULL, likeness(facts, "record_type=8", "other_id=02")),
		PRAC_REASON_NONE);
	assert_int_equal(facts_check(facts, NULL, likeness(facts, "record_type=8", "other_id=01")),
		PRAC_REASON_INVALID_VALUE);
	assert_string_equal(facts->judgement.problem.text,
		"The other: is the record itself; name the one that looks like it");
	assert_int_equal(facts_check(facts, NULL, likeness(facts, "record_type=13", "other_id=02")),
		PRAC_REASON_INVALID_VALUE);
	assert_non_null(
		strstr(facts->judgement.problem.text, "nobody looks for doubles of such records"));
}

static void a_likeness_of_students_is_seen_where_the_student_is(void **state)
{
	struct facts *facts = *state;
	struct prac_record *record;

	facts_keep(facts, facts_make(facts, &prac_type_student, 0x01, "school_id=aa", NULL));
	record = likeness(facts, "record_type=3", "other_id=02");
	assert_int_equal(facts_check(facts, NULL, record), PRAC_REASON_NONE);
	assert_int_equal(record->values[PRAC_LIKENESS_STUDENT_ID].bytes.data[15], 0x01);
}

static void a_placement_takes_the_school_of_its_student(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts);

	prac_rules_complete(&facts->judgement, NULL, placement);
	assert_int_equal(placement->values[PRAC_PLACEMENT_SCHOOL_ID].bytes.data[15], 0xaa);
	facts_set(facts, placement, "school_id=ab");
	prac_rules_complete(&facts->judgement, NULL, placement);
	assert_int_equal(placement->values[PRAC_PLACEMENT_SCHOOL_ID].bytes.data[15], 0xab);
}

static void a_placement_ends_on_or_after_its_start(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts);

	assert_int_equal(facts_check(facts, NULL, placement), PRAC_REASON_NONE);
	facts_set(facts, placement, "ends_on=2026-07-31");
	assert_int_equal(facts_check(facts, NULL, placement), PRAC_REASON_INVALID_VALUE);
	assert_string_equal(facts->judgement.problem.text, "Ends on: must not be before starts on");
}

static void an_unpaid_placement_has_no_wage(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts);

	facts_set(facts, placement, "wage_cents=15.00");
	facts_set(facts, placement, "pay=wage");
	assert_int_equal(facts_check(facts, NULL, placement), PRAC_REASON_NONE);
	facts_set(facts, placement, "pay=unpaid");
	assert_int_equal(facts_check(facts, NULL, placement), PRAC_REASON_INVALID_VALUE);
}

static void a_review_needs_a_partner(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts);

	assert_int_equal(
		facts_act(facts, placement, PRAC_PLACEMENT_DO_SUBMIT, NULL), PRAC_REASON_GUARD);
	facts_set(facts, placement, "organization_id=41");
	assert_int_equal(
		facts_act(facts, placement, PRAC_PLACEMENT_DO_SUBMIT, NULL), PRAC_REASON_NONE);
}

static void a_placement_is_complete_when_all_hours_are_approved(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts);
	struct prac_record *sheet =
		facts_keep(facts, facts_make(facts, &prac_type_time_sheet, 0x21, "placement_id=bb",
					  "state=submitted", NULL));

	assert_int_equal(
		facts_act(facts, placement, PRAC_PLACEMENT_DO_COMPLETE, NULL), PRAC_REASON_GUARD);
	facts_set(facts, sheet, "state=approved");
	assert_int_equal(
		facts_act(facts, placement, PRAC_PLACEMENT_DO_COMPLETE, NULL), PRAC_REASON_NONE);
}

/* A placement with everything that is required. */
static struct prac_record *add_whole_placement(struct facts *facts)
{
	struct prac_record *placement = add_placement(facts);

	facts_set(facts, placement, "school_id=aa");
	return placement;
}

/* An open conflict about the dates of the placement; mine says 5 to 6 September. */
static struct prac_record *add_conflict(struct facts *facts)
{
	struct prac_record *conflict =
		facts_keep(facts, facts_make(facts, &prac_type_conflict, 0x61, "record_type=12",
					  "record_id=bb", "kind=edit", NULL));

	facts_set(facts, conflict,
		prac_arena_printf(&facts->arena, "group_number=%d", PRAC_PLACEMENT_GROUP_DATES));
	/* fields 15 and 16: 20701, 20702 */
	facts_set(facts, conflict, "mine=78dda1018001dea101");
	return conflict;
}

static enum prac_reason resolve(
	struct facts *facts, struct prac_record *conflict, const char *choice, const char *chosen)
{
	const struct prac_type *type =
		prac_action_find(conflict->type, PRAC_CONFLICT_DO_RESOLVE)->args;

	return facts_act(facts, conflict, PRAC_CONFLICT_DO_RESOLVE,
		facts_args(facts, type, choice, chosen, NULL));
}

static void choosing_theirs_changes_nothing(void **state)
{
	struct facts *facts = *state;

	add_whole_placement(facts);
	assert_int_equal(
		resolve(facts, add_conflict(facts), "choice=theirs", NULL), PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 0);
}

static void choosing_mine_or_a_third_value_changes_the_record(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_whole_placement(facts);
	struct prac_record *conflict = add_conflict(facts);

	assert_int_equal(resolve(facts, conflict, "choice=mine", NULL), PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 1);
	assert_true(prac_id_equal(&facts->judgement.effects[0]->id, &placement->id));
	assert_int_equal(
		facts->judgement.effects[0]->values[PRAC_PLACEMENT_STARTS_ON].number, 20701);
	assert_int_equal(placement->values[PRAC_PLACEMENT_STARTS_ON].number, 20666);

	assert_int_equal(resolve(facts, conflict, "choice=value", "chosen=78dda1018001dfa101"),
		PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.effects[0]->values[PRAC_PLACEMENT_ENDS_ON].number, 20703);
}

static void a_choice_keeps_the_rules_of_the_record(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_whole_placement(facts);
	struct prac_record *conflict = add_conflict(facts);

	/* ends before it starts; no dates at all; a field of another group */
	assert_int_equal(resolve(facts, conflict, "choice=value", "chosen=78dda1018001dca101"),
		PRAC_REASON_INVALID_VALUE);
	assert_int_equal(resolve(facts, conflict, "choice=value", NULL), PRAC_REASON_INVALID_VALUE);
	assert_int_equal(
		resolve(facts, conflict, "choice=value", "chosen=2001"), PRAC_REASON_INVALID_VALUE);
	facts_set(facts, placement, "state=completed");
	assert_int_equal(resolve(facts, conflict, "choice=mine", NULL), PRAC_REASON_LOCKED);
}

static void a_deletion_can_be_chosen_and_a_deleted_record_not(void **state)
{
	struct facts *facts = *state;
	struct prac_record *conflict = add_conflict(facts);

	assert_int_equal(resolve(facts, conflict, "choice=mine", NULL), PRAC_REASON_UNKNOWN_RECORD);
	add_whole_placement(facts);
	facts_set(facts, conflict, "kind=delete");
	assert_int_equal(resolve(facts, conflict, "choice=mine", NULL), PRAC_REASON_NONE);
	assert_true(facts->judgement.effects[0]->deleted);
}

static void a_choice_gives_no_right_over_the_districts_records(void **state)
{
	struct facts *facts = *state;
	struct prac_record *site = facts_keep(facts,
		facts_make(facts, &prac_type_site, 0xcc, "organization_id=41", "name=Mill", NULL));
	struct prac_record *conflict = facts_make(facts, &prac_type_conflict, 0x62, "record_type=9",
		"record_id=cc", "kind=edit", "mine=1a0144", NULL);

	facts_set(facts, conflict,
		prac_arena_printf(&facts->arena, "group_number=%d", PRAC_SITE_GROUP_NAMING));
	assert_int_equal(resolve(facts, conflict, "choice=mine", NULL), PRAC_REASON_NONE);
	facts_set(facts, site, "state=approved");
	assert_int_equal(resolve(facts, conflict, "choice=mine", NULL), PRAC_REASON_NOT_ALLOWED);
	assert_int_equal(facts->judgement.n_effects, 0);
	facts->judgement.district = true;
	assert_int_equal(resolve(facts, conflict, "choice=mine", NULL), PRAC_REASON_NONE);
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_words_and_a_name),
		RULE(long_words_end_between_characters),
		cmocka_unit_test(types_without_rules_have_none),
		RULE(an_enrollment_does_not_end_before_it_starts),
		RULE(a_reopened_enrollment_has_no_end),
		RULE(no_two_partners_have_the_same_name_and_zip_code),
		RULE(an_organization_is_not_merged_into_itself),
		RULE(only_two_records_of_a_type_that_has_doubles_are_said_to_be_alike),
		RULE(a_likeness_of_students_is_seen_where_the_student_is),
		RULE(a_placement_takes_the_school_of_its_student),
		RULE(a_placement_ends_on_or_after_its_start),
		RULE(an_unpaid_placement_has_no_wage),
		RULE(a_review_needs_a_partner),
		RULE(a_placement_is_complete_when_all_hours_are_approved),
		RULE(choosing_theirs_changes_nothing),
		RULE(choosing_mine_or_a_third_value_changes_the_record),
		RULE(a_choice_keeps_the_rules_of_the_record),
		RULE(a_deletion_can_be_chosen_and_a_deleted_record_not),
		RULE(a_choice_gives_no_right_over_the_districts_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
