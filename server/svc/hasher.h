/*
 * Argon2id off the loop: at most two at once, since each takes 64 MiB and a tenth of a second, and a
 * bounded queue behind them.
 */
#pragma once

#include "common/base/password.h"

enum {
	HASHER_AT_ONCE = 2,
	HASHER_WAITING_MAX = 32,
	HASHER_BUSY_MS = 3000 /* after which a queue that was full is not any more */
};

/* For people who find it full. */
extern const char hasher_busy_text[];

struct uv_loop_s;
struct hasher;

struct hasher *hasher_new(struct uv_loop_s *loop) PRAC_RETURNS_NONNULL;

/* What waits ends with CANCELLED from here on, what is under way as soon as it is done. */
void hasher_stop(struct hasher *hasher);

/* When the loop is empty; may be NULL. */
void hasher_free(struct hasher *hasher);

/*
 * verify: PRAC_OK or PRAC_UNAUTHENTICATED, hash is NULL. make: PRAC_OK with the new hash, borrowed until
 * the callback returns. PRAC_RESOURCE_EXHAUSTED: no memory. PRAC_CANCELLED: stopped. The callback runs
 * exactly once, later.
 */
typedef void (*hasher_fn)(void *ctx, enum prac_status status, const char *hash);

/* False: too many wait, and done will not run. hash is copied. */
bool hasher_verify(struct hasher *hasher, const char *hash, const struct prac_digest *peppered,
	hasher_fn done, void *ctx) PRAC_MUST_USE;
bool hasher_make(struct hasher *hasher, const struct prac_digest *peppered, hasher_fn done,
	void *ctx) PRAC_MUST_USE;
