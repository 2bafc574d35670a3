/* A whole package, as roster_read_parts() takes it, in both modes. */
#include <stddef.h>
#include <stdint.h>

#include "client/roster/roster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_bytes parts = { data, len };

	roster_free(roster_read_parts(parts, ROSTER_STRICT));
	roster_free(roster_read_parts(parts, ROSTER_TOLERANT));
	return 0;
}
