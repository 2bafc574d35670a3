/*
 * A growable byte buffer with a start and an end: bytes are appended at the end and consumed at
 * the start. Growth aborts on exhaustion; callers bound what they append.
 *
 * Of a secret one, nothing is left in memory that was consumed or cleared.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/macros.h"

/* Storage owned by the caller; all zero is a valid empty buffer that holds no memory. */
struct prac_buf {
	uint8_t *data;
	size_t start, end, cap;
	bool is_secret; /* set while it is empty; stays when memory is given back */
};

void prac_buf_deinit(struct prac_buf *buf);

/* What is in it; valid until the next call that changes the buffer. */
struct prac_bytes prac_buf_bytes(const struct prac_buf *buf);
size_t prac_buf_len(const struct prac_buf *buf);

void prac_buf_append(struct prac_buf *buf, const void *data, size_t len);
void prac_buf_append_byte(struct prac_buf *buf, uint8_t byte);

/* Text without its NUL. */
void prac_buf_append_text(struct prac_buf *buf, const char *text);
void prac_buf_printf(struct prac_buf *buf, const char *fmt, ...) PRAC_PRINTF(2, 3);

/* Room for len bytes at the end, to be written by the caller; commit says how many were. */
uint8_t *prac_buf_reserve(struct prac_buf *buf, size_t len) PRAC_RETURNS_NONNULL;
void prac_buf_commit(struct prac_buf *buf, size_t len);

void prac_buf_consume(struct prac_buf *buf, size_t len);
void prac_buf_clear(struct prac_buf *buf);   /* empty, memory kept */
void prac_buf_release(struct prac_buf *buf); /* gives memory back when empty */
