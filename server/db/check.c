#include "server/db/check.h"

#include <glib.h>
#include <string.h>

#include "sql/queries.h"

enum {
	CLOCKS_APART_MS = 5 * 60 * 1000
};

struct look {
	struct db_check check;
	struct db_checked checked;
	bool is_whole; /* everything is sealed under the newest key */
	bool must_claim;
	int64_t system_id, timeline; /* of the cluster we are connected to */
};

struct run {
	struct prac_arena arena;
	struct db_link *link;
	struct look *look;
	db_check_fn done;
	void *ctx;
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

static void refuse(struct look *look, const char *fmt, ...) PRAC_PRINTF(2, 3);

/* The first problem found is the one that is told. */
static void refuse(struct look *look, const char *fmt, ...)
{
	va_list args;

	if (look->checked.problem[0] != '\0')
		return;
	va_start(args, fmt);
	(void)g_vsnprintf(look->checked.problem, sizeof(look->checked.problem), fmt, args);
	va_end(args);
}

static bool equals(struct prac_bytes bytes, const char *text)
{
	return prac_bytes_equal(bytes, prac_bytes_text(text));
}

static void on_settings(void *ctx, struct db_rows *rows)
{
	struct look *look = ctx;

	for (size_t row = 0; row < db_rows_count(rows) && !look->check.allow_unsafe; row++) {
		for (size_t i = 0; i < PRAC_NELEM(unsafe); i++) {
			if (equals(db_rows_bytes(rows, row, 0), unsafe[i].name) &&
				equals(db_rows_bytes(rows, row, 1), unsafe[i].setting))
				refuse(look, "%s", unsafe[i].problem);
		}
	}
}

static void on_clock(void *ctx, struct db_rows *rows)
{
	struct look *look = ctx;
	int64_t ahead_ms =
		look->check.env->wall_ms(look->check.env->ctx) - db_rows_instant(rows, 0, 0);

	if (ahead_ms > CLOCKS_APART_MS || ahead_ms < -CLOCKS_APART_MS) {
		refuse(look,
			"this machine's clock and PostgreSQL's are %" G_GINT64_FORMAT
			" s apart: set both by NTP (timedatectl set-ntp true)",
			(ahead_ms < 0 ? -ahead_ms : ahead_ms) / 1000);
	}
}

/* A superuser is nobody's to use in operation; in tests' throw-away clusters everybody is one. */
static void on_roles(void *ctx, struct db_rows *rows)
{
	struct look *look = ctx;

	for (size_t row = look->check.allow_unsafe ? 1 : 0; row < db_rows_count(rows); row++) {
		struct prac_bytes name = db_rows_bytes(rows, row, 0);

		if (db_rows_bool(rows, row, 1) || db_rows_bool(rows, row, 2) ||
			db_rows_bool(rows, row, 3)) {
			refuse(look,
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
	struct look *look = ctx;
	int64_t schema = db_rows_int(rows, 0, 0);

	if (schema < look->check.schema) {
		refuse(look,
			"the database is at migration %" G_GINT64_FORMAT
			", this program needs %u: run practicumd migrate",
			schema, look->check.schema);
	}
	if (schema > look->check.schema) {
		refuse(look,
			"the database is at migration %" G_GINT64_FORMAT
			", this program knows only %u: install the newer practicumd",
			schema, look->check.schema);
	}
}

static void on_seal_lock(void *ctx, struct db_rows *rows)
{
	struct look *look = ctx;

	if (!db_rows_bool(rows, 0, 0)) {
		look->checked.is_passing = look->checked.problem[0] == '\0';
		refuse(look,
			"practicumd seal is at work on this database: start again when it is done");
	}
}

static void on_keys(void *ctx, struct db_rows *rows)
{
	struct look *look = ctx;
	const struct db_seal *seal = look->check.seal;

	for (size_t row = 0; row < db_rows_count(rows); row++) {
		size_t number = (size_t)db_rows_int(rows, row, 0);

		if (!db_seal_is_key(seal, number, db_rows_bytes(rows, row, 1))) {
			refuse(look,
				"records.key is not the file that this database was sealed with (key %zu "
				"of it): put back the copy that belongs to it",
				number);
		}
		look->is_whole = number == seal->n_keys && db_rows_bool(rows, row, 2);
	}
}

/* Where nothing was written yet, nothing has to be sealed. */
static void check_whole(struct look *look)
{
	if (look->check.seal != NULL && !look->is_whole && look->checked.head > 0) {
		refuse(look,
			"fields that are to be sealed stand here in the clear or under an older key: "
			"run practicumd seal (docs/OPERATIONS, The key of the records)");
	}
}

static void on_head(void *ctx, struct db_rows *rows)
{
	struct look *look = ctx;

	if (db_rows_count(rows) != 1) {
		refuse(look, "sync_head has no row: run practicumd migrate on an empty database");
		return;
	}
	look->checked.epoch = (uint64_t)db_rows_int(rows, 0, 0);
	look->checked.head = (uint64_t)db_rows_int(rows, 0, 1);
	look->system_id = db_rows_int(rows, 0, 4);
	look->timeline = db_rows_int(rows, 0, 5);
	check_whole(look);
	look->must_claim = db_rows_is_null(rows, 0, 2);
	if (look->must_claim)
		return;
	if (db_rows_int(rows, 0, 2) != look->system_id ||
		db_rows_int(rows, 0, 3) != look->timeline) {
		refuse(look,
			"this database was restored or failed over: if nothing that was acknowledged is "
			"lost run practicumd epoch no-loss, else practicumd epoch new");
	}
}

static struct look *add(
	struct db_batch *batch, const struct db_check *check, struct prac_arena *arena)
{
	struct look *look = prac_arena_alloc(arena, sizeof(*look));

	*look = (struct look){ .check = *check };
	db_batch_add(batch, &q_check_settings, NULL, on_settings, look);
	db_batch_add(batch, &q_check_schema, NULL, on_schema, look);
	db_batch_add(batch, &q_check_clock, NULL, on_clock, look);
	db_batch_add(batch, &q_check_roles, NULL, on_roles, look);
	db_batch_add(batch, &q_check_open_tables, NULL, on_open_tables, look);
	if (check->seal != NULL) {
		db_batch_add(batch, &q_check_seal_serve, NULL, on_seal_lock, look);
		db_batch_add(batch, &q_check_keys, NULL, on_keys, look);
	}
	db_batch_add(batch, &q_check_head, NULL, on_head, look);
	return look;
}

struct db_checked *db_check_add(
	struct db_batch *batch, const struct db_check *check, struct prac_arena *arena)
{
	return &add(batch, check, arena)->checked;
}

enum prac_status db_check_end(
	struct db_checked *checked, enum prac_status status, const char *sqlstate)
{
	if (status == PRAC_INTERNAL && strcmp(sqlstate, "42P01") == 0) {
		(void)g_strlcpy(checked->problem,
			"the database has no schema: run practicumd migrate",
			sizeof(checked->problem));
		return PRAC_FAILED_PRECONDITION;
	}
	return status == PRAC_OK && checked->problem[0] != '\0' ? PRAC_FAILED_PRECONDITION : status;
}

static void finish(struct run *run, enum prac_status status)
{
	run->done(run->ctx, status, &run->look->checked);
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

	db_param_int(params, run->look->system_id);
	db_param_int(params, run->look->timeline);
	db_batch_add(batch, &q_check_claim, params, NULL, NULL);
	if (with_key) {
		db_seal_key_id(run->look->check.seal, run->look->check.seal->n_keys, id);
		params = db_params_new(&run->arena);
		db_param_int(params, (int64_t)run->look->check.seal->n_keys);
		db_param_bytes(params, (struct prac_bytes){ id, sizeof(id) });
		db_batch_add(batch, &q_check_claim_key, params, NULL, NULL);
	}
	db_link_run(run->link, batch, on_claimed, run);
}

static void on_checked(void *ctx, enum prac_status status)
{
	struct run *run = ctx;
	bool must_note_key;

	status = db_check_end(&run->look->checked, status, db_link_sqlstate(run->link));
	must_note_key = run->look->check.seal != NULL && !run->look->is_whole;
	if (status != PRAC_OK || !(run->look->must_claim || must_note_key)) {
		finish(run, status);
		return;
	}
	claim(run, must_note_key);
}

void db_check_start(struct db_link *link, const struct db_check *check, db_check_fn done, void *ctx)
{
	struct run *run = g_new0(struct run, 1);
	struct db_batch *batch = db_batch_new(&run->arena);

	run->link = link;
	run->look = add(batch, check, &run->arena);
	run->done = done;
	run->ctx = ctx;
	db_link_run(link, batch, on_checked, run);
}
