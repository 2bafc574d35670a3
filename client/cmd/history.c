/* practicum history: what this device entered for a record and what became of it. */
#include <stdio.h>

#include "catalog/types.h"
#include "client/cmd/cmd.h"
#include "client/cmd/find.h"
#include "client/cmd/history.h"
#include "client/cmd/print.h"
#include "client/cmd/reading.h"

/* "added", the action's name, or the groups that were changed. */
static const char *act_of(struct cmd_call *call, const struct prac_mutation *mutation)
{
	GString *words;
	const char *text;

	if (mutation->action != NULL) {
		return mutation->action->name;
	}
	if (mutation->op == PRACTICUM__OP__OP_CREATE) {
		return "added";
	}
	words = g_string_new(mutation->op == PRACTICUM__OP__OP_DELETE ? "deleted" : "changed");
	for (size_t i = 0; i < mutation->n_patches; i++) {
		g_string_append_printf(
			words, "%s %s", i == 0 ? "" : ",", mutation->patches[i].group->label);
	}
	text = prac_arena_printf(&call->arena, "%s", words->str);
	g_string_free(words, TRUE);
	return text;
}

static const char *verdict_of(const struct replica_input *input)
{
	switch (input->verdict.kind) {
	case PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED:
		return "accepted";
	case PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT:
		return "conflict";
	case PRACTICUM__VERDICT_KIND__VERDICT_REFUSED:
		return "refused";
	case PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED:
		return "quarantined";
	case PRACTICUM__VERDICT_KIND__VERDICT_UNSPECIFIED:
	default:
		return input->state == REPLICA_UNSENT ? "waits to be sent" : "sent, not judged yet";
	}
}

static const char *instant(struct cmd_call *call, int64_t ms)
{
	GDateTime *time = g_date_time_new_from_unix_local(ms / 1000);
	char *text = time == NULL ? g_strdup("") : g_date_time_format(time, "%Y-%m-%d %H:%M:%S");
	const char *copy = prac_arena_printf(&call->arena, "%s", text);

	if (time != NULL) {
		g_date_time_unref(time);
	}
	g_free(text);
	return copy;
}

static const char *what_of(struct cmd_call *call, const struct replica_input *input)
{
	struct prac_mutation mutation;
	enum prac_reason reason;
	struct prac_problem problem;

	return prac_mutation_read(input->bytes, &call->arena, &mutation, &reason, &problem) ==
			       PRAC_OK
		       ? act_of(call, &mutation)
		       : "(not readable)";
}

const char *const history_heads[HISTORY_CELLS] = { "entered", "number", "what", "verdict", "why" };

void history_cells(struct cmd_call *call, const struct replica_input *input,
	const char *cells_out[HISTORY_CELLS])
{
	cells_out[0] = instant(call, input->made_ms);
	cells_out[1] = prac_arena_printf(&call->arena, "%lu", (unsigned long)input->counter);
	cells_out[2] = what_of(call, input);
	cells_out[3] = verdict_of(input);
	cells_out[4] = input->verdict.reason == PRAC_REASON_NONE
			       ? ""
			       : prac_reason_text(input->verdict.reason);
}

static void print_input(
	struct cmd_call *call, struct print_table *table, const struct replica_input *input)
{
	const char *cells[HISTORY_CELLS];

	if (call->json) {
		print_table_object(
			table, json_pack("{sI sI ss ss sI}", "counter", (json_int_t)input->counter,
				       "made_ms", (json_int_t)input->made_ms, "what",
				       what_of(call, input), "verdict", verdict_of(input), "seq",
				       (json_int_t)input->verdict.seq));
		return;
	}
	history_cells(call, input, cells);
	print_table_row(table, cells);
}

static int run(struct cmd_call *call)
{
	const struct prac_type *type = cmd_type(call, call->words[0]);
	const struct prac_record *record;
	struct replica_inputs inputs = { 0 };
	struct print_table *table;
	enum prac_status status;
	int code;

	if (type == NULL || (record = find_record(call, type, call->words[1])) == NULL) {
		return CMD_REFUSED;
	}
	code = reading_one(call, record, PRAC_RECORD_ACCESS_KIND_SHOWN);
	if (code != CMD_DONE) {
		return code;
	}
	status = replica_history(call->replica, type, &record->id, &call->arena, &inputs);
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	table = print_table_new(history_heads, HISTORY_CELLS, call->json);
	for (size_t i = 0; i < inputs.n; i++) {
		print_input(call, table, &inputs.items[i]);
	}
	print_table_end(table, "Nothing was entered for it on this device in 35 days.");
	return CMD_DONE;
}

const struct cmd cmd_history = {
	.name = "history",
	.synopsis = "TYPE ID",
	.help = "Lists what was entered on this device for a record in the last 35 days and how the "
		"server judged it. What other devices entered is kept at the district.",
	.example = "practicum history placement 0193a7",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 2,
	.max_words = 2,
	.run = run,
};
