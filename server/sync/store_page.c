/*
 * One page of the feed. As a rule it is one statement and one round trip: the feed limited first, each
 * row with its record (PERFORMANCE 0: a join first would read the whole school). The statement can
 * look into a few tables only, so it looks into those that the pages before had records of; what
 * is of another type comes in a second trip. One statement is one snapshot; the second trip sees a
 * later one, which is noticed by numbers beyond the page's head, and then all is read again in a
 * transaction.
 */
#include <glib.h>

#include "server/sync/record_row.h"
#include "server/sync/store_pg_parts.h"
#include "sql/queries.h"

enum {
	ROW_LEN = 64, /* bytes a row takes besides its record, about */
	/*
	 * For so long a type that is used no longer is looked for, and then loses its place to another. A
	 * table that is looked into for nothing costs a small page a ninth of a second trip.
	 */
	PAGE_TYPE_PAGES = 16,
	/* Columns of sync_page. */
	PAGE_FEED = 3,
	PAGE_RECORD = 8 /* of record_sqls_page() */
};

struct page {
	struct store_pg *store;
	struct prac_arena *arena;
	struct db_link *link;
	struct store_page_ask ask;
	struct store_page page;
	struct store_found found;
	const struct prac_type *types[RECORD_PAGE_TYPES]; /* that the statement looks into */
	size_t n_types;
	GHashTable *records; /* struct store_key -> struct loaded */
	bool in_transaction; /* every trip sees the same snapshot */
	bool is_damaged;     /* a record's sealed value does not open */
	bool is_torn;        /* the second trip saw a record from beyond the page's head */
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

	return prac_id_hash(&of->id) ^ of->type;
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

static void add_record(
	struct page *page, const struct prac_type *type, struct db_rows *rows, size_t row)
{
	struct loaded *loaded = prac_arena_alloc(page->arena, sizeof(*loaded));
	const struct record_rows from = { type, page->store->seal, rows };

	loaded->record = record_row_read(&from, row, page->arena);
	if (loaded->record == NULL) {
		page->is_damaged = true;
		return;
	}
	loaded->key = (struct store_key){ type->number, loaded->record->id };
	loaded->len = record_row_len(rows, row);
	page->is_torn = page->is_torn || loaded->record->seq > page->page.head;
	g_hash_table_add(page->records, loaded);
}

static void on_records(void *ctx, struct db_rows *rows)
{
	struct page_part *part = ctx;

	for (size_t row = 0; row < db_rows_count(rows); row++)
		add_record(part->page, part->type, rows, row);
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

/* The record's type was just used; the one not used for longest makes room for it. */
static void note_type(struct store_pg *store, const struct prac_type *type)
{
	struct store_page_type *oldest = &store->page_types[0];

	for (size_t i = 0; i < RECORD_PAGE_TYPES; i++) {
		struct store_page_type *slot = &store->page_types[i];

		if (slot->type == type) {
			slot->used = store->n_pages;
			return;
		}
		if (slot->used < oldest->used)
			oldest = slot;
	}
	/* Types that take turns would make a new statement each time. */
	if (oldest->type == NULL || oldest->used + PAGE_TYPE_PAGES < store->n_pages)
		*oldest = (struct store_page_type){ type, store->n_pages };
}

static void read_feed(struct page *page);

static void records_done(void *ctx, enum prac_status status)
{
	struct page *page = ctx;

	if (status == PRAC_OK && page->is_damaged)
		status = PRAC_DATA_LOSS;
	if (status != PRAC_OK) {
		finish(page, status);
		return;
	}
	if (page->is_torn && !page->in_transaction) {
		page->in_transaction = true;
		read_feed(page);
		return;
	}
	if (page->page.n_rows > 0)
		page->store->n_pages++;
	for (size_t i = 0; i < page->page.n_rows; i++) {
		struct store_page_row *row = &page->page.rows[i];
		const struct loaded *loaded = g_hash_table_lookup(page->records, &row->feed.key);

		if (row->feed.gone == STORE_LIVE && loaded != NULL) {
			row->record = loaded->record;
			note_type(page->store, loaded->record->type);
		}
	}
	cut_by_bytes(page);
	finish(page, PRAC_OK);
}

/* Adds what reads the records of the type that have not come yet; false when there are none. */
static bool add_type(struct page *page, struct db_batch *batch, const struct prac_type *type)
{
	struct db_params *params;
	struct page_part *part;
	struct db_array ids;
	size_t n = 0;

	for (size_t i = 0; i < page->n_types; i++) {
		if (page->types[i] == type)
			return false;
	}
	db_array_init(&ids, page->arena, DB_UUID);
	for (size_t i = 0; i < page->page.n_rows; i++) {
		const struct store_feed_row *row = &page->page.rows[i].feed;

		if (row->key.type != type->number || row->gone != STORE_LIVE)
			continue;
		db_array_id(&ids, &row->key.id);
		n++;
	}
	if (n == 0)
		return false;
	params = db_params_new(page->arena);
	db_param_array(params, &ids);
	part = prac_arena_alloc(page->arena, sizeof(*part));
	part->page = page;
	part->type = type;
	db_batch_add(
		batch, &record_sqls_get(page->store->sqls, type)->by_id, params, on_records, part);
	return true;
}

static void load_records(struct page *page)
{
	struct db_batch *batch = db_batch_new(page->arena);
	bool is_wanted = page->in_transaction;

	if (!page->in_transaction)
		db_batch_enter(batch, page->ask.pass);
	page->page.n_rows = page->found.n_feed;
	page->page.rows =
		prac_arena_alloc(page->arena, (page->page.n_rows + 1) * sizeof(*page->page.rows));
	for (size_t i = 0; i < page->page.n_rows; i++)
		page->page.rows[i] = (struct store_page_row){ .feed = page->found.feed[i] };
	for (size_t i = 0; i < prac_n_types; i++)
		is_wanted = add_type(page, batch, prac_types[i]) || is_wanted;
	if (!is_wanted) {
		records_done(page, PRAC_OK);
		return;
	}
	if (page->in_transaction)
		db_batch_add(batch, &q_sync_commit, NULL, NULL, NULL);
	db_link_run(page->link, batch, records_done, page);
}

static void on_feed(void *ctx, struct db_rows *rows)
{
	struct page *page = ctx;

	store_found_add_feed(&page->found, rows, 0);
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
	page->n_types = 0; /* its records come with the next trip */
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
	} else if (page->in_transaction) {
		load_one_seq(page, next);
	} else {
		page->in_transaction = true;
		read_feed(page);
	}
}

static void on_page(void *ctx, struct db_rows *rows)
{
	struct page *page = ctx;
	bool is_empty = db_rows_is_null(rows, 0, PAGE_FEED);

	page->page.epoch = (uint64_t)db_rows_int(rows, 0, 0);
	page->page.head = (uint64_t)db_rows_int(rows, 0, 1);
	page->page.last_counter = (uint64_t)db_rows_int(rows, 0, 2);
	if (is_empty)
		return;
	store_found_add_feed(&page->found, rows, PAGE_FEED);
	for (size_t row = 0; page->n_types > 0 && row < db_rows_count(rows); row++) {
		if (db_rows_is_null(rows, row, PAGE_RECORD))
			continue;
		add_record(page, prac_type_find(page->found.feed[row].key.type),
			db_rows_record(rows, row, PAGE_RECORD, page->arena), 0);
	}
}

/* Types in ascending number; their statement, NULL when there is none. */
static const struct db_stmt *take_types(struct page *page, uint64_t used_since)
{
	const struct store_pg *store = page->store;

	page->n_types = 0;
	for (size_t i = 0; i < RECORD_PAGE_TYPES; i++) {
		const struct prac_type *type = store->page_types[i].type;
		size_t at = page->n_types;

		if (type == NULL || store->page_types[i].used < used_since)
			continue;
		for (; at > 0 && page->types[at - 1]->number > type->number; at--)
			page->types[at] = page->types[at - 1];
		page->types[at] = type;
		page->n_types++;
	}
	if (page->n_types == 0)
		return NULL;
	return record_sqls_page(store->sqls, page->types, page->n_types);
}

/* What to look for. Only so many statements are kept; then it is all that have a place. */
static const struct db_stmt *choose_types(struct page *page)
{
	uint64_t n_pages = page->store->n_pages;
	const struct db_stmt *stmt =
		take_types(page, n_pages > PAGE_TYPE_PAGES ? n_pages - PAGE_TYPE_PAGES : 0);

	if (stmt == NULL)
		stmt = take_types(page, 0);
	if (stmt == NULL)
		page->n_types = 0;
	return stmt != NULL ? stmt : &q_sync_page;
}

static void read_feed(struct page *page)
{
	struct db_batch *batch = db_batch_new(page->arena);
	struct db_params *params = scopes_param(page);

	page->found.n_feed = 0;
	page->is_torn = false;
	g_hash_table_remove_all(page->records);
	db_param_int(params, (int64_t)page->ask.after);
	db_param_int(params, (int64_t)page->ask.max_rows + 1);
	db_param_id(params, &page->ask.device);
	db_param_int(params, (int64_t)page->ask.incarnation);
	if (page->in_transaction)
		db_batch_add(batch, &q_sync_read_begin, NULL, NULL, NULL);
	db_batch_enter(batch, page->ask.pass);
	db_batch_add(batch, choose_types(page), params, on_page, page);
	db_link_run(page->link, batch, feed_done, page);
}

static void on_link(void *ctx, enum prac_status status, struct db_link *link)
{
	struct page *page = ctx;

	page->link = link;
	if (status != PRAC_OK) {
		finish(page, status);
		return;
	}
	page->records = g_hash_table_new(hash_key, equal_keys);
	read_feed(page);
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
