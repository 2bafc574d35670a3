#include "common/base/version.h"

#include <string.h>

void prac_version_print(const char *program, FILE *out)
{
	static const char between[] = ", ";
	const char *library = PRAC_BUILT_WITH;
	size_t len;

	(void)fprintf(out, "%s %s\nbuilt with\n", program, PRAC_VERSION);
	for (; *library != '\0'; library += len) {
		const char *end = strstr(library, between);

		len = end != NULL ? (size_t)(end - library) : strlen(library);
		(void)fprintf(out, "  %.*s\n", (int)len, library);
		len += end != NULL ? strlen(between) : 0;
	}
}
