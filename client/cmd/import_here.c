#include "client/cmd/import_here.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client/bulk/undo.h"

enum {
	LEFT_SHOWN = 50
};

/* ---- kept */

enum prac_status import_here_keep(
	struct cmd_call *call, struct replica_import *import, const char *label)
{
	import->label = label;
	return replica_import_keep(call->replica, import);
}

static const char *id_text(struct cmd_call *call, const struct prac_id *id)
{
	char text[PRAC_ID_TEXT];

	prac_id_format(id, text);
	return prac_arena_text(&call->arena, prac_bytes_text(text));
}

const char *import_here_hint(struct cmd_call *call, const struct replica_import *import)
{
	return prac_id_is_nil(&import->id) ? ""
					   : prac_arena_printf(&call->arena,
						     "practicum import reverse %s takes it back\n",
						     id_text(call, &import->id));
}

/* ---- listed */

static const char *stage_of(const struct replica_import *import)
{
	return import->is_reversed ? "taken back" : "stored here";
}

static json_t *import_json(struct cmd_call *call, const struct replica_import *import)
{
	return json_pack("{ss ss ss sI}", "id", id_text(call, &import->id), "label", import->label,
		"stage", stage_of(import), "rows", (json_int_t)import->n_entries);
}

static void list_one(
	struct cmd_call *call, struct print_table *table, const struct replica_import *import)
{
	time_t begun = (time_t)(import->begun_ms / 1000);
	char when[32] = "";
	struct tm local;

	if (call->json) {
		print_table_object(table, import_json(call, import));
		return;
	}
	if (localtime_r(&begun, &local) != NULL) {
		(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &local);
	}
	print_table_row(table,
		(const char *const[]){ id_text(call, &import->id), import->label, stage_of(import),
			prac_arena_printf(
				&call->arena, "%llu", (unsigned long long)import->n_entries),
			"", when });
}

enum prac_status import_here_list(struct cmd_call *call, struct print_table *table)
{
	struct replica_import *imports;
	size_t n = 0;
	enum prac_status status = replica_imports(call->replica, &call->arena, &imports, &n);

	for (size_t i = 0; i < n; i++) {
		list_one(call, table, &imports[i]);
	}
	return status;
}

/* ---- the words */

static int say_status(struct cmd_call *call, const struct replica_import *import)
{
	if (call->json) {
		print_json(import_json(call, import));
	} else {
		printf("import %s: %s, %s, %llu changes\n", id_text(call, &import->id),
			import->label, stage_of(import), (unsigned long long)import->n_entries);
	}
	return CMD_DONE;
}

static const char *left_text(struct cmd_call *call, const struct bulk_left *left)
{
	return prac_arena_printf(&call->arena, "%s %s %s: %s", left->type->name,
		print_id(call->replica, left->type, &left->id, &call->arena), left->title,
		left->why);
}

static int refuse(struct cmd_call *call, const struct bulk_undo *undo)
{
	if (undo->n_left == 0) {
		return cmd_fail(call, CMD_REFUSED, "%s; nothing was taken back",
			left_text(call, &undo->refused));
	}
	for (size_t i = 0; i < undo->n_left && i < LEFT_SHOWN; i++) {
		(void)fprintf(stderr, "%s\n", left_text(call, &undo->left[i]));
	}
	if (undo->n_left > LEFT_SHOWN) {
		(void)fprintf(stderr, "and %zu more\n", undo->n_left - LEFT_SHOWN);
	}
	return cmd_fail(call, CMD_REFUSED,
		"%zu record%s of the import cannot be taken back; nothing was taken back. Correct what "
		"is wrong with practicum set or practicum do",
		undo->n_left, undo->n_left == 1 ? "" : "s");
}

static int reverse(struct cmd_call *call, const struct replica_import *import)
{
	struct bulk_undo undo = {
		.replica = call->replica, .arena = &call->arena, .import = import
	};
	enum prac_status status;

	if (import->is_reversed) {
		return cmd_fail(call, CMD_REFUSED, "this import is taken back already");
	}
	status = bulk_undo(&undo);
	if (status == PRAC_FAILED_PRECONDITION) {
		return refuse(call, &undo);
	}
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (call->json) {
		print_json(json_pack("{ss sI sb}", "id", id_text(call, &import->id), "taken_back",
			(json_int_t)undo.n_undone, "sent", !undo.is_dropped));
	} else {
		printf("%s: %zu changes taken back, %s\n", import->label, undo.n_undone,
			undo.is_dropped ? "of which the server never heard"
					: "sent with the next sync");
	}
	return CMD_DONE;
}

static int say_sent(struct cmd_call *call, const struct replica_import *import)
{
	(void)import;
	return cmd_fail(call, CMD_REFUSED,
		"this import is no batch of the server: practicum sync sends what is not sent yet, "
		"practicum import reverse ID takes it back");
}

static const struct word_row {
	const char *word;
	int (*run)(struct cmd_call *call, const struct replica_import *import);
} words[] = {
	{ "status", say_status },
	{ "send", say_sent },
	{ "reverse", reverse },
	{ "discard", say_sent },
};

/* Ids begin with a time: a few digits are those of all that was made within hours. */
static const struct replica_import *find(struct cmd_call *call, bool *are_several_out)
{
	const struct replica_import *found = NULL;
	struct replica_import *imports;
	size_t n = 0;

	*are_several_out = false;

	if (call->n_words < 2 || call->words[1][0] == '\0' ||
		replica_imports(call->replica, &call->arena, &imports, &n) != PRAC_OK) {
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		if (g_str_has_prefix(id_text(call, &imports[i].id), call->words[1])) {
			*are_several_out = found != NULL;
			found = &imports[i];
		}
	}
	return found;
}

bool import_here(struct cmd_call *call, int *code_out)
{
	const struct replica_import *import = NULL;
	bool are_several = false;

	for (size_t i = 0; i < PRAC_NELEM(words); i++) {
		if (strcmp(call->words[0], words[i].word) != 0 ||
			(import = find(call, &are_several)) == NULL) {
			continue;
		}
		*code_out = are_several ? cmd_fail(call, CMD_REFUSED,
						  "several imports begin with %s; give more digits",
						  call->words[1])
					: words[i].run(call, import);
		return true;
	}
	return false;
}
