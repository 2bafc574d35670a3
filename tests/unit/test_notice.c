#include "server/sync/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define FIRST  "0190a000-0000-7000-8000-000000000001"
#define SECOND "0190a000-0000-7000-8000-000000000002"

static struct prac_arena arena;

static int teardown(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	memset(&arena, 0, sizeof(arena));
	return 0;
}

static void says_both_heads_and_each_scope(void **state)
{
	struct prac_id scopes[2];
	const struct notice notice = {
		.after = 1040, .head = 1042, .scopes = scopes, .n_scopes = 2
	};

	(void)state;
	assert_int_equal(prac_id_parse(FIRST, &scopes[0]), PRAC_OK);
	assert_int_equal(prac_id_parse(SECOND, &scopes[1]), PRAC_OK);
	assert_string_equal(notice_write(&arena, &notice), "1040 1042 " FIRST " " SECOND);
}

static void what_is_written_is_read(void **state)
{
	struct notice notice;
	char text[PRAC_ID_TEXT];

	(void)state;
	assert_int_equal(
		notice_read(&arena, "0 18446744073709551615 " FIRST " " SECOND, &notice), PRAC_OK);
	assert_true(notice.head == UINT64_MAX);
	assert_int_equal(notice.after, 0);
	assert_false(notice.is_all);
	assert_int_equal(notice.n_scopes, 2);
	prac_id_format(&notice.scopes[1], text);
	assert_string_equal(text, SECOND);
}

/* PostgreSQL refuses a text of 8000 bytes, and with it would refuse the batch. */
static void names_no_scopes_when_they_do_not_fit(void **state)
{
	struct prac_id scopes[NOTICE_SCOPES_MAX + 1] = { 0 };
	struct notice notice = { .after = UINT64_MAX - 1, .head = UINT64_MAX, .scopes = scopes };

	(void)state;
	notice.n_scopes = NOTICE_SCOPES_MAX;
	assert_true(strlen(notice_write(&arena, &notice)) < 8000);
	notice.n_scopes = NOTICE_SCOPES_MAX + 1;
	assert_string_equal(
		notice_write(&arena, &notice), "18446744073709551614 18446744073709551615 *");
	assert_int_equal(notice_read(&arena, "4 5 *", &notice), PRAC_OK);
	assert_int_equal(notice.head, 5);
	assert_true(notice.is_all);
	assert_int_equal(notice.n_scopes, 0);
}

static void numbers_are_told_where_no_feed_shows_anything(void **state)
{
	const struct notice nothing = { .after = 8, .head = 10 };
	struct notice notice;

	(void)state;
	assert_string_equal(notice_write(&arena, &nothing), "8 10");
	assert_int_equal(notice_read(&arena, "8 10", &notice), PRAC_OK);
	assert_false(notice.is_all);
	assert_int_equal(notice.n_scopes, 0);
}

static void takes_nothing_else(void **state)
{
	static const char *const texts[] = { "", "5", "5 *", "4 5 ", "04 5 *", "4 05 *", "-4 5 *",
		" 4 5 *", "4  5 *", "4 5 * ", "5 5 *", "6 5 *", "18446744073709551616 5 *",
		"4 18446744073709551616 *", "x 5 *", "4 5 0190a000-0000-7000-8000-000000000001 ",
		"4 5 0190a000-0000-7000-8000-000000000001*0190a000-0000-7000-8000-000000000002",
		"4 5 0190a000-0000-7000-8000-00000000000g" };
	struct notice notice;

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(texts); i++) {
		assert_int_equal(notice_read(&arena, texts[i], &notice), PRAC_INVALID_ARGUMENT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(says_both_heads_and_each_scope, teardown),
		cmocka_unit_test_teardown(what_is_written_is_read, teardown),
		cmocka_unit_test_teardown(names_no_scopes_when_they_do_not_fit, teardown),
		cmocka_unit_test_teardown(numbers_are_told_where_no_feed_shows_anything, teardown),
		cmocka_unit_test_teardown(takes_nothing_else, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
