#include "common/rules/growth.h"

#include <string.h>

#include "catalog/types.h"

static const char not_observed[] = "not_observed";

struct prac_bytes prac_score_code(struct prac_bytes item, char mark)
{
	const uint8_t *found = item.len == 0 ? NULL : memchr(item.data, mark, item.len);

	return (struct prac_bytes){ item.data,
		found == NULL ? item.len : (size_t)(found - item.data) };
}

int64_t prac_score_points(struct prac_bytes score)
{
	size_t start = prac_score_code(score, '=').len + 1;
	int64_t points = 0;

	if (start < score.len &&
		prac_bytes_equal((struct prac_bytes){ score.data + start, score.len - start },
			prac_bytes_text(not_observed))) {
		return PRAC_SCORE_NOT_OBSERVED;
	}
	if (start >= score.len || score.len - start > 3) {
		return PRAC_SCORE_NONE;
	}
	for (size_t i = start; i < score.len; i++) {
		if (score.data[i] < '0' || score.data[i] > '9') {
			return PRAC_SCORE_NONE;
		}
		points = points * 10 + (score.data[i] - '0');
	}
	return points;
}

bool prac_evaluation_is_in(const struct prac_record *evaluation)
{
	int64_t state = evaluation->values[PRAC_EVALUATION_STATE].number;

	return state == PRAC_EVALUATION_STATE_SUBMITTED ||
	       state == PRAC_EVALUATION_STATE_ACKNOWLEDGED || state == PRAC_EVALUATION_STATE_FINAL;
}

static bool is_same_line(const struct prac_growth *line, const struct prac_record *evaluation,
	struct prac_bytes code)
{
	const struct prac_value *one = line->first->values, *other = evaluation->values;

	return prac_bytes_equal(line->code, code) &&
	       one[PRAC_EVALUATION_EVALUATOR].number == other[PRAC_EVALUATION_EVALUATOR].number &&
	       prac_bytes_equal(one[PRAC_EVALUATION_RUBRIC_ID].bytes,
		       other[PRAC_EVALUATION_RUBRIC_ID].bytes);
}

static void put_score(struct prac_growth *lines, size_t *n, const struct prac_record *evaluation,
	struct prac_bytes score)
{
	struct prac_bytes code = prac_score_code(score, '=');
	size_t stage = (size_t)evaluation->values[PRAC_EVALUATION_STAGE].number;
	size_t i = 0;

	while (i < *n && !is_same_line(&lines[i], evaluation, code)) {
		i++;
	}
	if (i == PRAC_GROWTH_MAX || stage >= PRAC_GROWTH_STAGES) {
		return;
	}
	if (i == *n) {
		lines[i] = (struct prac_growth){ .first = evaluation, .code = code };
		for (size_t s = 0; s < PRAC_GROWTH_STAGES; s++) {
			lines[i].points[s] = PRAC_SCORE_NONE;
		}
		(*n)++;
	}
	lines[i].points[stage] = prac_score_points(score);
}

static void work_out(struct prac_growth *line)
{
	int64_t first = PRAC_SCORE_NONE;

	for (size_t stage = 0; stage < PRAC_GROWTH_STAGES; stage++) {
		if (line->points[stage] < 0) {
			continue;
		}
		if (first < 0) {
			first = line->points[stage];
		} else {
			line->has_change = true;
			line->change = line->points[stage] - first;
		}
	}
}

size_t prac_growth_read(const struct prac_record *const *evaluations, size_t n,
	struct prac_growth lines_out[PRAC_GROWTH_MAX])
{
	size_t n_lines = 0;

	for (size_t i = 0; i < n; i++) {
		struct prac_bytes scores = evaluations[i]->values[PRAC_EVALUATION_SCORES].bytes;
		struct prac_bytes score;

		if (!prac_evaluation_is_in(evaluations[i]) ||
			evaluations[i]->values[PRAC_EVALUATION_SUBJECT].number !=
				PRAC_EVALUATION_SUBJECT_STUDENT) {
			continue;
		}
		while (prac_list_next(&scores, &score)) {
			put_score(lines_out, &n_lines, evaluations[i], score);
		}
	}
	for (size_t i = 0; i < n_lines; i++) {
		work_out(&lines_out[i]);
	}
	return n_lines;
}
