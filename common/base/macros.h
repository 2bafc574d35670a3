/* Small language helpers that every file may use. */
#pragma once

#include <stddef.h>

#define PRAC_NELEM(array)       (sizeof(array) / sizeof((array)[0]))
#define PRAC_MUST_USE           __attribute__((warn_unused_result))
#define PRAC_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define PRAC_RETURNS_NONNULL    __attribute__((returns_nonnull))

#define PRAC_WORD_OF(token) #token
#define PRAC_TEXT_OF(macro) PRAC_WORD_OF(macro) /* what the macro stands for, as a text */

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
