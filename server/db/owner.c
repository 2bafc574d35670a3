#include "server/db/owner.h"

#include <glib.h>

#include "server/db/migrate_sql.h"
#include "server/db/sqlstate.h"

enum prac_status db_problem_set(
	const struct db_problem *problem, enum prac_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)g_vsnprintf(problem->text, problem->size, fmt, args);
	va_end(args);
	g_strchomp(problem->text);
	return status;
}

enum prac_status db_owner_check(
	PGconn *conn, const struct db_problem *problem, const char *what, PGresult *result)
{
	ExecStatusType kind = PQresultStatus(result);
	enum prac_status status = PRAC_OK;

	if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK) {
		status = db_problem_set(problem,
			db_sqlstate_status(PQresultErrorField(result, PG_DIAG_SQLSTATE)), "%s: %s",
			what, PQerrorMessage(conn));
	}
	PQclear(result);
	return status;
}

static void on_notice(void *ctx, const char *message)
{
	(void)ctx;
	(void)message; /* "relation exists, skipping" is no news to anybody */
}

enum prac_status db_owner_connect(
	const char *conninfo, const char *user, const struct db_problem *problem, PGconn **conn_out)
{
	/*
	 * What stands behind conninfo counts over it; libpq passes over a NULL value. Of several
	 * hosts the primary, as the server (connect.c): nobody can change a standby.
	 */
	const char *keywords[] = { "dbname", "target_session_attrs", "user", NULL };
	const char *values[] = { conninfo, "primary", user, NULL };
	PGconn *conn = PQconnectdbParams(keywords, values, 1);
	enum prac_status status;

	*conn_out = conn;
	if (PQstatus(conn) != CONNECTION_OK) {
		return db_problem_set(problem, PRAC_UNAVAILABLE, "%s", PQerrorMessage(conn));
	}
	PQsetNoticeProcessor(conn, on_notice, NULL);
	status = db_owner_check(conn, problem, "SET ROLE practicum_owner",
		PQexec(conn, db_migrate_sql_become_owner));
	return status == PRAC_OK
		       ? db_owner_check(conn, problem, "lock", PQexec(conn, db_migrate_sql_lock))
		       : status;
}
