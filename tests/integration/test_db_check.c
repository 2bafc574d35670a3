#include "server/db/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <uv.h>

#include <cmocka.h>

#include "tests/support/pg.h"

static struct {
	const char *conninfo;
	uv_loop_t loop;
	struct db_link *link;
	bool is_done;
	enum prac_status status;
	struct db_checked checked;
} t;

static int setup(void **state)
{
	struct db_config config = {
		.loop = &t.loop, .env = &prac_env_system, .purpose = DB_WRITER
	};

	(void)state;
	config.conninfo = pg_database("test_db_check");
	uv_loop_init(&t.loop);
	t.link = db_link_new(&config);
	pg_exec("CREATE TABLE schema_migration (number integer); INSERT INTO schema_migration "
		"VALUES (1), (2); CREATE TABLE sync_head (shard integer, epoch bigint, head bigint, "
		"system_id bigint, timeline integer); INSERT INTO sync_head VALUES (0, 77, 5)");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	db_link_close(t.link, NULL, NULL);
	uv_run(&t.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&t.loop);
}

static void on_done(void *ctx, enum prac_status status, const struct db_checked *checked)
{
	(void)ctx;
	t.is_done = true;
	t.status = status;
	t.checked = *checked;
}

static enum prac_status check(unsigned schema, bool allow_unsafe)
{
	struct db_check ask = { .schema = schema, .allow_unsafe = allow_unsafe };

	t.is_done = false;
	db_check_start(t.link, &ask, on_done, NULL);
	pg_run_until(&t.loop, &t.is_done);
	return t.status;
}

static void an_unused_database_is_claimed_for_its_cluster(void **state)
{
	(void)state;
	assert_int_equal(check(2, true), PRAC_OK);
	assert_int_equal(t.checked.epoch, 77);
	assert_int_equal(t.checked.head, 5);
	assert_int_equal(pg_int("SELECT count(*) FROM sync_head, pg_control_system() c "
				"WHERE system_id = c.system_identifier AND timeline = 1"),
		1);
	assert_int_equal(check(2, true), PRAC_OK);
}

static void settings_that_lose_work_are_refused(void **state)
{
	(void)state;
	assert_int_equal(check(2, false), PRAC_FAILED_PRECONDITION);
	assert_string_equal(t.checked.problem,
		"PostgreSQL runs with fsync = off and loses acknowledged work at a power cut: set "
		"fsync = on in postgresql.conf and restart PostgreSQL");
}

static void another_cluster_or_timeline_is_refused(void **state)
{
	(void)state;
	assert_int_equal(check(2, true), PRAC_OK);
	pg_exec("UPDATE sync_head SET timeline = 2");
	assert_int_equal(check(2, true), PRAC_FAILED_PRECONDITION);
	assert_string_equal(t.checked.problem,
		"this database was restored or failed over: if nothing that was acknowledged is lost "
		"run practicumd epoch no-loss, else practicumd epoch new");
	pg_exec("UPDATE sync_head SET timeline = 1, system_id = system_id + 1");
	assert_int_equal(check(2, true), PRAC_FAILED_PRECONDITION);
}

static void the_schema_must_be_this_programs(void **state)
{
	(void)state;
	assert_int_equal(check(3, true), PRAC_FAILED_PRECONDITION);
	assert_string_equal(t.checked.problem,
		"the database is at migration 2, this program needs 3: run practicumd migrate");
	assert_int_equal(check(1, true), PRAC_FAILED_PRECONDITION);
	pg_exec("DROP TABLE schema_migration");
	assert_int_equal(check(1, true), PRAC_FAILED_PRECONDITION);
	assert_string_equal(
		t.checked.problem, "the database has no schema: run practicumd migrate");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_unused_database_is_claimed_for_its_cluster, setup, teardown),
		cmocka_unit_test_setup_teardown(
			settings_that_lose_work_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			another_cluster_or_timeline_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(the_schema_must_be_this_programs, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
