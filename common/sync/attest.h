/*
 * An attestation: the key of a person on a device, which only that person's password unlocks, signs
 * that the person was signed in there from when to when. So what a person did while the server could
 * not be reached has an author that the device cannot make up.
 */
#pragma once

#include "common/base/id.h"
#include "common/base/sign.h"

/* Without a command for so long nobody is signed in, at server and station alike. */
#define PRAC_IDLE_MINUTES 10

enum {
	PRAC_ATTEST_LEN = 24 + 2 * PRAC_ID_LEN + 2 * 8, /* bytes that are signed */
	PRAC_ATTEST_MAX_MS = 12 * 60 * 60 * 1000        /* from start to end */
};

struct prac_attestation {
	struct prac_id device, person;
	int64_t starts_ms, ends_ms; /* by the device's clock; ends_ms is out */
};

/* "practicum attestation 1", a NUL, device, person, starts and ends as 8 bytes, big-endian. */
void prac_attest_bytes(
	const struct prac_attestation *attestation, uint8_t bytes_out[PRAC_ATTEST_LEN]);

/* The times are possible and the signature is the key's. */
bool prac_attest_verify(const struct prac_attestation *attestation, struct prac_bytes public_key,
	struct prac_bytes signature);
