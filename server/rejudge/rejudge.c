#include "server/rejudge/rejudge.h"

#include <glib.h>
#include <string.h>

#include "catalog/types.h"
#include "common/base/failpoint.h"
#include "common/base/log.h"
#include "server/db/db.h"
#include "sql/queries.h"

enum {
	BATCH_SHEETS = 64, /* so that others' turns in the lanes come soon */
	INCARNATION = 1
};

/* The server itself, as the device that asks; no certificate has this id. */
static const struct prac_id own_device = { { 0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 'r', 'u', 'l', 'e',
	's', 1 } };

struct sheet {
	struct prac_id id;
	uint64_t seq;
};

struct rejudge {
	struct rejudge_config config;
	struct db_link *link;
	bool is_stopping, has_lock, is_busy;
	struct prac_arena arena; /* of the batch at hand */
	int64_t job;             /* 0: nothing is asked for */
	const char *because;
	uint64_t last_counter; /* of own_device */
	struct sheet sheets[BATCH_SHEETS];
	size_t n_sheets, n_refused;
	db_closed_fn closed;
	void *closed_ctx;
};

static void on_state(void *ctx, struct db_link *link, enum db_state state)
{
	struct rejudge *rejudge = ctx;

	(void)link;
	if (state == DB_CONNECTING) {
		rejudge->has_lock = false; /* it went with the connection */
	}
}

struct rejudge *rejudge_new(const struct rejudge_config *config)
{
	struct rejudge *rejudge = g_new0(struct rejudge, 1);

	rejudge->config = *config;
	rejudge->link = db_link_new(&(struct db_config){ .loop = config->loop,
		.env = config->env,
		.conninfo = config->conninfo,
		.purpose = DB_WRITER,
		.takes_role = true,
		.on_state = on_state,
		.ctx = rejudge });
	return rejudge;
}

void rejudge_stop(struct rejudge *rejudge)
{
	rejudge->is_stopping = true;
}

static void link_closed(void *ctx)
{
	struct rejudge *rejudge = ctx;
	db_closed_fn closed = rejudge->closed;
	void *closed_ctx = rejudge->closed_ctx;

	prac_arena_deinit(&rejudge->arena);
	g_free(rejudge);
	closed(closed_ctx);
}

void rejudge_close(struct rejudge *rejudge, db_closed_fn closed, void *ctx)
{
	rejudge->is_stopping = true;
	rejudge->closed = closed;
	rejudge->closed_ctx = ctx;
	db_link_close(rejudge->link, link_closed, rejudge);
}

/* The next tick takes it up where the table says. */
static void put_down(struct rejudge *rejudge, enum prac_status status)
{
	if (status != PRAC_OK) {
		prac_log(PRAC_LOG_WARNING, "rejudge.paused", "job=%lld status=%s",
			(long long)rejudge->job, prac_status_name(status));
	}
	rejudge->job = 0;
	rejudge->is_busy = false;
	prac_arena_reset(&rejudge->arena);
}

/* ---- a batch */

static void noted(void *ctx, enum prac_status status)
{
	struct rejudge *rejudge = ctx;
	bool is_last = rejudge->n_sheets < BATCH_SHEETS;

	if (status == PRAC_OK) {
		prac_log(PRAC_LOG_INFO, "rejudge.batch", "job=%lld sheets=%zu refused=%zu last=%d",
			(long long)rejudge->job, rejudge->n_sheets, rejudge->n_refused, is_last);
	}
	put_down(rejudge, status);
	if (status == PRAC_OK) {
		rejudge_tick(rejudge); /* the next batch need not wait */
	}
}

static void note(struct rejudge *rejudge)
{
	size_t n = rejudge->n_sheets;
	struct db_batch *batch = db_batch_new(&rejudge->arena);
	struct db_params *params = db_params_new(&rejudge->arena);

	PRAC_FAILPOINT("rejudged");
	db_param_int(params, rejudge->job);
	if (n > 0) {
		db_param_id(params, &rejudge->sheets[n - 1].id);
	} else {
		db_param_null(params);
	}
	db_param_int(params, (int64_t)n);
	db_param_bool(params, n < BATCH_SHEETS);
	db_batch_add(batch, &q_rejudge_note, params, NULL, NULL);
	db_link_run(rejudge->link, batch, noted, rejudge);
}

static void judged(void *ctx, const struct sequencer_answer *answer)
{
	struct rejudge *rejudge = ctx;

	if (answer->status != PRAC_OK) {
		put_down(rejudge, answer->status);
		return;
	}
	/* A sheet that was approved or returned meanwhile is judged by whoever submits it again. */
	rejudge->n_refused = 0;
	for (size_t i = 0; i < answer->n_verdicts; i++) {
		rejudge->n_refused += answer->verdicts[i].reason != PRAC_REASON_NONE;
	}
	note(rejudge);
}

static struct prac_bytes mutation_of(struct rejudge *rejudge, size_t i)
{
	static const struct prac_type *const type = &prac_type_time_sheet;
	const struct prac_env *env = rejudge->config.env;
	struct prac_value args[PRAC_FIELDS_MAX] = { 0 };
	struct prac_mutation mutation = { .counter = rejudge->last_counter + i + 1,
		.type = type,
		.type_number = type->number,
		.id = rejudge->sheets[i].id,
		.op = PRACTICUM__OP__OP_ACTION,
		.base_seq = rejudge->sheets[i].seq,
		.action = prac_action_find_name(type, "rejudge"),
		.args = args,
		.client_time_ms = env->wall_ms(env->ctx) };

	args[PRAC_TIME_SHEET_REJUDGE_BECAUSE] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text(rejudge->because) };
	prac_mutation_write(&mutation, &rejudge->arena);
	return mutation.bytes;
}

static void submit(struct rejudge *rejudge)
{
	struct prac_bytes mutations[BATCH_SHEETS];
	struct judge_device device = {
		.id = own_device, .incarnation = INCARNATION, .district = true, .is_server = true
	};
	struct sequencer_push push = { .device = &device,
		.mutations = mutations,
		.n_mutations = rejudge->n_sheets,
		.done = judged,
		.ctx = rejudge };
	enum prac_status status;

	for (size_t i = 0; i < rejudge->n_sheets; i++) {
		mutations[i] = mutation_of(rejudge, i);
	}
	PRAC_FAILPOINT("rejudge_push");
	status = sequencer_submit(rejudge->config.sequencer, &push);
	if (status != PRAC_OK) {
		put_down(rejudge, status);
	}
}

static void on_sheets(void *ctx, struct db_rows *rows)
{
	struct rejudge *rejudge = ctx;

	for (size_t i = 0; i < db_rows_count(rows) && i < BATCH_SHEETS; i++) {
		rejudge->sheets[i] = (struct sheet){ .id = db_rows_id(rows, i, 0),
			.seq = (uint64_t)db_rows_int(rows, i, 1) };
		rejudge->n_sheets = i + 1;
	}
}

static void read_sheets(void *ctx, enum prac_status status)
{
	struct rejudge *rejudge = ctx;

	if (status != PRAC_OK) {
		put_down(rejudge, status);
	} else if (rejudge->n_sheets == 0) {
		note(rejudge);
	} else {
		submit(rejudge);
	}
}

/* ---- what is asked for */

static void on_lock(void *ctx, struct db_rows *rows)
{
	((struct rejudge *)ctx)->has_lock = db_rows_bool(rows, 0, 0);
}

static void on_next(void *ctx, struct db_rows *rows)
{
	struct rejudge *rejudge = ctx;

	if (db_rows_count(rows) > 0) {
		rejudge->job = db_rows_int(rows, 0, 0);
		rejudge->because = prac_arena_text(&rejudge->arena, db_rows_bytes(rows, 0, 1));
		rejudge->last_counter = (uint64_t)db_rows_int(rows, 0, 2);
	}
}

static void found(void *ctx, enum prac_status status)
{
	struct rejudge *rejudge = ctx;
	struct db_batch *batch;
	struct db_params *params;

	if (status != PRAC_OK || !rejudge->has_lock || rejudge->job == 0) {
		put_down(rejudge, status);
		return;
	}
	batch = db_batch_new(&rejudge->arena);
	params = db_params_new(&rejudge->arena);
	db_param_int(params, rejudge->job);
	db_param_int(params, BATCH_SHEETS);
	db_batch_add(batch, &q_rejudge_sheets, params, on_sheets, rejudge);
	db_link_run(rejudge->link, batch, read_sheets, rejudge);
}

void rejudge_tick(struct rejudge *rejudge)
{
	struct db_params *params;
	struct db_batch *batch;

	if (rejudge->is_busy || rejudge->is_stopping || db_link_state(rejudge->link) != DB_IDLE) {
		return;
	}
	rejudge->is_busy = true;
	rejudge->n_sheets = rejudge->n_refused = 0;
	batch = db_batch_new(&rejudge->arena);
	if (!rejudge->has_lock) {
		db_batch_add(batch, &q_rejudge_lock, NULL, on_lock, rejudge);
	}
	params = db_params_new(&rejudge->arena);
	db_param_id(params, &own_device);
	db_param_int(params, INCARNATION);
	db_batch_add(batch, &q_rejudge_next, params, on_next, rejudge);
	db_link_run(rejudge->link, batch, found, rejudge);
}
