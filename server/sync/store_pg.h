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
