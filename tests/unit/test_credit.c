#include "common/wire/credit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct prac_credit stream;
static struct prac_credit connection;

static int setup(void **state)
{
	(void)state;
	prac_credit_init(&stream, 100);
	prac_credit_init(&connection, 150);
	return 0;
}

static void the_smaller_account_limits(void **state)
{
	struct prac_credit other;

	(void)state;
	prac_credit_init(&other, 100);
	assert_int_equal(prac_credit_available(&stream, &connection), 100);
	assert_int_equal(prac_credit_take(&other, &connection, 90), PRAC_OK);
	assert_int_equal(prac_credit_available(&stream, &connection), 60);
	assert_int_equal(prac_credit_available(&other, &connection), 10);
}

static void taking_too_much_takes_nothing(void **state)
{
	(void)state;
	assert_int_equal(prac_credit_take(&stream, &connection, 101), PRAC_RESOURCE_EXHAUSTED);
	assert_int_equal(stream.left, 100);
	assert_int_equal(connection.left, 150);
	assert_int_equal(prac_credit_take(&stream, &connection, 100), PRAC_OK);
	assert_int_equal(prac_credit_take(&stream, &connection, 1), PRAC_RESOURCE_EXHAUSTED);
	assert_int_equal(prac_credit_take(&stream, &connection, 0), PRAC_OK);
}

static void a_grant_past_the_maximum_is_refused(void **state)
{
	(void)state;
	assert_int_equal(prac_credit_grant(&stream, 0x7fffffff - 100), PRAC_OK);
	assert_int_equal(prac_credit_grant(&stream, 1), PRAC_OUT_OF_RANGE);
	assert_int_equal(prac_credit_grant(&stream, UINT32_MAX), PRAC_OUT_OF_RANGE);
	assert_int_equal(stream.left, 0x7fffffff);
}

static void a_grant_of_nothing_is_refused(void **state)
{
	(void)state;
	assert_int_equal(prac_credit_grant(&stream, 0), PRAC_INVALID_ARGUMENT);
}

static void a_window_is_cut_to_the_maximum(void **state)
{
	struct prac_credit credit;

	(void)state;
	prac_credit_init(&credit, UINT32_MAX);
	assert_int_equal(credit.left, 0x7fffffff);
}

static void gives_back_when_half_the_window_is_settled(void **state)
{
	(void)state;
	assert_int_equal(prac_credit_take(&stream, &connection, 80), PRAC_OK);
	assert_int_equal(prac_credit_settle(&stream, 49), 0);
	assert_int_equal(stream.left, 20);
	assert_int_equal(prac_credit_settle(&stream, 1), 50);
	assert_int_equal(stream.left, 70);
	assert_int_equal(prac_credit_settle(&stream, 30), 0);
}

/* Else a sender with nothing left would wait for a receiver that has nothing more to settle. */
static void both_ends_agree_after_any_number_of_rounds(void **state)
{
	struct prac_credit sender;
	struct prac_credit sender_all;

	(void)state;
	prac_credit_init(&sender, 100);
	prac_credit_init(&sender_all, 150);
	for (int i = 0; i < 1000; i++) {
		uint32_t due;

		assert_int_equal(prac_credit_take(&sender, &sender_all, 7), PRAC_OK);
		assert_int_equal(prac_credit_take(&stream, &connection, 7), PRAC_OK);
		due = prac_credit_settle(&stream, 7);
		assert_true(due == 0 || prac_credit_grant(&sender, due) == PRAC_OK);
		due = prac_credit_settle(&connection, 7);
		assert_true(due == 0 || prac_credit_grant(&sender_all, due) == PRAC_OK);
		assert_int_equal(sender.left, stream.left);
		assert_int_equal(sender_all.left, connection.left);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_smaller_account_limits, setup),
		cmocka_unit_test_setup(taking_too_much_takes_nothing, setup),
		cmocka_unit_test_setup(a_grant_past_the_maximum_is_refused, setup),
		cmocka_unit_test_setup(a_grant_of_nothing_is_refused, setup),
		cmocka_unit_test_setup(a_window_is_cut_to_the_maximum, setup),
		cmocka_unit_test_setup(gives_back_when_half_the_window_is_settled, setup),
		cmocka_unit_test_setup(both_ends_agree_after_any_number_of_rounds, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
