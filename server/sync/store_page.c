/*
 * One page of the feed in two round trips of one snapshot: the feed limited first, then the records
 * of each type by their ids (PERFORMANCE 0: a join first would read the whole school).
 */
#include <glib.h>
#include <string.h>

#include "server/sync/record_row.h"
#include "server/sync/store_pg_parts.h"
#include "sql/queries.h"

enum {
	ROW_LEN = 64 /* bytes a row takes besides its record, about */
};

struct page {
	struct store_pg *store;
	struct prac_arena *arena;
	struct db_link *link;
	struct store_page_ask ask;
	struct store_page page;
	struct store_found found;
	GHashTable *records; /* struct store_key -> struct loaded; while the second trip runs */
	store_page_fn done;
	void *ctx;
};

struct page_part {
	struct page *page;
	const struct prac_type *type;
};

struct loaded {
	struct store_key key;
	const struct prac_record *record;
	size_t len;
};

static guint hash_key(gconstpointer key)
{
	const struct store_key *of = key;
	uint32_t word;

	/* The tail of an id is random. */
	memcpy(&word, of->id.b + PRAC_ID_LEN - sizeof(word), sizeof(word));
	return word ^ of->type;
}

static gboolean equal_keys(gconstpointer a, gconstpointer b)
{
	const struct store_key *first = a, *second = b;

	return first->type == second->type && prac_id_equal(&first->id, &second->id);
}

static void finish(struct page *page, enum prac_status status)
{
	if (page->link != NULL)
		db_pool_return(page->store->pool, page->link);
	if (page->records != NULL)
		g_hash_table_destroy(page->records);
	/* A page changes nothing, so a lost connection leaves no doubt. */
	if (status == PRAC_UNKNOWN)
		status = PRAC_UNAVAILABLE;
	page->done(page->ctx, status, status == PRAC_OK ? &page->page : NULL);
}

static void on_records(void *ctx, struct db_rows *rows)
{
	struct page_part *part = ctx;
	struct page *page = part->page;

	for (size_t row = 0; row < db_rows_count(rows); row++) {
		struct loaded *loaded = prac_arena_alloc(page->arena, sizeof(*loaded));

		loaded->record = record_row_read(part->type, rows, row, page->arena);
		loaded->key = (struct store_key){ part->type->number, loaded->record->id };
		loaded->len = record_row_len(rows, row);
		g_hash_table_add(page->records, loaded);
	}
}

/* Ends the page at the last whole change that fits; the first one always does. */
static void cut_by_bytes(struct page *page)
{
	size_t len = 0, n_whole = 0;

	for (size_t i = 0; i < page->page.n_rows; i++) {
		const struct store_page_row *row = &page->page.rows[i];
		const struct loaded *loaded = g_hash_table_lookup(page->records, &row->feed.key);

		if (i > 0 && row->feed.seq != row[-1].feed.seq)
			n_whole = i;
		len += ROW_LEN + (loaded != NULL && row->record != NULL ? loaded->len : 0);
		if (len > page->ask.max_bytes && n_whole > 0) {
			page->page.n_rows = n_whole;
			page->page.through = page->page.rows[n_whole].feed.seq - 1;
			page->page.complete = false;
			return;
		}
	}
}

static void records_done(void *ctx, enum prac_status status)
{
	struct page *page = ctx;

	if (status != PRAC_OK) {
		finish(page, status);
		return;
	}
	for (size_t i = 0; i < page->page.n_rows; i++) {
		struct store_page_row *row = &page->page.rows[i];
		const struct loaded *loaded = g_hash_table_lookup(page->records, &row->feed.key);

		if (row->feed.gone == STORE_LIVE && loaded != NULL)
			row->record = loaded->record;
	}
	cut_by_bytes(page);
	finish(page, PRAC_OK);
}

static void add_type(struct page *page, struct db_batch *batch, const struct prac_type *type)
{
	struct db_params *params;
	struct page_part *part;
	struct db_array ids;
	size_t n = 0;

	db_array_init(&ids, page->arena, DB_UUID);
	for (size_t i = 0; i < page->page.n_rows; i++) {
		const struct store_feed_row *row = &page->page.rows[i].feed;

		if (row->key.type != type->number || row->gone != STORE_LIVE)
			continue;
		db_array_id(&ids, &row->key.id);
		n++;
	}
	if (n == 0)
		return;
	params = db_params_new(page->arena);
	db_param_array(params, &ids);
	part = prac_arena_alloc(page->arena, sizeof(*part));
	part->page = page;
	part->type = type;
	db_batch_add(
		batch, &record_sqls_get(page->store->sqls, type)->by_id, params, on_records, part);
}

static void load_records(struct page *page)
{
	struct db_batch *batch = db_batch_new(page->arena);

	page->page.n_rows = page->found.n_feed;
	page->page.rows =
		prac_arena_alloc(page->arena, (page->page.n_rows + 1) * sizeof(*page->page.rows));
	for (size_t i = 0; i < page->page.n_rows; i++)
		page->page.rows[i].feed = page->found.feed[i];
	page->records = g_hash_table_new(hash_key, equal_keys);
	for (size_t i = 0; i < prac_n_types; i++)
		add_type(page, batch, prac_types[i]);
	db_batch_add(batch, &q_sync_commit, NULL, NULL, NULL);
	db_link_run(page->link, batch, records_done, page);
}

static void on_feed(void *ctx, struct db_rows *rows)
{
	struct page *page = ctx;

	store_found_add_feed(&page->found, rows);
}

static void one_seq_done(void *ctx, enum prac_status status)
{
	struct page *page = ctx;

	if (status == PRAC_OK) {
		load_records(page);
	} else {
		finish(page, status);
	}
}

static struct db_params *scopes_param(struct page *page)
{
	struct db_params *params = db_params_new(page->arena);
	struct db_array scopes;

	db_array_init(&scopes, page->arena, DB_UUID);
	for (size_t i = 0; i < page->ask.n_scopes; i++)
		db_array_id(&scopes, &page->ask.scopes[i]);
	db_param_array(params, &scopes);
	return params;
}

/* One change alone is larger than the page: it comes whole. */
static void load_one_seq(struct page *page, uint64_t seq)
{
	struct db_batch *batch = db_batch_new(page->arena);
	struct db_params *params = scopes_param(page);

	page->found.n_feed = 0;
	page->page.through = seq;
	db_param_int(params, (int64_t)seq);
	db_batch_add(batch, &q_sync_feed_one_seq, params, on_feed, page);
	db_link_run(page->link, batch, one_seq_done, page);
}

/*
 * One row more than wanted was asked for. If it came, the change it belongs to may go on behind it,
 * so the page ends before that change.
 */
static void feed_done(void *ctx, enum prac_status status)
{
	struct page *page = ctx;
	struct store_found *found = &page->found;
	uint64_t next;

	if (status != PRAC_OK) {
		finish(page, status);
		return;
	}
	page->page.complete = found->n_feed <= page->ask.max_rows;
	page->page.through = page->page.head;
	if (page->page.complete) {
		load_records(page);
		return;
	}
	next = found->feed[found->n_feed - 1].seq;
	page->page.through = next - 1;
	while (found->n_feed > 0 && found->feed[found->n_feed - 1].seq == next)
		found->n_feed--;
	if (found->n_feed > 0) {
		load_records(page);
	} else {
		load_one_seq(page, next);
	}
}

static void on_head(void *ctx, struct db_rows *rows)
{
	struct page *page = ctx;

	page->page.epoch = (uint64_t)db_rows_int(rows, 0, 0);
	page->page.head = (uint64_t)db_rows_int(rows, 0, 1);
}

static void on_counter(void *ctx, struct db_rows *rows)
{
	struct page *page = ctx;

	page->page.last_counter = (uint64_t)db_rows_int(rows, 0, 0);
}

static void on_link(void *ctx, enum prac_status status, struct db_link *link)
{
	struct page *page = ctx;
	struct db_batch *batch;
	struct db_params *device, *feed;

	page->link = link;
	if (status != PRAC_OK) {
		finish(page, status);
		return;
	}
	batch = db_batch_new(page->arena);
	db_batch_add(batch, &q_sync_read_begin, NULL, NULL, NULL);
	db_batch_add(batch, &q_sync_head, NULL, on_head, page);
	device = db_params_new(page->arena);
	db_param_id(device, &page->ask.device);
	db_param_int(device, (int64_t)page->ask.incarnation);
	db_batch_add(batch, &q_sync_counter, device, on_counter, page);
	feed = scopes_param(page);
	db_param_int(feed, (int64_t)page->ask.after);
	db_param_int(feed, (int64_t)page->ask.max_rows + 1);
	db_batch_add(batch, &q_sync_feed, feed, on_feed, page);
	db_link_run(link, batch, feed_done, page);
}

void store_pg_page(struct store *base, const struct store_page_ask *ask, struct prac_arena *arena,
	store_page_fn done, void *ctx)
{
	struct page *page = prac_arena_alloc(arena, sizeof(*page));

	page->store = container_of(base, struct store_pg, store);
	page->arena = arena;
	page->ask = *ask;
	page->found.arena = arena;
	page->done = done;
	page->ctx = ctx;
	db_pool_lease(page->store->pool, DB_READER, on_link, page);
}
