#include "client/key/station.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "client/replica/folder.h"
#include "common/base/hash.h"

enum {
	CREDENTIAL_MIN = 32, /* bytes */
	CREDENTIAL_MAX = 1024,
	KEY_NAME = 48
};

static const char credential[] = "practicum-station";

void station_folder(char path_out[FOLDER_PATH])
{
	const char *folder = g_getenv("PRACTICUM_KEYS");

	if (folder != NULL && folder[0] != '\0') {
		(void)snprintf(path_out, FOLDER_PATH, "%s", folder);
	} else {
		(void)snprintf(path_out, FOLDER_PATH, "%s/practicum/keys", g_get_user_config_dir());
	}
}

static void name_of(const struct replica_key_id *id, char name_out[KEY_NAME])
{
	int n = 0;

	for (size_t i = 0; i < sizeof(id->b); i++) {
		n += snprintf(name_out + n, KEY_NAME - (size_t)n, "%02x", id->b[i]);
	}
	(void)snprintf(name_out + n, KEY_NAME - (size_t)n, ".key");
}

static void derive(struct prac_bytes from, uint8_t secret_out[PRAC_SEAL_KEY])
{
	struct prac_digest digest =
		prac_hmac_sha256(from, prac_bytes_text("practicum station wrap 1"));

	memcpy(secret_out, digest.b, PRAC_SEAL_KEY);
	explicit_bzero(&digest, sizeof(digest));
}

/* ---- the credential */

static enum prac_status read_credential(
	uint8_t secret_out[PRAC_SEAL_KEY], char text_out[REPLICA_KEY_TEXT])
{
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
	struct prac_buf buf = { 0 };
	enum prac_status status = PRAC_NOT_FOUND;
	struct prac_bytes bytes;

	if (folder != NULL && folder[0] != '\0') {
		status = folder_read(folder, credential, CREDENTIAL_MAX, &buf);
	}
	bytes = prac_buf_bytes(&buf);
	if (status == PRAC_OK && bytes.len < CREDENTIAL_MIN) {
		status = PRAC_FAILED_PRECONDITION;
	}
	if (status == PRAC_OK) {
		derive(bytes, secret_out);
	} else if (status != PRAC_NOT_FOUND) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"the credential %s cannot be used; it has %d to %d random bytes",
			credential, CREDENTIAL_MIN, CREDENTIAL_MAX);
		status = PRAC_FAILED_PRECONDITION;
	}
	if (bytes.len > 0) {
		explicit_bzero((void *)bytes.data, bytes.len);
	}
	prac_buf_deinit(&buf);
	return status;
}

/* ---- the key file */

static enum prac_status read_file(const struct replica_key_id *id,
	uint8_t secret_out[PRAC_SEAL_KEY], char text_out[REPLICA_KEY_TEXT])
{
	char folder[FOLDER_PATH], path[FOLDER_PATH + KEY_NAME], name[KEY_NAME];
	uint8_t bytes[PRAC_SEAL_KEY];
	struct prac_buf buf = { 0 };
	enum prac_status status;

	station_folder(folder);
	name_of(id, name);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	status = folder_read(folder, name, 2 * PRAC_SEAL_KEY + 1, &buf);
	if (status == PRAC_OK && !folder_is_private(folder, name)) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"others may read %.180s; chmod 600 it and have it belong to you", path);
		status = PRAC_FAILED_PRECONDITION;
	} else if (status == PRAC_OK && !key_unhex(prac_buf_bytes(&buf), bytes, sizeof(bytes))) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"%.140s is damaged; put back the copy that was kept of it", path);
		status = PRAC_DATA_LOSS;
	} else if (status != PRAC_OK && status != PRAC_NOT_FOUND) {
		(void)snprintf(text_out, REPLICA_KEY_TEXT, "%.180s cannot be read: %s", path,
			prac_status_text(status));
		status = PRAC_FAILED_PRECONDITION;
	}
	if (status == PRAC_OK) {
		derive((struct prac_bytes){ bytes, sizeof(bytes) }, secret_out);
	}
	explicit_bzero(bytes, sizeof(bytes));
	if (prac_buf_len(&buf) > 0) {
		explicit_bzero((void *)prac_buf_bytes(&buf).data, prac_buf_len(&buf));
	}
	prac_buf_deinit(&buf);
	return status;
}

static enum prac_status write_file(const struct prac_env *env, const struct replica_key_id *id,
	uint8_t secret_out[PRAC_SEAL_KEY], char text_out[REPLICA_KEY_TEXT])
{
	char folder[FOLDER_PATH], name[KEY_NAME];
	uint8_t bytes[PRAC_SEAL_KEY];
	struct prac_buf buf = { 0 };
	enum prac_status status;

	station_folder(folder);
	name_of(id, name);
	env->random(env->ctx, bytes, sizeof(bytes));
	key_hex(bytes, sizeof(bytes), &buf);
	status = folder_make(folder);
	if (status == PRAC_OK) {
		status = folder_write(folder, name, prac_buf_bytes(&buf));
	}
	if (status == PRAC_OK) {
		derive((struct prac_bytes){ bytes, sizeof(bytes) }, secret_out);
	} else {
		(void)snprintf(text_out, REPLICA_KEY_TEXT,
			"the station's key cannot be written to %.120s (%s); set PRACTICUM_KEYS to "
			"a folder of yours",
			folder, prac_status_text(status));
	}
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero((void *)prac_buf_bytes(&buf).data, prac_buf_len(&buf));
	prac_buf_deinit(&buf);
	return status;
}

/* ---- either */

enum prac_status station_secret(enum key_wrap by, const struct replica_key_id *id,
	uint8_t secret_out[PRAC_SEAL_KEY], char text_out[REPLICA_KEY_TEXT])
{
	return by == KEY_BY_CREDENTIAL ? read_credential(secret_out, text_out)
				       : read_file(id, secret_out, text_out);
}

enum prac_status station_secret_new(const struct prac_env *env, const struct replica_key_id *id,
	enum key_wrap *by_out, uint8_t secret_out[PRAC_SEAL_KEY], char text_out[REPLICA_KEY_TEXT])
{
	enum prac_status status = read_credential(secret_out, text_out);

	*by_out = KEY_BY_CREDENTIAL;
	if (status == PRAC_NOT_FOUND) {
		*by_out = KEY_BY_FILE;
		status = write_file(env, id, secret_out, text_out);
	}
	return status;
}

void station_secret_erase(const struct replica_key_id *id)
{
	char folder[FOLDER_PATH], name[KEY_NAME];

	station_folder(folder);
	name_of(id, name);
	folder_erase(folder, name);
}
