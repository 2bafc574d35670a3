#include "server/records_key.h"

#include <string.h>

#include "common/base/secret.h"

static const char *path_of(const struct config *config, struct prac_arena *arena)
{
	return prac_arena_printf(arena, "%s/records.key", config->state_dir);
}

static enum prac_status take(
	const char *path, struct prac_bytes bytes, struct records_key *key, char why[KEYS_WHY])
{
	if (bytes.len == 0 || bytes.len % PRAC_SEAL_KEY != 0 || bytes.len > sizeof(key->bytes)) {
		return key_file_fail(why, PRAC_FAILED_PRECONDITION,
			"%s has %zu bytes, and a key takes %d: put back the copy of it that belongs to "
			"this database",
			path, bytes.len, PRAC_SEAL_KEY);
	}
	memcpy(key->bytes, bytes.data, bytes.len);
	key->seal = (struct db_seal){ key->bytes, bytes.len / PRAC_SEAL_KEY };
	return PRAC_OK;
}

enum prac_status records_key_read(const struct config *config, const char *path,
	struct records_key *key_out, char why_out[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	struct prac_buf buf = { 0 };
	enum prac_status status;

	key_out->seal = (struct db_seal){ 0 };
	prac_secret_lock(key_out, sizeof(*key_out));
	if (path == NULL) {
		path = path_of(config, &arena);
	}
	if (strcmp(path, "-") != 0 && !key_file_is_there(path)) {
		status = key_file_fail(why_out, PRAC_FAILED_PRECONDITION,
			"%s is missing: put back the copy of it that belongs to this database; where "
			"nothing was ever sealed, practicumd setup makes it",
			path);
	} else {
		status = key_file_read(path, true, &buf, why_out);
	}
	if (status == PRAC_OK) {
		status = take(path, prac_buf_bytes(&buf), key_out, why_out);
	}
	prac_wipe(&buf);
	prac_buf_deinit(&buf);
	prac_arena_deinit(&arena);
	return status;
}

enum prac_status records_key_make(
	const struct config *config, bool is_new, FILE *out, char why_out[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	const char *path = path_of(config, &arena);
	bool is_there = key_file_is_there(path);
	struct records_key key = { 0 };
	size_t n = 0;
	enum prac_status status = PRAC_OK;

	if (is_there && !is_new) {
		goto out;
	}
	if (is_there) {
		status = records_key_read(config, NULL, &key, why_out);
		n = key.seal.n_keys;
	}
	if (status == PRAC_OK && n == DB_SEAL_KEYS_MAX) {
		status = key_file_fail(
			why_out, PRAC_OUT_OF_RANGE, "%s has as many keys as it may", path);
	}
	if (status == PRAC_OK) {
		prac_env_system.random(
			prac_env_system.ctx, key.bytes + n * PRAC_SEAL_KEY, PRAC_SEAL_KEY);
		status = key_file_write(path, 0400,
			(struct prac_bytes){ key.bytes, (n + 1) * PRAC_SEAL_KEY }, why_out);
	}
	if (status == PRAC_OK) {
		(void)fprintf(out, is_there ? "added a key to %s\n" : "made    %s\n", path);
	}
	records_key_wipe(&key);
out:
	prac_arena_deinit(&arena);
	return status;
}

void records_key_wipe(struct records_key *key)
{
	prac_secret_unlock(key, sizeof(*key));
}
