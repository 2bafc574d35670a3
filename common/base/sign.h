/* Signatures with a person's own key (Ed25519), which only that person's password unlocks. */
#pragma once

#include "common/base/bytes.h"

enum {
	PRAC_SIGN_PUBLIC = 32,
	PRAC_SIGN_SECRET = 64,
	PRAC_SIGN_LEN = 64 /* of a signature */
};

void prac_sign_key_new(uint8_t public_out[PRAC_SIGN_PUBLIC], uint8_t secret_out[PRAC_SIGN_SECRET]);
void prac_sign(const uint8_t secret[PRAC_SIGN_SECRET], struct prac_bytes message,
	uint8_t signature_out[PRAC_SIGN_LEN]);

/* False as well when key or signature have another length. */
bool prac_sign_verify(
	struct prac_bytes public_key, struct prac_bytes message, struct prac_bytes signature);
