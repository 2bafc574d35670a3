#include "server/signer/vault.h"

#include <glib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/id.h"
#include "common/base/seal.h"
#include "common/base/secret.h"
#include "common/wire/cert.h"
#include "common/wire/enroll.h"

struct vault {
	struct prac_ca *ca;
	struct prac_arena arena; /* of authorities */
	struct prac_bytes authorities;
	uint8_t seal_key[PRAC_SEAL_KEY];
	uint8_t peppers[VAULT_PEPPERS_MAX][VAULT_PEPPER];
	size_t n_peppers;
};

/* A request while it is answered. */
struct task {
	const struct vault *vault;
	const struct signer_message *request;
	const struct prac_env *env;
	struct prac_arena *arena;
	struct signer_message *answer;
};

/* One of zeros has ended. */
static bool is_pepper(const uint8_t *pepper)
{
	static const uint8_t ended[VAULT_PEPPER];

	return memcmp(pepper, ended, sizeof(ended)) != 0;
}

static bool take_peppers(struct vault *vault, struct prac_bytes peppers)
{
	vault->n_peppers = peppers.len / VAULT_PEPPER;
	if (peppers.len == 0 || peppers.len % VAULT_PEPPER != 0 ||
		vault->n_peppers > VAULT_PEPPERS_MAX) {
		return false;
	}
	memcpy(vault->peppers, peppers.data, peppers.len);
	return is_pepper(vault->peppers[vault->n_peppers - 1]);
}

enum prac_status vault_new(
	const struct vault_keys *keys, struct vault **vault_out, const char **what_out)
{
	struct vault *vault = g_new0(struct vault, 1);

	prac_secret_lock(vault, sizeof(*vault));
	*what_out = "the authority";
	if (prac_ca_from_pem(keys->authorities, keys->authority_key, &vault->ca) != PRAC_OK) {
		goto out;
	}
	vault->authorities = prac_arena_copy(&vault->arena, keys->authorities);
	*what_out = "the seal key";
	if (keys->seal_key.len != PRAC_SEAL_KEY) {
		goto out;
	}
	memcpy(vault->seal_key, keys->seal_key.data, PRAC_SEAL_KEY);
	*what_out = "the pepper";
	if (!take_peppers(vault, keys->peppers)) {
		goto out;
	}
	*vault_out = vault;
	return PRAC_OK;
out:
	vault_free(vault);
	return PRAC_INVALID_ARGUMENT;
}

void vault_free(struct vault *vault)
{
	if (vault == NULL) {
		return;
	}
	prac_ca_free(vault->ca);
	prac_arena_deinit(&vault->arena);
	prac_secret_unlock(vault, sizeof(*vault));
	g_free(vault);
}

static void add_part(struct task *task, struct prac_bytes part)
{
	task->answer->parts[task->answer->n_parts] = part;
	task->answer->n_parts++;
}

static enum prac_status trust(struct task *task)
{
	add_part(task, task->vault->authorities);
	return PRAC_OK;
}

static enum prac_status seal(struct task *task)
{
	add_part(task,
		prac_seal(task->vault->seal_key, task->request->parts[0], task->env, task->arena));
	return PRAC_OK;
}

/* Does whoever sent the request know the code? Parts 0 to 2 say so, the last is the CSR. */
static enum prac_status check_code(struct task *task, struct prac_digest *key_out)
{
	const struct prac_bytes *parts = task->request->parts;
	struct prac_bytes key;
	struct prac_digest proof;
	enum prac_status status = prac_unseal(task->vault->seal_key, parts[0], task->arena, &key);

	if (status != PRAC_OK || key.len != sizeof(key_out->b)) {
		return PRAC_DATA_LOSS;
	}
	memcpy(key_out->b, key.data, sizeof(key_out->b));
	proof = prac_enroll_client_proof(key_out, parts[1].data, parts[4]);
	return prac_digest_equal(&proof, (const struct prac_digest *)parts[2].data)
		       ? PRAC_OK
		       : PRAC_PERMISSION_DENIED;
}

static void add_certificate(
	struct task *task, const struct prac_digest *key, struct prac_bytes certificate)
{
	struct prac_digest proof = prac_enroll_server_proof(
		key, task->request->parts[1].data, task->vault->authorities, certificate);

	add_part(task, task->vault->authorities);
	add_part(task, certificate);
	add_part(task, prac_arena_copy(task->arena, prac_digest_bytes(&proof)));
}

static int64_t now_s(const struct task *task)
{
	return task->env->wall_ms(task->env->ctx) / 1000;
}

static enum prac_status enroll(struct task *task)
{
	struct prac_cert_order order = { .now_s = now_s(task), .days = PRAC_CERT_DEVICE_DAYS };
	struct prac_digest key;
	struct prac_bytes certificate;
	struct prac_id device;
	enum prac_status status = check_code(task, &key);

	memcpy(device.b, task->request->parts[3].data, sizeof(device.b));
	if (status == PRAC_OK) {
		status = prac_csr_check(task->request->parts[4], task->arena, &order.spki);
	}
	if (status == PRAC_OK) {
		status = prac_ca_issue_device(
			task->vault->ca, &order, &device, task->arena, &certificate);
	}
	if (status == PRAC_OK) {
		add_certificate(task, &key, certificate);
	}
	explicit_bzero(&key, sizeof(key));
	return status;
}

/* The code is known, but is this the device that used it? Its certificate says whose key it was. */
static enum prac_status repeat(struct task *task)
{
	struct prac_cert_facts facts;
	struct prac_digest key, spki;
	struct prac_bytes der;
	enum prac_status status = check_code(task, &key);

	if (status == PRAC_OK) {
		status = prac_csr_check(task->request->parts[4], task->arena, &der);
	}
	if (status == PRAC_OK) {
		spki = prac_sha256(der);
		status = prac_cert_read(task->request->parts[3], &facts);
	}
	if (status == PRAC_OK && !prac_digest_equal(&spki, &facts.spki)) {
		status = PRAC_ABORTED;
	}
	if (status == PRAC_OK) {
		add_certificate(task, &key, task->request->parts[3]);
	}
	explicit_bzero(&key, sizeof(key));
	return status;
}

static enum prac_status renew(struct task *task)
{
	struct prac_cert_renewal renewal = { .certificate = task->request->parts[0],
		.authorities = task->vault->authorities,
		.now_s = now_s(task),
		.days = PRAC_CERT_DEVICE_DAYS,
		.grace_days = VAULT_GRACE_DAYS };
	struct prac_bytes certificate;
	enum prac_status status =
		prac_ca_renew_device(task->vault->ca, &renewal, task->arena, &certificate);

	if (status == PRAC_OK) {
		add_part(task, task->vault->authorities);
		add_part(task, certificate);
	}
	return status;
}

static enum prac_status pepper(struct task *task)
{
	const uint8_t *wanted = task->request->parts[0].data;
	uint32_t version = (uint32_t)wanted[0] << 24 | (uint32_t)wanted[1] << 16 |
			   (uint32_t)wanted[2] << 8 | wanted[3];
	uint8_t *used = prac_arena_alloc(task->arena, 4);
	struct prac_digest digest;

	if (version == 0) {
		version = (uint32_t)task->vault->n_peppers;
	}
	if (version > task->vault->n_peppers || !is_pepper(task->vault->peppers[version - 1])) {
		return PRAC_NOT_FOUND;
	}
	digest = prac_hmac_sha256(
		(struct prac_bytes){ task->vault->peppers[version - 1], VAULT_PEPPER },
		task->request->parts[1]);
	used[3] = (uint8_t)version;
	add_part(task, (struct prac_bytes){ used, 4 });
	add_part(task, prac_arena_copy(task->arena, prac_digest_bytes(&digest)));
	return PRAC_OK;
}

static enum prac_status sign_head(struct task *task)
{
	struct prac_bytes signature;
	enum prac_status status = prac_key_sign(prac_ca_key(task->vault->ca), PRAC_SIGN_AUDIT,
		task->request->parts[0], task->arena, &signature);

	if (status == PRAC_OK) {
		add_part(task, signature);
	}
	return status;
}

/* Length of each part; 0: any. */
static const struct {
	enum prac_status (*run)(struct task *task);
	size_t n_parts, lengths[SIGNER_PARTS];
} kinds[SIGNER_N_KINDS] = {
	[SIGNER_TRUST] = { trust, 0, { 0 } },
	[SIGNER_SEAL] = { seal, 1, { PRAC_SHA256_LEN } },
	[SIGNER_ENROLL] = { enroll, 5,
		{ PRAC_SHA256_LEN + PRAC_SEAL_OVERHEAD, PRAC_ENROLL_EXPORTER, PRAC_SHA256_LEN,
			PRAC_ID_LEN, 0 } },
	[SIGNER_REPEAT] = { repeat, 5,
		{ PRAC_SHA256_LEN + PRAC_SEAL_OVERHEAD, PRAC_ENROLL_EXPORTER, PRAC_SHA256_LEN, 0,
			0 } },
	[SIGNER_RENEW] = { renew, 1, { 0 } },
	[SIGNER_PEPPER] = { pepper, 2, { 4, 0 } },
	[SIGNER_HEAD] = { sign_head, 1, { 0 } },
};

static bool is_formed(const struct signer_message *request)
{
	uint8_t kind = request->kind;

	if (kind >= SIGNER_N_KINDS || kinds[kind].run == NULL ||
		request->n_parts != kinds[kind].n_parts) {
		return false;
	}
	for (size_t i = 0; i < request->n_parts; i++) {
		size_t wanted = kinds[kind].lengths[i];

		if (request->parts[i].len == 0 ||
			(wanted != 0 && request->parts[i].len != wanted)) {
			return false;
		}
	}
	return kind != SIGNER_PEPPER || request->parts[1].len <= SIGNER_PASSWORD_MAX;
}

void vault_answer(const struct vault *vault, const struct signer_message *request,
	const struct prac_env *env, struct prac_arena *arena, struct signer_message *answer_out)
{
	struct task task = { vault, request, env, arena, answer_out };

	*answer_out = (struct signer_message){ .call = request->call };
	answer_out->kind = (uint8_t)(is_formed(request) ? kinds[request->kind].run(&task)
							: PRAC_INVALID_ARGUMENT);
	if (answer_out->kind != PRAC_OK) {
		answer_out->n_parts = 0;
	}
}
