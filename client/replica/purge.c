/* The end of a replica whose device was revoked: everything but the device's own name is erased. */
#include <stdio.h>

#include "client/replica/scopes.h"
#include "common/base/failpoint.h"
#include "sql/replica.h"

enum {
	TABLES_MAX = 1000
};

static void empty_tables(struct replica *replica)
{
	const char **texts = prac_arena_alloc(&replica->tx_arena, TABLES_MAX * sizeof(*texts));
	sqlite3_stmt *stmt = file_use(replica, &q_replica_purge_tables);
	size_t n = 0;

	while (file_row(replica, stmt) && n < TABLES_MAX) {
		texts[n++] = prac_arena_text(&replica->tx_arena, column_bytes(stmt, 0));
	}
	for (size_t i = 0; i < n; i++) {
		file_exec(replica, texts[i]);
	}
}

static enum prac_status note(struct replica *replica)
{
	sqlite3_stmt *stmt;

	file_begin(replica);
	stmt = file_use(replica, &q_replica_purge_note);
	bind_u64(stmt, 1, (uint64_t)replica->env->wall_ms(replica->env->ctx));
	file_run(replica, stmt);
	return file_end(replica);
}

enum prac_status replica_purge(struct replica *replica)
{
	/* Noted first, so that it is taken up again wherever it is cut short. */
	if (note(replica) != PRAC_OK) {
		return replica->failure;
	}
	PRAC_FAILPOINT("purge_before_key");
	if (replica->keys != NULL) {
		replica->keys->erase(replica->keys->ctx);
	}
	PRAC_FAILPOINT("purge_after_key");
	file_begin(replica);
	empty_tables(replica);
	files_sweep(replica, true);
	replica->wants_shrink = true; /* each time: the last one may not have come so far */
	replica->meta.cursor = (struct prac_cursor){ .epoch = replica->meta.cursor.epoch };
	replica->meta.head = 0;
	meta_save_position(replica);
	PRAC_FAILPOINT("purge_before_commit");
	return scopes_end(replica);
}

enum prac_status replica_purge_read(struct replica *replica, struct replica_purge *purge_out)
{
	sqlite3_stmt *stmt;

	*purge_out = (struct replica_purge){ 0 };
	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_purge_get);
	if (file_row(replica, stmt)) {
		purge_out->revoked_ms = (int64_t)column_u64(stmt, 0);
		purge_out->lost = column_u64(stmt, 1);
		purge_out->is_receipt_kept = column_u64(stmt, 2) != 0;
		(void)sqlite3_reset(stmt); /* a row was there */
	}
	return file_end(replica);
}

enum prac_status replica_purged_next(struct replica *replica, struct prac_id *scope_out)
{
	sqlite3_stmt *stmt;
	bool found;

	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_purged_next);
	found = file_row(replica, stmt);
	if (found) {
		*scope_out = column_id(stmt, 0);
		(void)sqlite3_reset(stmt); /* a row was there */
	}
	if (file_end(replica) != PRAC_OK) {
		return replica->failure;
	}
	return found ? PRAC_OK : PRAC_NOT_FOUND;
}

enum prac_status replica_purged_told(struct replica *replica, const struct prac_id *scope)
{
	sqlite3_stmt *stmt;

	file_begin(replica);
	stmt = file_use(replica, &q_replica_purged_told);
	bind_id(stmt, 1, scope);
	file_run(replica, stmt);
	return file_end(replica);
}

enum prac_status replica_purge_kept(struct replica *replica)
{
	file_begin(replica);
	file_run(replica, file_use(replica, &q_replica_purge_kept));
	return file_end(replica);
}
