/* practicum export: every record of a type, or of all types into a folder with a data dictionary. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "catalog/types.h"
#include "client/cmd/cmd.h"
#include "client/cmd/csv.h"
#include "client/cmd/dictionary.h"
#include "client/cmd/export_state.h"
#include "client/cmd/print.h"
#include "client/cmd/reading.h"

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
	print_array_add(ctx, print_record_json(record, pending));
	return true;
}

static bool on_csv(void *ctx, const struct prac_record *record, bool pending)
{
	struct prac_arena arena = { 0 };
	FILE *out = ctx;
	char id[PRAC_ID_TEXT];

	(void)pending;
	prac_id_format(&record->id, id);
	csv_put(out, prac_bytes_text(id), false);
	for (size_t i = 0; i < record->type->n_fields; i++) {
		(void)fputc(',', out);
		csv_put(out, prac_bytes_text(print_plain(record, (uint16_t)i, &arena)), !raw);
	}
	(void)fputs("\r\n", out);
	prac_arena_deinit(&arena);
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

static enum prac_status put_array(
	struct cmd_call *call, const struct prac_type *type, struct print_array *array)
{
	struct replica_query query = { .type = type };
	enum prac_status status = replica_list(call->replica, &query, on_json, array);

	print_array_end(array);
	return status;
}

static enum prac_status export_json(struct cmd_call *call, const struct prac_type *type, FILE *out)
{
	struct print_array array = { .out = out };
	enum prac_status status = put_array(call, type, &array);

	(void)fputc('\n', out);
	return status;
}

/* {"student": [...], ...} on standard output. */
static enum prac_status put_objects(
	struct cmd_call *call, const struct prac_type *const *types, size_t n)
{
	enum prac_status status = PRAC_OK;

	for (size_t i = 0; i < n && status == PRAC_OK; i++) {
		struct print_array array = { .out = stdout, .margin = 1 };

		printf("%s \"%s\": ", i == 0 ? "{\n" : ",\n", types[i]->name);
		status = put_array(call, types[i], &array);
	}
	(void)fputs("\n}\n", stdout); /* its failure shows at exit */
	return status;
}

/* ---- whose records */

static bool on_count(void *ctx, const struct prac_record *record, bool pending)
{
	(void)pending;
	reading_add(ctx, record);
	return true;
}

/* Writes down whose records go, before the first of them does. type NULL: all. */
static int account(struct cmd_call *call, const struct prac_type *type)
{
	const struct reading_to staff = { .type = &prac_type_record_access,
		.kind = PRAC_RECORD_ACCESS_KIND_EXPORTED };
	struct reading *reading = reading_new(call);
	enum prac_status status = PRAC_OK;
	int code;

	for (size_t i = 0; i < prac_n_types && status == PRAC_OK; i++) {
		const struct replica_query query = { .type = prac_types[i] };

		if (type == NULL || type == prac_types[i]) {
			status = replica_list(call->replica, &query, on_count, reading);
		}
	}
	code = status == PRAC_OK ? reading_end(reading, &staff) : cmd_fail_replica(call, status);
	reading_free(reading);
	return code;
}

/* ---- all types */

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
	bool is_lost;

	if (out == NULL) {
		return cmd_fail(call, CMD_REFUSED, "%s: %s", path, g_strerror(errno));
	}
	status = write(call, type, out);
	is_lost = ferror(out) != 0;
	if (fclose(out) != 0 || is_lost) {
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
	if (code == CMD_DONE) {
		code = write_file(call, "dictionary", NULL,
			is_json ? write_dictionary_json : write_dictionary);
	}
	if (code == CMD_DONE) {
		(void)fprintf(stderr,
			"%s: %zu types, a file each, and a dictionary of their fields\n", folder,
			prac_n_types);
	}
	return code;
}

static int export_all(struct cmd_call *call)
{
	enum prac_status status;
	int code;

	if (folder == NULL && strcmp(format, "json") != 0) {
		return cmd_fail(call, CMD_USAGE,
			"all types do not fit one CSV; name a folder with --out, or add --format json");
	}
	code = account(call, NULL);
	if (code != CMD_DONE || folder != NULL) {
		return code != CMD_DONE ? code : all_into_folder(call);
	}
	status = put_objects(call, prac_types, prac_n_types);
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

static int export_type(struct cmd_call *call)
{
	const struct prac_type *type = cmd_type(call, call->words[0]);
	enum prac_status status;
	int code;

	if (type == NULL) {
		return CMD_REFUSED;
	}
	code = account(call, type);
	if (code != CMD_DONE) {
		return code;
	}
	status = strcmp(format, "csv") == 0 ? export_csv(call, type, stdout)
					    : put_objects(call, &type, 1);
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

/* What would be passed over is refused: records would go where nobody wanted them. */
static int check_words(struct cmd_call *call)
{
	bool is_all = call->n_words > 0 && strcmp(call->words[0], "all") == 0;

	if (folder != NULL && !is_all) {
		return cmd_fail(call, CMD_USAGE,
			"--out is for `practicum export all`; what goes to standard output is kept "
			"with > FILE");
	}
	if (mapping != NULL && call->n_words > 0) {
		return cmd_fail(call, CMD_USAGE, "the mapping file says which type; leave %s out",
			call->words[0]);
	}
	return mapping == NULL && call->n_words < 1
		       ? cmd_fail(call, CMD_USAGE,
				 "name a type, all, dictionary, or a file with --map")
		       : CMD_DONE;
}

static int run(struct cmd_call *call)
{
	if (check_words(call) != CMD_DONE) {
		return CMD_USAGE;
	}
	if (mapping != NULL) {
		return export_state(call, mapping, raw);
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
		"practicum import takes it off again. What your role does not see is `withheld`, "
		"which an import passes over. With all and --out each type gets a file of its "
		"own (TYPE.csv, TYPE.raw.csv or TYPE.json), beside a data dictionary of every field. "
		"--map writes an extract whose columns, codes and filters stand in a mapping file. Whose "
		"records of students go is written down first; for a party outside the staff see "
		"practicum disclose.",
	.example = "practicum export placement > placements.csv\n"
		   "  practicum export all --out /tmp/everything",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 0,
	.max_words = 1,
	.options = options,
	.run = run,
};
