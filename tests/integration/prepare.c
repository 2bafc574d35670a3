/*
 * Prepares every statement of sql/queries on the database that libpq's environment names, and
 * speaks TAP. A column that a migration renamed is found here, before any code runs the query.
 */
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "sql/queries.h"

/* True if the server understood the text and counts the same parameters as the build did. */
static bool prepares(PGconn *conn, const struct db_stmt *stmt)
{
	PGresult *result = PQprepare(conn, stmt->name, stmt->text, 0, NULL);
	bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;

	if (!ok) {
		printf("# %s", PQresultErrorMessage(result));
	}
	PQclear(result);
	if (!ok) {
		return false;
	}
	result = PQdescribePrepared(conn, stmt->name);
	ok = PQnparams(result) == (int)stmt->n_params;
	if (!ok) {
		printf("# the server counts %d parameters, the build %u\n", PQnparams(result),
			stmt->n_params);
	}
	PQclear(result);
	return ok;
}

int main(void)
{
	PGconn *conn = PQconnectdb("");
	unsigned n = 0;
	unsigned n_failed = 0;

	if (PQstatus(conn) != CONNECTION_OK) {
		printf("# %s", PQerrorMessage(conn));
		return EXIT_FAILURE;
	}
	for (const struct db_stmt *const *stmt = sql_queries; *stmt != NULL; stmt++) {
		bool ok = prepares(conn, *stmt);

		n++;
		n_failed += ok ? 0 : 1;
		printf("%sok %u - %s\n", ok ? "" : "not ", n, (*stmt)->name);
	}
	PQfinish(conn);
	printf("1..%u\n", n);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
