/*
 * practicumd dispose: what is due by the district's retention rules, or about one student on written
 * request, leaves the database for good (sql/migrations/0060_disposal.sql). The database does the work in
 * steps, each a transaction; a run that was cut off goes on with `resume`.
 */
#include "server/dispose.h"

#include <glib.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/date.h"
#include "common/base/failpoint.h"
#include "server/command.h"
#include "server/dispose_line.h"
#include "server/exit_code.h"
#include "server/operator.h"
#include "server/report/rules.h"
#include "sql/queries.h"

enum {
	STEP_RECORDS = 500, /* while one is under way nobody else draws a number */
	STEP_BATCHES = 200,
	ID_TEXT = PRAC_ID_TEXT,
	DAY_S = 24 * 60 * 60,
	LINE_SIZE = 80
};

struct ask {
	gboolean is_json, is_sure;
	char *by, *reason, *request, *as_of_text;
	int32_t as_of, today;
	struct report_rules rules;
	struct prac_policy policy;
	struct prac_arena arena;
	char id[ID_TEXT]; /* of the disposal under way; "" */
};

static void take_id(void *ctx, struct db_rows *rows)
{
	struct ask *ask = ctx;
	struct prac_bytes id;

	if (db_rows_count(rows) > 0) {
		id = db_rows_bytes(rows, 0, 0);
		(void)snprintf(
			ask->id, sizeof(ask->id), "%.*s", (int)id.len, (const char *)id.data);
	}
}

/* The district's own sets and what has not ended. */
static int look(struct command_call *call, struct ask *ask)
{
	struct operator op;
	enum prac_status status;

	operator_init(&op, call->config);
	ask->rules.arena = &ask->arena;
	db_batch_add(op.batch, &q_dispose_rules, NULL, report_rules_read, &ask->rules);
	db_batch_add(op.batch, &q_dispose_open, NULL, take_id, ask);
	status = operator_run(&op);
	operator_deinit(&op);
	ask->policy = (struct prac_policy){ ask->rules.own, ask->rules.n_own };
	return operator_exit_code(status);
}

static int none_adopted(const struct ask *ask)
{
	if (ask->rules.n_own > 0) {
		return EXIT_DONE;
	}
	(void)fprintf(stderr,
		"practicumd: the district has adopted no retention rules; practicum rules install makes a "
		"draft of the shipped ones, practicum do rule_set ID approve adopts it\n");
	return EXIT_REFUSED;
}

static int not_ended(const struct ask *ask)
{
	if (ask->id[0] == '\0') {
		return EXIT_DONE;
	}
	(void)fprintf(stderr,
		"practicumd: disposal %s has not ended; go on with it first: practicumd dispose resume\n",
		ask->id);
	return EXIT_REFUSED;
}

/* What a disposal begins with; student NULL: by rules, or a list. */
struct order {
	const char *kind, *reason;
	const struct prac_id *student;
};

static void add_begin(struct operator* op, struct ask *ask, const struct order *order)
{
	bool is_by_rule = strcmp(order->kind, "retention") == 0;
	const struct prac_policy none = { 0 };
	const struct prac_policy *policy = is_by_rule ? &ask->policy : &none;
	struct db_params *params = db_params_new(&op->arena);

	db_param_bytes(params, prac_bytes_text(order->kind));
	db_param_date(params, ask->as_of);
	if (order->student != NULL) {
		db_param_id(params, order->student);
	} else {
		db_param_null(params);
	}
	db_param_bytes(params, prac_bytes_text(dispose_sets(policy, ask->as_of, &op->arena)));
	db_param_bytes(params, prac_bytes_text(ask->by != NULL ? ask->by : "nobody"));
	db_param_bytes(params, prac_bytes_text(order->reason));
	db_param_bytes(params, prac_bytes_text(dispose_types(policy, ask->as_of, &op->arena)));
	db_batch_add(op->batch, &q_dispose_begin, params, take_id, ask);
}

static void add_counts(struct operator* op, const char *id, struct dispose_print *print)
{
	struct db_params *params = db_params_new(&op->arena);

	db_param_bytes(params, prac_bytes_text(id));
	db_batch_add(op->batch, &q_dispose_counts, params, dispose_print_counts, print);
}

/* Begins, counts, and forgets it again. */
static enum prac_status try_it(struct command_call *call, struct ask *ask,
	const struct order *order, struct dispose_print *print)
{
	struct operator op;
	enum prac_status status;

	operator_init(&op, call->config);
	op.purpose = DB_DISPOSAL;
	db_batch_add(op.batch, &q_dispose_transaction, NULL, NULL, NULL);
	add_begin(&op, ask, order);
	add_counts(&op, "", print);
	db_batch_add(op.batch, &q_dispose_forget, NULL, NULL, NULL);
	status = operator_run(&op);
	operator_deinit(&op);
	return status;
}

static int plan(struct command_call *call, struct ask *ask)
{
	struct dispose_print print = { .policy = &ask->policy,
		.json = ask->is_json ? json_array() : NULL };
	enum prac_status status =
		try_it(call, ask, &(struct order){ .kind = "retention", .reason = "plan" }, &print);

	if (status == PRAC_OK && ask->is_json) {
		(void)json_dumpf(print.json, stdout, 0);
		(void)putchar('\n');
	} else if (status == PRAC_OK) {
		printf("%" PRId64 " records are due, %" PRId64 " are held. Nothing was changed.\n",
			print.n_due, print.n_held);
		dispose_print_kept(&ask->policy, ask->as_of);
	}
	json_decref(print.json);
	return operator_exit_code(status);
}

struct step {
	bool has_more;
};

static void on_step(void *ctx, struct db_rows *rows)
{
	struct step *step = ctx;

	step->has_more = db_rows_count(rows) == 1 && db_rows_bool(rows, 0, 0);
}

static enum prac_status make_step(
	struct command_call *call, const struct prac_id *disposal, struct step *step)
{
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	operator_init(&op, call->config);
	op.purpose = DB_DISPOSAL;
	params = db_params_new(&op.arena);
	db_param_id(params, disposal);
	db_param_int(params, STEP_RECORDS);
	db_param_int(params, STEP_BATCHES);
	db_batch_add(op.batch, &q_dispose_step, params, on_step, step);
	status = operator_run(&op);
	operator_deinit(&op);
	return status;
}

static int go_on(struct command_call *call, const struct ask *ask)
{
	struct step step = { .has_more = true };
	enum prac_status status = PRAC_OK;
	struct prac_id disposal;
	int code;

	if (prac_id_parse(ask->id, &disposal) != PRAC_OK) {
		return EXIT_REFUSED;
	}
	/* Input about a student who is gone is not kept: what was refused before is found behind that step. */
	while (status == PRAC_OK && step.has_more) {
		code = dispose_closed(call, &disposal);
		if (code != EXIT_DONE) {
			return code;
		}
		status = make_step(call, &disposal, &step);
		PRAC_FAILPOINT("dispose_step");
	}
	if (status != PRAC_OK) {
		(void)fprintf(stderr,
			"practicumd: disposal %s was cut off (%s); go on with it: practicumd dispose "
			"resume\n",
			ask->id, prac_status_text(status));
		return operator_exit_code(status);
	}
	return dispose_certificate(call, ask->id, ask->is_json);
}

static int begin(struct command_call *call, struct ask *ask, const struct order *order)
{
	struct operator op;
	enum prac_status status;

	operator_init(&op, call->config);
	op.purpose = DB_DISPOSAL;
	add_begin(&op, ask, order);
	status = operator_run(&op);
	operator_deinit(&op);
	PRAC_FAILPOINT("dispose_begun");
	return operator_exit_code(status);
}

static int run(struct command_call *call, struct ask *ask)
{
	int code;

	if (ask->by == NULL || ask->reason == NULL || !ask->is_sure) {
		return command_misused(call,
			"run wants --by who ordered it, --reason and --yes; look at dispose plan first");
	}
	if (ask->as_of > ask->today) {
		return command_misused(call, "--as-of: a day to come can be planned only");
	}
	code = begin(call, ask, &(struct order){ .kind = "retention", .reason = ask->reason });
	return code == EXIT_DONE ? go_on(call, ask) : code;
}

/* ---- one student */

struct found {
	size_t n;
	struct prac_id id;
};

static void on_student(void *ctx, struct db_rows *rows)
{
	struct found *found = ctx;

	found->n = db_rows_count(rows);
	if (found->n > 0) {
		found->id = db_rows_id(rows, 0, 0);
	}
}

static int find_student(struct command_call *call, const char *word, struct found *found)
{
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	operator_init(&op, call->config);
	params = db_params_new(&op.arena);
	db_param_bytes(params, prac_bytes_text(word));
	db_batch_add(op.batch, &q_dispose_student, params, on_student, found);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status == PRAC_OK && found->n != 1) {
		(void)fprintf(stderr, "practicumd: %s %s\n", word,
			found->n == 0 ? "is no student's number or id, or was disposed of already"
				      : "is several students; use the whole id");
		return EXIT_REFUSED;
	}
	return operator_exit_code(status);
}

/* While an inspection, a request to amend or a hold is open nothing of the student goes. */
static int ask_holds(struct command_call *call, struct ask *ask, const struct order *order)
{
	struct dispose_print print = { .json = json_array() };
	enum prac_status status = try_it(call, ask, order, &print);
	int code = operator_exit_code(status);

	ask->id[0] = '\0'; /* that one was forgotten */
	if (code == EXIT_DONE && print.n_held > 0) {
		(void)fprintf(stderr,
			"practicumd: nothing was disposed of, since this is open: %s; end it first (practicum "
			"do records_request ID close, lift, grant or deny)\n",
			json_string_value(json_object_get(json_array_get(print.json, 0), "held")));
		code = EXIT_REFUSED;
	}
	json_decref(print.json);
	return code;
}

static int student(struct command_call *call, struct ask *ask)
{
	struct order order = { .kind = "request", .reason = ask->request };
	struct found found = { 0 };
	int code;

	if (call->argc != 3 || ask->by == NULL || ask->request == NULL || !ask->is_sure) {
		return command_misused(call,
			"student wants the number or id, --by who ordered it, --request its reference and "
			"--yes");
	}
	code = find_student(call, call->argv[2], &found);
	order.student = &found.id;
	code = code == EXIT_DONE ? ask_holds(call, ask, &order) : code;
	code = code == EXIT_DONE ? begin(call, ask, &order) : code;
	return code == EXIT_DONE ? go_on(call, ask) : code;
}

/* ---- replay */

static bool add_line(const char *line, struct db_array *types, struct db_array *ids)
{
	uint32_t type;
	struct prac_id id;

	if (!dispose_line_read(line, &type, &id)) {
		return false;
	}
	db_array_int(types, type);
	db_array_id(ids, &id);
	return true;
}

static int read_list(
	struct command_call *call, const char *path, struct db_array *types, struct db_array *ids)
{
	FILE *file = fopen(path, "re");
	char line[LINE_SIZE];
	size_t n = 0;
	bool is_good = true;

	if (file == NULL) {
		return command_misused(call,
			"%s: cannot be read; name the file that practicumd dispose list printed",
			path);
	}
	while (is_good && fgets(line, sizeof(line), file) != NULL) {
		n++;
		is_good = line[strcspn(line, "\n")] == '\n';
		line[strcspn(line, "\n")] = '\0';
		is_good = is_good && add_line(line, types, ids);
	}
	(void)fclose(file);
	return is_good ? EXIT_DONE
		       : command_misused(call,
				 "%s: line %zu is not a type number and an id, as practicumd dispose "
				 "list prints them",
				 path, n);
}

static int replay(struct command_call *call, struct ask *ask)
{
	struct operator op;
	struct db_params *params;
	struct db_array types, ids;
	enum prac_status status = PRAC_OK;
	int code;

	if (call->argc != 3 || ask->by == NULL) {
		return command_misused(
			call, "replay wants the file of dispose list and --by who ordered it");
	}
	operator_init(&op, call->config);
	op.purpose = DB_DISPOSAL;
	params = db_params_new(&op.arena);
	db_array_init(&types, &op.arena, DB_INT4);
	db_array_init(&ids, &op.arena, DB_UUID);
	code = read_list(call, call->argv[2], &types, &ids);
	if (code == EXIT_DONE) {
		db_param_array(params, &types);
		db_param_array(params, &ids);
		db_batch_add(op.batch, &q_dispose_transaction, NULL, NULL, NULL);
		add_begin(&op, ask,
			&(struct order){ .kind = "replay",
				.reason = ask->reason != NULL ? ask->reason : "restore" });
		db_batch_add(op.batch, &q_dispose_relist, params, NULL, NULL);
		db_batch_add(op.batch, &q_dispose_keep, NULL, NULL, NULL);
		status = operator_run(&op);
		code = operator_exit_code(status);
	}
	operator_deinit(&op);
	return code == EXIT_DONE ? go_on(call, ask) : code;
}

/* ---- the command */

static int resume(struct command_call *call, struct ask *ask)
{
	(void)call;
	if (ask->id[0] == '\0') {
		printf("No disposal is under way.\n");
		return EXIT_DONE;
	}
	return go_on(call, ask);
}

static const struct verb {
	const char *name;
	int argc_max;
	bool needs_rules, is_new; /* is_new: none may be under way */
	int (*run)(struct command_call *call, struct ask *ask);
} verbs[] = {
	{ "plan", 2, true, true, plan },
	{ "run", 2, true, true, run },
	{ "resume", 2, false, false, resume },
	{ "student", 3, false, true, student },
	{ "replay", 3, false, true, replay },
};

static const struct verb *verb_of(const struct command_call *call)
{
	const struct verb *verb = NULL;

	for (size_t i = 0; i < PRAC_NELEM(verbs) && verb == NULL && call->argc > 1; i++) {
		if (strcmp(verbs[i].name, call->argv[1]) == 0 && call->argc <= verbs[i].argc_max) {
			verb = &verbs[i];
		}
	}
	return verb;
}

static int carry_out(struct command_call *call, struct ask *ask)
{
	const struct verb *verb = verb_of(call);
	const char *name = call->argc > 1 ? call->argv[1] : "";
	int code;

	if (strcmp(name, "certificate") == 0 && call->argc <= 3) {
		return dispose_certificate(
			call, call->argc == 3 ? call->argv[2] : NULL, ask->is_json);
	}
	if (strcmp(name, "list") == 0 && call->argc == 2) {
		return dispose_list(call);
	}
	if (verb == NULL) {
		return command_misused(
			call, "want plan, run, resume, student, certificate, list or replay");
	}
	ask->today = (int32_t)(time(NULL) / DAY_S);
	ask->as_of = ask->today;
	if (ask->as_of_text != NULL && prac_date_parse(ask->as_of_text, &ask->as_of) != PRAC_OK) {
		return command_misused(call, "--as-of: want a date, YYYY-MM-DD");
	}
	code = look(call, ask);
	if (code == EXIT_DONE && verb->is_new) {
		code = not_ended(ask);
	}
	if (code == EXIT_DONE && verb->needs_rules) {
		code = none_adopted(ask);
	}
	return code == EXIT_DONE ? verb->run(call, ask) : code;
}

int command_disposal(struct command_call *call)
{
	struct ask ask = { 0 };
	GOptionEntry entries[] = {
		{ "as-of", 0, 0, G_OPTION_ARG_STRING, &ask.as_of_text, NULL, NULL },
		{ "by", 0, 0, G_OPTION_ARG_STRING, &ask.by, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &ask.reason, NULL, NULL },
		{ "request", 0, 0, G_OPTION_ARG_STRING, &ask.request, NULL, NULL },
		{ "yes", 0, 0, G_OPTION_ARG_NONE, &ask.is_sure, NULL, NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &ask.is_json, NULL, NULL },
		{ 0 },
	};
	int code = command_flags(call, entries);

	if (code == EXIT_DONE) {
		code = carry_out(call, &ask);
	}
	prac_arena_deinit(&ask.arena);
	g_free(ask.as_of_text);
	g_free(ask.by);
	g_free(ask.reason);
	g_free(ask.request);
	return code;
}
