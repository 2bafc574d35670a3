/* Any text as an enrollment code: one that is taken is the one that is written back. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/wire/enroll.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_arena arena = { 0 };
	const char *text = prac_arena_text(&arena, (struct prac_bytes){ data, len });
	struct prac_enroll_code code;
	struct prac_enroll_code again;
	char written[PRAC_ENROLL_TEXT];

	/* A wrong check decodes as well; written back it has the right one. */
	if (prac_enroll_code_parse(text, &code) != PRAC_INVALID_ARGUMENT) {
		assert(code.lookup <= 0xfffff);
		prac_enroll_code_format(&code, written);
		assert(prac_enroll_code_parse(written, &again) == PRAC_OK);
		assert(again.lookup == code.lookup &&
			memcmp(again.secret, code.secret, sizeof(code.secret)) == 0);
	}
	prac_arena_deinit(&arena);
	return 0;
}
