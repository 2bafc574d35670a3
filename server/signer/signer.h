/*
 * The signer from the server's side: questions to the process that alone holds the authority's key,
 * the seal key and the pepper (`practicumd signer`, server/signer/vault.h). One connection on the loop,
 * made when somebody asks and made again when it was lost.
 *
 * A signer that is away, stuck or dead costs the callers below and nobody else: their done runs with
 * UNAVAILABLE after at most SIGNER_WAIT_MS. done runs exactly once for each call, never before the
 * call returned, also when the signer is closed.
 *
 * A password is checked so (RELIABILITY 3.4):
 *
 *   signer_pepper(svc->signer, 0, password, done, ctx);      // 0: the newest pepper
 *   static void done(void *ctx, enum prac_status status, const struct signer_answer *answer)
 *   {
 *           if (status != PRAC_OK) { rpc_fail(call, PRAC_UNAVAILABLE); return; }
 *           // answer->peppered: 32 bytes for crypto_pwhash_str(), store answer->version with the hash.
 *   }
 *
 * and for a stored hash with the version that it was stored with.
 */
#pragma once

#include "common/base/bytes.h"
#include "common/base/hash.h"
#include "common/base/id.h"
#include "common/base/status.h"

enum {
	SIGNER_WAIT_MS = 5000,
	SIGNER_CALLS_MAX = 256 /* that wait at once; more are refused as RESOURCE_EXHAUSTED */
};

struct uv_loop_s;
struct signer;

/* socket: path of the signer's. Does not connect yet. */
struct signer *signer_new(struct uv_loop_s *loop, const char *socket) PRAC_RETURNS_NONNULL;

/* Ends what waits with CANCELLED, then frees and runs closed. */
void signer_close(struct signer *signer, void (*closed)(void *ctx), void *ctx);

/* Only what the question asked for is set. Borrowed until done returns. */
struct signer_answer {
	struct prac_bytes authorities; /* PEM: those that devices are to trust */
	struct prac_bytes certificate; /* PEM */
	struct prac_bytes proof;       /* of the server: prac_enroll_server_proof() */
	struct prac_bytes signature;
	struct prac_digest peppered;
	uint32_t version; /* of the pepper */
};

/*
 * UNAVAILABLE as above; RESOURCE_EXHAUSTED: too many wait. INVALID_ARGUMENT: the certificate request is
 * not what it should be. PERMISSION_DENIED: the proof, or the certificate, is wrong. NOT_FOUND: there
 * is no pepper of this version. DATA_LOSS: the key of the code was not sealed by this signer.
 */
typedef void (*signer_fn)(void *ctx, enum prac_status status, const struct signer_answer *answer);

struct signer_enrollment {
	struct prac_bytes sealed_key; /* of the code */
	const uint8_t *channel;       /* PRAC_TLS_EXPORTER bytes */
	struct prac_bytes proof, csr; /* as the newcomer sent them */
};

/* Checks the newcomer's proof and makes the certificate of this device. */
void signer_enroll(struct signer *signer, const struct signer_enrollment *enrollment,
	const struct prac_id *device, signer_fn done, void *ctx);

/*
 * The same for an answer that was lost: with the certificate that was made then. ABORTED: the proof
 * is right, but the request is for another key.
 */
void signer_repeat(struct signer *signer, const struct signer_enrollment *enrollment,
	struct prac_bytes certificate, signer_fn done, void *ctx);

/* Another certificate for device and key of this one (PEM), also when it ran out. */
void signer_renew(struct signer *signer, struct prac_bytes certificate, signer_fn done, void *ctx);

/* HMAC-SHA-256(pepper, password). version 0: the newest. At most SIGNER_PASSWORD_MAX bytes. */
void signer_pepper(struct signer *signer, uint32_t version, struct prac_bytes password,
	signer_fn done, void *ctx);

/* For the log, after NOT_FOUND: something of this person stands under it. */
void signer_pepper_lost(const struct prac_id *user, uint32_t version);

/* The authority's signature under an audit chain's head (PRAC_SIGN_AUDIT). */
void signer_sign_head(struct signer *signer, struct prac_bytes head, signer_fn done, void *ctx);
