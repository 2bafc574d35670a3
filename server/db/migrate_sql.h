/* Statements of the migration runner, which has to work before there is a schema. */
#pragma once

extern const char db_migrate_sql_become_owner[];
extern const char db_migrate_sql_begin[];
extern const char db_migrate_sql_commit[];
extern const char db_migrate_sql_rollback[];
extern const char db_migrate_sql_lock[];
extern const char db_migrate_sql_exists[];
extern const char db_migrate_sql_create[];
extern const char db_migrate_sql_list[];
extern const char db_migrate_sql_record[];
