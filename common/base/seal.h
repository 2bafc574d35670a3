/*
 * Secrets at rest: encrypted and authenticated with a key of 32 bytes, so that a copy of the table that
 * holds them is worth nothing without the key. prac_seal() is libsodium's secretbox; prac_seal_at() is
 * XChaCha20-Poly1305 with the place as associated data: what was sealed opens nowhere else.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/env.h"
#include "common/base/macros.h"
#include "common/base/status.h"

enum {
	PRAC_SEAL_KEY = 32,
	PRAC_SEAL_NONCE = 24,
	PRAC_SEAL_OVERHEAD = PRAC_SEAL_NONCE + 16 /* and authenticator */
};

/* Randomness must be the system's. The result is PRAC_SEAL_OVERHEAD longer and in the arena. */
struct prac_bytes prac_seal(const uint8_t key[PRAC_SEAL_KEY], struct prac_bytes secret,
	const struct prac_env *env, struct prac_arena *arena);

/* PRAC_DATA_LOSS: not sealed with this key, or changed since. */
enum prac_status prac_unseal(const uint8_t key[PRAC_SEAL_KEY], struct prac_bytes sealed,
	struct prac_arena *arena, struct prac_bytes *secret_out) PRAC_MUST_USE;

/* As above. place: canonical bytes of where it is kept; the same ones open it. */
struct prac_sealing {
	const uint8_t *key; /* PRAC_SEAL_KEY */
	struct prac_bytes place;
};
struct prac_bytes prac_seal_at(const struct prac_sealing *sealing, struct prac_bytes secret,
	const struct prac_env *env, struct prac_arena *arena);
/* With a nonce that the system drew before, together with others; it is used for this only. */
struct prac_bytes prac_seal_with(const struct prac_sealing *sealing, struct prac_bytes secret,
	const uint8_t nonce[PRAC_SEAL_NONCE], struct prac_arena *arena);
/* The same secret at the same place is the same bytes, which tell that it is: the nonce is made of both. */
struct prac_bytes prac_seal_same(
	const struct prac_sealing *sealing, struct prac_bytes secret, struct prac_arena *arena);
enum prac_status prac_unseal_at(const struct prac_sealing *sealing, struct prac_bytes sealed,
	struct prac_arena *arena, struct prac_bytes *secret_out) PRAC_MUST_USE;
