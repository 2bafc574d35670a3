/* practicum report: what the server can tell about all schools. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/types.h"
#include "client/cmd/cmd.h"
#include "client/cmd/csv.h"
#include "client/cmd/find.h"
#include "client/cmd/print.h"
#include "client/cmd/report_run.h"
#include "client/link/link.h"
#include "client/replica/people.h"
#include "common/base/near.h"
#include "common/wire/binary.h"
#include "sql/reports.h"

#define PUBLISHED_HIDES "hide=10" /* unless somebody says another number; 0 hides nothing */
#define NOT_ENROLLED    "this device is not enrolled; run practicum enroll first"

enum {
	PARAMETERS_MAX = 32
};

static gchar *year, *format;
static gchar **by;
static gint64 as_of;
static gboolean raw, publish;

static const GOptionEntry options[] = {
	{ "year", 0, 0, G_OPTION_ARG_STRING, &year, "school year, named by the year it ends in",
		"YEAR" },
	{ "by", 0, 0, G_OPTION_ARG_STRING_ARRAY, &by, "break down by; may be repeated", "DIM" },
	{ "as-of", 0, 0, G_OPTION_ARG_INT64, &as_of, "as it was at this change number", "N" },
	{ "format", 0, 0, G_OPTION_ARG_STRING, &format, "table (default), csv or json", "FORMAT" },
	{ "raw", 0, 0, G_OPTION_ARG_NONE, &raw,
		"CSV for programs: cells as they are, without the guard against formulas", NULL },
	{ "publish", 0, 0, G_OPTION_ARG_NONE, &publish,
		"at the district office: keep what comes out as a report_run", NULL },
	{ 0 },
};

/* ---- definitions, from the program itself */

static const struct db_script *find_report(const char *name)
{
	for (const struct db_script *one = sql_reports; one->name != NULL; one++) {
		if (strcmp(one->name, name) == 0) {
			return one;
		}
	}
	return NULL;
}

/* The comment at the top of the file, a line at a time; NULL at its end. */
static const char *next_line(const char **rest, struct prac_arena *arena)
{
	const char *line = *rest;
	size_t len = strcspn(line, "\n");

	if (strncmp(line, "--", 2) != 0) {
		return NULL;
	}
	*rest = line[len] == '\n' ? line + len + 1 : line + len;
	line += 2;
	len -= 2;
	if (len > 0 && line[0] == ' ') {
		line++;
		len--;
	}
	return prac_arena_text(arena, (struct prac_bytes){ (const uint8_t *)line, len });
}

static const char *definition(const struct db_script *report, struct prac_arena *arena)
{
	const char *rest = report->text, *line;
	const char *all = "";

	while ((line = next_line(&rest, arena)) != NULL) {
		all = prac_arena_printf(arena, "%s%s\n", all, line);
	}
	return all;
}

/* "title: Participation" or just the first line. */
static const char *title(const struct db_script *report, struct prac_arena *arena)
{
	const char *rest = report->text;
	const char *line = next_line(&rest, arena);

	if (line == NULL) {
		return report->name;
	}
	return strncmp(line, "title: ", 7) == 0 ? line + 7 : line;
}

static int list(struct cmd_call *call)
{
	static const char *const heads[] = { "report", "title" };
	struct print_table *table = print_table_new(heads, PRAC_NELEM(heads), call->json);

	for (const struct db_script *one = sql_reports; one->name != NULL; one++) {
		const char *words = title(one, &call->arena);

		if (call->json) {
			print_table_object(
				table, json_pack("{ss ss}", "name", one->name, "title", words));
		} else {
			print_table_row(table, (const char *const[]){ one->name, words });
		}
	}
	print_table_end(table, "no reports");
	return CMD_DONE;
}

static int describe(struct cmd_call *call)
{
	const struct db_script *report = call->n_words > 1 ? find_report(call->words[1]) : NULL;

	if (report == NULL) {
		return cmd_fail(call, call->n_words > 1 ? CMD_REFUSED : CMD_USAGE,
			"name a report; practicum report list shows them");
	}
	if (call->json) {
		print_json(json_pack("{ss ss ss}", "name", report->name, "title",
			title(report, &call->arena), "definition",
			definition(report, &call->arena)));
	} else {
		(void)fputs(definition(report, &call->arena), stdout);
	}
	return CMD_DONE;
}

/* ---- running one at the server */

struct answer {
	struct cmd_call *call;
	const char *name;
	const struct prac_record *run; /* that it is compared with; NULL: it is asked for */
	int code;
};

static const char *cell(const ProtobufCBinaryData *data, struct prac_arena *arena)
{
	return prac_arena_text(arena, prac_binary_bytes(*data));
}

static void print_head(const Practicum__ReportResponse *report, struct prac_arena *arena)
{
	time_t seconds = (time_t)(report->as_of_ms / 1000);
	struct tm local;
	char when[32] = "";

	if (report->has_as_of_ms && localtime_r(&seconds, &local) != NULL) {
		(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &local);
	}
	printf("%s\nas of change %llu%s%s\n", cell(&report->title, arena),
		(unsigned long long)report->as_of, when[0] != '\0' ? ", " : "", when);
	for (size_t i = 0; i < report->n_parameters; i++) {
		printf("%s%s", i == 0 ? "" : ", ", cell(&report->parameters[i], arena));
	}
	if (report->n_parameters > 0) {
		(void)putchar('\n');
	}
	print_paragraph(cell(&report->definition, arena));
	(void)putchar('\n');
}

static void print_as_table(const Practicum__ReportResponse *report, struct prac_arena *arena)
{
	const char **cells = prac_arena_alloc(arena, (report->n_columns + 1) * sizeof(void *));
	struct print_table *table;

	print_head(report, arena);
	for (size_t i = 0; i < report->n_columns; i++) {
		cells[i] = cell(&report->columns[i], arena);
	}
	table = print_table_new(cells, report->n_columns, false);
	for (size_t r = 0; r < report->n_rows; r++) {
		const Practicum__ReportRow *row = report->rows[r];

		for (size_t i = 0; i < report->n_columns; i++) {
			cells[i] = i < row->n_cells ? cell(&row->cells[i], arena) : "";
		}
		print_table_row(table, cells);
	}
	print_table_end(table, "nothing to count");
}

static void put_line(const ProtobufCBinaryData *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0) {
			(void)putchar(',');
		}
		csv_put(stdout, prac_binary_bytes(cells[i]), !raw);
	}
	(void)fputs("\r\n", stdout);
}

static void print_as_csv(const Practicum__ReportResponse *report)
{
	put_line(report->columns, report->n_columns);
	for (size_t r = 0; r < report->n_rows; r++) {
		put_line(report->rows[r]->cells, report->rows[r]->n_cells);
	}
}

static json_t *json_text(const ProtobufCBinaryData *data)
{
	return json_stringn((const char *)data->data, data->len);
}

static void print_as_json(const Practicum__ReportResponse *report, struct prac_arena *arena)
{
	json_t *rows = json_array(), *parameters = json_array();

	for (size_t r = 0; r < report->n_rows; r++) {
		const Practicum__ReportRow *row = report->rows[r];
		json_t *object = json_object();

		for (size_t i = 0; i < row->n_cells && i < report->n_columns; i++) {
			json_object_set_new(object, cell(&report->columns[i], arena),
				json_text(&row->cells[i]));
		}
		json_array_append_new(rows, object);
	}
	for (size_t i = 0; i < report->n_parameters; i++) {
		json_array_append_new(parameters, json_text(&report->parameters[i]));
	}
	print_json(json_pack("{so so sI sI so so}", "title", json_text(&report->title),
		"definition", json_text(&report->definition), "as_of", (json_int_t)report->as_of,
		"as_of_ms", (json_int_t)report->as_of_ms, "parameters", parameters, "rows", rows));
}

static int exit_code(enum prac_status status)
{
	if (status == PRAC_UNAVAILABLE || status == PRAC_DEADLINE_EXCEEDED) {
		return CMD_UNREACHABLE;
	}
	return status == PRAC_UNAUTHENTICATED ? CMD_CONFIG : CMD_REFUSED;
}

static void print_report(struct cmd_call *call, const Practicum__ReportResponse *report)
{
	if (call->json || g_strcmp0(format, "json") == 0) {
		print_as_json(report, &call->arena);
	} else if (g_strcmp0(format, "csv") == 0) {
		print_as_csv(report);
	} else {
		print_as_table(report, &call->arena);
	}
}

static void on_answer(
	void *ctx, enum prac_status status, const ProtobufCMessage *message, const char *text)
{
	const Practicum__ReportResponse *report = (const Practicum__ReportResponse *)message;
	struct answer *answer = ctx;

	if (status != PRAC_OK) {
		answer->code = cmd_fail(answer->call, exit_code(status), "%s",
			text[0] != '\0' ? text : prac_status_text(status));
	} else if (answer->run != NULL) {
		answer->code = report_compare(answer->call, answer->run, report);
	} else {
		print_report(answer->call, report);
		answer->code =
			publish ? report_publish(answer->call, answer->name, report) : CMD_DONE;
	}
}

static void add_parameter(Practicum__ReportRequest *request, const char *text)
{
	if (request->n_parameters < PARAMETERS_MAX) {
		request->parameters[request->n_parameters++] = prac_binary_text(text);
	}
}

/* The words of the command line, or what a published run was asked for. */
static void add_parameters(struct answer *answer, Practicum__ReportRequest *request)
{
	struct cmd_call *call = answer->call;
	bool says_hide = false;

	if (answer->run != NULL) {
		for (const char **one = report_run_parameters(call, answer->run); *one != NULL;
			one++) {
			add_parameter(request, *one);
		}
		return;
	}
	if (year != NULL) {
		add_parameter(request, prac_arena_printf(&call->arena, "year=%s", year));
	}
	for (gchar **dim = by; dim != NULL && *dim != NULL; dim++) {
		add_parameter(request, prac_arena_printf(&call->arena, "by=%s", *dim));
	}
	for (int i = 1; i < call->n_words; i++) {
		add_parameter(request, call->words[i]);
		says_hide = says_hide || strncmp(call->words[i], "hide=", 5) == 0;
	}
	if (publish && !says_hide) {
		add_parameter(request, PUBLISHED_HIDES);
	}
}

static int ask(struct answer *answer, struct prac_bytes token)
{
	ProtobufCBinaryData parameters[PARAMETERS_MAX];
	Practicum__ReportRequest request = PRACTICUM__REPORT_REQUEST__INIT;
	const struct session_ask wanted = { .method = PRACTICUM__METHOD_ID__REPORT_RUN,
		.request = &request.base,
		.answer = &practicum__report_response__descriptor,
		.done = on_answer,
		.ctx = answer };
	struct cmd_call *call = answer->call;
	char text[LINK_TEXT];
	enum prac_status status;

	request.has_name = true;
	request.name = prac_binary_text(answer->name);
	request.has_session = token.len > 0;
	request.session = prac_binary(token);
	request.as_of = answer->run != NULL
				? (uint64_t)answer->run->values[PRAC_REPORT_RUN_AS_OF].number
				: (uint64_t)as_of;
	request.has_as_of = request.as_of > 0;
	request.parameters = parameters;
	add_parameters(answer, &request);
	status = link_ask(call->replica, &prac_env_system, call->home, &wanted, text);
	return answer->code == CMD_DONE && status != PRAC_OK
		       ? cmd_fail(call, exit_code(status), "%s", text)
		       : answer->code;
}

/* NULL after cmd_fail(): the run to be compared is not known here. */
static bool find_run(struct answer *answer)
{
	struct cmd_call *call = answer->call;

	answer->name = call->words[0];
	if (strcmp(call->words[0], "verify") != 0) {
		return true;
	}
	answer->run = find_record(call, &prac_type_report_run, call->words[1]);
	if (answer->run != NULL) {
		answer->name = prac_arena_text(
			&call->arena, answer->run->values[PRAC_REPORT_RUN_NAME].bytes);
	}
	return answer->run != NULL;
}

static int ask_as_person(struct cmd_call *call, const struct replica_identity *identity)
{
	struct answer answer = { .call = call, .code = CMD_DONE };
	int code = cmd_check_person(call);
	struct prac_bytes token;
	const char *why;

	if (code != CMD_DONE) {
		return code;
	}
	if (!identity->district) {
		return cmd_fail(call, CMD_REFUSED,
			"reports are made at the district office; this is a school's device, which has "
			"practicum list and practicum exceptions");
	}
	if (!find_run(&answer)) {
		return CMD_REFUSED;
	}
	why = cmd_session(call, &token);
	return why == NULL ? ask(&answer, token) : cmd_fail(call, CMD_REFUSED, "%s", why);
}

static int run_report(struct cmd_call *call)
{
	const char *path = prac_arena_printf(&call->arena, "%s/replica.db", call->home);
	struct replica_identity identity;
	enum prac_status status;
	int code = CMD_DONE;

	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		return cmd_fail(call, CMD_CONFIG, NOT_ENROLLED);
	}
	status = cmd_open(call);
	if (status == PRAC_OK && replica_identity(call->replica, &identity) != PRAC_OK) {
		code = cmd_fail(call, CMD_CONFIG, NOT_ENROLLED);
	} else {
		code = status == PRAC_OK ? ask_as_person(call, &identity)
					 : cmd_fail_replica(call, status);
	}
	cmd_close(call);
	return code;
}

static int run(struct cmd_call *call)
{
	if (format != NULL && strcmp(format, "table") != 0 && strcmp(format, "csv") != 0 &&
		strcmp(format, "json") != 0) {
		return cmd_fail(call, CMD_USAGE, "--format is table, csv or json");
	}
	if (strcmp(call->words[0], "list") == 0) {
		return list(call);
	}
	if (strcmp(call->words[0], "describe") == 0) {
		return describe(call);
	}
	if (strcmp(call->words[0], "verify") == 0) {
		return call->n_words == 2
			       ? run_report(call)
			       : cmd_fail(call, CMD_USAGE,
					 "name the run; practicum list report_run shows them");
	}
	if (find_report(call->words[0]) == NULL) {
		struct prac_near near = { .word = call->words[0] };

		for (const struct db_script *one = sql_reports; one->name != NULL; one++) {
			prac_near_try(&near, one->name);
		}
		return cmd_fail(call, CMD_REFUSED,
			"no report %s; %s%s%spracticum report list shows them", call->words[0],
			near.best == NULL ? "" : "did you mean ",
			near.best == NULL ? "" : near.best, near.best == NULL ? "" : "? ");
	}
	if (publish && year == NULL) {
		return cmd_fail(call, CMD_USAGE,
			"a published report names its school year, so that it can be made again: "
			"--year 2027");
	}
	return run_report(call);
}

const struct cmd cmd_report = {
	.name = "report",
	.synopsis = "list | describe NAME | verify RUN | NAME [PARAMETER=VALUE...] [--publish]",
	.help = "Asks the server for a report over all schools; a copy says the definition and the "
		"change number it was made at. list and describe need no server. --publish, at the "
		"district office, keeps what came out as a report_run; verify makes it again as of "
		"the same change and says equal, or what differs.\n\n"
		"hide=10 puts * for all figures of a row in which a count of people, or the difference of "
		"two, is less than 10, and of the rows that would let one reckon it; a published report "
		"does so unless hide=NUMBER says another number (0: nothing is hidden). It does not know "
		"what else was published: compare before you publish a second breakdown.",
	.example = "practicum report hours --year 2027 --by school --format csv\n"
		   "  practicum report perkins --year 2027 --by population hide=10\n"
		   "  practicum report participation --year 2027 --publish\n"
		   "  practicum report verify 0193d4",
	.needs = CMD_NEEDS_FOLDER,
	.min_words = 1,
	.max_words = PARAMETERS_MAX,
	.options = options,
	.run = run,
};
