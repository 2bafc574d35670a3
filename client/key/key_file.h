/*
 * The file data.key of a state folder: the data key, wrapped (docs/adr/0011). It holds no secret in the
 * clear. Lines of text; digits are lower-case hex:
 *
 *   practicum data key 1 machine       or: personal
 *   id DIGITS                          of the key; absent in personal mode until somebody signed in
 *   file DIGITS                        wrapped under the station's key file
 *   credential DIGITS                  wrapped under the credential of the service
 *   person ID SALT DIGITS              wrapped under the password of a person
 *
 * A machine's has one entry, file or credential; a personal one has an entry a person.
 */
#pragma once

#include "client/replica/replica.h"
#include "common/base/buf.h"
#include "common/base/password.h"

#define KEY_FILE "data.key"

enum {
	KEY_FILE_MAX = 16 * 1024, /* bytes */
	KEY_ENTRIES_MAX = 32,
	KEY_WRAPPED = PRAC_SEAL_KEY + PRAC_SEAL_OVERHEAD
};

enum key_wrap {
	KEY_BY_FILE = 1,
	KEY_BY_CREDENTIAL,
	KEY_BY_PERSON
};

struct key_entry {
	enum key_wrap by;
	struct prac_id person;            /* KEY_BY_PERSON */
	uint8_t salt[PRAC_PASSWORD_SALT]; /* KEY_BY_PERSON: of the password's Argon2id */
	uint8_t wrapped[KEY_WRAPPED];
};

struct key_file {
	bool is_personal;
	bool has_id;
	struct replica_key_id id;
	struct key_entry entries[KEY_ENTRIES_MAX];
	size_t n_entries;
};

/* PRAC_DATA_LOSS: not such a file. What is taken is exactly what would be written. */
enum prac_status key_file_parse(struct prac_bytes text, struct key_file *file_out) PRAC_MUST_USE;
void key_file_format(const struct key_file *file, struct prac_buf *buf);

/*
 * Wraps the key under 32 secret bytes and puts the entry, which says how, in the place of a former one of
 * the same kind and person. PRAC_RESOURCE_EXHAUSTED: KEY_ENTRIES_MAX people have it.
 */
enum prac_status key_file_wrap(struct key_file *file, const struct key_entry *entry,
	const uint8_t secret[PRAC_SEAL_KEY], const uint8_t key[PRAC_SEAL_KEY],
	const struct prac_env *env) PRAC_MUST_USE;

/* PRAC_DATA_LOSS: not with this secret, or changed since. */
enum prac_status key_file_unwrap(const struct key_file *file, const struct key_entry *entry,
	const uint8_t secret[PRAC_SEAL_KEY], uint8_t key_out[PRAC_SEAL_KEY]) PRAC_MUST_USE;

/* NULL: there is none. A nil person for a machine's. */
const struct key_entry *key_file_find(
	const struct key_file *file, enum key_wrap by, const struct prac_id *person);

/* Bytes as lower-case hex, and back; false: not exactly n bytes of it. */
void key_hex(const uint8_t *bytes, size_t n, struct prac_buf *buf);
bool key_unhex(struct prac_bytes text, uint8_t *bytes_out, size_t n);
