/*
 * How fast PostgreSQL takes what the server writes when nothing else is done: no network, no TLS, no
 * reading, no merge and no checks.
 *
 *   bench-limit TAPE PLAIN ROWS STATIONS BATCH
 *
 * TAPE and PLAIN are connection strings of two copies of one database, which stay alike. The real
 * sequencer judges the stations' pushes on TAPE, and what each of its transactions sends is kept.
 * Then those statements with those arrays run on PLAIN by libpq alone, a transaction a pipeline, and
 * that is what the clock is for. Prints one JSON line.
 */
#include <glib.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "server/db/link.h"
#include "server/sync/sequencer.h"
#include "sql/queries.h"
#include "tests/bench/limit/feeder.h"
#include "tests/bench/limit/tape.h"
#include "tests/support/records_key.h"

enum {
	STATIONS_MAX = 64
};

static void die(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench-limit: %s: %s\n", what, why);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the tape */

static void record(uv_loop_t *loop, struct tape *tape, const struct load *load)
{
	feed_all(loop, &tape->store, load);
	if (tape->n_mutations != load->rows / load->n_stations * load->n_stations) {
		die("tape", "a batch was not written, or not at once");
	}
}

/* ---- libpq alone */

/* What came back up to the sync; any failure ends the program. */
static void drain(PGconn *conn)
{
	for (;;) {
		PGresult *result = PQgetResult(conn);
		ExecStatusType status;

		if (result == NULL) {
			continue;
		}
		status = PQresultStatus(result);
		if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
			status != PGRES_PIPELINE_SYNC) {
			die("plain", PQresultErrorMessage(result));
		}
		PQclear(result);
		if (status == PGRES_PIPELINE_SYNC) {
			return;
		}
	}
}

static void must_sync(PGconn *conn)
{
	if (PQpipelineSync(conn) != 1) {
		die("plain", PQerrorMessage(conn));
	}
	drain(conn);
}

static void prepare_batch(PGconn *conn, const struct tape_batch *batch, GHashTable *known)
{
	for (const struct db_command *command = batch->statements->first; command != NULL;
		command = command->next) {
		const struct db_stmt *stmt = command->stmt;

		if (g_hash_table_add(known, (void *)stmt->name) &&
			PQsendPrepare(conn, stmt->name, stmt->text, 0, NULL) != 1) {
			die(stmt->name, PQerrorMessage(conn));
		}
	}
}

/* Outside the clock: the server prepares each statement once in its life. */
static void prepare_all(PGconn *conn, const struct tape *tape)
{
	GHashTable *known = g_hash_table_new(g_str_hash, g_str_equal);

	for (const struct tape_batch *batch = tape->first; batch != NULL; batch = batch->next) {
		prepare_batch(conn, batch, known);
	}
	must_sync(conn);
	g_hash_table_destroy(known);
}

static void play_batch(PGconn *conn, const struct tape_batch *batch, const int *formats)
{
	for (const struct db_command *command = batch->statements->first; command != NULL;
		command = command->next) {
		const struct db_params *params = command->params;
		int sent = params == NULL
				   ? PQsendQueryPrepared(
					     conn, command->stmt->name, 0, NULL, NULL, NULL, 1)
				   : PQsendQueryPrepared(conn, command->stmt->name, params->n,
					     params->values, params->lengths, formats, 1);

		if (sent != 1) {
			die(command->stmt->name, PQerrorMessage(conn));
		}
	}
	must_sync(conn);
}

/* Seconds. */
static double play(PGconn *conn, const struct tape *tape)
{
	int binary[DB_PARAMS_MAX];
	double begin;

	for (size_t i = 0; i < PRAC_NELEM(binary); i++) {
		binary[i] = 1;
	}
	prepare_all(conn, tape);
	begin = now();
	for (const struct tape_batch *batch = tape->first; batch != NULL; batch = batch->next) {
		play_batch(conn, batch, binary);
	}
	return now() - begin;
}

/* ---- both */

static void wait_until_idle(uv_loop_t *loop, const struct db_link *link)
{
	while (db_link_state(link) != DB_IDLE) {
		uv_run(loop, UV_RUN_ONCE);
	}
}

struct head {
	uint64_t at;
	bool is_known;
};

static void on_head(void *ctx, struct db_rows *rows)
{
	((struct head *)ctx)->at = (uint64_t)db_rows_int(rows, 0, 1);
}

static void on_head_done(void *ctx, enum prac_status status)
{
	if (status != PRAC_OK) {
		die("head", prac_status_text(status));
	}
	((struct head *)ctx)->is_known = true;
}

static uint64_t head_of(uv_loop_t *loop, struct db_link *link)
{
	struct prac_arena arena = { 0 };
	struct db_batch *batch = db_batch_new(&arena);
	struct head head = { 0 };

	db_batch_add(batch, &q_sync_head, NULL, on_head, &head);
	db_link_run(link, batch, on_head_done, &head);
	while (!head.is_known) {
		uv_run(loop, UV_RUN_ONCE);
	}
	prac_arena_deinit(&arena);
	return head.at;
}

static void measure(const char *tape_conninfo, const char *plain_conninfo, const struct load *load)
{
	uv_loop_t loop;
	struct db_pool *pool;
	struct db_link *plain;
	struct store_pg *pg;
	struct tape tape;
	double seconds;

	uv_loop_init(&loop);
	pool = db_pool_new(&(struct db_pool_config){ .loop = &loop,
		.env = &prac_env_system,
		.conninfo = tape_conninfo,
		.n_readers = 1,
		.seal = &test_seal });
	/* Connected as the server's writer is, with its settings, and then used without the loop. */
	plain = db_link_new(&(struct db_config){ .loop = &loop,
		.env = &prac_env_system,
		.conninfo = plain_conninfo,
		.purpose = DB_WRITER });
	pg = store_pg_new(pool);
	wait_until_idle(&loop, plain);
	wait_until_idle(&loop, db_pool_writer(pool));
	tape_init(&tape, store_pg_store(pg), head_of(&loop, plain));
	record(&loop, &tape, load);
	if (PQsetnonblocking(plain->conn, 0) != 0) {
		die("plain", PQerrorMessage(plain->conn));
	}
	seconds = play(plain->conn, &tape);
	printf("{\"rows\":%zu,\"batches\":%zu,\"seconds\":%.6f,\"per_second\":%.1f}\n",
		tape.n_mutations, tape.n_batches, seconds, (double)tape.n_mutations / seconds);
	tape_deinit(&tape);
	store_pg_free(pg);
	db_link_close(plain, NULL, NULL);
	db_pool_close(pool, NULL, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
}

int main(int argc, char **argv)
{
	struct load load = { .run = (uint32_t)prac_env_random64(&prac_env_system) };

	if (argc == 6) {
		load.rows = strtoul(argv[3], NULL, 10);
		load.n_stations = strtoul(argv[4], NULL, 10);
		load.batch = strtoul(argv[5], NULL, 10);
	}
	if (load.n_stations == 0 || load.n_stations > STATIONS_MAX || load.batch == 0 ||
		load.batch > SEQUENCER_BATCH_MAX || load.rows < load.n_stations) {
		(void)fprintf(stderr, "usage: bench-limit TAPE PLAIN ROWS STATIONS BATCH\n");
		return 64;
	}
	measure(argv[1], argv[2], &load);
	return 0;
}
