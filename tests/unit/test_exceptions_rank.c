#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/exceptions/search.h"

static size_t count_unranked(const struct prac_type *type)
{
	size_t n = 0;
	unsigned rank;

	for (size_t i = 0; i < type->n_computed; i++) {
		if (!exceptions_rank_of(type->computed[i].name, &rank)) {
			print_error("%s of %s is no word of client/exceptions/calendar.c\n",
				type->computed[i].name, type->name);
			n++;
		}
	}
	return n;
}

static void every_state_of_the_calendar_has_a_rank(void **state)
{
	(void)state;
	for (size_t i = 0; i < prac_n_types; i++) {
		assert_int_equal(count_unranked(prac_types[i]), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_of_the_calendar_has_a_rank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
