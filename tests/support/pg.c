#include "tests/support/pg.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include <cmocka.h>

static char conninfo[256];
static char answer[65536];
static PGconn *conn;

static PGconn *connect_to(const char *database)
{
	const char *folder = getenv("PRAC_PG");

	if (folder == NULL)
		fail_msg("PRAC_PG is not set; run this through ctest, which starts the cluster");
	(void)snprintf(
		conninfo, sizeof(conninfo), "host=%s user=practicum dbname=%s", folder, database);
	conn = PQconnectdb(conninfo);
	if (PQstatus(conn) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(conn));
	return conn;
}

/* Leaves the first cell of the last result in answer. */
static void run(const char *sql)
{
	PGresult *result;

	answer[0] = '\0';
	assert_int_equal(PQsendQuery(conn, sql), 1);
	while ((result = PQgetResult(conn)) != NULL) {
		ExecStatusType status = PQresultStatus(result);

		if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
			fail_msg("%s: %s", sql, PQresultErrorMessage(result));
		if (PQntuples(result) > 0)
			(void)snprintf(answer, sizeof(answer), "%s", PQgetvalue(result, 0, 0));
		PQclear(result);
	}
}

static void run_va(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

static void run_va(const char *fmt, va_list args)
{
	size_t size = 1 << 20;
	char *sql = malloc(size);

	assert_non_null(sql);
	assert_true(vsnprintf(sql, size, fmt, args) < (int)size);
	run(sql);
	free(sql);
}

static void disconnect(void)
{
	PQfinish(conn);
}

const char *pg_database(const char *name)
{
	char sql[128];

	if (conn == NULL)
		assert_int_equal(atexit(disconnect), 0);
	PQfinish(conn);
	connect_to("postgres");
	(void)snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS %s WITH (FORCE)", name);
	run(sql);
	(void)snprintf(sql, sizeof(sql), "CREATE DATABASE %s", name);
	run(sql);
	PQfinish(conn);
	connect_to(name);
	return conninfo;
}

void pg_exec(const char *sql, ...)
{
	va_list args;

	va_start(args, sql);
	run_va(sql, args);
	va_end(args);
}

const char *pg_text(const char *sql, ...)
{
	va_list args;

	va_start(args, sql);
	run_va(sql, args);
	va_end(args);
	return answer;
}

int64_t pg_int(const char *sql, ...)
{
	va_list args;

	va_start(args, sql);
	run_va(sql, args);
	va_end(args);
	return strtoll(answer, NULL, 10);
}

const char *pg_heard(void)
{
	PGnotify *said;

	run("SELECT 1"); /* what was said before it comes with the answer */
	answer[0] = '\0';
	while ((said = PQnotifies(conn)) != NULL) {
		(void)snprintf(answer, sizeof(answer), "%s", said->extra);
		PQfreemem(said);
	}
	return answer;
}

static void on_late(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("not done after 20 seconds");
}

void pg_run_until(struct uv_loop_s *loop, const bool *flag)
{
	uv_timer_t timer;

	uv_timer_init(loop, &timer);
	uv_timer_start(&timer, on_late, 20000, 0);
	while (!*flag)
		uv_run(loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(loop, UV_RUN_NOWAIT);
}
