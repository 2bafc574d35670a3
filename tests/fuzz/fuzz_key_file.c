/* Whatever stands in data.key: what is taken is exactly what would be written. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "client/key/key_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_buf buf = { 0 };
	struct key_file file;

	if (key_file_parse((struct prac_bytes){ data, len }, &file) == PRAC_OK) {
		assert(file.n_entries <= KEY_ENTRIES_MAX);
		key_file_format(&file, &buf);
		assert(prac_bytes_equal(prac_buf_bytes(&buf), (struct prac_bytes){ data, len }));
	}
	prac_buf_deinit(&buf);
	return 0;
}
