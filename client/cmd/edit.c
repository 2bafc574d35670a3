/* practicum add, set and do: a person's acts, stored before the command returns. */
#include <stdio.h>

#include "catalog/types.h"
#include "client/cmd/cmd.h"
#include "client/cmd/edit.h"
#include "client/cmd/faults.h"
#include "client/cmd/find.h"
#include "client/cmd/likeness.h"
#include "client/cmd/print.h"
#include "client/cmd/warn.h"
#include "common/base/failpoint.h"
#include "common/base/near.h"

/* As it stands there now, completed; what was typed where it cannot be read. */
static const struct prac_record *stored(struct cmd_call *call, const struct prac_record *record)
{
	const struct prac_record *now = NULL;

	if (replica_get(call->replica, record->type, &record->id, &call->arena, &now) != PRAC_OK) {
		now = NULL;
	}
	return now == NULL ? record : now;
}

static void say_warnings(struct cmd_call *call, const struct prac_record *now)
{
	const char *elsewhere = warn_elsewhere(call, now);
	const struct prac_warning *warnings;
	size_t n = warn_of(call, now, &warnings);

	if (elsewhere != NULL) {
		printf("  %s\n", elsewhere);
	}
	for (size_t i = 0; i < n; i++) {
		printf("  breaks %s\n", warnings[i].words);
	}
}

/* What follows from other records: what stands there and nobody typed. */
static void say_filled(struct cmd_call *call, const struct prac_record *before,
	const struct prac_record *typed, const struct prac_record *now)
{
	GString *words = g_string_new(NULL);

	for (uint16_t i = 0; i < now->type->n_fields; i++) {
		const struct prac_field *field = &now->type->fields[i];

		if (i != now->type->state_field && now->values[i].has &&
			!prac_value_equal(field, &typed->values[i], &now->values[i]) &&
			(before == NULL ||
				!prac_value_equal(field, &before->values[i], &now->values[i]))) {
			g_string_append_printf(words, "%s%s %s",
				words->len == 0 ? "  filled in: " : ", ", field->name,
				print_field(call->replica, now, i, &call->arena));
		}
	}
	if (words->len > 0) {
		(void)puts(words->str);
	}
	g_string_free(words, TRUE);
}

/* before is NULL of a new record, which may be one that is there already. */
static void say_json(
	struct cmd_call *call, const struct prac_record *before, const struct prac_record *now)
{
	const char *elsewhere = warn_elsewhere(call, now);
	char id[PRAC_ID_TEXT];
	json_t *object, *alike;

	prac_id_format(&now->id, id);
	object = json_pack("{ss ss}", "type", now->type->name, "id", id);
	if (warn_has(now->type)) {
		json_object_set_new(object, "breaks", warn_json(call, now));
	}
	if (elsewhere != NULL) {
		json_object_set_new(object, PRAC_DERIVED_ELSEWHERE, json_string(elsewhere));
	}
	if (before == NULL && (alike = likeness_of(call, now)) != NULL) {
		json_object_set_new(object, "alike", alike);
	}
	print_json(object);
}

/* "changed"; after an action its label and where the record is now; NULL: it said so before. */
static void say_done(
	struct cmd_call *call, const struct prac_record *now, const char *verb, bool is_action)
{
	const char *id = print_id(call->replica, now->type, &now->id, &call->arena);

	if (verb == NULL) {
		printf("%s %s: that is what it says already; nothing was stored\n", now->type->name,
			id);
	} else if (is_action) {
		printf("%s %s: %s; it is %s now: stored here, sent with the next sync\n",
			now->type->name, id, verb, print_state(now, &call->arena));
	} else {
		printf("%s %s %s: stored here, sent with the next sync\n", now->type->name, id,
			verb);
	}
}

/* before is NULL of a new record, which may be one that is there already, and the record of an action. */
static int say_stored(struct cmd_call *call, const struct prac_record *before,
	const struct prac_record *record, const char *verb)
{
	const struct prac_record *now = stored(call, record);

	PRAC_FAILPOINT("after_outbox_commit");
	if (call->json) {
		say_json(call, before, now);
		return CMD_DONE;
	}
	say_done(call, now, verb, before == record);
	if (before != record) {
		say_filled(call, before, record, now);
	}
	say_warnings(call, now);
	if (before == NULL) {
		likeness_warn(call, now);
	}
	return CMD_DONE;
}

static bool is_refused(enum prac_status status, const struct replica_refusal *refusal)
{
	return status == PRAC_FAILED_PRECONDITION && refusal->reason != PRAC_REASON_NONE;
}

static int answer(struct cmd_call *call, enum prac_status status, const struct prac_record *before,
	const struct prac_record *after, const struct replica_refusal *refusal)
{
	return is_refused(status, refusal) ? faults_of_record(call, before, after, refusal)
					   : cmd_fail_replica(call, status);
}

static int add(struct cmd_call *call)
{
	const struct prac_type *type = cmd_type(call, call->words[0]);
	struct replica_refusal refusal = { 0 };
	struct prac_record *record;
	enum prac_status status;

	if (type == NULL) {
		return CMD_REFUSED;
	}
	record = prac_record_new(&call->arena, type);
	if (!find_values(call, type, call->words + 1, record->values)) {
		return CMD_REFUSED;
	}
	cmd_begin_state(record);
	status = replica_save(call->replica, NULL, record, &refusal);
	return status == PRAC_OK ? say_stored(call, NULL, record, "added")
				 : answer(call, status, NULL, record, &refusal);
}

const struct cmd cmd_add = {
	.name = "add",
	.synopsis = "TYPE FIELD=VALUE...",
	.help = "Adds a record. It is stored on this device at once and sent with the next sync. "
		"Dates are YYYY-MM-DD, times HH:MM at the work site, durations 2h30m or minutes; "
		"references take an id, a number or a name. What follows from another record is "
		"filled in. `practicum describe TYPE` tells the fields.",
	.example = "practicum add time_entry sheet_id=0193 work_date=2026-09-14 starts_at=15:30 "
		   "ends_at=18:00",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 2,
	.max_words = 1 + PRAC_FIELDS_MAX,
	.run = add,
};

static bool is_same(const struct prac_record *before, const struct prac_record *after)
{
	bool same = true;

	for (size_t i = 0; i < after->type->n_fields; i++) {
		same = same && prac_value_equal(&after->type->fields[i], &before->values[i],
				       &after->values[i]);
	}
	return same;
}

static int set(struct cmd_call *call)
{
	const struct prac_type *type = cmd_type(call, call->words[0]);
	struct replica_refusal refusal = { 0 };
	const struct prac_record *before;
	struct prac_record *after;
	enum prac_status status;

	if (type == NULL || (before = find_record(call, type, call->words[1])) == NULL) {
		return CMD_REFUSED;
	}
	after = prac_record_copy(&call->arena, before);
	if (!find_changes(call, call->words + 2, after)) {
		return CMD_REFUSED;
	}
	status = replica_save(call->replica, before, after, &refusal);
	if (status != PRAC_OK) {
		return answer(call, status, before, after, &refusal);
	}
	return say_stored(call, before, after, is_same(before, after) ? NULL : "changed");
}

const struct cmd cmd_set = {
	.name = "set",
	.synopsis = "TYPE ID FIELD=VALUE...",
	.help = "Changes fields of a record; an empty value clears a field. If somebody else changed "
		"the same fact meanwhile, both values are kept as a conflict.",
	.example = "practicum set placement 0193a7 target_minutes=320h",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 3,
	.max_words = 2 + PRAC_FIELDS_MAX,
	.run = set,
};

/* Which records an approval covers: those of the child type whose reference is the record. */
static const struct {
	uint32_t type, child, field;
} covered[] = {
	{ PRAC_TIME_SHEET, PRAC_TIME_ENTRY, PRAC_TIME_ENTRY_SHEET_ID_NO },
};

/* An approval names what is shown here; nobody types a hash. */
static void fill_content_hash(struct cmd_call *call, const struct prac_record *record,
	const struct prac_action *action, struct prac_value *args)
{
	const struct prac_field *field =
		action->args == NULL ? NULL : prac_field_find_name(action->args, "content_hash");
	const struct prac_record *const *children = NULL;
	struct prac_facts facts;
	struct prac_digest digest;

	if (field == NULL || args[field->index].has) {
		return;
	}
	for (size_t i = 0; i < PRAC_NELEM(covered); i++) {
		if (covered[i].type == record->type->number) {
			size_t n;

			replica_facts(call->replica, &call->arena, &facts);
			n = facts.children(facts.ctx, covered[i].child, covered[i].field,
				&record->id, &children);
			digest = prac_content_hash(record, children, n);
			args[field->index] = (struct prac_value){
				.has = true,
				.bytes = prac_arena_copy(&call->arena,
					(struct prac_bytes){ digest.b, sizeof(digest.b) }),
			};
		}
	}
}

static int refuse_action(struct cmd_call *call, const struct prac_type *type, const char *name)
{
	struct prac_near near = { .word = name };
	GString *names = g_string_new(NULL);

	if (type->n_actions == 0) {
		g_string_append(names, " none");
	}
	for (size_t i = 0; i < type->n_actions; i++) {
		g_string_append_printf(names, " %s", type->actions[i].name);
		prac_near_try(&near, type->actions[i].name);
	}
	if (near.best != NULL) {
		cmd_fail(call, CMD_REFUSED, "%s has no action %s; did you mean %s? It has%s",
			type->name, name, near.best, names->str);
	} else {
		cmd_fail(call, CMD_REFUSED, "%s has no action %s; it has%s", type->name, name,
			names->str);
	}
	g_string_free(names, TRUE);
	return CMD_REFUSED;
}

int edit_act(struct cmd_call *call, const struct prac_record *record,
	const struct prac_action *action, struct prac_value *args)
{
	struct replica_refusal refusal = { 0 };
	enum prac_status status;

	if (args != NULL) {
		fill_content_hash(call, record, action, args);
	}
	status = replica_act(call->replica, record, action, args, &refusal);
	if (status == PRAC_OK) {
		return say_stored(call, record, record, action->label);
	}
	return is_refused(status, &refusal)
		       ? faults_of_action(call, record->type, action, args, &refusal)
		       : cmd_fail_replica(call, status);
}

static int act(struct cmd_call *call)
{
	const struct prac_type *type = cmd_type(call, call->words[0]);
	const struct prac_action *action;
	const struct prac_record *record;
	struct prac_value *args = NULL;

	if (type == NULL || (record = find_record(call, type, call->words[1])) == NULL) {
		return CMD_REFUSED;
	}
	action = prac_action_find_name(type, call->words[2]);
	if (action == NULL) {
		return refuse_action(call, type, call->words[2]);
	}
	if (action->args != NULL) {
		args = prac_arena_alloc(&call->arena, action->args->n_fields * sizeof(*args));
		if (!find_values(call, action->args, call->words + 3, args)) {
			return CMD_REFUSED;
		}
	} else if (call->n_words > 3) {
		return cmd_fail(call, CMD_USAGE, "%s takes no arguments", action->name);
	}
	return edit_act(call, record, action, args);
}

const struct cmd cmd_do = {
	.name = "do",
	.synopsis = "TYPE ID ACTION [FIELD=VALUE...]",
	.help = "Moves a record along. What the present state does not allow is refused at once; the "
		"server has the last word. An approval names exactly what is shown here: if the "
		"content has changed meanwhile it is refused and kept as a draft.",
	.example = "practicum do placement 0193a7 submit\n"
		   "  practicum do time_sheet 0193c2 approve capacity=coordinator "
		   "evidence=\"e-mail of 14 September\"",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 3,
	.max_words = 3 + PRAC_FIELDS_MAX,
	.run = act,
};
