#include "client/replica/sealed.h"

#include <stdio.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/catalog/coding.h"
#include "sql/replica.h"

enum {
	PLACE_LEN = 1 + 4 + PRAC_ID_LEN + 8 + 8
};

/* ---- the key */

struct replica_key_id replica_key_id(const uint8_t key[PRAC_SEAL_KEY])
{
	struct prac_digest digest = prac_hmac_sha256((struct prac_bytes){ key, PRAC_SEAL_KEY },
		prac_bytes_text("practicum data key id 1"));
	struct replica_key_id id;

	memcpy(id.b, digest.b, sizeof(id.b));
	return id;
}

/* The first value that is sealed: from now on no other key will do. */
static void note_key(struct replica *replica)
{
	const struct replica_key_id id = replica_key_id(replica->key);
	sqlite3_stmt *stmt = file_use(replica, &q_replica_meta_key);

	bind_bytes(stmt, 1, (struct prac_bytes){ id.b, sizeof(id.b) });
	file_run(replica, stmt);
	replica->meta.key_id = id;
	replica->meta.has_key_id = true;
}

/* Asked for once a transaction, so that a key that was taken away meanwhile is of no more use. */
static const uint8_t *key_of(struct replica *replica)
{
	const struct replica_keys *keys = replica->keys;
	char text[REPLICA_KEY_TEXT] = "the data key of this replica is not at hand";
	enum prac_status status = PRAC_FAILED_PRECONDITION;
	struct replica_key_id id;

	if (replica->has_key) {
		return replica->key;
	}
	if (keys != NULL) {
		status = keys->get(keys->ctx, !replica->meta.has_key_id, replica->key, text);
	}
	if (status != PRAC_OK) {
		file_fail(replica, status, text);
		return NULL;
	}
	id = replica_key_id(replica->key);
	if (replica->meta.has_key_id && memcmp(&id, &replica->meta.key_id, sizeof(id)) != 0) {
		explicit_bzero(replica->key, sizeof(replica->key));
		file_fail(replica, PRAC_FAILED_PRECONDITION,
			"data.key is not the key that this replica was sealed with; put back the "
			"one that belongs to it, or enroll anew in another folder");
		return NULL;
	}
	replica->has_key = true;
	return replica->key;
}

bool sealed_ready(struct replica *replica)
{
	return key_of(replica) != NULL;
}

enum prac_status replica_check_key(struct replica *replica)
{
	file_begin_read(replica);
	(void)sealed_ready(replica); /* the transaction keeps its failure */
	return file_end(replica);
}

void sealed_forget(struct replica *replica)
{
	explicit_bzero(replica->key, sizeof(replica->key));
	replica->has_key = false;
	replica->n_nonces = 0;
}

/* ---- one value */

static void put_number(uint8_t *out, uint64_t number, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out[i] = (uint8_t)(number >> (8 * i));
	}
}

static void write_place(const struct sealed_place *place, uint8_t out[PLACE_LEN])
{
	out[0] = (uint8_t)place->column;
	put_number(out + 1, place->type, 4);
	memcpy(out + 5, place->id.b, PRAC_ID_LEN);
	put_number(out + 5 + PRAC_ID_LEN, place->incarnation, 8);
	put_number(out + 13 + PRAC_ID_LEN, place->counter, 8);
}

static void fail_damaged(struct replica *replica, const struct sealed_place *place)
{
	const struct table *table = table_find(replica, place->type);
	char id[PRAC_ID_TEXT], text[sizeof(replica->error)];

	prac_id_format(&place->id, id);
	(void)snprintf(text, sizeof(text),
		"%s %s of the replica is damaged: its sealed part does not open; keep the folder, "
		"and enroll anew in another one",
		table != NULL ? table->type->name : "record", id);
	file_fail(replica, PRAC_DATA_LOSS, text);
}

/* By several at once, because a first load seals a value or more of most rows. */
static const uint8_t *next_nonce(struct replica *replica)
{
	if (replica->n_nonces == 0) {
		replica->env->random(
			replica->env->ctx, replica->nonces[0], sizeof(replica->nonces));
		replica->n_nonces = FILE_NONCES;
	}
	return replica->nonces[--replica->n_nonces];
}

struct prac_bytes sealed_put(struct replica *replica, const struct sealed_place *place,
	struct prac_bytes plain, struct prac_arena *arena)
{
	uint8_t where[PLACE_LEN];
	const struct prac_sealing sealing = { key_of(replica), { where, sizeof(where) } };

	if (sealing.key == NULL) {
		return (struct prac_bytes){ 0 };
	}
	if (!replica->meta.has_key_id) {
		note_key(replica);
	}
	write_place(place, where);
	return prac_seal_with(&sealing, plain, next_nonce(replica), arena);
}

struct prac_bytes sealed_get(struct replica *replica, const struct sealed_place *place,
	struct prac_bytes sealed, struct prac_arena *arena)
{
	struct prac_bytes plain = { 0 };
	uint8_t where[PLACE_LEN];
	const struct prac_sealing sealing = { key_of(replica), { where, sizeof(where) } };

	if (sealing.key == NULL) {
		return plain;
	}
	write_place(place, where);
	if (prac_unseal_at(&sealing, sealed, arena, &plain) != PRAC_OK) {
		fail_damaged(replica, place);
	}
	return plain;
}

/* ---- the fields of a record */

static bool is_open(const struct prac_type *type, uint32_t number)
{
	const struct prac_field *field = prac_field_find(type, number);

	return field != NULL && (field->flags & PRAC_SEALED) == 0;
}

struct parts {
	uint8_t *open, *closed;
	size_t n_open, n_closed;
};

static void append(uint8_t *out, size_t *n, struct prac_bytes bytes)
{
	memcpy(out + *n, bytes.data, bytes.len);
	*n += bytes.len;
}

/* False: the bytes are no record, which reading them will say. */
static bool part(const struct prac_type *type, struct prac_bytes body, struct parts *parts)
{
	struct prac_bytes rest = body;
	struct prac_coded coded;

	while (rest.len > 0) {
		if (prac_coding_next(&rest, &coded) != PRAC_OK) {
			return false;
		}
		if (is_open(type, coded.number)) {
			append(parts->open, &parts->n_open, coded.whole);
		} else {
			append(parts->closed, &parts->n_closed, coded.whole);
		}
	}
	return true;
}

void sealed_split(struct replica *replica, const struct prac_type *type, struct prac_bytes body,
	struct row *row)
{
	const struct sealed_place place = { SEALED_FIELDS, type->number, row->id, 0, 0 };
	struct parts parts = { prac_arena_alloc(&replica->row_arena, body.len + 1),
		prac_arena_alloc(&replica->row_arena, body.len + 1), 0, 0 };

	row->base = body;
	row->sealed = (struct prac_bytes){ 0 };
	if (!part(type, body, &parts)) {
		file_fail(replica, PRAC_DATA_LOSS, "a record cannot be read");
	} else if (parts.n_closed > 0) {
		row->base = (struct prac_bytes){ parts.open, parts.n_open };
		row->sealed = sealed_put(replica, &place,
			(struct prac_bytes){ parts.closed, parts.n_closed }, &replica->row_arena);
	}
}

struct prac_bytes sealed_join(struct replica *replica, const struct prac_type *type,
	const struct row *row, struct prac_arena *arena)
{
	const struct sealed_place place = { SEALED_FIELDS, type->number, row->id, 0, 0 };
	struct prac_bytes closed;
	uint8_t *all;
	size_t n = 0;

	if (row->sealed.len == 0) {
		return row->base;
	}
	closed = sealed_get(replica, &place, row->sealed, arena);
	if (closed.len == 0) {
		return row->base; /* the failure is kept */
	}
	all = prac_arena_alloc(arena, row->base.len + closed.len);
	if (row->base.len > 0) {
		append(all, &n, row->base);
	}
	append(all, &n, closed);
	return (struct prac_bytes){ all, n };
}

/* ---- inputs */

enum input_column {
	INPUT_TYPE,
	INPUT_RECORD,
	INPUT_INCARNATION,
	INPUT_COUNTER,
	INPUT_PAYLOAD,
	INPUT_WORDS
};

static struct sealed_place place_of(sqlite3_stmt *stmt, int at, enum sealed_column column)
{
	return (struct sealed_place){ column, (uint32_t)sqlite3_column_int64(stmt, at + INPUT_TYPE),
		column_id(stmt, at + INPUT_RECORD), column_u64(stmt, at + INPUT_INCARNATION),
		column_u64(stmt, at + INPUT_COUNTER) };
}

struct prac_bytes sealed_payload(
	struct replica *replica, sqlite3_stmt *stmt, int at, struct prac_arena *arena)
{
	const struct sealed_place place = place_of(stmt, at, SEALED_PAYLOAD);

	return sealed_get(replica, &place, column_bytes(stmt, at + INPUT_PAYLOAD), arena);
}

struct prac_bytes sealed_words(
	struct replica *replica, sqlite3_stmt *stmt, int at, struct prac_arena *arena)
{
	const struct sealed_place place = place_of(stmt, at, SEALED_WORDS);

	if (sqlite3_column_type(stmt, at + INPUT_WORDS) == SQLITE_NULL) {
		return (struct prac_bytes){ 0 };
	}
	return sealed_get(replica, &place, column_bytes(stmt, at + INPUT_WORDS), arena);
}

/* ---- from a file without */

static void seal_input(struct replica *replica, sqlite3_stmt *read, sqlite3_stmt *write)
{
	const struct sealed_place payload = place_of(read, 1, SEALED_PAYLOAD);
	const struct sealed_place words = place_of(read, 1, SEALED_WORDS);

	bind_u64(write, 1, column_u64(read, 0));
	bind_bytes(write, 2,
		sealed_put(replica, &payload, column_bytes(read, 1 + INPUT_PAYLOAD),
			&replica->row_arena));
	if (sqlite3_column_type(read, 1 + INPUT_WORDS) != SQLITE_NULL) {
		bind_bytes(write, 3,
			sealed_put(replica, &words, column_bytes(read, 1 + INPUT_WORDS),
				&replica->row_arena));
	}
}

void sealed_migrate(struct replica *replica)
{
	sqlite3_stmt *read = file_use(replica, &q_replica_outbox_all), *write;

	while (file_row(replica, read)) {
		write = file_use(replica, &q_replica_outbox_seal);
		seal_input(replica, read, write);
		file_run(replica, write); /* clears what is bound */
		prac_arena_reset(&replica->row_arena);
	}
}
