/* The one error enum. Numbers are gRPC's, so that they can stand on the wire as they are. */
#pragma once

#include "common/base/macros.h"

#define PRAC_STATUS_MAP(XX)                                      \
	XX(OK, 0, "ok")                                          \
	XX(CANCELLED, 1, "canceled")                             \
	XX(UNKNOWN, 2, "unknown outcome")                        \
	XX(INVALID_ARGUMENT, 3, "not understood")                \
	XX(DEADLINE_EXCEEDED, 4, "timed out")                    \
	XX(NOT_FOUND, 5, "not found")                            \
	XX(ALREADY_EXISTS, 6, "already exists")                  \
	XX(PERMISSION_DENIED, 7, "not allowed")                  \
	XX(RESOURCE_EXHAUSTED, 8, "a limit is reached")          \
	XX(FAILED_PRECONDITION, 9, "not possible in this state") \
	XX(ABORTED, 10, "must be started again")                 \
	XX(OUT_OF_RANGE, 11, "out of range")                     \
	XX(UNIMPLEMENTED, 12, "not known to this version")       \
	XX(INTERNAL, 13, "internal error")                       \
	XX(UNAVAILABLE, 14, "unavailable")                       \
	XX(DATA_LOSS, 15, "data is damaged")                     \
	XX(UNAUTHENTICATED, 16, "not authenticated")

enum prac_status {
#define XX(name, number, text) PRAC_##name = (number),
	PRAC_STATUS_MAP(XX)
#undef XX
};

/* A sentence part for people ("timed out"); never NULL, also for numbers a newer peer sent. */
const char *prac_status_text(enum prac_status status) PRAC_RETURNS_NONNULL;

/* The name as in the protocol ("DEADLINE_EXCEEDED"); "UNKNOWN" for numbers we do not know. */
const char *prac_status_name(enum prac_status status) PRAC_RETURNS_NONNULL;
