/* practicum confirm: what a supervisor said about a week's hours becomes their approval. */
#include <stdio.h>

#include "catalog/types.h"
#include "client/cmd/cmd.h"
#include "client/cmd/edit.h"
#include "client/cmd/find.h"
#include "client/cmd/print.h"

static gchar *how, *evidence, *note;

static const GOptionEntry options[] = {
	{ "by", 0, 0, G_OPTION_ARG_STRING, &how,
		"how the supervisor confirmed it: screen, call, email or paper", "HOW" },
	{ "evidence", 0, 0, G_OPTION_ARG_STRING, &evidence,
		"who said what when, or where the paper is; not needed with a file attached",
		"TEXT" },
	{ "note", 0, 0, G_OPTION_ARG_STRING, &note, "kept with the approval", "TEXT" },
	{ 0 },
};

/* Whom the placement names; NULL: nobody, or not here. */
static const struct prac_record *supervisor_of(
	struct cmd_call *call, const struct prac_record *sheet)
{
	struct prac_judgement judgement = { .arena = &call->arena };
	const struct prac_record *placement;
	struct prac_facts facts;

	replica_facts(call->replica, &call->arena, &facts);
	judgement.facts = &facts;
	placement = prac_facts_follow(&judgement, sheet, PRAC_TIME_SHEET_PLACEMENT_ID);
	return placement == NULL
		       ? NULL
		       : prac_facts_follow(&judgement, placement, PRAC_PLACEMENT_SUPERVISOR_ID);
}

struct sum {
	struct cmd_call *call;
	struct print_table *table; /* for people, or */
	json_t *entries;           /* for programs */
	int64_t minutes;
};

static bool on_entry(void *ctx, const struct prac_record *entry, bool pending)
{
	static const uint16_t shown[] = { PRAC_TIME_ENTRY_WORK_DATE, PRAC_TIME_ENTRY_STARTS_AT,
		PRAC_TIME_ENTRY_ENDS_AT, PRAC_TIME_ENTRY_ELAPSED_MINUTES, PRAC_TIME_ENTRY_TASK };
	struct sum *sum = ctx;
	const char *cells[PRAC_NELEM(shown)];

	if (sum->entries != NULL) {
		json_array_append_new(sum->entries, print_record_json(entry, pending));
	}
	for (size_t i = 0; sum->table != NULL && i < PRAC_NELEM(shown); i++) {
		cells[i] = print_field(sum->call->replica, entry, shown[i], &sum->call->arena);
	}
	if (sum->table != NULL) {
		print_table_row(sum->table, cells);
	}
	sum->minutes += entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number;
	return true;
}

static void print_people(
	struct sum *sum, const struct prac_record *sheet, const struct prac_record *supervisor)
{
	struct cmd_call *call = sum->call;

	printf("%s, week from %s; supervisor: %s\n",
		print_field(call->replica, sheet, PRAC_TIME_SHEET_STUDENT_ID, &call->arena),
		print_field(call->replica, sheet, PRAC_TIME_SHEET_WEEK_START, &call->arena),
		supervisor == NULL ? "the placement names none"
				   : prac_record_title(supervisor, &call->arena));
	print_table_end(sum->table, "No hours are entered.");
	printf("together %lld h %lld min\n"
	       "when the supervisor has confirmed this: practicum confirm %s --by HOW --evidence TEXT\n",
		(long long)(sum->minutes / 60), (long long)(sum->minutes % 60),
		print_id(call->replica, sheet->type, &sheet->id, &call->arena));
}

static void print_object(const struct sum *sum, const struct prac_record *sheet,
	const struct prac_record *supervisor)
{
	char id[PRAC_ID_TEXT];
	json_t *object = json_pack("{so so sI}", "sheet", print_record_json(sheet, false),
		"entries", sum->entries, "minutes", (json_int_t)sum->minutes);

	if (supervisor != NULL) {
		prac_id_format(&supervisor->id, id);
	}
	json_object_set_new(
		object, "supervisor", supervisor == NULL ? json_null() : json_string(id));
	print_json(object);
}

/* What the supervisor is to look at, word for word what the approval will name. */
static int show(struct cmd_call *call, const struct prac_record *sheet,
	const struct prac_record *supervisor)
{
	static const char *const heads[] = { "day", "from", "to", "worked", "task" };
	struct replica_filter filter = {
		.field = &prac_type_time_entry.fields[PRAC_TIME_ENTRY_SHEET_ID],
		.value = { .has = true, .bytes = prac_id_bytes(&sheet->id) }
	};
	struct replica_query query = { &prac_type_time_entry, &filter, 1 };
	struct sum sum = { .call = call };
	enum prac_status status;

	if (call->json) {
		sum.entries = json_array();
	} else {
		sum.table = print_table_new(heads, PRAC_NELEM(heads), false);
	}
	status = replica_list(call->replica, &query, on_entry, &sum);
	if (call->json) {
		print_object(&sum, sheet, supervisor);
	} else {
		print_people(&sum, sheet, supervisor);
	}
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

static int confirm(struct cmd_call *call, const struct prac_record *sheet,
	const struct prac_record *supervisor)
{
	const struct prac_action *action =
		prac_action_find(sheet->type, PRAC_TIME_SHEET_DO_APPROVE);
	struct prac_value *args =
		prac_arena_alloc(&call->arena, action->args->n_fields * sizeof(*args));
	struct prac_problem problem = { 0 };

	if (prac_value_parse(&action->args->fields[PRAC_TIME_SHEET_APPROVE_CAPTURE], how,
		    &call->arena, &args[PRAC_TIME_SHEET_APPROVE_CAPTURE], &problem) != PRAC_OK) {
		return cmd_fail(call, CMD_USAGE, "--by: %s", problem.text);
	}
	args[PRAC_TIME_SHEET_APPROVE_CAPACITY] =
		prac_value_number(PRAC_TIME_SHEET_APPROVE_CAPACITY_SUPERVISOR);
	args[PRAC_TIME_SHEET_APPROVE_EVIDENCE] = prac_value_text(evidence);
	args[PRAC_TIME_SHEET_APPROVE_NOTE] = prac_value_text(note);
	if (supervisor != NULL) {
		args[PRAC_TIME_SHEET_APPROVE_SUPERVISOR_ID] = prac_value_id(&supervisor->id);
		args[PRAC_TIME_SHEET_APPROVE_APPROVER_NAME] =
			prac_value_text(prac_record_title(supervisor, &call->arena));
	}
	return edit_act(call, sheet, action, args);
}

static int run(struct cmd_call *call)
{
	const struct prac_record *sheet =
		find_record(call, prac_type_find(PRAC_TIME_SHEET), call->words[0]);
	const struct prac_record *supervisor;

	if (sheet == NULL) {
		return CMD_REFUSED;
	}
	supervisor = supervisor_of(call, sheet);
	return how == NULL ? show(call, sheet, supervisor) : confirm(call, sheet, supervisor);
}

const struct cmd cmd_confirm = {
	.name = "confirm",
	.synopsis = "SHEET [--by screen|call|email|paper --evidence TEXT]",
	.help = "Shows the hours of a sheet as the placement's supervisor is to confirm them; with --by it "
		"approves them in that person's name. A supervisor has no password: whoever captures the "
		"confirmation says how it came and what shows it, in words or as a file that is attached "
		"to the sheet, and is named in the approval's history.",
	.example = "practicum confirm 0193c2\n"
		   "  practicum confirm 0193c2 --by call --evidence \"called 865-555-0100, 3 pm\"",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.run = run,
};
