#include "common/base/sign.h"

#include <sodium.h>

_Static_assert(PRAC_SIGN_PUBLIC == crypto_sign_PUBLICKEYBYTES, "public key");
_Static_assert(PRAC_SIGN_SECRET == crypto_sign_SECRETKEYBYTES, "secret key");
_Static_assert(PRAC_SIGN_LEN == crypto_sign_BYTES, "signature");

/* libsodium declares these as able to fail, but they return 0 always. */

void prac_sign_key_new(uint8_t public_out[PRAC_SIGN_PUBLIC], uint8_t secret_out[PRAC_SIGN_SECRET])
{
	(void)crypto_sign_keypair(public_out, secret_out);
}

void prac_sign(const uint8_t secret[PRAC_SIGN_SECRET], struct prac_bytes message,
	uint8_t signature_out[PRAC_SIGN_LEN])
{
	(void)crypto_sign_detached(signature_out, NULL, message.data, message.len, secret);
}

bool prac_sign_verify(
	struct prac_bytes public_key, struct prac_bytes message, struct prac_bytes signature)
{
	return public_key.len == PRAC_SIGN_PUBLIC && signature.len == PRAC_SIGN_LEN &&
	       crypto_sign_verify_detached(
		       signature.data, message.data, message.len, public_key.data) == 0;
}
