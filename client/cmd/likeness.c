#include "client/cmd/likeness.h"

#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/find.h"
#include "client/cmd/print.h"

enum {
	ROWS_SHOWN = 50
};

/* ---- a person says which it is */

struct saying {
	const struct prac_record *record, *other;
	struct prac_record *likeness;
	bool is_same;
};

static bool read_saying(struct cmd_call *call, struct saying *saying)
{
	const struct prac_type *type = cmd_type(call, call->words[1]);
	struct prac_value *values;

	if (type == NULL || (saying->record = find_record(call, type, call->words[2])) == NULL ||
		(saying->other = find_record(call, type, call->words[3])) == NULL) {
		return false;
	}
	saying->likeness = prac_record_new(&call->arena, &prac_type_likeness);
	values = saying->likeness->values;
	if (!find_values(call, &prac_type_likeness, call->words + 4, values)) {
		return false;
	}
	values[PRAC_LIKENESS_RECORD_TYPE] = prac_value_number(type->number);
	values[PRAC_LIKENESS_RECORD_ID] = prac_value_id(&saying->record->id);
	values[PRAC_LIKENESS_OTHER_ID] = prac_value_id(&saying->other->id);
	values[PRAC_LIKENESS_VERDICT] = prac_value_number(
		saying->is_same ? PRAC_LIKENESS_VERDICT_SAME : PRAC_LIKENESS_VERDICT_DIFFERENT);
	cmd_begin_state(saying->likeness);
	return true;
}

/* Where a type has the move, saying that two are the same makes the one count for the other. */
static enum prac_status merge(
	struct cmd_call *call, const struct saying *saying, struct replica_refusal *refusal)
{
	const struct prac_type *type = saying->record->type;
	const struct prac_action *action = alike_merge(type);
	struct prac_value *args;

	if (action == NULL || !saying->is_same) {
		return PRAC_OK;
	}
	args = prac_arena_alloc(&call->arena, action->args->n_fields * sizeof(*args));
	args[alike_merge_field(type, action)->index] = prac_value_id(&saying->other->id);
	return replica_act(call->replica, saying->record, action, args, refusal);
}

static int say_done(struct cmd_call *call, const struct saying *saying)
{
	const struct prac_type *type = saying->record->type;
	const char *title = prac_record_title(saying->record, &call->arena);
	const char *other = prac_record_title(saying->other, &call->arena);
	char id[PRAC_ID_TEXT];

	if (call->json) {
		prac_id_format(&saying->likeness->id, id);
		print_json(json_pack("{ss ss}", "type", "likeness", "id", id));
	} else if (!saying->is_same) {
		printf("%s and %s: kept as two; nobody is asked again\n", title, other);
	} else if (alike_merge(type) != NULL) {
		printf("%s counts for %s from now on\n", title, other);
	} else {
		printf("%s is %s: kept, and nobody is asked again; go on with one of them, and end "
		       "the other when nothing needs it any more (practicum describe %s)\n",
			title, other, type->name);
	}
	return CMD_DONE;
}

int likeness_say(struct cmd_call *call)
{
	struct saying saying = { .is_same = strcmp(call->words[0], "same") == 0 };
	struct replica_refusal refusal = { 0 };
	enum prac_status status;

	if (call->n_words != 5) {
		return cmd_fail(call, CMD_USAGE,
			"want: %s TYPE ID OTHER reason=TEXT; practicum exceptions names the two",
			call->words[0]);
	}
	if (!read_saying(call, &saying)) {
		return CMD_REFUSED;
	}
	status = replica_begin(call->replica);
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	status = replica_save(call->replica, NULL, saying.likeness, &refusal);
	if (status == PRAC_OK) {
		status = merge(call, &saying, &refusal);
	}
	if (status != PRAC_OK) {
		replica_rollback(call->replica);
		return refusal.reason != PRAC_REASON_NONE ? cmd_fail_refusal(call, &refusal)
							  : cmd_fail_replica(call, status);
	}
	status = replica_commit(call->replica);
	return status == PRAC_OK ? say_done(call, &saying) : cmd_fail_replica(call, status);
}

/* ---- a record is entered */

/* Fails softly: the record is stored, and practicum exceptions looks again. */
static size_t find(struct cmd_call *call, const struct prac_record *record,
	struct alike_match matches_out[ALIKE_MAX])
{
	struct alike *alike;
	size_t n = 0;

	if (record->type->n_alike == 0) {
		return 0;
	}
	alike = alike_new(record->type, &call->arena);
	if (alike_load(alike, call->replica) == PRAC_OK) {
		n = alike_find(alike, record, matches_out);
	}
	alike_free(alike);
	return n;
}

json_t *likeness_of(struct cmd_call *call, const struct prac_record *record)
{
	struct alike_match matches[ALIKE_MAX];
	size_t n = find(call, record, matches);
	json_t *array = n > 0 ? json_array() : NULL;
	char id[PRAC_ID_TEXT];

	for (size_t i = 0; i < n; i++) {
		prac_id_format(&matches[i].id, id);
		json_array_append_new(array, json_pack("{ss ss ss}", "id", id, "title",
						     matches[i].title, "by", matches[i].by));
	}
	return array;
}

const char *likeness_text(
	struct cmd_call *call, const struct prac_type *type, const struct alike_match *match)
{
	return prac_arena_printf(&call->arena, "looks like %s %s %s: the same %s", type->name,
		print_id(call->replica, type, &match->id, &call->arena), match->title, match->by);
}

json_t *likeness_row(const char *file, size_t line, const char *text)
{
	return json_pack("{ss sI ss}", "file", file, "line", (json_int_t)line, "text", text);
}

void likeness_print(const json_t *rows)
{
	size_t n = json_array_size(rows);

	for (size_t i = 0; i < n && i < ROWS_SHOWN; i++) {
		const json_t *row = json_array_get(rows, i);

		(void)fprintf(stderr, "%s line %lld: %s\n",
			json_string_value(json_object_get(row, "file")),
			(long long)json_integer_value(json_object_get(row, "line")),
			json_string_value(json_object_get(row, "text")));
	}
	if (n > ROWS_SHOWN) {
		(void)fprintf(stderr, "and %zu more like these\n", n - ROWS_SHOWN);
	}
	if (n > 0) {
		(void)fputs("practicum exceptions lists them, once stored, until somebody says "
			    "which it is\n",
			stderr);
	}
}

void likeness_warn(struct cmd_call *call, const struct prac_record *record)
{
	struct alike_match matches[ALIKE_MAX];
	size_t n = find(call, record, matches);

	for (size_t i = 0; i < n; i++) {
		printf("  %s\n", likeness_text(call, record->type, &matches[i]));
	}
	if (n > 0) {
		printf("  say which it is: practicum exceptions different|same %s %s OTHER "
		       "reason=TEXT\n",
			record->type->name,
			print_id(call->replica, record->type, &record->id, &call->arena));
	}
}
