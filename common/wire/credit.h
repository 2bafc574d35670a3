/*
 * Credit in bytes, as HTTP/2 has it, on DATA and RESPONSE payloads (SYNC 4.16). Each stream and the
 * connection have a window; the sender takes from both, the receiver gives back what it has dealt
 * with (committed to disk, not only read). Both sides keep the same account, so a receiver sees a
 * peer that sends more than it was given. Arithmetic only; frames are the session's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/macros.h"
#include "common/base/status.h"

enum {
	PRAC_CREDIT_STREAM = 256 * 1024,      /* bytes a stream starts with */
	PRAC_CREDIT_CONNECTION = 1024 * 1024, /* bytes a connection starts with */
	PRAC_CREDIT_MAX = 0x7fffffff          /* no window may grow beyond */
};

struct prac_credit {
	uint32_t left;    /* bytes that may still be sent */
	uint32_t window;  /* what it started with; decides how often credit is given back */
	uint32_t settled; /* receiver: bytes dealt with and not yet given back */
};

/* A window over PRAC_CREDIT_MAX, which a peer may have asked for, counts as PRAC_CREDIT_MAX. */
void prac_credit_init(struct prac_credit *credit, uint32_t window);

/* Bytes that may be sent now: the smaller of the two. */
uint32_t prac_credit_available(
	const struct prac_credit *stream, const struct prac_credit *connection);

/*
 * Sender: before len bytes go out. Receiver: when len bytes came in.
 * RESOURCE_EXHAUSTED, with both accounts untouched, when there is less: the sender waits, the
 * receiver closes the connection.
 */
enum prac_status prac_credit_take(
	struct prac_credit *stream, struct prac_credit *connection, uint32_t len) PRAC_MUST_USE;

/*
 * Sender: a CREDIT frame of len bytes came. OUT_OF_RANGE if the window would exceed
 * PRAC_CREDIT_MAX, INVALID_ARGUMENT for none at all; both close the connection.
 */
enum prac_status prac_credit_grant(struct prac_credit *credit, uint32_t len) PRAC_MUST_USE;

/*
 * Receiver: len bytes of what came in are dealt with. Returns what to give back now in a CREDIT
 * frame, 0 while it is less than half of the window: so few large grants instead of many small.
 */
uint32_t prac_credit_settle(struct prac_credit *credit, uint32_t len) PRAC_MUST_USE;
