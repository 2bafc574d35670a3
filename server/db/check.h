/*
 * May this server serve from this database? Asked at the start and whenever the writer connects
 * again, since the machine behind the address may be another one by then (SYNC 4.4).
 */
#pragma once

#include "server/db/db.h"
#include "server/db/seal.h"

struct db_check {
	unsigned schema; /* number of the last migration this program has */
	/* Serve although a power cut would lose acknowledged work: for throw-away databases of tests. */
	bool allow_unsafe;
	const struct prac_env *env; /* whose clock is compared with PostgreSQL's */
	/*
	 * What the server seals with; NULL: that is not asked. Else the connection holds from now on what
	 * keeps practicumd seal from changing the keys beneath it.
	 */
	const struct db_seal *seal;
};

struct db_checked {
	uint64_t epoch, head;
	char problem[240]; /* what is wrong and what to do, a sentence; "" when nothing is */
	bool is_passing;   /* the problem ends without an operator */
};

/* Asks with a batch of the caller's; what is returned lives in the arena, and is whole when db_check_end() was called. */
struct db_checked *db_check_add(
	struct db_batch *batch, const struct db_check *check, struct prac_arena *arena);

/* What the batch ended with becomes what the check did: see db_check_fn. */
enum prac_status db_check_end(
	struct db_checked *checked, enum prac_status status, const char *sqlstate) PRAC_MUST_USE;

/*
 * PRAC_FAILED_PRECONDITION: problem says what an operator has to do; trying again helps only after
 * that. Other statuses are those of the batch.
 */
typedef void (*db_check_fn)(void *ctx, enum prac_status status, const struct db_checked *checked);

/* As above, and makes a database that nobody has used yet this cluster's. */
void db_check_start(
	struct db_link *link, const struct db_check *check, db_check_fn done, void *ctx);
