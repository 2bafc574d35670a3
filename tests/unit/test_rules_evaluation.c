/* Rules of evaluation: scores, who reads them when, and growth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/rules/growth.h"
#include "common/rules/guard.h"
#include "common/rules/rights.h"
#include "tests/support/facts.h"

#define STUDENT    PRAC_ROLE_BIT(PRAC_ROLE_STUDENT)
#define SUPERVISOR PRAC_ROLE_BIT(PRAC_ROLE_SUPERVISOR)
#define TEACHER    PRAC_ROLE_BIT(PRAC_ROLE_TEACHER)

static struct prac_record *add_rubric(struct facts *facts)
{
	return facts_keep(facts,
		facts_make(facts, &prac_type_rubric, 0x51, "lowest_score=1", "highest_score=4",
			"items=reliability: Comes on time;safety: Follows the rules",
			"state=in_use", NULL));
}

static struct prac_record *add_evaluation(
	struct facts *facts, uint8_t last, const char *evaluator, const char *stage, const char *at)
{
	return facts_keep(facts,
		facts_make(facts, &prac_type_evaluation, last, "rubric_id=51", "placement_id=bb",
			"student_id=01", "subject=student", evaluator, stage, at, NULL));
}

static struct prac_record *add_open(struct facts *facts)
{
	add_rubric(facts);
	return add_evaluation(facts, 0x52, "evaluator=supervisor", "stage=middle", "state=opened");
}

static void assert_words(const struct facts *facts, const char *words)
{
	assert_string_equal(facts->judgement.problem.text, words);
}

static void scores_are_of_the_rubric_and_in_its_scale(void **state)
{
	static const char *const wrong[] = { "scores=reliability=5", "scores=reliability=0",
		"scores=reliability", "scores=reliability=", "scores=reliability=x",
		"scores=reliability=1000", "scores=reliability=not", "scores=honesty=3" };
	struct facts *facts = *state;
	struct prac_record *evaluation = add_open(facts);

	facts_set(facts, evaluation, "scores=reliability=4;safety=1");
	assert_int_equal(facts_check(facts, NULL, evaluation), PRAC_REASON_NONE);
	for (size_t i = 0; i < PRAC_NELEM(wrong); i++) {
		facts_set(facts, evaluation, wrong[i]);
		assert_int_equal(facts_check(facts, NULL, evaluation), PRAC_REASON_INVALID_VALUE);
	}
	assert_words(facts,
		"Scores: \"honesty=3\" names no item of the rubric; practicum show rubric lists them");
	facts_set(facts, evaluation, "scores=reliability=5");
	assert_int_equal(facts_check(facts, NULL, evaluation), PRAC_REASON_INVALID_VALUE);
	assert_words(facts,
		"Scores: \"reliability=5\" is not code=score from 1 to 4 as the rubric has it (or "
		"code=not_observed)");
}

static void an_item_has_one_score(void **state)
{
	struct facts *facts = *state;
	struct prac_record *evaluation = add_open(facts);

	facts_set(facts, evaluation, "scores=reliability=4;reliability=3");
	assert_int_equal(facts_check(facts, NULL, evaluation), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Scores: \"reliability\" stands more than once; keep one of them");
}

static void an_evaluation_is_submitted_whole_and_not_observed_is_an_answer(void **state)
{
	struct facts *facts = *state;
	struct prac_record *evaluation = add_open(facts);

	facts_set(facts, evaluation, "scores=reliability=4");
	assert_int_equal(
		facts_act(facts, evaluation, PRAC_EVALUATION_DO_SUBMIT, NULL), PRAC_REASON_GUARD);
	assert_words(facts, "Scores: \"safety\" has none (score it, or write safety=not_observed)");
	facts_set(facts, evaluation, "scores=safety=not_observed;reliability=4");
	assert_int_equal(facts_check(facts, NULL, evaluation), PRAC_REASON_NONE);
	assert_int_equal(
		facts_act(facts, evaluation, PRAC_EVALUATION_DO_SUBMIT, NULL), PRAC_REASON_NONE);
}

/* What is in use is frozen, so that every evaluation made with it was made with the same words. */
static void an_evaluation_is_opened_with_a_rubric_in_use(void **state)
{
	struct facts *facts = *state;
	struct prac_record *rubric = add_rubric(facts);
	struct prac_record *evaluation =
		add_evaluation(facts, 0x52, "evaluator=student", "stage=middle", "state=scheduled");
	const struct prac_action *open =
		prac_action_find(evaluation->type, PRAC_EVALUATION_DO_OPEN);

	assert_int_equal(prac_guards_check(&facts->judgement, open, evaluation), PRAC_REASON_NONE);
	assert_true((rubric->type->frozen >> PRAC_RUBRIC_STATE_IN_USE & 1) != 0);
	facts_set(facts, rubric, "state=approved");
	assert_int_equal(prac_guards_check(&facts->judgement, open, evaluation), PRAC_REASON_GUARD);
	facts_set(facts, rubric, "state=retired");
	assert_int_equal(prac_guards_check(&facts->judgement, open, evaluation), PRAC_REASON_GUARD);
}

/* ---- who reads when */

static bool hides(struct facts *facts, const struct prac_record *evaluation, uint32_t roles)
{
	return prac_rules_find(evaluation->type)->hides(&facts->judgement, evaluation, roles);
}

static void neither_side_reads_the_other_until_both_are_in(void **state)
{
	struct facts *facts = *state;
	struct prac_record *theirs = add_evaluation(
		facts, 0x52, "evaluator=supervisor", "stage=middle", "state=submitted");
	struct prac_record *own =
		add_evaluation(facts, 0x53, "evaluator=student", "stage=middle", "state=opened");

	assert_true(hides(facts, theirs, STUDENT));
	assert_false(hides(facts, theirs, SUPERVISOR));
	assert_true(hides(facts, own, SUPERVISOR)); /* its author has not finished */
	assert_false(hides(facts, own, STUDENT));
	facts_set(facts, own, "state=submitted");
	assert_false(hides(facts, theirs, STUDENT));
	assert_false(hides(facts, own, SUPERVISOR));
	facts_set(facts, own, "state=returned");
	assert_true(hides(facts, theirs, STUDENT));
	facts_set(facts, own, "state=dropped"); /* nobody will make it */
	assert_false(hides(facts, theirs, STUDENT));
}

static void what_is_owed_at_another_stage_or_placement_hides_nothing(void **state)
{
	struct facts *facts = *state;
	struct prac_record *theirs = add_evaluation(
		facts, 0x52, "evaluator=supervisor", "stage=middle", "state=submitted");
	struct prac_record *own =
		add_evaluation(facts, 0x53, "evaluator=student", "stage=final", "state=scheduled");

	assert_false(hides(facts, theirs, STUDENT));
	facts_set(facts, own, "stage=middle");
	assert_true(hides(facts, theirs, STUDENT));
	facts_set(facts, own, "placement_id=bc");
	assert_false(hides(facts, theirs, STUDENT));
}

static void nothing_is_hidden_after_the_day_it_was_due(void **state)
{
	struct facts *facts = *state;
	struct prac_record *theirs = add_evaluation(
		facts, 0x52, "evaluator=supervisor", "stage=middle", "state=submitted");

	add_evaluation(facts, 0x53, "evaluator=student", "stage=middle", "state=opened");
	facts_set(facts, theirs, "due_on=2026-08-11"); /* today */
	assert_true(hides(facts, theirs, STUDENT));
	facts_set(facts, theirs, "due_on=2026-08-10");
	assert_false(hides(facts, theirs, STUDENT));
	facts_set(facts, theirs, "state=opened"); /* not finished: the author's alone */
	assert_true(hides(facts, theirs, STUDENT));
}

static void staff_take_no_side(void **state)
{
	struct facts *facts = *state;
	struct prac_record *theirs =
		add_evaluation(facts, 0x52, "evaluator=supervisor", "stage=middle", "state=opened");

	assert_false(hides(facts, theirs, TEACHER));
	assert_false(hides(facts, theirs, TEACHER | STUDENT));
}

/* ---- growth */

static void growth_leaves_out_what_was_not_observed(void **state)
{
	struct facts *facts = *state;
	struct prac_growth lines[PRAC_GROWTH_MAX];
	const struct prac_record *evaluations[] = {
		add_evaluation(facts, 0x52, "evaluator=supervisor", "stage=final", "state=final"),
		add_evaluation(
			facts, 0x53, "evaluator=supervisor", "stage=readiness", "state=submitted"),
		add_evaluation(
			facts, 0x54, "evaluator=supervisor", "stage=middle", "state=acknowledged"),
	};

	facts_set(facts, facts->records[0], "scores=reliability=4;safety=2");
	facts_set(facts, facts->records[1], "scores=reliability=1;safety=not_observed");
	facts_set(facts, facts->records[2], "scores=reliability=2;safety=not_observed");
	assert_int_equal(prac_growth_read(evaluations, 3, lines), 2);
	assert_memory_equal(lines[0].code.data, "reliability", 11);
	assert_true(lines[0].has_change);
	assert_int_equal(lines[0].change, 3);
	assert_int_equal(lines[0].points[PRAC_EVALUATION_STAGE_MIDDLE], 2);
	assert_false(lines[1].has_change); /* observed once */
	assert_int_equal(lines[1].points[PRAC_EVALUATION_STAGE_READINESS], PRAC_SCORE_NOT_OBSERVED);
	assert_int_equal(lines[1].points[PRAC_EVALUATION_STAGE_START], PRAC_SCORE_NONE);
	facts_set(facts, facts->records[0], "scores=reliability=not_observed;safety=2");
	assert_int_equal(prac_growth_read(evaluations, 3, lines), 2);
	assert_int_equal(lines[0].change, 1); /* from 1 to 2; what came later was not seen */
}

static void growth_is_by_one_side_with_one_version_of_a_rubric(void **state)
{
	struct facts *facts = *state;
	struct prac_growth lines[PRAC_GROWTH_MAX];
	struct prac_record *first =
		add_evaluation(facts, 0x52, "evaluator=supervisor", "stage=start", "state=final");
	struct prac_record *last =
		add_evaluation(facts, 0x53, "evaluator=supervisor", "stage=final", "state=final");
	const struct prac_record *evaluations[] = { first, last };

	facts_set(facts, first, "scores=reliability=3");
	facts_set(facts, last, "scores=reliability=1");
	assert_int_equal(prac_growth_read(evaluations, 2, lines), 1);
	assert_int_equal(lines[0].change, -2);
	facts_set(facts, last, "rubric_id=59");
	assert_int_equal(prac_growth_read(evaluations, 2, lines), 2);
	assert_false(lines[0].has_change);
	facts_set(facts, last, "rubric_id=51");
	facts_set(facts, last, "evaluator=student");
	assert_int_equal(prac_growth_read(evaluations, 2, lines), 2);
	facts_set(facts, last, "evaluator=supervisor");
	facts_set(facts, last, "subject=site");
	assert_int_equal(prac_growth_read(evaluations, 2, lines), 1);
	facts_set(facts, last, "subject=student");
	facts_set(facts, last, "state=returned");
	assert_int_equal(prac_growth_read(evaluations, 2, lines), 1);
	assert_false(lines[0].has_change);
}

static void the_score_to_reach_lies_on_the_scale(void **state)
{
	struct facts *facts = *state;
	struct prac_record *rubric = facts_make(facts, &prac_type_rubric, 0x70, "name=Portrait",
		"version=1", "lowest_score=1", "highest_score=4", NULL);

	assert_int_equal(facts_check(facts, NULL, rubric), PRAC_REASON_NONE); /* it may have none */
	facts_set(facts, rubric, "target_score=4");
	assert_int_equal(facts_check(facts, NULL, rubric), PRAC_REASON_NONE);
	facts_set(facts, rubric, "target_score=1");
	assert_int_equal(facts_check(facts, NULL, rubric), PRAC_REASON_NONE);
	facts_set(facts, rubric, "target_score=5");
	assert_int_equal(facts_check(facts, NULL, rubric), PRAC_REASON_INVALID_VALUE);
	assert_words(
		facts, "Target score: must lie on the scale, from 1 to 4; nobody could reach it");
	facts_set(facts, rubric, "target_score=0");
	assert_int_equal(facts_check(facts, NULL, rubric), PRAC_REASON_INVALID_VALUE);
}

static void a_scale_goes_up(void **state)
{
	struct facts *facts = *state;
	struct prac_record *rubric = facts_make(facts, &prac_type_rubric, 0x70, "name=Portrait",
		"version=1", "lowest_score=4", "highest_score=4", NULL);

	assert_int_equal(facts_check(facts, NULL, rubric), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Highest score: must be above the lowest one, 4");
	facts_set(facts, rubric, "highest_score=5");
	assert_int_equal(facts_check(facts, NULL, rubric), PRAC_REASON_NONE);
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(scores_are_of_the_rubric_and_in_its_scale),
		RULE(an_item_has_one_score),
		RULE(an_evaluation_is_submitted_whole_and_not_observed_is_an_answer),
		RULE(an_evaluation_is_opened_with_a_rubric_in_use),
		RULE(neither_side_reads_the_other_until_both_are_in),
		RULE(what_is_owed_at_another_stage_or_placement_hides_nothing),
		RULE(nothing_is_hidden_after_the_day_it_was_due),
		RULE(staff_take_no_side),
		RULE(growth_leaves_out_what_was_not_observed),
		RULE(growth_is_by_one_side_with_one_version_of_a_rubric),
		RULE(the_score_to_reach_lies_on_the_scale),
		RULE(a_scale_goes_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
