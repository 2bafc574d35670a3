/*
 * The store on PostgreSQL (SYNC 3.4). A batch is two round trips on the writer link, three when the
 * first answer made it ask for more; a page is as a rule one on a reader.
 */
#pragma once

#include "server/db/pool.h"
#include "server/sync/store.h"

struct store_pg;

/* The pool must outlive the store. */
struct store_pg *store_pg_new(struct db_pool *pool) PRAC_RETURNS_NONNULL;

/* Only when nothing is under way. */
void store_pg_free(struct store_pg *store);

struct store *store_pg_store(struct store_pg *store) PRAC_RETURNS_NONNULL;

/* The pool's. */
const struct db_seal *store_pg_seal(const struct store_pg *store);

/* What somebody who is not the sequencer wants to see, on a link of theirs. */
struct store_pg_look {
	struct db_link *link;
	struct store_more ask;
};

/* Loads as a batch does, without lock or transaction: the next moment it may be otherwise. */
void store_pg_look(struct store_pg *store, const struct store_pg_look *look,
	struct prac_arena *arena, store_loaded_fn done, void *ctx);
