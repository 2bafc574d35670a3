/* The data key of a personal device: wrapped to people, open while one of them is signed in. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/key/held.h"
#include "client/key/inside.h"
#include "common/base/hash.h"

/* The password's key opens the person's own key as well: each use has a secret of its own. */
static void derive(const uint8_t made[PRAC_PASSWORD_KEY], uint8_t secret_out[PRAC_SEAL_KEY])
{
	struct prac_digest digest = prac_hmac_sha256((struct prac_bytes){ made, PRAC_PASSWORD_KEY },
		prac_bytes_text("practicum person wrap 1"));

	memcpy(secret_out, digest.b, PRAC_SEAL_KEY);
	explicit_bzero(&digest, sizeof(digest));
}

/* False: not with this password. */
static bool open_with(const struct data_key *key, const struct key_entry *entry,
	struct prac_bytes password, uint8_t key_out[PRAC_SEAL_KEY])
{
	uint8_t made[PRAC_PASSWORD_KEY], secret[PRAC_SEAL_KEY];
	bool is_open =
		password.len > 0 && prac_password_key(password, entry->salt, made) == PRAC_OK;

	if (is_open) {
		derive(made, secret);
		is_open = key_file_unwrap(&key->file, entry, secret, key_out) == PRAC_OK;
	}
	explicit_bzero(made, sizeof(made));
	explicit_bzero(secret, sizeof(secret));
	return is_open;
}

/* Opens it with what was said, or takes it from whoever has it open. */
static bool find_key(const struct data_key *key, const struct key_entry *entry,
	const struct data_key_person *person, uint8_t key_out[PRAC_SEAL_KEY])
{
	uint8_t secret[PRAC_SEAL_KEY];
	bool is_open = false;

	if (entry != NULL && memcmp(entry->salt, person->salt, sizeof(entry->salt)) == 0) {
		derive(person->made, secret);
		is_open = key_file_unwrap(&key->file, entry, secret, key_out) == PRAC_OK;
		explicit_bzero(secret, sizeof(secret));
	}
	return is_open ||
	       (entry != NULL && (open_with(key, entry, person->password, key_out) ||
					 open_with(key, entry, person->former, key_out))) ||
	       held_get(&key->file.id, key_out);
}

static enum prac_status wrap(struct data_key *key, const struct data_key_person *person,
	const uint8_t bytes[PRAC_SEAL_KEY], char text_out[REPLICA_KEY_TEXT])
{
	struct key_entry entry = { .by = KEY_BY_PERSON, .person = person->id };
	uint8_t secret[PRAC_SEAL_KEY];
	enum prac_status status;

	memcpy(entry.salt, person->salt, sizeof(entry.salt));
	derive(person->made, secret);
	status = key_file_wrap(&key->file, &entry, secret, bytes, key->env);
	explicit_bzero(secret, sizeof(secret));
	if (status != PRAC_OK) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"%d people can open this personal device already; use a station",
			KEY_ENTRIES_MAX);
		return PRAC_FAILED_PRECONDITION;
	}
	return data_key_write(key, text_out);
}

static enum prac_status refuse(const struct key_entry *entry, char text_out[REPLICA_KEY_TEXT])
{
	(void)snprintf(text_out, REPLICA_KEY_TEXT, "%s",
		entry != NULL
			? "what is on this device opens with the password you had before: practicum "
			  "login --former-password-file FILE; or have somebody who can open it sign in "
			  "first"
			: "this is the personal device of somebody else, who signs in first; then you "
			  "can, too");
	return PRAC_FAILED_PRECONDITION;
}

static enum prac_status sign_in(
	struct data_key *key, const struct data_key_person *person, char text_out[REPLICA_KEY_TEXT])
{
	const struct key_entry *entry = key_file_find(&key->file, KEY_BY_PERSON, &person->id);
	bool is_same = entry != NULL && memcmp(entry->salt, person->salt, sizeof(entry->salt)) == 0;
	uint8_t bytes[PRAC_SEAL_KEY];
	enum prac_status status = PRAC_OK;

	if (!key->file.has_id) {
		key->env->random(key->env->ctx, bytes, sizeof(bytes));
	} else if (!find_key(key, entry, person, bytes)) {
		status = refuse(entry, text_out);
	}
	if (status == PRAC_OK && !is_same) {
		status = wrap(key, person, bytes, text_out);
	}
	if (status == PRAC_OK && !held_put(bytes, person->seconds)) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"the kernel's keyring does not take the key; a personal device needs it");
		status = PRAC_FAILED_PRECONDITION;
	}
	explicit_bzero(bytes, sizeof(bytes));
	return status;
}

enum prac_status data_key_sign_in(
	struct data_key *key, const struct data_key_person *person, char text_out[REPLICA_KEY_TEXT])
{
	int held = folder_hold(key->home);
	enum prac_status status = data_key_read(key, text_out);

	if (status == PRAC_OK && key->file.is_personal) {
		status = sign_in(key, person, text_out);
	} else if (status == PRAC_NOT_FOUND) {
		status = PRAC_OK; /* a station's, not made yet */
	}
	if (held >= 0) {
		(void)close(held); /* lets go of the lock */
	}
	return status;
}

enum prac_status data_key_make_personal(struct data_key *key, char text_out[REPLICA_KEY_TEXT])
{
	enum prac_status status = data_key_read(key, text_out);

	if (status == PRAC_OK && key->file.is_personal && !key->file.has_id) {
		return PRAC_OK; /* an enrollment that did not come to its end */
	}
	if (status != PRAC_NOT_FOUND) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"this folder has a data key already; enroll a personal device in a new one");
		return PRAC_FAILED_PRECONDITION;
	}
	if (!held_works()) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"a personal device needs the kernel's keyring, which this system does not "
			"let programs use");
		return PRAC_FAILED_PRECONDITION;
	}
	memset(&key->file, 0, sizeof(key->file));
	key->file.is_personal = true;
	return data_key_write(key, text_out);
}

bool data_key_is_personal(struct data_key *key)
{
	char text[REPLICA_KEY_TEXT];

	return data_key_read(key, text) == PRAC_OK && key->file.is_personal;
}

bool data_key_is_open(struct data_key *key)
{
	uint8_t bytes[PRAC_SEAL_KEY];
	bool is_open =
		!data_key_is_personal(key) || (key->file.has_id && held_get(&key->file.id, bytes));

	explicit_bzero(bytes, sizeof(bytes));
	return is_open;
}

void data_key_extend(struct data_key *key, uint32_t seconds)
{
	if (data_key_is_personal(key) && key->file.has_id) {
		held_extend(&key->file.id, seconds);
	}
}

void data_key_close(struct data_key *key)
{
	if (data_key_is_personal(key) && key->file.has_id) {
		held_drop(&key->file.id);
	}
}
