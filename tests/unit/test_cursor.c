#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/macros.h"
#include "common/sync/cursor.h"

static const uint8_t encoded[] = { 0x01, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0xac, 0x02,
	0xa1, 0xb2, 0xc3, 0xd4, 0x98, 0x23, 0x37, 0x8e };

static void is_encoded_as_the_protocol_says(void **state)
{
	const struct prac_cursor cursor = { 0x1122334455667788U, 300, 0xa1b2c3d4U };
	struct prac_buf buf = { 0 };

	(void)state;
	prac_cursor_encode(&cursor, &buf);
	assert_int_equal(prac_buf_len(&buf), sizeof(encoded));
	assert_memory_equal(prac_buf_bytes(&buf).data, encoded, sizeof(encoded));
	prac_buf_deinit(&buf);
}

static void comes_back_as_it_was_written(void **state)
{
	struct prac_cursor cursor;

	(void)state;
	assert_int_equal(
		prac_cursor_decode((struct prac_bytes){ encoded, sizeof(encoded) }, &cursor),
		PRAC_OK);
	assert_true(cursor.epoch == 0x1122334455667788U);
	assert_true(cursor.seq == 300);
	assert_true(cursor.scope_set == 0xa1b2c3d4U);
}

static void holds_the_largest_numbers_in_27_bytes(void **state)
{
	const struct prac_cursor largest = { UINT64_MAX, UINT64_MAX, UINT32_MAX };
	struct prac_cursor cursor;
	struct prac_buf buf = { 0 };

	(void)state;
	prac_cursor_encode(&largest, &buf);
	assert_int_equal(prac_buf_len(&buf), 27);
	assert_int_equal(prac_cursor_decode(prac_buf_bytes(&buf), &cursor), PRAC_OK);
	assert_true(cursor.seq == UINT64_MAX);
	prac_buf_deinit(&buf);
}

static void nothing_is_the_beginning(void **state)
{
	struct prac_cursor cursor = { 1, 2, 3 };

	(void)state;
	assert_int_equal(prac_cursor_decode((struct prac_bytes){ 0 }, &cursor), PRAC_OK);
	assert_true(cursor.epoch == 0 && cursor.seq == 0 && cursor.scope_set == 0);
}

static void any_changed_bit_is_noticed(void **state)
{
	struct prac_cursor cursor;

	(void)state;
	for (size_t bit = 0; bit < 8 * sizeof(encoded); bit++) {
		uint8_t broken[sizeof(encoded)];

		memcpy(broken, encoded, sizeof(encoded));
		broken[bit / 8] = (uint8_t)(broken[bit / 8] ^ 1U << bit % 8);
		assert_int_equal(
			prac_cursor_decode((struct prac_bytes){ broken, sizeof(broken) }, &cursor),
			PRAC_INVALID_ARGUMENT);
		assert_true(cursor.seq == 0);
	}
}

static void any_other_length_is_refused(void **state)
{
	uint8_t longer[sizeof(encoded) + 1] = { 0 };
	struct prac_cursor cursor;

	(void)state;
	memcpy(longer, encoded, sizeof(encoded));
	for (size_t len = 1; len <= sizeof(longer); len++) {
		if (len != sizeof(encoded)) {
			assert_int_equal(
				prac_cursor_decode((struct prac_bytes){ longer, len }, &cursor),
				PRAC_INVALID_ARGUMENT);
		}
	}
}

static struct prac_scope_grant grant(uint8_t byte, uint32_t generation)
{
	struct prac_scope_grant grant = { .generation = generation };

	memset(grant.scope.b, byte, PRAC_ID_LEN);
	return grant;
}

/* Digests: sha256sum over the sorted pairs. */
static void a_scope_set_does_not_depend_on_order(void **state)
{
	const struct prac_scope_grant forth[] = { grant(0x0a, 1), grant(0x0b, 7) };
	const struct prac_scope_grant back[] = { grant(0x0b, 7), grant(0x0a, 1) };

	(void)state;
	assert_int_equal(prac_scope_set(NULL, 0), 0xe3b0c442U);
	assert_int_equal(prac_scope_set(forth, 2), 0x27188fa4U);
	assert_int_equal(prac_scope_set(back, 2), 0x27188fa4U);
}

static void a_scope_given_again_is_another_set(void **state)
{
	const struct prac_scope_grant again[] = { grant(0x0a, 2), grant(0x0b, 7) };

	(void)state;
	assert_int_equal(prac_scope_set(again, 2), 0xa2235f5aU);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_encoded_as_the_protocol_says),
		cmocka_unit_test(comes_back_as_it_was_written),
		cmocka_unit_test(holds_the_largest_numbers_in_27_bytes),
		cmocka_unit_test(nothing_is_the_beginning),
		cmocka_unit_test(any_changed_bit_is_noticed),
		cmocka_unit_test(any_other_length_is_refused),
		cmocka_unit_test(a_scope_set_does_not_depend_on_order),
		cmocka_unit_test(a_scope_given_again_is_another_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
