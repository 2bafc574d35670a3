/* practicum exceptions: what needs a person today, and how to settle it. */
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/cmd.h"
#include "client/cmd/find.h"
#include "client/cmd/likeness.h"
#include "client/cmd/listing.h"
#include "client/cmd/print.h"
#include "client/exceptions/exceptions.h"
#include "client/replica/people.h"
#include "common/base/date.h"

static gboolean mine, all;

static const GOptionEntry options[] = {
	{ "mine", 0, 0, G_OPTION_ARG_NONE, &mine, "only what you look after", NULL },
	{ "all", 0, 0, G_OPTION_ARG_NONE, &all, "also what was put off", NULL },
	{ 0 },
};

static bool is_shown(struct cmd_call *call, const struct exception *exception)
{
	struct replica_identity identity;
	struct replica_who who;
	const struct prac_id *staff = &identity.person;

	if (exception->asleep_until != 0 && !all) {
		return false;
	}
	if (!mine) {
		return true;
	}
	if (!exception->has_staff || replica_identity(call->replica, &identity) != PRAC_OK ||
		replica_who(call->replica, &call->arena, &who) != PRAC_OK) {
		return false;
	}
	if (who.presence == REPLICA_PRESENT) {
		staff = &who.person.who.subject; /* the staff member that the person is */
	}
	return prac_id_equal(&exception->staff, staff);
}

static const char *remedy_of(struct cmd_call *call, const struct exception *exception)
{
	const char *remedy =
		exception->remedy != NULL ? exception->remedy : exception->cause->remedy;
	const char *place = strstr(remedy, "%s");
	const char *id = print_id(call->replica, exception->type, &exception->id, &call->arena);

	return place == NULL ? remedy
			     : prac_arena_printf(&call->arena, "%.*s%s%s", (int)(place - remedy),
				       remedy, id, place + 2);
}

static json_t *as_json(struct cmd_call *call, const struct exception *exception)
{
	char id[PRAC_ID_TEXT], day[PRAC_DATE_TEXT], until[PRAC_DATE_TEXT];
	json_t *object;

	prac_id_format(&exception->id, id);
	prac_date_format(exception->day, day);
	object = json_pack("{ss ss si ss ss ss ss ss}", "cause", exception->cause->name, "label",
		exception->cause->label, "rank", (int)exception->cause->rank, "type",
		exception->type->name, "id", id, "text", exception->text, "day", day, "remedy",
		remedy_of(call, exception));
	if (exception->asleep_until != 0) {
		prac_date_format(exception->asleep_until, until);
		json_object_set_new(object, "asleep_until", json_string(until));
		json_object_set_new(object, "asleep_for", json_string(exception->asleep_for));
	}
	return object;
}

static void print_one(struct cmd_call *call, const struct exception *exception)
{
	char day[PRAC_DATE_TEXT];

	prac_date_format(exception->day, day);
	printf("  %s  %s\n", exception->day > 0 ? day : "          ", exception->text);
	if (exception->asleep_until != 0) {
		prac_date_format(exception->asleep_until, day);
		printf("              put off to %s: %s\n", day, exception->asleep_for);
	}
	printf("              %s\n", remedy_of(call, exception));
}

static void print_json_list(struct cmd_call *call, const struct exceptions *found)
{
	json_t *array = json_array();

	for (size_t i = 0; i < found->n; i++) {
		if (is_shown(call, &found->items[i])) {
			json_array_append_new(array, as_json(call, &found->items[i]));
		}
	}
	print_json(array);
}

static void print_groups(struct cmd_call *call, const struct exceptions *found)
{
	const struct exception *before = NULL; /* the one above */

	for (size_t i = 0; i < found->n; i++) {
		const struct exception *exception = &found->items[i];

		if (!is_shown(call, exception)) {
			continue;
		}
		if (before == NULL || before->cause != exception->cause) {
			printf("%s%s  [%s]\n", before != NULL ? "\n" : "", exception->cause->label,
				exception->cause->name);
		}
		print_one(call, exception);
		before = exception;
	}
	if (before == NULL) {
		(void)puts("nothing needs a person today");
	}
}

/* Each record that is named is counted, as the text tells of it. */
static void count(
	struct cmd_call *call, const struct exceptions *found, struct listing_trace *trace)
{
	for (size_t i = 0; trace->is_on && i < found->n; i++) {
		const struct exception *exception = &found->items[i];
		const struct prac_record *record = NULL;

		if (is_shown(call, exception) &&
			replica_get(call->replica, exception->type, &exception->id, &call->arena,
				&record) == PRAC_OK &&
			record != NULL) {
			listing_add(trace, record);
		}
	}
}

static void print_found(struct cmd_call *call, const struct exceptions *found)
{
	size_t n_asleep = 0;

	if (call->json) {
		print_json_list(call, found);
		return;
	}
	print_groups(call, found);
	for (size_t i = 0; i < found->n; i++) {
		n_asleep += found->items[i].asleep_until != 0 ? 1 : 0;
	}
	if (n_asleep > 0 && !all) {
		printf("\n%zu put off; practicum exceptions --all shows them\n", n_asleep);
	}
}

static int list(struct cmd_call *call)
{
	struct exceptions found;
	struct listing_trace trace;
	enum prac_status status = exceptions_find(
		call->replica, prac_env_today(&prac_env_system), &call->arena, &found);
	int code;

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	code = listing_begin(&trace, call, PRAC_LISTING_KIND_EXCEPTIONS, NULL);
	if (code == CMD_DONE) {
		count(call, &found, &trace);
		print_found(call, &found);
		code = listing_end(&trace, code);
	}
	return code;
}

/* ---- snooze CAUSE ID until=DATE reason=TEXT */

static const struct exception *find_exception(struct cmd_call *call, const struct exceptions *found)
{
	const struct exception *match = NULL;
	size_t n = 0;

	for (size_t i = 0; i < found->n; i++) {
		const struct exception *exception = &found->items[i];
		struct prac_id ids[2];
		size_t n_ids = 0;

		if (strcmp(exception->cause->name, call->words[1]) == 0 &&
			replica_find_id(call->replica, exception->type, call->words[2], ids,
				&n_ids) == PRAC_OK &&
			n_ids == 1 && prac_id_equal(&ids[0], &exception->id)) {
			match = exception;
			n++;
		}
	}
	return n == 1 ? match : NULL;
}

static int snooze(struct cmd_call *call)
{
	struct prac_record *record = prac_record_new(&call->arena, &prac_type_snooze);
	struct replica_refusal refusal = { 0 };
	const struct exception *exception;
	struct exceptions found;
	enum prac_status status;

	if (call->n_words != 5) {
		return cmd_fail(call, CMD_USAGE,
			"want: snooze CAUSE ID until=DATE reason=TEXT; the cause stands in brackets "
			"behind the heading");
	}
	status = exceptions_find(
		call->replica, prac_env_today(&prac_env_system), &call->arena, &found);
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	exception = find_exception(call, &found);
	if (exception == NULL) {
		return cmd_fail(call, CMD_REFUSED,
			"there is no exception %s of a record %s; practicum exceptions lists them",
			call->words[1], call->words[2]);
	}
	if (!find_values(call, record->type, call->words + 3, record->values)) {
		return CMD_REFUSED;
	}
	record->values[PRAC_SNOOZE_RECORD_TYPE] = prac_value_number(exception->type->number);
	record->values[PRAC_SNOOZE_RECORD_ID] = prac_value_id(&exception->id);
	record->values[PRAC_SNOOZE_CAUSE] = prac_value_text(exception->cause->name);
	status = replica_save(call->replica, NULL, record, &refusal);
	if (status != PRAC_OK) {
		return refusal.reason != PRAC_REASON_NONE ? cmd_fail_refusal(call, &refusal)
							  : cmd_fail_replica(call, status);
	}
	if (!call->json) {
		printf("put off: %s\n", exception->text);
	}
	return CMD_DONE;
}

static int run(struct cmd_call *call)
{
	if (call->n_words == 0) {
		return list(call);
	}
	if (strcmp(call->words[0], "snooze") == 0) {
		return snooze(call);
	}
	if (strcmp(call->words[0], "different") == 0 || strcmp(call->words[0], "same") == 0) {
		return likeness_say(call);
	}
	return cmd_fail(call, CMD_USAGE,
		"%s: want nothing, snooze CAUSE ID until=DATE reason=TEXT, or different|same TYPE "
		"ID OTHER reason=TEXT",
		call->words[0]);
}

const struct cmd cmd_exceptions = {
	.name = "exceptions",
	.synopsis = "[--mine] [--all] | snooze CAUSE ID until=DATE reason=TEXT | "
		    "different|same TYPE ID OTHER reason=TEXT",
	.help = "Tells what needs a person today: what is late, unlawful, missing, expiring or in "
		"conflict, what hurts first on top, each with the command that settles it. snooze puts "
		"one off to a day, for everybody who sees the record. Works without the server.\n\n"
		"Two records that look like one are listed until somebody says whether they are: "
		"`different` keeps that they are two, so that nobody is asked again; `same` keeps that "
		"ID is OTHER, and merges it where there is a move for that (organizations, by the "
		"district). `practicum do likeness ID withdraw` takes it back.",
	.example = "practicum exceptions\n"
		   "  practicum exceptions snooze visit_missing 0193a7 until=2026-10-05 "
		   "reason=\"site closed for a week\"",
	.needs = CMD_NEEDS_PERSON,
	.max_words = 5,
	.options = options,
	.run = run,
};
