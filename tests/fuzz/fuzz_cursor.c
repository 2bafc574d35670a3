/* Whatever a peer calls a cursor: what is taken is exactly what would be written. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "common/sync/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_cursor cursor;
	struct prac_buf buf = { 0 };

	if (prac_cursor_decode((struct prac_bytes){ data, len }, &cursor) == PRAC_OK && len > 0) {
		prac_cursor_encode(&cursor, &buf);
		assert(prac_buf_len(&buf) <= PRAC_CURSOR_MAX);
		assert(prac_bytes_equal(prac_buf_bytes(&buf), (struct prac_bytes){ data, len }));
	}
	prac_buf_deinit(&buf);
	return 0;
}
