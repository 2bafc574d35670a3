/* practicumd epoch, run under a server that serves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/live_server.h"

/* Whose numbers they are is known again, or else the next failover would pass unseen. */
static void await_claim(void)
{
	const struct timespec a_while = { .tv_nsec = 50000000L };

	for (int i = 0; i < 200 && pg_int("select (timeline is null)::int from sync_head"); i++) {
		nanosleep(&a_while, NULL);
	}
	assert_int_equal(pg_int("select timeline from sync_head"), 1);
}

static void a_new_epoch_is_told_to_servers_that_run(void **state)
{
	char out[400], heard[100];

	(void)state;
	pg_exec("listen practicum_commit");
	assert_int_equal(daemon_run(&server, "epoch new", out, sizeof(out)), 0);
	(void)snprintf(heard, sizeof(heard), "%s", pg_heard());
	pg_exec("unlisten practicum_commit");
	assert_string_equal(heard,
		pg_text("select began_after || ' ' || head || ' *' from sync_head join sync_epoch "
			"using (epoch)"));
	await_claim();
}

static void a_new_epoch_greets_everybody_again(void **state)
{
	struct raw_client *client = connect_as(&district, 1, NULL);
	char out[400];

	(void)state;
	assert_int_equal(daemon_run(&server, "epoch new", out, sizeof(out)), 0);
	pg_exec("create table other as select head lost from sync_head; " /* that backup again */
		"update sync_head set head = (select max(began_after) from sync_epoch)");
	assert_int_equal(daemon_run(&server, "epoch new", out, sizeof(out)), 0);
	assert_int_equal(pg_int("select (head > lost)::int from sync_head, other"), 1);
	assert_goaway(client, 14);
	raw_client_free(client);
	/* Whoever comes before the server knows of the second one is sent away again. */
	(void)snprintf(out, sizeof(out), "event=server.epoch epoch=%llu\n",
		(unsigned long long)pg_int("select epoch from sync_head"));
	daemon_await_log(&server, out);
	assert_serves();
	await_claim();
}

static int begin(void **state)
{
	*state = "test_server_epoch";
	return live_server_begin(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_epoch_is_told_to_servers_that_run),
		cmocka_unit_test(a_new_epoch_greets_everybody_again),
	};

	return cmocka_run_group_tests(tests, begin, live_server_end);
}
