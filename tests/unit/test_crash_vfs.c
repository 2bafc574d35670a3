/* The simulator's disk must lose what a real power cut may lose, or it proves nothing. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <string.h>

#include "tests/sim/crash_vfs.h"

static sqlite3 *open_with(const char *vfs, const char *synchronous)
{
	sqlite3 *db = NULL;
	char pragma[64] = "PRAGMA synchronous=";

	strncat(pragma, synchronous, sizeof(pragma) - strlen(pragma) - 1);
	assert_int_equal(
		sqlite3_open_v2("t.db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, pragma, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "CREATE TABLE IF NOT EXISTS t (x)", NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static int count_rows(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	int n;

	assert_int_equal(
		sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

/* Commits until the cut; returns how many commits were acknowledged, and in *left_out how many rows
 * a reboot with power loss finds. */
static int acknowledged(const char *synchronous, uint64_t seed, int *left_out)
{
	struct crash_disk *disk = crash_disk_new("crash", seed);
	sqlite3 *db = open_with("crash", synchronous);
	int n = 0;

	crash_disk_cut_at(disk, 40 + seed % 97);
	while (sqlite3_exec(db, "INSERT INTO t VALUES (randomblob(700))", NULL, NULL, NULL) ==
		SQLITE_OK)
		n++;
	sqlite3_close(db);
	crash_disk_reboot(disk, true);
	db = open_with("crash", synchronous);
	*left_out = count_rows(db);
	sqlite3_close(db);
	crash_disk_free(disk);
	return n;
}

static void full_keeps_every_acknowledged_commit(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		int left, n = acknowledged("FULL", seed, &left);

		assert_true(left == n || left == n + 1);
	}
}

static void normal_loses_acknowledged_commits(void **state)
{
	int lost = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		int left, n = acknowledged("NORMAL", seed, &left);

		lost += left < n;
	}
	assert_true(lost > 25);
}

static void a_kill_without_power_loss_loses_nothing(void **state)
{
	struct crash_disk *disk = crash_disk_new("crash", 7);
	sqlite3 *db = open_with("crash", "NORMAL");
	int n = 0;

	(void)state;
	crash_disk_cut_at(disk, 60);
	while (sqlite3_exec(db, "INSERT INTO t VALUES (1)", NULL, NULL, NULL) == SQLITE_OK)
		n++;
	sqlite3_close(db);
	crash_disk_reboot(disk, false);
	db = open_with("crash", "NORMAL");
	assert_true(count_rows(db) >= n);
	sqlite3_close(db);
	crash_disk_free(disk);
}

static void a_full_disk_answers_full_and_keeps_what_was_committed(void **state)
{
	struct crash_disk *disk = crash_disk_new("crash", 7);
	sqlite3 *db = open_with("crash", "FULL");
	int n = 0, result;

	(void)state;
	crash_disk_limit(disk, 204800);
	while ((result = sqlite3_exec(db, "INSERT INTO t VALUES (randomblob(3000))", NULL, NULL,
			NULL)) == SQLITE_OK)
		n++;
	assert_int_equal(result, SQLITE_FULL);
	assert_true(n > 10);
	assert_int_equal(count_rows(db), n);
	sqlite3_close(db);
	crash_disk_free(disk);
}

static void a_copied_disk_is_a_second_machine(void **state)
{
	struct crash_disk *a = crash_disk_new("a", 1), *b = crash_disk_new("b", 2);
	sqlite3 *db = open_with("a", "FULL");

	(void)state;
	assert_int_equal(
		sqlite3_exec(db, "INSERT INTO t VALUES ('canary')", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	crash_disk_copy(b, a);
	db = open_with("b", "FULL");
	assert_int_equal(count_rows(db), 1);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM t", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_true(crash_disk_contains(a, "canary", 6));
	db = open_with("a", "FULL");
	assert_int_equal(count_rows(db), 1);
	sqlite3_close(db);
	crash_disk_free(a);
	crash_disk_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_keeps_every_acknowledged_commit),
		cmocka_unit_test(normal_loses_acknowledged_commits),
		cmocka_unit_test(a_kill_without_power_loss_loses_nothing),
		cmocka_unit_test(a_full_disk_answers_full_and_keeps_what_was_committed),
		cmocka_unit_test(a_copied_disk_is_a_second_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
