#include "common/wire/zip.h"

#include <zstd.h>

enum {
	LEVEL = 1, /* on records no larger than with zstd's own default, 3 (SYNC 4.11) */
	BLOCK_MAX = 128 * 1024
};

static void put_little_endian(struct prac_buf *out, uint32_t value, unsigned n_bytes)
{
	for (unsigned i = 0; i < n_bytes; i++) {
		prac_buf_append_byte(out, (uint8_t)(value >> (8 * i)));
	}
}

/* A frame of raw blocks (RFC 8878, 3.1.1): one segment, content size in 4 bytes, no checksum. */
static void store_frame(struct prac_buf *out, struct prac_bytes content)
{
	put_little_endian(out, ZSTD_MAGICNUMBER, 4);
	prac_buf_append_byte(out, 0xa0);
	put_little_endian(out, (uint32_t)content.len, 4);
	while (content.len > 0) {
		size_t len = content.len < BLOCK_MAX ? content.len : BLOCK_MAX;
		bool is_last = len == content.len;

		put_little_endian(out, (uint32_t)len << 3 | (is_last ? 1 : 0), 3);
		prac_buf_append(out, content.data, len);
		content.data += len;
		content.len -= len;
	}
}

void prac_zip_frame(struct prac_buf *out, struct prac_bytes content)
{
	uint8_t *room = prac_buf_reserve(out, content.len);
	size_t len = ZSTD_compress(room, content.len - 1, content.data, content.len, LEVEL);

	if (ZSTD_isError(len) || content.len / PRAC_ZIP_RATIO > len) {
		store_frame(out, content);
	} else {
		prac_buf_commit(out, len);
	}
}

enum prac_status prac_unzip(
	struct prac_bytes zipped, struct prac_arena *arena, struct prac_bytes *content_out)
{
	unsigned long long declared = ZSTD_getFrameContentSize(zipped.data, zipped.len);
	uint8_t *content;
	size_t len;

	/* Skippable frames declare 0; nobody compresses nothing. */
	if (declared == ZSTD_CONTENTSIZE_ERROR || declared == ZSTD_CONTENTSIZE_UNKNOWN ||
		declared == 0) {
		return PRAC_DATA_LOSS;
	}
	if (declared > PRAC_ZIP_MAX || declared / PRAC_ZIP_RATIO > zipped.len) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	if (ZSTD_findFrameCompressedSize(zipped.data, zipped.len) != zipped.len) {
		return PRAC_DATA_LOSS;
	}
	content = prac_arena_alloc(arena, (size_t)declared);
	len = ZSTD_decompress(content, (size_t)declared, zipped.data, zipped.len);
	if (len != declared) {
		return PRAC_DATA_LOSS; /* error codes are larger than any size we allow */
	}
	*content_out = (struct prac_bytes){ content, len };
	return PRAC_OK;
}
