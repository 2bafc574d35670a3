/*
 * The server's connections: one link that writes, some that read pages, one for snapshots, one for
 * reports. The number is fixed, whatever the number of clients. Whoever needs a link for more than
 * one batch leases it and gives it back with no transaction open.
 */
#pragma once

#include "server/db/db.h"
#include "server/db/seal.h"

struct db_pool;

struct db_pool_config {
	struct uv_loop_s *loop;
	const struct prac_env *env;
	const char *conninfo;
	size_t n_readers;
	bool takes_roles;           /* as db_config.takes_role */
	const struct db_seal *seal; /* of what is written and read through it; outlives the pool */
};

enum {
	DB_LEASE_WAIT_MS = 5000
};

/*
 * PRAC_OK: link is the caller's until db_pool_return(). PRAC_UNAVAILABLE: none came free in
 * DB_LEASE_WAIT_MS. PRAC_CANCELLED: the pool was closed. link is NULL then.
 */
typedef void (*db_lease_fn)(void *ctx, enum prac_status status, struct db_link *link);

struct db_pool *db_pool_new(const struct db_pool_config *config) PRAC_RETURNS_NONNULL;

/* Closes all links, also leased ones; frees the pool, then runs closed. */
void db_pool_close(struct db_pool *pool, db_closed_fn closed, void *ctx);

/* The one that writes; it is nobody's to lease. Lives as long as the pool. */
struct db_link *db_pool_writer(struct db_pool *pool) PRAC_RETURNS_NONNULL;

const struct db_seal *db_pool_seal(const struct db_pool *pool);

/* granted runs once, never before this returns. In order of asking. */
void db_pool_lease(struct db_pool *pool, enum db_purpose purpose, db_lease_fn granted, void *ctx);
void db_pool_return(struct db_pool *pool, struct db_link *link);
