#include "client/replica/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/replica/outbox.h"
#include "client/replica/sealed.h"
#include "client/replica/tables.h"
#include "common/base/log.h"
#include "sql/replica.h"

enum {
	BUSY_MS = 10 * 1000
};

void file_fail(struct replica *replica, enum prac_status status, const char *text)
{
	if (replica->failure == PRAC_OK) {
		replica->failure = status;
		(void)snprintf(replica->error, sizeof(replica->error), "%s", text);
	}
}

static bool is_disk_full(const struct replica *replica, int rc)
{
	int cause = sqlite3_system_errno(replica->db);

	/* A quota and a limit on file sizes are full disks of their own. */
	return (rc & 0xff) == SQLITE_FULL ||
	       ((rc & 0xff) == SQLITE_IOERR &&
		       (cause == ENOSPC || cause == EDQUOT || cause == EFBIG));
}

/* Keeps SQLite's last failure as a status with what to do about it. */
static void fail_sqlite(struct replica *replica, int rc)
{
	enum prac_status status = PRAC_INTERNAL;
	const char *advice = "this is an error of the program; what was saved before is kept";
	char text[256];

	if (is_disk_full(replica, rc)) {
		status = PRAC_RESOURCE_EXHAUSTED;
		advice = "the disk is full; free some space and save again";
	} else if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) {
		status = PRAC_DATA_LOSS;
		advice = "the replica file is damaged; keep it, and enroll anew in another folder";
	} else if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED) {
		status = PRAC_UNAVAILABLE;
		advice = "another program holds the replica; try again";
	} else if ((rc & 0xff) == SQLITE_IOERR) {
		status = PRAC_UNAVAILABLE;
		advice = "the disk does not answer as it should; look at the system's log";
	} else if ((rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_READONLY ||
		   (rc & 0xff) == SQLITE_PERM) {
		status = PRAC_PERMISSION_DENIED;
		advice = "the replica file cannot be written; look at the rights of its folder";
	}
	/* A full disk is the person's to settle and said in one sentence. */
	if (replica->failure == PRAC_OK && status != PRAC_RESOURCE_EXHAUSTED) {
		prac_log(PRAC_LOG_ERROR, "replica.failed", "code=%d text=\"%s\"", rc,
			sqlite3_errmsg(replica->db));
	}
	(void)snprintf(text, sizeof(text), "%s (SQLite %d)", advice, rc);
	file_fail(replica, status, text);
}

sqlite3_stmt *file_prepare(struct replica *replica, const char *text, unsigned flags)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v3(replica->db, text, -1, flags, &stmt, NULL);

	if (rc != SQLITE_OK) {
		fail_sqlite(replica, sqlite3_extended_errcode(replica->db));
	}
	return stmt;
}

sqlite3_stmt *file_use(struct replica *replica, const struct db_stmt *source)
{
	struct file_stmt *slot = replica->stmts;
	const struct file_stmt *last = replica->stmts + replica->n_stmts;

	while (slot < last && slot->source != source) {
		slot++;
	}
	if (slot == last) {
		slot->stmt = file_prepare(replica, source->text, SQLITE_PREPARE_PERSISTENT);
		slot->source = source;
		replica->n_stmts += slot->stmt != NULL ? 1 : 0;
	} else {
		(void)sqlite3_reset(slot->stmt); /* its failure was told by the step */
	}
	return slot->stmt;
}

bool file_row(struct replica *replica, sqlite3_stmt *stmt)
{
	int rc = replica->failure == PRAC_OK ? sqlite3_step(stmt) : SQLITE_DONE;

	if (rc == SQLITE_ROW) {
		return true;
	}
	if (rc != SQLITE_DONE) {
		fail_sqlite(replica, sqlite3_extended_errcode(replica->db));
	}
	(void)sqlite3_reset(stmt); /* the same result as the step */
	return false;
}

void file_run(struct replica *replica, sqlite3_stmt *stmt)
{
	bool goes_on;

	do {
		goes_on = file_row(replica, stmt);
	} while (goes_on);
	if (stmt != NULL) {
		(void)sqlite3_clear_bindings(stmt); /* always SQLITE_OK */
	}
}

int64_t file_number(struct replica *replica, sqlite3_stmt *stmt)
{
	int64_t number = 0;

	if (file_row(replica, stmt)) {
		number = sqlite3_column_int64(stmt, 0);
		(void)sqlite3_reset(stmt);
	}
	return number;
}

void file_exec(struct replica *replica, const char *text)
{
	int rc = SQLITE_OK;

	if (replica->failure == PRAC_OK) {
		rc = sqlite3_exec(replica->db, text, NULL, NULL, NULL);
	}
	if (rc != SQLITE_OK) {
		fail_sqlite(replica, sqlite3_extended_errcode(replica->db));
	}
}

void bind_id(sqlite3_stmt *stmt, int i, const struct prac_id *id)
{
	(void)sqlite3_bind_blob(stmt, i, id->b, PRAC_ID_LEN, SQLITE_TRANSIENT); /* step tells */
}

void bind_u64(sqlite3_stmt *stmt, int i, uint64_t number)
{
	(void)sqlite3_bind_int64(stmt, i, (sqlite3_int64)number); /* step tells */
}

void bind_bytes(sqlite3_stmt *stmt, int i, struct prac_bytes bytes)
{
	const void *data = bytes.data != NULL ? (const void *)bytes.data : "";

	(void)sqlite3_bind_blob64(stmt, i, data, bytes.len, SQLITE_STATIC); /* step tells */
}

uint64_t column_u64(sqlite3_stmt *stmt, int i)
{
	return (uint64_t)sqlite3_column_int64(stmt, i);
}

struct prac_bytes column_bytes(sqlite3_stmt *stmt, int i)
{
	const uint8_t *data = sqlite3_column_blob(stmt, i);

	return (struct prac_bytes){ data, (size_t)sqlite3_column_bytes(stmt, i) };
}

struct prac_id column_id(sqlite3_stmt *stmt, int i)
{
	struct prac_id id;

	if (prac_id_from_bytes(column_bytes(stmt, i), &id) != PRAC_OK) {
		memset(&id, 0, sizeof(id));
	}
	return id;
}

static void meta_load(struct replica *replica)
{
	struct meta *meta = &replica->meta;
	sqlite3_stmt *stmt = file_use(replica, &q_replica_meta_get);
	struct prac_bytes key_id;
	const char *catalog;

	if (!file_row(replica, stmt)) {
		file_fail(replica, PRAC_DATA_LOSS, "the replica file has lost its state");
		return;
	}
	meta->incarnation = column_u64(stmt, 0);
	meta->next_counter = column_u64(stmt, 1);
	meta->cursor.epoch = column_u64(stmt, 2);
	meta->cursor.seq = column_u64(stmt, 3);
	meta->cursor.scope_set = (uint32_t)sqlite3_column_int64(stmt, 4);
	meta->head = column_u64(stmt, 5);
	meta->mark = column_u64(stmt, 6);
	meta->schema = (uint32_t)sqlite3_column_int64(stmt, 7);
	catalog = (const char *)sqlite3_column_text(stmt, 8);
	meta->is_district = sqlite3_column_int(stmt, 9) != 0;
	meta->asks_people = sqlite3_column_int(stmt, 10) != 0;
	(void)snprintf(meta->catalog, sizeof(meta->catalog), "%s", catalog != NULL ? catalog : "");
	key_id = column_bytes(stmt, 11);
	meta->has_key_id = key_id.len == sizeof(meta->key_id.b);
	if (meta->has_key_id) {
		memcpy(meta->key_id.b, key_id.data, key_id.len);
	}
	meta->is_unclean = sqlite3_column_int(stmt, 12) != 0;
	(void)sqlite3_reset(stmt);
}

void meta_save_position(struct replica *replica)
{
	const struct meta *meta = &replica->meta;
	sqlite3_stmt *stmt = file_use(replica, &q_replica_meta_position);

	bind_u64(stmt, 1, meta->cursor.epoch);
	bind_u64(stmt, 2, meta->cursor.seq);
	bind_u64(stmt, 3, meta->cursor.scope_set);
	bind_u64(stmt, 4, meta->head);
	file_run(replica, stmt);
}

/* Where memory is short the words themselves may not fit: then before the next transaction. */
static void end_open(struct replica *replica)
{
	if (sqlite3_get_autocommit(replica->db) == 0) {
		(void)sqlite3_exec(replica->db, q_replica_rollback.text, NULL, NULL,
			NULL); /* what it says is known already */
	}
}

static void begin(struct replica *replica, const struct db_stmt *how)
{
	if (replica->depth++ > 0) {
		return;
	}
	replica->failure = PRAC_OK;
	prac_arena_reset(&replica->tx_arena);
	prac_arena_reset(&replica->row_arena);
	replica->acting = NULL;
	replica->is_judging = false;
	replica->is_gathering = false;
	end_open(replica);
	file_run(replica, file_use(replica, how));
	meta_load(replica);
	outbox_load(replica);
}

void file_begin(struct replica *replica)
{
	begin(replica, &q_replica_begin_write);
}

void file_begin_read(struct replica *replica)
{
	begin(replica, &q_replica_begin_read);
}

enum prac_status file_end(struct replica *replica)
{
	if (--replica->depth > 0) {
		return replica->failure;
	}
	sealed_forget(replica);
	for (size_t i = 0; i < replica->n_stmts; i++) {
		(void)sqlite3_reset(replica->stmts[i].stmt); /* open reads would hold the commit */
	}
	if (replica->failure == PRAC_OK) {
		file_run(replica, file_use(replica, &q_replica_commit));
	}
	if (replica->failure != PRAC_OK) {
		end_open(replica);
		tables_forget_unknown(replica);
	}
	return replica->failure;
}

static void start_new(struct replica *replica)
{
	sqlite3_stmt *stmt;

	file_exec(replica, q_replica_schema.text);
	stmt = file_use(replica, &q_replica_meta_new);
	bind_u64(stmt, 1, prac_env_random64(replica->env));
	bind_u64(stmt, 2, PRAC_SCHEMA);
	file_run(replica, stmt);
}

static void set_unclean(struct replica *replica, bool is_unclean)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_meta_unclean);

	bind_u64(stmt, 1, is_unclean ? 1 : 0);
	file_run(replica, stmt);
	replica->meta.is_unclean = is_unclean;
}

/*
 * What was in the clear before this program sealed it leaves the free pages and the log. Where there is no
 * room for that now, the next start does it.
 */
static void clean(struct replica *replica)
{
	file_exec(replica, q_replica_shrink.text);
	if (replica->failure != PRAC_OK) {
		prac_log(PRAC_LOG_WARNING, "replica.unclean", "text=\"%s\"", replica->error);
		replica->failure = PRAC_OK;
		return;
	}
	set_unclean(replica, false);
}

/* Also two processes that meet a new file at once end with one schema. */
static void migrate(struct replica *replica)
{
	int64_t format;

	replica->depth = 1;
	file_run(replica, file_use(replica, &q_replica_begin_write));
	format = file_number(replica, file_use(replica, &q_replica_format_get));
	if (format > FILE_FORMAT) {
		file_fail(replica, PRAC_FAILED_PRECONDITION,
			"the replica was written by a newer program; update this one");
	} else if (format == 0) {
		start_new(replica);
	}
	if (replica->failure == PRAC_OK && format < 2) {
		file_exec(replica, q_replica_schema_2.text);
	}
	if (replica->failure == PRAC_OK && format < 3) {
		file_exec(replica, q_replica_schema_3.text);
	}
	if (replica->failure == PRAC_OK && format < 4) {
		file_exec(replica, q_replica_schema_4.text);
	}
	if (replica->failure == PRAC_OK && format < 5) {
		file_exec(replica, q_replica_schema_5.text);
	}
	if (replica->failure == PRAC_OK && format < 6) {
		file_exec(replica, q_replica_schema_6.text);
		file_exec(replica, q_replica_format_set.text);
	}
	if (replica->failure == PRAC_OK) {
		meta_load(replica);
	}
	if (replica->failure == PRAC_OK && format > 0 && format < 5) {
		sealed_migrate(replica);
		set_unclean(replica, true);
	}
	if (replica->meta.schema > PRAC_SCHEMA) {
		file_fail(replica, PRAC_FAILED_PRECONDITION,
			"the replica was written by a newer program; update this one");
	}
	if (replica->failure == PRAC_OK) {
		outbox_load(replica);
		tables_open(replica);
	}
}

/* Before SQLite does it with the process's mask: nobody else reads a school's records. */
static void create_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0) {
		(void)close(fd); /* nothing was written */
	}
}

enum prac_status replica_open(const struct replica_place *place, struct replica **replica_out)
{
	struct replica *replica = calloc(1, sizeof(*replica));
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int rc;

	*replica_out = replica;
	if (replica == NULL) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	replica->env = place->env;
	replica->keys = place->keys;
	if (place->vfs == NULL) {
		create_private(place->path);
	}
	/* Nobody asks how much memory it has, and counting locks; once it runs this does nothing. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	rc = sqlite3_open_v2(place->path, &replica->db, flags, place->vfs);
	if (rc != SQLITE_OK) {
		fail_sqlite(replica, rc);
		return replica->failure;
	}
	(void)sqlite3_extended_result_codes(replica->db, 1);
	(void)sqlite3_busy_timeout(replica->db, BUSY_MS);
	file_exec(replica, q_replica_pragmas.text);
	if (replica->failure != PRAC_OK) {
		return replica->failure;
	}
	migrate(replica);
	if (file_end(replica) == PRAC_OK && replica->meta.is_unclean) {
		clean(replica);
	}
	return replica->failure;
}

void replica_close(struct replica *replica)
{
	if (replica == NULL) {
		return;
	}
	tables_close(replica);
	for (size_t i = 0; i < replica->n_stmts; i++) {
		(void)sqlite3_finalize(replica->stmts[i].stmt); /* told by the step */
	}
	(void)sqlite3_close(replica->db); /* every statement is finalized */
	prac_arena_deinit(&replica->tx_arena);
	prac_arena_deinit(&replica->row_arena);
	sealed_forget(replica);
	free(replica);
}

const char *replica_error(const struct replica *replica)
{
	return replica != NULL ? replica->error : "not enough memory";
}

enum prac_status replica_begin(struct replica *replica)
{
	file_begin(replica);
	replica->is_open_ended = true;
	if (replica->failure != PRAC_OK) {
		replica->is_open_ended = false;
		return file_end(replica);
	}
	return PRAC_OK;
}

enum prac_status replica_commit(struct replica *replica)
{
	replica->is_open_ended = false;
	return file_end(replica);
}

void replica_rollback(struct replica *replica)
{
	if (!replica->is_open_ended) {
		return;
	}
	replica->is_open_ended = false;
	file_fail(replica, PRAC_CANCELLED, "undone as asked");
	if (file_end(replica) != PRAC_CANCELLED) {
		prac_log(PRAC_LOG_WARNING, "replica.rollback", "after=\"%s\"", replica->error);
	}
}
