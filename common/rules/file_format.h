/* What kind of file some bytes begin, told by the marks that its format puts there. */
#pragma once

#include <stdint.h>

#include "common/base/bytes.h"

enum {
	PRAC_FILE_HEAD = 16,                  /* bytes that are enough to tell */
	PRAC_FILE_SIZE_MAX = 10 * 1024 * 1024 /* as in proto/records/attachment.proto */
};

/* A value of the field format of attachments; 0: none of those that may be attached. */
int64_t prac_file_format(struct prac_bytes head);
