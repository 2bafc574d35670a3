/*
 * The SQLite file behind a replica: transactions, prepared statements, failures. Inside
 * client/replica only.
 *
 * Failures are sticky: the first one of a transaction is kept, what follows does nothing that
 * lasts, and file_end() rolls back and returns it. So callers step without looking at each result.
 */
#pragma once

#include <sqlite3.h>

#include "client/replica/replica.h"
#include "sql/stmt.h"

enum {
	FILE_STMTS_MAX = 140,
	FILE_UNKNOWN_MAX = 64, /* record types of a newer server that are kept */
	FILE_GROUP = 32,       /* rows that a first load puts in with one statement */
	FILE_NONCES = 10,      /* what one call of the system gives */
	FILE_FORMAT = 6        /* PRAGMA user_version */
};

/* The table of one record type and its statements. */
struct table {
	const struct prac_type *type;
	struct prac_type *unknown; /* owned; type points at it when the catalog has none */
	sqlite3_stmt *insert, *insert_group, *put, *get, *drop, *sweep, *near[2];
	const struct replica_row *group[FILE_GROUP]; /* of the chunk under way, not put in yet */
	size_t n_group;
};

/* Scopes were loaded at different cuts and no page has made them level yet. */
#define META_NO_PAGE UINT64_MAX

/* The row of meta, as of the start of the transaction and kept current by who changes it. */
struct meta {
	uint64_t incarnation, next_counter;
	struct prac_cursor cursor;
	uint64_t head;
	uint64_t mark;
	uint32_t schema;
	bool is_district; /* every school's scope comes to it sooner or later */
	bool asks_people; /* the district wants people to sign in */
	char catalog[2 * PRAC_SHA256_LEN + 1];
	bool has_key_id; /* something was sealed */
	struct replica_key_id key_id;
	bool is_unclean; /* free pages may hold what is sealed now */
};

struct file_stmt {
	const struct db_stmt *source;
	sqlite3_stmt *stmt;
};

struct replica_who;

struct replica {
	sqlite3 *db;
	const struct prac_env *env;
	struct table *tables; /* the catalog's, then unknown ones */
	size_t n_tables;
	struct file_stmt stmts[FILE_STMTS_MAX];
	size_t n_stmts;
	struct meta meta;
	struct prac_id *leaving; /* scopes taken away and not purged yet; in tx_arena */
	size_t n_leaving;
	struct replica_who *acting; /* NULL: not asked yet; in tx_arena */
	bool is_judging;            /* rules read: they see what the person may not */
	bool is_gathering;   /* facts for rules that words come from: whole, but seen records */
	bool has_pending;    /* some outbox row is part of the view */
	bool meets_known;    /* the chunk under way brings what is here already */
	unsigned depth;      /* of transactions */
	bool is_open_ended;  /* between replica_begin() and replica_commit() */
	bool wants_shrink;   /* something was erased whose bytes are still in the file */
	bool has_key;        /* key is that of this transaction */
	int64_t server_ms;   /* the server's clock at the last greeting; 0: not known */
	uint64_t greeted_ms; /* monotonic, of that greeting */
	const struct replica_keys *keys; /* may be NULL */
	uint8_t key[PRAC_SEAL_KEY];
	/* Drawn at once; none outlives its transaction. */
	uint8_t nonces[FILE_NONCES][PRAC_SEAL_NONCE];
	size_t n_nonces;
	enum prac_status failure;
	replica_collect_fn collect; /* may be NULL */
	void *collect_ctx;
	struct prac_arena tx_arena;  /* lives as long as the outermost transaction */
	struct prac_arena row_arena; /* reset before each row that is written */
	char error[256];
};

/* Nests; only the outermost begins and ends. Reading and writing take the same calls. */
void file_begin(struct replica *replica);
void file_begin_read(struct replica *replica);
enum prac_status file_end(struct replica *replica) PRAC_MUST_USE;

/* Keeps the first failure of the transaction. text is a sentence for people. */
void file_fail(struct replica *replica, enum prac_status status, const char *text);

/* A statement ready to be bound; prepared at its first use. NULL after a failure, which SQLite's
 * bind, step and column calls bear. */
sqlite3_stmt *file_use(struct replica *replica, const struct db_stmt *source);
sqlite3_stmt *file_prepare(struct replica *replica, const char *text, unsigned flags);

/* True when there is a row. At the end or on failure the statement is reset. */
bool file_row(struct replica *replica, sqlite3_stmt *stmt);

/* Runs a statement whose rows nobody wants. Borrowed bindings may go afterwards. */
void file_run(struct replica *replica, sqlite3_stmt *stmt);
void file_exec(struct replica *replica, const char *text);

/* For one row, then reset: the value of the first column. */
int64_t file_number(struct replica *replica, sqlite3_stmt *stmt);

void bind_id(sqlite3_stmt *stmt, int i, const struct prac_id *id);
void bind_u64(sqlite3_stmt *stmt, int i, uint64_t number);
void bind_bytes(sqlite3_stmt *stmt, int i, struct prac_bytes bytes); /* borrowed until the run */
uint64_t column_u64(sqlite3_stmt *stmt, int i);
struct prac_bytes column_bytes(sqlite3_stmt *stmt, int i); /* until the next step */
struct prac_id column_id(sqlite3_stmt *stmt, int i);       /* nil when it is no id */

void meta_save_position(struct replica *replica);
