/* Any bytes as the beginning of a file: the format that is told is one whose marks stand there. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/types.h"
#include "common/rules/file_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int has(const uint8_t *data, size_t len, size_t at, const char *mark, size_t n)
{
	return len >= at + n && memcmp(data + at, mark, n) == 0;
}

/* The marks once more, apart from the program's table. */
static int64_t expected(const uint8_t *data, size_t len)
{
	if (has(data, len, 0, "%PDF-", 5)) {
		return PRAC_ATTACHMENT_FORMAT_PDF;
	}
	if (has(data, len, 0, "\xff\xd8\xff", 3)) {
		return PRAC_ATTACHMENT_FORMAT_JPEG;
	}
	if (has(data, len, 0, "\x89PNG\r\n\x1a\n", 8)) {
		return PRAC_ATTACHMENT_FORMAT_PNG;
	}
	if (has(data, len, 0, "II\x2a\x00", 4) || has(data, len, 0, "MM\x00\x2a", 4)) {
		return PRAC_ATTACHMENT_FORMAT_TIFF;
	}
	if (has(data, len, 4, "ftyp", 4) &&
		(has(data, len, 8, "heic", 4) || has(data, len, 8, "heix", 4) ||
			has(data, len, 8, "mif1", 4))) {
		return PRAC_ATTACHMENT_FORMAT_HEIC;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *exact = malloc(len > 0 ? len : 1); /* what is read behind its end is found */
	size_t head = len < PRAC_FILE_HEAD ? len : PRAC_FILE_HEAD;
	int64_t format;

	if (exact == NULL) {
		return 0;
	}
	if (len > 0) {
		memcpy(exact, data, len);
	}
	format = prac_file_format((struct prac_bytes){ exact, len });
	assert(format == expected(exact, len));
	assert(format == prac_file_format((struct prac_bytes){ exact, head }));
	free(exact);
	return 0;
}
