/* practicum export: every record of a type, or of all types into a folder with a data dictionary. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "client/cmd/cmd.h"
#include "client/cmd/csv.h"
#include "client/cmd/dictionary.h"
#include "client/cmd/export_state.h"
#include "client/cmd/print.h"

static gchar *format, *folder, *mapping;
static gboolean raw;

static const GOptionEntry options[] = {
	{ "format", 0, 0, G_OPTION_ARG_STRING, &format, "csv (default) or json", "FORMAT" },
	{ "raw", 0, 0, G_OPTION_ARG_NONE, &raw,
		"for programs: cells as they are, without the guard against spreadsheet formulas",
		NULL },
	{ "out", 0, 0, G_OPTION_ARG_FILENAME, &folder,
		"of all: the folder to write to, one file a type and dictionary", "FOLDER" },
	{ "map", 0, 0, G_OPTION_ARG_FILENAME, &mapping,
		"an extract as a mapping file says, to standard output", "FILE" },
	{ 0 },
};

/* ---- one type */

static bool on_json(void *ctx, const struct prac_record *record, bool pending)
{
	json_array_append_new(ctx, print_record_json(record, pending));
	return true;
}

static void put_cell(FILE *out, const struct prac_field *field, const struct prac_value *value)
{
	struct prac_buf text = { 0 };

	if (value->has) {
		prac_value_format(field, value, &text);
	}
	csv_put(out, prac_buf_bytes(&text), !raw);
	prac_buf_deinit(&text);
}

static bool on_csv(void *ctx, const struct prac_record *record, bool pending)
{
	FILE *out = ctx;
	char id[PRAC_ID_TEXT];

	(void)pending;
	prac_id_format(&record->id, id);
	csv_put(out, prac_bytes_text(id), false);
	for (size_t i = 0; i < record->type->n_fields; i++) {
		(void)fputc(',', out);
		put_cell(out, &record->type->fields[i], &record->values[i]);
	}
	(void)fputs("\r\n", out);
	return true;
}

static enum prac_status export_csv(struct cmd_call *call, const struct prac_type *type, FILE *out)
{
	struct replica_query query = { .type = type };

	(void)fputs("id", out);
	for (size_t i = 0; i < type->n_fields; i++) {
		(void)fprintf(out, ",%s", type->fields[i].name);
	}
	(void)fputs("\r\n", out);
	return replica_list(call->replica, &query, on_csv, out);
}

static enum prac_status list_json(
	struct cmd_call *call, const struct prac_type *type, json_t **array_out)
{
	struct replica_query query = { .type = type };

	*array_out = json_array();
	return replica_list(call->replica, &query, on_json, *array_out);
}

static enum prac_status export_json(struct cmd_call *call, const struct prac_type *type, FILE *out)
{
	json_t *array;
	enum prac_status status = list_json(call, type, &array);

	if (json_dumpf(array, out, JSON_INDENT(1)) != 0 || fputc('\n', out) == EOF) {
		status = PRAC_RESOURCE_EXHAUSTED;
	}
	json_decref(array);
	return status;
}

/* ---- all types */

static int all_as_one_object(struct cmd_call *call)
{
	json_t *objects = json_object();
	enum prac_status status = PRAC_OK;

	for (size_t i = 0; i < prac_n_types && status == PRAC_OK; i++) {
		json_t *array;

		status = list_json(call, prac_types[i], &array);
		json_object_set_new(objects, prac_types[i]->name, array);
	}
	if (status != PRAC_OK) {
		json_decref(objects);
		return cmd_fail_replica(call, status);
	}
	print_json(objects);
	return CMD_DONE;
}

static enum prac_status write_dictionary(
	struct cmd_call *call, const struct prac_type *type, FILE *out)
{
	(void)call, (void)type;
	return dictionary_write(out, raw ? DICTIONARY_RAW : DICTIONARY_CSV);
}

static enum prac_status write_dictionary_json(
	struct cmd_call *call, const struct prac_type *type, FILE *out)
{
	(void)call, (void)type;
	return dictionary_write(out, DICTIONARY_JSON);
}

typedef enum prac_status (*write_fn)(
	struct cmd_call *call, const struct prac_type *type, FILE *out);

/* student.csv; what is not guarded says so in its name. */
static int write_file(
	struct cmd_call *call, const char *name, const struct prac_type *type, write_fn write)
{
	const char *end = strcmp(format, "json") == 0 ? "json" : raw ? "raw.csv" : "csv";
	const char *path = prac_arena_printf(&call->arena, "%s/%s.%s", folder, name, end);
	FILE *out = fopen(path, "we");
	enum prac_status status;

	if (out == NULL) {
		return cmd_fail(call, CMD_REFUSED, "%s: %s", path, g_strerror(errno));
	}
	status = write(call, type, out);
	if (fclose(out) != 0) {
		return cmd_fail(call, CMD_REFUSED, "%s: %s", path, g_strerror(errno));
	}
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

static int all_into_folder(struct cmd_call *call)
{
	bool is_json = strcmp(format, "json") == 0;
	int code = CMD_DONE;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		return cmd_fail(call, CMD_REFUSED, "%s: %s", folder, g_strerror(errno));
	}
	for (size_t i = 0; i < prac_n_types && code == CMD_DONE; i++) {
		code = write_file(call, prac_types[i]->name, prac_types[i],
			is_json ? export_json : export_csv);
	}
	return code == CMD_DONE ? write_file(call, "dictionary", NULL,
					  is_json ? write_dictionary_json : write_dictionary)
				: code;
}

static int export_all(struct cmd_call *call)
{
	if (folder != NULL) {
		return all_into_folder(call);
	}
	return strcmp(format, "json") == 0
		       ? all_as_one_object(call)
		       : cmd_fail(call, CMD_USAGE,
				 "all types do not fit one CSV; name a folder with --out, or add "
				 "--format json");
}

static int export_type(struct cmd_call *call)
{
	const struct prac_type *type = cmd_type(call, call->words[0]);
	json_t *array;
	enum prac_status status;

	if (type == NULL) {
		return CMD_REFUSED;
	}
	if (strcmp(format, "csv") == 0) {
		status = export_csv(call, type, stdout);
	} else {
		status = list_json(call, type, &array);
		print_json(json_pack("{so}", type->name, array));
	}
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

static int run(struct cmd_call *call)
{
	if (mapping != NULL) {
		return export_state(call, mapping, raw);
	}
	if (call->n_words < 1) {
		return cmd_fail(
			call, CMD_USAGE, "name a type, all, dictionary, or a file with --map");
	}
	if (format == NULL) {
		format = g_strdup(call->json ? "json" : "csv");
	}
	if (strcmp(format, "json") != 0 && strcmp(format, "csv") != 0) {
		return cmd_fail(call, CMD_USAGE, "--format is csv or json");
	}
	if (strcmp(call->words[0], "dictionary") == 0) {
		return dictionary_write(stdout, strcmp(format, "json") == 0 ? DICTIONARY_JSON
						: raw                       ? DICTIONARY_RAW
						      : DICTIONARY_CSV) == PRAC_OK
			       ? CMD_DONE
			       : CMD_REFUSED;
	}
	return strcmp(call->words[0], "all") == 0 ? export_all(call) : export_type(call);
}

const struct cmd cmd_export = {
	.name = "export",
	.synopsis = "TYPE|all|dictionary [--format csv|json] [--raw] [--out FOLDER] | --map FILE",
	.help = "Writes every record of a type to standard output, as practicum import reads it. Cells "
		"that a spreadsheet would take for a formula get a leading apostrophe unless --raw; "
		"practicum import takes it off again. With all and --out each type gets a file of its "
		"own (TYPE.csv, TYPE.raw.csv or TYPE.json), beside a data dictionary of every field. "
		"--map writes an extract whose columns, codes and filters stand in a mapping file.",
	.example = "practicum export placement > placements.csv\n"
		   "  practicum export all --out /tmp/everything",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 0,
	.max_words = 1,
	.options = options,
	.run = run,
};
