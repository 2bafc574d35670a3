#include "common/sync/attest.h"

#include <string.h>

static const char title[24] = "practicum attestation 1";

static void put(uint8_t *to, uint64_t number)
{
	for (int i = 7; i >= 0; i--) {
		to[i] = (uint8_t)(number & 0xFF);
		number >>= 8;
	}
}

void prac_attest_bytes(
	const struct prac_attestation *attestation, uint8_t bytes_out[PRAC_ATTEST_LEN])
{
	uint8_t *at = bytes_out;

	memcpy(at, title, sizeof(title));
	at += sizeof(title);
	memcpy(at, attestation->device.b, PRAC_ID_LEN);
	at += PRAC_ID_LEN;
	memcpy(at, attestation->person.b, PRAC_ID_LEN);
	at += PRAC_ID_LEN;
	put(at, (uint64_t)attestation->starts_ms);
	put(at + 8, (uint64_t)attestation->ends_ms);
}

bool prac_attest_verify(const struct prac_attestation *attestation, struct prac_bytes public_key,
	struct prac_bytes signature)
{
	uint8_t bytes[PRAC_ATTEST_LEN];

	if (attestation->starts_ms < 0 || attestation->ends_ms <= attestation->starts_ms ||
		attestation->ends_ms - attestation->starts_ms > PRAC_ATTEST_MAX_MS) {
		return false;
	}
	prac_attest_bytes(attestation, bytes);
	return prac_sign_verify(public_key, (struct prac_bytes){ bytes, sizeof(bytes) }, signature);
}
