#include "common/base/bytes.h"

#include <glib.h>
#include <string.h>

bool prac_bytes_equal(struct prac_bytes a, struct prac_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

struct prac_bytes prac_bytes_text(const char *text)
{
	return (struct prac_bytes){ (const uint8_t *)text, strlen(text) };
}

bool prac_utf8_ok(struct prac_bytes text)
{
	/* Given a length, GLib takes a NUL as an error. */
	return text.len == 0 || g_utf8_validate((const char *)text.data, (gssize)text.len, NULL);
}
