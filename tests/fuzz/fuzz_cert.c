/* Any text as a certificate: what is read of it fits its room, and it is renewed while it lasts. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "common/wire/cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_cert_facts facts;

	if (prac_cert_read((struct prac_bytes){ data, len }, &facts) == PRAC_OK &&
		facts.not_after_s > facts.not_before_s) {
		assert(prac_cert_renew_at_s(&facts) >= facts.not_before_s);
		assert(prac_cert_renew_at_s(&facts) <= facts.not_after_s);
	}
	return 0;
}
