#include "server/setup_sql.h"

#include <string.h>

#include "server/db/db.h"

enum {
	NAME_MAX_LEN = 63 /* PostgreSQL's */
};

/* @ is the role that signs in, # the database. */
static const char script[] =
	"-- Once, as a superuser, in psql: the role that practicumd signs in as (peer sign-in by its\n"
	"-- system user of the same name), the roles it takes for its work, and its database. The\n"
	"-- schema is made by `practicumd setup`.\n"
	"DO $$\n"
	"DECLARE\n"
	"\trole text;\n"
	"BEGIN\n"
	"\tFOREACH role IN ARRAY ARRAY['practicum_writer', 'practicum_reader', 'practicum_report',\n"
	"\t                            'practicum_auth', '@'] LOOP\n"
	"\t\tIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN\n"
	"\t\t\tEXECUTE format('CREATE ROLE %I NOLOGIN', role);\n"
	"\t\tEND IF;\n"
	"\tEND LOOP;\n"
	"END $$;\n"
	"ALTER ROLE @ LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;\n"
	"GRANT practicum_writer, practicum_reader, practicum_report, practicum_auth TO @;\n"
	"SELECT 'CREATE DATABASE # OWNER @ ENCODING ''UTF8'' TEMPLATE template0'\n"
	" WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '#') \\gexec\n"
	"\\connect #\n"
	"REVOKE ALL ON DATABASE # FROM PUBLIC;\n"
	"REVOKE ALL ON SCHEMA public FROM PUBLIC;\n"
	"ALTER SCHEMA public OWNER TO @;\n"
	"-- The check of the cluster's identity at the start reads it.\n"
	"GRANT EXECUTE ON FUNCTION pg_control_system() TO practicum_auth;\n";

static bool is_plain(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX_LEN &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789") == len && name[0] > '9';
}

enum prac_status setup_sql_print(const char *conninfo, FILE *out)
{
	char role[NAME_MAX_LEN + 1] = "practicum";
	char database[NAME_MAX_LEN + 1] = "practicum";

	if (!db_conninfo_value(conninfo, "user", role, sizeof(role)) ||
		!db_conninfo_value(conninfo, "dbname", database, sizeof(database)) ||
		!is_plain(role) || !is_plain(database)) {
		return PRAC_INVALID_ARGUMENT;
	}
	for (const char *c = script; *c != '\0'; c++) {
		if (*c == '@') {
			(void)fputs(role, out);
		} else if (*c == '#') {
			(void)fputs(database, out);
		} else {
			(void)fputc(*c, out);
		}
	}
	return PRAC_OK;
}
