#include "client/key/key.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/key/held.h"
#include "client/key/inside.h"
#include "client/key/station.h"

/* ---- the file */

enum prac_status data_key_read(struct data_key *key, char text_out[REPLICA_KEY_TEXT])
{
	struct prac_buf buf = { 0 };
	enum prac_status status = folder_read(key->home, KEY_FILE, KEY_FILE_MAX, &buf);

	if (status == PRAC_OK && !folder_is_private(key->home, KEY_FILE)) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"others may read %.160s/" KEY_FILE "; chmod 600 it and have it belong to "
			"you",
			key->home);
		status = PRAC_FAILED_PRECONDITION;
	} else if (status == PRAC_OK) {
		status = key_file_parse(prac_buf_bytes(&buf), &key->file);
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"%.120s/" KEY_FILE " is damaged; put back a copy of it, or enroll anew in "
			"another folder",
			key->home);
	} else if (status != PRAC_NOT_FOUND) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT, "%.160s/" KEY_FILE " cannot be read: %s",
			key->home, prac_status_text(status));
		status = PRAC_FAILED_PRECONDITION;
	}
	prac_buf_deinit(&buf);
	return status;
}

enum prac_status data_key_write(struct data_key *key, char text_out[REPLICA_KEY_TEXT])
{
	struct prac_buf buf = { 0 };
	enum prac_status status;

	key_file_format(&key->file, &buf);
	status = folder_write(key->home, KEY_FILE, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	if (status != PRAC_OK) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"%.160s/" KEY_FILE " cannot be written: %s", key->home,
			prac_status_text(status));
	}
	return status;
}

/* ---- a machine's */

static void say_not_here(enum key_wrap by, char *text)
{
	char folder[FOLDER_PATH];

	station_folder(folder);
	if (by == KEY_BY_CREDENTIAL) {
		(void)snprintf(text, REPLICA_KEY_TEXT,
			"the data key is wrapped to the credential practicum-station, which this "
			"process was not given: start the service first, or enroll anew in another "
			"folder (docs/OPERATIONS.md)");
		return;
	}
	(void)snprintf(text, REPLICA_KEY_TEXT,
		"the data key is wrapped to another machine: its key file is not in %.60s; bring it "
		"along, or enroll anew: what was not sent yet opens only there",
		folder);
}

static enum prac_status open_machine(struct data_key *key, char text_out[REPLICA_KEY_TEXT])
{
	const struct key_entry *entry = &key->file.entries[0];
	uint8_t secret[PRAC_SEAL_KEY];
	enum prac_status status;

	if (entry->by == KEY_BY_CREDENTIAL && held_get(&key->file.id, key->key)) {
		return PRAC_OK; /* the service, which was given the credential, holds it */
	}
	status = station_secret(entry->by, &key->file.id, secret, text_out);
	if (status == PRAC_NOT_FOUND) {
		say_not_here(entry->by, text_out);
		return PRAC_FAILED_PRECONDITION;
	}
	if (status == PRAC_OK && key_file_unwrap(&key->file, entry, secret, key->key) != PRAC_OK) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"this machine's key does not open %.100s/" KEY_FILE "; put back the one it "
			"was wrapped to, or enroll anew in another folder",
			key->home);
		status = PRAC_FAILED_PRECONDITION;
	}
	explicit_bzero(secret, sizeof(secret));
	if (status == PRAC_OK && entry->by == KEY_BY_CREDENTIAL) {
		(void)held_put(key->key, 0); /* without it each process wants the credential */
	}
	return status;
}

static enum prac_status make_machine(struct data_key *key, char text_out[REPLICA_KEY_TEXT])
{
	struct key_entry entry = { 0 };
	uint8_t secret[PRAC_SEAL_KEY];
	struct replica_key_id id;
	enum prac_status status;

	memset(&key->file, 0, sizeof(key->file));
	key->env->random(key->env->ctx, key->key, sizeof(key->key));
	id = replica_key_id(key->key);
	status = station_secret_new(key->env, &id, &entry.by, secret, text_out);
	if (status == PRAC_OK) {
		status = key_file_wrap(&key->file, &entry, secret, key->key, key->env);
	}
	explicit_bzero(secret, sizeof(secret));
	return status == PRAC_OK ? data_key_write(key, text_out) : status;
}

/* The one that is there, or a new one; of two processes that make one at once the second finds it. */
static enum prac_status open_or_make(
	struct data_key *key, bool may_make, char text_out[REPLICA_KEY_TEXT])
{
	int held = folder_hold(key->home);
	enum prac_status status = data_key_read(key, text_out);

	if (status == PRAC_OK && !key->file.is_personal) {
		status = open_machine(key, text_out);
	} else if (status == PRAC_NOT_FOUND && may_make) {
		status = make_machine(key, text_out);
	} else if (status == PRAC_NOT_FOUND) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"%.60s/" KEY_FILE
			" is missing, without which nothing that is sealed opens; "
			"put back a copy of it, or enroll anew: what was not sent is lost",
			key->home);
		status = PRAC_FAILED_PRECONDITION;
	}
	if (held >= 0) {
		(void)close(held); /* lets go of the lock */
	}
	return status;
}

static enum prac_status get(
	void *ctx, bool may_make, uint8_t key_out[PRAC_SEAL_KEY], char text_out[REPLICA_KEY_TEXT])
{
	struct data_key *key = ctx;
	enum prac_status status = PRAC_OK;

	if (!key->has_key) {
		status = open_or_make(key, may_make, text_out);
		key->has_key = status == PRAC_OK && !key->file.is_personal;
	}
	if (key->has_key) {
		memcpy(key_out, key->key, PRAC_SEAL_KEY);
	} else if (status == PRAC_OK && (!key->file.has_id || !held_get(&key->file.id, key_out))) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"nobody is signed in on this personal device, and nothing on it opens "
			"without; sign in: practicum login NAME");
		status = PRAC_UNAUTHENTICATED;
	}
	return status;
}

static void erase(void *ctx)
{
	struct data_key *key = ctx;
	char text[REPLICA_KEY_TEXT];

	if (data_key_read(key, text) == PRAC_OK && key->file.has_id) {
		held_drop(&key->file.id);
		station_secret_erase(&key->file.id);
	}
	folder_erase(key->home, KEY_FILE);
	explicit_bzero(key->key, sizeof(key->key));
	key->has_key = false;
}

struct data_key *data_key_new(const char *home, const struct prac_env *env)
{
	struct data_key *key = g_new0(struct data_key, 1);

	(void)snprintf(key->home, sizeof(key->home), "%s", home);
	key->env = env;
	key->source = (struct replica_keys){ get, erase, key };
	return key;
}

void data_key_free(struct data_key *key)
{
	if (key != NULL) {
		explicit_bzero(key->key, sizeof(key->key));
		g_free(key);
	}
}

const struct replica_keys *data_key_source(struct data_key *key)
{
	return &key->source;
}

const char *data_key_way(struct data_key *key)
{
	char text[REPLICA_KEY_TEXT];
	enum prac_status status = data_key_read(key, text);

	if (status == PRAC_OK && key->file.is_personal) {
		return "password";
	}
	if (status == PRAC_OK) {
		return key->file.entries[0].by == KEY_BY_CREDENTIAL ? "credential" : "key file";
	}
	return status == PRAC_NOT_FOUND ? "nothing yet" : "unreadable";
}
