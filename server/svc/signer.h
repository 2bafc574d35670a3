/*
 * What only the holder of the district's keys can do. In this process for now; the functions are
 * what will stand between it and a process of its own (RELIABILITY 3.1).
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/env.h"
#include "common/base/hash.h"
#include "common/base/id.h"
#include "common/base/status.h"

struct signer;

/*
 * Certificate and key of the authority as PEM, and the key that codes are sealed with. Copies.
 * INVALID_ARGUMENT: one of them is not what it should be.
 */
enum prac_status signer_new(struct prac_bytes ca_cert, struct prac_bytes ca_key,
	struct prac_bytes seal_key, struct signer **signer_out) PRAC_MUST_USE;
void signer_free(struct signer *signer); /* may be NULL */

/* The authority's certificate, PEM. Lives as long as the signer. */
struct prac_bytes signer_chain(const struct signer *signer);

struct signer_order {
	struct prac_bytes csr; /* DER */
	struct prac_id device;
	int64_t now_s;
};

struct signer_device {
	struct prac_bytes certificate; /* PEM */
	struct prac_digest spki;
	int64_t not_after_s;
};

/*
 * The certificate of a device for the key in a request; in the arena. INVALID_ARGUMENT: the
 * request is not what it should be.
 */
enum prac_status signer_sign(const struct signer *signer, const struct signer_order *order,
	struct prac_arena *arena, struct signer_device *device_out) PRAC_MUST_USE;

/* Keys of codes (prac_enroll_key()) as they are stored. */
struct prac_bytes signer_seal(const struct signer *signer, const struct prac_digest *key,
	const struct prac_env *env, struct prac_arena *arena);
enum prac_status signer_unseal(const struct signer *signer, struct prac_bytes sealed,
	struct prac_arena *arena, struct prac_digest *key_out) PRAC_MUST_USE;
