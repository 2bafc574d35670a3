/* usage: migrate_database   brings the database that libpq's environment names to sql/migrations. */
#include <stdio.h>
#include <stdlib.h>

#include "server/db/migrate.h"
#include "sql/migrations.h"

int main(void)
{
	const struct db_migrate ask = { .conninfo = "", .scripts = sql_migrations, .out = stderr };
	char problem[1000];

	if (db_migrate(&ask, problem, sizeof(problem)) == PRAC_OK)
		return EXIT_SUCCESS;
	(void)fprintf(stderr, "%s\n", problem);
	return EXIT_FAILURE;
}
