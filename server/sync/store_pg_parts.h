/* The store on PostgreSQL from the inside: one file for each side of a batch and one for pages. */
#pragma once

#include "server/sync/record_sql.h"
#include "server/sync/store_pg.h"

struct store_page_type {
	const struct prac_type *type; /* NULL: a free place */
	uint64_t used;                /* number of the last page with a record of it */
};

struct store_pg {
	struct store store;
	struct db_pool *pool;
	struct db_link *writer;
	struct record_sqls *sqls;
	const struct db_seal *seal;
	struct prac_arena rollback_arena; /* of the one rollback under way */
	/* What pages had records of lately: the next one looks for these at once. */
	struct store_page_type page_types[RECORD_PAGE_TYPES];
	uint64_t n_pages; /* with rows, read so far */
};

/* Arrays that grow in the arena while answers come in. */
struct store_found {
	struct prac_arena *arena;
	struct prac_record **records;
	size_t n_records, cap_records;
	struct store_feed_row *feed;
	size_t n_feed, cap_feed;
	bool is_damaged; /* a record's sealed value does not open */
};

/* The five columns of a feed row stand at `column` and behind it. */
void store_found_add_feed(struct store_found *found, struct db_rows *rows, size_t column);

/* What the next batch needs, at this place of the batch; its rows come at once. */
void store_pg_load_next(
	struct store_pg *store, struct db_batch *batch, const struct store_next *next);

void store_pg_prepare(struct store *base, struct store_commit *from);
/* What prepare made of it; nothing in it is borrowed from the writes. */
struct db_batch *store_pg_prepared(const struct store_commit *from);
void store_pg_commit(struct store *base, struct store_commit *from, const struct store_next *next,
	store_done_fn done, void *ctx);
void store_pg_page(struct store *base, const struct store_page_ask *ask, struct prac_arena *arena,
	store_page_fn done, void *ctx);

/*
 * Ends the transaction on the writer after a failure, whatever is left of it; then done gets
 * status.
 */
void store_pg_undo(struct store_pg *store, enum prac_status status, struct prac_arena *arena,
	store_done_fn done, void *ctx);
