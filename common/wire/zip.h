/*
 * Compressed payloads: one zstd frame that declares the size of its content, within limits that
 * keep a small input from becoming a large one (SYNC 4.15). The only file pair that knows libzstd.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/macros.h"
#include "common/base/status.h"

enum {
	PRAC_ZIP_MAX = 4 * 1024 * 1024, /* bytes of content */
	PRAC_ZIP_RATIO = 20             /* content bytes per compressed byte */
};

/*
 * The content, in the arena. RESOURCE_EXHAUSTED over the limits, which are checked before anything
 * is allocated; DATA_LOSS when it is not exactly one frame with the content it declares.
 */
enum prac_status prac_unzip(struct prac_bytes zipped, struct prac_arena *arena,
	struct prac_bytes *content_out) PRAC_MUST_USE;

/*
 * Appends one frame whatever the content, of at most PRAC_ZIP_MAX bytes and at least one. Content
 * that does not shrink, or shrinks beyond what a receiver takes, is stored in it as it is.
 */
void prac_zip_frame(struct prac_buf *out, struct prac_bytes content);
