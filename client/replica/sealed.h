/*
 * What the replica keeps sealed under the device's data key (docs/adr/0011): input in the outbox, the
 * words of verdicts, and of each record the fields that the catalog marks `sealed` and those that this
 * program does not know. Inside client/replica only.
 *
 * The place (column, record type, record id, key of the input) is associated data, so that a sealed
 * value opens only where it was put. Failures are the transaction's, as in file.h.
 */
#pragma once

#include "client/replica/rows.h"

enum sealed_column {
	SEALED_FIELDS = 1, /* _sealed of a record's table */
	SEALED_PAYLOAD,    /* payload of the outbox */
	SEALED_WORDS,      /* words of the outbox */
	SEALED_FILE /* a chunk of an attachment's bytes; type 0, id and counter say of which */
};

struct sealed_place {
	enum sealed_column column;
	uint32_t type;
	struct prac_id id;
	uint64_t incarnation, counter; /* of an input; 0 of a record */
};

/* The key is at hand, or the transaction has failed: what comes from the server waits for who may read it. */
bool sealed_ready(struct replica *replica);

/* Empty after a failure. */
struct prac_bytes sealed_put(struct replica *replica, const struct sealed_place *place,
	struct prac_bytes plain, struct prac_arena *arena);
struct prac_bytes sealed_get(struct replica *replica, const struct sealed_place *place,
	struct prac_bytes sealed, struct prac_arena *arena);

/* Of an input: the columns type, record, incarnation, counter, payload and, where wanted, words stand in
 * this order from `at` on. words are empty when there are none. */
struct prac_bytes sealed_payload(
	struct replica *replica, sqlite3_stmt *stmt, int at, struct prac_arena *arena);
struct prac_bytes sealed_words(
	struct replica *replica, sqlite3_stmt *stmt, int at, struct prac_arena *arena);

/* Base of a row from a record's canonical bytes: what is open, what is sealed. In row_arena. */
void sealed_split(struct replica *replica, const struct prac_type *type, struct prac_bytes body,
	struct row *row);

/* All fields of a row's base, in any order; borrows the row or lies in the arena. */
struct prac_bytes sealed_join(struct replica *replica, const struct prac_type *type,
	const struct row *row, struct prac_arena *arena);

/* Seals what an earlier form of the file has in the clear. */
void sealed_migrate(struct replica *replica);

/* The key in use is wiped; the next transaction asks for it again. */
void sealed_forget(struct replica *replica);
