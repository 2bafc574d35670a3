/* What a person may do where a record stands, when it was entered and now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/macros.h"
#include "common/sync/turn.h"
#include "tests/support/facts.h"

enum {
	HOUR_MS = 60 * 60 * 1000,
	NOON_MS = 12 * HOUR_MS
};

static const struct prac_id south = { { [15] = 0xA0 } };
static const struct prac_id north = { { [15] = 0xB0 } };

static struct prac_arena arena;
static struct prac_judgement judgement;
static struct prac_grant grant;
static struct prac_person person;

/* Seen at its owner alone. */
static size_t own_scope(
	void *ctx, const struct prac_record *record, const struct prac_id **scopes_out)
{
	(void)ctx;
	*scopes_out = &record->scope;
	return 1;
}

static struct prac_turn turn_as(enum prac_role role, const struct prac_id *scope)
{
	grant = (struct prac_grant){ .role = role, .scope = *scope, .until_ms = INT64_MAX };
	person = (struct prac_person){ .grants = &grant, .n_grants = 1 };
	judgement = (struct prac_judgement){ .arena = &arena };
	return (struct prac_turn){
		.who = &person, .then_ms = NOON_MS, .now_ms = NOON_MS, .scopes = own_scope
	};
}

static struct prac_record *student_of(const struct prac_id *school)
{
	struct prac_record *record = prac_record_new(&arena, &prac_type_student);

	record->id = (struct prac_id){ { [15] = 0x11 } };
	record->scope = *school;
	return record;
}

static enum prac_reason change(const struct prac_turn *turn, const struct prac_id *school)
{
	return prac_turn_may(turn, &judgement, student_of(school),
		&(struct prac_deed){ .op = PRAC_RIGHT_CHANGE });
}

static void a_role_counts_where_the_record_is_seen(void **state)
{
	struct prac_turn turn = turn_as(PRAC_ROLE_COORDINATOR, &south);

	(void)state;
	assert_int_equal(change(&turn, &south), PRAC_REASON_NONE);
	assert_true(prac_turn_sees(&turn, &judgement, student_of(&south)));
	assert_int_equal(change(&turn, &north), PRAC_REASON_UNKNOWN_RECORD);
	assert_false(prac_turn_sees(&turn, &judgement, student_of(&north)));
}

static void a_refusal_names_the_roles_that_may(void **state)
{
	struct prac_turn turn = turn_as(PRAC_ROLE_TEACHER, &south);

	(void)state;
	assert_int_equal(change(&turn, &south), PRAC_REASON_NOT_ALLOWED);
	assert_string_equal(judgement.problem.text,
		"your role may not do that here; it is for: coordinator, counselor, "
		"district_coordinator, cte_director, data_clerk");
}

static void what_was_entered_before_a_right_ended_waits(void **state)
{
	struct prac_turn turn = turn_as(PRAC_ROLE_COORDINATOR, &south);

	(void)state;
	grant.until_ms = NOON_MS;
	assert_int_equal(change(&turn, &south), PRAC_REASON_UNKNOWN_RECORD);
	turn.then_ms = NOON_MS - 1;
	assert_int_equal(change(&turn, &south), PRAC_REASON_RIGHTS_LOST);
}

static void a_right_counts_an_hour_before_it_began_as_clocks_differ(void **state)
{
	struct prac_turn turn = turn_as(PRAC_ROLE_COORDINATOR, &south);

	(void)state;
	grant.from_ms = NOON_MS;
	turn.then_ms = NOON_MS - HOUR_MS;
	assert_int_equal(change(&turn, &south), PRAC_REASON_NONE);
	turn.then_ms--;
	assert_int_equal(change(&turn, &south), PRAC_REASON_UNKNOWN_RECORD);
}

static void a_clock_that_is_ahead_gives_no_right_of_tomorrow(void **state)
{
	struct prac_turn turn = turn_as(PRAC_ROLE_COORDINATOR, &south);

	(void)state;
	grant.from_ms = NOON_MS + 1;
	turn.then_ms = NOON_MS + HOUR_MS;
	assert_int_equal(change(&turn, &south), PRAC_REASON_UNKNOWN_RECORD);
}

static void a_group_with_writers_asks_for_one_of_them(void **state)
{
	struct prac_turn turn = turn_as(PRAC_ROLE_COORDINATOR, &south);
	const struct prac_field *field =
		&prac_type_student.fields[PRAC_STUDENT_SPECIAL_POPULATIONS];
	struct prac_patch patch = { .group = &prac_type_student.groups[field->group] };
	struct prac_deed deed = { .op = PRAC_RIGHT_CREATE, .patches = &patch, .n_patches = 1 };
	struct prac_record *record = student_of(&south);

	(void)state;
	assert_int_equal(prac_turn_may(&turn, &judgement, record, &deed), PRAC_REASON_NOT_ALLOWED);
	assert_int_equal(prac_turn_may_write(&turn, &judgement, record, patch.group),
		PRAC_REASON_NOT_ALLOWED);
	turn = turn_as(PRAC_ROLE_COUNSELOR, &south);
	assert_int_equal(prac_turn_may(&turn, &judgement, record, &deed), PRAC_REASON_NONE);
}

static void a_deed_is_what_the_mutation_does(void **state)
{
	struct prac_patch patch = { 0 };
	struct prac_mutation mutation = { .patches = &patch, .n_patches = 1 };

	(void)state;
	mutation.op = PRACTICUM__OP__OP_PATCH;
	assert_int_equal(prac_deed_of(&mutation).op, PRAC_RIGHT_CHANGE);
	assert_int_equal(prac_deed_of(&mutation).n_patches, 1);
	mutation.op = PRACTICUM__OP__OP_DELETE;
	assert_int_equal(prac_deed_of(&mutation).op, PRAC_RIGHT_DELETE);
	assert_int_equal(prac_deed_of(&mutation).n_patches, 0);
	mutation.op = PRACTICUM__OP__OP_ACTION;
	assert_int_equal(prac_deed_of(&mutation).op, PRAC_RIGHT_ACT);
}

static enum prac_reason acknowledge(
	const struct prac_turn *turn, struct facts *facts, const struct prac_record *evaluation)
{
	const struct prac_deed deed = { .op = PRAC_RIGHT_ACT,
		.action = prac_action_find_name(evaluation->type, "acknowledge") };

	return prac_turn_may(turn, &facts->judgement, evaluation, &deed);
}

/* What the supervisor wrote is no record to the student until both are in, nor is the scan of it. */
static void what_is_kept_from_a_side_is_unknown_to_it(void **state)
{
	struct facts *facts = *state;
	struct prac_turn turn = turn_as(PRAC_ROLE_STUDENT, &south);
	struct prac_record *theirs = facts_keep(facts,
		facts_make(facts, &prac_type_evaluation, 0x21, "placement_id=0b", "student_id=01",
			"evaluator=supervisor", "stage=start", "state=submitted", NULL));
	struct prac_record *own = facts_keep(facts,
		facts_make(facts, &prac_type_evaluation, 0x22, "placement_id=0b", "student_id=01",
			"evaluator=student", "stage=start", "state=opened", NULL));
	struct prac_record *scan = facts_make(facts, &prac_type_attachment, 0x23, "student_id=01",
		"record_type=17", "record_id=21", NULL);

	assert_int_equal(prac_record_student(own, &person.subject), true);
	person.subject_type = PRAC_STUDENT;
	theirs->scope = own->scope = scan->scope = south;
	assert_int_equal(acknowledge(&turn, facts, theirs), PRAC_REASON_UNKNOWN_RECORD);
	assert_false(prac_turn_sees(&turn, &facts->judgement, theirs));
	assert_false(prac_turn_sees(&turn, &facts->judgement, scan));
	assert_true(prac_turn_sees(&turn, &facts->judgement, own));
	facts_set(facts, own, "state=submitted");
	assert_int_equal(acknowledge(&turn, facts, theirs), PRAC_REASON_NONE);
	assert_true(prac_turn_sees(&turn, &facts->judgement, theirs));
	assert_true(prac_turn_sees(&turn, &facts->judgement, scan));
}

static int end(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_role_counts_where_the_record_is_seen),
		cmocka_unit_test(a_refusal_names_the_roles_that_may),
		cmocka_unit_test(what_was_entered_before_a_right_ended_waits),
		cmocka_unit_test(a_right_counts_an_hour_before_it_began_as_clocks_differ),
		cmocka_unit_test(a_clock_that_is_ahead_gives_no_right_of_tomorrow),
		cmocka_unit_test(a_group_with_writers_asks_for_one_of_them),
		cmocka_unit_test(a_deed_is_what_the_mutation_does),
		cmocka_unit_test_setup_teardown(
			what_is_kept_from_a_side_is_unknown_to_it, facts_start, facts_stop),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
