#include "server/db/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/pg.h"

static const struct db_script first = { "0001_item", "CREATE TABLE item (n bigint);" };
static const struct db_script second = { "0002_more",
	"ALTER TABLE item ADD m bigint; CREATE INDEX ON item (m);" };
static const struct db_script broken = { "0002_more",
	"ALTER TABLE item ADD m bigint; ALTER TABLE nothing ADD m bigint;" };
static const struct db_script end;

static const char *conninfo;
static char problem[300];
static char *said;

static int setup(void **state)
{
	(void)state;
	conninfo = pg_database("test_db_migrate");
	return 0;
}

static enum prac_status migrate(const struct db_script *scripts, bool is_plan)
{
	struct db_migrate ask = { .conninfo = conninfo, .scripts = scripts, .is_plan = is_plan };
	enum prac_status status;
	size_t len;

	free(said);
	ask.out = open_memstream(&said, &len);
	assert_non_null(ask.out);
	status = db_migrate(&ask, problem, sizeof(problem));
	assert_int_equal(fclose(ask.out), 0);
	return status;
}

static void applies_each_file_once(void **state)
{
	const struct db_script one[] = { first, end };
	const struct db_script two[] = { first, second, end };

	(void)state;
	assert_int_equal(migrate(one, false), PRAC_OK);
	assert_string_equal(said, "apply 0001_item\n");
	assert_int_equal(migrate(two, false), PRAC_OK);
	assert_string_equal(said, "apply 0002_more\n");
	assert_int_equal(migrate(two, false), PRAC_OK);
	assert_string_equal(said, "schema is at 0002, nothing to do\n");
	assert_int_equal(pg_int("SELECT count(*) FROM schema_migration"), 2);
}

static void a_plan_changes_nothing(void **state)
{
	const struct db_script one[] = { first, end };

	(void)state;
	assert_int_equal(migrate(one, true), PRAC_OK);
	assert_string_equal(said, "would apply 0001_item\n");
	assert_int_equal(pg_int("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 0);
}

static void an_edited_file_is_refused(void **state)
{
	const struct db_script one[] = { first, end };
	const struct db_script edited[] = { { "0001_item", "CREATE TABLE item (n text);" }, end };

	(void)state;
	assert_int_equal(migrate(one, false), PRAC_OK);
	assert_int_equal(migrate(edited, false), PRAC_FAILED_PRECONDITION);
	assert_string_equal(problem, "migration 0001_item was changed after it had been applied; "
				     "restore the file and put the change into a new one");
}

static void a_newer_database_is_refused(void **state)
{
	const struct db_script one[] = { first, end };
	const struct db_script two[] = { first, second, end };

	(void)state;
	assert_int_equal(migrate(two, false), PRAC_OK);
	assert_int_equal(migrate(one, false), PRAC_FAILED_PRECONDITION);
	assert_string_equal(problem, "the database has migration 0002_more, which is newer than "
				     "this program; install the newer practicumd");
}

static void a_file_that_fails_leaves_nothing_of_itself(void **state)
{
	const struct db_script bad[] = { first, broken, end };

	(void)state;
	assert_int_equal(migrate(bad, false), PRAC_INTERNAL);
	assert_int_equal(strncmp(problem, "0002_more: ", 11), 0);
	assert_int_equal(pg_int("SELECT count(*) FROM schema_migration"), 1);
	assert_int_equal(pg_int("SELECT count(*) FROM information_schema.columns "
				"WHERE table_name = 'item'"),
		1);
}

static void a_gap_in_the_numbers_is_refused(void **state)
{
	const struct db_script gap[] = { first, { "0003_far", "" }, end };

	(void)state;
	assert_int_equal(migrate(gap, false), PRAC_INVALID_ARGUMENT);
	assert_string_equal(problem, "migration 0003_far: the next number is 0002");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(applies_each_file_once, setup),
		cmocka_unit_test_setup(a_plan_changes_nothing, setup),
		cmocka_unit_test_setup(an_edited_file_is_refused, setup),
		cmocka_unit_test_setup(a_newer_database_is_refused, setup),
		cmocka_unit_test_setup(a_file_that_fails_leaves_nothing_of_itself, setup),
		cmocka_unit_test_setup(a_gap_in_the_numbers_is_refused, setup),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(said);
	return failed;
}
