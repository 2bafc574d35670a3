#include "server/db/reseal.h"

#include <endian.h>
#include <glib.h>
#include <libpq-fe.h>
#include <string.h>

#include "server/db/migrate_sql.h"
#include "server/db/owner.h"
#include "server/db/reseal_sql.h"
#include "server/db/sqlstate.h"
#include "sql/queries.h"

enum {
	BINARY = 1,
	SELECT_ROWS = 500 /* as reseal_sql.c asks */
};

struct run {
	const struct db_reseal *reseal;
	PGconn *conn;
	struct db_problem problem;
	uint8_t head[DB_SEAL_HEAD]; /* how a value begins that is as it should be */
	struct prac_arena arena;    /* of a batch */
};

/* Values as PostgreSQL reads them in binary form. NULL after a failure, which is told. */
struct values {
	const char *data[5];
	int lengths[5];
	int n;
};

static void put(struct values *values, const void *data, size_t len)
{
	values->data[values->n] = data;
	values->lengths[values->n++] = (int)len;
}

static PGresult *ask(struct run *run, const char *text, const struct values *values,
	enum prac_status *status_out)
{
	static const int formats[5] = { BINARY, BINARY, BINARY, BINARY, BINARY };
	PGresult *result = PQexecParams(
		run->conn, text, values->n, NULL, values->data, values->lengths, formats, BINARY);
	ExecStatusType kind = PQresultStatus(result);

	*status_out = PRAC_OK;
	if (kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK) {
		return result;
	}
	*status_out = db_problem_set(&run->problem,
		db_sqlstate_status(PQresultErrorField(result, PG_DIAG_SQLSTATE)), "%s",
		PQerrorMessage(run->conn));
	PQclear(result);
	return NULL;
}

static enum prac_status run_text(struct run *run, const char *text)
{
	const struct values none = { .n = 0 };
	enum prac_status status;

	PQclear(ask(run, text, &none, &status));
	return status;
}

static uint64_t read64(const PGresult *result, int row, int column)
{
	uint64_t wire;

	memcpy(&wire, PQgetvalue(result, row, column), sizeof(wire));
	return be64toh(wire);
}

static struct prac_bytes bytes_of(const PGresult *result, int row, int column)
{
	return (struct prac_bytes){ (const uint8_t *)PQgetvalue(result, row, column),
		(size_t)PQgetlength(result, row, column) };
}

/* ---- which keys */

/* is_done_out: nothing has to be sealed. */
static enum prac_status check_keys(struct run *run, bool *is_done_out)
{
	const struct values none = { .n = 0 };
	enum prac_status status;
	PGresult *result = ask(run, reseal_sql_keys, &none, &status);

	*is_done_out = false;
	for (int row = 0; status == PRAC_OK && row < PQntuples(result); row++) {
		uint64_t number = read64(result, row, 0);

		if (!db_seal_is_key(run->reseal->seal, number, bytes_of(result, row, 1))) {
			status = db_problem_set(&run->problem, PRAC_FAILED_PRECONDITION,
				"the key file is not the one that this database was sealed with (key %llu of "
				"it): put back the copy that belongs to it",
				(unsigned long long)number);
		}
		*is_done_out =
			number == run->reseal->seal->n_keys && *PQgetvalue(result, row, 2) != 0;
	}
	PQclear(result);
	return status;
}

/* A server that runs has read its keys and would go on with them. */
static enum prac_status lock_servers_out(struct run *run)
{
	const struct values none = { .n = 0 };
	enum prac_status status;
	PGresult *result = ask(run, q_check_seal_alone.text, &none, &status);

	if (status == PRAC_OK && *PQgetvalue(result, 0, 0) == 0) {
		status = db_problem_set(&run->problem, PRAC_FAILED_PRECONDITION,
			"a server of this database is running and would go on with the keys that it "
			"has: stop every one of them (systemctl stop practicumd.service), then seal "
			"again");
	}
	PQclear(result);
	return status;
}

static enum prac_status note_key(struct run *run, const char *text, bool has_id)
{
	uint64_t number = htobe64(run->reseal->seal->n_keys);
	uint8_t id[DB_SEAL_KEY_ID];
	struct values values = { .n = 0 };
	enum prac_status status;

	put(&values, &number, sizeof(number));
	if (has_id) {
		db_seal_key_id(run->reseal->seal, run->reseal->seal->n_keys, id);
		put(&values, id, sizeof(id));
	}
	PQclear(ask(run, text, &values, &status));
	return status;
}

/* ---- values */

static enum prac_status seal_row(
	struct run *run, const struct reseal_source *source, const PGresult *rows, int row)
{
	struct prac_bytes id = bytes_of(rows, row, 0), old = bytes_of(rows, row, 3);
	struct db_seal_place place = source->place;
	struct values values = { .n = 0 };
	struct prac_bytes plain = old;
	enum prac_status status = prac_id_from_bytes(id, &place.id);

	if (source->place.table == DB_SEAL_MUTATION) {
		place.incarnation = read64(rows, row, 1);
		place.counter = read64(rows, row, 2);
	}
	if (status == PRAC_OK && old.len > 0 && old.data[0] == DB_SEAL_MARK) {
		status = db_seal_get(run->reseal->seal, &place, old, &run->arena, &plain);
	}
	if (status != PRAC_OK) {
		return db_problem_set(&run->problem, status,
			"a sealed value of %s does not open, see the line above: nothing more is sealed; "
			"bring the row back from a backup",
			source->table);
	}
	plain = db_seal_put(run->reseal->seal, &place, plain, &run->arena);
	put(&values, id.data, id.len);
	put(&values, PQgetvalue(rows, row, 1), sizeof(uint64_t));
	put(&values, PQgetvalue(rows, row, 2), sizeof(uint64_t));
	put(&values, old.data, old.len);
	put(&values, plain.data, plain.len);
	PQclear(ask(run, source->update, &values, &status));
	return status;
}

/* from: the last id so far, and moved on. */
static enum prac_status seal_some(
	struct run *run, const struct reseal_source *source, struct prac_id *from, int *n_out)
{
	struct values values = { .n = 0 };
	enum prac_status status = run_text(run, db_migrate_sql_begin);
	PGresult *rows = NULL;

	*n_out = 0;
	put(&values, from->b, sizeof(from->b));
	put(&values, run->head, sizeof(run->head));
	/* Also records that are frozen: what they say does not change. */
	if (status == PRAC_OK) {
		status = run_text(run, source->unguard);
	}
	if (status == PRAC_OK) {
		rows = ask(run, source->select, &values, &status);
	}
	for (int row = 0; status == PRAC_OK && row < PQntuples(rows); row++) {
		status = seal_row(run, source, rows, row);
	}
	if (status == PRAC_OK && PQntuples(rows) > 0) {
		*n_out = PQntuples(rows);
		(void)!prac_id_from_bytes(bytes_of(rows, *n_out - 1, 0), from);
	}
	PQclear(rows);
	prac_arena_reset(&run->arena);
	if (status == PRAC_OK) {
		status = run_text(run, source->guard);
	}
	if (status == PRAC_OK) {
		return run_text(run, db_migrate_sql_commit);
	}
	PQclear(PQexec(run->conn, db_migrate_sql_rollback));
	return status;
}

static enum prac_status seal_source(
	struct run *run, const struct reseal_source *source, int64_t *n_out)
{
	struct prac_id from = { 0 };
	enum prac_status status;
	int n;

	do {
		status = seal_some(run, source, &from, &n);
		*n_out += n;
	} while (status == PRAC_OK && n == SELECT_ROWS);
	return status;
}

static bool is_first_of_table(const struct reseal_source *sources, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (strcmp(sources[i].table, sources[at].table) == 0) {
			return false;
		}
	}
	return true;
}

static enum prac_status empty_pages(
	struct run *run, const struct reseal_source *sources, size_t n_sources)
{
	enum prac_status status = PRAC_OK;

	for (size_t i = 0; i < n_sources && status == PRAC_OK; i++) {
		if (is_first_of_table(sources, i)) {
			status = run_text(run, sources[i].rewrite);
		}
	}
	return status;
}

static enum prac_status seal_all(struct run *run)
{
	size_t n_sources;
	struct reseal_source *sources = reseal_sources_new(&n_sources);
	enum prac_status status = note_key(run, reseal_sql_begun, true);

	for (size_t i = 0; i < n_sources && status == PRAC_OK; i++) {
		int64_t n = 0;

		status = seal_source(run, &sources[i], &n);
		if (n > 0) {
			(void)fprintf(run->reseal->out, "sealed  %-20s %lld values\n",
				sources[i].table, (long long)n);
		}
	}
	if (status == PRAC_OK) {
		status = empty_pages(run, sources, n_sources);
	}
	reseal_sources_free(sources, n_sources);
	return status == PRAC_OK ? note_key(run, reseal_sql_whole, false) : status;
}

enum prac_status db_reseal(const struct db_reseal *reseal, char *problem_out, size_t size)
{
	struct run run = { .reseal = reseal, .problem = { problem_out, size } };
	enum prac_status status;
	bool is_done = false;

	*problem_out = '\0';
	run.head[0] = DB_SEAL_MARK;
	run.head[1] = (uint8_t)reseal->seal->n_keys;
	status = db_owner_connect(reseal->conninfo, reseal->user, &run.problem, &run.conn);
	if (status == PRAC_OK) {
		status = check_keys(&run, &is_done);
	}
	if (status == PRAC_OK && !is_done) {
		status = lock_servers_out(&run);
	}
	if (status == PRAC_OK && !is_done) {
		status = seal_all(&run);
	}
	if (status == PRAC_OK) {
		(void)fprintf(reseal->out, "sealed under records key %zu\n", reseal->seal->n_keys);
	}
	prac_arena_deinit(&run.arena);
	PQfinish(run.conn);
	return status;
}
