#include "common/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_holds(const struct prac_buf *buf, const char *text)
{
	struct prac_bytes bytes = prac_buf_bytes(buf);

	assert_int_equal(bytes.len, strlen(text));
	assert_memory_equal(bytes.data, text, bytes.len);
}

static void appends_at_the_end_and_consumes_at_the_start(void **state)
{
	struct prac_buf buf = { 0 };

	(void)state;
	prac_buf_append(&buf, "hello ", 6);
	prac_buf_append_byte(&buf, 'w');
	prac_buf_append(&buf, "orld", 4);
	prac_buf_consume(&buf, 4);
	assert_holds(&buf, "o world");
	prac_buf_consume(&buf, 7);
	assert_int_equal(prac_buf_len(&buf), 0);
	prac_buf_deinit(&buf);
}

static void an_empty_buffer_holds_no_memory(void **state)
{
	struct prac_buf buf = { 0 };

	(void)state;
	prac_buf_append(&buf, NULL, 0);
	assert_null(buf.data);
	assert_int_equal(prac_buf_bytes(&buf).len, 0);
	prac_buf_append(&buf, "x", 1);
	prac_buf_release(&buf);
	assert_non_null(buf.data); /* not empty */
	prac_buf_consume(&buf, 1);
	prac_buf_release(&buf);
	assert_null(buf.data);
}

static void keeps_its_content_while_it_grows_and_moves(void **state)
{
	struct prac_buf buf = { 0 };
	unsigned char next = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		prac_buf_append_byte(&buf, (uint8_t)i);
		if (i % 3 != 0) {
			assert_int_equal(prac_buf_bytes(&buf).data[0], next);
			prac_buf_consume(&buf, 1);
			next++;
		}
	}
	assert_int_equal(prac_buf_len(&buf), 3334);
	assert_int_equal(prac_buf_bytes(&buf).data[0], next);
	assert_int_equal(prac_buf_bytes(&buf).data[3333], (uint8_t)9999);
	prac_buf_deinit(&buf);
}

static void a_queue_that_is_drained_does_not_grow(void **state)
{
	struct prac_buf buf = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		prac_buf_append(&buf, "0123456789", 10);
		prac_buf_consume(&buf, i == 0 ? 5 : 10);
	}
	assert_holds(&buf, "56789");
	assert_true(buf.cap <= 256);
	prac_buf_deinit(&buf);
}

static void commit_counts_what_was_written_into_the_reserve(void **state)
{
	struct prac_buf buf = { 0 };
	uint8_t *room = prac_buf_reserve(&buf, 1000);

	(void)state;
	memset(room, 'a', 3);
	assert_int_equal(prac_buf_len(&buf), 0);
	prac_buf_commit(&buf, 3);
	assert_holds(&buf, "aaa");
	prac_buf_deinit(&buf);
}

static void prints_behind_what_is_there(void **state)
{
	struct prac_buf buf = { 0 };

	(void)state;
	prac_buf_append_text(&buf, "seq ");
	prac_buf_printf(&buf, "%d of %s", 7, "nine");
	assert_int_equal(prac_buf_len(&buf), 13);
	assert_memory_equal(prac_buf_bytes(&buf).data, "seq 7 of nine", 13);
	prac_buf_deinit(&buf);
}

/* Of what the buffer's memory holds. */
static size_t n_of(const struct prac_buf *buf, uint8_t byte)
{
	size_t n = 0;

	for (size_t i = 0; i < buf->cap; i++) {
		n += buf->data[i] == byte;
	}
	return n;
}

static void of_a_secret_nothing_stays_that_was_consumed(void **state)
{
	struct prac_buf buf = { .is_secret = true };
	uint8_t *room = prac_buf_reserve(&buf, 256);

	(void)state;
	memset(room, '-', 256);
	prac_buf_append(&buf, "ssssssssss", 10);
	prac_buf_consume(&buf, 6);
	assert_int_equal(n_of(&buf, 's'), 4);
	(void)prac_buf_reserve(&buf, 250); /* which moves what is left to the front */
	assert_holds(&buf, "ssss");
	assert_int_equal(n_of(&buf, 's'), 4);
	(void)prac_buf_reserve(&buf, 1000); /* and this, elsewhere */
	assert_holds(&buf, "ssss");
	prac_buf_clear(&buf);
	assert_int_equal(n_of(&buf, 's'), 0);
	prac_buf_deinit(&buf);
	assert_true(buf.is_secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_secret_nothing_stays_that_was_consumed),
		cmocka_unit_test(prints_behind_what_is_there),
		cmocka_unit_test(appends_at_the_end_and_consumes_at_the_start),
		cmocka_unit_test(an_empty_buffer_holds_no_memory),
		cmocka_unit_test(keeps_its_content_while_it_grows_and_moves),
		cmocka_unit_test(a_queue_that_is_drained_does_not_grow),
		cmocka_unit_test(commit_counts_what_was_written_into_the_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
