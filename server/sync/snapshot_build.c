/*
 * Makes one spool: pages of the scope's feed in the order of change, their records by type, in one
 * snapshot of the database. One trip fetches the records of a page and the feed of the next; while
 * it is under way the page before is encoded and written. Rows become chunks of 1 MiB, which are
 * compressed and written without ever blocking the loop.
 */
#include <fcntl.h>

#include "common/base/log.h"
#include "common/wire/zip.h"
#include "server/sync/record_row.h"
#include "server/sync/row.h"
#include "server/sync/snapshot_spool.h"
#include "server/sync/store_pg_parts.h"
#include "sql/queries.h"

enum {
	PAGE_ROWS = 4000,
	CHUNK_LEN = 1024 * 1024, /* bytes before compression, about */
	ROWS_FIELD = 1           /* SnapshotRows.rows */
};

/* The feed of one page and the records found for it. */
struct build_page {
	struct prac_arena arena;
	struct store_found feed;
	GHashTable *
		records; /* struct prac_record by id; ids of two types may be equal in theory only */
};

struct snapshot_build {
	struct snapshots *owner;
	struct spool *spool;
	struct db_link *link;
	struct build_page pages[3]; /* being encoded, being read, and its successor's feed */
	unsigned turn;              /* pages[turn] has its feed and is read next */
	struct build_page *read;    /* has its records and is encoded next; may be NULL */
	bool is_reading, is_writing;
	bool is_last; /* everything is encoded */
	bool is_over; /* and the transaction ended */
	enum prac_status status;
	struct prac_buf raw, scratch;
	struct prac_buf zipped; /* sealed chunks on their way to the file */
	int64_t file_len;
	uv_fs_t fs;
	snapshot_built_fn built;
	void *ctx;
};

/* One statement that yields records of a type. */
struct build_part {
	struct snapshot_build *build;
	struct build_page *page;
	const struct prac_type *type;
};

static void step(struct snapshot_build *build);

void spool_free(struct spool *spool)
{
	uv_fs_t fs;

	if (spool == NULL) {
		return;
	}
	/* Both return at once: closing a file that is only read, and taking its name away. */
	if (spool->file >= 0) {
		uv_fs_close(NULL, &fs, spool->file, NULL);
		uv_fs_req_cleanup(&fs);
	}
	uv_fs_unlink(NULL, &fs, spool->path, NULL);
	uv_fs_req_cleanup(&fs);
	g_array_free(spool->chunks, TRUE);
	g_free(spool->path);
	g_free(spool);
}

static void finish(struct snapshot_build *build, enum prac_status status)
{
	struct spool *spool = build->spool;

	if (build->owner->is_stopped) {
		status = PRAC_CANCELLED;
	} else if (build->link != NULL) {
		db_pool_return(build->owner->config.pool, build->link);
	}
	spool->made_ms = build->owner->config.env->monotonic_ms(build->owner->config.env->ctx);
	if (status != PRAC_OK) {
		spool_free(spool);
		spool = NULL;
	}
	for (size_t i = 0; i < PRAC_NELEM(build->pages); i++) {
		g_hash_table_destroy(build->pages[i].records);
		prac_arena_deinit(&build->pages[i].arena);
	}
	prac_buf_deinit(&build->raw);
	prac_buf_deinit(&build->scratch);
	prac_buf_deinit(&build->zipped);
	build->built(build->ctx, status, spool);
	g_free(build);
}

/* Lost connections leave no doubt here: nothing was to be changed. */
static enum prac_status harmless(enum prac_status status)
{
	return status == PRAC_UNKNOWN ? PRAC_UNAVAILABLE : status;
}

static void seal_chunk(struct snapshot_build *build)
{
	struct prac_bytes raw = prac_buf_bytes(&build->raw);
	struct spool_chunk chunk = { .offset = build->file_len +
					       (int64_t)prac_buf_len(&build->zipped),
		.raw_len = (uint32_t)raw.len };
	size_t before = prac_buf_len(&build->zipped);
	struct prac_bytes zipped;

	if (raw.len > 0) {
		prac_zip_frame(&build->zipped, raw);
	}
	zipped = prac_buf_bytes(&build->zipped);
	zipped.data = zipped.len > before ? zipped.data + before : NULL;
	zipped.len -= before;
	chunk.len = (uint32_t)zipped.len;
	chunk.sha256 = prac_sha256(zipped);
	g_array_append_val(build->spool->chunks, chunk);
	prac_buf_clear(&build->raw);
}

static void on_written(uv_fs_t *fs);

static void write_sealed(struct snapshot_build *build)
{
	struct prac_bytes bytes = prac_buf_bytes(&build->zipped);
	uv_buf_t buf = uv_buf_init((char *)bytes.data, (unsigned)bytes.len);

	build->is_writing = true;
	uv_fs_write(build->owner->config.loop, &build->fs, build->spool->file, &buf, 1,
		build->file_len, on_written);
}

static void on_written(uv_fs_t *fs)
{
	struct snapshot_build *build = container_of(fs, struct snapshot_build, fs);
	ssize_t n = fs->result;

	uv_fs_req_cleanup(fs);
	build->is_writing = false;
	if (n <= 0) {
		prac_log(PRAC_LOG_ERROR, "snapshot.write", "error=\"%s\"", uv_strerror((int)n));
		build->status = n == UV_ENOSPC ? PRAC_RESOURCE_EXHAUSTED : PRAC_UNAVAILABLE;
		step(build);
		return;
	}
	build->file_len += n;
	prac_buf_consume(&build->zipped, (size_t)n);
	if (prac_buf_len(&build->zipped) > 0) {
		write_sealed(build);
	} else {
		step(build);
	}
}

/* A row whose record is not there would be a fault of the store; it is left out and told. */
static void encode_page(struct snapshot_build *build, const struct build_page *page)
{
	for (size_t i = 0; i < page->feed.n_feed; i++) {
		const struct store_feed_row *feed = &page->feed.feed[i];
		const struct prac_record *record =
			g_hash_table_lookup(page->records, &feed->key.id);

		if (record == NULL || record->type->number != feed->key.type) {
			prac_log(PRAC_LOG_ERROR, "snapshot.row", "type=%u", feed->key.type);
			continue;
		}
		sync_row_put(&build->raw, ROWS_FIELD, feed, record, &build->scratch);
		build->spool->n_rows++;
		if (prac_buf_len(&build->raw) >= CHUNK_LEN) {
			seal_chunk(build);
		}
	}
}

static void read_done(void *ctx, enum prac_status status)
{
	struct snapshot_build *build = ctx;

	build->is_reading = false;
	if (build->status == PRAC_OK) {
		build->status = harmless(status);
	}
	step(build);
}

static void on_feed(void *ctx, struct db_rows *rows)
{
	struct build_page *page = ctx;

	store_found_add_feed(&page->feed, rows, 0);
}

static void on_records(void *ctx, struct db_rows *rows)
{
	struct build_part *part = ctx;
	struct build_page *page = part->page;
	const struct record_rows from = { part->type, db_pool_seal(part->build->owner->config.pool),
		rows };

	for (size_t row = 0; row < db_rows_count(rows); row++) {
		struct prac_record *record = record_row_read(&from, row, &page->arena);

		if (record != NULL) {
			g_hash_table_replace(page->records, &record->id, record);
		} else {
			part->build->status = PRAC_DATA_LOSS;
		}
	}
}

static void reset_page(struct build_page *page)
{
	g_hash_table_remove_all(page->records);
	prac_arena_reset(&page->arena);
	page->feed = (struct store_found){ .arena = &page->arena };
}

/* Asks for the page behind the last row of `done`, into `page`; NULL: for the first one. */
static void add_feed(struct snapshot_build *build, struct db_batch *batch, struct build_page *page,
	const struct build_page *done)
{
	struct db_params *params = db_params_new(&page->arena);
	struct store_feed_row last = { 0 };

	if (done != NULL) {
		last = done->feed.feed[done->feed.n_feed - 1];
	}
	db_param_id(params, &build->spool->scope);
	db_param_int(params, (int64_t)last.seq);
	db_param_int(params, last.key.type);
	db_param_id(params, &last.key.id);
	db_param_int(params, PAGE_ROWS);
	db_batch_add(batch, &q_snapshot_feed, params, on_feed, page);
}

static void add_type(struct snapshot_build *build, struct db_batch *batch, struct build_page *page,
	const struct prac_type *type)
{
	struct db_params *params;
	struct build_part *part;
	struct db_array ids;

	db_array_init(&ids, &page->arena, DB_UUID);
	for (size_t i = 0; i < page->feed.n_feed; i++) {
		if (page->feed.feed[i].key.type == type->number) {
			db_array_id(&ids, &page->feed.feed[i].key.id);
		}
	}
	if (ids.n_items == 0) {
		return;
	}
	params = db_params_new(&page->arena);
	db_param_array(params, &ids);
	part = prac_arena_alloc(&page->arena, sizeof(*part));
	*part = (struct build_part){ build, page, type };
	db_batch_add(
		batch, &record_sqls_get(build->owner->sqls, type)->by_id, params, on_records, part);
}

static void start_read(struct snapshot_build *build)
{
	struct build_page *page = &build->pages[build->turn];
	struct db_batch *batch = db_batch_new(&page->arena);

	build->turn = (build->turn + 1) % PRAC_NELEM(build->pages);
	reset_page(&build->pages[build->turn]);
	for (size_t i = 0; i < prac_n_types; i++) {
		add_type(build, batch, page, prac_types[i]);
	}
	add_feed(build, batch, &build->pages[build->turn], page);
	build->read = page;
	build->is_reading = true;
	db_link_run(build->link, batch, read_done, build);
}

static void end_transaction(struct snapshot_build *build)
{
	struct db_batch *batch = db_batch_new(&build->pages[0].arena);

	db_batch_add(batch, &q_sync_commit, NULL, NULL, NULL);
	build->is_over = true;
	build->is_reading = true;
	db_link_run(build->link, batch, read_done, build);
}

/* Reads the next page while the one that was read is encoded and written. */
static void go_on(struct snapshot_build *build)
{
	struct build_page *read = build->read;
	bool is_more = build->pages[build->turn].feed.n_feed > 0;

	build->read = NULL;
	if (is_more) {
		start_read(build);
	}
	if (read != NULL) {
		encode_page(build, read);
	}
	/* An empty scope is one chunk without rows. */
	if (!is_more && (prac_buf_len(&build->raw) > 0 || build->spool->chunks->len == 0)) {
		seal_chunk(build);
	}
	build->is_last = !is_more;
	if (prac_buf_len(&build->zipped) > 0) {
		write_sealed(build);
	} else if (!build->is_reading) {
		step(build);
	}
}

/* Whenever a trip or a write has ended: what comes next, once both have. */
static void step(struct snapshot_build *build)
{
	if (build->is_reading || build->is_writing) {
		return;
	}
	if (build->status != PRAC_OK || build->is_over || build->owner->is_stopped) {
		finish(build, build->status);
	} else if (build->is_last) {
		end_transaction(build);
	} else {
		go_on(build);
	}
}

static void on_head(void *ctx, struct db_rows *rows)
{
	struct snapshot_build *build = ctx;

	build->spool->epoch = (uint64_t)db_rows_int(rows, 0, 0);
	build->spool->seq = (uint64_t)db_rows_int(rows, 0, 1);
}

static void on_opened(uv_fs_t *fs)
{
	struct snapshot_build *build = container_of(fs, struct snapshot_build, fs);
	ssize_t file = fs->result;

	uv_fs_req_cleanup(fs);
	if (file < 0) {
		prac_log(PRAC_LOG_ERROR, "snapshot.open", "error=\"%s\"", uv_strerror((int)file));
		finish(build, PRAC_UNAVAILABLE);
		return;
	}
	build->spool->file = (uv_file)file;
	step(build);
}

static void begun(void *ctx, enum prac_status status)
{
	struct snapshot_build *build = ctx;
	char scope[PRAC_ID_TEXT];

	if (status != PRAC_OK || build->owner->is_stopped) {
		finish(build, harmless(status));
		return;
	}
	prac_id_format(&build->spool->scope, scope);
	g_free(build->spool->path);
	build->spool->path =
		g_strdup_printf("%s/%s-%d-%" G_GUINT64_FORMAT "-%08x", build->owner->folder, scope,
			PRAC_SCHEMA, build->spool->seq, (unsigned)build->spool->id);
	uv_fs_open(build->owner->config.loop, &build->fs, build->spool->path,
		O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600, on_opened);
}

static void on_link(void *ctx, enum prac_status status, struct db_link *link)
{
	struct snapshot_build *build = ctx;
	struct db_batch *batch;

	build->link = link;
	if (status != PRAC_OK || build->owner->is_stopped) {
		finish(build, status);
		return;
	}
	batch = db_batch_new(&build->pages[0].arena);
	db_batch_add(batch, &q_sync_read_begin, NULL, NULL, NULL);
	db_batch_add(batch, &q_sync_head, NULL, on_head, build);
	add_feed(build, batch, &build->pages[0], NULL);
	db_link_run(link, batch, begun, build);
}

void snapshot_build_start(struct snapshots *snapshots, const struct prac_id *scope,
	snapshot_built_fn built, void *ctx)
{
	struct snapshot_build *build = g_new0(struct snapshot_build, 1);

	build->owner = snapshots;
	build->built = built;
	build->ctx = ctx;
	build->spool = g_new0(struct spool, 1);
	build->spool->id = prac_env_random64(snapshots->config.env) | 1; /* 0 stands for "any" */
	build->spool->scope = *scope;
	build->spool->file = -1;
	build->spool->path = g_strdup("");
	build->spool->chunks = g_array_new(FALSE, FALSE, sizeof(struct spool_chunk));
	for (size_t i = 0; i < PRAC_NELEM(build->pages); i++) {
		build->pages[i].records = g_hash_table_new(prac_id_hash, prac_id_same);
		build->pages[i].feed.arena = &build->pages[i].arena;
	}
	db_pool_lease(snapshots->config.pool, DB_SNAPSHOT, on_link, build);
}
