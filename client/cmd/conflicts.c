/* practicum conflicts: two people changed one fact; a person decides. */
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/cmd.h"
#include "client/cmd/find.h"
#include "client/cmd/listing.h"
#include "client/cmd/people_print.h"
#include "client/cmd/print.h"
#include "client/replica/people.h"

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

/* One side's version of the group's fields; NULL when there is none, or it cannot be read. */
static const struct prac_value *side(
	struct cmd_call *call, const struct dispute *dispute, size_t index)
{
	const struct prac_value *value = &dispute->conflict->values[index];
	const struct prac_type *type = dispute->type;
	struct prac_value *values;

	if (dispute->group == NULL || !value->has) {
		return NULL;
	}
	values = prac_arena_alloc(&call->arena, type->n_fields * sizeof(*values));
	return prac_group_apply(type, dispute->group, value->bytes, &call->arena, values) == PRAC_OK
		       ? values
		       : NULL;
}

/* Where the versions stand in a conflict, in the order in which they are shown. */
static const struct version {
	const char *name;
	size_t value;
	int person, device, at; /* -1: the conflict does not say */
} versions[] = {
	{ "before", PRAC_CONFLICT_BASE_VALUE, -1, -1, -1 },
	{ "theirs", PRAC_CONFLICT_THEIRS, PRAC_CONFLICT_THEIRS_PERSON, PRAC_CONFLICT_THEIRS_DEVICE,
		PRAC_CONFLICT_THEIRS_AT },
	{ "mine", PRAC_CONFLICT_MINE, PRAC_CONFLICT_MINE_PERSON, PRAC_CONFLICT_MINE_DEVICE,
		PRAC_CONFLICT_MINE_AT },
};

/* The record does not show the field to whoever is here, so its conflicts do not either. */
static bool is_withheld(const struct dispute *dispute, size_t index)
{
	return (dispute->conflict->withheld >> index & 1) != 0;
}

/* The value of the conflict at this index, when it has one. */
static const struct prac_value *said(const struct dispute *dispute, int index)
{
	return index >= 0 && dispute->conflict->values[index].has
		       ? &dispute->conflict->values[index]
		       : NULL;
}

/* By name whoever has signed in at this station, else by id. */
static const char *person_text(struct cmd_call *call, const struct prac_value *value)
{
	const char *name;
	struct prac_id id;
	char text[PRAC_ID_TEXT];

	if (value == NULL || prac_id_from_bytes(value->bytes, &id) != PRAC_OK ||
		prac_id_is_nil(&id)) {
		return "";
	}
	name = replica_person_name(call->replica, &id, &call->arena);
	prac_id_format(&id, text);
	return name != NULL ? name : prac_arena_printf(&call->arena, "person %s", text);
}

static const char *device_text(struct cmd_call *call, const struct prac_value *value)
{
	struct replica_identity identity;
	struct prac_id id;
	char text[PRAC_ID_TEXT];

	if (value == NULL || prac_id_from_bytes(value->bytes, &id) != PRAC_OK) {
		return "";
	}
	if (replica_identity(call->replica, &identity) == PRAC_OK &&
		prac_id_equal(&identity.device, &id)) {
		return "this station";
	}
	prac_id_format(&id, text);
	return prac_arena_printf(&call->arena, "station %s", text);
}

/* What to type; a third value only where there is a group to set. */
static const char *command_of(struct cmd_call *call, const struct dispute *dispute)
{
	const char *id = print_id(
		call->replica, dispute->conflict->type, &dispute->conflict->id, &call->arena);

	return prac_arena_printf(&call->arena, "practicum conflicts resolve %s mine|theirs%s%s%s",
		id, dispute->group != NULL ? "|" : "",
		dispute->group != NULL ? dispute->type->fields[dispute->group->fields[0]].name : "",
		dispute->group != NULL ? "=VALUE" : "");
}

static const char *title_of(struct cmd_call *call, const struct dispute *dispute)
{
	return dispute->record == NULL ? "(not here any more)"
				       : prac_record_title(dispute->record, &call->arena);
}

/* ---- for programs */

static json_t *field_json(const struct prac_field *field, const struct prac_value *const sides[])
{
	json_t *object = json_pack("{ss ss}", "field", field->name, "label", field->label);

	for (size_t i = 0; i < PRAC_NELEM(versions); i++) {
		const struct prac_value *value = sides[i] != NULL ? &sides[i][field->index] : NULL;

		json_object_set_new(object, versions[i].name,
			value != NULL && value->has ? print_value_json(field, value) : json_null());
	}
	return object;
}

/* {"person": "Ann Smith", "station": "this station"}; ids and time stand in the record. */
static json_t *origin_json(
	struct cmd_call *call, const struct dispute *dispute, const struct version *version)
{
	return json_pack("{ss ss}", "person", person_text(call, said(dispute, version->person)),
		"station", device_text(call, said(dispute, version->device)));
}

static json_t *dispute_json(struct cmd_call *call, const struct dispute *dispute, bool pending)
{
	const struct prac_value *sides[PRAC_NELEM(versions)];
	json_t *object = print_record_json(dispute->conflict, pending), *fields = json_array();

	for (size_t i = 0; i < PRAC_NELEM(versions); i++) {
		sides[i] = side(call, dispute, versions[i].value);
	}
	for (size_t i = 0; dispute->group != NULL && i < dispute->group->n_fields; i++) {
		json_array_append_new(fields,
			field_json(&dispute->type->fields[dispute->group->fields[i]], sides));
	}
	json_object_update_new(
		object, json_pack("{ss ss ss so so so ss}", "type",
				dispute->type == NULL ? "(newer type)" : dispute->type->name,
				"title", title_of(call, dispute), "group",
				dispute->group == NULL ? "record" : dispute->group->label, "fields",
				fields, "theirs_by", origin_json(call, dispute, &versions[1]),
				"mine_by", origin_json(call, dispute, &versions[2]), "command",
				command_of(call, dispute)));
	return object;
}

/* ---- for people */

/* "019a2b3c placement Ann Lee, Volunteer Printing: Hours (Both changed it)" */
static void print_head(struct cmd_call *call, const struct dispute *dispute)
{
	const struct prac_record *conflict = dispute->conflict;
	const struct prac_enum_value *kind =
		prac_enum_find(&conflict->type->fields[PRAC_CONFLICT_KIND],
			conflict->values[PRAC_CONFLICT_KIND].number);

	printf("%s %s %s: %s (%s)\n",
		print_id(call->replica, conflict->type, &conflict->id, &call->arena),
		dispute->type == NULL ? "(newer type)" : dispute->type->name,
		title_of(call, dispute),
		dispute->group == NULL ? "the record as a whole" : dispute->group->label,
		kind == NULL ? "newer kind" : kind->label);
}

enum origin {
	ORIGIN_PERSON,
	ORIGIN_DEVICE,
	ORIGIN_AT
};

static const char *origin_text(struct cmd_call *call, const struct dispute *dispute,
	const struct version *version, enum origin origin)
{
	const struct prac_value *at = said(dispute, version->at);

	switch (origin) {
	case ORIGIN_PERSON:
		return person_text(call, said(dispute, version->person));
	case ORIGIN_DEVICE:
		return device_text(call, said(dispute, version->device));
	case ORIGIN_AT:
	default:
		return at != NULL ? people_time(call, at->number) : "";
	}
}

static void print_dispute(struct cmd_call *call, const struct dispute *dispute)
{
	static const char *const heads[] = { "", "before", "theirs (holds now)", "mine (waits)" };
	static const char *const origins[] = { "entered by", "at", "on" };
	struct print_table *table = print_table_new(heads, PRAC_NELEM(heads), false);
	const struct prac_value *sides[PRAC_NELEM(versions)];
	const char *cells[1 + PRAC_NELEM(versions)];

	print_head(call, dispute);
	for (size_t i = 0; i < PRAC_NELEM(versions); i++) {
		sides[i] = side(call, dispute, versions[i].value);
	}
	for (size_t i = 0; dispute->group != NULL && i < dispute->group->n_fields; i++) {
		const struct prac_field *field = &dispute->type->fields[dispute->group->fields[i]];

		cells[0] = field->label;
		for (size_t k = 0; k < PRAC_NELEM(versions); k++) {
			cells[1 + k] = is_withheld(dispute, versions[k].value) ? PRINT_WITHHELD
				       : sides[k] == NULL
					       ? ""
					       : print_value(call->replica, field,
							 &sides[k][field->index], &call->arena);
		}
		print_table_row(table, cells);
	}
	for (size_t i = 0; i < PRAC_NELEM(origins); i++) {
		bool is_known = false;

		cells[0] = origins[i];
		for (size_t k = 0; k < PRAC_NELEM(versions); k++) {
			cells[1 + k] = origin_text(call, dispute, &versions[k], (enum origin)i);
			is_known = is_known || cells[1 + k][0] != '\0';
		}
		if (is_known) {
			print_table_row(table, cells);
		}
	}
	print_table_end(table, "");
	printf("settle it: %s\n", command_of(call, dispute));
}

struct listing {
	struct cmd_call row;       /* the call, with an arena that lives as long as one conflict */
	struct print_table *table; /* NULL: for people */
	size_t n;
	struct listing_trace trace;
};

static bool on_conflict(void *ctx, const struct prac_record *conflict, bool pending)
{
	struct listing *listing = ctx;
	struct dispute dispute = read_dispute(&listing->row, conflict);

	if (dispute.record != NULL) {
		listing_add(&listing->trace, dispute.record);
	}
	if (listing->table != NULL) {
		print_table_object(listing->table, dispute_json(&listing->row, &dispute, pending));
	} else {
		(void)fputs(listing->n > 0 ? "\n" : "", stdout);
		print_dispute(&listing->row, &dispute);
	}
	listing->n++;
	prac_arena_reset(&listing->row.arena);
	return true;
}

static int list_open(struct cmd_call *call)
{
	const struct prac_type *type = prac_type_find(PRAC_CONFLICT);
	struct replica_filter open = {
		.field = &type->fields[PRAC_CONFLICT_STATE],
		.value = { .has = true, .number = PRAC_CONFLICT_STATE_OPEN },
	};
	struct replica_query query = { .type = type, .filters = &open, .n_filters = 1 };
	struct listing listing = { .row = *call };
	enum prac_status status;
	int code = listing_begin(&listing.trace, call, PRAC_LISTING_KIND_CONFLICTS, type);

	if (code != CMD_DONE) {
		return code;
	}
	listing.row.arena = (struct prac_arena){ 0 };
	listing.table = call->json ? print_table_new(NULL, 0, true) : NULL;
	status = replica_list(call->replica, &query, on_conflict, &listing);
	prac_arena_deinit(&listing.row.arena);
	if (listing.table != NULL) {
		print_table_end(listing.table, "");
	} else if (listing.n == 0 && status == PRAC_OK) {
		(void)puts("No conflict is open.");
	}
	return listing_end(
		&listing.trace, status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status));
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
	*chosen_out = prac_value_bytes(prac_arena_copy(&call->arena, prac_buf_bytes(&bytes)));
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
	.help = "Lists what two people changed differently, field by field, with who entered it, at which "
		"station and when: `theirs` holds until somebody decides, "
		"`mine` came second and waits. People who never signed in at this station are shown by id. resolve decides, for everybody: keep theirs, take mine, "
		"or set a third value.",
	.example = "practicum conflicts\n  practicum conflicts resolve 0193d1 mine",
	.needs = CMD_NEEDS_PERSON,
	.max_words = 2 + PRAC_FIELDS_MAX,
	.run = run,
};
