#include "server/report/report.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/date.h"
#include "server/report/rules.h"
#include "server/report/small.h"
#include "sql/queries.h"
#include "sql/reports.h"

enum {
	YEAR_MIN = 2000,
	YEAR_MAX = 2199,
	HIDE_MAX = 1000,
	REPORTS_MAX = 64,
	PARAMETERS = 3 /* of a report without rules */
};

static const struct db_script *find_script(const char *name)
{
	const struct db_script *script = sql_reports;

	while (script->name != NULL && strcmp(script->name, name) != 0) {
		script++;
	}
	return script->name != NULL ? script : NULL;
}

/* False: no whole number from min to max. */
static bool read_number(const char *text, long min, long max, int64_t *number_out)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	*number_out = number;
	return errno == 0 && end != text && *end == '\0' && number >= min && number <= max;
}

static enum prac_status read_year(const char *text, struct prac_arena *arena,
	struct report_ask *ask, const char **problem_out)
{
	if (!read_number(text, YEAR_MIN, YEAR_MAX, &ask->year)) {
		*problem_out = prac_arena_printf(arena,
			"year: want the year in which the school year ends, %d to %d, not %s",
			YEAR_MIN, YEAR_MAX, text);
		return PRAC_INVALID_ARGUMENT;
	}
	return PRAC_OK;
}

static enum prac_status read_hide(const char *text, struct prac_arena *arena,
	struct report_ask *ask, const char **problem_out)
{
	if (!read_number(text, 0, HIDE_MAX, &ask->hide)) {
		*problem_out = prac_arena_printf(arena,
			"hide: want the least number of people that is shown, 0 to %d, not %s",
			HIDE_MAX, text);
		return PRAC_INVALID_ARGUMENT;
	}
	return PRAC_OK;
}

static bool is_asked(const struct report_ask *ask, const char *dimension)
{
	for (size_t i = 0; i < ask->n_by; i++) {
		if (strcmp(ask->by[i], dimension) == 0) {
			return true;
		}
	}
	return false;
}

/* "school, grade, program" */
static const char *dimensions_text(const struct prac_report *report, struct prac_arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < report->dimensions.n; i++) {
		text = prac_arena_printf(
			arena, "%s%s%s", text, i == 0 ? "" : ", ", report->dimensions.items[i]);
	}
	return text;
}

static enum prac_status read_by(const char *text, struct prac_arena *arena, struct report_ask *ask,
	const char **problem_out)
{
	char *rest = prac_arena_text(arena, prac_bytes_text(text));
	char *word;

	while ((word = strtok_r(rest, ",", &rest)) != NULL) {
		if (!prac_report_has_dimension(ask->report, word)) {
			*problem_out = prac_arena_printf(arena,
				"by: %s cannot be broken down by %s, but by %s", ask->report->name,
				word, dimensions_text(ask->report, arena));
			return PRAC_INVALID_ARGUMENT;
		}
		if (!is_asked(ask, word)) {
			ask->by[ask->n_by++] = word;
		}
	}
	return PRAC_OK;
}

static enum prac_status read_parameter(const char *parameter, struct prac_arena *arena,
	struct report_ask *ask, const char **problem_out)
{
	if (strncmp(parameter, "year=", 5) == 0) {
		return read_year(parameter + 5, arena, ask, problem_out);
	}
	if (strncmp(parameter, "by=", 3) == 0) {
		return read_by(parameter + 3, arena, ask, problem_out);
	}
	if (strncmp(parameter, "hide=", 5) == 0) {
		return read_hide(parameter + 5, arena, ask, problem_out);
	}
	*problem_out = prac_arena_printf(
		arena, "%s: the parameters are year=YEAR, by=DIMENSION and hide=NUMBER", parameter);
	return PRAC_INVALID_ARGUMENT;
}

enum prac_status report_ask_read(const struct report_request *request, struct prac_arena *arena,
	struct report_ask *ask_out, const char **problem_out)
{
	struct prac_report *report = prac_arena_alloc(arena, sizeof(*report));
	enum prac_status status = PRAC_OK;

	*problem_out = "";
	*ask_out = (struct report_ask){ .report = report,
		.script = find_script(request->name),
		.year = prac_date_school_year(request->today),
		.as_of = request->as_of };
	if (ask_out->script == NULL) {
		*problem_out = prac_arena_printf(arena, "there is no report %s", request->name);
		return PRAC_NOT_FOUND;
	}
	prac_report_read(ask_out->script->name, ask_out->script->text, arena, report);
	ask_out->by = prac_arena_alloc(arena, (report->dimensions.n + 1) * sizeof(char *));
	for (size_t i = 0; request->parameters[i] != NULL && status == PRAC_OK; i++) {
		status = read_parameter(request->parameters[i], arena, ask_out, problem_out);
	}
	return status;
}

struct run {
	struct db_pool *pool;
	struct db_link *link;
	struct prac_arena *arena;
	struct report_result result;
	struct report_rules rules;
	uint64_t head;
	enum prac_status status; /* when the report was not run */
	report_fn done;
	void *ctx;
};

static void finish(struct run *run, enum prac_status status)
{
	if (run->link != NULL) {
		db_pool_return(run->pool, run->link);
	}
	/* A report changes nothing, so a lost connection leaves no doubt. */
	if (status == PRAC_UNKNOWN) {
		status = PRAC_UNAVAILABLE;
	}
	run->done(run->ctx, status, status == PRAC_OK ? &run->result : NULL);
}

static void on_time(void *ctx, struct db_rows *rows)
{
	struct run *run = ctx;

	if (db_rows_count(rows) > 0) {
		run->result.as_of_ms = db_rows_instant(rows, 0, 0);
	}
}

static void on_rows(void *ctx, struct db_rows *rows)
{
	struct run *run = ctx;
	struct report_result *result = &run->result;
	size_t n_columns = db_rows_n_columns(rows);
	size_t *wanted = prac_arena_alloc(run->arena, n_columns * sizeof(*wanted));
	size_t n = 0;

	result->columns = prac_arena_alloc(run->arena, n_columns * sizeof(char *));
	for (size_t i = 0; i < n_columns; i++) {
		const char *name = db_rows_column(rows, i);

		if (prac_report_has_dimension(result->ask->report, name) &&
			!is_asked(result->ask, name)) {
			continue;
		}
		wanted[result->n_columns] = i;
		result->columns[result->n_columns++] =
			prac_arena_text(run->arena, prac_bytes_text(name));
	}
	result->n_rows = db_rows_count(rows);
	result->cells = prac_arena_alloc(
		run->arena, (result->n_rows * result->n_columns + 1) * sizeof(char *));
	for (size_t row = 0; row < result->n_rows; row++) {
		for (size_t i = 0; i < result->n_columns; i++) {
			result->cells[n++] =
				prac_arena_text(run->arena, db_rows_bytes(rows, row, wanted[i]));
		}
	}
	report_hide_small(result, run->arena);
}

static void ran(void *ctx, enum prac_status status)
{
	struct run *run = ctx;

	finish(run, status == PRAC_OK ? run->status : status);
}

/* Does it ask for the rule sets in force? */
static bool asks_rules(const struct run *run)
{
	return strstr(run->result.ask->script->text, "$4::text[]") != NULL;
}

static struct db_params *report_params(const struct run *run)
{
	const struct report_ask *ask = run->result.ask;
	struct db_params *params = db_params_new(run->arena);
	struct db_array by;

	db_array_init(&by, run->arena, DB_TEXT);
	for (size_t i = 0; i < ask->n_by; i++) {
		db_array_bytes(&by, prac_bytes_text(ask->by[i]));
	}
	db_param_int(params, (int64_t)run->result.as_of);
	db_param_int(params, ask->year);
	db_param_array(params, &by);
	if (asks_rules(run)) {
		report_rules_param(&run->rules, params);
	}
	return params;
}

/* Prepared statements are found by name, and the link keeps it: it stands in the script, for ever. */
static const struct db_stmt *statement(const struct run *run)
{
	static struct db_stmt stmts[REPORTS_MAX];
	const struct db_script *script = run->result.ask->script;
	struct db_stmt *stmt = &stmts[script - sql_reports];

	assert(stmt < stmts + REPORTS_MAX);
	*stmt = (struct db_stmt){ script->name, script->text,
		PARAMETERS + (asks_rules(run) ? 1 : 0) };
	return stmt;
}

static void begun(void *ctx, enum prac_status status)
{
	struct run *run = ctx;
	struct db_batch *batch;
	struct db_params *as_of;

	run->result.as_of = run->result.ask->as_of > 0 ? run->result.ask->as_of : run->head;
	if (status != PRAC_OK) {
		finish(run, status);
		return;
	}
	batch = db_batch_new(run->arena);
	if (run->result.as_of <= run->head) {
		as_of = db_params_new(run->arena);
		db_param_int(as_of, (int64_t)run->result.as_of);
		db_batch_add(batch, &q_report_time, as_of, on_time, run);
		db_batch_add(batch, statement(run), report_params(run), on_rows, run);
	} else {
		run->status = PRAC_OUT_OF_RANGE;
	}
	db_batch_add(batch, &q_sync_commit, NULL, NULL, NULL);
	db_link_run(run->link, batch, ran, run);
}

static void on_head(void *ctx, struct db_rows *rows)
{
	struct run *run = ctx;

	run->head = (uint64_t)db_rows_int(rows, 0, 1);
}

static void on_link(void *ctx, enum prac_status status, struct db_link *link)
{
	struct run *run = ctx;
	uint64_t as_of = run->result.ask->as_of;
	struct db_batch *batch;
	struct db_params *params;

	run->link = link;
	if (status != PRAC_OK) {
		finish(run, status);
		return;
	}
	batch = db_batch_new(run->arena);
	db_batch_add(batch, &q_sync_read_begin, NULL, NULL, NULL);
	db_batch_add(batch, &q_sync_head, NULL, on_head, run);
	run->rules.arena = run->arena;
	params = db_params_new(run->arena);
	db_param_int(params, as_of > 0 ? (int64_t)as_of : INT64_MAX);
	db_batch_add(batch, &q_report_rules, params, report_rules_read, &run->rules);
	db_link_run(link, batch, begun, run);
}

void report_run(struct db_pool *pool, const struct report_ask *ask, struct prac_arena *arena,
	report_fn done, void *ctx)
{
	struct run *run = prac_arena_alloc(arena, sizeof(*run));

	run->pool = pool;
	run->arena = arena;
	run->result.ask = ask;
	run->done = done;
	run->ctx = ctx;
	db_pool_lease(pool, DB_REPORT, on_link, run);
}
