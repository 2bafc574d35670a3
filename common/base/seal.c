#include "common/base/seal.h"

#include <sodium.h>

_Static_assert(PRAC_SEAL_KEY == crypto_secretbox_KEYBYTES, "key length");
_Static_assert(
	PRAC_SEAL_OVERHEAD == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES, "overhead");

struct prac_bytes prac_seal(const uint8_t key[PRAC_SEAL_KEY], struct prac_bytes secret,
	const struct prac_env *env, struct prac_arena *arena)
{
	size_t len = PRAC_SEAL_OVERHEAD + secret.len;
	uint8_t *sealed = prac_arena_alloc(arena, len);

	env->random(env->ctx, sealed, crypto_secretbox_NONCEBYTES);
	/* Cannot fail below 2^64 bytes. */
	(void)crypto_secretbox_easy(
		sealed + crypto_secretbox_NONCEBYTES, secret.data, secret.len, sealed, key);
	return (struct prac_bytes){ sealed, len };
}

enum prac_status prac_unseal(const uint8_t key[PRAC_SEAL_KEY], struct prac_bytes sealed,
	struct prac_arena *arena, struct prac_bytes *secret_out)
{
	uint8_t *secret;

	if (sealed.len < PRAC_SEAL_OVERHEAD) {
		return PRAC_DATA_LOSS;
	}
	secret = prac_arena_alloc(arena, sealed.len - PRAC_SEAL_OVERHEAD);
	if (crypto_secretbox_open_easy(secret, sealed.data + crypto_secretbox_NONCEBYTES,
		    sealed.len - crypto_secretbox_NONCEBYTES, sealed.data, key) != 0) {
		return PRAC_DATA_LOSS;
	}
	*secret_out = (struct prac_bytes){ secret, sealed.len - PRAC_SEAL_OVERHEAD };
	return PRAC_OK;
}
