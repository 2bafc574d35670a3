#include "client/cmd/import_batch.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/bulk/send.h"
#include "client/cmd/import_here.h"
#include "client/cmd/print.h"
#include "common/wire/binary.h"

enum {
	LOOK_US = 300 * 1000,
	FLAWS_MAX = 2000 /* printed */
};

static const char *const stage_words[] = {
	[PRACTICUM__IMPORT_STAGE__IMPORT_UNSPECIFIED] = "unknown",
	[PRACTICUM__IMPORT_STAGE__IMPORT_RECEIVING] = "sending",
	[PRACTICUM__IMPORT_STAGE__IMPORT_CHECKING] = "checking",
	[PRACTICUM__IMPORT_STAGE__IMPORT_APPLYING] = "applying",
	[PRACTICUM__IMPORT_STAGE__IMPORT_DONE] = "done",
	[PRACTICUM__IMPORT_STAGE__IMPORT_REFUSED] = "refused",
	[PRACTICUM__IMPORT_STAGE__IMPORT_REVERSING] = "reversing",
};

static const char *const flaw_words[] = {
	[PRACTICUM__IMPORT_FLAW_KIND__FLAW_UNSPECIFIED] = "flaw",
	[PRACTICUM__IMPORT_FLAW_KIND__FLAW_CHECK] = "refused",
	[PRACTICUM__IMPORT_FLAW_KIND__FLAW_REFUSED] = "refused",
	[PRACTICUM__IMPORT_FLAW_KIND__FLAW_CONFLICT] = "conflict",
	[PRACTICUM__IMPORT_FLAW_KIND__FLAW_LEFT] = "left",
};

static const char *word(const char *const *words, size_t n, int i)
{
	return i >= 0 && (size_t)i < n ? words[i] : "unknown";
}

static const char *stage_word(const Practicum__ImportState *state)
{
	return word(stage_words, PRAC_NELEM(stage_words), (int)state->stage);
}

static bool is_moving(const Practicum__ImportState *state)
{
	return state->stage == PRACTICUM__IMPORT_STAGE__IMPORT_CHECKING ||
	       state->stage == PRACTICUM__IMPORT_STAGE__IMPORT_APPLYING ||
	       state->stage == PRACTICUM__IMPORT_STAGE__IMPORT_REVERSING;
}

static const char *text_of(struct cmd_call *call, ProtobufCBinaryData data)
{
	return prac_arena_text(&call->arena, prac_binary_bytes(data));
}

static const char *id_text(struct cmd_call *call, ProtobufCBinaryData data)
{
	struct prac_bytes bytes = { data.data, data.len };
	struct prac_id id;
	char text[PRAC_ID_TEXT];

	if (prac_id_from_bytes(bytes, &id) != PRAC_OK) {
		return "";
	}
	prac_id_format(&id, text);
	return prac_arena_text(&call->arena, prac_bytes_text(text));
}

/* ---- progress */

static void show_progress(void *ctx, const Practicum__ImportState *state)
{
	(void)ctx;
	if (isatty(STDERR_FILENO) != 1) {
		return;
	}
	(void)fprintf(stderr, "\r\033[K%s: %llu of %llu", stage_word(state),
		(unsigned long long)(state->stage == PRACTICUM__IMPORT_STAGE__IMPORT_CHECKING
					     ? state->n_checked
					     : state->n_applied),
		(unsigned long long)state->n_rows);
}

static void end_progress(void)
{
	if (isatty(STDERR_FILENO) == 1) {
		(void)fputs("\r\033[K", stderr);
	}
}

static struct bulk_desk desk_of(struct cmd_call *call)
{
	return (struct bulk_desk){ .replica = call->replica,
		.env = &prac_env_system,
		.home = call->home,
		.arena = &call->arena,
		.progress = show_progress };
}

/* ---- flaws */

static const char *field_name(const Practicum__ImportFlaw *flaw)
{
	const struct prac_type *type = prac_type_find(flaw->record_type);
	const struct prac_field *field = type != NULL ? prac_field_find(type, flaw->field) : NULL;

	return field != NULL ? field->name : "";
}

static const char *type_name(const Practicum__ImportFlaw *flaw)
{
	const struct prac_type *type = prac_type_find(flaw->record_type);

	return type != NULL ? type->name : "record";
}

/* "users.csv line 7 column email: refused: ..."; of a row without a file, its record. */
static void print_flaw(struct cmd_call *call, const Practicum__ImportFlaw *flaw)
{
	const char *file = text_of(call, flaw->file);
	const char *field = field_name(flaw);

	if (file[0] != '\0' && flaw->line > 0) {
		(void)fprintf(stderr, "%s line %u", file, flaw->line);
	} else {
		(void)fprintf(stderr, "%s%srow %llu", file, file[0] != '\0' ? " " : "",
			(unsigned long long)flaw->row);
	}
	(void)fprintf(stderr, "%s%s: %s %.8s %s: %s\n", field[0] != '\0' ? " column " : "", field,
		type_name(flaw), id_text(call, flaw->record_id),
		word(flaw_words, PRAC_NELEM(flaw_words), (int)flaw->kind),
		text_of(call, flaw->text));
}

static json_t *flaw_json(struct cmd_call *call, const Practicum__ImportFlaw *flaw)
{
	return json_pack("{sI ss sI ss ss ss ss ss ss}", "row", (json_int_t)flaw->row, "file",
		text_of(call, flaw->file), "line", (json_int_t)flaw->line, "column",
		field_name(flaw), "type", type_name(flaw), "id", id_text(call, flaw->record_id),
		"kind", word(flaw_words, PRAC_NELEM(flaw_words), (int)flaw->kind), "reason_code",
		prac_reason_name((enum prac_reason)flaw->reason), "reason",
		text_of(call, flaw->text));
}

static void list_page(struct cmd_call *call, const Practicum__ImportState *state, json_t *array)
{
	for (size_t i = 0; i < state->n_flaws; i++) {
		if (array != NULL) {
			json_array_append_new(array, flaw_json(call, state->flaws[i]));
		} else {
			print_flaw(call, state->flaws[i]);
		}
	}
}

/* All flaws, page by page; into array, or to stderr when it is NULL. */
static void list_flaws(struct cmd_call *call, const struct prac_id *import,
	const Practicum__ImportState *state, json_t *array)
{
	struct bulk_desk desk = desk_of(call);
	uint64_t n_all = state->flaw_count, n = 0;
	enum prac_status status = PRAC_OK;

	while (status == PRAC_OK && state->n_flaws > 0 && n < FLAWS_MAX) {
		uint64_t last = state->flaws[state->n_flaws - 1]->row;

		list_page(call, state, array);
		n += state->n_flaws;
		status = bulk_look(&desk, import, last, &state);
	}
	if (array == NULL && n < n_all) {
		(void)fprintf(stderr, "and %llu more\n", (unsigned long long)(n_all - n));
	}
}

/* ---- one batch */

static json_t *state_json(struct cmd_call *call, const Practicum__ImportState *state)
{
	return json_pack("{ss ss ss sI sI sI sI ss ss}", "id", id_text(call, state->import_id),
		"label", text_of(call, state->label), "stage", stage_word(state), "rows",
		(json_int_t)state->n_rows, "checked", (json_int_t)state->n_checked, "applied",
		(json_int_t)state->n_applied, "flaws", (json_int_t)state->flaw_count, "reverses",
		id_text(call, state->reverses), "reversed_by", id_text(call, state->reversed_by));
}

static int say_state(
	struct cmd_call *call, const struct prac_id *import, const Practicum__ImportState *state)
{
	bool is_refused = state->stage == PRACTICUM__IMPORT_STAGE__IMPORT_REFUSED;
	json_t *object = call->json ? state_json(call, state) : NULL;
	json_t *flaws = call->json ? json_array() : NULL;

	list_flaws(call, import, state, flaws);
	if (call->json) {
		json_object_set_new(object, "list", flaws);
		print_json(object);
	} else {
		printf("import %s: %s, %llu of %llu rows applied, %llu listed\n",
			id_text(call, state->import_id), stage_word(state),
			(unsigned long long)state->n_applied, (unsigned long long)state->n_rows,
			(unsigned long long)state->flaw_count);
	}
	if (is_refused) {
		return cmd_fail(call, CMD_REFUSED,
			"the check found %llu flaw%s; nothing was applied",
			(unsigned long long)state->flaw_count, state->flaw_count == 1 ? "" : "s");
	}
	if (!call->json && state->stage == PRACTICUM__IMPORT_STAGE__IMPORT_DONE) {
		printf("practicum sync brings the records here\n");
	}
	return CMD_DONE;
}

/* Until the server is done with it. */
static int wait_for(
	struct cmd_call *call, const struct prac_id *import, const Practicum__ImportState *state)
{
	struct bulk_desk desk = desk_of(call);
	enum prac_status status = PRAC_OK;

	while (status == PRAC_OK && is_moving(state)) {
		show_progress(NULL, state);
		(void)usleep(LOOK_US); /* woken early it only looks early */
		status = bulk_look(&desk, import, 0, &state);
	}
	end_progress();
	if (status != PRAC_OK) {
		char id[PRAC_ID_TEXT];

		prac_id_format(import, id);
		return cmd_fail(call, CMD_UNREACHABLE,
			"%s; the server has the import and goes on with it: practicum import "
			"status %s",
			desk.text, id);
	}
	if (state->n_flaws == 0 && state->flaw_count > 0 &&
		bulk_look(&desk, import, 0, &state) != PRAC_OK) {
		return cmd_fail(call, CMD_UNREACHABLE, "%s", desk.text);
	}
	return say_state(call, import, state);
}

static int send_plan(struct cmd_call *call, const struct prac_id *import)
{
	struct bulk_desk desk = desk_of(call);
	const char *why = cmd_session(call, &desk.session);
	const Practicum__ImportState *state;
	enum prac_status status;
	char id[PRAC_ID_TEXT];

	prac_id_format(import, id);
	if (why != NULL) {
		return cmd_fail(call, CMD_REFUSED, "%s; the plan is kept: practicum import send %s",
			why, id);
	}
	status = bulk_send(&desk, import, &state);
	end_progress();
	if (status == PRAC_NOT_FOUND) {
		return cmd_fail(call, CMD_REFUSED, "%s", desk.text);
	}
	if (status != PRAC_OK) {
		return cmd_fail(call,
			status == PRAC_UNAVAILABLE || status == PRAC_DEADLINE_EXCEEDED
				? CMD_UNREACHABLE
				: CMD_REFUSED,
			"%s; the plan is kept: practicum import send %s", desk.text, id);
	}
	bulk_drop(call->home, import);
	return wait_for(call, import, state);
}

int import_batch_send(struct cmd_call *call, struct bulk_spool *spool)
{
	struct bulk_plan plan;
	enum prac_status status = bulk_end(spool, &plan);

	if (status != PRAC_OK) {
		return cmd_fail(call, CMD_REFUSED, "the plan cannot be kept in %s/imports: %s",
			call->home, prac_status_text(status));
	}
	if (plan.n_rows == 0) {
		if (call->json) {
			print_json(json_pack("{ss sI}", "stage", "done", "rows", (json_int_t)0));
		} else {
			printf("nothing differs; nothing was sent\n");
		}
		return CMD_DONE;
	}
	return send_plan(call, &plan.import);
}

/* ---- the words */

/* An id, or the first digits of one the server lists or this device keeps. */
static int find_batch(struct cmd_call *call, struct prac_id *import_out)
{
	struct bulk_desk desk = desk_of(call);
	const Practicum__ImportList *list = NULL;
	enum prac_status status;
	size_t n = 0;

	if (call->n_words < 2) {
		return cmd_fail(
			call, CMD_USAGE, "name the import; practicum import list shows them");
	}
	if (prac_id_parse(call->words[1], import_out) == PRAC_OK) {
		return CMD_DONE;
	}
	status = bulk_list(&desk, &list);
	if (status != PRAC_OK) {
		return cmd_fail(call, CMD_UNREACHABLE, "%s", desk.text);
	}
	for (size_t i = 0; i < list->n_imports; i++) {
		ProtobufCBinaryData id = list->imports[i]->import_id;

		if (g_str_has_prefix(id_text(call, id), call->words[1]) &&
			prac_id_from_bytes(prac_binary_bytes(id), import_out) == PRAC_OK) {
			n++;
		}
	}
	return n == 1 ? CMD_DONE
		      : cmd_fail(call, CMD_REFUSED,
				n == 0 ? "no import begins with %s; practicum import list shows them"
				       : "several imports begin with %s; give more digits",
				call->words[1]);
}

static int batch_status(struct cmd_call *call, const struct prac_id *import)
{
	struct bulk_desk desk = desk_of(call);
	const Practicum__ImportState *state;
	enum prac_status status = bulk_look(&desk, import, 0, &state);

	if (status != PRAC_OK) {
		return cmd_fail(call, status == PRAC_NOT_FOUND ? CMD_REFUSED : CMD_UNREACHABLE,
			"%s", desk.text);
	}
	return say_state(call, import, state);
}

static int batch_reverse(struct cmd_call *call, const struct prac_id *import)
{
	struct bulk_desk desk = desk_of(call);
	const Practicum__ImportState *state;
	struct prac_id reversal = { { 0 } };
	const char *why = cmd_session(call, &desk.session);
	enum prac_status status;

	if (why != NULL) {
		return cmd_fail(call, CMD_REFUSED, "%s", why);
	}
	status = bulk_reverse(&desk, import, &reversal, &state);
	if (status != PRAC_OK) {
		return cmd_fail(call, status == PRAC_UNAVAILABLE ? CMD_UNREACHABLE : CMD_REFUSED,
			"%s", desk.text);
	}
	return wait_for(call, &reversal, state);
}

static int batch_discard(struct cmd_call *call, const struct prac_id *import)
{
	bulk_drop(call->home, import);
	return CMD_DONE;
}

static void list_batches(
	struct cmd_call *call, struct print_table *table, const Practicum__ImportList *list)
{
	for (size_t i = 0; i < list->n_imports; i++) {
		const Practicum__ImportState *state = list->imports[i];
		time_t begun = (time_t)(state->begun_ms / 1000);
		struct tm local;
		char when[32] = "";

		if (call->json) {
			print_table_object(table, state_json(call, state));
			continue;
		}
		if (localtime_r(&begun, &local) != NULL) {
			(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &local);
		}
		print_table_row(table, (const char *const[]){ id_text(call, state->import_id),
					       text_of(call, state->label), stage_word(state),
					       prac_arena_printf(&call->arena, "%llu",
						       (unsigned long long)state->n_rows),
					       prac_arena_printf(&call->arena, "%llu",
						       (unsigned long long)state->flaw_count),
					       when });
	}
}

/* The server's are the district office's; a school's device knows its own. */
static int batch_list(struct cmd_call *call)
{
	static const char *const heads[] = { "id", "import", "stage", "rows", "listed", "begun" };
	struct print_table *table = print_table_new(heads, PRAC_NELEM(heads), call->json);
	struct bulk_desk desk = desk_of(call);
	const Practicum__ImportList *list = NULL;
	enum prac_status status = PRAC_OK, listed;
	struct replica_identity identity;

	if (replica_identity(call->replica, &identity) == PRAC_OK && identity.district) {
		status = bulk_list(&desk, &list);
	}
	if (status == PRAC_OK && list != NULL) {
		list_batches(call, table, list);
	}
	listed = import_here_list(call, table);
	print_table_end(table, "no imports");
	if (listed != PRAC_OK) {
		return cmd_fail_replica(call, listed);
	}
	return status == PRAC_OK
		       ? CMD_DONE
		       : cmd_fail(call, status == PRAC_UNAVAILABLE ? CMD_UNREACHABLE : CMD_REFUSED,
				 "the imports at the server are not listed: %s", desk.text);
}

static const struct word_row {
	const char *word;
	int (*run)(struct cmd_call *call, const struct prac_id *import);
} words[] = {
	{ "status", batch_status },
	{ "send", send_plan },
	{ "reverse", batch_reverse },
	{ "discard", batch_discard },
};

static int run_word(struct cmd_call *call, const struct word_row *row)
{
	struct prac_id import;
	int code = find_batch(call, &import);

	return code == CMD_DONE ? row->run(call, &import) : code;
}

bool import_batch(struct cmd_call *call, int *code_out)
{
	if (strcmp(call->words[0], "list") == 0) {
		*code_out = batch_list(call);
		return true;
	}
	if (import_here(call, code_out)) {
		return true;
	}
	for (size_t i = 0; i < PRAC_NELEM(words); i++) {
		if (strcmp(call->words[0], words[i].word) == 0) {
			*code_out = run_word(call, &words[i]);
			return true;
		}
	}
	return false;
}
