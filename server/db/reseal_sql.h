/* What db_reseal() asks and writes: one source a table and column, from the catalog. */
#pragma once

#include "common/base/buf.h"
#include "server/db/seal.h"

/* $1 uuid: from this id on; $2 bytea: how a value begins that is as it should be. Columns: id, two numbers,
 * value. Written back by id and numbers ($1 to $3), old value ($4) and new one ($5). */
struct reseal_source {
	struct db_seal_place place; /* without id and numbers */
	const char *table;
	char *select, *update;
	char *unguard, *guard; /* triggers away and back, also those that keep frozen records */
	char *rewrite;         /* the table anew: an update leaves the row as it was on its page */
};

/* Every place that is sealed; its texts are freed by reseal_sources_free(). */
struct reseal_source *reseal_sources_new(size_t *n_out);
void reseal_sources_free(struct reseal_source *sources, size_t n);

extern const char reseal_sql_keys[]; /* number, id, is it whole? */
extern const char
	reseal_sql_begun[]; /* $1 bigint: number, $2 bytea: id; nothing when it is there */
extern const char reseal_sql_whole[]; /* $1 bigint */
