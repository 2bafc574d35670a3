/*
 * TLS 1.3 without sockets: ciphertext in, ciphertext out, plaintext in buffers. The caller moves
 * the bytes, which is also how tests put two of these face to face.
 *
 * OpenSSL's errors end here: callers see a status and one sentence.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/hash.h"
#include "common/base/id.h"
#include "common/base/macros.h"
#include "common/base/status.h"

#define PRAC_TLS_ALPN        "practicum/1"
#define PRAC_TLS_ALPN_ENROLL "practicum-enroll/1"

enum {
	PRAC_TLS_WHY = 160, /* bytes for a sentence with its NUL */
	PRAC_TLS_EXPORTER = 32
};

/* What the peer has to show. A client asks REQUIRED of every server but the one it enrolls with. */
enum prac_tls_check {
	/* A valid certificate from the trusted authority; a client takes one of days to come, too. */
	PRAC_TLS_REQUIRED,
	PRAC_TLS_REQUIRED_OR_EXPIRED, /* server only: or one whose days are over */
	PRAC_TLS_NOTHING              /* enrollment: the peer proves itself above TLS */
};

struct prac_tls_settings {
	bool is_server;
	enum prac_tls_check check;
	const char *alpn;        /* PRAC_TLS_ALPN or PRAC_TLS_ALPN_ENROLL; a literal */
	struct prac_bytes chain; /* PEM: own certificate, then those above it; empty: none */
	struct prac_bytes key;   /* PEM: private key of the first */
	struct prac_bytes trust; /* PEM: authorities of the peers; empty only with NOTHING */
};

/* Keys and rules that connections share. May be freed before the connections made with it. */
struct prac_tls_ctx;

/*
 * Copies what it needs, so the caller can wipe the key.
 * INVALID_ARGUMENT with a sentence in why_out: not PEM, key and certificate do not match.
 */
enum prac_status prac_tls_ctx_new(const struct prac_tls_settings *settings,
	struct prac_tls_ctx **ctx_out, char why_out[PRAC_TLS_WHY]) PRAC_MUST_USE;
void prac_tls_ctx_free(struct prac_tls_ctx *ctx); /* may be NULL */

enum prac_tls_state {
	PRAC_TLS_HANDSHAKE,
	PRAC_TLS_OPEN,
	PRAC_TLS_PEER_CLOSED, /* the peer has said that it sends no more */
	PRAC_TLS_FAILED       /* prac_tls_why() says by what */
};

/* One connection. */
struct prac_tls;

/*
 * host is the name or address that the server's certificate must bear; NULL on the server's side
 * and for enrollment. A client's first bytes are in the output at once.
 * INVALID_ARGUMENT for a host that cannot be one; RESOURCE_EXHAUSTED without memory.
 */
enum prac_status prac_tls_new(
	struct prac_tls_ctx *ctx, const char *host, struct prac_tls **tls_out) PRAC_MUST_USE;
void prac_tls_free(struct prac_tls *tls); /* may be NULL */

/*
 * Bytes from the peer, any number of them. Adds to the plaintext and, during the handshake, to the
 * output. Not OK: the connection is dead; send what is in the output (the alert) and close.
 *
 * OPEN on a client's side does not mean that the server has accepted its certificate: a refusal
 * comes as UNAUTHENTICATED from a later feed.
 * The transport's end without state PEER_CLOSED is a cut, not an end.
 */
enum prac_status prac_tls_feed(struct prac_tls *tls, struct prac_bytes cipher) PRAC_MUST_USE;

/* What the peer wrote; the caller consumes it. Lives as long as the connection. */
struct prac_buf *prac_tls_plain(struct prac_tls *tls);

/* What to send to the peer; the caller consumes it. Lives as long as the connection. */
struct prac_buf *prac_tls_output(struct prac_tls *tls);

/* FAILED_PRECONDITION before the handshake is over and after prac_tls_shutdown(). */
enum prac_status prac_tls_write(struct prac_tls *tls, struct prac_bytes plain) PRAC_MUST_USE;

/* Adds close_notify to the output, once. Reading goes on until the peer says the same. */
void prac_tls_shutdown(struct prac_tls *tls);

/* Gives memory of empty buffers back; for connections that have nothing to do. */
void prac_tls_idle(struct prac_tls *tls);

/* Bytes held in buffers, in and out; not what OpenSSL needs besides. */
size_t prac_tls_memory(const struct prac_tls *tls);

enum prac_tls_state prac_tls_state(const struct prac_tls *tls);

/* The sentence about the failure; empty without one. No names, nothing the peer wrote. */
const char *prac_tls_why(const struct prac_tls *tls);

/* Who the other side is, after the handshake. */
struct prac_tls_peer {
	bool has_certificate;
	bool has_device; /* it names one: SAN urn:practicum:device:UUID */
	struct prac_id device;
	struct prac_digest spki; /* SHA-256 of its public key: what revocation goes by */
	int64_t not_after_s;     /* since 1970-01-01; may be past with REQUIRED_OR_EXPIRED */
};

void prac_tls_peer(const struct prac_tls *tls, struct prac_tls_peer *peer_out);

/*
 * The same 32 bytes on both sides and on no other connection (RFC 9266, tls-exporter).
 * FAILED_PRECONDITION before the handshake is over.
 */
enum prac_status prac_tls_exporter(
	const struct prac_tls *tls, uint8_t exporter_out[PRAC_TLS_EXPORTER]) PRAC_MUST_USE;

/* KeyUpdate messages the peer has sent; more than a few a minute is an attack on our time. */
unsigned prac_tls_key_updates(const struct prac_tls *tls);
