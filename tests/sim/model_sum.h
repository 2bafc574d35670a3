/*
 * What each scope held at each number: sums over its live rows that do not hang on their order, so that
 * whoever says "consistent at H" can be compared with one number (P1).
 */
#pragma once

#include <glib.h>

#include "common/base/bytes.h"
#include "common/base/id.h"

struct model_sum {
	uint64_t hash;
	size_t n_rows;
};

/* A table of scopes, which owns their pasts. */
GHashTable *model_sums_new(void);

/* A row of the scope with this hash comes (by 1) or goes (by -1) at the number. */
void model_sum_add(
	GHashTable *sums, const struct prac_id *scope, uint64_t seq, uint64_t hash, int by);

/* What it held once everything up to the number had happened. */
struct model_sum model_sum_at(GHashTable *sums, const struct prac_id *scope, uint64_t seq);

/* ---- the hash of a row: begin, each of its groups that was ever written, end */
uint64_t model_hash_begin(uint32_t type, const struct prac_id *id, const struct prac_id *owner);
uint64_t model_hash_group(uint64_t hash, size_t group, uint64_t seq, struct prac_bytes bytes);
uint64_t model_hash_end(uint64_t hash);
