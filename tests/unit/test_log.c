#include "common/base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static FILE *caught;
static int real_stderr;

static int catch_stderr(void **state)
{
	(void)state;
	caught = tmpfile();
	real_stderr = dup(STDERR_FILENO);
	return caught == NULL || dup2(fileno(caught), STDERR_FILENO) < 0 ? -1 : 0;
}

static int release_stderr(void **state)
{
	(void)state;
	(void)dup2(real_stderr, STDERR_FILENO);
	(void)close(real_stderr);
	return fclose(caught);
}

/* What was written since the last call, with the time of day blanked out. */
static const char *written(void)
{
	static char text[4096];
	size_t len;
	char *time;

	(void)fseek(caught, 0, SEEK_SET);
	len = fread(text, 1, sizeof(text) - 1, caught);
	text[len] = '\0';
	(void)ftruncate(fileno(caught), 0);
	(void)lseek(STDERR_FILENO, 0, SEEK_SET);
	for (time = strstr(text, "time="); time != NULL; time = strstr(time + 1, "time=")) {
		memmove(time + 5, strchr(time, 'Z'), strlen(strchr(time, 'Z')) + 1);
	}
	return text;
}

static void one_line_an_event(void **state)
{
	(void)state;
	prac_log(PRAC_LOG_INFO, "conn.open", "conn=%d address=%s", 7, "::1");
	assert_string_equal(
		written(), "practicumd time=Z level=info event=conn.open conn=7 address=::1\n");
	prac_log(PRAC_LOG_ERROR, "db.down", "%s", "");
	assert_string_equal(written(), "practicumd time=Z level=error event=db.down\n");
}

static void what_is_below_the_level_is_not_written(void **state)
{
	(void)state;
	prac_log(PRAC_LOG_DEBUG, "conn.read", "len=%d", 1);
	assert_string_equal(written(), "");
	prac_log_level_set(PRAC_LOG_DEBUG);
	prac_log(PRAC_LOG_DEBUG, "conn.read", "len=%d", 1);
	assert_string_equal(written(), "practicumd time=Z level=debug event=conn.read len=1\n");
	prac_log_level_set(PRAC_LOG_WARNING);
	prac_log(PRAC_LOG_INFO, "conn.open", "conn=%d", 1);
	assert_string_equal(written(), "");
	prac_log_level_set(PRAC_LOG_INFO);
}

/* A forged line in the log would be evidence of something that never happened. */
static void a_value_cannot_start_a_line(void **state)
{
	(void)state;
	prac_log(PRAC_LOG_INFO, "x", "name=%s", "a\npracticumd level=error\x1b[2J");
	assert_string_equal(written(),
		"practicumd time=Z level=info event=x name=a?practicumd level=error?[2J\n");
}

static void more_pairs_than_journal_fields_stay_in_the_line(void **state)
{
	(void)state;
	prac_log(PRAC_LOG_INFO, "x", "%s",
		"a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=1 k=2 l=3 m=4 n=5 o=6 p=7 q=8 r=9 s=1 t=2 "
		"u=3 v=4 w=5 x=6 y=7 z=8 =1 plain \"quoted=\"");
	assert_non_null(strstr(written(), " z=8 =1 plain \"quoted=\"\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_line_an_event, catch_stderr, release_stderr),
		cmocka_unit_test_setup_teardown(
			what_is_below_the_level_is_not_written, catch_stderr, release_stderr),
		cmocka_unit_test_setup_teardown(
			a_value_cannot_start_a_line, catch_stderr, release_stderr),
		cmocka_unit_test_setup_teardown(more_pairs_than_journal_fields_stay_in_the_line,
			catch_stderr, release_stderr),
	};

	prac_log_start("practicumd", PRAC_LOG_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
