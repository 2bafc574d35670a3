/* Any frame as a question to the signer: it answers, the answer fits, and no key is in it. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/cert.h"
#include "server/signer/vault.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t seal_key[32] = "the seal key of the fuzz target";
static const uint8_t pepper[32] = "the pepper of the fuzz target..";

static struct vault *new_vault(void)
{
	struct prac_arena arena = { 0 };
	struct prac_buf key_pem = { 0 };
	struct vault_keys keys = { .seal_key = { seal_key, 32 }, .peppers = { pepper, 32 } };
	struct prac_ca *ca;
	struct vault *vault;
	const char *what;

	if (prac_ca_new("Test authority", 1795000000, &ca) != PRAC_OK ||
		prac_ca_cert(ca, &arena, &keys.authorities) != PRAC_OK ||
		prac_key_to_pem(prac_ca_key(ca), &key_pem) != PRAC_OK) {
		abort();
	}
	keys.authority_key = prac_buf_bytes(&key_pem);
	if (vault_new(&keys, &vault, &what) != PRAC_OK) {
		abort();
	}
	prac_ca_free(ca);
	prac_wipe(&key_pem);
	prac_arena_deinit(&arena);
	return vault;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct vault *vault;
	static uint8_t frame[SIGNER_FRAME];
	struct prac_arena arena = { 0 };
	struct signer_message request, answer;

	if (vault == NULL) {
		vault = new_vault();
	}
	memset(frame, 0, sizeof(frame));
	memcpy(frame, data, len < sizeof(frame) ? len : sizeof(frame));
	if (signer_message_read(frame, &request) == PRAC_OK) {
		uint8_t again[SIGNER_FRAME];

		assert(signer_message_write(&request, again) == PRAC_OK);
		assert(memcmp(frame, again, sizeof(frame)) == 0);
		vault_answer(vault, &request, &prac_env_system, &arena, &answer);
		assert(answer.call == request.call && answer.n_parts <= SIGNER_PARTS);
		assert(signer_message_write(&answer, again) == PRAC_OK);
		assert(memmem(again, sizeof(again), seal_key, sizeof(seal_key)) == NULL);
		assert(memmem(again, sizeof(again), pepper, sizeof(pepper)) == NULL);
	}
	prac_arena_deinit(&arena);
	return 0;
}
