#include "server/db/migrate.h"

#include <glib.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <string.h>

#include "common/base/hash.h"
#include "server/db/migrate_sql.h"
#include "server/db/owner.h"

enum {
	HEX_LEN = 2 * PRAC_SHA256_LEN + 1
};

struct run {
	const struct db_migrate *migrate;
	PGconn *conn;
	struct db_problem problem;
	int n_scripts;
};

/* Ends result. */
static enum prac_status check(struct run *run, const char *what, PGresult *result)
{
	return db_owner_check(run->conn, &run->problem, what, result);
}

static void hex(struct prac_digest digest, char text_out[HEX_LEN])
{
	for (size_t i = 0; i < sizeof(digest.b); i++)
		(void)g_snprintf(text_out + 2 * i, 3, "%02x", digest.b[i]);
}

static enum prac_status check_numbers(struct run *run)
{
	const struct db_script *script = run->migrate->scripts;
	int n = 0;

	for (; script->name != NULL; script++) {
		char want[8];

		n++;
		(void)g_snprintf(want, sizeof(want), "%04d_", n);
		if (!g_str_has_prefix(script->name, want)) {
			return db_problem_set(&run->problem, PRAC_INVALID_ARGUMENT,
				"migration %s: the next number is %04d", script->name, n);
		}
	}
	run->n_scripts = n;
	return PRAC_OK;
}

/* One applied row against the file of that number. */
static enum prac_status check_row(struct run *run, const PGresult *applied, int row)
{
	const char *name = PQgetvalue(applied, row, 1);
	char sum[HEX_LEN];

	if (row >= run->n_scripts) {
		return db_problem_set(&run->problem, PRAC_FAILED_PRECONDITION,
			"the database has migration %s, which is newer than this program; "
			"install the newer practicumd",
			name);
	}
	hex(prac_sha256(prac_bytes_text(run->migrate->scripts[row].text)), sum);
	if (strcmp(sum, PQgetvalue(applied, row, 2)) != 0) {
		return db_problem_set(&run->problem, PRAC_FAILED_PRECONDITION,
			"migration %s was changed after it had been applied; restore the file and "
			"put the change into a new one",
			name);
	}
	return PRAC_OK;
}

/* How many are applied already. */
static enum prac_status read_applied(struct run *run, int *n_out)
{
	PGresult *result = PQexec(run->conn, db_migrate_sql_exists);
	bool exists = PQresultStatus(result) == PGRES_TUPLES_OK && *PQgetvalue(result, 0, 0) == 't';
	enum prac_status status = check(run, "schema_migration", result);

	*n_out = 0;
	if (status != PRAC_OK || !exists)
		return status;
	result = PQexec(run->conn, db_migrate_sql_list);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		return check(run, "schema_migration", result);
	*n_out = PQntuples(result);
	for (int row = 0; row < *n_out && status == PRAC_OK; row++)
		status = check_row(run, result, row);
	PQclear(result);
	return status;
}

static enum prac_status record(struct run *run, int number, const struct db_script *script)
{
	char number_text[12], sum[HEX_LEN];
	const char *values[] = { number_text, script->name, sum };

	(void)g_snprintf(number_text, sizeof(number_text), "%d", number);
	hex(prac_sha256(prac_bytes_text(script->text)), sum);
	return check(run, script->name,
		PQexecParams(run->conn, db_migrate_sql_record, 3, NULL, values, NULL, NULL, 0));
}

static enum prac_status apply(struct run *run, int number, const struct db_script *script)
{
	enum prac_status status;

	(void)fprintf(run->migrate->out, "%s %s\n", run->migrate->is_plan ? "would apply" : "apply",
		script->name);
	if (run->migrate->is_plan)
		return PRAC_OK;
	status = check(run, script->name, PQexec(run->conn, db_migrate_sql_begin));
	if (status == PRAC_OK)
		status = check(run, script->name, PQexec(run->conn, script->text));
	if (status == PRAC_OK)
		status = record(run, number, script);
	if (status == PRAC_OK)
		return check(run, script->name, PQexec(run->conn, db_migrate_sql_commit));
	PQclear(PQexec(run->conn, db_migrate_sql_rollback));
	return status;
}

static enum prac_status migrate_all(struct run *run)
{
	int n_applied = 0;
	enum prac_status status = read_applied(run, &n_applied);

	if (status == PRAC_OK && !run->migrate->is_plan)
		status = check(run, "schema_migration", PQexec(run->conn, db_migrate_sql_create));
	for (int i = n_applied; i < run->n_scripts && status == PRAC_OK; i++)
		status = apply(run, i + 1, &run->migrate->scripts[i]);
	if (status == PRAC_OK && n_applied == run->n_scripts)
		(void)fprintf(run->migrate->out, "schema is at %04d, nothing to do\n", n_applied);
	return status;
}

enum prac_status db_migrate(const struct db_migrate *migrate, char *problem_out, size_t size)
{
	struct run run = { .migrate = migrate, .problem = { problem_out, size } };
	enum prac_status status;

	*problem_out = '\0';
	status = check_numbers(&run);
	if (status != PRAC_OK)
		return status;
	status = db_owner_connect(migrate->conninfo, migrate->user, &run.problem, &run.conn);
	if (status == PRAC_OK)
		status = migrate_all(&run);
	PQfinish(run.conn);
	return status;
}

unsigned db_migrate_count(const struct db_script *scripts)
{
	unsigned n = 0;

	while (scripts[n].name != NULL) {
		n++;
	}
	return n;
}
