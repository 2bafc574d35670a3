/*
 * The district's keys and what may be done with them: the whole of the signer but its socket. Pure:
 * a request in, an answer out. No request makes it give a key away.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/env.h"
#include "server/signer/wire.h"

enum {
	VAULT_PEPPER = 32, /* bytes of one pepper */
	VAULT_PEPPERS_MAX = 16,
	VAULT_GRACE_DAYS = 400 /* a certificate that ran out so long ago is still renewed */
};

struct vault_keys {
	struct prac_bytes authorities; /* PEM: first the one that signs */
	struct prac_bytes authority_key;
	struct prac_bytes seal_key;
	struct prac_bytes
		peppers; /* one behind the other, the newest last; zeros where one has ended */
};

struct vault;

/*
 * Copies. INVALID_ARGUMENT: one of them is not what it should be; what_out names it ("the authority",
 * "the seal key", "the pepper").
 */
enum prac_status vault_new(const struct vault_keys *keys, struct vault **vault_out,
	const char **what_out) PRAC_MUST_USE;
void vault_free(struct vault *vault); /* wipes; may be NULL */

/* The answer's parts are in the arena or the vault's. Always an answer: its kind is a status. */
void vault_answer(const struct vault *vault, const struct signer_message *request,
	const struct prac_env *env, struct prac_arena *arena, struct signer_message *answer_out);
