/* practicumd user, as an operator types it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/live_server.h"

static char out[8192];

static int user(const char *arguments)
{
	char line[600];

	(void)snprintf(line, sizeof(line), "user %s", arguments);
	return daemon_run(&server, line, out, sizeof(out));
}

static void assert_says(const char *arguments, int code, const char *text)
{
	assert_int_equal(user(arguments), code);
	if (strstr(out, text) == NULL) {
		fail_msg("user %s says: %s", arguments, out);
	}
}

static void the_first_person_is_made_with_a_code_shown_once(void **state)
{
	char code[40];

	(void)state;
	assert_says("add ada.ray --name Ada --role administrator", 0,
		"for ada.ray, once, within 72 hours");
	assert_int_equal(sscanf(out, "%39s", code), 1);
	assert_int_equal(strlen(code), 29);
	assert_says("list --json", 0, "\"login\": \"ada.ray\"");
	assert_null(strstr(out, code));
	assert_says("list", 0, "no password");
}

static void a_login_is_one_persons_in_any_case_of_letters(void **state)
{
	(void)state;
	assert_says("add Ada.Ray --name Other", 1, "somebody has the login ada.ray already");
}

static void bad_input_is_one_clear_error(void **state)
{
	(void)state;
	assert_says("", 64, "want add, list, role");
	assert_says("add", 64, "want a login");
	assert_says("add a/b --name X", 64, "want a login");
	assert_says("add bob", 64, "want --name");
	assert_says("add bob --name Bob --role king", 64, "no role king; there are coordinator");
	assert_says("add bob --name Bob --role teacher", 64, "want --school");
	assert_says("add bob --name Bob --role teacher --school Nowhere", 1, "no school has");
	assert_says("add bob --name Bob --role auditor --school X", 64, "role of the district");
	assert_says("add bob --name Bob --staff 4711", 1, "not exactly one staff");
	assert_says("role bob auditor", 1, "nobody has the login bob");
	assert_says("role ada.ray auditor --until June", 64, "want a date");
	assert_says("role ada.ray", 64, "want role LOGIN ROLE");
	assert_says("reset bob", 1, "nobody has the login bob");
	/* None of it made anybody. */
	assert_says("list --json", 0, "ada.ray");
	assert_null(strstr(out, "bob"));
}

static void the_last_administrator_stays(void **state)
{
	(void)state;
	assert_says("role ada.ray administrator --remove", 1, "the last administrator stays");
	assert_says("disable ada.ray", 1, "the last administrator stays");
	assert_says("add bea --name Bea --role administrator", 0, "bea");
	assert_says("disable ada.ray", 0, "may not sign in any more");
	assert_says("disable bea", 1, "the last administrator stays");
	assert_says("reset ada.ray", 1, "is disabled");
	assert_says("enable ada.ray", 0, "may sign in again");
	assert_says("role bea administrator --remove", 0, "is no longer administrator");
	assert_says("role bea administrator --remove", 1, "does not have that role");
}

static void nobody_grants_what_is_not_theirs(void **state)
{
	(void)state;
	assert_says("add cal --name Cal --role data_clerk", 0, "cal");
	assert_says("role bea auditor --by cal", 1, "not theirs to grant");
	assert_says("role ada.ray auditor --by ada.ray", 1, "not theirs to grant");
	assert_says("role bea auditor --by nobody", 1, "nobody has the login nobody");
	assert_says("role bea auditor --by ada.ray --reason audit", 0, "is now auditor");
	assert_says("role bea auditor --by ada.ray", 1, "already");
}

static void a_role_ends_on_its_day(void **state)
{
	(void)state;
	assert_says("role cal auditor --until 2090-06-30", 0, "is now auditor");
	assert_says("list", 0, "2090-06-30");
	assert_says("role cal cte_director --until 2020-01-01", 1, "nothing was changed");
}

static void a_reset_gives_another_code(void **state)
{
	char first[40], second[40];

	(void)state;
	assert_says("reset cal", 0, "for cal, once, within 72 hours");
	assert_int_equal(sscanf(out, "%39s", first), 1);
	assert_says("reset cal", 0, "for cal, once, within 72 hours");
	assert_int_equal(sscanf(out, "%39s", second), 1);
	assert_string_not_equal(first, second);
}

static int begin(void **state)
{
	*state = (void *)"test_users";
	return live_server_begin(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_person_is_made_with_a_code_shown_once),
		cmocka_unit_test(a_login_is_one_persons_in_any_case_of_letters),
		cmocka_unit_test(bad_input_is_one_clear_error),
		cmocka_unit_test(the_last_administrator_stays),
		cmocka_unit_test(nobody_grants_what_is_not_theirs),
		cmocka_unit_test(a_role_ends_on_its_day),
		cmocka_unit_test(a_reset_gives_another_code),
	};

	return cmocka_run_group_tests(tests, begin, live_server_end);
}
