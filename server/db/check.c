#include "server/db/check.h"

#include <glib.h>
#include <string.h>

#include "sql/queries.h"

enum {
	CLOCKS_APART_MS = 5 * 60 * 1000
};

struct run {
	struct prac_arena arena;
	struct db_link *link;
	struct db_check check;
	struct db_checked checked;
	db_check_fn done;
	void *ctx;
	struct db_check_keys keys;
	bool must_claim;
	int64_t system_id, timeline; /* of the cluster we are connected to */
};

static const struct {
	const char *name, *setting; /* what must not be */
	const char *problem;
} unsafe[] = {
	{ "fsync", "off",
		"PostgreSQL runs with fsync = off and loses acknowledged work at a power cut: set "
		"fsync = on in postgresql.conf and restart PostgreSQL" },
	{ "full_page_writes", "off",
		"PostgreSQL runs with full_page_writes = off and can be left with torn pages: set "
		"full_page_writes = on in postgresql.conf and reload PostgreSQL" },
	{ "synchronous_commit", "off",
		"PostgreSQL runs with synchronous_commit = off and acknowledges before it is safe: set "
		"synchronous_commit = on in postgresql.conf and reload PostgreSQL" },
	{ "data_checksums", "off",
		"PostgreSQL was set up without data checksums: stop it and run pg_checksums --enable" },
};

static void refuse(struct run *run, const char *fmt, ...) PRAC_PRINTF(2, 3);

/* The first problem found is the one that is told. */
static void refuse(struct run *run, const char *fmt, ...)
{
	va_list args;

	if (run->checked.problem[0] != '\0')
		return;
	va_start(args, fmt);
	(void)g_vsnprintf(run->checked.problem, sizeof(run->checked.problem), fmt, args);
	va_end(args);
}

static bool equals(struct prac_bytes bytes, const char *text)
{
	return prac_bytes_equal(bytes, prac_bytes_text(text));
}

static void on_settings(void *ctx, struct db_rows *rows)
{
	struct run *run = ctx;

	for (size_t row = 0; row < db_rows_count(rows) && !run->check.allow_unsafe; row++) {
		for (size_t i = 0; i < PRAC_NELEM(unsafe); i++) {
			if (equals(db_rows_bytes(rows, row, 0), unsafe[i].name) &&
				equals(db_rows_bytes(rows, row, 1), unsafe[i].setting))
				refuse(run, "%s", unsafe[i].problem);
		}
	}
}

static void on_clock(void *ctx, struct db_rows *rows)
{
	struct run *run = ctx;
	int64_t ahead_ms =
		run->check.env->wall_ms(run->check.env->ctx) - db_rows_instant(rows, 0, 0);

	if (ahead_ms > CLOCKS_APART_MS || ahead_ms < -CLOCKS_APART_MS) {
		refuse(run,
			"this machine's clock and PostgreSQL's are %" G_GINT64_FORMAT
			" s apart: set both by NTP (timedatectl set-ntp true)",
			(ahead_ms < 0 ? -ahead_ms : ahead_ms) / 1000);
	}
}

/* A superuser is nobody's to use in operation; in tests' throw-away clusters everybody is one. */
static void on_roles(void *ctx, struct db_rows *rows)
{
	struct run *run = ctx;

	for (size_t row = run->check.allow_unsafe ? 1 : 0; row < db_rows_count(rows); row++) {
		struct prac_bytes name = db_rows_bytes(rows, row, 0);

		if (db_rows_bool(rows, row, 1) || db_rows_bool(rows, row, 2) ||
			db_rows_bool(rows, row, 3)) {
			refuse(run,
				"the database role %.*s may do too much (superuser, BYPASSRLS, "
				"CREATEROLE, CREATEDB or owner of tables): let an administrator run what "
				"practicumd setup --print-sql prints",
				(int)name.len, (const char *)name.data);
		}
	}
}

static void on_open_tables(void *ctx, struct db_rows *rows)
{
	struct prac_bytes name;

	if (db_rows_count(rows) > 0) {
		name = db_rows_bytes(rows, 0, 0);
		refuse(ctx,
			"the table %.*s is open to roles that must not see or change all of it: call "
			"secure_record_table() for it in a migration",
			(int)name.len, (const char *)name.data);
	}
}

static void on_schema(void *ctx, struct db_rows *rows)
{
	struct run *run = ctx;
	int64_t schema = db_rows_int(rows, 0, 0);

	if (schema < run->check.schema) {
		refuse(run,
			"the database is at migration %" G_GINT64_FORMAT
			", this program needs %u: run practicumd migrate",
			schema, run->check.schema);
	}
	if (schema > run->check.schema) {
		refuse(run,
			"the database is at migration %" G_GINT64_FORMAT
			", this program knows only %u: install the newer practicumd",
			schema, run->check.schema);
	}
}

static void on_seal_lock(void *ctx, struct db_rows *rows)
{
	if (!db_rows_bool(rows, 0, 0)) {
		refuse(ctx,
			"practicumd seal is at work on this database: start again when it is done");
	}
}

void db_check_keys(const struct db_seal *seal, struct db_rows *rows, struct db_check_keys *keys_out)
{
	*keys_out = (struct db_check_keys){ 0 };
	for (size_t row = 0; row < db_rows_count(rows) && keys_out->problem[0] == '\0'; row++) {
		size_t number = (size_t)db_rows_int(rows, row, 0);
		struct prac_bytes id = db_rows_bytes(rows, row, 1);

		if (!db_seal_is_key(seal, number, id)) {
			(void)g_snprintf(keys_out->problem, sizeof(keys_out->problem),
				"records.key is not the file that this database was sealed with (key %zu "
				"of it): put back the copy that belongs to it",
				number);
		}
		keys_out->is_whole = number == seal->n_keys && db_rows_bool(rows, row, 2);
	}
}

static void on_keys(void *ctx, struct db_rows *rows)
{
	struct run *run = ctx;

	db_check_keys(run->check.seal, rows, &run->keys);
	if (run->keys.problem[0] != '\0')
		refuse(run, "%s", run->keys.problem);
}

/* Where nothing was written yet, nothing has to be sealed. */
static void check_whole(struct run *run)
{
	if (run->check.seal != NULL && !run->keys.is_whole && run->checked.head > 0) {
		refuse(run,
			"fields that are to be sealed stand here in the clear or under an older key: "
			"run practicumd seal (docs/OPERATIONS, The key of the records)");
	}
}

static void on_head(void *ctx, struct db_rows *rows)
{
	struct run *run = ctx;

	if (db_rows_count(rows) != 1) {
		refuse(run, "sync_head has no row: run practicumd migrate on an empty database");
		return;
	}
	run->checked.epoch = (uint64_t)db_rows_int(rows, 0, 0);
	run->checked.head = (uint64_t)db_rows_int(rows, 0, 1);
	run->system_id = db_rows_int(rows, 0, 4);
	run->timeline = db_rows_int(rows, 0, 5);
	check_whole(run);
	run->must_claim = db_rows_is_null(rows, 0, 2);
	if (run->must_claim)
		return;
	if (db_rows_int(rows, 0, 2) != run->system_id || db_rows_int(rows, 0, 3) != run->timeline) {
		refuse(run,
			"this database was restored or failed over: if nothing that was acknowledged is "
			"lost run practicumd epoch no-loss, else practicumd epoch new");
	}
}

static void finish(struct run *run, enum prac_status status)
{
	if (status == PRAC_OK && run->checked.problem[0] != '\0')
		status = PRAC_FAILED_PRECONDITION;
	run->done(run->ctx, status, &run->checked);
	prac_arena_deinit(&run->arena);
	g_free(run);
}

static void on_claimed(void *ctx, enum prac_status status)
{
	finish(ctx, status);
}

/* A database that nobody has used yet is this cluster's, and sealed under the newest key. */
static void claim(struct run *run, bool with_key)
{
	struct db_batch *batch = db_batch_new(&run->arena);
	struct db_params *params = db_params_new(&run->arena);
	uint8_t id[DB_SEAL_KEY_ID];

	db_param_int(params, run->system_id);
	db_param_int(params, run->timeline);
	db_batch_add(batch, &q_check_claim, params, NULL, NULL);
	if (with_key) {
		db_seal_key_id(run->check.seal, run->check.seal->n_keys, id);
		params = db_params_new(&run->arena);
		db_param_int(params, (int64_t)run->check.seal->n_keys);
		db_param_bytes(params, (struct prac_bytes){ id, sizeof(id) });
		db_batch_add(batch, &q_check_claim_key, params, NULL, NULL);
	}
	db_link_run(run->link, batch, on_claimed, run);
}

static void on_checked(void *ctx, enum prac_status status)
{
	struct run *run = ctx;
	bool must_note_key;

	if (status == PRAC_INTERNAL && strcmp(db_link_sqlstate(run->link), "42P01") == 0) {
		refuse(run, "the database has no schema: run practicumd migrate");
		status = PRAC_OK;
	}
	must_note_key = run->check.seal != NULL && !run->keys.is_whole;
	if (status != PRAC_OK || run->checked.problem[0] != '\0' ||
		!(run->must_claim || must_note_key)) {
		finish(run, status);
		return;
	}
	claim(run, must_note_key);
}

void db_check_start(struct db_link *link, const struct db_check *check, db_check_fn done, void *ctx)
{
	struct run *run = g_new0(struct run, 1);
	struct db_batch *batch;

	run->link = link;
	run->check = *check;
	run->done = done;
	run->ctx = ctx;
	batch = db_batch_new(&run->arena);
	db_batch_add(batch, &q_check_settings, NULL, on_settings, run);
	db_batch_add(batch, &q_check_schema, NULL, on_schema, run);
	db_batch_add(batch, &q_check_clock, NULL, on_clock, run);
	db_batch_add(batch, &q_check_roles, NULL, on_roles, run);
	db_batch_add(batch, &q_check_open_tables, NULL, on_open_tables, run);
	if (check->seal != NULL) {
		db_batch_add(batch, &q_check_seal_serve, NULL, on_seal_lock, run);
		db_batch_add(batch, &q_check_keys, NULL, on_keys, run);
	}
	db_batch_add(batch, &q_check_head, NULL, on_head, run);
	db_link_run(link, batch, on_checked, run);
}
