/* How long a replica may be shown without contact to the server that could take it away. */
#include "client/replica/file.h"
#include "sql/replica.h"

enum {
	DAY_MS = 24 * 60 * 60 * 1000,
	NOTE_MS = 60 * 60 * 1000 /* the clock is written down once an hour */
};

enum prac_status replica_contact(struct replica *replica, uint32_t lease_days)
{
	sqlite3_stmt *stmt;

	file_begin(replica);
	stmt = file_use(replica, &q_replica_lease_contact);
	bind_u64(stmt, 1, (uint64_t)replica->env->wall_ms(replica->env->ctx));
	bind_u64(stmt, 2, lease_days);
	file_run(replica, stmt);
	return file_end(replica);
}

static enum prac_status note_clock(struct replica *replica, int64_t now_ms)
{
	sqlite3_stmt *stmt;

	file_begin(replica);
	stmt = file_use(replica, &q_replica_lease_seen);
	bind_u64(stmt, 1, (uint64_t)now_ms);
	file_run(replica, stmt);
	return file_end(replica);
}

/* A clock that is set back wins no time: the latest one that was ever seen counts. */
enum prac_status replica_lease_read(struct replica *replica, struct replica_lease *lease_out)
{
	int64_t now_ms = replica->env->wall_ms(replica->env->ctx);
	int64_t contact_ms = 0, seen_ms = 0;
	enum prac_status status;
	sqlite3_stmt *stmt;

	*lease_out = (struct replica_lease){ 0 };
	file_begin_read(replica);
	stmt = file_use(replica, &q_replica_lease_get);
	if (file_row(replica, stmt)) {
		contact_ms = (int64_t)column_u64(stmt, 0);
		seen_ms = (int64_t)column_u64(stmt, 1);
		lease_out->days = (uint32_t)column_u64(stmt, 2);
		(void)sqlite3_reset(stmt); /* a row was there */
	}
	status = file_end(replica);
	if (status == PRAC_OK && contact_ms != 0 && now_ms > seen_ms + NOTE_MS) {
		status = note_clock(replica, now_ms);
	}
	now_ms = now_ms > seen_ms ? now_ms : seen_ms;
	if (contact_ms != 0 && now_ms > contact_ms) {
		lease_out->days_away = (uint32_t)((now_ms - contact_ms) / DAY_MS);
	}
	lease_out->is_over = lease_out->days != 0 && lease_out->days_away >= lease_out->days;
	return status;
}
