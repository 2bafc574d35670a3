/*
 * A store that does what PostgreSQL's does and keeps the statements of every batch it writes, so that
 * they can be run once more with nothing around them.
 */
#pragma once

#include "server/db/db.h"
#include "server/sync/store_pg.h"

/* One transaction: takes its numbers at the head where the batch before it left it, and writes. */
struct tape_batch {
	struct prac_arena arena; /* of all of it */
	struct db_batch *statements;
	struct tape_batch *next;
};

struct tape {
	struct store store; /* first: what the sequencer sees */
	struct store *real;
	struct tape_batch *first, **end;
	size_t n_batches, n_mutations;
	uint64_t head; /* where the database that plays the tape stands behind the last batch */
};

/* head: where the database that plays the tape stands now. real must outlive the tape. */
void tape_init(struct tape *tape, struct store *real, uint64_t head);
void tape_deinit(struct tape *tape);
