/*
 * What PostgreSQL keeps sealed from whoever reads its tables, dumps or files (docs/adr/0012): the fields that
 * prac_field_is_closed() names, in a record's table and its past, fields of newer programs beside them, the
 * payload of mutations of such types, and the parts of bulk imports. XChaCha20-Poly1305 under a key that the
 * server has and the database never sees.
 *
 * A sealed value is a byte that begins no plain one, the number of its key, nonce, content and authenticator.
 * The place is associated data, so it opens nowhere else. The same value at the same place is the same bytes:
 * triggers that compare rows, as of frozen records, see what did not change.
 */
#pragma once

#include "common/base/id.h"
#include "common/base/seal.h"

enum {
	DB_SEAL_MARK = 0xff, /* begins neither UTF-8, nor a protobuf, nor a compressed part */
	DB_SEAL_HEAD = 2,    /* mark, number of the key */
	DB_SEAL_OVERHEAD = DB_SEAL_HEAD + PRAC_SEAL_OVERHEAD,
	DB_SEAL_KEYS_MAX = 255,
	DB_SEAL_KEY_ID = 16
};

/* All keys there ever were: old values stay readable while they are sealed anew. */
struct db_seal {
	const uint8_t
		*keys; /* n_keys times PRAC_SEAL_KEY bytes, number 1 first; the last one seals */
	size_t n_keys;
};

enum db_seal_table {
	DB_SEAL_RECORD = 1, /* and its past: type, column, id */
	DB_SEAL_MUTATION,   /* id of the device, incarnation, counter */
	DB_SEAL_PART        /* id of the import */
};

struct db_seal_place {
	enum db_seal_table table;
	uint32_t type, column; /* number of the field; 0: extra */
	struct prac_id id;
	uint64_t incarnation, counter;
};

/* There is a key. In the arena. */
struct prac_bytes db_seal_put(const struct db_seal *seal, const struct db_seal_place *place,
	struct prac_bytes plain, struct prac_arena *arena);

/* PRAC_DATA_LOSS: not sealed, not here, not under a key that there is, or changed since; it is logged. */
enum prac_status db_seal_get(const struct db_seal *seal, const struct db_seal_place *place,
	struct prac_bytes sealed, struct prac_arena *arena,
	struct prac_bytes *plain_out) PRAC_MUST_USE;

/* Is id that of key `number`, from 1 on? False also when there is no such key. */
bool db_seal_is_key(const struct db_seal *seal, size_t number, struct prac_bytes id);

/* Tells a wrong key from damage, and nothing of the key. number: from 1 on. */
void db_seal_key_id(const struct db_seal *seal, size_t number, uint8_t id_out[DB_SEAL_KEY_ID]);
