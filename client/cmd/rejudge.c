/*
 * practicum rules rejudge and changes: what a change of rules or calendar would change in hours that were
 * judged, and what it has changed.
 */
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/print.h"
#include "client/cmd/rules.h"
#include "common/base/date.h"
#include "common/rules/labor.h"

static const char *const heads[] = { "sheet", "week", "student", "state", "newly broken",
	"newly clear", "reason" };

struct rejudging {
	struct cmd_call *call;
	struct print_table *table;
	struct prac_arena arena; /* of one sheet */
	int32_t from;
	const char *because;
	size_t n_asked;
	GArray *ids; /* struct prac_id of sheets that are to be judged anew */
};

/* "; " between the items of the list that the other one lacks. */
static const char *beside(struct prac_bytes list, struct prac_bytes other, struct prac_arena *arena)
{
	struct prac_bytes item;
	const char *text = "";

	while (prac_list_next(&list, &item)) {
		if (!prac_list_has(other, item)) {
			text = prac_arena_printf(arena, "%s%s%.*s", text,
				text[0] == '\0' ? "" : "; ", (int)item.len, item.data);
		}
	}
	return text;
}

static void put(struct rejudging *rejudging, const struct prac_record *sheet, const char *broken,
	const char *clear, const char *why)
{
	struct cmd_call *call = rejudging->call;
	const struct prac_field *fields = sheet->type->fields;
	char id[PRAC_ID_TEXT], week[PRAC_DATE_TEXT];
	const char *state = prac_enum_find(
		&fields[PRAC_TIME_SHEET_STATE], sheet->values[PRAC_TIME_SHEET_STATE].number)
				    ->name;

	prac_date_format((int32_t)sheet->values[PRAC_TIME_SHEET_WEEK_START].number, week);
	if (call->json) {
		prac_id_format(&sheet->id, id);
		print_table_object(rejudging->table,
			json_pack("{ss ss ss ss ss ss}", "id", id, "week", week, "state", state,
				"newly_broken", broken, "newly_clear", clear, "reason", why));
		return;
	}
	print_table_row(rejudging->table,
		(const char *[]){
			print_id(call->replica, sheet->type, &sheet->id, &rejudging->arena), week,
			print_value(call->replica, &fields[PRAC_TIME_SHEET_STUDENT_ID],
				&sheet->values[PRAC_TIME_SHEET_STUDENT_ID], &rejudging->arena),
			state, broken, clear, why });
}

static void compare(struct rejudging *rejudging, const struct prac_record *sheet)
{
	struct prac_arena *arena = &rejudging->arena;
	struct prac_judgement judgement = rules_ask(rejudging->call);
	struct prac_labor_findings findings;
	struct prac_bytes before = sheet->values[PRAC_TIME_SHEET_VIOLATIONS].bytes, now = { 0 };
	bool is_approved =
		sheet->values[PRAC_TIME_SHEET_STATE].number == PRAC_TIME_SHEET_STATE_APPROVED;
	const char *broken, *clear;
	struct prac_facts facts;

	replica_facts(rejudging->call->replica, arena, &facts);
	judgement.facts = &facts;
	judgement.arena = arena;
	prac_labor_judge_sheet(&judgement, sheet, &findings);
	if (!findings.is_judged) {
		return;
	}
	if (findings.n > 0) {
		now = prac_list_value(arena, &sheet->type->fields[PRAC_TIME_SHEET_VIOLATIONS],
			findings.lines, findings.n)
			      .bytes;
	}
	broken = beside(now, before, arena);
	clear = beside(before, now, arena);
	if (broken[0] == '\0' && clear[0] == '\0') {
		return;
	}
	put(rejudging, sheet, broken, clear,
		is_approved ? "approved; enter a correcting sheet" : "not judged anew yet");
	if (!is_approved) {
		g_array_append_val(rejudging->ids, sheet->id);
	}
}

static bool on_sheet(void *ctx, const struct prac_record *sheet, bool pending)
{
	struct rejudging *rejudging = ctx;
	const struct prac_value *values = sheet->values;
	int64_t state = values[PRAC_TIME_SHEET_STATE].number;

	(void)pending;
	if (values[PRAC_TIME_SHEET_WEEK_START].number < rejudging->from ||
		(state != PRAC_TIME_SHEET_STATE_SUBMITTED &&
			state != PRAC_TIME_SHEET_STATE_FLAGGED &&
			state != PRAC_TIME_SHEET_STATE_APPROVED)) {
		return true;
	}
	compare(rejudging, sheet);
	prac_arena_reset(&rejudging->arena);
	return true;
}

static int ask(struct rejudging *rejudging, const struct prac_id *id)
{
	static const struct prac_type *const type = &prac_type_time_sheet;
	const struct prac_action *action = prac_action_find_name(type, "rejudge");
	struct cmd_call *call = rejudging->call;
	struct prac_value args[PRAC_FIELDS_MAX] = { 0 };
	const struct prac_record *sheet = NULL;
	struct replica_refusal refusal = { 0 };
	enum prac_status status = replica_get(call->replica, type, id, &rejudging->arena, &sheet);

	if (status == PRAC_OK && sheet != NULL) {
		args[PRAC_TIME_SHEET_REJUDGE_BECAUSE] = prac_value_text(rejudging->because);
		status = replica_act(call->replica, sheet, action, args, &refusal);
	}
	prac_arena_reset(&rejudging->arena);
	rejudging->n_asked++;
	if (refusal.reason != PRAC_REASON_NONE) {
		return cmd_fail_refusal(call, &refusal);
	}
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

/* Which rules a week breaks tells the age of who worked. */
static bool is_veiled(struct cmd_call *call)
{
	return replica_withholds(call->replica, &prac_type_student.fields[PRAC_STUDENT_BIRTH_DATE]);
}

static int compare_all(struct cmd_call *call, int32_t from, const char *because)
{
	struct rejudging rejudging = { .call = call,
		.from = from,
		.because = because,
		.table = print_table_new(heads, PRAC_NELEM(heads), call->json),
		.ids = g_array_new(FALSE, FALSE, sizeof(struct prac_id)) };
	struct replica_query query = { .type = &prac_type_time_sheet };
	enum prac_status status = replica_list(call->replica, &query, on_sheet, &rejudging);
	int code = status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);

	print_table_end(
		rejudging.table, "Rules and calendar say of every sheet what stands in it.");
	for (guint i = 0; code == CMD_DONE && because != NULL && i < rejudging.ids->len; i++) {
		code = ask(&rejudging, &g_array_index(rejudging.ids, struct prac_id, i));
	}
	if (rejudging.n_asked > 0 && !call->json) {
		printf("%zu sheets are judged anew with the next sync\n", rejudging.n_asked);
	}
	g_array_unref(rejudging.ids);
	prac_arena_deinit(&rejudging.arena);
	return code;
}

int rules_rejudge(struct cmd_call *call, int32_t from, const char *because)
{
	return is_veiled(call)
		       ? cmd_fail(call, CMD_REFUSED,
				 "your role does not see birth dates, and which rules a week "
				 "breaks would tell them; ask a coordinator to do this")
		       : compare_all(call, from, because);
}

static bool on_judged_anew(void *ctx, const struct prac_record *sheet, bool pending)
{
	struct rejudging *rejudging = ctx;
	const struct prac_value *values = sheet->values;
	const struct prac_value *why = &values[PRAC_TIME_SHEET_REJUDGED_BECAUSE];
	struct prac_bytes none = { 0 };

	(void)pending;
	if (why->has && values[PRAC_TIME_SHEET_WEEK_START].number >= rejudging->from) {
		put(rejudging, sheet,
			beside(values[PRAC_TIME_SHEET_NEWLY_BROKEN].bytes, none, &rejudging->arena),
			beside(values[PRAC_TIME_SHEET_NEWLY_CLEAR].bytes, none, &rejudging->arena),
			prac_arena_text(&rejudging->arena, why->bytes));
		prac_arena_reset(&rejudging->arena);
	}
	return true;
}

int rules_changes(struct cmd_call *call, int32_t from)
{
	struct rejudging rejudging = { .call = call,
		.from = from,
		.table = print_table_new(heads, PRAC_NELEM(heads), call->json) };
	struct replica_query query = { .type = &prac_type_time_sheet };
	enum prac_status status = replica_list(call->replica, &query, on_judged_anew, &rejudging);

	print_table_end(
		rejudging.table, "No change of rules or calendar changed what a sheet breaks.");
	prac_arena_deinit(&rejudging.arena);
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}
