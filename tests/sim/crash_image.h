/* The bytes of a file on the disk that can lose power: copies are cheap, since they share what is the same. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crash_block;

/* A run of bytes that grows; a block that is NULL reads as zero. All zero: an empty one. */
struct crash_image {
	struct crash_block **blocks;
	size_t len, n_blocks;
};

void crash_image_free(struct crash_image *image);
void crash_image_resize(struct crash_image *image, size_t len); /* what is new reads as zero */
void crash_image_write(struct crash_image *image, size_t offset, const uint8_t *data, size_t len);
void crash_image_read(const struct crash_image *image, size_t offset, uint8_t *out,
	size_t len); /* within its length */
void crash_image_copy(struct crash_image *to, const struct crash_image *from);
bool crash_image_contains(const struct crash_image *image, const void *needle, size_t len);

/* A test without memory ends here. */
void *crash_must(void *memory);
