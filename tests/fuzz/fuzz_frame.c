/* Any bytes as a stream of frames: what is read is written back to the same bytes. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_buf in = { 0 };
	struct prac_buf out = { 0 };
	struct prac_frame frame;
	const char *reason = NULL;
	size_t done = 0;

	prac_buf_append(&in, data, len);
	while (prac_frame_read(&in, PRAC_FRAME_DEFAULT_MAX, &frame, &reason) == PRAC_OK) {
		size_t whole = PRAC_FRAME_HEADER + frame.payload.len;

		prac_buf_clear(&out);
		prac_frame_write(&out, &frame);
		assert(prac_buf_len(&out) == whole);
		assert(memcmp(prac_buf_bytes(&out).data, data + done, whole) == 0);
		assert(prac_frame_is_skippable(&frame) || prac_frame_name(frame.type)[0] != '?');
		prac_frame_consume(&in, &frame);
		done += whole;
	}
	assert(prac_buf_len(&in) == len - done);
	prac_buf_deinit(&in);
	prac_buf_deinit(&out);
	return 0;
}
