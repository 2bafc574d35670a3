/* A filled-in rubric: whole when it is submitted, frozen from then on. */
#include <string.h>

#include "catalog/types.h"
#include "common/rules/rules.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_EVALUATION_PLACEMENT_ID_NO },
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_EVALUATION_RUBRIC_ID_NO },
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

/* What stands before the mark: the code of an item ("code: text") or of a score ("code=4"). */
static struct prac_bytes code_of(struct prac_bytes item, char mark)
{
	const uint8_t *found = item.len == 0 ? NULL : memchr(item.data, mark, item.len);

	return (struct prac_bytes){ item.data,
		found == NULL ? item.len : (size_t)(found - item.data) };
}

/* The number behind the mark of a score; -1 when there is none of one to three digits. */
static int64_t points_of(struct prac_bytes score)
{
	size_t start = code_of(score, '=').len + 1;
	int64_t points = 0;

	if (start >= score.len || score.len - start > 3) {
		return -1;
	}
	for (size_t i = start; i < score.len; i++) {
		if (score.data[i] < '0' || score.data[i] > '9') {
			return -1;
		}
		points = points * 10 + (score.data[i] - '0');
	}
	return points;
}

static bool has_score(struct prac_bytes scores, struct prac_bytes code)
{
	struct prac_bytes score;

	while (prac_list_next(&scores, &score)) {
		if (prac_bytes_equal(code_of(score, '='), code)) {
			return true;
		}
	}
	return false;
}

static bool has_item(struct prac_bytes items, struct prac_bytes code)
{
	struct prac_bytes item;

	while (prac_list_next(&items, &item)) {
		if (prac_bytes_equal(code_of(item, ':'), code)) {
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
	int64_t points = points_of(score);

	if (rubric == NULL) {
		return PRAC_REASON_NONE;
	}
	if (points < rubric->values[PRAC_RUBRIC_LOWEST_SCORE].number ||
		points > rubric->values[PRAC_RUBRIC_HIGHEST_SCORE].number) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, field,
			"Scores: \"%.*s\" is not code=score within the scale of the rubric",
			(int)score.len, (const char *)score.data);
	}
	if (!has_item(rubric->values[PRAC_RUBRIC_ITEMS].bytes, code_of(score, '='))) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, field,
			"Scores: \"%.*s\" names no item of the rubric", (int)score.len,
			(const char *)score.data);
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
	while (!after->deleted && reason == PRAC_REASON_NONE && prac_list_next(&scores, &score)) {
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
		return prac_refuse(judgement, PRAC_REASON_GUARD, NULL, "the rubric is not here");
	}
	items = rubric->values[PRAC_RUBRIC_ITEMS].bytes;
	while (prac_list_next(&items, &item)) {
		struct prac_bytes code = code_of(item, ':');

		if (!has_score(evaluation->values[PRAC_EVALUATION_SCORES].bytes, code)) {
			return prac_refuse(judgement, PRAC_REASON_GUARD,
				&evaluation->type->fields[PRAC_EVALUATION_SCORES],
				"Scores: \"%.*s\" has none", (int)code.len,
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

const struct prac_rules prac_rules_evaluation = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
	.act = act,
};
