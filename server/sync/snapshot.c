#include "server/sync/snapshot.h"

#include <string.h>

#include "common/base/log.h"
#include "server/sync/snapshot_spool.h"
#include "sql/queries.h"

enum {
	FRESH_MS = 3600 * 1000, /* a spool is given to new loads for that long */
	KEPT_MS = 3 * FRESH_MS, /* and to loads under way for that long */
	CHANGED_SHARE = 20,     /* or until one row in so many has changed */
	CHANGED_FREE = 100      /* which a small scope may have in any case */
};

/* One chunk somebody asked for, until it is answered. */
struct wait {
	struct snapshots *owner;
	struct snapshot_ask ask;
	struct prac_arena *arena;
	snapshot_chunk_fn done;
	void *ctx;
	struct spool *spool; /* being asked about or read */
	struct db_link *link;
	int64_t n_changed;
	uint64_t epoch;
	bool is_building; /* waits for the scope's spool */
	uv_fs_t fs;
	uv_buf_t buf;
	uv_idle_t later; /* so that done never runs inside snapshots_read() */
	enum prac_status status;
	struct snapshot_chunk chunk;
};

static uint64_t now_ms(const struct snapshots *snapshots)
{
	return snapshots->config.env->monotonic_ms(snapshots->config.env->ctx);
}

static void release(struct snapshots *snapshots, struct spool *spool)
{
	spool->n_reading--;
	if (spool->is_dropped && spool->n_reading == 0) {
		g_ptr_array_remove(snapshots->spools, spool);
		spool_free(spool);
	}
}

static void drop(struct snapshots *snapshots, struct spool *spool)
{
	spool->is_dropped = true;
	spool->n_reading++;
	release(snapshots, spool);
}

static void free_wait(uv_handle_t *handle)
{
	g_free(container_of((uv_idle_t *)handle, struct wait, later));
}

static void on_later(uv_idle_t *later)
{
	struct wait *wait = container_of(later, struct wait, later);
	bool is_ok = wait->status == PRAC_OK;

	uv_close((uv_handle_t *)later, free_wait);
	wait->done(wait->ctx, wait->status, is_ok ? &wait->chunk : NULL);
}

static void answer(struct wait *wait, enum prac_status status)
{
	if (wait->spool != NULL) {
		release(wait->owner, wait->spool);
	}
	wait->spool = NULL;
	wait->status = wait->owner->is_stopped ? PRAC_CANCELLED : status;
	g_ptr_array_remove(wait->owner->waits, wait);
	uv_idle_start(&wait->later, on_later);
}

static void on_read(uv_fs_t *fs)
{
	struct wait *wait = container_of(fs, struct wait, fs);
	ssize_t n = fs->result;

	uv_fs_req_cleanup(fs);
	if (n != (ssize_t)wait->buf.len) {
		prac_log(PRAC_LOG_ERROR, "snapshot.read", "error=\"%s\"",
			n < 0 ? uv_strerror((int)n) : "the file is shorter than it was");
		answer(wait, PRAC_DATA_LOSS);
		return;
	}
	answer(wait, PRAC_OK);
}

/* The spool is held by the wait. */
static void read_chunk(struct wait *wait)
{
	struct spool *spool = wait->spool;
	const struct spool_chunk *chunk;

	if (wait->ask.chunk >= spool->chunks->len) {
		answer(wait, PRAC_OUT_OF_RANGE);
		return;
	}
	chunk = &g_array_index(spool->chunks, struct spool_chunk, wait->ask.chunk);
	wait->chunk = (struct snapshot_chunk){ .snapshot = spool->id,
		.chunk = wait->ask.chunk,
		.n_chunks = spool->chunks->len,
		.epoch = spool->epoch,
		.seq = spool->seq,
		.sha256 = chunk->sha256,
		.raw_len = chunk->raw_len };
	if (chunk->len == 0) {
		answer(wait, PRAC_OK);
		return;
	}
	wait->chunk.rows.data = prac_arena_alloc(wait->arena, chunk->len);
	wait->chunk.rows.len = chunk->len;
	wait->buf = uv_buf_init((char *)wait->chunk.rows.data, chunk->len);
	uv_fs_read(wait->owner->config.loop, &wait->fs, spool->file, &wait->buf, 1, chunk->offset,
		on_read);
}

static void hold(struct wait *wait, struct spool *spool)
{
	wait->spool = spool;
	spool->n_reading++;
}

/* Everybody who waits for this scope has the answer; which is the new spool's first chunk. */
static void build_ended(struct snapshots *snapshots, const struct prac_id *scope,
	enum prac_status status, struct spool *spool)
{
	for (guint i = snapshots->waits->len; i-- > 0;) {
		struct wait *wait = g_ptr_array_index(snapshots->waits, i);

		if (!wait->is_building || !prac_id_equal(&wait->ask.scope, scope)) {
			continue;
		}
		wait->is_building = false;
		if (spool == NULL) {
			answer(wait, status);
			continue;
		}
		hold(wait, spool);
		read_chunk(wait);
	}
}

/* Of each scope the newest two are kept: the older one for the loads that are under way with it. */
static void drop_old(struct snapshots *snapshots)
{
	uint64_t now = now_ms(snapshots);

	for (guint i = snapshots->spools->len; i-- > 0;) {
		struct spool *spool = g_ptr_array_index(snapshots->spools, i);
		unsigned n_newer = 0;

		for (guint j = i + 1; j < snapshots->spools->len; j++) {
			const struct spool *other = g_ptr_array_index(snapshots->spools, j);

			n_newer += prac_id_equal(&other->scope, &spool->scope) ? 1 : 0;
		}
		if (!spool->is_dropped && (n_newer > 1 || now - spool->made_ms > KEPT_MS)) {
			drop(snapshots, spool);
		}
	}
}

struct build_ctx {
	struct snapshots *owner;
	struct prac_id scope;
};

static void built(void *ctx, enum prac_status status, struct spool *spool)
{
	struct build_ctx *build = ctx;

	if (spool != NULL) {
		g_ptr_array_add(build->owner->spools, spool);
		prac_log(PRAC_LOG_INFO, "snapshot.made",
			"seq=%" G_GUINT64_FORMAT " rows=%zu chunks=%u", spool->seq, spool->n_rows,
			spool->chunks->len);
	}
	build_ended(build->owner, &build->scope, status, spool);
	drop_old(build->owner);
	g_free(build);
}

/* One build a scope at a time; whoever else wants it waits for the same. */
static void build_or_wait(struct wait *wait)
{
	bool is_running = false;
	struct build_ctx *build;

	for (guint i = 0; i < wait->owner->waits->len; i++) {
		const struct wait *other = g_ptr_array_index(wait->owner->waits, i);

		is_running = is_running || (other->is_building && prac_id_equal(&other->ask.scope,
									  &wait->ask.scope));
	}
	wait->is_building = true;
	if (is_running) {
		return;
	}
	build = g_new(struct build_ctx, 1);
	*build = (struct build_ctx){ wait->owner, wait->ask.scope };
	snapshot_build_start(wait->owner, &build->scope, built, build);
}

static void changed_known(void *ctx, enum prac_status status)
{
	struct wait *wait = ctx;
	struct spool *spool = wait->spool;
	int64_t allowed = CHANGED_FREE + (int64_t)(spool->n_rows / CHANGED_SHARE);

	if (!wait->owner->is_stopped) {
		db_pool_return(wait->owner->config.pool, wait->link);
	}
	if (status != PRAC_OK || wait->owner->is_stopped) {
		answer(wait, status == PRAC_UNKNOWN ? PRAC_UNAVAILABLE : status);
	} else if (wait->epoch != spool->epoch || wait->n_changed > allowed) {
		release(wait->owner, spool);
		wait->spool = NULL;
		build_or_wait(wait);
	} else {
		read_chunk(wait);
	}
}

static void on_changed(void *ctx, struct db_rows *rows)
{
	struct wait *wait = ctx;

	wait->n_changed = db_rows_int(rows, 0, 0);
}

static void on_head(void *ctx, struct db_rows *rows)
{
	struct wait *wait = ctx;

	wait->epoch = (uint64_t)db_rows_int(rows, 0, 0);
}

static void ask_changed(void *ctx, enum prac_status status, struct db_link *link)
{
	struct wait *wait = ctx;
	struct db_params *params;
	struct db_batch *batch;

	if (status != PRAC_OK || wait->owner->is_stopped) {
		answer(wait, status);
		return;
	}
	wait->link = link;
	batch = db_batch_new(wait->arena);
	params = db_params_new(wait->arena);
	db_param_id(params, &wait->ask.scope);
	db_param_int(params, (int64_t)wait->spool->seq);
	db_param_int(params, (int64_t)(wait->spool->n_rows / CHANGED_SHARE) + CHANGED_FREE + 1);
	db_batch_enter(batch, wait->ask.pass);
	db_batch_add(batch, &q_sync_head, NULL, on_head, wait);
	db_batch_add(batch, &q_snapshot_changed, params, on_changed, wait);
	db_link_run(link, batch, changed_known, wait);
}

/* The newest spool of the scope, or the one with this number. */
static struct spool *find(struct snapshots *snapshots, const struct snapshot_ask *ask)
{
	for (guint i = snapshots->spools->len; i-- > 0;) {
		struct spool *spool = g_ptr_array_index(snapshots->spools, i);

		if (!spool->is_dropped && prac_id_equal(&spool->scope, &ask->scope) &&
			(ask->snapshot == 0 || ask->snapshot == spool->id)) {
			return spool;
		}
	}
	return NULL;
}

void snapshots_read(struct snapshots *snapshots, const struct snapshot_ask *ask,
	struct prac_arena *arena, snapshot_chunk_fn done, void *ctx)
{
	struct wait *wait = g_new0(struct wait, 1);
	struct spool *spool = find(snapshots, ask);

	*wait = (struct wait){
		.owner = snapshots, .ask = *ask, .arena = arena, .done = done, .ctx = ctx
	};
	uv_idle_init(snapshots->config.loop, &wait->later);
	g_ptr_array_add(snapshots->waits, wait);
	if (snapshots->is_stopped) {
		answer(wait, PRAC_CANCELLED);
	} else if (spool == NULL && ask->snapshot != 0) {
		answer(wait, PRAC_NOT_FOUND);
	} else if (spool == NULL ||
		   (ask->snapshot == 0 && now_ms(snapshots) - spool->made_ms > FRESH_MS)) {
		build_or_wait(wait);
	} else {
		hold(wait, spool);
		if (ask->snapshot != 0) {
			read_chunk(wait);
		} else {
			db_pool_lease(snapshots->config.pool, DB_READER, ask_changed, wait);
		}
	}
}

static void read_source(struct snapshot_source *source, const struct snapshot_ask *ask,
	struct prac_arena *arena, snapshot_chunk_fn done, void *ctx)
{
	snapshots_read((struct snapshots *)source, ask, arena, done, ctx);
}

struct snapshot_source *snapshots_source(struct snapshots *snapshots)
{
	return &snapshots->source;
}

/* What an earlier run left behind has no list of chunks any more. */
static enum prac_status empty(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	if (dir == NULL) {
		return PRAC_UNAVAILABLE;
	}
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		uv_fs_t fs;

		uv_fs_unlink(NULL, &fs, path, NULL);
		uv_fs_req_cleanup(&fs);
	}
	return PRAC_OK;
}

enum prac_status snapshots_new(
	const struct snapshots_config *config, struct snapshots **snapshots_out)
{
	struct snapshots *snapshots;

	*snapshots_out = NULL;
	if (empty(config->folder) != PRAC_OK) {
		return PRAC_UNAVAILABLE;
	}
	snapshots = g_new0(struct snapshots, 1);
	snapshots->source.read = read_source;
	snapshots->config = *config;
	snapshots->folder = g_strdup(config->folder);
	snapshots->sqls = record_sqls_new();
	snapshots->spools = g_ptr_array_new();
	snapshots->waits = g_ptr_array_new();
	*snapshots_out = snapshots;
	return PRAC_OK;
}

void snapshots_stop(struct snapshots *snapshots)
{
	snapshots->is_stopped = true;
}

void snapshots_free(struct snapshots *snapshots)
{
	if (snapshots == NULL) {
		return;
	}
	for (guint i = 0; i < snapshots->spools->len; i++) {
		spool_free(g_ptr_array_index(snapshots->spools, i));
	}
	g_ptr_array_free(snapshots->spools, TRUE);
	g_ptr_array_free(snapshots->waits, TRUE);
	record_sqls_free(snapshots->sqls);
	g_free(snapshots->folder);
	g_free(snapshots);
}
