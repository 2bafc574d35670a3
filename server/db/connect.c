#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "server/db/link.h"

enum {
	CONNECT_MS = 10000,
	PAUSE_MIN_MS = 100,
	PAUSE_MAX_MS = 5000
};

#define EVERYWHERE                                                                      \
	"-c client_connection_check_interval=1000 -c tcp_user_timeout=5000 -c jit=off " \
	"-c lock_timeout=10000 "

/*
 * All but reports run a fixed set of statements whose right plan never changes: by index, in a nested
 * loop, in the order of the index. A plan made while a table was small would otherwise read all of
 * it for as long as the connection lives, and a page of the feed would sort the whole scope.
 */
#define BY_INDEX                                                             \
	"-c plan_cache_mode=force_generic_plan -c enable_seqscan=off "       \
	"-c enable_hashjoin=off -c enable_mergejoin=off -c enable_sort=off " \
	"-c enable_bitmapscan=off "

/* A holder of the head row that stalls stops all writers: it is thrown off soon (SYNC 3.4). */
#define SHORT "-c statement_timeout=5000 -c idle_in_transaction_session_timeout=2000 "

static const struct {
	const char *name, *role;
	const char *options;
	uint64_t deadline_ms; /* of one batch, when the server's own limits did not work */
} purposes[DB_N_PURPOSES] = {
	[DB_WRITER] = { "practicumd writer", "practicum_writer", EVERYWHERE BY_INDEX SHORT, 20000 },
	[DB_READER] = { "practicumd reader", "practicum_reader",
		EVERYWHERE BY_INDEX SHORT "-c default_transaction_read_only=on", 20000 },
	[DB_SNAPSHOT] = { "practicumd snapshot", "practicum_report",
		EVERYWHERE BY_INDEX
		"-c default_transaction_read_only=on -c statement_timeout=60000 "
		"-c idle_in_transaction_session_timeout=60000",
		70000 },
	/* Parallel workers for a report would halve the rate of pushes (PERFORMANCE 0). */
	[DB_REPORT] = { "practicumd report", "practicum_report",
		EVERYWHERE "-c default_transaction_read_only=on -c statement_timeout=300000 "
			   "-c idle_in_transaction_session_timeout=10000 "
			   "-c max_parallel_workers_per_gather=0",
		310000 },
	[DB_DESK] = { "practicumd desk", "practicum_auth", EVERYWHERE BY_INDEX SHORT, 20000 },
	/* Not by index: what a disposal rewrote stands anywhere, and a page gathers it from there. */
	[DB_AUDIT] = { "practicumd audit", "practicum_auth",
		EVERYWHERE "-c default_transaction_read_only=on -c statement_timeout=300000 "
			   "-c idle_in_transaction_session_timeout=10000 "
			   "-c max_parallel_workers_per_gather=0",
		310000 },
	[DB_DISPOSAL] = { "practicumd disposal", "practicum_auth",
		EVERYWHERE "-c statement_timeout=600000 "
			   "-c idle_in_transaction_session_timeout=2000",
		610000 },
};

#define TO(state) (1U << DB_##state)

/* May go from the index to any state of the mask. */
static const unsigned allowed[] = {
	[DB_DOWN] = TO(CONNECTING) | TO(CLOSED),
	[DB_CONNECTING] = TO(IDLE) | TO(DOWN) | TO(CLOSED),
	[DB_IDLE] = TO(BUSY) | TO(DOWN) | TO(CLOSED),
	[DB_BUSY] = TO(IDLE) | TO(DOWN) | TO(CLOSED),
	[DB_CLOSED] = 0,
};

static const char *const state_names[] = {
#define XX(name, text) text,
	DB_STATE_MAP(XX)
#undef XX
};

static void on_timer(uv_timer_t *timer);
static void on_poll(uv_poll_t *poll, int status, int events);

static uint64_t state_ms(struct db_link *link)
{
	switch (link->state) {
	case DB_DOWN:
		/* Half of it by chance, so that many servers do not come back in one beat. */
		return link->pause_ms / 2 +
		       prac_env_random64(link->config.env) % (link->pause_ms / 2 + 1);
	case DB_CONNECTING:
		return CONNECT_MS;
	case DB_BUSY:
		return purposes[link->config.purpose].deadline_ms;
	case DB_IDLE:
	case DB_CLOSED:
		break;
	}
	return 0;
}

void db_link_enter(struct db_link *link, enum db_state next)
{
	uint64_t ms;

	assert((allowed[link->state] & (1U << next)) != 0);
	prac_log(PRAC_LOG_DEBUG, "db.state", "link=\"%s\" from=%s to=%s",
		purposes[link->config.purpose].name, state_names[link->state], state_names[next]);
	link->state = next;
	ms = state_ms(link);
	if (ms > 0) {
		uv_timer_start(&link->timer, on_timer, ms, 0);
	} else {
		uv_timer_stop(&link->timer);
	}
	if (link->config.on_state != NULL && next != DB_CLOSED)
		link->config.on_state(link->config.ctx, link, next);
}

static void free_poll(uv_handle_t *handle)
{
	free(handle);
}

static void unwatch(struct db_link *link)
{
	if (link->poll != NULL)
		uv_close((uv_handle_t *)link->poll, free_poll);
	link->poll = NULL;
	link->events = 0;
}

void db_link_watch(struct db_link *link, int events)
{
	if (link->poll == NULL) {
		link->poll = g_new0(uv_poll_t, 1);
		uv_poll_init(link->config.loop, link->poll, PQsocket(link->conn));
		link->poll->data = link;
	}
	if (events != link->events)
		uv_poll_start(link->poll, events, on_poll);
	link->events = events;
}

static void disconnect(struct db_link *link)
{
	unwatch(link);
	PQfinish(link->conn);
	link->conn = NULL;
	g_hash_table_remove_all(link->prepared);
}

void db_link_drop(struct db_link *link, const char *reason)
{
	prac_log(PRAC_LOG_WARNING, "db.lost", "link=\"%s\" state=%s reason=\"%s\"",
		purposes[link->config.purpose].name, state_names[link->state], reason);
	(void)snprintf(link->reason, sizeof(link->reason), "%s", reason);
	disconnect(link);
	db_link_end_batches(link, PRAC_UNAVAILABLE);
	db_link_enter(link, DB_DOWN);
	link->pause_ms = MIN(2 * link->pause_ms, PAUSE_MAX_MS);
}

/* What libpq says, without its line ends. */
static void drop_because(struct db_link *link, const char *what)
{
	g_autofree char *reason = g_strconcat(what, ": ", PQerrorMessage(link->conn), NULL);

	g_strdelimit(g_strchomp(reason), "\n\"", ' ');
	db_link_drop(link, reason);
}

static void on_notice(void *ctx, const PGresult *result)
{
	struct db_link *link = ctx;
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	/*
	 * A plain warning: the wait for the standby was canceled, and the transaction has committed
	 * here only. It must not be acknowledged (SYNC 4.17).
	 */
	if (sqlstate != NULL && strcmp(sqlstate, "01000") == 0)
		link->is_doubtful = true;
}

static void connected(struct db_link *link)
{
	PQsetNoticeReceiver(link->conn, on_notice, link);
	if (PQsetnonblocking(link->conn, 1) != 0 || PQenterPipelineMode(link->conn) != 1) {
		drop_because(link, "pipeline");
		return;
	}
	link->pause_ms = PAUSE_MIN_MS;
	db_link_watch(link, UV_READABLE);
	db_link_enter(link, DB_IDLE);
	db_link_start_next(link);
}

/*
 * The socket may be another one after each step, even under the same number, so it is watched
 * anew each time.
 */
static void connect_step(struct db_link *link)
{
	PostgresPollingStatusType step;

	unwatch(link);
	step = PQconnectPoll(link->conn);
	if (step == PGRES_POLLING_FAILED) {
		drop_because(link, "connect");
	} else if (step == PGRES_POLLING_OK) {
		connected(link);
	} else {
		db_link_watch(link, step == PGRES_POLLING_READING ? UV_READABLE : UV_WRITABLE);
	}
}

static void connect_start(struct db_link *link)
{
	/* "role" is set when the connection begins: no statement ever runs as who signed in. */
	g_autofree char *options = g_strconcat(purposes[link->config.purpose].options,
		link->config.takes_role ? " -c role=" : "",
		link->config.takes_role ? purposes[link->config.purpose].role : "", NULL);
	/* Of several hosts the primary: a standby may lack what was acknowledged. */
	const char *keywords[] = { "dbname", "options", "application_name", "client_encoding",
		"tcp_user_timeout", "target_session_attrs", NULL };
	const char *values[] = { link->conninfo, options, purposes[link->config.purpose].name,
		"UTF8", "5000", "primary", NULL };

	db_link_enter(link, DB_CONNECTING);
	link->conn = PQconnectStartParams(keywords, values, 1);
	if (link->conn == NULL || PQstatus(link->conn) == CONNECTION_BAD) {
		drop_because(link, "connect");
	} else {
		db_link_watch(link, UV_WRITABLE);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct db_link *link = container_of(timer, struct db_link, timer);

	if (link->state == DB_DOWN) {
		connect_start(link);
	} else {
		db_link_drop(link, "no answer in time");
	}
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct db_link *link = poll->data;
	int flushed = 0;

	if (link->state == DB_CONNECTING) {
		connect_step(link);
		return;
	}
	if (status < 0) {
		db_link_drop(link, uv_strerror(status));
		return;
	}
	if ((events & UV_READABLE) != 0 && PQconsumeInput(link->conn) == 0) {
		/* What came before the end may hold the answer to the running batch. */
		db_link_read(link);
		if (link->conn != NULL)
			drop_because(link, "read");
		return;
	}
	/* After reading too: only 0 says that all is written. */
	if (link->events != UV_READABLE)
		flushed = PQflush(link->conn);
	if (flushed < 0) {
		drop_because(link, "write");
	} else if (flushed == 0 && link->events != UV_READABLE) {
		db_link_watch(link, UV_READABLE);
	}
	db_link_read(link);
	db_link_hear(link);
}

static void on_soon(uv_idle_t *soon)
{
	struct db_link *link = container_of(soon, struct db_link, soon);
	struct db_batch *batch = link->ended.first;

	/* A callback may end further batches: they wait for the next round. */
	link->ended = (struct db_batches){ .end = &link->ended.first };
	uv_idle_stop(soon);
	while (batch != NULL) {
		struct db_batch *next = batch->next;

		batch->done(batch->ctx, batch->status);
		batch = next;
	}
}

static void end_batch(struct db_link *link, struct db_batch *batch, enum prac_status status)
{
	batch->status = status;
	batch->next = NULL;
	*link->ended.end = batch;
	link->ended.end = &batch->next;
	if (link->state != DB_CLOSED)
		uv_idle_start(&link->soon, on_soon);
}

void db_link_end_batches(struct db_link *link, enum prac_status unsent)
{
	struct db_batch *batch = link->waiting.first;

	link->waiting = (struct db_batches){ .end = &link->waiting.first };
	if (link->running != NULL)
		end_batch(link, link->running, PRAC_UNKNOWN);
	link->running = NULL;
	while (batch != NULL) {
		struct db_batch *next = batch->next;

		end_batch(link, batch, unsent);
		batch = next;
	}
}

struct db_link *db_link_new(const struct db_config *config)
{
	struct db_link *link = g_new0(struct db_link, 1);

	link->config = *config;
	link->conninfo = g_strdup(config->conninfo);
	link->pause_ms = PAUSE_MIN_MS;
	link->prepared = g_hash_table_new(g_str_hash, g_str_equal);
	link->waiting.end = &link->waiting.first;
	link->ended.end = &link->ended.first;
	uv_timer_init(config->loop, &link->timer);
	uv_idle_init(config->loop, &link->soon);
	link->n_handles = 2;
	connect_start(link);
	return link;
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct db_link *link = handle->data;

	if (--link->n_handles > 0)
		return;
	/* Who hears of the end may try once more, and is to hear of that, too. */
	while (link->ended.first != NULL)
		on_soon(&link->soon);
	if (link->closed != NULL)
		link->closed(link->closed_ctx);
	g_hash_table_destroy(link->prepared);
	g_free(link->conninfo);
	g_free(link);
}

void db_link_close(struct db_link *link, db_closed_fn closed, void *ctx)
{
	disconnect(link);
	db_link_enter(link, DB_CLOSED);
	db_link_end_batches(link, PRAC_CANCELLED);
	link->closed = closed;
	link->closed_ctx = ctx;
	link->timer.data = link;
	link->soon.data = link;
	uv_close((uv_handle_t *)&link->timer, on_handle_closed);
	uv_close((uv_handle_t *)&link->soon, on_handle_closed);
}

enum db_state db_link_state(const struct db_link *link)
{
	return link->state;
}

bool db_link_in_transaction(const struct db_link *link)
{
	return link->conn != NULL && PQtransactionStatus(link->conn) != PQTRANS_IDLE;
}

static const char *conninfo_value(const PQconninfoOption *options, const char *keyword)
{
	for (; options->keyword != NULL; options++) {
		if (strcmp(options->keyword, keyword) == 0 && options->val != NULL)
			return options->val;
	}
	return "";
}

enum prac_status db_conninfo_check(const char *conninfo, char *problem_out, size_t size)
{
	enum prac_status status = PRAC_INVALID_ARGUMENT;
	char *problem = NULL;
	PQconninfoOption *options = PQconninfoParse(conninfo, &problem);
	const char *host = options != NULL ? conninfo_value(options, "host") : "";

	if (options == NULL) {
		(void)g_strlcpy(problem_out, problem != NULL ? problem : "out of memory", size);
	} else if (*host != '\0' && *host != '/' && *conninfo_value(options, "hostaddr") == '\0') {
		(void)g_snprintf(problem_out, size,
			"host=%s is a name; give the folder of the Unix socket, or hostaddr=",
			host);
	} else {
		status = PRAC_OK;
	}
	PQconninfoFree(options);
	PQfreemem(problem);
	return status;
}

bool db_conninfo_value(const char *conninfo, const char *keyword, char *out, size_t size)
{
	PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
	const char *value = options != NULL ? conninfo_value(options, keyword) : "";
	bool is_fitting = options != NULL && strlen(value) < size;

	if (is_fitting && *value != '\0') {
		(void)g_strlcpy(out, value, size);
	}
	PQconninfoFree(options);
	return is_fitting;
}
