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

/* As 0033_rights.sql makes them. */
static const char roles[] =
	"DO $$ DECLARE r text; BEGIN FOREACH r IN ARRAY ARRAY['writer', 'reader', 'report', 'auth'] "
	"LOOP BEGIN EXECUTE 'CREATE ROLE practicum_' || r; EXCEPTION WHEN duplicate_object OR "
	"unique_violation THEN NULL; END; END LOOP; END $$";

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
		"system_id bigint, timeline integer); INSERT INTO sync_head VALUES (0, 77, 5); "
		"CREATE TABLE thing (scope uuid, group_seq bigint[]); "
		"ALTER TABLE thing ENABLE ROW LEVEL SECURITY; "
		"CREATE POLICY reader ON thing USING (false)");
	pg_exec("%s", roles);
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

static int64_t clock_off_ms;

static int64_t wall_ms(void *ctx)
{
	return prac_env_system.wall_ms(ctx) + clock_off_ms;
}

static enum prac_status check(unsigned schema, bool allow_unsafe)
{
	struct prac_env env = prac_env_system;
	struct db_check ask = { .schema = schema, .allow_unsafe = allow_unsafe, .env = &env };

	env.wall_ms = wall_ms;

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

static void a_clock_that_is_off_is_refused(void **state)
{
	(void)state;
	clock_off_ms = -301000;
	assert_int_equal(check(2, true), PRAC_FAILED_PRECONDITION);
	assert_non_null(
		strstr(t.checked.problem, " s apart: set both by NTP (timedatectl set-ntp true)"));
	clock_off_ms = 290000;
	assert_int_equal(check(2, true), PRAC_OK);
	clock_off_ms = 0;
}

static void a_table_that_hides_nothing_is_refused(void **state)
{
	static const char *const mistakes[][2] = {
		{ "ALTER TABLE thing DISABLE ROW LEVEL SECURITY",
			"ALTER TABLE thing ENABLE ROW LEVEL SECURITY" },
		{ "CREATE POLICY more ON thing USING (true)", "DROP POLICY more ON thing" },
		{ "GRANT UPDATE ON thing TO practicum_report",
			"REVOKE UPDATE ON thing FROM practicum_report" },
		{ "GRANT DELETE ON thing TO practicum_writer",
			"REVOKE DELETE ON thing FROM practicum_writer" },
		{ "DROP POLICY reader ON thing", "CREATE POLICY reader ON thing USING (false)" },
	};

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(mistakes); i++) {
		pg_exec("%s", mistakes[i][0]);
		assert_int_equal(check(2, true), PRAC_FAILED_PRECONDITION);
		assert_string_equal(t.checked.problem,
			"the table thing is open to roles that must not see or change all of it: "
			"call secure_record_table() for it in a migration");
		pg_exec("%s", mistakes[i][1]);
		assert_int_equal(check(2, true), PRAC_OK);
	}
}

static void a_role_that_may_do_too_much_is_refused(void **state)
{
	(void)state;
	/* As whom the tests sign in: a superuser. fsync is off here, too, and is told first. */
	assert_int_equal(check(2, false), PRAC_FAILED_PRECONDITION);
	pg_exec("ALTER TABLE sync_head OWNER TO practicum_reader");
	assert_int_equal(check(2, true), PRAC_FAILED_PRECONDITION);
	assert_string_equal(t.checked.problem,
		"the database role practicum_reader may do too much (superuser, BYPASSRLS, CREATEROLE, "
		"CREATEDB or owner of tables): let an administrator run what practicumd setup "
		"--print-sql prints");
	/* Nor one that may become the owner. */
	pg_exec("ALTER TABLE sync_head OWNER TO practicum_writer; GRANT practicum_writer TO "
		"practicum_report");
	assert_int_equal(check(2, true), PRAC_FAILED_PRECONDITION);
	assert_non_null(strstr(t.checked.problem, "the database role practicum_report may do too"));
	pg_exec("REVOKE practicum_writer FROM practicum_report; ALTER TABLE sync_head OWNER TO "
		"practicum");
	assert_int_equal(check(2, true), PRAC_OK);
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
		cmocka_unit_test_setup_teardown(a_clock_that_is_off_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_table_that_hides_nothing_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_role_that_may_do_too_much_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
