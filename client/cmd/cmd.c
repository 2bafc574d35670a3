#include "client/cmd/cmd.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/key/key.h"
#include "client/replica/people.h"
#include "common/base/near.h"

enum prac_status cmd_open(struct cmd_call *call)
{
	struct replica_place place = {
		.path = prac_arena_printf(&call->arena, "%s/replica.db", call->home),
		.env = &prac_env_system,
	};

	call->key = data_key_new(call->home, place.env);
	place.keys = data_key_source(call->key);
	return replica_open(&place, &call->replica);
}

void cmd_close(struct cmd_call *call)
{
	replica_close(call->replica);
	data_key_free(call->key);
	call->replica = NULL;
	call->key = NULL;
}

int cmd_fail(const struct cmd_call *call, int code, const char *fmt, ...)
{
	va_list args;

	if (call->said != NULL) {
		va_start(args, fmt);
		g_ptr_array_add(call->said, g_strdup_vprintf(fmt, args));
		va_end(args);
		return code;
	}
	(void)fprintf(stderr, "practicum %s: ", call->cmd->name);
	if (call->where != NULL) {
		(void)fprintf(stderr, "%s: ", call->where);
	}
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
	return code;
}

int cmd_fail_replica(const struct cmd_call *call, enum prac_status status)
{
	const char *words = replica_error(call->replica);

	if (words == NULL || words[0] == '\0') {
		words = prac_status_text(status);
	}
	return cmd_fail(
		call, status == PRAC_FAILED_PRECONDITION ? CMD_CONFIG : CMD_REFUSED, "%s", words);
}

/* On a personal device nothing is open but for who is there. */
static int check_personal(const struct cmd_call *call)
{
	struct prac_arena arena = { 0 };
	struct replica_who who;
	enum prac_status status = replica_who(call->replica, &arena, &who);
	const char *text = replica_presence_text(REPLICA_ABSENT);

	prac_arena_deinit(&arena);
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (who.presence == REPLICA_PRESENT) {
		return CMD_DONE;
	}
	data_key_close(call->key);
	text = who.presence == REPLICA_DEVICE_ACTS ? text : replica_presence_text(who.presence);
	return cmd_fail(call, CMD_REFUSED, "%s", text);
}

int cmd_check_key(const struct cmd_call *call)
{
	int code = data_key_is_personal(call->key) ? check_personal(call) : CMD_DONE;
	enum prac_status status;

	if (code != CMD_DONE) {
		return code;
	}
	status = replica_check_key(call->replica);
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

int cmd_check_person(const struct cmd_call *call)
{
	struct prac_arena arena = { 0 };
	struct replica_who who;
	enum prac_status status = replica_who(call->replica, &arena, &who);
	const char *text = status == PRAC_OK ? replica_presence_text(who.presence) : NULL;

	prac_arena_deinit(&arena);
	if (text != NULL) {
		data_key_close(call->key);
		return cmd_fail(call, CMD_REFUSED, "%s", text);
	}
	if (status == PRAC_OK) {
		status = replica_used(call->replica);
		data_key_extend(call->key, PEOPLE_IDLE_MS / 1000);
	}
	return status == PRAC_OK ? cmd_check_key(call) : cmd_fail_replica(call, status);
}

const char *cmd_session(struct cmd_call *call, struct prac_bytes *token_out)
{
	struct replica_who who;

	*token_out = (struct prac_bytes){ 0 };
	if (replica_who(call->replica, &call->arena, &who) != PRAC_OK) {
		return replica_error(call->replica);
	}
	*token_out = who.token;
	return !who.is_required || who.token.len > 0
		       ? NULL
		       : prac_arena_printf(&call->arena,
				 "you are signed in without the server, which has to know who asks; "
				 "sign in again: practicum login %s",
				 who.person.login);
}

const char *cmd_problem(struct prac_arena *arena, const struct prac_problem *problem)
{
	const struct prac_field *field = problem->field;
	size_t len = field == NULL ? 0 : strlen(field->label);

	if (field == NULL || strncmp(problem->text, field->label, len) != 0 ||
		problem->text[len] != ':') {
		return problem->text;
	}
	return prac_arena_printf(
		arena, "%s (%s)%s", field->name, field->label, problem->text + len);
}

int cmd_fail_refusal(const struct cmd_call *call, const struct replica_refusal *refusal)
{
	struct prac_arena arena = { 0 };
	const char *words = cmd_problem(&arena, &refusal->problem);

	if (words[0] == '\0') {
		words = prac_reason_text(refusal->reason);
	}
	cmd_fail(call, CMD_REFUSED, "%s (%s); nothing was stored", words,
		prac_reason_name(refusal->reason));
	prac_arena_deinit(&arena);
	return CMD_REFUSED;
}

const struct prac_type *cmd_type(const struct cmd_call *call, const char *name)
{
	const struct prac_type *type = prac_type_find_name(name);
	struct prac_near near = { .word = name };

	if (type != NULL) {
		return type;
	}
	for (size_t i = 0; i < prac_n_types; i++) {
		prac_near_try(&near, prac_types[i]->name);
	}
	if (near.best != NULL) {
		cmd_fail(call, CMD_REFUSED,
			"no record type %s; did you mean %s? `practicum types` lists them", name,
			near.best);
	} else {
		cmd_fail(
			call, CMD_REFUSED, "no record type %s; `practicum types` lists them", name);
	}
	return NULL;
}

void cmd_begin_state(struct prac_record *record)
{
	int index = record->type->state_field;

	if (index >= 0 && !record->values[index].has) {
		record->values[index] =
			prac_value_number(record->type->fields[index].values[0].number);
	}
}
