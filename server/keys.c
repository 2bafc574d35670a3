#include "server/keys.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/seal.h"
#include "common/wire/cert.h"
#include "server/records_key.h"

enum {
	SERVER_DAYS = 825
};

static const char *path_of(const struct config *config, const char *name, struct prac_arena *arena)
{
	return prac_arena_printf(arena, "%s/%s", config->state_dir, name);
}

static const char *signer_path(
	const struct config *config, const char *name, struct prac_arena *arena)
{
	return prac_arena_printf(arena, "%s/%s", config->signer_state_dir, name);
}

static int64_t now_s(void)
{
	return prac_env_system.wall_ms(prac_env_system.ctx) / 1000;
}

/* A key and the certificate that makes something of it; both files or none. */
static enum prac_status write_pair(const char *cert_path, const char *key_path,
	const struct prac_key *key, struct prac_bytes cert, char why[KEYS_WHY])
{
	enum prac_status status = key_file_write_key(key_path, key, why);

	if (status == PRAC_OK) {
		status = key_file_write(cert_path, 0444, cert, why);
	}
	return status;
}

static enum prac_status make_ca(const struct config *config, FILE *out, char why[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	const char *cert_path = signer_path(config, "ca.pem", &arena);
	struct prac_ca *ca = NULL;
	struct prac_bytes cert;
	enum prac_status status = PRAC_OK;

	if (key_file_is_there(cert_path)) {
		goto out;
	}
	status = prac_ca_new(KEYS_AUTHORITY_NAME, now_s(), &ca);
	if (status == PRAC_OK) {
		status = prac_ca_cert(ca, &arena, &cert);
	}
	if (status != PRAC_OK) {
		(void)key_file_fail(
			why, status, "the authority cannot be made: %s", prac_status_text(status));
		goto out;
	}
	status = write_pair(
		cert_path, signer_path(config, "ca.key", &arena), prac_ca_key(ca), cert, why);
	(void)fprintf(out, "made    %s\n", cert_path);
out:
	prac_ca_free(ca);
	prac_arena_deinit(&arena);
	return status;
}

/* After a change of authority the one that signs may have its key in the other file (turn_over.h). */
static enum prac_status read_authority_key(const struct config *config, struct prac_bytes cert,
	struct prac_buf *key, char why[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	const char *other = signer_path(config, "other.key", &arena);
	struct prac_ca *ca = NULL;
	enum prac_status status =
		key_file_read(signer_path(config, "ca.key", &arena), true, key, why);

	if (status == PRAC_OK && key_file_is_there(other) &&
		prac_ca_from_pem(cert, prac_buf_bytes(key), &ca) != PRAC_OK) {
		prac_wipe(key);
		status = key_file_read(other, true, key, why);
	}
	prac_ca_free(ca);
	prac_arena_deinit(&arena);
	return status;
}

static enum prac_status load_ca(
	const struct config *config, struct prac_ca **ca_out, char why[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	struct prac_buf cert = { 0 };
	struct prac_buf key = { 0 };
	enum prac_status status =
		key_file_read(signer_path(config, "ca.pem", &arena), false, &cert, why);

	if (status == PRAC_OK) {
		status = read_authority_key(config, prac_buf_bytes(&cert), &key, why);
	}
	if (status == PRAC_OK) {
		status = prac_ca_from_pem(prac_buf_bytes(&cert), prac_buf_bytes(&key), ca_out);
		if (status != PRAC_OK) {
			(void)key_file_fail(why, status,
				"ca.pem and ca.key in %s do not belong together",
				config->signer_state_dir);
		}
	}
	prac_wipe(&key);
	prac_buf_deinit(&key);
	prac_buf_deinit(&cert);
	prac_arena_deinit(&arena);
	return status;
}

static enum prac_status issue_server(const struct config *config, const struct prac_ca *ca,
	const struct prac_key *key, struct prac_arena *arena, struct prac_bytes *cert_out)
{
	struct prac_cert_order order = { .now_s = now_s(), .days = SERVER_DAYS };
	enum prac_status status = prac_key_spki(key, arena, &order.spki);

	if (status == PRAC_OK) {
		status = prac_ca_issue_server(ca, &order, config->listen_names, arena, cert_out);
	}
	return status;
}

static enum prac_status make_server(const struct config *config, FILE *out, char why[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	struct prac_ca *ca = NULL;
	struct prac_key *key = NULL;
	struct prac_bytes cert;
	enum prac_status status = PRAC_OK;

	if (key_file_is_there(config->tls_certificate)) {
		goto out;
	}
	status = load_ca(config, &ca, why);
	if (status != PRAC_OK) {
		goto out;
	}
	status = prac_key_new(&key);
	if (status == PRAC_OK) {
		status = issue_server(config, ca, key, &arena, &cert);
	}
	if (status != PRAC_OK) {
		(void)key_file_fail(why, status, "no certificate can be made for listen.names = %s",
			config->listen_names);
		goto out;
	}
	status = write_pair(config->tls_certificate, config->tls_key, key, cert, why);
	(void)fprintf(out, "made    %s for %s\n", config->tls_certificate, config->listen_names);
out:
	prac_key_free(key);
	prac_ca_free(ca);
	prac_arena_deinit(&arena);
	return status;
}

/* 32 bytes by chance. */
static enum prac_status make_secret(
	const struct config *config, const char *name, FILE *out, char why[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	const char *path = signer_path(config, name, &arena);
	uint8_t key[PRAC_SEAL_KEY];
	enum prac_status status = PRAC_OK;

	if (!key_file_is_there(path)) {
		prac_env_system.random(prac_env_system.ctx, key, sizeof(key));
		status = key_file_write(path, 0400, (struct prac_bytes){ key, sizeof(key) }, why);
		explicit_bzero(key, sizeof(key));
		(void)fprintf(out, "made    %s\n", path);
	}
	prac_arena_deinit(&arena);
	return status;
}

/* What the server trusts: its own copy, as it cannot look into the signer's folder. */
static enum prac_status copy_authorities(const struct config *config, FILE *out, char why[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	const char *path = path_of(config, "ca.pem", &arena);
	struct prac_buf cert = { 0 };
	enum prac_status status = PRAC_OK;

	if (!key_file_is_there(path)) {
		status = key_file_read(signer_path(config, "ca.pem", &arena), false, &cert, why);
		if (status == PRAC_OK) {
			status = key_file_write(path, 0444, prac_buf_bytes(&cert), why);
			(void)fprintf(out, "copied  %s\n", path);
		}
	}
	prac_buf_deinit(&cert);
	prac_arena_deinit(&arena);
	return status;
}

/* Of the authority that signs; others vouch for it to stations that do not know it yet. */
static enum prac_status renew_server(
	const struct config *config, const struct keys_authority *authority, char why[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	struct prac_buf pem = { 0 };
	struct prac_key *key = NULL;
	struct prac_bytes cert;
	enum prac_status status = key_file_read(config->tls_key, true, &pem, why);

	if (status == PRAC_OK) {
		status = prac_key_from_pem(prac_buf_bytes(&pem), &key);
	}
	prac_wipe(&pem);
	if (status == PRAC_OK) {
		status = issue_server(config, authority->ca, key, &arena, &cert);
	}
	if (status == PRAC_OK) {
		prac_buf_append(&pem, cert.data, cert.len);
		prac_buf_append(&pem, authority->crosses.data, authority->crosses.len);
		status = key_file_write(config->tls_certificate, 0444, prac_buf_bytes(&pem), why);
	} else {
		(void)key_file_fail(why, status, "no certificate can be made for the key in %s",
			config->tls_key);
	}
	prac_key_free(key);
	prac_buf_deinit(&pem);
	prac_arena_deinit(&arena);
	return status;
}

static bool is_of_present(const struct config *config, struct prac_bytes trusted)
{
	struct prac_buf pem = { 0 };
	char why[KEYS_WHY];
	bool is_of = key_file_read(config->tls_certificate, false, &pem, why) == PRAC_OK &&
		     prac_cert_is_of_first(prac_buf_bytes(&pem), trusted);

	prac_buf_deinit(&pem);
	return is_of;
}

/* Trust before what rests on it. */
enum prac_status keys_follow(
	const struct config *config, const struct keys_authority *authority, char why_out[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	const char *crosses = path_of(config, KEYS_CROSSES, &arena);
	enum prac_status status = key_file_write(
		path_of(config, "ca.pem", &arena), 0444, authority->trusted, why_out);

	if (status == PRAC_OK && authority->crosses.len > 0) {
		status = key_file_write(crosses, 0444, authority->crosses, why_out);
	} else if (strcmp(config->state_dir, config->signer_state_dir) != 0) {
		(void)unlink(crosses); /* there is one authority, nobody has to vouch */
	}
	if (status == PRAC_OK && !is_of_present(config, authority->trusted)) {
		status = renew_server(config, authority, why_out);
	}
	prac_arena_deinit(&arena);
	return status;
}

static enum prac_status make_folder(const char *path, char why[KEYS_WHY])
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		return key_file_fail(why, PRAC_UNAVAILABLE, "%s: %s", path, strerror(errno));
	}
	return PRAC_OK;
}

enum prac_status keys_make(const struct config *config, FILE *out, char why_out[KEYS_WHY])
{
	static enum prac_status (*const steps[])(const struct config *, FILE *,
		char[KEYS_WHY]) = { make_ca, copy_authorities, make_server };

	static const char *const secrets[] = { "seal.key", "pepper.key" };
	enum prac_status status = make_folder(config->state_dir, why_out);

	if (status == PRAC_OK) {
		status = make_folder(config->signer_state_dir, why_out);
	}
	for (size_t i = 0; i < PRAC_NELEM(steps) && status == PRAC_OK; i++) {
		status = steps[i](config, out, why_out);
	}
	for (size_t i = 0; i < PRAC_NELEM(secrets) && status == PRAC_OK; i++) {
		status = make_secret(config, secrets[i], out, why_out);
	}
	return status == PRAC_OK ? records_key_make(config, false, out, why_out) : status;
}

/* ---- peppers */

static enum prac_status read_peppers(
	const struct config *config, struct prac_buf *buf, char why[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	enum prac_status status =
		key_file_read(signer_path(config, "pepper.key", &arena), true, buf, why);

	if (status == PRAC_OK && prac_buf_bytes(buf).len % VAULT_PEPPER != 0) {
		status = key_file_fail(why, PRAC_FAILED_PRECONDITION,
			"pepper.key in %s is not what it should be", config->signer_state_dir);
	}
	prac_arena_deinit(&arena);
	return status;
}

static enum prac_status write_peppers(
	const struct config *config, struct prac_bytes peppers, char why[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	enum prac_status status =
		key_file_write(signer_path(config, "pepper.key", &arena), 0400, peppers, why);

	prac_arena_deinit(&arena);
	return status;
}

enum prac_status keys_add_pepper(const struct config *config, char why_out[KEYS_WHY])
{
	struct prac_buf buf = { 0 };
	uint8_t pepper[VAULT_PEPPER];
	enum prac_status status = read_peppers(config, &buf, why_out);

	if (status == PRAC_OK) {
		prac_env_system.random(prac_env_system.ctx, pepper, sizeof(pepper));
		prac_buf_append(&buf, pepper, sizeof(pepper));
		explicit_bzero(pepper, sizeof(pepper));
		status = write_peppers(config, prac_buf_bytes(&buf), why_out);
	}
	prac_wipe(&buf);
	prac_buf_deinit(&buf);
	return status;
}

enum prac_status keys_count_peppers(
	const struct config *config, uint32_t *n_out, char why_out[KEYS_WHY])
{
	struct prac_buf buf = { 0 };
	enum prac_status status = read_peppers(config, &buf, why_out);

	*n_out = (uint32_t)(prac_buf_bytes(&buf).len / VAULT_PEPPER);
	prac_wipe(&buf);
	prac_buf_deinit(&buf);
	return status;
}

enum prac_status keys_end_peppers(const struct config *config, uint32_t n, char why_out[KEYS_WHY])
{
	uint8_t peppers[VAULT_PEPPERS_MAX * VAULT_PEPPER] = { 0 };
	struct prac_buf buf = { 0 };
	enum prac_status status = read_peppers(config, &buf, why_out);
	size_t len = prac_buf_bytes(&buf).len;

	if (status == PRAC_OK &&
		(n == 0 || n > VAULT_PEPPERS_MAX || len != (size_t)n * VAULT_PEPPER)) {
		status = key_file_fail(why_out, PRAC_FAILED_PRECONDITION, "pepper.key was changed");
	}
	if (status == PRAC_OK) {
		memcpy(peppers + len - VAULT_PEPPER, prac_buf_bytes(&buf).data + len - VAULT_PEPPER,
			VAULT_PEPPER);
		status = write_peppers(config, (struct prac_bytes){ peppers, len }, why_out);
	}
	explicit_bzero(peppers, sizeof(peppers));
	prac_wipe(&buf);
	prac_buf_deinit(&buf);
	return status;
}

static enum prac_status new_contexts(
	struct prac_tls_settings *settings, struct keys_tls *tls, char why[KEYS_WHY])
{
	char sentence[PRAC_TLS_WHY];
	enum prac_status status;

	settings->alpn = PRAC_TLS_ALPN;
	settings->check = PRAC_TLS_REQUIRED_OR_EXPIRED; /* they may renew */
	status = prac_tls_ctx_new(settings, &tls->devices, sentence);
	if (status == PRAC_OK) {
		settings->alpn = PRAC_TLS_ALPN_ENROLL;
		settings->check = PRAC_TLS_NOTHING;
		settings->trust.len = 0;
		status = prac_tls_ctx_new(settings, &tls->newcomers, sentence);
	}
	return status == PRAC_OK ? PRAC_OK : key_file_fail(why, status, "%s", sentence);
}

static enum prac_status check_days(const struct config *config, struct prac_bytes cert, int64_t now,
	struct keys_tls *tls, char why[KEYS_WHY])
{
	struct prac_cert_facts facts;

	if (prac_cert_read(cert, &facts) != PRAC_OK) {
		return key_file_fail(why, PRAC_INVALID_ARGUMENT, "%s is no certificate",
			config->tls_certificate);
	}
	tls->not_after_s = facts.not_after_s;
	if (facts.not_after_s <= now) {
		return key_file_fail(why, PRAC_FAILED_PRECONDITION,
			"%s is over: remove it and its key, then run practicumd setup",
			config->tls_certificate);
	}
	return PRAC_OK;
}

enum prac_status keys_tls(
	const struct config *config, int64_t now, struct keys_tls *tls_out, char why_out[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	struct prac_tls_settings settings = { .is_server = true };
	struct prac_buf files[3] = { { 0 }, { 0 }, { 0 } };
	enum prac_status status;

	*tls_out = (struct keys_tls){ 0 };
	status = key_file_read(config->tls_certificate, false, &files[0], why_out);
	if (status == PRAC_OK) {
		status = key_file_read(config->tls_key, true, &files[1], why_out);
	}
	if (status == PRAC_OK) {
		status =
			key_file_read(path_of(config, "ca.pem", &arena), false, &files[2], why_out);
	}
	if (status == PRAC_OK) {
		status = check_days(config, prac_buf_bytes(&files[0]), now, tls_out, why_out);
	}
	if (status == PRAC_OK) {
		settings.chain = prac_buf_bytes(&files[0]);
		settings.key = prac_buf_bytes(&files[1]);
		settings.trust = prac_buf_bytes(&files[2]);
		status = new_contexts(&settings, tls_out, why_out);
	}
	if (status == PRAC_OK && key_file_is_there(path_of(config, KEYS_CROSSES, &arena))) {
		status = key_file_read(
			path_of(config, KEYS_CROSSES, &arena), false, &tls_out->crosses, why_out);
	}
	if (status == PRAC_OK) {
		tls_out->authorities = files[2];
		files[2] = (struct prac_buf){ 0 };
	} else {
		keys_tls_deinit(tls_out);
	}
	prac_wipe(&files[1]);
	for (size_t i = 0; i < PRAC_NELEM(files); i++) {
		prac_buf_deinit(&files[i]);
	}
	prac_arena_deinit(&arena);
	return status;
}

void keys_tls_deinit(struct keys_tls *tls)
{
	prac_tls_ctx_free(tls->devices);
	prac_tls_ctx_free(tls->newcomers);
	prac_buf_deinit(&tls->authorities);
	prac_buf_deinit(&tls->crosses);
	tls->devices = NULL;
	tls->newcomers = NULL;
}

enum prac_status keys_vault(
	const struct config *config, struct vault **vault_out, char why_out[KEYS_WHY])
{
	static const char *const names[] = { "ca.pem", "ca.key", "seal.key", "pepper.key" };
	struct prac_arena arena = { 0 };
	struct prac_buf files[PRAC_NELEM(names)] = { { 0 } };
	struct vault_keys keys;
	const char *what = "";
	enum prac_status status = PRAC_OK;

	for (size_t i = 0; i < PRAC_NELEM(names) && status == PRAC_OK; i++) {
		status = i == 1 ? read_authority_key(
					  config, prac_buf_bytes(&files[0]), &files[1], why_out)
				: key_file_read(signer_path(config, names[i], &arena), i > 0,
					  &files[i], why_out);
	}
	if (status == PRAC_OK) {
		keys = (struct vault_keys){ prac_buf_bytes(&files[0]), prac_buf_bytes(&files[1]),
			prac_buf_bytes(&files[2]), prac_buf_bytes(&files[3]) };
		status = vault_new(&keys, vault_out, &what);
		if (status != PRAC_OK) {
			(void)key_file_fail(why_out, status, "%s in %s is not what it should be",
				what, config->signer_state_dir);
		}
	}
	for (size_t i = 0; i < PRAC_NELEM(files); i++) {
		prac_wipe(&files[i]);
	}
	prac_arena_deinit(&arena);
	return status;
}
