/*
 * The store in memory for the simulator: what PostgreSQL would do, with every answer held back until
 * store_mem_step() lets it go, so that whoever runs it chooses the order. Several servers may share
 * one database; the head row is locked from begin to the end of the transaction.
 */
#pragma once

#include "tests/sim/mem_db.h"

/* What happens to the next commit. */
enum store_mem_fault {
	STORE_MEM_HEALTHY,
	STORE_MEM_LOST_BEFORE, /* the connection is lost, nothing was committed */
	STORE_MEM_LOST_AFTER,  /* the connection is lost, all was committed */
	STORE_MEM_DIES_AFTER,  /* all was committed, and the server dies before it hears of it */
	STORE_MEM_UNAVAILABLE  /* begin fails */
};

/* Mistakes to be found: see SYNC 5.4. */
enum store_mem_bug {
	STORE_MEM_NO_BUG,
	STORE_MEM_NAIVE_CURSOR,  /* numbers are drawn without holding the head row */
	STORE_MEM_COUNTER_FIRST, /* a device's counter moves before its mutations are kept */
	STORE_MEM_ACK_FIRST      /* commit says done before it is */
};

struct store_mem_call;

/* The database and the calls under way on it. */
struct store_mem_server {
	struct store store; /* first: what the server sees */
	struct store_mem *mem;
	bool is_open; /* a transaction is */
};

struct store_mem {
	struct mem_db *db;
	enum store_mem_bug bug;
	enum store_mem_fault fault; /* of the next begin or commit; then healthy again */
	struct prac_id poison;      /* a commit with this record is refused; nil: none */
	uint64_t n_drawn;           /* NAIVE_CURSOR: numbers given out */
	GPtrArray *calls;           /* of struct store_mem_call, oldest first */
	void (*wake)(void *ctx);    /* a call was made, or the head row given back; may be NULL */
	void *wake_ctx;
	const struct store_mem_server *holder; /* of the head row; NULL: it is free */
	/* To be restarted by whoever runs it; its commit waits for the disconnect. NULL: none. */
	const struct store_mem_server *dead;
	size_t page_rows_max; /* of every page, whatever is asked; 0: as asked */
	bool reads_early;     /* a page is as old as its question, not as its answer */
	size_t n_begins, n_commits;
	size_t n_stale; /* refused: another server moved the head of what was judged ahead */
};

void store_mem_init(struct store_mem *mem);
void store_mem_deinit(struct store_mem *mem);

/* A server's connection. Storage is the caller's and must outlive its calls. */
void store_mem_connect(struct store_mem *mem, struct store_mem_server *server);

/*
 * The connection is gone: its calls are answered as lost, none of them is done, its open transaction is
 * rolled back.
 */
void store_mem_disconnect(struct store_mem_server *server);

/* Calls that can be answered now. */
size_t store_mem_ready(const struct store_mem *mem);

/* Answers the nth of them. */
void store_mem_step(struct store_mem *mem, size_t nth);
