/* practicum drafts: input that was refused, kept until its author corrects or discards it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cmd/cmd.h"
#include "client/cmd/print.h"

/* False: of a newer type. */
static bool read_mutation(
	struct cmd_call *call, struct prac_bytes bytes, struct prac_mutation *mutation_out)
{
	enum prac_reason reason;
	struct prac_problem problem;

	return prac_mutation_read(bytes, &call->arena, mutation_out, &reason, &problem) ==
		       PRAC_OK &&
	       mutation_out->type != NULL;
}

/* What the mutation was about, for a line of the list. */
static const char *subject(struct cmd_call *call, const struct prac_mutation *mutation)
{
	return prac_arena_printf(&call->arena, "%s %s %s", mutation->type->name,
		print_id(call->replica, mutation->type, &mutation->id, &call->arena),
		mutation->action != NULL
			? mutation->action->name
			: (mutation->op == PRACTICUM__OP__OP_CREATE ? "added" : "changed"));
}

/* A refusal may quote the field it is about, which may be none of whoever looks at the drafts now. */
static const char *words(struct cmd_call *call, const struct prac_mutation *mutation,
	const struct replica_draft *draft)
{
	const struct prac_field *field = prac_field_find(mutation->type, draft->field);

	return field != NULL && replica_withholds(call->replica, field) ? PRINT_WITHHELD
									: draft->text;
}

static void print_draft(
	struct cmd_call *call, struct print_table *table, const struct replica_draft *draft)
{
	struct prac_mutation mutation;
	bool is_known = read_mutation(call, draft->bytes, &mutation);
	const char *what = is_known ? subject(call, &mutation) : "(of a newer type)";
	const char *text = is_known ? words(call, &mutation, draft) : draft->text;
	const char *reason = prac_reason_name(draft->reason);

	if (call->json) {
		print_table_object(table, json_pack("{sI ss ss ss}", "id", (json_int_t)draft->id,
						  "what", what, "reason", reason, "text", text));
		return;
	}
	print_table_row(table,
		(const char *[]){ prac_arena_printf(&call->arena, "%lu", (unsigned long)draft->id),
			what, reason, text });
}

static int list_drafts(struct cmd_call *call)
{
	static const char *const heads[] = { "draft", "what", "reason", "why" };
	struct replica_draft *drafts;
	size_t n;
	enum prac_status status = replica_drafts(call->replica, &call->arena, &drafts, &n);
	struct print_table *table;

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	table = print_table_new(heads, PRAC_NELEM(heads), call->json);
	for (size_t i = 0; i < n; i++) {
		print_draft(call, table, &drafts[i]);
	}
	print_table_end(table, "Nothing was refused.");
	return CMD_DONE;
}

static int settle(struct cmd_call *call)
{
	struct replica_refusal refusal = { 0 };
	bool retries = strcmp(call->words[0], "retry") == 0;
	size_t n_followed = 0;
	char *end;
	uint64_t id = strtoull(call->words[1], &end, 10);
	enum prac_status status;

	if (*end != '\0') {
		return cmd_fail(call, CMD_USAGE,
			"%s is not the number of a draft; practicum drafts shows them",
			call->words[1]);
	}
	status = retries ? replica_draft_retry(call->replica, id, &refusal, &n_followed)
			 : replica_draft_discard(call->replica, id);
	if (status == PRAC_NOT_FOUND) {
		return cmd_fail(call, CMD_REFUSED, "no draft %s; `practicum drafts` lists them",
			call->words[1]);
	}
	if (status == PRAC_FAILED_PRECONDITION && refusal.reason != PRAC_REASON_NONE) {
		return cmd_fail_refusal(call, &refusal);
	}
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (n_followed > 0) {
		printf("entered again with %zu that build%s on it, sent with the next sync\n",
			n_followed, n_followed == 1 ? "s" : "");
	} else {
		(void)puts(retries ? "entered again, sent with the next sync" : "discarded");
	}
	return CMD_DONE;
}

static int run(struct cmd_call *call)
{
	if (call->n_words == 0) {
		return list_drafts(call);
	}
	if (call->n_words != 2 ||
		(strcmp(call->words[0], "retry") != 0 && strcmp(call->words[0], "discard") != 0)) {
		return cmd_fail(call, CMD_USAGE, "want: drafts [retry|discard NUMBER]");
	}
	return settle(call);
}

const struct cmd cmd_drafts = {
	.name = "drafts",
	.synopsis = "[retry|discard NUMBER]",
	.help = "Lists input that was refused, with the reason. retry enters it again over what is "
		"there now, with what was refused because it builds on it; what was a second record of "
		"the same key (DUPLICATE) goes into the first one. discard gives it up.",
	.example = "practicum drafts\n  practicum drafts discard 3",
	.needs = CMD_NEEDS_PERSON,
	.max_words = 2,
	.run = run,
};
