/* practicumd user: the people who sign in. */
#include "server/user.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/date.h"
#include "common/catalog/catalog.h"
#include "common/rules/rights.h"
#include "common/wire/enroll.h"
#include "server/exit_code.h"
#include "server/operator.h"
#include "sql/queries.h"

enum {
	SCHOOLS_MAX = 100,
	DAY_MS = 24 * 60 * 60 * 1000,
	LOGIN_MAX = 80
};

struct order {
	struct command_call *call;
	const struct config *config;
	char *name, *role_name, *school_names, *staff, *student, *supervisor, *until, *reason, *by;
	gboolean is_json, is_removed, is_everybody;
	char login[LOGIN_MAX + 1];
	enum prac_role role;
	struct prac_id scopes[SCHOOLS_MAX];
	size_t n_scopes;
	int64_t until_ms; /* 0: without end */
	struct prac_id user;
	/* What the database found. */
	size_t n_found;
	uint32_t record_type;
	struct prac_id record;
	char found_name[200];
	char code[PRAC_ENROLL_TEXT];
};

static int fail(const char *fmt, ...) PRAC_PRINTF(1, 2);

static int fail(const char *fmt, ...)
{
	va_list args;

	(void)fputs("practicumd user: ", stderr);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
	return EXIT_REFUSED;
}

/* PRAC_FAILED_PRECONDITION: a trigger's rule, of which there is one for what the operator does. */
static int failed(const struct order *order, enum prac_status status)
{
	if (status == PRAC_UNAVAILABLE) {
		return EXIT_UNREACHABLE;
	}
	if (status == PRAC_ALREADY_EXISTS) {
		return fail("somebody has the login %s already", order->login);
	}
	if (status == PRAC_FAILED_PRECONDITION) {
		return fail("%s", order->by != NULL ? "nobody grants what is not theirs to grant"
						    : "the last administrator stays: make another "
						      "person administrator first");
	}
	return fail("nothing was changed: %s", prac_status_text(status));
}

/* ---- the words of the command line */

static bool read_login(struct order *order, const char *word)
{
	size_t len = strlen(word);

	if (len < 2 || len > LOGIN_MAX) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		order->login[i] = (char)g_ascii_tolower(word[i]);
		if (!g_ascii_isalnum(word[i]) && strchr("._-@+", word[i]) == NULL) {
			return false;
		}
	}
	return true;
}

static int read_role(struct order *order, const char *word)
{
	order->role = prac_role_find(word);
	if (order->role == PRAC_ROLE_NONE) {
		(void)fprintf(stderr, "practicumd user: no role %s; there are", word);
		for (unsigned role = 1; role < PRAC_ROLES; role++) {
			(void)fprintf(stderr, " %s", prac_role_name((enum prac_role)role));
		}
		(void)fputc('\n', stderr);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int read_until(struct order *order)
{
	int32_t day;

	if (order->until == NULL) {
		return EXIT_DONE;
	}
	if (prac_date_parse(order->until, &day) != PRAC_OK) {
		return command_misused(order->call, "--until: want a date as in 2027-06-30");
	}
	order->until_ms = (day + 1) * (int64_t)DAY_MS; /* the day itself counts */
	return EXIT_DONE;
}

static int find_schools(struct order *order)
{
	char **words = g_strsplit(order->school_names, ",", 0);
	int code = EXIT_DONE;

	for (char **word = words; *word != NULL && code == EXIT_DONE; word++) {
		struct operator_school school;

		code = operator_find_school(order->config, g_strstrip(*word), &school);
		if (code == EXIT_DONE && order->n_scopes < SCHOOLS_MAX) {
			order->scopes[order->n_scopes++] = school.id;
		}
	}
	g_strfreev(words);
	return code;
}

/* A school role names its schools, a district role none: there are no wildcards. */
static int find_scopes(struct order *order)
{
	bool is_district = prac_role_is_district(order->role);

	if (is_district && order->school_names != NULL) {
		return command_misused(order->call, "%s is a role of the district, not of a school",
			prac_role_name(order->role));
	}
	if (is_district) {
		order->scopes[order->n_scopes++] = prac_scope_district;
		return EXIT_DONE;
	}
	if (order->school_names == NULL) {
		return order->is_removed ? EXIT_DONE
					 : command_misused(order->call,
						   "want --school: %s is a role at schools",
						   prac_role_name(order->role));
	}
	return find_schools(order);
}

/* ---- questions to the database */

static struct db_params *login_params(struct order *order, struct operator* op)
{
	struct db_params *params = db_params_new(&op->arena);

	db_param_bytes(params, prac_bytes_text(order->login));
	return params;
}

static void on_found(void *ctx, struct db_rows *rows)
{
	struct order *order = ctx;
	struct prac_bytes name;

	order->n_found = db_rows_count(rows);
	if (order->n_found == 1) {
		name = db_rows_bytes(rows, 0, 1);
		(void)snprintf(order->found_name, sizeof(order->found_name), "%.*s", (int)name.len,
			(const char *)name.data);
	}
}

static void on_count(void *ctx, struct db_rows *rows)
{
	((struct order *)ctx)->n_found += db_rows_count(rows);
}

static void on_record(void *ctx, struct db_rows *rows)
{
	struct order *order = ctx;

	order->n_found = db_rows_count(rows);
	if (order->n_found == 1) {
		order->record_type = (uint32_t)db_rows_int(rows, 0, 0);
		order->record = db_rows_id(rows, 0, 1);
	}
}

static int find_person(struct order *order, const char *login)
{
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	operator_init(&op, order->config);
	params = db_params_new(&op.arena);
	db_param_bytes(params, prac_bytes_text(login));
	db_batch_add(op.batch, &q_user_find, params, on_found, order);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status != PRAC_OK) {
		return failed(order, status);
	}
	return order->n_found == 1
		       ? EXIT_DONE
		       : fail("nobody has the login %s; see practicumd user list", login);
}

static int find_user(struct order *order)
{
	return find_person(order, order->login);
}

/* Who grants, when it is not the console. */
static int find_grantor(struct order *order)
{
	return order->by == NULL ? EXIT_DONE : find_person(order, order->by);
}

/* The staff member, student or supervisor that the person is. */
static int find_record(struct order *order)
{
	const char *kind = order->staff != NULL ? "staff" : "student";
	const char *word = order->staff != NULL ? order->staff : order->student;
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	if (order->supervisor != NULL) {
		kind = "supervisor";
		word = order->supervisor;
	}
	if (word == NULL) {
		return EXIT_DONE;
	}
	operator_init(&op, order->config);
	params = db_params_new(&op.arena);
	db_param_bytes(params, prac_bytes_text(kind));
	db_param_bytes(params, prac_bytes_text(word));
	db_batch_add(op.batch, &q_user_record, params, on_record, order);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status != PRAC_OK) {
		return failed(order, status);
	}
	return order->n_found == 1 ? EXIT_DONE
				   : fail("not exactly one %s has the number or id %s", kind, word);
}

/* ---- what is added to one transaction */

static void add_user(struct order *order, struct operator* op)
{
	struct db_params *params = db_params_new(&op->arena);
	struct db_params *identity = db_params_new(&op->arena);

	order->user = prac_id_new(&prac_env_system);
	db_param_id(params, &order->user);
	db_param_bytes(params, prac_bytes_text(order->login));
	db_param_bytes(params, prac_bytes_text(order->name));
	if (order->record_type != 0) {
		db_param_int(params, order->record_type);
		db_param_id(params, &order->record);
	} else {
		db_param_null(params);
		db_param_null(params);
	}
	db_param_id(identity, &order->user);
	db_param_bytes(identity, prac_bytes_text(order->login));
	db_batch_add(op->batch, &q_user_insert, params, NULL, NULL);
	db_batch_add(op->batch, &q_user_identity, identity, NULL, NULL);
}

static void add_grants(struct order *order, struct operator* op)
{
	for (size_t i = 0; i < order->n_scopes; i++) {
		struct db_params *params = login_params(order, op);

		db_param_int(params, order->role);
		db_param_id(params, &order->scopes[i]);
		if (order->until_ms != 0) {
			db_param_instant(params, order->until_ms);
		} else {
			db_param_null(params);
		}
		db_param_bytes(params, prac_bytes_text(order->by == NULL ? "" : order->by));
		db_param_bytes(params, prac_bytes_text(order->reason == NULL ? "" : order->reason));
		db_batch_add(op->batch, &q_user_grant, params, on_count, order);
	}
}

static void add_ungrants(struct order *order, struct operator* op)
{
	size_t n = order->n_scopes == 0 ? 1 : order->n_scopes;

	for (size_t i = 0; i < n; i++) {
		struct db_params *params = login_params(order, op);

		db_param_int(params, order->role);
		if (order->n_scopes == 0) {
			db_param_null(params);
		} else {
			db_param_id(params, &order->scopes[i]);
		}
		db_batch_add(op->batch, &q_user_ungrant, params, on_count, order);
	}
}

static void add_code(struct order *order, struct operator* op)
{
	user_add_code(op, order->login, order->code, on_count, order);
}

static void print_code(const struct order *order)
{
	printf("%s\n\nfor %s, once, within %d hours; shown only now: the server keeps no copy. At the "
	       "station:\npracticum login %s --code CODE\n%s.\n",
		order->code, order->login, USER_CODE_HOURS, order->login,
		config_sign_in_text(order->config));
}

/* ---- the verbs */

static int run_add(struct order *order)
{
	struct operator op;
	enum prac_status status;
	int code = EXIT_DONE;

	if (order->name == NULL || order->name[0] == '\0') {
		return command_misused(
			order->call, "want --name: what people call %s", order->login);
	}
	if (order->role_name != NULL) {
		code = read_role(order, order->role_name);
	}
	if (code == EXIT_DONE && order->role_name != NULL) {
		code = find_scopes(order);
	}
	if (code == EXIT_DONE && order->role == PRAC_ROLE_STUDENT && order->student == NULL) {
		code = command_misused(order->call, "want --student: whose hours are entered");
	}
	if (code == EXIT_DONE) {
		code = find_grantor(order);
	}
	if (code == EXIT_DONE) {
		code = find_record(order);
	}
	if (code != EXIT_DONE) {
		return code;
	}
	operator_init(&op, order->config);
	add_user(order, &op);
	add_grants(order, &op);
	add_code(order, &op);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status != PRAC_OK) {
		return failed(order, status);
	}
	print_code(order);
	return EXIT_DONE;
}

static int run_role(struct order *order)
{
	struct operator op;
	enum prac_status status;
	int code;

	if (order->call->argc != 4) {
		return command_misused(order->call, "want role LOGIN ROLE");
	}
	code = read_role(order, order->call->argv[3]);
	if (code == EXIT_DONE) {
		code = find_scopes(order);
	}
	if (code == EXIT_DONE) {
		code = find_grantor(order);
	}
	if (code == EXIT_DONE) {
		code = find_user(order);
	}
	if (code != EXIT_DONE) {
		return code;
	}
	order->n_found = 0;
	operator_init(&op, order->config);
	if (order->is_removed) {
		add_ungrants(order, &op);
	} else {
		add_grants(order, &op);
	}
	status = operator_run(&op);
	operator_deinit(&op);
	if (status != PRAC_OK) {
		return failed(order, status);
	}
	if (order->n_found == 0) {
		return fail(order->is_removed ? "%s does not have that role there"
					      : "%s has that role there already",
			order->login);
	}
	printf("%s %s %s; a running server knows it within 5 s\n", order->found_name,
		order->is_removed ? "is no longer" : "is now", prac_role_name(order->role));
	return EXIT_DONE;
}

static int run_switch(struct order *order, const struct db_stmt *stmt, const char *done)
{
	struct operator op;
	enum prac_status status;
	int code = find_user(order);

	if (code != EXIT_DONE) {
		return code;
	}
	operator_init(&op, order->config);
	db_batch_add(op.batch, stmt, login_params(order, &op), NULL, NULL);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status != PRAC_OK) {
		return failed(order, status);
	}
	printf("%s %s\n", order->found_name, done);
	return EXIT_DONE;
}

static int run_disable(struct order *order)
{
	return run_switch(order, &q_user_disable,
		"may not sign in any more; a running server knows it within 5 s");
}

static int run_enable(struct order *order)
{
	return run_switch(order, &q_user_enable, "may sign in again");
}

static int run_reset(struct order *order)
{
	struct operator op;
	enum prac_status status;
	int code = find_user(order);

	if (code != EXIT_DONE) {
		return code;
	}
	order->n_found = 0;
	operator_init(&op, order->config);
	db_batch_add(op.batch, &q_user_forget, login_params(order, &op), NULL, NULL);
	add_code(order, &op);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status != PRAC_OK) {
		return failed(order, status);
	}
	if (order->n_found == 0) {
		return fail("%s is disabled: practicumd user enable %s first", order->login,
			order->login);
	}
	print_code(order);
	return EXIT_DONE;
}

/* ---- sign-out */

struct signed_out {
	int64_t sessions, people;
};

static void on_signed_out(void *ctx, struct db_rows *rows)
{
	struct signed_out *gone = ctx;

	gone->sessions = db_rows_int(rows, 0, 0);
	gone->people = db_rows_int(rows, 0, 1);
}

/* Without a login everybody's. */
static int sign_out(struct order *order)
{
	struct operator op;
	struct signed_out gone = { 0 };
	enum prac_status status;

	operator_init(&op, order->config);
	db_batch_add(op.batch, &q_user_sign_out, login_params(order, &op), on_signed_out, &gone);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status != PRAC_OK) {
		return failed(order, status);
	}
	printf("%lld sessions of %lld people ended\n", (long long)gone.sessions,
		(long long)gone.people);
	return EXIT_DONE;
}

static int run_sign_out(struct order *order)
{
	int code = find_user(order);

	return code == EXIT_DONE ? sign_out(order) : code;
}

static const struct {
	const char *name;
	int (*run)(struct order *order);
} verbs[] = {
	{ "add", run_add },
	{ "role", run_role },
	{ "disable", run_disable },
	{ "enable", run_enable },
	{ "reset", run_reset },
	{ "sign-out", run_sign_out },
};

static int run(struct order *order)
{
	const struct command_call *call = order->call;
	int code;

	if (call->argc == 2 && strcmp(call->argv[1], "list") == 0) {
		return user_list(order->config, order->is_json);
	}
	if (order->is_everybody) {
		return call->argc == 2 && strcmp(call->argv[1], "sign-out") == 0
			       ? sign_out(order)
			       : command_misused(call,
					 "--everybody goes with sign-out, and without a login");
	}
	for (size_t i = 0; call->argc >= 2 && i < PRAC_NELEM(verbs); i++) {
		if (strcmp(verbs[i].name, call->argv[1]) != 0) {
			continue;
		}
		if (call->argc < 3 || !read_login(order, call->argv[2])) {
			return command_misused(
				call, "want a login of 2 to 80 letters, digits and . _ - @ +");
		}
		code = read_until(order);
		return code == EXIT_DONE ? verbs[i].run(order) : code;
	}
	return command_misused(call, "want add, list, role, disable, enable, reset or sign-out");
}

int command_user(struct command_call *call)
{
	struct order order = { .call = call, .config = call->config };
	GOptionEntry entries[] = {
		{ "name", 0, 0, G_OPTION_ARG_STRING, &order.name, NULL, NULL },
		{ "role", 0, 0, G_OPTION_ARG_STRING, &order.role_name, NULL, NULL },
		{ "school", 0, 0, G_OPTION_ARG_STRING, &order.school_names, NULL, NULL },
		{ "staff", 0, 0, G_OPTION_ARG_STRING, &order.staff, NULL, NULL },
		{ "student", 0, 0, G_OPTION_ARG_STRING, &order.student, NULL, NULL },
		{ "supervisor", 0, 0, G_OPTION_ARG_STRING, &order.supervisor, NULL, NULL },
		{ "until", 0, 0, G_OPTION_ARG_STRING, &order.until, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &order.reason, NULL, NULL },
		{ "by", 0, 0, G_OPTION_ARG_STRING, &order.by, NULL, NULL },
		{ "remove", 0, 0, G_OPTION_ARG_NONE, &order.is_removed, NULL, NULL },
		{ "everybody", 0, 0, G_OPTION_ARG_NONE, &order.is_everybody, NULL, NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &order.is_json, NULL, NULL },
		{ 0 },
	};
	char **texts[] = { &order.name, &order.role_name, &order.school_names, &order.staff,
		&order.student, &order.supervisor, &order.until, &order.reason, &order.by };
	int code = command_flags(call, entries);

	if (code == EXIT_DONE) {
		code = run(&order);
	}
	for (size_t i = 0; i < PRAC_NELEM(texts); i++) {
		g_free(*texts[i]);
	}
	return code;
}
