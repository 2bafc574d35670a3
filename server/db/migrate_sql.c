#include "server/db/migrate_sql.h"

/* SET ROLE, but not in a database of tests that a superuser makes, nor before an administrator made the role. */
const char db_migrate_sql_become_owner[] =
	"SELECT set_config('role', o.rolname, false) FROM pg_roles o, pg_roles r "
	"WHERE o.rolname = 'practicum_owner' AND r.rolname = session_user AND NOT r.rolsuper";

const char db_migrate_sql_begin[] = "BEGIN";
const char db_migrate_sql_commit[] = "COMMIT";
const char db_migrate_sql_rollback[] = "ROLLBACK";

/* Two runners at once: the second waits here and then finds nothing to do. */
const char db_migrate_sql_lock[] = "SELECT pg_advisory_lock(7443001)";

const char db_migrate_sql_exists[] = "SELECT to_regclass('schema_migration') IS NOT NULL";

const char db_migrate_sql_create[] =
	"CREATE TABLE IF NOT EXISTS schema_migration (number integer PRIMARY KEY, "
	"name text NOT NULL, sha256 text NOT NULL, applied timestamptz NOT NULL DEFAULT now())";

const char db_migrate_sql_list[] = "SELECT number, name, sha256 FROM schema_migration ORDER BY 1";

const char db_migrate_sql_record[] =
	"INSERT INTO schema_migration (number, name, sha256) VALUES ($1, $2, $3)";
