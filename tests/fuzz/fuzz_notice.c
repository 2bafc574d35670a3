/* What another server says it committed: what is taken is written the same way again. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/sync/notice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_arena arena = { 0 };
	char *text = strndup((const char *)data, len);
	struct notice notice;

	if (notice_read(&arena, text, &notice) == PRAC_OK && !notice.is_all) {
		/* Ids may also be written in capitals. */
		assert(strcasecmp(notice_write(&arena, &notice), text) == 0);
	}
	prac_arena_deinit(&arena);
	free(text);
	return 0;
}
