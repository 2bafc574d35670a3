#include "common/wire/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "tests/data/nest.pb-c.h"

static struct prac_arena arena;
static struct prac_buf message;

static int teardown(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	prac_buf_deinit(&message);
	return 0;
}

static enum prac_status unpack(struct prac_bytes bytes, Test__Nest **nest_out)
{
	ProtobufCMessage *unpacked = NULL;
	enum prac_status status = prac_unpack(&test__nest__descriptor, bytes, &arena, &unpacked);

	*nest_out = (Test__Nest *)unpacked;
	return status;
}

/* The status of scanning the bytes of a string literal. */
#define SCAN(literal)                      \
	prac_scan(&test__nest__descriptor, \
		(struct prac_bytes){ (const uint8_t *)(literal), sizeof(literal) - 1 })

/* Messages inside each other: each level's length grows by the two bytes of the level inside. */
static struct prac_bytes nested(unsigned levels)
{
	prac_buf_clear(&message);
	for (unsigned i = 1; i < levels; i++) {
		prac_buf_append_byte(&message, 0x0a);
		prac_buf_append_byte(&message, (uint8_t)(2 * (levels - 1 - i)));
	}
	return prac_buf_bytes(&message);
}

static void unpacks_every_shape_into_the_arena(void **state)
{
	static const char bytes[] = "\x0a\x04\x22\x02hi"   /* inner { text: "hi" } */
				    "\x12\x03\x01\xac\x02" /* packed: 1, 300 */
				    "\x18\x03"             /* loose: -2 */
				    "\x2a\x01\xff"         /* blob */
				    "\x35\x01\x00\x00\x00" /* four: 1 */
				    "\x42\x08\x05\x00\x00\x00\x00\x00\x00\x00"
				    "\x4a\x00\x4a\x00"; /* many: two empty ones */
	Test__Nest *nest;

	(void)state;
	assert_int_equal(
		unpack((struct prac_bytes){ (const uint8_t *)bytes, sizeof(bytes) - 1 }, &nest),
		PRAC_OK);
	assert_string_equal(nest->inner->text, "hi");
	assert_int_equal(nest->n_packed, 2);
	assert_int_equal(nest->packed[1], 300);
	assert_int_equal(nest->loose[0], -2);
	assert_int_equal(nest->blob.len, 1);
	assert_int_equal(nest->four, 1);
	assert_int_equal(nest->packed_eights[0], 5);
	assert_int_equal(nest->n_many, 2);
}

static void an_empty_message_is_fine(void **state)
{
	Test__Nest *nest;

	(void)state;
	assert_int_equal(unpack((struct prac_bytes){ NULL, 0 }, &nest), PRAC_OK);
	assert_null(nest->inner);
}

static void eight_levels_are_the_most(void **state)
{
	Test__Nest *nest;

	(void)state;
	assert_int_equal(unpack(nested(8), &nest), PRAC_OK);
	assert_int_equal(unpack(nested(9), &nest), PRAC_RESOURCE_EXHAUSTED);
}

/* What protobuf-c alone would follow until the stack ends. */
static void depth_in_an_unknown_field_is_only_bytes(void **state)
{
	(void)state;
	assert_int_equal(SCAN("\x52\x04\x0a\x02\x0a\x00"), PRAC_OK);
	assert_int_equal(SCAN("\x2a\x04\x0a\x63\x0a\x00"), PRAC_OK); /* blob */
}

static void twenty_thousand_fields_are_the_most(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		prac_buf_append(&message, "\x18\x02", 2);
	}
	assert_int_equal(prac_scan(&test__nest__descriptor, prac_buf_bytes(&message)), PRAC_OK);
	prac_buf_append(&message, "\x18\x02", 2);
	assert_int_equal(prac_scan(&test__nest__descriptor, prac_buf_bytes(&message)),
		PRAC_RESOURCE_EXHAUSTED);
}

static void packed_elements_count_as_fields(void **state)
{
	/* Tag, length 20,000 in three bytes, elements. */
	prac_buf_append(&message, "\x12\xa0\x9c\x01", 4);
	(void)state;
	for (int i = 0; i < 20000; i++) {
		prac_buf_append_byte(&message, 1);
	}
	assert_int_equal(prac_scan(&test__nest__descriptor, prac_buf_bytes(&message)),
		PRAC_RESOURCE_EXHAUSTED);
	prac_buf_clear(&message);
	prac_buf_append(&message, "\x42\x88\xe2\x09", 4); /* 20,001 fixed64 */
	memset(prac_buf_reserve(&message, 160008), 0, 160008);
	prac_buf_commit(&message, 160008);
	assert_int_equal(prac_scan(&test__nest__descriptor, prac_buf_bytes(&message)),
		PRAC_RESOURCE_EXHAUSTED);
}

static void lengths_stay_within_their_parent(void **state)
{
	(void)state;
	assert_int_equal(SCAN("\x2a\x02\x01"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x0a\x02\x2a\x01\xff"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(
		SCAN("\x2a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x35\x01\x00\x00"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x39\x01\x00\x00\x00\x00\x00\x00"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x2a"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x18"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x18\x80"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x12\x02\x01\x80"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x42\x07\x05\x00\x00\x00\x00\x00\x00"), PRAC_INVALID_ARGUMENT);
}

static void what_follows_a_message_is_looked_at_too(void **state)
{
	(void)state;
	assert_int_equal(SCAN("\x0a\x02\x18\x02\x18\x02"), PRAC_OK);
	assert_int_equal(SCAN("\x0a\x02\x18\x02\x0b\x0c"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x4a\x00\x4a\x00\x00"), PRAC_INVALID_ARGUMENT);
}

static void numbers_are_in_their_shortest_form(void **state)
{
	(void)state;
	assert_int_equal(SCAN("\x18\x80\x00"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\xaa\x00\x00"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x2a\x81\x00\xff"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), PRAC_OK);
	assert_int_equal(
		SCAN("\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(
		SCAN("\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x01"), PRAC_INVALID_ARGUMENT);
}

static void groups_and_impossible_tags_are_refused(void **state)
{
	(void)state;
	assert_int_equal(SCAN("\x0b\x0c"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x53\x54"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x0e\x00"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x0f\x00"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x00\x00"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x80\x80\x80\x80\x10\x00"), PRAC_INVALID_ARGUMENT);
}

static void known_fields_have_their_wire_type(void **state)
{
	(void)state;
	assert_int_equal(SCAN("\x08\x01"), PRAC_INVALID_ARGUMENT); /* inner as a number */
	assert_int_equal(SCAN("\x32\x00"), PRAC_INVALID_ARGUMENT); /* four as bytes */
	assert_int_equal(SCAN("\x10\x01"), PRAC_OK);               /* packed, one by one */
	assert_int_equal(SCAN("\x1a\x02\x01\x02"), PRAC_OK);       /* loose, packed */
}

static void texts_are_utf8_without_nul(void **state)
{
	(void)state;
	assert_int_equal(SCAN("\x22\x02\xc3\xa9"), PRAC_OK);
	assert_int_equal(SCAN("\x22\x01\xc3"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x22\x01\x00"), PRAC_INVALID_ARGUMENT);
	assert_int_equal(SCAN("\x22\x03\xed\xa0\x80"), PRAC_INVALID_ARGUMENT); /* surrogate */
	assert_true(prac_utf8_ok((struct prac_bytes){ NULL, 0 }));
	assert_false(prac_utf8_ok((struct prac_bytes){ (const uint8_t *)"a\0b", 3 }));
}

/* 84 times its size without the budget: RELIABILITY 0.3. */
static void empty_messages_run_into_the_budget(void **state)
{
	Test__Nest *nest;

	(void)state;
	for (int i = 0; i < 15000; i++) {
		prac_buf_append(&message, "\x4a\x00", 2);
	}
	arena.budget = 1;
	assert_int_equal(unpack(prac_buf_bytes(&message), &nest), PRAC_RESOURCE_EXHAUSTED);
	assert_in_range(arena.used, 400000, 16 * 30000 + 65536);
	assert_int_equal(arena.budget, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(unpacks_every_shape_into_the_arena, teardown),
		cmocka_unit_test_teardown(an_empty_message_is_fine, teardown),
		cmocka_unit_test_teardown(eight_levels_are_the_most, teardown),
		cmocka_unit_test_teardown(depth_in_an_unknown_field_is_only_bytes, teardown),
		cmocka_unit_test_teardown(twenty_thousand_fields_are_the_most, teardown),
		cmocka_unit_test_teardown(packed_elements_count_as_fields, teardown),
		cmocka_unit_test_teardown(lengths_stay_within_their_parent, teardown),
		cmocka_unit_test_teardown(what_follows_a_message_is_looked_at_too, teardown),
		cmocka_unit_test_teardown(numbers_are_in_their_shortest_form, teardown),
		cmocka_unit_test_teardown(groups_and_impossible_tags_are_refused, teardown),
		cmocka_unit_test_teardown(known_fields_have_their_wire_type, teardown),
		cmocka_unit_test_teardown(texts_are_utf8_without_nul, teardown),
		cmocka_unit_test_teardown(empty_messages_run_into_the_budget, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
