#include "server/operator.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "server/exit_code.h"
#include "sql/queries.h"

enum {
	PATIENCE_MS = 10000,
	LONG_PATIENCE_MS = 700000 /* DB_AUDIT and DB_DISPOSAL end a batch before */
};

struct run {
	struct operator* op;
	uv_loop_t loop;
	uv_timer_t timer;
	struct db_link *link;
	enum prac_status status;
	uint64_t end_ms;
	bool is_sent, is_over;
	char why[200]; /* the connection was lost */
};

void operator_init(struct operator* op, const struct config *config)
{
	*op = (struct operator){ .config = config, .purpose = DB_DESK };
	op->batch = db_batch_new(&op->arena);
}

void operator_deinit(struct operator* op)
{
	prac_arena_deinit(&op->arena);
}

static void link_closed(void *ctx)
{
	struct run *run = ctx;

	uv_close((uv_handle_t *)&run->timer, NULL);
}

static void end(struct run *run, enum prac_status status)
{
	if (run->is_over) {
		return;
	}
	run->is_over = true;
	run->status = status;
	memcpy(run->op->sqlstate, db_link_sqlstate(run->link),
		strnlen(db_link_sqlstate(run->link), sizeof(run->op->sqlstate) - 1));
	db_link_close(run->link, link_closed, run);
}

static void on_done(void *ctx, enum prac_status status)
{
	end(ctx, status);
}

/* The state is looked at from the timer: a link may not be used in its own callback. */
static void on_timer(uv_timer_t *timer)
{
	struct run *run = timer->data;
	enum db_state state = db_link_state(run->link);

	if (state == DB_IDLE && !run->is_sent) {
		run->is_sent = true;
		db_link_run(run->link, run->op->batch, on_done, run);
	} else if (state == DB_DOWN || uv_now(&run->loop) > run->end_ms) {
		(void)snprintf(run->why, sizeof(run->why), "%s", db_link_reason(run->link));
		end(run, PRAC_UNAVAILABLE);
	}
}

/* Whom PostgreSQL knows by the system user's name is nobody there as another user. */
static void say_unreached(const struct run *run)
{
	bool is_other_user =
		strstr(run->why, "eer authentication failed") != NULL ||
		(strstr(run->why, "role ") != NULL && strstr(run->why, "does not exist") != NULL);

	(void)fprintf(stderr, "practicumd: the database cannot be reached: %s%s%s%s\n",
		run->op->config->db_conninfo, run->why[0] == '\0' ? "" : ": ", run->why,
		is_other_user ? "; run it as the server's user: runuser -u practicum -- practicumd"
			      : "");
}

/* libpq looks for certificates below HOME and gives up where it may not look; without HOME it asks whose it runs as. */
static gchar *home_before;

void operator_become(const struct config *config)
{
	struct stat facts;

	if (geteuid() == 0 && stat(config->state_dir, &facts) == 0 && facts.st_uid != 0) {
		home_before = g_strdup(g_getenv("HOME"));
		g_unsetenv("HOME");
		(void)!seteuid(facts.st_uid); /* else PostgreSQL says what it is not */
	}
}

void operator_return(void)
{
	(void)!seteuid(getuid());
	if (home_before != NULL) {
		(void)g_setenv("HOME", home_before, TRUE);
		g_clear_pointer(&home_before, g_free);
	}
}

static void go(struct run *run)
{
	operator_become(run->op->config);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	operator_return();
}

enum prac_status operator_run(struct operator* op)
{
	struct run run = { .op = op };
	char problem[200];

	if (db_conninfo_check(op->config->db_conninfo, problem, sizeof(problem)) != PRAC_OK) {
		(void)fprintf(stderr, "practicumd: db.conninfo: %s\n", problem);
		return PRAC_INVALID_ARGUMENT;
	}
	if (uv_loop_init(&run.loop) != 0) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	run.end_ms = uv_now(&run.loop) + (op->purpose == DB_DESK ? PATIENCE_MS : LONG_PATIENCE_MS);
	run.link = db_link_new(&(struct db_config){ .loop = &run.loop,
		.env = &prac_env_system,
		.conninfo = op->config->db_conninfo,
		.purpose = op->purpose,
		.takes_role = true });
	uv_timer_init(&run.loop, &run.timer);
	run.timer.data = &run;
	uv_timer_start(&run.timer, on_timer, 0, 5);
	go(&run);
	(void)uv_loop_close(&run.loop); /* everything on it is closed */
	if (run.status == PRAC_UNAVAILABLE) {
		say_unreached(&run);
	}
	return run.status;
}

int operator_exit_code(enum prac_status status)
{
	if (status == PRAC_OK) {
		return EXIT_DONE;
	}
	return status == PRAC_UNAVAILABLE ? EXIT_UNREACHABLE : EXIT_REFUSED;
}

static void on_school(void *ctx, struct db_rows *rows)
{
	struct operator_school *school = ctx;
	struct prac_bytes name;

	school->n = db_rows_count(rows);
	if (school->n == 1) {
		school->id = db_rows_id(rows, 0, 0);
		name = db_rows_bytes(rows, 0, 1);
		(void)snprintf(school->name, sizeof(school->name), "%.*s", (int)name.len,
			(const char *)name.data);
	}
}

int operator_find_school(
	const struct config *config, const char *word, struct operator_school *school_out)
{
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	*school_out = (struct operator_school){ 0 };
	operator_init(&op, config);
	params = db_params_new(&op.arena);
	db_param_bytes(params, prac_bytes_text(word));
	db_batch_add(op.batch, &q_code_school, params, on_school, school_out);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status != PRAC_OK) {
		return EXIT_UNREACHABLE;
	}
	if (school_out->n == 1) {
		return EXIT_DONE;
	}
	(void)fprintf(stderr,
		school_out->n == 0 ? "practicumd: no school has the id, number or name %s\n"
				   : "practicumd: several schools are called %s; use the number\n",
		word);
	return EXIT_REFUSED;
}
