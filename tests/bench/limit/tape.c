#include "tests/bench/limit/tape.h"

#include <glib.h>

#include "server/sync/store_pg_parts.h"
#include "sql/queries.h"

static struct tape *tape_of(struct store *store)
{
	return container_of(store, struct tape, store);
}

static void begin(struct store *store, const struct store_ask *ask, struct prac_arena *arena,
	store_loaded_fn done, void *ctx)
{
	struct store *real = tape_of(store)->real;

	real->ops->begin(real, ask, arena, done, ctx);
}

static void more(struct store *store, const struct store_more *ask, struct prac_arena *arena,
	store_loaded_fn done, void *ctx)
{
	struct store *real = tape_of(store)->real;

	real->ops->more(real, ask, arena, done, ctx);
}

static void prepare(struct store *store, struct store_commit *commit)
{
	struct store *real = tape_of(store)->real;

	real->ops->prepare(real, commit);
}

static void keep(struct tape *tape, const struct store_writes *writes)
{
	struct store_commit copy = { .writes = writes,
		.opens = true,
		.notice.after = tape->head,
		.n_numbers = writes->head - tape->head };
	struct tape_batch *batch = g_new0(struct tape_batch, 1);

	copy.arena = &batch->arena;
	tape->real->ops->prepare(tape->real, &copy);
	batch->statements = store_pg_prepared(&copy);
	db_batch_add(batch->statements, &q_sync_commit, NULL, NULL, NULL);
	*tape->end = batch;
	tape->end = &batch->next;
	tape->n_batches++;
	tape->n_mutations += writes->n_judged;
	tape->head = writes->head;
}

static void commit(struct store *store, struct store_commit *from, const struct store_next *next,
	store_done_fn done, void *ctx)
{
	struct tape *tape = tape_of(store);

	keep(tape, from->writes);
	tape->real->ops->commit(tape->real, from, next, done, ctx);
}

static void rollback(struct store *store, store_done_fn done, void *ctx)
{
	struct store *real = tape_of(store)->real;

	real->ops->rollback(real, done, ctx);
}

static void page(struct store *store, const struct store_page_ask *ask, struct prac_arena *arena,
	store_page_fn done, void *ctx)
{
	struct store *real = tape_of(store)->real;

	real->ops->page(real, ask, arena, done, ctx);
}

static const struct store_ops ops = { begin, more, prepare, commit, rollback, page };

void tape_init(struct tape *tape, struct store *real, uint64_t head)
{
	*tape = (struct tape){ .store.ops = &ops, .real = real, .head = head };
	tape->end = &tape->first;
}

void tape_deinit(struct tape *tape)
{
	while (tape->first != NULL) {
		struct tape_batch *batch = tape->first;

		tape->first = batch->next;
		prac_arena_deinit(&batch->arena);
		g_free(batch);
	}
}
