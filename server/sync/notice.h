/*
 * What one server tells the others on the same database with the COMMIT of a batch: the head before and
 * after it, and the scopes in which something changed. The text of a NOTIFY (SYNC 4.17); only a hint,
 * whoever gets none looks at the head every two seconds.
 */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/id.h"

enum {
	NOTICE_SCOPES_MAX = 200 /* PostgreSQL takes less than 8000 bytes */
};

struct notice {
	uint64_t after, head; /* the numbers above the one up to the other are of this commit */
	const struct prac_id *scopes;
	size_t n_scopes; /* 0 where is_all is not set: nothing that a feed shows */
	bool is_all;     /* more than fit, so perhaps all; read only */
};

/* A text in the arena. */
const char *notice_write(
	struct prac_arena *arena, const struct notice *notice) PRAC_RETURNS_NONNULL;

/* PRAC_INVALID_ARGUMENT unless the text is one that notice_write() makes. */
enum prac_status notice_read(
	struct prac_arena *arena, const char *text, struct notice *out) PRAC_MUST_USE;
