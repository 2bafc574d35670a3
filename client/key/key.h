/*
 * The data key of a state folder (docs/adr/0011): 32 random bytes, made with the first sealed value, wrapped
 * in the file data.key. At a station it is wrapped to the machine; in personal mode to each person who
 * signed in there, and between commands it is held in the kernel's keyring.
 *
 * Calls block for the disk; those with a password also for Argon2id.
 */
#pragma once

#include "client/replica/replica.h"
#include "common/base/password.h"

struct data_key;

/* Reads nothing yet. home is copied. */
struct data_key *data_key_new(const char *home, const struct prac_env *env);

/* Wipes it; what the keyring holds stays. NULL is fine. */
void data_key_free(struct data_key *key);

/* For replica_open(); lives as long as the key. */
const struct replica_keys *data_key_source(struct data_key *key);

/* What opens it, in a word or two: "key file", "credential", "password"; "nothing yet" before it is made,
 * "unreadable" when data.key is damaged. */
const char *data_key_way(struct data_key *key);

/* ---- personal mode */

/* Before anything is sealed. PRAC_FAILED_PRECONDITION: there is a key, or no keyring to hold it. */
enum prac_status data_key_make_personal(
	struct data_key *key, char text_out[REPLICA_KEY_TEXT]) PRAC_MUST_USE;
bool data_key_is_personal(struct data_key *key);

/* It is held: somebody is signed in. True at a station. */
bool data_key_is_open(struct data_key *key);

/* Who gave the right password just now; of whom Argon2id has made key of password and salt. */
struct data_key_person {
	struct prac_id id;
	struct prac_bytes password;
	struct prac_bytes former; /* the password before this one; empty: not said */
	const uint8_t *salt;      /* PRAC_PASSWORD_SALT */
	const uint8_t *made;      /* PRAC_PASSWORD_KEY */
	uint32_t seconds;         /* that it is to be held */
};

/*
 * Opens the key with the person's password and holds it. Who has none yet gets it: the first person of the
 * device a new one, another one while the key is open. PRAC_FAILED_PRECONDITION with the sentence: it opens
 * neither with the password nor with the former one, or nobody has it open.
 */
enum prac_status data_key_sign_in(struct data_key *key, const struct data_key_person *person,
	char text_out[REPLICA_KEY_TEXT]) PRAC_MUST_USE;

/* Somebody is there: held for so many seconds from now on. */
void data_key_extend(struct data_key *key, uint32_t seconds);
void data_key_close(struct data_key *key);
