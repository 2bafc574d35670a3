#include "client/cmd/import_shipped.h"

#include <stdio.h>
#include <string.h>

#include "client/cmd/import_cells.h"
#include "client/cmd/import_here.h"
#include "client/shipped/shipped.h"

enum {
	ROWS_MAX = 1000
};

/* Without their `do` columns the records stay drafts. */
static void leave_drafts(struct csv_row *head)
{
	for (size_t i = 0; i < head->n_cells; i++) {
		if (strcmp(head->cells[i], "do") == 0) {
			head->cells[i] = IMPORT_IGNORED;
		}
	}
}

static int import_one(struct cmd_call *call, const struct client_shipped *shipped, bool is_adopted,
	const struct import_csv_options *options)
{
	const struct prac_type *type = prac_type_find_name(shipped->name);
	struct import_source source = { .file = prac_arena_printf(
						&call->arena, "%s.csv", shipped->name) };
	const char *error = NULL;

	if (csv_parse_text(prac_bytes_text(shipped->text), ROWS_MAX, &call->arena, &source.table,
		    &error) != PRAC_OK) {
		return cmd_fail(call, CMD_CONFIG, "%s: %s", source.file, error);
	}
	if (!is_adopted) {
		leave_drafts(&source.table.rows[0]);
	}
	return import_csv_table(call, type, &source, options);
}

/* With --json one array of what a file each did. */
static int import_those(struct cmd_call *call, const char *only, bool is_adopted,
	const struct import_csv_options *options)
{
	const char *before = "[\n";
	int code = CMD_DONE;

	for (const struct client_shipped *shipped = client_shipped;
		shipped->name != NULL && code == CMD_DONE; shipped++) {
		if (only != NULL && strcmp(only, shipped->name) != 0) {
			continue;
		}
		if (call->json) {
			printf("%s", before);
			before = ",\n";
		}
		code = import_one(call, shipped, is_adopted, options);
	}
	if (call->json) {
		printf("]\n");
	}
	return code;
}

static bool is_shipped(const char *only)
{
	for (const struct client_shipped *shipped = client_shipped; shipped->name != NULL;
		shipped++) {
		if (only == NULL || strcmp(only, shipped->name) == 0) {
			return true;
		}
	}
	return false;
}

int import_shipped(struct cmd_call *call, bool is_adopted, const struct import_csv_options *options)
{
	struct import_csv_options fresh = *options;
	const char *only = call->n_words > 1 ? call->words[1] : NULL;
	struct replica_import here;
	enum prac_status status;
	int code;

	if (!is_shipped(only)) {
		return cmd_fail(call, CMD_REFUSED,
			"nothing is shipped for %s; `practicum import shipped --preview` shows "
			"what is",
			only);
	}
	status = replica_begin(call->replica);
	if (status == PRAC_OK) {
		status = replica_import_start(call->replica, &here);
	}
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	fresh.in_transaction = true;
	fresh.which = IMPORT_NEW_ONLY;
	code = import_those(call, only, is_adopted, &fresh);
	if (code != CMD_DONE || options->is_preview) {
		replica_rollback(call->replica);
		return code;
	}
	status = import_here_keep(call, &here, "shipped");
	if (status == PRAC_OK) {
		status = replica_commit(call->replica);
	}
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}
