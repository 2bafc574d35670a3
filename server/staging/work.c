/* Which import is worked on, and what comes next of it. */
#include <glib.h>
#include <string.h>

#include "common/base/failpoint.h"
#include "common/base/log.h"
#include "server/staging/parts.h"
#include "sql/queries.h"

enum {
	SWEEP_MS = 3600 * 1000
};

static uint64_t now_ms(const struct staging *staging)
{
	return staging->config.env->monotonic_ms(staging->config.env->ctx);
}

static void clear(struct work *work)
{
	prac_arena_deinit(&work->arena);
	prac_arena_deinit(&work->step);
	memset(work, 0, sizeof(*work));
}

static void on_state(void *ctx, struct db_link *link, enum db_state state)
{
	struct staging *staging = ctx;

	(void)link;
	if (state == DB_CONNECTING) {
		staging->has_lock = false; /* it went with the connection */
	}
}

struct staging *staging_new(const struct staging_config *config)
{
	struct staging *staging = g_new0(struct staging, 1);

	staging->config = *config;
	staging->link = db_link_new(&(struct db_config){ .loop = config->loop,
		.env = config->env,
		.conninfo = config->conninfo,
		.purpose = DB_WRITER,
		.takes_role = true,
		.on_state = on_state,
		.ctx = staging });
	return staging;
}

void staging_stop(struct staging *staging)
{
	staging->is_stopping = true;
}

static void link_closed(void *ctx)
{
	struct staging *staging = ctx;
	db_closed_fn closed = staging->closed;
	void *closed_ctx = staging->closed_ctx;

	clear(&staging->work);
	g_free(staging);
	closed(closed_ctx);
}

void staging_close(struct staging *staging, db_closed_fn closed, void *ctx)
{
	staging->is_stopping = true;
	staging->closed = closed;
	staging->closed_ctx = ctx;
	db_link_close(staging->link, link_closed, staging);
}

/* ---- ends */

void work_pause(struct staging *staging, enum prac_status status)
{
	if (status != PRAC_OK) {
		prac_log(PRAC_LOG_WARNING, "staging.paused", "status=%s stage=%d part=%u",
			prac_status_name(status), (int)staging->work.stage, staging->work.part);
	}
	clear(&staging->work);
	staging->is_busy = false;
}

static void ended(void *ctx, enum prac_status status)
{
	struct staging *staging = ctx;
	char id[PRAC_ID_TEXT];

	prac_id_format(&staging->work.id, id);
	if (status == PRAC_OK) {
		prac_log(PRAC_LOG_INFO, "staging.ended", "import=%s rows=%llu", id,
			(unsigned long long)staging->work.n_before);
	}
	work_pause(staging, status);
	if (status == PRAC_OK) {
		staging_tick(staging); /* the next one need not wait */
	}
}

void work_end(struct staging *staging, Practicum__ImportStage stage)
{
	struct work *work = &staging->work;
	struct db_batch *batch;
	struct db_params *params;

	prac_arena_reset(&work->step);
	batch = db_batch_new(&work->step);
	params = db_params_new(&work->step);
	db_param_id(params, &work->id);
	db_param_int(params, stage);
	db_batch_add(batch, &q_import_end, params, NULL, NULL);
	params = db_params_new(&work->step);
	db_param_id(params, &work->id);
	db_batch_add(batch, &q_import_drop_parts, params, NULL, NULL);
	db_batch_add(batch, &q_import_check_anew, NULL, NULL, NULL);
	db_link_run(staging->link, batch, ended, staging);
}

void work_fail(struct staging *staging, const char *why)
{
	char id[PRAC_ID_TEXT];

	prac_id_format(&staging->work.id, id);
	prac_log(PRAC_LOG_ERROR, "staging.failed", "import=%s part=%u why=\"%s\"", id,
		staging->work.part, why);
	work_end(staging, PRACTICUM__IMPORT_STAGE__IMPORT_REFUSED);
}

/* ---- a part */

static void on_part(void *ctx, struct db_rows *rows)
{
	struct staging *staging = ctx;
	struct work *work = &staging->work;
	struct prac_bytes zipped;

	work->rows = NULL;
	work->next = work->n_step = 0;
	if (db_rows_count(rows) > 0) {
		if (staging_part_get(staging, &work->id, db_rows_bytes(rows, 0, 0), &work->arena,
			    &zipped) != PRAC_OK ||
			staging_unpack(zipped, &work->arena, &work->rows) != PRAC_OK) {
			work->rows = NULL;
		}
	}
}

static void part_read(void *ctx, enum prac_status status)
{
	struct staging *staging = ctx;

	if (status != PRAC_OK) {
		work_pause(staging, status);
	} else if (staging->work.rows == NULL) {
		work_fail(staging, "a part is missing or not readable");
	} else if (staging->work.stage == PRACTICUM__IMPORT_STAGE__IMPORT_CHECKING) {
		check_part(staging);
	} else {
		apply_part(staging);
	}
}

static void read_part(struct staging *staging)
{
	struct work *work = &staging->work;
	struct db_params *params;
	struct db_batch *batch;

	prac_arena_reset(&work->arena);
	work->flaws = (struct staging_flaws){ 0 };
	batch = db_batch_new(&work->arena);
	params = db_params_new(&work->arena);
	db_param_id(params, &work->id);
	db_param_int(params, work->part);
	db_batch_add(batch, &q_import_part, params, on_part, staging);
	sender_ask(staging, batch);
	db_link_run(staging->link, batch, part_read, staging);
}

static void on_check_end(void *ctx, struct db_rows *rows)
{
	struct work *work = &((struct staging *)ctx)->work;

	if (db_rows_count(rows) > 0) {
		work->stage = (Practicum__ImportStage)db_rows_int(rows, 0, 0);
	}
}

static void check_ended(void *ctx, enum prac_status status)
{
	struct staging *staging = ctx;

	if (status != PRAC_OK) {
		work_pause(staging, status);
	} else if (staging->work.stage == PRACTICUM__IMPORT_STAGE__IMPORT_APPLYING) {
		staging->work.part = 0;
		staging->work.n_before = 0;
		work_go_on(staging);
	} else {
		work_end(staging, PRACTICUM__IMPORT_STAGE__IMPORT_REFUSED);
	}
}

static void end_check(struct staging *staging)
{
	struct work *work = &staging->work;
	struct db_batch *batch;
	struct db_params *params;

	prac_arena_reset(&work->step);
	batch = db_batch_new(&work->step);
	params = db_params_new(&work->step);
	db_param_id(params, &work->id);
	db_batch_add(batch, &q_import_check_end, params, on_check_end, staging);
	db_link_run(staging->link, batch, check_ended, staging);
}

void work_go_on(struct staging *staging)
{
	struct work *work = &staging->work;

	PRAC_FAILPOINT("import_part");
	if (staging->is_stopping) {
		work_pause(staging, PRAC_OK);
	} else if (work->part < work->n_parts) {
		read_part(staging);
	} else if (work->stage == PRACTICUM__IMPORT_STAGE__IMPORT_CHECKING) {
		end_check(staging);
	} else if (work->stage == PRACTICUM__IMPORT_STAGE__IMPORT_REVERSING) {
		undo_page(staging);
	} else {
		work_end(staging, PRACTICUM__IMPORT_STAGE__IMPORT_DONE);
	}
}

/* ---- the next import */

static void on_lock(void *ctx, struct db_rows *rows)
{
	((struct staging *)ctx)->has_lock = db_rows_bool(rows, 0, 0);
}

static void on_next(void *ctx, struct db_rows *rows)
{
	struct work *work = &((struct staging *)ctx)->work;

	if (db_rows_count(rows) == 0) {
		return;
	}
	work->id = db_rows_id(rows, 0, 0);
	work->device = db_rows_id(rows, 0, 1);
	work->incarnation = staging_incarnation(&work->id);
	work->stage = (Practicum__ImportStage)db_rows_int(rows, 0, 2);
	work->n_parts = (uint32_t)db_rows_int(rows, 0, 3);
	work->n_rows = (uint64_t)db_rows_int(rows, 0, 4);
	work->part = (uint32_t)db_rows_int(rows, 0, 5);
	work->n_before = (uint64_t)db_rows_int(rows, 0, 6);
	work->person = db_rows_id(rows, 0, 7);
	work->undo_before = (uint64_t)db_rows_int(rows, 0, 8);
	if (!db_rows_is_null(rows, 0, 9)) {
		work->undone_device = db_rows_id(rows, 0, 9);
		work->undone_incarnation = (uint64_t)db_rows_int(rows, 0, 10);
	}
}

static void begun(void *ctx, enum prac_status status)
{
	struct staging *staging = ctx;

	if (status != PRAC_OK) {
		work_pause(staging, status);
	} else {
		work_go_on(staging);
	}
}

/* After a crash a check begins again: the tables it fills are not kept. */
static void begin_check(struct staging *staging)
{
	struct work *work = &staging->work;
	struct db_params *params = db_params_new(&work->step);
	struct db_batch *batch = db_batch_new(&work->step);

	work->part = 0;
	work->n_before = 0;
	db_param_id(params, &work->id);
	db_batch_add(batch, &q_import_check_anew, NULL, NULL, NULL);
	db_batch_add(batch, &q_import_forget_flaws, params, NULL, NULL);
	db_batch_add(batch, &q_import_uncheck, params, NULL, NULL);
	db_link_run(staging->link, batch, begun, staging);
}

static void found(void *ctx, enum prac_status status)
{
	struct staging *staging = ctx;

	if (status != PRAC_OK || !staging->has_lock || prac_id_is_nil(&staging->work.id)) {
		work_pause(staging, status);
	} else if (staging->work.stage == PRACTICUM__IMPORT_STAGE__IMPORT_CHECKING) {
		begin_check(staging);
	} else {
		work_go_on(staging);
	}
}

void staging_tick(struct staging *staging)
{
	struct work *work = &staging->work;
	struct db_batch *batch;

	if (staging->is_busy || staging->is_stopping || db_link_state(staging->link) != DB_IDLE) {
		return;
	}
	staging->is_busy = true;
	batch = db_batch_new(&work->step);
	if (!staging->has_lock) {
		db_batch_add(batch, &q_import_lock, NULL, on_lock, staging);
	}
	if (staging->swept_ms == 0 || now_ms(staging) - staging->swept_ms >= SWEEP_MS) {
		staging->swept_ms = now_ms(staging);
		db_batch_add(batch, &q_import_sweep, NULL, NULL, NULL);
	}
	db_batch_add(batch, &q_import_next, NULL, on_next, staging);
	db_link_run(staging->link, batch, found, staging);
}
