/* Any text as a line of what was disposed of: what is taken is the line that would be printed. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "server/dispose_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char line[256], again[256], id_text[PRAC_ID_TEXT];
	struct prac_id id, same;
	uint32_t type, same_type;

	if (len >= sizeof(line)) {
		return 0;
	}
	if (len > 0) {
		memcpy(line, data, len);
	}
	line[len] = '\0';
	if (dispose_line_read(line, &type, &id)) {
		assert(type > 0 && type <= UINT16_MAX);
		prac_id_format(&id, id_text);
		(void)snprintf(again, sizeof(again), "%u %s", (unsigned)type, id_text);
		assert(dispose_line_read(again, &same_type, &same));
		assert(same_type == type && prac_id_equal(&id, &same));
	}
	return 0;
}
