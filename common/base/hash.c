/*
 * SHA-256 by OpenSSL, which chooses its code by the processor's instructions; libsodium's is in C and
 * takes twice the time. The functions are those below EVP, as OpenSSL 1.1 declares them: they
 * allocate nothing and cannot fail, while an EVP context is allocated, for each thread.
 */
#define OPENSSL_API_COMPAT 10100

#include "common/base/hash.h"

#include <openssl/sha.h>
#include <sodium.h>

_Static_assert(PRAC_SHA256_LEN == SHA256_DIGEST_LENGTH, "digest length");
_Static_assert(PRAC_SHA256_LEN == crypto_auth_hmacsha256_BYTES, "digest length");

/* Those of both libraries are declared as able to fail but never do. */

struct prac_digest prac_sha256(struct prac_bytes bytes)
{
	return prac_sha256_parts(&bytes, 1);
}

struct prac_digest prac_hmac_sha256(struct prac_bytes key, struct prac_bytes message)
{
	crypto_auth_hmacsha256_state state;
	struct prac_digest digest;

	(void)crypto_auth_hmacsha256_init(&state, key.data, key.len);
	(void)crypto_auth_hmacsha256_update(&state, message.data, message.len);
	(void)crypto_auth_hmacsha256_final(&state, digest.b);
	sodium_memzero(&state, sizeof(state));
	return digest;
}

struct prac_digest prac_sha256_parts(const struct prac_bytes *parts, size_t n_parts)
{
	SHA256_CTX state;
	struct prac_digest digest;

	(void)SHA256_Init(&state);
	for (size_t i = 0; i < n_parts; i++) {
		(void)SHA256_Update(&state, parts[i].data, parts[i].len);
	}
	(void)SHA256_Final(digest.b, &state);
	sodium_memzero(&state, sizeof(state));
	return digest;
}

bool prac_digest_equal(const struct prac_digest *a, const struct prac_digest *b)
{
	return sodium_memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

struct prac_bytes prac_digest_bytes(const struct prac_digest *digest)
{
	return (struct prac_bytes){ digest->b, sizeof(digest->b) };
}

void prac_digest_format(const struct prac_digest *digest, char text_out[PRAC_DIGEST_TEXT])
{
	(void)sodium_bin2hex(text_out, PRAC_DIGEST_TEXT, digest->b, sizeof(digest->b));
}
