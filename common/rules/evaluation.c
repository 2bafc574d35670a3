/*
 * A filled-in rubric: whole when it is submitted, frozen from then on, and read by the other side when
 * both have written.
 */
#include <string.h>

#include "catalog/types.h"
#include "common/rules/growth.h"
#include "common/rules/rights.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_EVALUATION_PLACEMENT_ID_NO },
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_EVALUATION_RUBRIC_ID_NO },
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_EVALUATION,
		.field = PRAC_EVALUATION_PLACEMENT_ID_NO,
		.via = PRAC_EVALUATION_PLACEMENT_ID_NO },
};

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *evaluation)
{
	const struct prac_record *placement =
		prac_facts_follow(judgement, evaluation, PRAC_EVALUATION_PLACEMENT_ID);

	(void)before;
	if (placement == NULL) {
		return;
	}
	if (!evaluation->values[PRAC_EVALUATION_STUDENT_ID].has) {
		evaluation->values[PRAC_EVALUATION_STUDENT_ID] =
			placement->values[PRAC_PLACEMENT_STUDENT_ID];
	}
	if (!evaluation->values[PRAC_EVALUATION_SCHOOL_ID].has) {
		evaluation->values[PRAC_EVALUATION_SCHOOL_ID] =
			placement->values[PRAC_PLACEMENT_SCHOOL_ID];
	}
}

static size_t count_scores(struct prac_bytes scores, struct prac_bytes code)
{
	struct prac_bytes score;
	size_t n = 0;

	while (prac_list_next(&scores, &score)) {
		n += prac_bytes_equal(prac_score_code(score, '='), code) ? 1 : 0;
	}
	return n;
}

static bool has_item(struct prac_bytes items, struct prac_bytes code)
{
	struct prac_bytes item;

	while (prac_list_next(&items, &item)) {
		if (prac_bytes_equal(prac_score_code(item, ':'), code)) {
			return true;
		}
	}
	return false;
}

static enum prac_reason check_score(struct prac_judgement *judgement,
	const struct prac_record *evaluation, const struct prac_record *rubric,
	struct prac_bytes score)
{
	const struct prac_field *field = &evaluation->type->fields[PRAC_EVALUATION_SCORES];
	int64_t lowest = rubric->values[PRAC_RUBRIC_LOWEST_SCORE].number;
	int64_t highest = rubric->values[PRAC_RUBRIC_HIGHEST_SCORE].number;
	struct prac_bytes code = prac_score_code(score, '=');
	int64_t points = prac_score_points(score);

	if (points != PRAC_SCORE_NOT_OBSERVED && (points < lowest || points > highest)) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, field,
			"Scores: \"%.*s\" is not code=score from %d to %d as the rubric has it (or "
			"code=not_observed)",
			(int)score.len, (const char *)score.data, (int)lowest, (int)highest);
	}
	if (!has_item(rubric->values[PRAC_RUBRIC_ITEMS].bytes, code)) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, field,
			"Scores: \"%.*s\" names no item of the rubric; practicum show rubric lists them",
			(int)score.len, (const char *)score.data);
	}
	if (count_scores(evaluation->values[PRAC_EVALUATION_SCORES].bytes, code) > 1) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, field,
			"Scores: \"%.*s\" stands more than once; keep one of them", (int)code.len,
			(const char *)code.data);
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_record *rubric =
		prac_facts_follow(judgement, after, PRAC_EVALUATION_RUBRIC_ID);
	struct prac_bytes scores = after->values[PRAC_EVALUATION_SCORES].bytes;
	struct prac_bytes score;
	enum prac_reason reason = PRAC_REASON_NONE;

	(void)before;
	while (!after->deleted && rubric != NULL && reason == PRAC_REASON_NONE &&
		prac_list_next(&scores, &score)) {
		reason = check_score(judgement, after, rubric, score);
	}
	return reason;
}

static enum prac_reason submit(
	struct prac_judgement *judgement, const struct prac_record *evaluation)
{
	const struct prac_record *rubric =
		prac_facts_follow(judgement, evaluation, PRAC_EVALUATION_RUBRIC_ID);
	struct prac_bytes items;
	struct prac_bytes item;

	if (rubric == NULL) {
		return prac_refuse(judgement, PRAC_REASON_GUARD, NULL,
			"Rubric: it is not here yet; sync first");
	}
	items = rubric->values[PRAC_RUBRIC_ITEMS].bytes;
	while (prac_list_next(&items, &item)) {
		struct prac_bytes code = prac_score_code(item, ':');

		if (count_scores(evaluation->values[PRAC_EVALUATION_SCORES].bytes, code) == 0) {
			return prac_refuse(judgement, PRAC_REASON_GUARD,
				&evaluation->type->fields[PRAC_EVALUATION_SCORES],
				"Scores: \"%.*s\" has none (score it, or write %.*s=not_observed)",
				(int)code.len, (const char *)code.data, (int)code.len,
				(const char *)code.data);
		}
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *evaluation)
{
	(void)args;
	return action->number == PRAC_EVALUATION_DO_SUBMIT ? submit(judgement, evaluation)
							   : PRAC_REASON_NONE;
}

/* The side that somebody with these roles writes for; 0: whoever works for the district takes none. */
static int64_t side_of(uint32_t roles)
{
	if ((roles & ~(PRAC_ROLE_BIT(PRAC_ROLE_STUDENT) | PRAC_ROLE_BIT(PRAC_ROLE_SUPERVISOR))) !=
		0) {
		return 0;
	}
	return (roles & PRAC_ROLE_BIT(PRAC_ROLE_STUDENT)) != 0
		       ? PRAC_EVALUATION_EVALUATOR_STUDENT
		       : PRAC_EVALUATION_EVALUATOR_SUPERVISOR;
}

/* Has the side still to write at this stage of the placement? */
static bool owes(
	struct prac_judgement *judgement, const struct prac_record *evaluation, int64_t side)
{
	const struct prac_record *const *others;
	struct prac_id placement;
	size_t n = 0;

	if (prac_id_from_bytes(evaluation->values[PRAC_EVALUATION_PLACEMENT_ID].bytes,
		    &placement) == PRAC_OK) {
		n = judgement->facts->children(judgement->facts->ctx, PRAC_EVALUATION,
			PRAC_EVALUATION_PLACEMENT_ID_NO, &placement, &others);
	}
	for (size_t i = 0; i < n; i++) {
		const struct prac_value *values = others[i]->values;

		if (values[PRAC_EVALUATION_EVALUATOR].number == side &&
			values[PRAC_EVALUATION_STAGE].number ==
				evaluation->values[PRAC_EVALUATION_STAGE].number &&
			values[PRAC_EVALUATION_STATE].number != PRAC_EVALUATION_STATE_DROPPED &&
			!prac_evaluation_is_in(others[i])) {
			return true;
		}
	}
	return false;
}

/*
 * Student and supervisor write before either reads: what one wrote is kept from the other until what the
 * other owes at the same stage is in, but no longer than the day it was due. What is not submitted is
 * its author's. Staff plan, transcribe and follow up both, and see both.
 */
static bool hides(
	struct prac_judgement *judgement, const struct prac_record *evaluation, uint32_t roles)
{
	const struct prac_value *values = evaluation->values;
	int64_t side = side_of(roles);

	if (side == 0 || values[PRAC_EVALUATION_EVALUATOR].number == side) {
		return false;
	}
	if (!prac_evaluation_is_in(evaluation)) {
		return true;
	}
	if (values[PRAC_EVALUATION_DUE_ON].has &&
		judgement->today > values[PRAC_EVALUATION_DUE_ON].number) {
		return false;
	}
	return owes(judgement, evaluation, side);
}

const struct prac_rules prac_rules_evaluation = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
	.hides = hides,
	.act = act,
};
