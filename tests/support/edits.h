/*
 * Edits at random, as stations could send them: creates, changes from a base that may be old,
 * deletes, actions, the same again. Made from the catalog, so that every type takes part; many are
 * refused, which is to be judged too.
 */
#pragma once

#include "common/sync/mutation.h"
#include "server/sync/store.h"

struct edits;

/* What is there now, or NULL; the record lives in the arena. */
typedef struct prac_record *(*edits_look_fn)(
	void *ctx, uint32_t type, const struct prac_id *id, struct prac_arena *arena);

struct edits_config {
	uint64_t seed;
	edits_look_fn look;
	void *ctx;
	const struct prac_id *schools;
	size_t n_schools;
};

struct edits *edits_new(const struct edits_config *config);
void edits_free(struct edits *edits);

/* 0 ... n - 1 */
uint64_t edits_below(struct edits *edits, uint64_t n);

/* The next one, encoded, under this counter; in the arena. */
struct prac_bytes edits_next(struct edits *edits, uint64_t counter, struct prac_arena *arena);
