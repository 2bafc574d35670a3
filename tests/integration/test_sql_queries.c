#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/db/migrate.h"
#include "sql/migrations.h"
#include "sql/queries.h"
#include "tests/support/pg.h"

static PGconn *conn;

static int migrated_database(void **state)
{
	struct db_migrate ask = { .scripts = sql_migrations, .out = stderr };
	char problem[1000];

	(void)state;
	ask.conninfo = pg_database("test_sql_queries");
	if (db_migrate(&ask, problem, sizeof(problem)) != PRAC_OK)
		fail_msg("%s", problem);
	conn = PQconnectdb(ask.conninfo);
	return PQstatus(conn) == CONNECTION_OK ? 0 : 1;
}

static int disconnected(void **state)
{
	(void)state;
	PQfinish(conn);
	return 0;
}

/* True if the server understood the text and counts the same parameters as the build did. */
static bool prepares(const struct db_stmt *stmt)
{
	PGresult *prepared = PQprepare(conn, stmt->name, stmt->text, 0, NULL);
	PGresult *described = PQdescribePrepared(conn, stmt->name);
	bool is_good = false;

	if (PQresultStatus(prepared) != PGRES_COMMAND_OK) {
		print_error("%s: %s", stmt->name, PQresultErrorMessage(prepared));
	} else if (PQnparams(described) != (int)stmt->n_params) {
		print_error("%s: the server counts %d parameters, the build %u\n", stmt->name,
			PQnparams(described), stmt->n_params);
	} else {
		is_good = true;
	}
	PQclear(prepared);
	PQclear(described);
	return is_good;
}

static void every_query_prepares_on_a_migrated_database(void **state)
{
	unsigned n_bad = 0;

	(void)state;
	for (const struct db_stmt *const *stmt = sql_queries; *stmt != NULL; stmt++)
		n_bad += prepares(*stmt) ? 0 : 1;
	assert_int_equal(n_bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_query_prepares_on_a_migrated_database),
	};

	return cmocka_run_group_tests(tests, migrated_database, disconnected);
}
