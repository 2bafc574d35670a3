#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/embed.h"

static void text_reaches_c_unchanged_but_for_comments(void **state)
{
	(void)state;
	assert_string_equal(q_embed_quotes.text,
		"SELECT '\\x00'::bytea, E'tab\\t', \"Odd \"\"name\"\"\" FROM t\n"
		" WHERE a = $2 AND b = $1 AND c @\? '$' AND d \?\?= 1;\n");
}

static void the_highest_parameter_counts(void **state)
{
	(void)state;
	assert_int_equal(q_embed_quotes.n_params, 2);
	assert_int_equal(q_embed_many.n_params, 11);
	assert_int_equal(q_embed_sqlite.n_params, 3);
}

static void the_list_holds_every_block_in_order_and_ends(void **state)
{
	(void)state;
	assert_ptr_equal(tests_unit_embed[0], &q_embed_quotes);
	assert_string_equal(tests_unit_embed[1]->name, "embed_many");
	assert_ptr_equal(tests_unit_embed[2], &q_embed_sqlite);
	assert_null(tests_unit_embed[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_reaches_c_unchanged_but_for_comments),
		cmocka_unit_test(the_highest_parameter_counts),
		cmocka_unit_test(the_list_holds_every_block_in_order_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
