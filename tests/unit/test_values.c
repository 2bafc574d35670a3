#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/macros.h"
#include "common/catalog/coding.h"
#include "common/catalog/record.h"

/* A test's own memory and the values it read. */
struct reader {
	struct prac_arena arena;
	struct prac_value values[PRAC_FIELDS_MAX];
	struct prac_bytes extra;
	struct prac_buf buf;
};

static int start(void **state)
{
	static struct reader reader;

	memset(&reader, 0, sizeof(reader));
	*state = &reader;
	return 0;
}

static int stop(void **state)
{
	struct reader *reader = *state;

	prac_arena_deinit(&reader->arena);
	prac_buf_deinit(&reader->buf);
	return 0;
}

#define BYTES(text) ((struct prac_bytes){ (const uint8_t *)(text), sizeof(text) - 1 })

static enum prac_status decode(
	struct reader *reader, const struct prac_type *type, struct prac_bytes bytes)
{
	return prac_values_decode(type, bytes, &reader->arena, reader->values, &reader->extra);
}

/* What decoding and encoding makes of input. */
static void assert_canonical(struct reader *reader, const struct prac_type *type,
	struct prac_bytes input, struct prac_bytes expected)
{
	prac_buf_clear(&reader->buf);
	assert_int_equal(decode(reader, type, input), PRAC_OK);
	prac_values_encode(type, reader->values, reader->extra, &reader->buf);
	assert_int_equal(prac_buf_len(&reader->buf), expected.len);
	assert_memory_equal(prac_buf_bytes(&reader->buf).data, expected.data, expected.len);
}

static void canonical_input_stays_as_it_is(void **state)
{
	/* state 1, day 20676 (2026-08-11), kind 2, note "hot" */
	const struct prac_bytes day = BYTES("\x08\x01\x18\xc4\xa1\x01\x20\x02\x3a\x03hot");
	struct reader *reader = *state;

	assert_canonical(reader, &prac_type_school_day, day, day);
	assert_int_equal(reader->values[PRAC_SCHOOL_DAY_DAY].number, 20676);
	assert_int_equal(reader->values[PRAC_SCHOOL_DAY_KIND].number, PRAC_SCHOOL_DAY_KIND_HOLIDAY);
	assert_false(reader->values[PRAC_SCHOOL_DAY_SCHOOL_ID].has);
	assert_memory_equal(reader->values[PRAC_SCHOOL_DAY_NOTE].bytes.data, "hot", 3);
	assert_int_equal(reader->extra.len, 0);
}

static void fields_are_sorted_and_the_last_of_several_counts(void **state)
{
	assert_canonical(*state, &prac_type_school_day,
		BYTES("\x3a\x03hot\x20\x01\x08\x01\x20\x02"), BYTES("\x08\x01\x20\x02\x3a\x03hot"));
}

static void long_varints_become_short(void **state)
{
	assert_canonical(*state, &prac_type_school_day,
		BYTES("\x88\x80\x00\x81\x80\x80\x00\x3a\x83\x00hot"), BYTES("\x08\x01\x3a\x03hot"));
}

static void dates_before_1970_take_ten_bytes(void **state)
{
	struct reader *reader = *state;
	const struct prac_bytes minus_one = BYTES("\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");

	assert_canonical(reader, &prac_type_school_day, minus_one, minus_one);
	assert_int_equal(reader->values[PRAC_SCHOOL_DAY_DAY].number, -1);
	/* The same day from a writer that did not extend the sign. */
	assert_canonical(
		reader, &prac_type_school_day, BYTES("\x18\xff\xff\xff\xff\x0f"), minus_one);
}

static void booleans_are_one_or_zero(void **state)
{
	/* student.concentrator is field 12 */
	assert_canonical(*state, &prac_type_student, BYTES("\x60\x85\x01"), BYTES("\x60\x01"));
	assert_canonical(*state, &prac_type_student, BYTES("\x60\x00"), BYTES("\x60\x00"));
}

static void unknown_fields_stand_behind_in_the_order_they_came(void **state)
{
	struct reader *reader = *state;

	/* 200: varint 5 in two bytes, 100: text, 101: eight bytes, 102: four bytes */
	assert_canonical(reader, &prac_type_school_day,
		BYTES("\xc0\x0c\x85\x00\xa2\x06\x02hi\x08\x01\xa9\x06"
		      "12345678"
		      "\xb5\x06"
		      "1234"),
		BYTES("\x08\x01\xc0\x0c\x05\xa2\x06\x02hi\xa9\x06"
		      "12345678"
		      "\xb5\x06"
		      "1234"));
	assert_int_equal(reader->extra.len, 24);
}

static void list_items_are_gathered_in_their_order(void **state)
{
	struct reader *reader = *state;
	struct prac_bytes rest;
	struct prac_bytes item;

	/* student.interests is 15, skills 16 */
	assert_canonical(reader, &prac_type_student,
		BYTES("\x7a\x01"
		      "a"
		      "\x82\x01\x01x\x7a\x81\x00"
		      "b\x7a\x00"),
		BYTES("\x7a\x01"
		      "a\x7a\x01"
		      "b\x7a\x00\x82\x01\x01x"));
	rest = reader->values[PRAC_STUDENT_INTERESTS].bytes;
	assert_true(prac_list_next(&rest, &item));
	assert_memory_equal(item.data, "a", 1);
	assert_true(prac_list_next(&rest, &item));
	assert_memory_equal(item.data, "b", 1);
	assert_true(prac_list_next(&rest, &item));
	assert_int_equal(item.len, 0);
	assert_false(prac_list_next(&rest, &item));
}

static void contiguous_lists_and_texts_are_borrowed(void **state)
{
	const struct prac_bytes input = BYTES("\x2a\x02Jo\x7a\x01"
					      "a\x7a\x01"
					      "b");
	struct reader *reader = *state;

	assert_int_equal(decode(reader, &prac_type_student, input), PRAC_OK);
	assert_ptr_equal(reader->values[PRAC_STUDENT_GIVEN_NAME].bytes.data, input.data + 2);
	assert_ptr_equal(reader->values[PRAC_STUDENT_INTERESTS].bytes.data, input.data + 4);
	assert_int_equal(reader->values[PRAC_STUDENT_INTERESTS].bytes.len, 6);
	assert_int_equal(reader->arena.used, 0);
}

static void what_is_no_message_is_refused(void **state)
{
	const struct prac_bytes faults[] = {
		BYTES("\x08"),             /* no value */
		BYTES("\x08\x80"),         /* half a varint */
		BYTES("\x3a\x04hot"),      /* shorter than it says */
		BYTES("\x00\x01"),         /* field number 0 */
		BYTES("\x0b\x0c"),         /* a group */
		BYTES("\x0e"),             /* wire type 6 */
		BYTES("\x0a\x01x"),        /* state as bytes */
		BYTES("\x38\x01"),         /* note as a number */
		BYTES("\x39\x31\x32\x33"), /* seven bytes missing */
		BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), /* eleven bytes */
		BYTES("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),     /* length 2^64 - 1 */
	};
	struct reader *reader = *state;

	for (size_t i = 0; i < PRAC_NELEM(faults); i++) {
		assert_int_equal(
			decode(reader, &prac_type_school_day, faults[i]), PRAC_INVALID_ARGUMENT);
	}
}

static void a_group_is_replaced_as_a_whole(void **state)
{
	struct reader *reader = *state;
	const struct prac_group *kind =
		prac_group_find(&prac_type_school_day, PRAC_SCHOOL_DAY_GROUP_KIND);

	/* kind 1, class from 480 to 900, note "x" */
	assert_int_equal(decode(reader, &prac_type_school_day,
				 BYTES("\x20\x01\x28\xe0\x03\x30\x84\x07\x3a\x01x")),
		PRAC_OK);
	prac_group_encode(&prac_type_school_day, kind, reader->values, &reader->buf);
	assert_int_equal(prac_buf_len(&reader->buf), 8);
	assert_memory_equal(
		prac_buf_bytes(&reader->buf).data, "\x20\x01\x28\xe0\x03\x30\x84\x07", 8);

	assert_int_equal(prac_group_apply(&prac_type_school_day, kind, BYTES("\x20\x02"),
				 &reader->arena, reader->values),
		PRAC_OK);
	assert_int_equal(reader->values[PRAC_SCHOOL_DAY_KIND].number, 2);
	assert_false(reader->values[PRAC_SCHOOL_DAY_CLASS_STARTS_AT].has);
	assert_true(reader->values[PRAC_SCHOOL_DAY_NOTE].has);
}

static void a_group_takes_no_other_fields(void **state)
{
	struct reader *reader = *state;
	const struct prac_group *kind =
		prac_group_find(&prac_type_school_day, PRAC_SCHOOL_DAY_GROUP_KIND);

	assert_int_equal(decode(reader, &prac_type_school_day, BYTES("\x20\x01")), PRAC_OK);
	assert_int_equal(prac_group_apply(&prac_type_school_day, kind, BYTES("\x20\x02\x3a\x01x"),
				 &reader->arena, reader->values),
		PRAC_INVALID_ARGUMENT);
	assert_int_equal(prac_group_apply(&prac_type_school_day, kind,
				 BYTES("\x20\x02\xc0\x0c\x05"), &reader->arena, reader->values),
		PRAC_INVALID_ARGUMENT);
	assert_int_equal(reader->values[PRAC_SCHOOL_DAY_KIND].number, 1);
}

/* kind is field 4, the class from 5 to 6; all three are numbers of 32 bits. */
static void a_group_read_is_in_the_one_form_whoever_wrote_it(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} forms[] = {
		{ "\x20\x01\x28\xe0\x03", 5 },         /* the one */
		{ "\x28\xe0\x03\x20\x01", 5 },         /* order */
		{ "\x20\x02\x20\x01\x28\xe0\x03", 7 }, /* twice */
		{ "\x20\x81\x00\x28\xe0\x03", 6 },     /* a longer number */
		{ "\xa0\x00\x01\x28\xe0\x03", 6 },     /* a longer tag */
		{ "\x20\x81\x80\x80\x80\x80\x80\x80\x80\x80\x01\x28\xe0\x03",
			14 }, /* above 32 bits */
	};
	struct reader *reader = *state;
	const struct prac_group *kind =
		prac_group_find(&prac_type_school_day, PRAC_SCHOOL_DAY_GROUP_KIND);

	for (size_t i = 0; i < PRAC_NELEM(forms); i++) {
		struct prac_bytes bytes = { (const uint8_t *)forms[i].bytes, forms[i].len };

		assert_int_equal(prac_group_read(&prac_type_school_day, kind, &reader->arena,
					 &bytes, reader->values),
			PRAC_OK);
		assert_true(prac_bytes_equal(bytes, BYTES("\x20\x01\x28\xe0\x03")));
		assert_int_equal(reader->values[PRAC_SCHOOL_DAY_KIND].number, 1);
		assert_int_equal(reader->values[PRAC_SCHOOL_DAY_CLASS_STARTS_AT].number, 480);
		assert_false(reader->values[PRAC_SCHOOL_DAY_CLASS_ENDS_AT].has);
		assert_true((bytes.data == (const uint8_t *)forms[i].bytes) == (i == 0));
	}
}

/* Items of a list have one number, and are in the one form all the same. */
static void a_list_is_read_where_it_is(void **state)
{
	struct reader *reader = *state;
	const struct prac_type *type = &prac_type_site;
	const struct prac_field *hazards = prac_field_find_name(type, "hazards");
	const struct prac_group *group = &type->groups[hazards->group];
	struct prac_bytes one, bytes;

	prac_coding_put_bytes(&reader->buf, hazards->number, BYTES("dust"));
	prac_coding_put_bytes(&reader->buf, hazards->number, BYTES("acid"));
	one = bytes = prac_buf_bytes(&reader->buf);
	assert_int_equal(
		prac_group_read(type, group, &reader->arena, &bytes, reader->values), PRAC_OK);
	assert_ptr_equal(bytes.data, one.data);
	assert_true(prac_bytes_equal(reader->values[hazards->index].bytes, one));
}

static void values_are_equal_when_absent_or_the_same(void **state)
{
	const struct prac_field *note = &prac_type_school_day.fields[PRAC_SCHOOL_DAY_NOTE];
	const struct prac_field *day = &prac_type_school_day.fields[PRAC_SCHOOL_DAY_DAY];
	const struct prac_value absent = { 0 };
	const struct prac_value empty = { .has = true };
	const struct prac_value x = { .has = true, .bytes = BYTES("x") };
	const struct prac_value five = { .has = true, .number = 5 };

	(void)state;
	assert_true(prac_value_equal(note, &absent, &absent));
	assert_false(prac_value_equal(note, &absent, &empty));
	assert_true(prac_value_equal(note, &x, &x));
	assert_false(prac_value_equal(note, &x, &empty));
	assert_true(prac_value_equal(day, &five, &five));
	assert_false(prac_value_equal(day, &five, &empty));
}

static void a_new_record_is_in_the_first_state(void **state)
{
	struct reader *reader = *state;
	struct prac_record *sheet = prac_record_new(&reader->arena, &prac_type_time_sheet);
	struct prac_record *copy;

	assert_int_equal(sheet->values[PRAC_TIME_SHEET_STATE].number, PRAC_TIME_SHEET_STATE_DRAFT);
	assert_false(sheet->values[PRAC_TIME_SHEET_WEEK_START].has);
	copy = prac_record_copy(&reader->arena, sheet);
	copy->values[PRAC_TIME_SHEET_STATE].number = PRAC_TIME_SHEET_STATE_APPROVED;
	assert_int_equal(sheet->values[PRAC_TIME_SHEET_STATE].number, PRAC_TIME_SHEET_STATE_DRAFT);
}

static void the_content_hash_is_the_one_of_the_protocol(void **state)
{
	/* printf of schema 1, id 00..01, length, hashed fields, id 00..02 ...; then sha256sum */
	static const char expected[] =
		"\x0b\x81\xe5\x8f\x9d\x6f\x87\x0d\x5a\x6d\x39\xa7\xdb\x8a\xf5\x10"
		"\x11\x6f\x7b\x3e\xdb\xdf\x11\x4c\xf2\xf4\xef\x39\x5d\x80\xf2\xbf";
	struct reader *reader = *state;
	struct prac_record *sheet = prac_record_new(&reader->arena, &prac_type_time_sheet);
	struct prac_record *entry = prac_record_new(&reader->arena, &prac_type_time_entry);
	const struct prac_record *const entries[] = { entry };
	struct prac_digest digest;

	sheet->id.b[15] = 1;
	sheet->values[PRAC_TIME_SHEET_WEEK_START] =
		(struct prac_value){ .has = true, .number = 20674 };
	entry->id.b[15] = 2;
	entry->values[PRAC_TIME_ENTRY_WORK_DATE] =
		(struct prac_value){ .has = true, .number = 20676 };
	entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES] =
		(struct prac_value){ .has = true, .number = 150 };
	digest = prac_content_hash(sheet, entries, 1);
	assert_memory_equal(digest.b, expected, sizeof(expected) - 1);

	/* What is not hashed changes nothing. */
	entry->values[PRAC_TIME_ENTRY_NOTE] =
		(struct prac_value){ .has = true, .bytes = BYTES("x") };
	sheet->values[PRAC_TIME_SHEET_STATE].number = PRAC_TIME_SHEET_STATE_SUBMITTED;
	digest = prac_content_hash(sheet, entries, 1);
	assert_memory_equal(digest.b, expected, sizeof(expected) - 1);

	entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number = 151;
	digest = prac_content_hash(sheet, entries, 1);
	assert_memory_not_equal(digest.b, expected, sizeof(expected) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(canonical_input_stays_as_it_is, start, stop),
		cmocka_unit_test_setup_teardown(
			fields_are_sorted_and_the_last_of_several_counts, start, stop),
		cmocka_unit_test_setup_teardown(long_varints_become_short, start, stop),
		cmocka_unit_test_setup_teardown(dates_before_1970_take_ten_bytes, start, stop),
		cmocka_unit_test_setup_teardown(booleans_are_one_or_zero, start, stop),
		cmocka_unit_test_setup_teardown(
			unknown_fields_stand_behind_in_the_order_they_came, start, stop),
		cmocka_unit_test_setup_teardown(
			list_items_are_gathered_in_their_order, start, stop),
		cmocka_unit_test_setup_teardown(
			contiguous_lists_and_texts_are_borrowed, start, stop),
		cmocka_unit_test_setup_teardown(what_is_no_message_is_refused, start, stop),
		cmocka_unit_test_setup_teardown(a_group_is_replaced_as_a_whole, start, stop),
		cmocka_unit_test_setup_teardown(a_group_takes_no_other_fields, start, stop),
		cmocka_unit_test_setup_teardown(
			a_group_read_is_in_the_one_form_whoever_wrote_it, start, stop),
		cmocka_unit_test_setup_teardown(a_list_is_read_where_it_is, start, stop),
		cmocka_unit_test(values_are_equal_when_absent_or_the_same),
		cmocka_unit_test_setup_teardown(a_new_record_is_in_the_first_state, start, stop),
		cmocka_unit_test_setup_teardown(
			the_content_hash_is_the_one_of_the_protocol, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
