#include "server/svc/signer.h"

#include <glib.h>
#include <string.h>

#include "common/base/seal.h"
#include "common/wire/cert.h"

struct signer {
	struct prac_ca *ca;
	struct prac_arena arena; /* of chain */
	struct prac_bytes chain;
	uint8_t seal_key[PRAC_SEAL_KEY];
};

enum prac_status signer_new(struct prac_bytes ca_cert, struct prac_bytes ca_key,
	struct prac_bytes seal_key, struct signer **signer_out)
{
	struct prac_ca *ca = NULL;
	struct signer *signer;
	enum prac_status status;

	if (seal_key.len != PRAC_SEAL_KEY) {
		return PRAC_INVALID_ARGUMENT;
	}
	status = prac_ca_from_pem(ca_cert, ca_key, &ca);
	if (status != PRAC_OK) {
		return status;
	}
	signer = g_new0(struct signer, 1);
	signer->ca = ca;
	signer->chain = prac_arena_copy(&signer->arena, ca_cert);
	memcpy(signer->seal_key, seal_key.data, PRAC_SEAL_KEY);
	*signer_out = signer;
	return PRAC_OK;
}

void signer_free(struct signer *signer)
{
	if (signer == NULL) {
		return;
	}
	prac_ca_free(signer->ca);
	prac_arena_deinit(&signer->arena);
	explicit_bzero(signer->seal_key, sizeof(signer->seal_key));
	g_free(signer);
}

struct prac_bytes signer_chain(const struct signer *signer)
{
	return signer->chain;
}

enum prac_status signer_sign(const struct signer *signer, const struct signer_order *order,
	struct prac_arena *arena, struct signer_device *device_out)
{
	struct prac_cert_order cert = { .now_s = order->now_s, .days = PRAC_CERT_DEVICE_DAYS };
	struct prac_cert_facts facts;
	enum prac_status status = prac_csr_check(order->csr, arena, &cert.spki);

	if (status == PRAC_OK) {
		status = prac_ca_issue_device(
			signer->ca, &cert, &order->device, arena, &device_out->certificate);
	}
	if (status == PRAC_OK) {
		status = prac_cert_read(device_out->certificate, &facts);
	}
	if (status == PRAC_OK) {
		device_out->spki = facts.spki;
		device_out->not_after_s = facts.not_after_s;
	}
	return status;
}

struct prac_bytes signer_seal(const struct signer *signer, const struct prac_digest *key,
	const struct prac_env *env, struct prac_arena *arena)
{
	return prac_seal(signer->seal_key, prac_digest_bytes(key), env, arena);
}

enum prac_status signer_unseal(const struct signer *signer, struct prac_bytes sealed,
	struct prac_arena *arena, struct prac_digest *key_out)
{
	struct prac_bytes secret;
	enum prac_status status = prac_unseal(signer->seal_key, sealed, arena, &secret);

	if (status != PRAC_OK || secret.len != sizeof(key_out->b)) {
		return PRAC_DATA_LOSS;
	}
	memcpy(key_out->b, secret.data, sizeof(key_out->b));
	return PRAC_OK;
}
