#include "server/setup_sql.h"

#include <string.h>

#include "server/db/db.h"

enum {
	NAME_MAX_LEN = 63 /* PostgreSQL's */
};

/*
 * @ is the role that signs in to serve, & the one that migrates, # the database. May run again: so an
 * installation whose tables belong to @ is brought to this form.
 */
static const char script[] =
	"-- As a superuser, in psql: the role that practicumd serves as and the one that migrates (peer\n"
	"-- sign-in by system users of the same names), the roles they take for their work, the database.\n"
	"-- Nobody signs in as practicum_owner, to whom everything in it belongs: & becomes it, @ cannot.\n"
	"-- The schema is made by `practicumd migrate`.\n"
	"SET client_min_messages = error;\n"
	"DO $$\n"
	"DECLARE\n"
	"\trole text;\n"
	"BEGIN\n"
	"\tFOREACH role IN ARRAY ARRAY['practicum_writer', 'practicum_reader', 'practicum_report',\n"
	"\t                            'practicum_auth', 'practicum_owner', 'practicum_backup',\n"
	"\t                            '&', '@'] LOOP\n"
	"\t\tIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN\n"
	"\t\t\tEXECUTE format('CREATE ROLE %I NOLOGIN', role);\n"
	"\t\tEND IF;\n"
	"\tEND LOOP;\n"
	"END $$;\n"
	"ALTER ROLE practicum_owner NOLOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;\n"
	"ALTER ROLE & LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;\n"
	"ALTER ROLE @ LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;\n"
	"-- Reads the whole cluster, which practicum-backup seals as it comes; no table is its own.\n"
	"ALTER ROLE practicum_backup LOGIN REPLICATION NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;\n"
	"GRANT practicum_owner TO &;\n"
	"GRANT practicum_writer, practicum_reader, practicum_report, practicum_auth TO @;\n"
	"REVOKE practicum_owner FROM @;\n"
	"SELECT 'CREATE DATABASE # OWNER practicum_owner ENCODING ''UTF8'' TEMPLATE template0'\n"
	" WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '#') \\gexec\n"
	"\\connect #\n"
	"-- What an earlier practicumd made as the role that serves, with what new tables of it grant.\n"
	"REASSIGN OWNED BY @ TO practicum_owner;\n"
	"DO $$ BEGIN\n"
	"\tIF to_regclass('public.read_key') IS NOT NULL THEN\n"
	"\t\tALTER DEFAULT PRIVILEGES FOR ROLE practicum_owner IN SCHEMA public\n"
	"\t\t\tGRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO practicum_auth;\n"
	"\t\tALTER DEFAULT PRIVILEGES FOR ROLE practicum_owner IN SCHEMA public\n"
	"\t\t\tGRANT SELECT ON TABLES TO practicum_writer;\n"
	"\tEND IF;\n"
	"END $$;\n"
	"ALTER DATABASE # OWNER TO practicum_owner;\n"
	"ALTER SCHEMA public OWNER TO practicum_owner;\n"
	"REVOKE ALL ON DATABASE # FROM PUBLIC;\n"
	"GRANT CONNECT ON DATABASE # TO @, &;\n"
	"REVOKE ALL ON SCHEMA public FROM PUBLIC;\n"
	"-- The check of the cluster's identity at the start reads it.\n"
	"GRANT EXECUTE ON FUNCTION pg_control_system() TO practicum_auth;\n";

static bool is_plain(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX_LEN &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789") == len && name[0] > '9';
}

enum prac_status setup_sql_print(const char *conninfo, const char *migrate_user, FILE *out)
{
	char role[NAME_MAX_LEN + 1] = "practicum";
	char database[NAME_MAX_LEN + 1] = "practicum";

	if (!db_conninfo_value(conninfo, "user", role, sizeof(role)) ||
		!db_conninfo_value(conninfo, "dbname", database, sizeof(database)) ||
		!is_plain(role) || !is_plain(database) || !is_plain(migrate_user) ||
		strcmp(role, migrate_user) == 0) {
		return PRAC_INVALID_ARGUMENT;
	}
	for (const char *c = script; *c != '\0'; c++) {
		if (*c == '@') {
			(void)fputs(role, out);
		} else if (*c == '&') {
			(void)fputs(migrate_user, out);
		} else if (*c == '#') {
			(void)fputs(database, out);
		} else {
			(void)fputc(*c, out);
		}
	}
	return PRAC_OK;
}
