/*
 * What the sequencer and the feed need of a store, so that one code runs on PostgreSQL
 * (store_pg.c) and in the simulator's memory. A store decides nothing: it loads, writes what it is
 * told in one transaction, and pages.
 *
 * Callbacks run exactly once and never before the call that takes them has returned. What they are
 * given lives in the arena that came with the call.
 */
#pragma once

#include "common/base/arena.h"
#include "common/sync/cursor.h"
#include "common/sync/mutation.h"
#include "server/sync/notice.h"

struct store_key {
	uint32_t type;
	struct prac_id id;
};

struct store_device {
	struct prac_id id;
	uint64_t incarnation;
	uint64_t last_counter;
	uint64_t acked_through;
};

enum store_load_kind {
	STORE_BY_ID,    /* records of `type` with these ids, deleted ones too */
	STORE_CHILDREN, /* live records of `type` whose reference `field` is one of ids */
	STORE_SCOPE,    /* live records of `type` whose owning scope is one of ids */
	STORE_BY_KEY, /* live records of `type`, a unique one, with the natural key of one of keys */
	STORE_PARENTS, /* records that reference `field` of the records of `type` with these ids names */
	/*
	 * Live records of `type` whose reference `field`, NULL: whose id, is what reference `named` of
	 * those live records of `through` names whose reference `by` is one of ids.
	 */
	STORE_THROUGH
};

struct store_load {
	enum store_load_kind kind;
	const struct prac_type *type;
	const struct prac_field *field;  /* of STORE_CHILDREN, PARENTS and THROUGH, else NULL */
	const struct prac_type *through; /* STORE_THROUGH only, as are by and named */
	const struct prac_field *by, *named;
	const struct prac_id *ids;
	size_t n_ids;
	const struct prac_record *const *keys; /* STORE_BY_KEY, instead of ids */
	size_t n_keys;
	bool with_feed; /* the feed rows of what is found come with it */
	/* STORE_CHILDREN and THROUGH: only those dated from the one day until the other; NULL: all. */
	const struct prac_field *date;
	int32_t from, until;
	bool or_none; /* with date: also those whose field refers to nothing */
};

/* Everything one batch needs, asked for in one trip behind the locked head row. */
struct store_ask {
	size_t n_numbers; /* how far the head moves: an upper bound, unused numbers are harmless */
	const struct store_device *devices; /* ids and incarnations */
	size_t n_devices;
	const struct store_load *loads;
	size_t n_loads;
};

/* What only the answer to the first trip told to ask for. */
struct store_more {
	const struct store_load *loads;
	size_t n_loads;
	const struct prac_mutation_key *keys; /* whose stored verdicts are wanted */
	size_t n_keys;
	const uint64_t *seqs; /* numbers of mutations that are wanted likewise */
	size_t n_seqs;
};

enum store_gone {
	STORE_LIVE,
	STORE_DELETED,
	STORE_MOVED,
	STORE_HIDDEN
};

struct store_feed_row {
	struct prac_id scope;
	struct store_key key;
	enum store_gone gone;
	uint64_t seq;
};

/* A mutation as it was judged: the verdict and what it is an answer to. */
struct store_judged {
	struct prac_mutation_key key;
	struct prac_verdict verdict;
	uint32_t type;
	struct prac_id id;
	struct prac_id person;
	struct prac_bytes payload; /* the mutation as sent; more leaves it empty */
	struct prac_digest hash;
	int64_t client_time_ms;
};

/* What begin, or more, found. */
struct store_facts {
	uint64_t epoch;
	uint64_t head; /* before the batch; its numbers are head + 1 ... head + n_numbers */
	struct store_device *devices; /* in the order asked; unknown ones with last_counter 0 */
	size_t n_devices;
	/* Without order; one that several loads name may stand several times, equal each time. */
	struct prac_record **records;
	size_t n_records;
	struct store_feed_row *feed; /* as records: a row may stand several times */
	size_t n_feed;
	struct store_judged *judged; /* more: of the keys and numbers that are known */
	size_t n_judged;
};

/*
 * What follows the student becomes seen in a scope, or is seen there no longer. The student's own
 * feed row is not part of it. LIVE: every live record that follows the student gets a live feed row
 * with this seq in the scope, unless it has a live one. MOVED: every live feed row in the scope of a
 * record that follows the student and is not owned by the scope becomes MOVED with this seq. Rows
 * whose seq is larger already belong to a later mutation of the batch and stay as they are.
 */
struct store_fan_out {
	struct prac_id student;
	struct prac_id scope;
	uint64_t seq;
	enum store_gone gone; /* STORE_LIVE or STORE_MOVED */
};

/* All that one batch writes. Each record and each feed row stands once, in its last shape. */
struct store_writes {
	const struct prac_record **records;
	const bool *is_new; /* of the record at the same index */
	/* Does another changed one take the natural key that is stored of it? NULL: of none. */
	const bool *lets_go;
	/*
	 * Reported types: every version in seq order, not only the last, for the history. The last
	 * version of each record is also in records.
	 */
	const struct prac_record **versions;
	/* Is the version at the same index its record's first? NULL: none is known to be. */
	const bool *is_first;
	size_t n_records, n_versions;
	const struct store_feed_row *feed;
	/* Has the store no feed row of the key and scope at the same index? NULL: it may have each. */
	const bool *is_fresh;
	size_t n_feed;
	const struct store_fan_out *fan_outs; /* after feed, in seq order */
	size_t n_fan_outs;
	const struct store_judged *judged;
	size_t n_judged;
	const struct store_device *devices; /* new counters */
	size_t n_devices;
	uint64_t after; /* the head before the batch, as loaded */
	uint64_t head;  /* last number used */
	int64_t now_ms;
};

struct store_page_ask {
	const struct prac_id *scopes;
	size_t n_scopes;
	uint64_t after;             /* rows with a larger seq */
	size_t max_rows, max_bytes; /* a page never ends inside a seq, so it may hold more */
	struct prac_id device;
	uint64_t incarnation;
	const char *pass; /* that opens the scopes (db_batch_enter()); may be NULL */
};

struct store_page_row {
	struct store_feed_row feed;
	const struct prac_record *record; /* NULL when gone */
};

/* Rows in ascending seq, all of one snapshot of the database. */
struct store_page {
	struct store_page_row *rows;
	size_t n_rows;
	uint64_t epoch, head;
	uint64_t through; /* every change up to it is in this page or an earlier one */
	bool complete;    /* through == head for these scopes */
	uint64_t last_counter;
};

typedef void (*store_loaded_fn)(
	void *ctx, enum prac_status status, const struct store_facts *facts);
typedef void (*store_done_fn)(void *ctx, enum prac_status status);
typedef void (*store_page_fn)(void *ctx, enum prac_status status, const struct store_page *page);

struct store;

/*
 * One batch's writes. In the open transaction, or, when they were judged over what was loaded ahead,
 * in one that commit opens itself.
 */
struct store_commit {
	const struct store_writes *writes;
	struct prac_arena *arena;
	struct notice notice; /* other servers are told with the COMMIT; each scope once */
	bool opens;           /* the head must still be notice.after, as loaded ahead said */
	size_t n_numbers;     /* opens: as in the ask */
	void *ready;          /* the store's own, made by prepare */
};

/*
 * What the next batch needs, loaded behind the writes of this one and before its COMMIT. loaded runs
 * at most once and before commit's done; what it gets holds only if the commit does.
 */
struct store_next {
	const struct store_ask *ask;
	struct prac_arena *arena;
	store_loaded_fn loaded;
	void *ctx;
};

struct store_ops {
	/*
	 * Opens the transaction, locks the head row first, loads. At most one batch is open. With
	 * PRAC_OK the transaction is open until commit or rollback has called back; otherwise
	 * nothing is open. PRAC_FAILED_PRECONDITION: this is another life of the data than the head's, and
	 * an operator has to decide.
	 */
	void (*begin)(struct store *store, const struct store_ask *ask, struct prac_arena *arena,
		store_loaded_fn done, void *ctx);
	/* In the open transaction, at most once. After another status than PRAC_OK: roll back. */
	void (*more)(struct store *store, const struct store_more *ask, struct prac_arena *arena,
		store_loaded_fn done, void *ctx);
	/*
	 * Does the work of commit that needs no database, once, while another batch has it. Need not be
	 * called; what is prepared need not be committed.
	 */
	void (*prepare)(struct store *store, struct store_commit *commit);
	/*
	 * Writes and commits. PRAC_OK: durable. PRAC_UNKNOWN: the outcome is not known (run the batch
	 * again, the keys make it a replay). PRAC_INVALID_ARGUMENT: the store refuses something in it
	 * (bisect). PRAC_ABORTED: another server moved the head since it was loaded ahead (begin, and
	 * judge again). Everything else: not committed, try again later. The transaction is over in
	 * every case. next may be NULL and is copied; commit must live until done.
	 */
	void (*commit)(struct store *store, struct store_commit *commit,
		const struct store_next *next, store_done_fn done, void *ctx);
	void (*rollback)(struct store *store, store_done_fn done, void *ctx);
	void (*page)(struct store *store, const struct store_page_ask *ask,
		struct prac_arena *arena, store_page_fn done, void *ctx);
};

/* First member of every store. */
struct store {
	const struct store_ops *ops;
};
