/* Digests. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"

enum {
	PRAC_SHA256_LEN = 32,
	PRAC_DIGEST_TEXT = 65 /* 64 lower-case hex digits and the NUL */
};

struct prac_digest {
	uint8_t b[PRAC_SHA256_LEN];
};

struct prac_digest prac_sha256(struct prac_bytes bytes);
struct prac_digest prac_hmac_sha256(struct prac_bytes key, struct prac_bytes message);

/* SHA-256 over several runs of bytes, as if they stood one behind the other. */
struct prac_digest prac_sha256_parts(const struct prac_bytes *parts, size_t n_parts);
bool prac_digest_equal(
	const struct prac_digest *a, const struct prac_digest *b);     /* constant time */
struct prac_bytes prac_digest_bytes(const struct prac_digest *digest); /* borrows digest */
void prac_digest_format(const struct prac_digest *digest, char text_out[PRAC_DIGEST_TEXT]);
