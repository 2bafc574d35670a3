#include "common/wire/zip.h"

#include <zstd.h>

enum {
	LEVEL = 3 /* zstd's own default */
};

bool prac_zip(struct prac_buf *out, struct prac_bytes content)
{
	uint8_t *room;
	size_t len;

	if (content.len == 0 || content.len > PRAC_ZIP_MAX) {
		return false;
	}
	/* Room for one byte less than the content: what does not shrink does not fit. */
	room = prac_buf_reserve(out, content.len);
	len = ZSTD_compress(room, content.len - 1, content.data, content.len, LEVEL);
	if (ZSTD_isError(len) || content.len / PRAC_ZIP_RATIO > len) {
		return false;
	}
	prac_buf_commit(out, len);
	return true;
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
