#include "common/rules/file_format.h"

#include <string.h>

#include "catalog/types.h"
#include "common/base/macros.h"

/* ISO 32000-1 7.5.2; ITU-T T.81; ISO 15948; TIFF 6.0; ISO 23008-12 (a brand behind `ftyp`). */
static const struct {
	size_t at;
	const char *mark;
	size_t len;
	int64_t format;
} marks[] = {
	{ 0, "%PDF-", 5, PRAC_ATTACHMENT_FORMAT_PDF },
	{ 0, "\xff\xd8\xff", 3, PRAC_ATTACHMENT_FORMAT_JPEG },
	{ 0, "\x89PNG\r\n\x1a\n", 8, PRAC_ATTACHMENT_FORMAT_PNG },
	{ 0, "II*\0", 4, PRAC_ATTACHMENT_FORMAT_TIFF },
	{ 0, "MM\0*", 4, PRAC_ATTACHMENT_FORMAT_TIFF },
	{ 4, "ftypheic", 8, PRAC_ATTACHMENT_FORMAT_HEIC },
	{ 4, "ftypheix", 8, PRAC_ATTACHMENT_FORMAT_HEIC },
	{ 4, "ftypmif1", 8, PRAC_ATTACHMENT_FORMAT_HEIC },
};

int64_t prac_file_format(struct prac_bytes head)
{
	for (size_t i = 0; i < PRAC_NELEM(marks); i++) {
		if (head.len >= marks[i].at + marks[i].len &&
			memcmp(head.data + marks[i].at, marks[i].mark, marks[i].len) == 0) {
			return marks[i].format;
		}
	}
	return 0;
}
