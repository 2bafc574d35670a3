/*
 * The store on PostgreSQL for tests that want to read top-down: each call runs the loop until its
 * callback has come. Records are put together from texts, as a person would type them.
 */
#pragma once

#include <uv.h>

#include "common/catalog/record.h"
#include "server/db/pool.h"
#include "server/sync/store_pg.h"

struct pg_store {
	uv_loop_t loop;
	const char *conninfo;
	struct db_pool *pool;
	struct store_pg *pg;
	struct store *store;
	struct prac_arena arena; /* of everything below, until pg_store_close() */
	enum prac_status status; /* of the last call */
};

/* Makes the database anew with all migrations; closed fields are sealed under the key of records_key.h. */
void pg_store_open(struct pg_store *t, const char *database);
void pg_store_close(struct pg_store *t);

/* NULL when the status is not OK. */
const struct store_facts *pg_store_begin(struct pg_store *t, const struct store_ask *ask);
const struct store_facts *pg_store_more(struct pg_store *t, const struct store_more *ask);
enum prac_status pg_store_commit(struct pg_store *t, const struct store_writes *writes);
void pg_store_rollback(struct pg_store *t);
const struct store_page *pg_store_page(struct pg_store *t, const struct store_page_ask *ask);

/* Ids that tell themselves apart: the last bytes are n. */
struct prac_id pg_id(uint32_t n);

/* A live record with seq in every group; pairs of field name and text follow, then NULL. */
struct prac_record *pg_record(
	struct pg_store *t, const struct prac_type *type, struct prac_id id, uint64_t seq, ...);

/* The text of an id, for pg_record(); in the arena. */
const char *pg_id_text(struct pg_store *t, uint32_t n);
