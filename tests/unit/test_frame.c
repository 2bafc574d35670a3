#include "common/wire/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/data/nest.pb-c.h"

/* REQUEST, END, method 258, stream 0x01020304, aux 30000 ms, payload "abc". */
static const uint8_t request[] = { 0, 0, 0, 3, 3, 1, 1, 2, 1, 2, 3, 4, 0, 0, 0x75, 0x30, 'a', 'b',
	'c' };

static struct prac_buf in;
static struct prac_frame frame;
static const char *reason;

static int teardown(void **state)
{
	(void)state;
	prac_buf_deinit(&in);
	return 0;
}

static enum prac_status read_bytes(const void *bytes, size_t len)
{
	prac_buf_deinit(&in);
	prac_buf_append(&in, bytes, len);
	reason = NULL;
	return prac_frame_read(&in, PRAC_FRAME_DEFAULT_MAX, &frame, &reason);
}

static void assert_fault(const uint8_t header[PRAC_FRAME_HEADER], const char *word)
{
	assert_int_equal(read_bytes(header, PRAC_FRAME_HEADER), PRAC_INVALID_ARGUMENT);
	assert_string_equal(reason, word);
}

static void reads_a_whole_frame(void **state)
{
	(void)state;
	assert_int_equal(read_bytes(request, sizeof(request)), PRAC_OK);
	assert_int_equal(frame.type, PRAC_FRAME_REQUEST);
	assert_int_equal(frame.flags, PRAC_FRAME_END);
	assert_int_equal(frame.method, 258);
	assert_int_equal(frame.stream, 0x01020304);
	assert_int_equal(frame.aux, 30000);
	assert_int_equal(frame.payload.len, 3);
	assert_memory_equal(frame.payload.data, "abc", 3);
	prac_frame_consume(&in, &frame);
	assert_int_equal(prac_buf_len(&in), 0);
}

static void waits_for_the_missing_bytes(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(request); len++) {
		assert_int_equal(read_bytes(request, len), PRAC_UNAVAILABLE);
	}
}

static void writes_the_bytes_it_reads(void **state)
{
	struct prac_buf out = { 0 };

	(void)state;
	assert_int_equal(read_bytes(request, sizeof(request)), PRAC_OK);
	prac_frame_write(&out, &frame);
	assert_int_equal(prac_buf_len(&out), sizeof(request));
	assert_memory_equal(prac_buf_bytes(&out).data, request, sizeof(request));
	prac_buf_deinit(&out);
}

static void packs_a_message_behind_the_header(void **state)
{
	static const uint8_t expected[] = { 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x22, 2,
		'h', 'i' };
	Test__Nest message = TEST__NEST__INIT;
	struct prac_buf out = { 0 };

	(void)state;
	message.text = (char[]){ "hi" };
	prac_frame_write_message(
		&out, &(struct prac_frame){ .type = PRAC_FRAME_WELCOME }, &message.base);
	assert_int_equal(prac_buf_len(&out), sizeof(expected));
	assert_memory_equal(prac_buf_bytes(&out).data, expected, sizeof(expected));
	prac_buf_deinit(&out);
}

static void reads_one_frame_of_several(void **state)
{
	(void)state;
	assert_int_equal(read_bytes(request, sizeof(request)), PRAC_OK);
	prac_buf_append(&in, request, sizeof(request));
	assert_int_equal(prac_frame_read(&in, 3, &frame, &reason), PRAC_OK);
	prac_frame_consume(&in, &frame);
	assert_int_equal(prac_frame_read(&in, 3, &frame, &reason), PRAC_OK);
	prac_frame_consume(&in, &frame);
	assert_int_equal(prac_frame_read(&in, 3, &frame, &reason), PRAC_UNAVAILABLE);
}

/* Before the payload is waited for, or a peer could make us buffer it. */
static void refuses_a_payload_over_the_limit_from_its_header(void **state)
{
	static const uint8_t most[PRAC_FRAME_HEADER] = { 0, 4, 0, 0, 5, 0, 0, 0, 0, 0, 0, 1 };
	static const uint8_t over[PRAC_FRAME_HEADER] = { 0, 4, 0, 1, 5, 0, 0, 0, 0, 0, 0, 1 };

	(void)state;
	assert_int_equal(read_bytes(most, sizeof(most)), PRAC_UNAVAILABLE);
	assert_int_equal(read_bytes(over, sizeof(over)), PRAC_RESOURCE_EXHAUSTED);
	assert_string_equal(reason, "FRAME_TOO_LARGE");
}

static void refuses_types_it_does_not_know(void **state)
{
	(void)state;
	assert_fault((uint8_t[PRAC_FRAME_HEADER]){ [4] = 0 }, "FRAME_TYPE");
	assert_fault((uint8_t[PRAC_FRAME_HEADER]){ [4] = 12 }, "FRAME_TYPE");
	assert_fault((uint8_t[PRAC_FRAME_HEADER]){ [4] = 127 }, "FRAME_TYPE");
}

static void types_with_bit_7_may_be_skipped(void **state)
{
	static const uint8_t newer[] = { 0, 0, 0, 1, 0x80, 0xff, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
		'x' };

	(void)state;
	assert_int_equal(read_bytes(newer, sizeof(newer)), PRAC_OK);
	assert_true(prac_frame_is_skippable(&frame));
	prac_frame_consume(&in, &frame);
	assert_int_equal(prac_buf_len(&in), 0);
	assert_int_equal(read_bytes(request, sizeof(request)), PRAC_OK);
	assert_false(prac_frame_is_skippable(&frame));
}

static void refuses_fields_that_do_not_go_with_the_type(void **state)
{
	(void)state;
	assert_fault((uint8_t[PRAC_FRAME_HEADER]){ [4] = 8, [5] = 16 }, "FRAME_FLAGS");
	assert_fault((uint8_t[PRAC_FRAME_HEADER]){ [4] = 4, [7] = 1, [11] = 1 }, "FRAME_METHOD");
	assert_fault((uint8_t[PRAC_FRAME_HEADER]){ [4] = 3, [7] = 1 }, "FRAME_STREAM");
	assert_fault((uint8_t[PRAC_FRAME_HEADER]){ [4] = 8, [11] = 1 }, "FRAME_STREAM");
	assert_fault((uint8_t[PRAC_FRAME_HEADER]){ [4] = 1, [8] = 1 }, "FRAME_STREAM");
}

static void credit_is_for_a_stream_or_the_connection(void **state)
{
	static const uint8_t connection[PRAC_FRAME_HEADER] = { [4] = 6, [15] = 1 };
	static const uint8_t stream[PRAC_FRAME_HEADER] = { [4] = 6, [11] = 1, [15] = 1 };

	(void)state;
	assert_int_equal(read_bytes(connection, sizeof(connection)), PRAC_OK);
	assert_int_equal(read_bytes(stream, sizeof(stream)), PRAC_OK);
}

static void names_types_for_the_log(void **state)
{
	(void)state;
	assert_string_equal(prac_frame_name(PRAC_FRAME_HELLO), "HELLO");
	assert_string_equal(prac_frame_name(PRAC_FRAME_GOAWAY), "GOAWAY");
	assert_string_equal(prac_frame_name(0), "?");
	assert_string_equal(prac_frame_name(12), "?");
	assert_string_equal(prac_frame_name(255), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_whole_frame),
		cmocka_unit_test(waits_for_the_missing_bytes),
		cmocka_unit_test(writes_the_bytes_it_reads),
		cmocka_unit_test(packs_a_message_behind_the_header),
		cmocka_unit_test(reads_one_frame_of_several),
		cmocka_unit_test(refuses_a_payload_over_the_limit_from_its_header),
		cmocka_unit_test(refuses_types_it_does_not_know),
		cmocka_unit_test(types_with_bit_7_may_be_skipped),
		cmocka_unit_test(refuses_fields_that_do_not_go_with_the_type),
		cmocka_unit_test(credit_is_for_a_stream_or_the_connection),
		cmocka_unit_test(names_types_for_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
