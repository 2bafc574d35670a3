#include "common/base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The numbers stand on the wire; gRPC's documentation of status codes is their source. */
static void numbers_are_those_of_grpc(void **state)
{
	(void)state;
	assert_int_equal(PRAC_OK, 0);
	assert_int_equal(PRAC_INVALID_ARGUMENT, 3);
	assert_int_equal(PRAC_PERMISSION_DENIED, 7);
	assert_int_equal(PRAC_RESOURCE_EXHAUSTED, 8);
	assert_int_equal(PRAC_ABORTED, 10);
	assert_int_equal(PRAC_UNAVAILABLE, 14);
	assert_int_equal(PRAC_UNAUTHENTICATED, 16);
}

static void each_number_has_its_name_and_text(void **state)
{
	(void)state;
	assert_string_equal(prac_status_name(PRAC_OK), "OK");
	assert_string_equal(prac_status_name(PRAC_DEADLINE_EXCEEDED), "DEADLINE_EXCEEDED");
	assert_string_equal(prac_status_text(PRAC_DEADLINE_EXCEEDED), "timed out");
	assert_string_equal(prac_status_name(PRAC_UNAUTHENTICATED), "UNAUTHENTICATED");
}

static void numbers_of_a_newer_peer_read_as_unknown(void **state)
{
	(void)state;
	assert_string_equal(prac_status_name((enum prac_status)17), "UNKNOWN");
	assert_string_equal(prac_status_text((enum prac_status) - 1), "unknown outcome");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_grpc),
		cmocka_unit_test(each_number_has_its_name_and_text),
		cmocka_unit_test(numbers_of_a_newer_peer_read_as_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
