#include "server/db/params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct prac_arena arena;

static int reset(void **state)
{
	(void)state;
	prac_arena_reset(&arena);
	return 0;
}

static void a_date_counts_from_the_year_2000(void **state)
{
	struct db_params *params = db_params_new(&arena);

	(void)state;
	db_param_date(params, 0);
	assert_int_equal(params->lengths[0], 4);
	assert_memory_equal(params->values[0], "\xff\xff\xd5\x33", 4);
}

static void an_instant_is_in_microseconds_from_the_year_2000(void **state)
{
	struct db_params *params = db_params_new(&arena);

	(void)state;
	db_param_instant(params, 946684800001); /* 2000-01-01T00:00:00.001Z */
	assert_memory_equal(params->values[0], "\0\0\0\0\0\0\x03\xe8", 8);
}

static void an_empty_text_is_not_null(void **state)
{
	struct db_params *params = db_params_new(&arena);

	(void)state;
	db_param_bytes(params, (struct prac_bytes){ NULL, 0 });
	db_param_null(params);
	assert_non_null(params->values[0]);
	assert_int_equal(params->lengths[0], 0);
	assert_null(params->values[1]);
}

static void an_array_says_its_type_length_and_items(void **state)
{
	static const char want[] = "\0\0\0\1\0\0\0\1\0\0\0\x14\0\0\0\2\0\0\0\1"
				   "\0\0\0\x08\0\0\0\0\0\0\0\x07\xff\xff\xff\xff";
	struct db_params *params = db_params_new(&arena);
	struct db_array array;

	(void)state;
	db_array_init(&array, &arena, DB_INT8);
	db_array_int(&array, 7);
	db_array_null(&array);
	db_param_array(params, &array);
	assert_int_equal(params->lengths[0], sizeof(want) - 1);
	assert_memory_equal(params->values[0], want, sizeof(want) - 1);
}

static void an_empty_array_has_no_dimension(void **state)
{
	struct db_params *params = db_params_new(&arena);
	struct db_array array;

	(void)state;
	db_array_init(&array, &arena, DB_UUID);
	db_param_array(params, &array);
	assert_int_equal(params->lengths[0], 12);
	assert_memory_equal(params->values[0], "\0\0\0\0\0\0\0\0\0\0\x0b\x86", 12);
}

/* 12 bytes: no dimension. A value among the nulls, and all of them are said. */
static void a_column_of_nulls_alone_has_no_items(void **state)
{
	struct db_params *params = db_params_new(&arena);
	struct db_array nulls, one;

	(void)state;
	db_array_init(&nulls, &arena, DB_TEXT);
	db_array_null(&nulls);
	db_array_null(&nulls);
	db_param_column(params, &nulls);
	assert_int_equal(params->lengths[0], 12);
	assert_memory_equal(params->values[0], "\0\0\0\0\0\0\0\0\0\0\0\x19", 12);
	db_array_init(&one, &arena, DB_TEXT);
	db_array_null(&one);
	db_array_bytes(&one, prac_bytes_text(""));
	db_param_column(params, &one);
	assert_int_equal(params->lengths[1], 20 + 4 + 4);
}

static void an_array_grows_beyond_its_first_room(void **state)
{
	struct db_params *params = db_params_new(&arena);
	struct db_array array;

	(void)state;
	db_array_init(&array, &arena, DB_TEXT);
	for (int i = 0; i < 1000; i++)
		db_array_bytes(&array, prac_bytes_text("x"));
	db_param_array(params, &array);
	assert_int_equal(params->lengths[0], 5020);
	assert_memory_equal(params->values[0] + 5015, "\0\0\0\1x", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_date_counts_from_the_year_2000, reset),
		cmocka_unit_test_setup(an_instant_is_in_microseconds_from_the_year_2000, reset),
		cmocka_unit_test_setup(an_empty_text_is_not_null, reset),
		cmocka_unit_test_setup(an_array_says_its_type_length_and_items, reset),
		cmocka_unit_test_setup(an_empty_array_has_no_dimension, reset),
		cmocka_unit_test_setup(a_column_of_nulls_alone_has_no_items, reset),
		cmocka_unit_test_setup(an_array_grows_beyond_its_first_room, reset),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	prac_arena_deinit(&arena);
	return failed;
}
