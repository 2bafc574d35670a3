#include "server/setup_sql.h"

const char setup_sql[] =
	"-- Once, as a superuser: the role that practicumd signs in as (peer sign-in by its system\n"
	"-- user of the same name) and its database. The schema is made by `practicumd setup`.\n"
	"CREATE ROLE practicum LOGIN;\n"
	"CREATE DATABASE practicum OWNER practicum ENCODING 'UTF8' TEMPLATE template0;\n"
	"\\connect practicum\n"
	"REVOKE ALL ON SCHEMA public FROM PUBLIC;\n"
	"ALTER SCHEMA public OWNER TO practicum;\n"
	"-- The check of the cluster's identity at the start reads these two.\n"
	"GRANT EXECUTE ON FUNCTION pg_control_system() TO practicum;\n"
	"GRANT EXECUTE ON FUNCTION pg_control_checkpoint() TO practicum;\n";
