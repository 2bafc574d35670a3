/* What was committed and nobody told stations of is found, whoever moved the head beyond it. */
#include "server/sync/heard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct heard heard;

static int setup(void **state)
{
	(void)state;
	heard_start(&heard, 100);
	return 0;
}

static void commit(uint64_t after, uint64_t head)
{
	heard_add(&heard, &(struct heard_commit){ after, head });
}

static void what_was_told_in_order_is_not_told_again(void **state)
{
	(void)state;
	commit(100, 110);
	commit(110, 112);
	assert_false(heard_look(&heard, 112));
	assert_false(heard_look(&heard, 112));
}

static void a_commit_of_another_server_below_an_own_one_is_noticed(void **state)
{
	(void)state;
	commit(110, 112); /* 101 to 110 were another server's, and its word was lost */
	assert_false(heard_look(&heard, 112));
	assert_true(heard_look(&heard, 112));
	assert_false(heard_look(&heard, 112));
}

static void what_is_heard_late_is_not_missed(void **state)
{
	(void)state;
	commit(115, 120);
	commit(110, 115);
	assert_false(heard_look(&heard, 120));
	commit(100, 110);
	assert_false(heard_look(&heard, 120));
}

static void what_came_between_two_looks_has_time_until_the_next(void **state)
{
	(void)state;
	assert_false(heard_look(&heard, 105));
	commit(100, 105);
	assert_false(heard_look(&heard, 107));
	assert_true(heard_look(&heard, 109));
	assert_false(heard_look(&heard, 109)); /* the last two were told with the others */
}

static void after_a_silence_whatever_is_there_was_missed(void **state)
{
	(void)state;
	commit(103, 104);
	assert_true(heard_look_again(&heard, 104));
	assert_false(heard_look_again(&heard, 104));
}

static void more_than_can_wait_is_told_by_a_look(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < HEARD_AHEAD_MAX + 1; i++) {
		commit(101 + i, 102 + i);
	}
	commit(100, 101);
	assert_false(heard_look(&heard, 102 + HEARD_AHEAD_MAX));
	assert_true(heard_look(&heard, 102 + HEARD_AHEAD_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_was_told_in_order_is_not_told_again, setup),
		cmocka_unit_test_setup(
			a_commit_of_another_server_below_an_own_one_is_noticed, setup),
		cmocka_unit_test_setup(what_is_heard_late_is_not_missed, setup),
		cmocka_unit_test_setup(what_came_between_two_looks_has_time_until_the_next, setup),
		cmocka_unit_test_setup(after_a_silence_whatever_is_there_was_missed, setup),
		cmocka_unit_test_setup(more_than_can_wait_is_told_by_a_look, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
