/*
 * First load of a scope (SYNC 4.11): all it holds at one number, as compressed chunks spooled to
 * disk, shared by the devices that ask within an hour, or until one row in twenty has changed.
 *
 * The spool is a cache: it is emptied at the start, and a device that asks for a part of a load that
 * is gone starts that scope again.
 */
#pragma once

#include "common/base/hash.h"
#include "server/db/pool.h"

struct uv_loop_s;
struct snapshots;

struct snapshots_config {
	struct uv_loop_s *loop;
	const struct prac_env *env;
	struct db_pool *pool;
	const char *folder; /* exists; everything in it is ours */
};

struct snapshot_ask {
	struct prac_id scope;
	uint64_t snapshot; /* 0: any */
	uint32_t chunk;
	const char *pass; /* of who asks (db_batch_enter()); may be NULL; lives until done */
};

/* As message SnapshotChunk. */
struct snapshot_chunk {
	uint64_t snapshot;
	uint32_t chunk, n_chunks;
	uint64_t epoch, seq;
	struct prac_digest sha256;
	struct prac_bytes rows; /* in the arena; empty when the scope is */
	uint32_t raw_len;
};

/*
 * PRAC_NOT_FOUND: that snapshot is gone. PRAC_OUT_OF_RANGE: it has no such chunk. Others: it could
 * not be made now.
 */
typedef void (*snapshot_chunk_fn)(
	void *ctx, enum prac_status status, const struct snapshot_chunk *chunk);

/*
 * Whoever has chunks to give: the spools here, or a test's memory. read() answers once, never before
 * it returns; what done gets lives in the arena.
 */
struct snapshot_source {
	void (*read)(struct snapshot_source *source, const struct snapshot_ask *ask,
		struct prac_arena *arena, snapshot_chunk_fn done, void *ctx);
};

/* PRAC_UNAVAILABLE when the folder cannot be emptied. Blocks for that moment, at the start. */
enum prac_status snapshots_new(
	const struct snapshots_config *config, struct snapshots **snapshots_out) PRAC_MUST_USE;

/* done runs once, never before this returns; what it gets lives in the arena. */
void snapshots_read(struct snapshots *snapshots, const struct snapshot_ask *ask,
	struct prac_arena *arena, snapshot_chunk_fn done, void *ctx);

/* As snapshots_read(). Lives as long as the snapshots. */
struct snapshot_source *snapshots_source(struct snapshots *snapshots);

/* What is under way ends with PRAC_CANCELLED as the loop runs on. Before the pool is closed. */
void snapshots_stop(struct snapshots *snapshots);

/* When the loop has run dry. */
void snapshots_free(struct snapshots *snapshots);
