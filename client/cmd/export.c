/* practicum export: every record of a type as CSV or JSON. */
#include <stdio.h>
#include <string.h>

#include "client/cmd/cmd.h"
#include "client/cmd/csv.h"
#include "client/cmd/print.h"

static gchar *format;
static gboolean raw;

static const GOptionEntry options[] = {
	{ "format", 0, 0, G_OPTION_ARG_STRING, &format, "csv (default) or json", "FORMAT" },
	{ "raw", 0, 0, G_OPTION_ARG_NONE, &raw,
		"for programs: cells as they are, without the guard against spreadsheet formulas",
		NULL },
	{ 0 },
};

static bool on_json(void *ctx, const struct prac_record *record, bool pending)
{
	json_array_append_new(ctx, print_record_json(record, pending));
	return true;
}

static void put_cell(const struct prac_field *field, const struct prac_value *value)
{
	struct prac_buf text = { 0 };

	if (value->has) {
		prac_value_format(field, value, &text);
	}
	csv_put(stdout, prac_buf_bytes(&text), !raw);
	prac_buf_deinit(&text);
}

static bool on_csv(void *ctx, const struct prac_record *record, bool pending)
{
	char id[PRAC_ID_TEXT];

	(void)ctx, (void)pending;
	prac_id_format(&record->id, id);
	csv_put(stdout, prac_bytes_text(id), false);
	for (size_t i = 0; i < record->type->n_fields; i++) {
		(void)putchar(',');
		put_cell(&record->type->fields[i], &record->values[i]);
	}
	(void)fputs("\r\n", stdout);
	return true;
}

static void put_head(const struct prac_type *type)
{
	(void)fputs("id", stdout);
	for (size_t i = 0; i < type->n_fields; i++) {
		printf(",%s", type->fields[i].name);
	}
	(void)fputs("\r\n", stdout);
}

static enum prac_status export_csv(struct cmd_call *call, const struct prac_type *type)
{
	struct replica_query query = { .type = type };

	put_head(type);
	return replica_list(call->replica, &query, on_csv, NULL);
}

static enum prac_status export_json(
	struct cmd_call *call, const struct prac_type *type, json_t *all)
{
	struct replica_query query = { .type = type };
	json_t *array = json_array();
	enum prac_status status = replica_list(call->replica, &query, on_json, array);

	json_object_set_new(all, type->name, array);
	return status;
}

static int run(struct cmd_call *call)
{
	bool all = strcmp(call->words[0], "all") == 0;
	const struct prac_type *type = all ? NULL : cmd_type(call, call->words[0]);
	bool as_json = call->json || (format != NULL && strcmp(format, "json") == 0);
	json_t *objects = json_object();
	enum prac_status status = PRAC_OK;

	if (!all && type == NULL) {
		return CMD_REFUSED;
	}
	if (!as_json && format != NULL && strcmp(format, "csv") != 0) {
		return cmd_fail(call, CMD_USAGE, "--format is csv or json");
	}
	if (all && !as_json) {
		return cmd_fail(call, CMD_USAGE, "all types do not fit one CSV; add --format json");
	}
	for (size_t i = 0; i < prac_n_types && status == PRAC_OK; i++) {
		if (all || prac_types[i] == type) {
			status = as_json ? export_json(call, prac_types[i], objects)
					 : export_csv(call, prac_types[i]);
		}
	}
	if (as_json) {
		print_json(objects);
	}
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

const struct cmd cmd_export = {
	.name = "export",
	.synopsis = "TYPE|all [--format csv|json] [--raw]",
	.help = "Writes every record of a type to standard output, as practicum import reads it. Cells "
		"that a spreadsheet would take for a formula get a leading apostrophe unless --raw.",
	.example = "practicum export placement > placements.csv",
	.needs = CMD_NEEDS_REPLICA,
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.run = run,
};
