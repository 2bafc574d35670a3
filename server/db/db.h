/*
 * Asynchronous PostgreSQL on the event loop: a link is one connection, a batch is what travels in
 * one round trip (prepared statements in a pipeline with one sync behind them).
 *
 * A link connects by itself and again after a loss, with a growing, jittered pause. It runs one
 * batch at a time, in the order given. Callbacks never run before the call that takes them has
 * returned; done runs exactly once for each batch, also when the link is lost or closed.
 *
 *   PRAC_OK           every statement succeeded
 *   PRAC_UNAVAILABLE  there is no connection; nothing was sent
 *   PRAC_UNKNOWN      the connection died after the batch was sent: it may have happened
 *   PRAC_CANCELLED    the link was closed before the batch was sent
 *   other             a statement failed (db_sqlstate_status()); those behind it did not run, and
 *                     an open transaction waits for its ROLLBACK
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/env.h"
#include "common/base/status.h"
#include "server/db/params.h"
#include "server/db/rows.h"
#include "sql/stmt.h"

/* What a link is for decides its limits in time, its rights to write, and how it plans. */
enum db_purpose {
	DB_WRITER,
	DB_READER,
	DB_SNAPSHOT,
	DB_REPORT,
	DB_DESK,     /* devices, people, audit: the few statements that are no mutations */
	DB_AUDIT,    /* reads it from the beginning; an operator waits */
	DB_DISPOSAL, /* a desk with time: an operator waits */
	DB_N_PURPOSES
};

#define DB_STATE_MAP(XX)                                          \
	XX(DOWN, "down")             /* waits to connect again */ \
	XX(CONNECTING, "connecting") /* batches wait */           \
	XX(IDLE, "idle")                                          \
	XX(BUSY, "busy") /* a batch is under way */               \
	XX(CLOSED, "closed")

enum db_state {
#define XX(name, text) DB_##name,
	DB_STATE_MAP(XX)
#undef XX
};

struct uv_loop_s;
struct db_link;
struct db_batch;

typedef void (*db_rows_fn)(void *ctx, struct db_rows *rows);
typedef void (*db_done_fn)(void *ctx, enum prac_status status);
typedef void (*db_state_fn)(void *ctx, struct db_link *link, enum db_state state);
typedef void (*db_closed_fn)(void *ctx);
/* What a connection listens to was said; pid is the backend that said it. */
typedef void (*db_notified_fn)(void *ctx, int pid, const char *payload);

struct db_config {
	struct uv_loop_s *loop;
	const struct prac_env *env; /* jitter */
	const char *conninfo;       /* copied; see db_conninfo_check() */
	enum db_purpose purpose;
	bool takes_role;      /* that of its purpose (0033_rights.sql), else what conninfo says */
	db_state_fn on_state; /* may be NULL; every state but CLOSED, after the move */
	db_notified_fn
		on_notified; /* may be NULL; after a LISTEN, which ends with the connection */
	void *ctx;
};

/*
 * PRAC_INVALID_ARGUMENT with a sentence when conninfo is not readable, or names a host by name:
 * libpq would resolve it on the loop's time. A socket folder or hostaddr is wanted.
 */
enum prac_status db_conninfo_check(
	const char *conninfo, char *problem_out, size_t size) PRAC_MUST_USE;

/* What it says about a keyword; out stays as it is when it says nothing. False: it does not fit. */
bool db_conninfo_value(const char *conninfo, const char *keyword, char *out, size_t size);

/* Starts to connect. */
struct db_link *db_link_new(const struct db_config *config) PRAC_RETURNS_NONNULL;

/*
 * Ends the connection and all batches, also those that their callbacks run again; then runs closed
 * and frees the link.
 */
void db_link_close(struct db_link *link, db_closed_fn closed, void *ctx);

enum db_state db_link_state(const struct db_link *link);
bool db_link_in_transaction(const struct db_link *link);

/* Drops the connection and connects again: what else is there to do with one in unknown state. */
void db_link_drop(struct db_link *link, const char *reason);

/* Batches sent since db_link_new(), each one round trip. */
uint64_t db_link_trips(const struct db_link *link);

/* The process that serves the connection; 0 without one. */
int db_link_pid(const struct db_link *link);

/* Why the connection was dropped last, on one line; "" when it never was. */
const char *db_link_reason(const struct db_link *link);

/* SQLSTATE of the last statement that failed; "" when none has. */
const char *db_link_sqlstate(const struct db_link *link);

/* The batch and all that is added lives in the arena, until done has run. */
struct db_batch *db_batch_new(struct prac_arena *arena) PRAC_RETURNS_NONNULL;

/*
 * params and on_rows may be NULL. stmt->name is the name of the prepared statement: one name, one
 * text. stmt must outlive the link. on_rows runs when the statement has succeeded.
 */
void db_batch_add(struct db_batch *batch, const struct db_stmt *stmt,
	const struct db_params *params, db_rows_fn on_rows, void *ctx);

/* The answers to what was added so far come at once, not only when the batch is done. */
void db_batch_flush(struct db_batch *batch);

/*
 * Whatever is added behind it sees the rows that this pass opens (read_pass() in 0033_rights.sql), up
 * to the end of the transaction. pass may be NULL: nothing is added.
 */
void db_batch_enter(struct db_batch *batch, const char *pass);

void db_link_run(struct db_link *link, struct db_batch *batch, db_done_fn done, void *ctx);
