/* The file of heads that a station hands over: whatever is in it, what is read is written the same. */
#include <stdlib.h>
#include <string.h>

#include "common/wire/audit_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prac_bytes text = { data, size };
	struct prac_audit_head head, again;
	char line[PRAC_AUDIT_LINE];

	while (prac_audit_head_next(&text, &head)) {
		struct prac_bytes written;

		prac_audit_head_format(&head, line);
		written = prac_bytes_text(line);
		if (!prac_audit_head_next(&written, &again) || again.number != head.number ||
			strcmp(again.chain, head.chain) != 0 ||
			!prac_digest_equal(&again.hash, &head.hash) ||
			again.signature_len != head.signature_len) {
			abort();
		}
	}
	return 0;
}
