#include "server/operator.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

enum {
	PATIENCE_MS = 10000
};

struct run {
	struct operator* op;
	uv_loop_t loop;
	uv_timer_t timer;
	struct db_link *link;
	enum prac_status status;
	uint64_t end_ms;
	bool is_sent, is_over;
};

void operator_init(struct operator* op, const struct config *config)
{
	*op = (struct operator){ .config = config };
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
		end(run, PRAC_UNAVAILABLE);
	}
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
	run.end_ms = uv_now(&run.loop) + PATIENCE_MS;
	run.link = db_link_new(&(struct db_config){ .loop = &run.loop,
		.env = &prac_env_system,
		.conninfo = op->config->db_conninfo,
		.purpose = DB_WRITER });
	uv_timer_init(&run.loop, &run.timer);
	run.timer.data = &run;
	uv_timer_start(&run.timer, on_timer, 0, 5);
	uv_run(&run.loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&run.loop); /* everything on it is closed */
	if (run.status == PRAC_UNAVAILABLE) {
		(void)fprintf(stderr, "practicumd: the database cannot be reached: %s\n",
			op->config->db_conninfo);
	}
	return run.status;
}
