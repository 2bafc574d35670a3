#include "server/db/link.h"

#include <assert.h>
#include <string.h>

#include "common/base/log.h"
#include "server/db/result.h"
#include "server/db/sqlstate.h"
#include "sql/queries.h"

struct db_batch *db_batch_new(struct prac_arena *arena)
{
	struct db_batch *batch = prac_arena_alloc(arena, sizeof(*batch));

	batch->arena = arena;
	batch->end = &batch->first;
	return batch;
}

void db_batch_add(struct db_batch *batch, const struct db_stmt *stmt,
	const struct db_params *params, db_rows_fn on_rows, void *ctx)
{
	struct db_command *command = prac_arena_alloc(batch->arena, sizeof(*command));

	assert(stmt->n_params == (params != NULL ? (unsigned)params->n : 0));
	*command = (struct db_command){
		.stmt = stmt, .params = params, .on_rows = on_rows, .ctx = ctx
	};
	*batch->end = command;
	batch->end = &command->next;
	batch->last = command;
}

void db_batch_flush(struct db_batch *batch)
{
	if (batch->last != NULL)
		batch->last->flushes = true;
}

void db_batch_enter(struct db_batch *batch, const char *pass)
{
	struct db_params *params = db_params_new(batch->arena);

	if (pass == NULL)
		return;
	db_param_bytes(params, prac_bytes_text(pass));
	db_batch_add(batch, &q_read_enter, params, NULL, NULL);
}

/* Every parameter travels in binary form. */
static const int *formats(void)
{
	static int all[DB_PARAMS_MAX];

	if (all[0] == 0) {
		for (size_t i = 0; i < PRAC_NELEM(all); i++)
			all[i] = 1;
	}
	return all;
}

static bool send_command(struct db_link *link, struct db_command *command)
{
	const struct db_stmt *stmt = command->stmt;
	const struct db_params *params = command->params;

	/* Known from now on; taken back when the answer is not good. */
	command->prepares = g_hash_table_add(link->prepared, (void *)stmt->name);
	if (command->prepares && PQsendPrepare(link->conn, stmt->name, stmt->text, 0, NULL) != 1)
		return false;
	if (params == NULL)
		return PQsendQueryPrepared(link->conn, stmt->name, 0, NULL, NULL, NULL, 1) == 1;
	return PQsendQueryPrepared(link->conn, stmt->name, params->n, params->values,
		       params->lengths, formats(), 1) == 1;
}

static bool send_batch(struct db_link *link, struct db_batch *batch)
{
	int flushed;

	for (struct db_command *command = batch->first; command != NULL; command = command->next) {
		if (!send_command(link, command))
			return false;
		if (command->flushes && PQsendFlushRequest(link->conn) != 1)
			return false;
	}
	if (PQpipelineSync(link->conn) != 1)
		return false;
	flushed = PQflush(link->conn);
	if (flushed > 0)
		db_link_watch(link, UV_READABLE | UV_WRITABLE);
	return flushed >= 0;
}

void db_link_start_next(struct db_link *link)
{
	struct db_batch *batch = link->waiting.first;

	if (link->state != DB_IDLE || batch == NULL)
		return;
	link->waiting.first = batch->next;
	if (batch->next == NULL)
		link->waiting.end = &link->waiting.first;
	batch->next = NULL;
	batch->current = batch->first;
	link->running = batch;
	link->n_trips++;
	db_link_enter(link, DB_BUSY);
	if (!send_batch(link, batch))
		db_link_drop(link, "send");
}

void db_link_run(struct db_link *link, struct db_batch *batch, db_done_fn done, void *ctx)
{
	batch->done = done;
	batch->ctx = ctx;
	batch->status = PRAC_OK;
	*link->waiting.end = batch;
	link->waiting.end = &batch->next;
	if (link->state == DB_DOWN || link->state == DB_CLOSED) {
		db_link_end_batches(
			link, link->state == DB_DOWN ? PRAC_UNAVAILABLE : PRAC_CANCELLED);
	} else {
		db_link_start_next(link);
	}
}

/* The server's text may quote what a person entered, except where the fault is ours alone. */
static void log_failure(const struct db_stmt *stmt, const PGresult *result, const char *sqlstate)
{
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	bool is_ours = strncmp(sqlstate, "42", 2) == 0 || strncmp(sqlstate, "53", 2) == 0 ||
		       strncmp(sqlstate, "XX", 2) == 0;

	prac_log(PRAC_LOG_WARNING, "db.failed", "stmt=%s sqlstate=%s constraint=%s text=\"%s\"",
		stmt != NULL ? stmt->name : "sync", sqlstate, constraint != NULL ? constraint : "",
		is_ours && text != NULL ? text : "");
}

static void fail(struct db_link *link, const PGresult *result)
{
	struct db_batch *batch = link->running;
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	/* Without a code it is libpq that speaks: the connection is gone. */
	if (sqlstate == NULL)
		return;
	(void)g_strlcpy(link->sqlstate, sqlstate, sizeof(link->sqlstate));
	log_failure(batch->current != NULL ? batch->current->stmt : NULL, result, sqlstate);
	if (batch->status == PRAC_OK)
		batch->status = db_sqlstate_status(sqlstate);
}

static void succeed(struct db_batch *batch, const PGresult *result)
{
	struct db_command *command = batch->current;
	struct db_rows rows = { .result = result };

	if (command == NULL || command->prepares || batch->status != PRAC_OK)
		return;
	if (command->on_rows != NULL)
		command->on_rows(command->ctx, &rows);
	if (rows.is_bad) {
		prac_log(PRAC_LOG_ERROR, "db.cell", "stmt=%s", command->stmt->name);
		batch->status = PRAC_INTERNAL;
	}
}

/* The answers to one command end with a null; the next null ends those of its successor. */
static void advance(struct db_batch *batch)
{
	struct db_command *command = batch->current;

	if (command == NULL)
		return;
	if (command->prepares) {
		command->prepares = false;
	} else {
		batch->current = command->next;
	}
}

static void finish(struct db_link *link)
{
	struct db_batch *batch = link->running;

	if (link->is_doubtful) {
		link->is_doubtful = false;
		db_link_drop(link, "committed without its standby");
		return;
	}
	link->running = NULL;
	db_link_enter(link, DB_IDLE);
	batch->done(batch->ctx, batch->status);
	db_link_start_next(link);
}

static void take(struct db_link *link, const PGresult *result)
{
	struct db_batch *batch = link->running;
	ExecStatusType kind = PQresultStatus(result);

	if (kind == PGRES_PIPELINE_SYNC) {
		finish(link);
		return;
	}
	if (kind == PGRES_TUPLES_OK || kind == PGRES_COMMAND_OK) {
		succeed(batch, result);
		return;
	}
	if (batch->current != NULL && batch->current->prepares)
		g_hash_table_remove(link->prepared, batch->current->stmt->name);
	if (kind != PGRES_PIPELINE_ABORTED)
		fail(link, result);
}

void db_link_read(struct db_link *link)
{
	bool was_null = false;

	while (link->state == DB_BUSY && !PQisBusy(link->conn)) {
		PGresult *result = PQgetResult(link->conn);

		if (result != NULL) {
			was_null = false;
			take(link, result);
			PQclear(result);
		} else if (was_null) {
			db_link_drop(link, "answers ended early");
		} else {
			was_null = true;
			advance(link->running);
		}
	}
}

/* What was said beside the answers; whoever hears it may end the connection. */
void db_link_hear(struct db_link *link)
{
	PGnotify *said;

	while (link->conn != NULL && (said = PQnotifies(link->conn)) != NULL) {
		if (link->config.on_notified != NULL)
			link->config.on_notified(link->config.ctx, said->be_pid, said->extra);
		PQfreemem(said);
	}
}

int db_link_pid(const struct db_link *link)
{
	return link->conn != NULL ? PQbackendPID(link->conn) : 0;
}

uint64_t db_link_trips(const struct db_link *link)
{
	return link->n_trips;
}

const char *db_link_reason(const struct db_link *link)
{
	return link->reason;
}

const char *db_link_sqlstate(const struct db_link *link)
{
	return link->sqlstate;
}
