#include "common/base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MIN_CAP = 256
};

/* Bytes of the memory, whether they are content or not any more. */
static void wipe(struct prac_buf *buf, size_t from, size_t until)
{
	if (buf->is_secret && from < until) {
		explicit_bzero(buf->data + from, until - from);
	}
}

void prac_buf_deinit(struct prac_buf *buf)
{
	wipe(buf, buf->start, buf->end);
	free(buf->data);
	*buf = (struct prac_buf){ .is_secret = buf->is_secret };
}

struct prac_bytes prac_buf_bytes(const struct prac_buf *buf)
{
	return (struct prac_bytes){ buf->data == NULL ? NULL : buf->data + buf->start,
		prac_buf_len(buf) };
}

size_t prac_buf_len(const struct prac_buf *buf)
{
	return buf->end - buf->start;
}

void prac_buf_append(struct prac_buf *buf, const void *data, size_t len)
{
	if (len == 0) {
		return;
	}
	memcpy(prac_buf_reserve(buf, len), data, len);
	prac_buf_commit(buf, len);
}

void prac_buf_append_byte(struct prac_buf *buf, uint8_t byte)
{
	prac_buf_append(buf, &byte, 1);
}

static void grow(struct prac_buf *buf, size_t need)
{
	size_t cap = buf->cap < MIN_CAP ? MIN_CAP : buf->cap;
	uint8_t *data;

	while (cap < need) {
		cap *= 2;
	}
	data = buf->is_secret ? malloc(cap) : realloc(buf->data, cap);
	if (data == NULL) {
		abort();
	}
	if (buf->is_secret && buf->data != NULL) {
		memcpy(data + buf->start, buf->data + buf->start, prac_buf_len(buf));
		wipe(buf, buf->start, buf->end);
		free(buf->data);
	}
	buf->data = data;
	buf->cap = cap;
}

uint8_t *prac_buf_reserve(struct prac_buf *buf, size_t len)
{
	size_t held = prac_buf_len(buf);

	if (len > SIZE_MAX / 4 - held) {
		abort();
	}
	/* Moving at most as much as was consumed keeps appends linear in all. */
	if (buf->start > 0 && (held == 0 || (buf->cap - buf->end < len && buf->start >= held))) {
		memmove(buf->data, buf->data + buf->start, held);
		wipe(buf, held > buf->start ? held : buf->start, buf->end);
		buf->start = 0;
		buf->end = held;
	}
	if (buf->cap - buf->end < len || buf->data == NULL) {
		grow(buf, buf->end + len);
	}
	return buf->data + buf->end;
}

void prac_buf_commit(struct prac_buf *buf, size_t len)
{
	assert(len <= buf->cap - buf->end);
	buf->end += len;
}

void prac_buf_consume(struct prac_buf *buf, size_t len)
{
	assert(len <= prac_buf_len(buf));
	wipe(buf, buf->start, buf->start + len);
	buf->start += len;
	if (buf->start == buf->end) {
		prac_buf_clear(buf);
	}
}

void prac_buf_clear(struct prac_buf *buf)
{
	wipe(buf, buf->start, buf->end);
	buf->start = 0;
	buf->end = 0;
}

void prac_buf_release(struct prac_buf *buf)
{
	if (prac_buf_len(buf) == 0) {
		prac_buf_deinit(buf);
	}
}

void prac_buf_append_text(struct prac_buf *buf, const char *text)
{
	prac_buf_append(buf, text, strlen(text));
}

void prac_buf_printf(struct prac_buf *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	assert(len >= 0);

	char *room = (char *)prac_buf_reserve(buf, (size_t)len + 1);

	va_start(args, fmt);
	(void)vsnprintf(room, (size_t)len + 1, fmt, args);
	va_end(args);
	prac_buf_commit(buf, (size_t)len);
}
