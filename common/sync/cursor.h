/*
 * The opaque cursor of a pull: where a device is in the feed, never what it may read (SYNC 4.10).
 *
 *   u8 version 1 | u64 epoch | varint seq | u32 scope_set | u32 crc32c of all before
 *
 * Numbers are big-endian. scope_set is the first 32 bits of SHA-256 over the (scope, u32 generation)
 * pairs the position holds for, sorted by scope. When the device's grants have another value the
 * server sends the grants first. Scopes that are still loading are the replica's own business: their
 * position is the cut of their snapshot.
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

/*
 * PRAC_INVALID_ARGUMENT: not exactly what prac_cursor_encode() writes (length, version, varint,
 * checksum). Empty bytes: all zero.
 */
enum prac_status prac_cursor_decode(
	struct prac_bytes bytes, struct prac_cursor *cursor_out) PRAC_MUST_USE;

/* Order of the grants does not matter. */
uint32_t prac_scope_set(const struct prac_scope_grant *grants, size_t n_grants);
