/* Snapshots from the inside: snapshot.c keeps and serves spools, snapshot_build.c fills one. */
#pragma once

#include <glib.h>
#include <uv.h>

#include "server/sync/record_sql.h"
#include "server/sync/snapshot.h"

struct spool_chunk {
	int64_t offset; /* in the file */
	uint32_t len, raw_len;
	struct prac_digest sha256;
};

struct spool {
	uint64_t id;
	struct prac_id scope;
	uint64_t epoch, seq;
	size_t n_rows;
	uint64_t made_ms; /* monotonic */
	uv_file file;
	char *path;
	GArray *chunks; /* of struct spool_chunk */
	unsigned n_reading;
	bool is_dropped; /* goes when the last read has ended */
};

struct snapshots {
	struct snapshot_source source; /* first: what the handlers see */
	struct snapshots_config config;
	char *folder;
	struct record_sqls *sqls;
	GPtrArray *spools; /* oldest first */
	GPtrArray *waits;  /* of struct wait, snapshot.c */
	bool is_stopped;
};

struct snapshot_build;

/* spool is the caller's then; NULL unless PRAC_OK. */
typedef void (*snapshot_built_fn)(void *ctx, enum prac_status status, struct spool *spool);

/* built runs once, later. */
void snapshot_build_start(struct snapshots *snapshots, const struct prac_id *scope,
	snapshot_built_fn built, void *ctx);

/* Removes the file, too. */
void spool_free(struct spool *spool);
