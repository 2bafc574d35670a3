/* practicum conflicts: two people changed one fact; a person decides. */
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/cmd.h"
#include "client/cmd/find.h"
#include "client/cmd/print.h"

/* A conflict with what it is about; every pointer lives in the call's arena or the catalog. */
struct dispute {
	const struct prac_record *conflict;
	const struct prac_type *type;     /* of the record; NULL: newer than this program */
	const struct prac_group *group;   /* NULL: the record as a whole */
	const struct prac_record *record; /* NULL: not here any more */
};

static struct dispute read_dispute(struct cmd_call *call, const struct prac_record *conflict)
{
	const struct prac_value *values = conflict->values;
	struct dispute dispute = { .conflict = conflict };
	struct prac_id id;

	dispute.type = prac_type_find((uint32_t)values[PRAC_CONFLICT_RECORD_TYPE].number);
	if (dispute.type == NULL) {
		return dispute;
	}
	dispute.group =
		prac_group_find(dispute.type, (uint32_t)values[PRAC_CONFLICT_GROUP_NUMBER].number);
	if (prac_id_from_bytes(values[PRAC_CONFLICT_RECORD_ID].bytes, &id) != PRAC_OK ||
		replica_get(call->replica, dispute.type, &id, &call->arena, &dispute.record) !=
			PRAC_OK) {
		dispute.record = NULL;
	}
	return dispute;
}

static void append_field(struct cmd_call *call, GString *words, const struct prac_field *field,
	const struct prac_value *value)
{
	if (value->has) {
		g_string_append_printf(words, "%s%s %s", words->len > 0 ? ", " : "", field->label,
			print_value(call->replica, field, value, &call->arena));
	}
}

/* One side's version of the group: "Hours target 320h, Note boots". */
static const char *side(struct cmd_call *call, const struct dispute *dispute, size_t index)
{
	const struct prac_value *value = &dispute->conflict->values[index];
	const struct prac_type *type = dispute->type;
	struct prac_value *values;
	GString *words;
	const char *text;

	if (type == NULL || dispute->group == NULL || !value->has) {
		return value->has ? "(as a whole)" : "(empty)";
	}
	words = g_string_new(NULL);
	values = prac_arena_alloc(&call->arena, type->n_fields * sizeof(*values));
	if (prac_group_apply(type, dispute->group, value->bytes, &call->arena, values) == PRAC_OK) {
		for (size_t i = 0; i < dispute->group->n_fields; i++) {
			uint16_t field = dispute->group->fields[i];

			append_field(call, words, &type->fields[field], &values[field]);
		}
	}
	text = prac_arena_printf(&call->arena, "%s", words->str);
	g_string_free(words, TRUE);
	return text;
}

struct listing {
	struct cmd_call *call;
	struct print_table *table;
};

static bool on_conflict(void *ctx, const struct prac_record *conflict, bool pending)
{
	struct listing *listing = ctx;
	struct cmd_call *call = listing->call;
	struct dispute dispute = read_dispute(call, conflict);
	const char *title = dispute.record == NULL
				    ? "(not here any more)"
				    : prac_record_title(dispute.record, &call->arena);
	const char *type = dispute.type == NULL ? "(newer type)" : dispute.type->name;
	const char *group = dispute.group == NULL ? "record" : dispute.group->label;
	const char *theirs = side(call, &dispute, PRAC_CONFLICT_THEIRS);
	const char *mine = side(call, &dispute, PRAC_CONFLICT_MINE);

	if (call->json) {
		json_t *object = print_record_json(conflict, pending);

		json_object_update_new(
			object, json_pack("{ss ss ss ss ss}", "type", type, "title", title, "group",
					group, "theirs_text", theirs, "mine_text", mine));
		print_table_object(listing->table, object);
		return true;
	}
	print_table_row(listing->table,
		(const char *[]){
			print_id(call->replica, conflict->type, &conflict->id, &call->arena),
			prac_arena_printf(&call->arena, "%s %s", type, title), group, theirs,
			mine });
	return true;
}

static int list_open(struct cmd_call *call)
{
	static const char *const heads[] = { "id", "record", "what", "theirs (holds now)",
		"mine (waits)" };
	const struct prac_type *type = prac_type_find(PRAC_CONFLICT);
	struct replica_filter open = {
		.field = &type->fields[PRAC_CONFLICT_STATE],
		.value = { .has = true, .number = PRAC_CONFLICT_STATE_OPEN },
	};
	struct replica_query query = { .type = type, .filters = &open, .n_filters = 1 };
	struct listing listing = { .call = call };
	enum prac_status status;

	listing.table = print_table_new(heads, PRAC_NELEM(heads), call->json);
	status = replica_list(call->replica, &query, on_conflict, &listing);
	print_table_end(listing.table, "No conflict is open.");
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

/* FIELD=VALUE words over the value that holds now, as the encoding of the group. */
static bool third_value(
	struct cmd_call *call, const struct dispute *dispute, struct prac_value *chosen_out)
{
	struct prac_record *copy;
	struct prac_buf bytes = { 0 };

	if (dispute->record == NULL || dispute->group == NULL) {
		cmd_fail(call, CMD_REFUSED,
			"this conflict is about the record as a whole; choose mine or theirs");
		return false;
	}
	copy = prac_record_copy(&call->arena, dispute->record);
	if (!find_values(call, dispute->type, call->words + 2, copy->values)) {
		return false;
	}
	prac_group_encode(dispute->type, dispute->group, copy->values, &bytes);
	*chosen_out = (struct prac_value){
		.has = true,
		.bytes = prac_arena_copy(&call->arena, prac_buf_bytes(&bytes)),
	};
	prac_buf_deinit(&bytes);
	return true;
}

static int resolve(struct cmd_call *call)
{
	const struct prac_type *type = prac_type_find(PRAC_CONFLICT);
	const struct prac_record *conflict = find_record(call, type, call->words[1]);
	const struct prac_action *action = prac_action_find(type, PRAC_CONFLICT_DO_RESOLVE);
	struct prac_value args[2] = { { .has = true } };
	struct replica_refusal refusal = { 0 };
	struct dispute dispute;
	enum prac_status status;

	if (conflict == NULL) {
		return CMD_REFUSED;
	}
	dispute = read_dispute(call, conflict);
	if (strcmp(call->words[2], "mine") == 0) {
		args[PRAC_CONFLICT_RESOLVE_CHOICE].number = PRAC_CONFLICT_CHOICE_MINE;
	} else if (strcmp(call->words[2], "theirs") == 0) {
		args[PRAC_CONFLICT_RESOLVE_CHOICE].number = PRAC_CONFLICT_CHOICE_THEIRS;
	} else if (third_value(call, &dispute, &args[PRAC_CONFLICT_RESOLVE_CHOSEN])) {
		args[PRAC_CONFLICT_RESOLVE_CHOICE].number = PRAC_CONFLICT_CHOICE_VALUE;
	} else {
		return CMD_REFUSED;
	}
	status = replica_act(call->replica, conflict, action, args, &refusal);
	if (status == PRAC_FAILED_PRECONDITION && refusal.reason != PRAC_REASON_NONE) {
		return cmd_fail_refusal(call, &refusal);
	}
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	(void)puts("decided here, sent with the next sync");
	return CMD_DONE;
}

static int run(struct cmd_call *call)
{
	if (call->n_words == 0) {
		return list_open(call);
	}
	if (strcmp(call->words[0], "resolve") != 0 || call->n_words < 3) {
		return cmd_fail(
			call, CMD_USAGE, "want: conflicts resolve ID mine|theirs|FIELD=VALUE...");
	}
	return resolve(call);
}

const struct cmd cmd_conflicts = {
	.name = "conflicts",
	.synopsis = "[resolve ID mine|theirs|FIELD=VALUE...]",
	.help = "Lists what two people changed differently: `theirs` holds until somebody decides, "
		"`mine` came second and waits. resolve decides, for everybody: keep theirs, take mine, "
		"or set a third value.",
	.example = "practicum conflicts\n  practicum conflicts resolve 0193d1 mine",
	.needs = CMD_NEEDS_PERSON,
	.max_words = 2 + PRAC_FIELDS_MAX,
	.run = run,
};
