/* A borrowed run of bytes. Whoever holds one must know who owns the memory behind it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prac_bytes {
	const uint8_t *data; /* may be NULL when len is 0 */
	size_t len;
};

bool prac_bytes_equal(struct prac_bytes a, struct prac_bytes b);

/* The bytes of a C string without its NUL. Borrows text. */
struct prac_bytes prac_bytes_text(const char *text);

/* Valid UTF-8 without NUL: what a text field may hold. */
bool prac_utf8_ok(struct prac_bytes text);
