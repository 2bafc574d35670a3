/*
 * The opaque cursor of a pull (SYNC 4.10): where a device is, never what it may read. At most 128
 * bytes on the wire: version, epoch, one position, and one entry for each scope that is still
 * loading or that joined at another generation.
 *
 *   u8 version | u64 epoch | varint seq | u32 scope_set | crc32c
 *
 * scope_set is the first 32 bits of SHA-256 over the sorted (scope, generation) pairs the position
 * holds for. When the device's grants have another value the server sends the grants first.
 */
#pragma once

#include "common/base/buf.h"
#include "common/base/id.h"
#include "common/base/status.h"

enum {
	PRAC_CURSOR_MAX = 128
};

struct prac_cursor {
	uint64_t epoch;
	uint64_t seq;
	uint32_t scope_set;
};

struct prac_scope_grant {
	struct prac_id scope;
	uint32_t generation;
};

void prac_cursor_encode(const struct prac_cursor *cursor, struct prac_buf *buf);

/* PRAC_INVALID_ARGUMENT: not a cursor of ours (length, version, checksum). Empty bytes: all zero. */
enum prac_status prac_cursor_decode(
	struct prac_bytes bytes, struct prac_cursor *cursor_out) PRAC_MUST_USE;

/* Order of the grants does not matter. */
uint32_t prac_scope_set(const struct prac_scope_grant *grants, size_t n_grants);
