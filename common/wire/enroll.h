/*
 * Enrollment: one code on paper makes both sides certain of each other, before either has a
 * certificate of the other (RELIABILITY 3.2).
 *
 * The code is 24 Crockford base-32 characters: 20 bits lookup, 80 bits secret, 20 bits check. Both
 * sides derive a key from the secret and prove that they have it, bound to the exporter value of
 * their TLS connection; a man in the middle has two different ones.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/env.h"
#include "common/base/hash.h"
#include "common/base/macros.h"
#include "common/base/status.h"

enum {
	PRAC_ENROLL_SECRET = 10,   /* bytes */
	PRAC_ENROLL_EXPORTER = 32, /* bytes of prac_tls_exporter() */
	PRAC_ENROLL_TEXT = 30      /* six groups of four, five dashes and the NUL */
};

struct prac_enroll_code {
	uint32_t lookup; /* 20 bits: which enrollment; no secret */
	uint8_t secret[PRAC_ENROLL_SECRET];
};

/* Randomness must be the system's. The caller sees to it that no two open codes share a lookup. */
void prac_enroll_code_new(const struct prac_env *env, struct prac_enroll_code *code_out);
void prac_enroll_code_format(const struct prac_enroll_code *code, char text_out[PRAC_ENROLL_TEXT]);

/*
 * Takes either case, dashes and blanks anywhere, O for 0, I and L for 1.
 * INVALID_ARGUMENT: not 24 characters of the alphabet. DATA_LOSS: mistyped, the check is wrong.
 */
enum prac_status prac_enroll_code_parse(
	const char *text, struct prac_enroll_code *code_out) PRAC_MUST_USE;

/* HKDF-SHA256(secret, info "enroll"): what the server stores, sealed, in place of the code. */
struct prac_digest prac_enroll_key(const struct prac_enroll_code *code);

/* HMAC(key, "client" || exporter || SHA-256(csr)): the device's proof. */
struct prac_digest prac_enroll_client_proof(const struct prac_digest *key,
	const uint8_t exporter[PRAC_ENROLL_EXPORTER], struct prac_bytes csr);

/*
 * HMAC(key, "server" || exporter || SHA-256(chain and certificate)): the server's proof. Both are
 * the bytes as sent, each hashed behind its length (4 bytes, big-endian), so that nothing can move
 * from one to the other.
 */
struct prac_digest prac_enroll_server_proof(const struct prac_digest *key,
	const uint8_t exporter[PRAC_ENROLL_EXPORTER], struct prac_bytes chain,
	struct prac_bytes certificate);
