/* Any text as a one-time password: what is taken is the code of the step that is found, once. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/base/totp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* An app shows a code with a space in it, and so people type it. */
static void take_spaces_off(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		if (*from != ' ') {
			*to++ = *from;
		}
	}
	*to = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct prac_bytes secret = { (const uint8_t *)"12345678901234567890", 20 };
	static const int64_t now_s = 1111111109; /* RFC 6238, appendix B: 07081804 */
	char digits[64], code[16];
	uint64_t step;

	if (len >= sizeof(digits)) {
		return 0;
	}
	if (len > 0) {
		memcpy(digits, data, len);
	}
	digits[len] = '\0';
	step = prac_totp_find(secret, digits, now_s, 0);
	if (step != 0) {
		(void)snprintf(code, sizeof(code), "%06u", (unsigned)prac_totp_code(secret, step));
		assert(prac_totp_find(secret, digits, now_s, step) == 0);
		take_spaces_off(digits);
		assert(strcmp(code, digits) == 0);
	}
	return 0;
}
