/* Any bytes as a compressed payload, and as content: limits hold, the round trip is exact. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/wire/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_arena arena = { 0 };
	struct prac_buf zipped = { 0 };
	struct prac_bytes content;

	if (prac_unzip((struct prac_bytes){ data, len }, &arena, &content) == PRAC_OK) {
		assert(content.len <= PRAC_ZIP_MAX && content.len / PRAC_ZIP_RATIO <= len);
	}
	if (len > 0 && len <= PRAC_ZIP_MAX) {
		prac_zip_frame(&zipped, (struct prac_bytes){ data, len });
		assert(prac_unzip(prac_buf_bytes(&zipped), &arena, &content) == PRAC_OK);
		assert(content.len == len && memcmp(content.data, data, len) == 0);
	}
	prac_buf_deinit(&zipped);
	prac_arena_deinit(&arena);
	return 0;
}
