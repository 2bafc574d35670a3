#include "client/cmd/growth.h"

#include "catalog/types.h"
#include "common/rules/growth.h"

static size_t read_growth(struct cmd_call *call, const struct prac_record *placement,
	struct prac_growth lines[PRAC_GROWTH_MAX])
{
	const struct prac_record *const *evaluations;
	struct prac_facts facts;
	size_t n;

	if (placement->type != &prac_type_placement) {
		return 0;
	}
	replica_facts(call->replica, &call->arena, &facts);
	n = facts.children(facts.ctx, PRAC_EVALUATION, PRAC_EVALUATION_PLACEMENT_ID_NO,
		&placement->id, &evaluations);
	return prac_growth_read(evaluations, n, lines);
}

static const char *name_of(size_t field, int64_t number)
{
	const struct prac_enum_value *value =
		prac_enum_find(&prac_type_evaluation.fields[field], number);

	return value != NULL ? value->name : "?";
}

/* "readiness 2, middle not observed, final 4: +2" */
static const char *words_of(struct cmd_call *call, const struct prac_growth *line)
{
	const char *words = "";

	for (size_t stage = 1; stage < PRAC_GROWTH_STAGES; stage++) {
		const char *name = name_of(PRAC_EVALUATION_STAGE, (int64_t)stage);
		const char *comma = words[0] == '\0' ? "" : ", ";

		if (line->points[stage] == PRAC_SCORE_NOT_OBSERVED) {
			words = prac_arena_printf(
				&call->arena, "%s%s%s not observed", words, comma, name);
		} else if (line->points[stage] >= 0) {
			words = prac_arena_printf(&call->arena, "%s%s%s %d", words, comma, name,
				(int)line->points[stage]);
		}
	}
	return line->has_change
		       ? prac_arena_printf(&call->arena, "%s: %+d", words, (int)line->change)
		       : words;
}

void growth_rows(
	struct cmd_call *call, const struct prac_record *placement, struct print_table *table)
{
	struct prac_growth lines[PRAC_GROWTH_MAX];
	size_t n = read_growth(call, placement, lines);

	for (size_t i = 0; i < n; i++) {
		print_table_row(table,
			(const char *[]){ "growth",
				prac_arena_printf(&call->arena, "%.*s by the %s: %s",
					(int)lines[i].code.len, (const char *)lines[i].code.data,
					name_of(PRAC_EVALUATION_EVALUATOR,
						lines[i].first->values[PRAC_EVALUATION_EVALUATOR]
							.number),
					words_of(call, &lines[i])) });
	}
}

static json_t *line_json(const struct prac_growth *line)
{
	json_t *object = json_object(), *points = json_object();

	json_object_set_new(
		object, "competency", json_stringn((const char *)line->code.data, line->code.len));
	json_object_set_new(object, "by",
		json_string(name_of(PRAC_EVALUATION_EVALUATOR,
			line->first->values[PRAC_EVALUATION_EVALUATOR].number)));
	for (size_t stage = 1; stage < PRAC_GROWTH_STAGES; stage++) {
		if (line->points[stage] != PRAC_SCORE_NONE) {
			json_object_set_new(points, name_of(PRAC_EVALUATION_STAGE, (int64_t)stage),
				line->points[stage] >= 0 ? json_integer(line->points[stage])
							 : json_string("not_observed"));
		}
	}
	json_object_set_new(object, "scores", points);
	json_object_set_new(
		object, "change", line->has_change ? json_integer(line->change) : json_null());
	return object;
}

void growth_put(struct cmd_call *call, const struct prac_record *placement, json_t *object)
{
	struct prac_growth lines[PRAC_GROWTH_MAX];
	size_t n = read_growth(call, placement, lines);
	json_t *array;

	if (placement->type != &prac_type_placement) {
		return;
	}
	array = json_array();
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(array, line_json(&lines[i]));
	}
	json_object_set_new(object, "growth", array);
}
