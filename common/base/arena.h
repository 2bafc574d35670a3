/*
 * Memory that lives as long as one request or one batch and is freed at one stroke.
 * Allocation never returns NULL: on exhaustion the program aborts, therefore sizes that
 * come from outside are compared with a limit before they reach the arena. The one
 * exception is the budgeted form for unpacking hostile messages, prac_arena_try().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/macros.h"

struct prac_arena_block;

/* Storage owned by the caller; all zero is a valid empty arena without a budget. */
struct prac_arena {
	struct prac_arena_block *blocks;
	size_t used;   /* bytes handed out since the last reset */
	size_t budget; /* prac_arena_try() refuses beyond it; 0 is no budget */
	/* What was handed out is overwritten when it is gone. May be set at any time. */
	bool is_secret;
};

void prac_arena_init(struct prac_arena *arena, size_t budget);

/* Zeroed memory, aligned for any type; lives until reset or deinit. */
void *prac_arena_alloc(struct prac_arena *arena, size_t size) PRAC_RETURNS_NONNULL;

/* As prac_arena_alloc(), not zeroed: for bytes that are written before anybody reads them. */
void *prac_arena_room(struct prac_arena *arena, size_t size) PRAC_RETURNS_NONNULL;

/* As prac_arena_room(); NULL when the budget or memory is exhausted. */
void *prac_arena_try(struct prac_arena *arena, size_t size);

struct prac_bytes prac_arena_copy(struct prac_arena *arena, struct prac_bytes bytes);
char *prac_arena_text(struct prac_arena *arena, struct prac_bytes bytes) PRAC_RETURNS_NONNULL;
char *prac_arena_printf(struct prac_arena *arena, const char *fmt, ...)
	PRAC_PRINTF(2, 3) PRAC_RETURNS_NONNULL;

/* Everything handed out is gone; one block is kept for the next round. Budget and secrecy stay. */
void prac_arena_reset(struct prac_arena *arena);
void prac_arena_deinit(struct prac_arena *arena);
