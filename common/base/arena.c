#include "common/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* A request's usual needs fit one block together with malloc's own header. */
	BLOCK_SIZE = 8192 - 64,
	/* Larger pieces get a block of their own, so that the shared one is not wasted. */
	LARGE = BLOCK_SIZE / 4
};

struct prac_arena_block {
	struct prac_arena_block *next;
	size_t size; /* of data, bytes */
	size_t used;
	alignas(max_align_t) uint8_t data[];
};

void prac_arena_init(struct prac_arena *arena, size_t budget)
{
	*arena = (struct prac_arena){ .budget = budget };
}

static struct prac_arena_block *add_block(struct prac_arena *arena, size_t size)
{
	struct prac_arena_block *block = malloc(sizeof(*block) + size);

	if (block == NULL) {
		return NULL;
	}
	block->size = size;
	block->used = 0;
	block->next = NULL;
	/* A large piece goes behind the head, which still has room for small ones. */
	if (size != BLOCK_SIZE && arena->blocks != NULL) {
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		block->next = arena->blocks;
		arena->blocks = block;
	}
	return block;
}

static struct prac_arena_block *block_for(struct prac_arena *arena, size_t size)
{
	struct prac_arena_block *head = arena->blocks;

	if (head != NULL && head->size - head->used >= size) {
		return head;
	}
	return add_block(arena, size > LARGE ? size : BLOCK_SIZE);
}

/* NULL when memory is exhausted or the size is absurd; *size_io becomes what is taken up. */
static void *take(struct prac_arena *arena, size_t *size_io)
{
	const size_t align = alignof(max_align_t);
	size_t size = *size_io;
	struct prac_arena_block *block;
	void *piece;

	if (size > SIZE_MAX / 2) {
		return NULL;
	}
	size = size == 0 ? align : (size + align - 1) / align * align;
	block = block_for(arena, size);
	if (block == NULL) {
		return NULL;
	}
	*size_io = size;
	piece = block->data + block->used;
	block->used += size;
	arena->used += size;
	return piece;
}

/* docs/adr/0005; with a word, so that nobody takes it for a fault. */
static _Noreturn void end_without_memory(void)
{
	(void)fputs("out of memory\n", stderr);
	abort();
}

void *prac_arena_room(struct prac_arena *arena, size_t size)
{
	void *piece = take(arena, &size);

	if (piece == NULL) {
		end_without_memory();
	}
	return piece;
}

void *prac_arena_alloc(struct prac_arena *arena, size_t size)
{
	void *piece = take(arena, &size);

	if (piece == NULL) {
		end_without_memory();
	}
	return memset(piece, 0, size);
}

void *prac_arena_try(struct prac_arena *arena, size_t size)
{
	bool fits = arena->budget == 0 ||
		    (arena->used <= arena->budget && size <= arena->budget - arena->used);

	return fits ? take(arena, &size) : NULL;
}

struct prac_bytes prac_arena_copy(struct prac_arena *arena, struct prac_bytes bytes)
{
	uint8_t *copy = prac_arena_room(arena, bytes.len);

	if (bytes.len > 0) {
		memcpy(copy, bytes.data, bytes.len);
	}
	return (struct prac_bytes){ copy, bytes.len };
}

char *prac_arena_text(struct prac_arena *arena, struct prac_bytes bytes)
{
	char *text = prac_arena_room(arena, bytes.len + 1);

	if (bytes.len > 0) {
		memcpy(text, bytes.data, bytes.len);
	}
	text[bytes.len] = '\0';
	return text;
}

char *prac_arena_printf(struct prac_arena *arena, const char *fmt, ...)
{
	va_list args;
	va_list again;
	char *text;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0) {
		abort(); /* only an invalid conversion can do that */
	}
	text = prac_arena_room(arena, (size_t)len + 1);
	(void)vsnprintf(text, (size_t)len + 1, fmt, again); /* measured above */
	va_end(again);
	return text;
}

static void wipe(const struct prac_arena *arena, struct prac_arena_block *block)
{
	if (arena->is_secret) {
		explicit_bzero(block->data, block->used);
	}
}

/* The head is of the common size unless the first piece ever asked for was a large one. */
void prac_arena_reset(struct prac_arena *arena)
{
	struct prac_arena_block *kept = arena->blocks;

	if (kept != NULL && kept->size == BLOCK_SIZE) {
		arena->blocks = kept->next;
		kept->next = NULL;
	} else {
		kept = NULL;
	}
	prac_arena_deinit(arena);
	if (kept != NULL) {
		wipe(arena, kept);
		kept->used = 0;
		arena->blocks = kept;
	}
}

void prac_arena_deinit(struct prac_arena *arena)
{
	struct prac_arena_block *block = arena->blocks;

	while (block != NULL) {
		struct prac_arena_block *next = block->next;

		wipe(arena, block);
		free(block);
		block = next;
	}
	arena->blocks = NULL;
	arena->used = 0;
}
