/*
 * What the server and the signer say to each other over their Unix socket: requests and answers are
 * frames of one fixed size, so that neither ever waits for a length the other has chosen.
 *
 *   byte 0      SIGNER_VERSION
 *   byte 1      of a request its kind, of an answer a status (common/base/status.h)
 *   byte 2      number of parts
 *   byte 3      0
 *   bytes 4-11  number of the call, big-endian, chosen by the server, repeated in the answer
 *   then        each part: its length in 2 bytes, big-endian, and the bytes
 *   the rest    0
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/macros.h"
#include "common/base/status.h"

enum {
	SIGNER_VERSION = 1,
	SIGNER_FRAME = 8192,
	SIGNER_PARTS = 6,
	SIGNER_PASSWORD_MAX = 1024 /* bytes */
};

/* Parts of the request, then of the answer. Certificates are PEM, requests for one DER. */
enum signer_kind {
	/* - ; authorities: the one that signs, then others that are trusted */
	SIGNER_TRUST = 1,
	/* key of a code (32) ; the same sealed. Nothing unseals it for others. */
	SIGNER_SEAL,
	/* sealed key, exporter, proof, device id, CSR ; authorities, certificate, proof of the server */
	SIGNER_ENROLL,
	/* sealed key, exporter, proof, certificate, CSR ; as before, with the certificate as it was given */
	SIGNER_REPEAT,
	/* certificate of a device ; authorities, another for the same device and key */
	SIGNER_RENEW,
	/* version (4, big-endian; 0: the newest), password ; version, HMAC-SHA-256(pepper, password) */
	SIGNER_PEPPER,
	/* head of an audit chain as text ; signature of the authority under it */
	SIGNER_HEAD,
	SIGNER_N_KINDS
};

struct signer_message {
	uint8_t kind; /* of an answer: enum prac_status */
	uint64_t call;
	size_t n_parts;
	struct prac_bytes parts[SIGNER_PARTS]; /* borrowed */
};

/* RESOURCE_EXHAUSTED: the parts do not fit; the frame is zero then. */
enum prac_status signer_message_write(
	const struct signer_message *message, uint8_t frame_out[SIGNER_FRAME]) PRAC_MUST_USE;

/* The parts borrow the frame. INVALID_ARGUMENT: not such a frame. */
enum prac_status signer_message_read(
	const uint8_t frame[SIGNER_FRAME], struct signer_message *message_out) PRAC_MUST_USE;
