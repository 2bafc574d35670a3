#include "client/roster/rows.h"

#include <glib.h>

enum {
	FIRST_CAPACITY = 32 /* a power of two; doubled whenever it is reached */
};

void *roster_grow(void *rows, uint32_t n, size_t size)
{
	if (n == 0) {
		return g_realloc_n(rows, FIRST_CAPACITY, size);
	}
	if (n >= FIRST_CAPACITY && (n & (n - 1)) == 0) {
		return g_realloc_n(rows, (size_t)n * 2, size);
	}
	return rows;
}
