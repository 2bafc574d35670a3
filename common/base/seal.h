/*
 * Secrets at rest: encrypted and authenticated with a key of 32 bytes (libsodium's secretbox), so
 * that a copy of the table that holds them is worth nothing without the key's file.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/env.h"
#include "common/base/macros.h"
#include "common/base/status.h"

enum {
	PRAC_SEAL_KEY = 32,
	PRAC_SEAL_OVERHEAD = 24 + 16 /* nonce and authenticator */
};

/* Randomness must be the system's. The result is PRAC_SEAL_OVERHEAD longer and in the arena. */
struct prac_bytes prac_seal(const uint8_t key[PRAC_SEAL_KEY], struct prac_bytes secret,
	const struct prac_env *env, struct prac_arena *arena);

/* PRAC_DATA_LOSS: not sealed with this key, or changed since. */
enum prac_status prac_unseal(const uint8_t key[PRAC_SEAL_KEY], struct prac_bytes sealed,
	struct prac_arena *arena, struct prac_bytes *secret_out) PRAC_MUST_USE;
