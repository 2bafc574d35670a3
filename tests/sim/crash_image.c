#include "tests/sim/crash_image.h"

#include <stdlib.h>
#include <string.h>

enum {
	BLOCK = 4096 /* as a page of SQLite */
};

/* Bytes that images share until one of them writes. */
struct crash_block {
	unsigned n_users;
	uint8_t data[BLOCK];
};

void *crash_must(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

static void block_drop(struct crash_block *block)
{
	if (block != NULL && --block->n_users == 0)
		free(block);
}

/* The block, with nobody else to see what is written to it. */
static struct crash_block *block_own(struct crash_block **place)
{
	struct crash_block *own = *place;

	if (own != NULL && own->n_users == 1)
		return own;
	own = crash_must(malloc(sizeof(*own)));
	if (*place != NULL) {
		memcpy(own->data, (*place)->data, BLOCK);
	} else {
		memset(own->data, 0, BLOCK);
	}
	block_drop(*place);
	own->n_users = 1;
	*place = own;
	return own;
}

void crash_image_resize(struct crash_image *image, size_t len)
{
	size_t n_blocks = (len + BLOCK - 1) / BLOCK;

	while (image->n_blocks > n_blocks)
		block_drop(image->blocks[--image->n_blocks]);
	if (n_blocks > image->n_blocks) {
		image->blocks =
			crash_must(realloc(image->blocks, n_blocks * sizeof(struct crash_block *)));
		memset(image->blocks + image->n_blocks, 0,
			(n_blocks - image->n_blocks) * sizeof(struct crash_block *));
		image->n_blocks = n_blocks;
	} else if (len < image->len && len % BLOCK != 0 && image->blocks[n_blocks - 1] != NULL) {
		/* What was cut off does not come back when it grows again. */
		memset(block_own(&image->blocks[n_blocks - 1])->data + len % BLOCK, 0,
			BLOCK - len % BLOCK);
	}
	image->len = len;
}

static size_t up_to_block_end(size_t at, size_t len)
{
	size_t room = BLOCK - at % BLOCK;

	return len < room ? len : room;
}

void crash_image_write(struct crash_image *image, size_t offset, const uint8_t *data, size_t len)
{
	size_t n;

	if (offset + len > image->len)
		crash_image_resize(image, offset + len);
	for (size_t at = offset; at < offset + len; at += n, data += n) {
		n = up_to_block_end(at, offset + len - at);
		memcpy(block_own(&image->blocks[at / BLOCK])->data + at % BLOCK, data, n);
	}
}

void crash_image_read(const struct crash_image *image, size_t offset, uint8_t *out, size_t len)
{
	size_t n;

	for (size_t at = offset; at < offset + len; at += n, out += n) {
		const struct crash_block *block = image->blocks[at / BLOCK];

		n = up_to_block_end(at, offset + len - at);
		if (block != NULL) {
			memcpy(out, block->data + at % BLOCK, n);
		} else {
			memset(out, 0, n);
		}
	}
}

void crash_image_free(struct crash_image *image)
{
	crash_image_resize(image, 0);
	free(image->blocks);
	*image = (struct crash_image){ 0 };
}

void crash_image_copy(struct crash_image *to, const struct crash_image *from)
{
	crash_image_free(to);
	crash_image_resize(to, from->len);
	for (size_t i = 0; i < from->n_blocks; i++) {
		to->blocks[i] = from->blocks[i];
		if (to->blocks[i] != NULL)
			to->blocks[i]->n_users++;
	}
}

bool crash_image_contains(const struct crash_image *image, const void *needle, size_t len)
{
	uint8_t *all = crash_must(malloc(image->len + 1));
	bool is_there;

	crash_image_read(image, 0, all, image->len);
	is_there = memmem(all, image->len, needle, len) != NULL;
	free(all);
	return is_there;
}
