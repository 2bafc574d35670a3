/* Any bytes as a message: what is unpacked stays within depth and budget and packs again. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/wire/scan.h"
#include "tests/data/nest.pb-c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static unsigned depth_of(const Test__Nest *nest)
{
	unsigned deepest = nest->inner == NULL ? 0 : depth_of(nest->inner);

	for (size_t i = 0; i < nest->n_many; i++) {
		unsigned depth = depth_of(nest->many[i]);

		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_arena arena = { 0 };
	struct prac_bytes bytes = { data, len };
	ProtobufCMessage *message = NULL;

	if (prac_unpack(&test__nest__descriptor, bytes, &arena, &message) == PRAC_OK) {
		struct prac_buf packed = { 0 };
		size_t size = protobuf_c_message_get_packed_size(message);

		assert(depth_of((const Test__Nest *)message) <= PRAC_SCAN_DEPTH);
		assert(protobuf_c_message_pack(message, prac_buf_reserve(&packed, size)) == size);
		prac_buf_commit(&packed, size);
		assert(prac_scan(&test__nest__descriptor, prac_buf_bytes(&packed)) == PRAC_OK);
		prac_buf_deinit(&packed);
	}
	/* Rounding each piece up to the alignment is outside the budget by at most one piece. */
	assert(arena.used <= PRAC_UNPACK_FACTOR * len + PRAC_UNPACK_FLOOR + 16);
	prac_arena_deinit(&arena);
	return 0;
}
