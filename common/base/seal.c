#include "common/base/seal.h"

#include <sodium.h>
#include <string.h>

#include "common/base/hash.h"

_Static_assert(PRAC_SEAL_KEY == crypto_secretbox_KEYBYTES, "key length");
_Static_assert(
	PRAC_SEAL_OVERHEAD == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES, "overhead");
_Static_assert(PRAC_SEAL_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key length");
_Static_assert(PRAC_SEAL_OVERHEAD == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES +
					     crypto_aead_xchacha20poly1305_ietf_ABYTES,
	"overhead");
_Static_assert(PRAC_SEAL_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce length");

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

/* Behind the nonce, which stands in sealed already. */
static void encrypt_at(
	const struct prac_sealing *sealing, struct prac_bytes secret, uint8_t *sealed)
{
	/* Cannot fail below 2^38 bytes. */
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + PRAC_SEAL_NONCE, NULL,
		secret.data, secret.len, sealing->place.data, sealing->place.len, NULL, sealed,
		sealing->key);
}

struct prac_bytes prac_seal_with(const struct prac_sealing *sealing, struct prac_bytes secret,
	const uint8_t nonce[PRAC_SEAL_NONCE], struct prac_arena *arena)
{
	size_t len = PRAC_SEAL_OVERHEAD + secret.len;
	uint8_t *sealed = prac_arena_alloc(arena, len);

	memcpy(sealed, nonce, PRAC_SEAL_NONCE);
	encrypt_at(sealing, secret, sealed);
	return (struct prac_bytes){ sealed, len };
}

struct prac_bytes prac_seal_at(const struct prac_sealing *sealing, struct prac_bytes secret,
	const struct prac_env *env, struct prac_arena *arena)
{
	uint8_t nonce[PRAC_SEAL_NONCE];

	env->random(env->ctx, nonce, sizeof(nonce));
	return prac_seal_with(sealing, secret, nonce, arena);
}

/* HMAC under a key of its own, so that the nonce tells nothing of what is sealed but that it is the same. */
static void make_nonce(const struct prac_sealing *sealing, struct prac_bytes secret,
	uint8_t nonce_out[PRAC_SEAL_NONCE])
{
	struct prac_digest key =
		prac_hmac_sha256((struct prac_bytes){ sealing->key, PRAC_SEAL_KEY },
			prac_bytes_text("practicum nonce 1"));
	struct prac_digest parts[] = { prac_sha256(sealing->place), prac_sha256(secret) };
	struct prac_digest nonce = prac_hmac_sha256(
		prac_digest_bytes(&key), (struct prac_bytes){ parts[0].b, sizeof(parts) });

	memcpy(nonce_out, nonce.b, PRAC_SEAL_NONCE);
	explicit_bzero(&key, sizeof(key));
}

struct prac_bytes prac_seal_same(
	const struct prac_sealing *sealing, struct prac_bytes secret, struct prac_arena *arena)
{
	uint8_t nonce[PRAC_SEAL_NONCE];

	make_nonce(sealing, secret, nonce);
	return prac_seal_with(sealing, secret, nonce, arena);
}

enum prac_status prac_unseal_at(const struct prac_sealing *sealing, struct prac_bytes sealed,
	struct prac_arena *arena, struct prac_bytes *secret_out)
{
	uint8_t *secret;

	if (sealed.len < PRAC_SEAL_OVERHEAD) {
		return PRAC_DATA_LOSS;
	}
	secret = prac_arena_alloc(arena, sealed.len - PRAC_SEAL_OVERHEAD + 1);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL,
		    sealed.data + PRAC_SEAL_NONCE, sealed.len - PRAC_SEAL_NONCE,
		    sealing->place.data, sealing->place.len, sealed.data, sealing->key) != 0) {
		return PRAC_DATA_LOSS;
	}
	*secret_out = (struct prac_bytes){ secret, sealed.len - PRAC_SEAL_OVERHEAD };
	return PRAC_OK;
}
