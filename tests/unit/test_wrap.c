#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/macros.h"
#include "common/base/wrap.h"

static void wraps(const char *text, unsigned width, unsigned hang, const char *wanted)
{
	GString *out = g_string_new(NULL);

	prac_wrap(out, text, width, hang);
	assert_string_equal(out->str, wanted);
	g_string_free(out, TRUE);
}

static void lines_break_between_words(void **state)
{
	(void)state;
	wraps("one two three", 8, 0, "one two\nthree\n");
	wraps("one two three", 7, 0, "one two\nthree\n");
	wraps("one two three", 6, 0, "one\ntwo\nthree\n");
	wraps("", 8, 0, "\n");
}

static void a_word_that_does_not_fit_stays_whole(void **state)
{
	(void)state;
	wraps("an extraordinary day", 6, 0, "an\nextraordinary\nday\n");
}

static void later_lines_hang_under_the_first(void **state)
{
	(void)state;
	wraps("--out  where it goes to", 15, 7, "--out  where it\n       goes to\n");
}

static void line_feeds_and_indents_of_the_text_stay(void **state)
{
	(void)state;
	wraps("one\n\n  two three", 8, 2, "one\n\n  two\n  three\n");
}

static void width_counts_characters_and_not_bytes(void **state)
{
	(void)state;
	wraps("äöü äöü äöü", 7, 0, "äöü äöü\näöü\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_break_between_words),
		cmocka_unit_test(a_word_that_does_not_fit_stays_whole),
		cmocka_unit_test(later_lines_hang_under_the_first),
		cmocka_unit_test(line_feeds_and_indents_of_the_text_stay),
		cmocka_unit_test(width_counts_characters_and_not_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
