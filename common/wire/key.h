/*
 * Private keys and certificate requests, EC P-256 with SHA-256 throughout (RELIABILITY 3.2).
 *
 * OpenSSL's errors end in this folder: INVALID_ARGUMENT is about the input, RESOURCE_EXHAUSTED
 * means that OpenSSL had no memory or no randomness.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/macros.h"
#include "common/base/status.h"

/* A private key. Freeing wipes it. */
struct prac_key;

enum prac_status prac_key_new(struct prac_key **key_out) PRAC_MUST_USE;

/* INVALID_ARGUMENT: not PEM, encrypted, or not P-256. */
enum prac_status prac_key_from_pem(struct prac_bytes pem, struct prac_key **key_out) PRAC_MUST_USE;
void prac_key_free(struct prac_key *key); /* may be NULL */

/* Appends the key as PKCS#8 PEM; the caller wipes it with prac_wipe() when it is stored. */
enum prac_status prac_key_to_pem(
	const struct prac_key *key, struct prac_buf *pem_out) PRAC_MUST_USE;

/* Overwrites the buffer's memory and empties it. */
void prac_wipe(struct prac_buf *secret);

/* A certificate request (DER) for the key; it carries no name, only the proof that the key is had. */
enum prac_status prac_csr_new(const struct prac_key *key, struct prac_arena *arena,
	struct prac_bytes *csr_out) PRAC_MUST_USE;

/*
 * Checks type, curve and signature; the public key in DER (SubjectPublicKeyInfo) is all that is
 * taken from a request. INVALID_ARGUMENT if anything is wrong with it.
 */
enum prac_status prac_csr_check(
	struct prac_bytes csr, struct prac_arena *arena, struct prac_bytes *spki_out) PRAC_MUST_USE;

/* The public key of a private one, DER (SubjectPublicKeyInfo). */
enum prac_status prac_key_spki(const struct prac_key *key, struct prac_arena *arena,
	struct prac_bytes *spki_out) PRAC_MUST_USE;

/* What a signature is for: signed with the message, so that none serves for another purpose. */
#define PRAC_SIGN_AUDIT "practicum audit head"

/* ECDSA with SHA-256 over the purpose, a NUL and the message; DER, in the arena. */
enum prac_status prac_key_sign(const struct prac_key *key, const char *purpose,
	struct prac_bytes message, struct prac_arena *arena,
	struct prac_bytes *signature_out) PRAC_MUST_USE;
