/* Arrays that grow one row at a time; their capacity follows from their length. */
#pragma once

#include <stdint.h>

#include "common/base/macros.h"

/* Room for row n behind n rows of size bytes; the array may move. Free it with g_free(). */
void *roster_grow(void *rows, uint32_t n, size_t size) PRAC_RETURNS_NONNULL;
