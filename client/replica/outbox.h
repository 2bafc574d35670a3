/* People's input on its way to the server. Inside client/replica only. */
#pragma once

#include "client/replica/file.h"

enum {
	OUTBOX_MAX = 200 * 1000,
	OUTBOX_KEPT_DAYS = 35 /* longer than the server's backups reach back (SYNC 4.0) */
};

/* What is laid over the base of one record, in the order it was made. */
struct outbox_pending {
	struct prac_mutation *mutations;
	size_t n, cap;
};

/* Loads what a transaction needs to know beforehand. */
void outbox_load(struct replica *replica);

bool outbox_is_pending(struct replica *replica, uint32_t type, const struct prac_id *id);
void outbox_pending(struct replica *replica, uint32_t type, const struct prac_id *id,
	struct prac_arena *arena, struct outbox_pending *pending_out);

/* The owning scope named by the latest input for a record. */
void outbox_scope(struct replica *replica, uint32_t type, const struct prac_id *id,
	struct prac_id *scope_out);

/* Gives it the next counter, stores it and refreshes the view. scope is the record's owner. */
void outbox_add(struct replica *replica, struct prac_mutation *mutation,
	const struct prac_id *scope, struct prac_arena *arena);

/* Records that a statement found, of columns type and record. */
struct outbox_touched {
	uint32_t type;
	struct prac_id id;
	struct outbox_touched *next;
};

/* Gathered before they are refreshed, which runs statements of its own. In the transaction's arena. */
struct outbox_touched *outbox_gather(struct replica *replica, sqlite3_stmt *stmt);
void outbox_refresh(struct replica *replica, const struct outbox_touched *all);

/*
 * Base has everything up to seq of the scopes held: judged input up to there is no longer laid over it.
 * At the district input for a record that base does not know, of a scope that is not loaded, waits
 * until it is.
 */
void outbox_settle(struct replica *replica, uint64_t seq);

/* Base has the record as of seq. */
void outbox_settle_record(
	struct replica *replica, uint32_t type, const struct prac_id *id, uint64_t seq);

/* The device's rights were read anew, after every verdict: what waits for a scope it does not get
 * waits no longer. */
void outbox_abandon(struct replica *replica);

/* What the server lost becomes unsent and pending again. */
void outbox_resend(struct replica *replica, const struct replica_greeting *greeting);

/* Forgets what was entered in a scope that is erased; all of it is judged. */
void outbox_purge(struct replica *replica, const struct prac_id *scope);

/*
 * Now by the server's clock: what is kept for a restored server must outlive a station's clock that is
 * set right. 0: no greeting of this process said it.
 */
int64_t outbox_now_ms(const struct replica *replica);

/* Forgets what was judged more than OUTBOX_KEPT_DAYS ago; nothing while the server's clock is not known. */
void outbox_expire(struct replica *replica);
