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

struct db_rows;

/* What is wrong with the keys, "" for nothing; is everything sealed under the newest one? */
struct db_check_keys {
	char problem[240];
	bool is_whole;
};

/* rows: of check_keys. Finds all of it, but not whether there is anything to seal. */
void db_check_keys(
	const struct db_seal *seal, struct db_rows *rows, struct db_check_keys *keys_out);

struct db_checked {
	uint64_t epoch, head;
	char problem[240]; /* what is wrong and what to do, a sentence; "" when nothing is */
};

/*
 * PRAC_FAILED_PRECONDITION: problem says what an operator has to do; trying again helps only after
 * that. Other statuses are those of the batch.
 */
typedef void (*db_check_fn)(void *ctx, enum prac_status status, const struct db_checked *checked);

void db_check_start(
	struct db_link *link, const struct db_check *check, db_check_fn done, void *ctx);
