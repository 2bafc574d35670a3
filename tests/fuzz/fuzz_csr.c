/* Any bytes as a certificate request: a public key that comes out of one is P-256 and issuable. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/wire/cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct prac_ca *ca;
	static const struct prac_id device = { { 1 } };
	struct prac_cert_order order = { .now_s = 1795000000, .days = 90 };
	struct prac_arena arena = { 0 };
	struct prac_cert_facts facts;
	struct prac_bytes pem;

	if (ca == NULL && prac_ca_new("Test authority", order.now_s, &ca) != PRAC_OK) {
		abort();
	}
	if (prac_csr_check((struct prac_bytes){ data, len }, &arena, &order.spki) == PRAC_OK) {
		assert(order.spki.len == 91); /* uncompressed point of P-256 with its header */
		assert(prac_ca_issue_device(ca, &order, &device, &arena, &pem) == PRAC_OK);
		assert(prac_cert_read(pem, &facts) == PRAC_OK && facts.has_device);
	}
	/* The same bytes as a certificate; whatever is in it, reading it twice says the same. */
	if (prac_cert_read((struct prac_bytes){ data, len }, &facts) == PRAC_OK) {
		struct prac_cert_facts again;

		assert(prac_cert_read((struct prac_bytes){ data, len }, &again) == PRAC_OK);
		assert(prac_digest_equal(&facts.spki, &again.spki));
	}
	prac_arena_deinit(&arena);
	return 0;
}
