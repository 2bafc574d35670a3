#include "common/sync/cursor.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/hash.h"

enum {
	VERSION = 1,
	VARINT_MAX = 10,
	CRC_LEN = 4
};

/* CRC-32C (Castagnoli), reflected, bit by bit: a cursor has 27 bytes at most. */
static uint32_t crc32c(struct prac_bytes bytes)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < bytes.len; i++) {
		crc ^= bytes.data[i];
		for (int bit = 0; bit < 8; bit++) {
			crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0);
		}
	}
	return ~crc;
}

static void put_number(struct prac_buf *buf, uint64_t number, unsigned n_bytes)
{
	while (n_bytes-- > 0) {
		prac_buf_append_byte(buf, (uint8_t)(number >> (8 * n_bytes)));
	}
}

static void put_varint(struct prac_buf *buf, uint64_t number)
{
	while (number >= 0x80) {
		prac_buf_append_byte(buf, (uint8_t)(number | 0x80));
		number >>= 7;
	}
	prac_buf_append_byte(buf, (uint8_t)number);
}

void prac_cursor_encode(const struct prac_cursor *cursor, struct prac_buf *buf)
{
	size_t start = prac_buf_len(buf);
	struct prac_bytes all;

	prac_buf_append_byte(buf, VERSION);
	put_number(buf, cursor->epoch, 8);
	put_varint(buf, cursor->seq);
	put_number(buf, cursor->scope_set, 4);
	all = prac_buf_bytes(buf);
	put_number(buf, crc32c((struct prac_bytes){ all.data + start, all.len - start }), CRC_LEN);
}

/* The take functions shorten *bytes; false: it is too short. */
static bool take_number(struct prac_bytes *bytes, unsigned n_bytes, uint64_t *number_out)
{
	if (bytes->len < n_bytes) {
		return false;
	}
	*number_out = 0;
	for (unsigned i = 0; i < n_bytes; i++) {
		*number_out = *number_out << 8 | bytes->data[i];
	}
	bytes->data += n_bytes;
	bytes->len -= n_bytes;
	return true;
}

static bool take_varint(struct prac_bytes *bytes, uint64_t *number_out)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < VARINT_MAX && i < bytes->len; i++) {
		uint8_t byte = bytes->data[i];
		bool is_cut = i == VARINT_MAX - 1 && byte > 1;
		bool is_padded = i > 0 && byte == 0;

		if (is_cut || is_padded) {
			return false;
		}
		number |= (uint64_t)(byte & 0x7F) << (7 * i);
		if (byte < 0x80) {
			bytes->data += i + 1;
			bytes->len -= i + 1;
			*number_out = number;
			return true;
		}
	}
	return false;
}

enum prac_status prac_cursor_decode(struct prac_bytes bytes, struct prac_cursor *cursor_out)
{
	struct prac_bytes rest = bytes;
	uint64_t version, scope_set, crc;

	memset(cursor_out, 0, sizeof(*cursor_out));
	if (bytes.len == 0) {
		return PRAC_OK;
	}
	if (!take_number(&rest, 1, &version) || version != VERSION ||
		!take_number(&rest, 8, &cursor_out->epoch) ||
		!take_varint(&rest, &cursor_out->seq) || !take_number(&rest, 4, &scope_set) ||
		!take_number(&rest, CRC_LEN, &crc) || rest.len > 0 ||
		crc != crc32c((struct prac_bytes){ bytes.data, bytes.len - CRC_LEN })) {
		memset(cursor_out, 0, sizeof(*cursor_out));
		return PRAC_INVALID_ARGUMENT;
	}
	cursor_out->scope_set = (uint32_t)scope_set;
	return PRAC_OK;
}

static int compare_grants(const void *a, const void *b)
{
	const struct prac_scope_grant *left = a;
	const struct prac_scope_grant *right = b;
	int order = prac_id_compare(&left->scope, &right->scope);

	return order != 0 ? order
			  : (left->generation > right->generation) -
				    (left->generation < right->generation);
}

uint32_t prac_scope_set(const struct prac_scope_grant *grants, size_t n_grants)
{
	struct prac_arena arena = { 0 };
	struct prac_buf buf = { 0 };
	struct prac_digest digest;

	if (n_grants > 0) {
		size_t size = n_grants * sizeof(*grants);
		struct prac_scope_grant *sorted = prac_arena_alloc(&arena, size);

		memcpy(sorted, grants, size);
		qsort(sorted, n_grants, sizeof(*sorted), compare_grants);
		for (size_t i = 0; i < n_grants; i++) {
			prac_buf_append(&buf, sorted[i].scope.b, PRAC_ID_LEN);
			put_number(&buf, sorted[i].generation, 4);
		}
	}
	digest = prac_sha256(prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	prac_arena_deinit(&arena);
	return (uint32_t)digest.b[0] << 24 | (uint32_t)digest.b[1] << 16 |
	       (uint32_t)digest.b[2] << 8 | digest.b[3];
}
