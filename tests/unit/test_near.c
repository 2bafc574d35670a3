#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/macros.h"
#include "common/base/near.h"

static const char *near_of(const char *word, const char *const *names, size_t n)
{
	struct prac_near near = { .word = word };

	for (size_t i = 0; i < n; i++) {
		prac_near_try(&near, names[i]);
	}
	return near.best;
}

static void a_typing_error_finds_the_name_that_was_meant(void **state)
{
	static const char *const names[] = { "enroll", "login", "sync", "status", "list", "show",
		"conflicts", "disclose", "disclosures", "time_sheet" };

	static const struct {
		const char *word, *name;
	} cases[] = {
		{ "lst", "list" },             /* a letter left out */
		{ "lisst", "list" },           /* one too many */
		{ "lisr", "list" },            /* another one */
		{ "lsit", "list" },            /* two changed places */
		{ "stats", "status" },         /* */
		{ "conflict", "conflicts" },   /* the singular */
		{ "timesheet", "time_sheet" }, /* */
		{ "con", "conflicts" },        /* the beginning */
		{ "disclos", "disclose" },     /* of two that begin so, the nearer */
		{ "xyzzy", NULL },             /* */
		{ "li", NULL },                /* two letters could be anything */
		{ "", NULL },
		{ "a-word-that-is-longer-than-any-name-this-program-has", NULL },
	};

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(cases); i++) {
		const char *found = near_of(cases[i].word, names, PRAC_NELEM(names));

		if (cases[i].name == NULL) {
			assert_null(found);
		} else {
			assert_non_null(found);
			assert_string_equal(found, cases[i].name);
		}
	}
}

static void nothing_is_near_where_there_are_no_names(void **state)
{
	(void)state;
	assert_null(near_of("list", NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_typing_error_finds_the_name_that_was_meant),
		cmocka_unit_test(nothing_is_near_where_there_are_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
