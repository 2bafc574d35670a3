/* What the database itself lets its roles see and do (sql/migrations/0033_rights.sql). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/macros.h"
#include "server/db/migrate.h"
#include "sql/migrations.h"
#include "tests/support/pg.h"

#define SCHOOL(n)  "00000000-0000-0000-0000-0000000000a" #n
#define ANY_SCHOOL "00000000-0000-0000-0000-0000000000a%d"
#define HEAD       "UPDATE sync_head SET xact = pg_current_xact_id();"

enum {
	STUDENTS = 2000, /* of each school */
	PAGE = 500,
	PAGES = 25,
	ROUNDS = 8
};

static char pass[2][600];

/* Two schools, a device each; student 1 of the second also attends the first. */
static int begin(void **state)
{
	struct db_migrate ask = {
		.conninfo = pg_database("test_db_rights"), .scripts = sql_migrations, .out = stderr
	};
	char problem[300];

	(void)state;
	assert_int_equal(db_migrate(&ask, problem, sizeof(problem)), 0);
	pg_exec("BEGIN;" HEAD
		"INSERT INTO student (id, scope, seq, group_seq, deleted, state, school_id, "
		"identifier, given_name, family_name)\n"
		"SELECT format('00000000-0000-0000-000%%s-%%s', s, lpad(n::text, 12, '0'))::uuid,\n"
		"  format('00000000-0000-0000-0000-0000000000a%%s', s)::uuid, n, '{}', false, 'active',\n"
		"  format('00000000-0000-0000-0000-0000000000a%%s', s)::uuid, s || '-' || n, 'Ann', 'Lee'\n"
		"  FROM generate_series(1, 2) s, generate_series(1, %d) n;\n"
		"INSERT INTO feed SELECT scope, 3, id, seq, 0 FROM student;\n"
		"INSERT INTO feed SELECT '" SCHOOL(
			1) "', 3, id, seq, 0 FROM student\n"
			   " WHERE scope = '" SCHOOL(2) "' AND seq = 1;\n"
							"COMMIT; ANALYZE student; ANALYZE feed",
		STUDENTS);
	for (int i = 0; i < 2; i++) {
		pg_exec("INSERT INTO device (id, label, person, district, spki, not_after)\n"
			"VALUES ('" ANY_SCHOOL "', 'x', 'y', false, '\\x0%d', now());\n"
			"INSERT INTO device_scope (device_id, scope) VALUES ('" ANY_SCHOOL
			"', '" ANY_SCHOOL "')",
			i + 1, i + 1, i + 1, i + 1);
		(void)snprintf(pass[i], sizeof(pass[i]), "%s",
			pg_text("SELECT read_pass('\\x0%d')", i + 1));
	}
	return 0;
}

/* The number that the query yields to a role, behind what stands in front of it. */
static int64_t as_role(const char *role, const char *before, const char *query)
{
	int64_t number = pg_int("BEGIN; SET LOCAL ROLE practicum_%s; %s; %s", role, before, query);

	pg_exec("ROLLBACK");
	return number;
}

static int64_t seen(const char *before)
{
	return as_role("reader", before, "SELECT count(*) FROM student");
}

static const char *entering(const char *with)
{
	static char text[700];

	(void)snprintf(text, sizeof(text), "SELECT read_enter('%s')", with);
	return text;
}

/* Whether the statement is refused, whatever the reason. */
static bool refused(const char *role, const char *statement)
{
	int64_t is_refused;

	pg_exec("CREATE OR REPLACE FUNCTION refused(statement text) RETURNS bigint LANGUAGE plpgsql AS $$\n"
		"BEGIN EXECUTE statement; RETURN 0;\n"
		"EXCEPTION WHEN insufficient_privilege OR raise_exception OR cannot_connect_now OR "
		"invalid_authorization_specification THEN RETURN 1; END $$;\n"
		"GRANT EXECUTE ON FUNCTION refused(text) TO PUBLIC");
	is_refused = pg_int("BEGIN; " HEAD " SET LOCAL ROLE practicum_%s; SELECT refused($s$%s$s$)",
		role, statement);
	pg_exec("ROLLBACK");
	return is_refused == 1;
}

static void without_a_context_there_are_no_rows(void **state)
{
	(void)state;
	assert_int_equal(seen("SELECT 1"), 0);
	assert_int_equal(as_role("reader", "SELECT 1", "SELECT count(*) FROM feed"), 0);
	assert_int_equal(as_role("reader", "SELECT 1", "SELECT count(*) FROM student_history"), 0);
}

static void a_device_reads_its_scopes_and_what_the_feed_shows_it(void **state)
{
	(void)state;
	assert_int_equal(seen(entering(pass[0])), STUDENTS + 1);
	assert_int_equal(seen(entering(pass[1])), STUDENTS);
	assert_int_equal(
		as_role("reader", entering(pass[0]), "SELECT count(*) FROM student_history"),
		STUDENTS + 1);
}

static void a_row_that_was_shown_is_hidden_when_it_left(void **state)
{
	(void)state;
	pg_exec("BEGIN;" HEAD "UPDATE feed SET gone = 2 WHERE scope = '" SCHOOL(
		1) "' AND record_id IN\n"
		   "(SELECT id FROM student WHERE scope = '" SCHOOL(2) "'); COMMIT");
	assert_int_equal(seen(entering(pass[0])), STUDENTS);
	pg_exec("BEGIN;" HEAD "UPDATE feed SET gone = 0; COMMIT");
}

/* A record of another type with the id of a hidden one, which a station may well make. */
static void another_records_feed_row_opens_nothing(void **state)
{
	(void)state;
	pg_exec("BEGIN;" HEAD "INSERT INTO feed VALUES ('" SCHOOL(
		1) "', 9, "
		   "'00000000-0000-0000-0002-000000000002', 1, 0); COMMIT");
	assert_int_equal(seen(entering(pass[0])), STUDENTS + 1);
}

static void a_forged_context_shows_no_rows(void **state)
{
	(void)state;
	assert_int_equal(
		seen("SELECT set_config('practicum.context', '{" SCHOOL(2) "}', true)"), 0);
	assert_int_equal(
		seen("SELECT set_config('practicum.context', '{" SCHOOL(2) "}#00', true)"), 0);
	assert_true(refused("reader", "SELECT read_enter('{" SCHOOL(2) "};2026-11-22#00')"));
	assert_true(refused("reader", "SELECT read_enter('')"));
}

static void a_copied_context_shows_no_rows(void **state)
{
	char context[900], copy[1000];

	(void)state;
	(void)snprintf(context, sizeof(context), "%s",
		pg_text("BEGIN; SET LOCAL ROLE practicum_reader; %s; SELECT current_setting('practicum.context')",
			entering(pass[1])));
	pg_exec("ROLLBACK");
	(void)snprintf(
		copy, sizeof(copy), "SELECT set_config('practicum.context', '%s', true)", context);
	assert_int_equal(seen(copy), 0); /* another transaction */
	pg_exec("SELECT pg_sleep(0)");
	assert_int_equal(seen("SELECT 1"), 0); /* and none stays behind */
}

static void nobody_but_the_desk_gets_a_pass_and_nobody_the_key(void **state)
{
	(void)state;
	assert_true(refused("reader", "SELECT read_pass('\\x02')"));
	assert_true(refused("writer", "SELECT read_pass('\\x02')"));
	assert_false(refused("auth", "SELECT read_pass('\\x02')"));
	assert_true(refused("reader", "SELECT read_mac('pass|')"));
	assert_true(refused("auth", "SELECT * FROM read_key"));
	assert_true(refused("writer", "SELECT * FROM read_key"));
}

static void a_revoked_device_gets_no_pass(void **state)
{
	(void)state;
	pg_exec("UPDATE device SET revoked = now() WHERE spki = '\\x02'");
	assert_string_equal(pg_text("SELECT read_pass('\\x02')"), "");
	pg_exec("UPDATE device SET revoked = NULL");
}

static const struct {
	const char *role, *statement;
	bool is_refused;
} works[] = {
	{ "writer", "UPDATE student SET given_name = 'Bea'", false },
	{ "writer", "DELETE FROM student", true },
	{ "writer", "TRUNCATE feed", true },
	{ "writer", "SELECT * FROM user_session", true },
	{ "writer", "SELECT * FROM user_password", true },
	{ "writer", "INSERT INTO membership (user_id, role, scope) VALUES (NULL, 9, NULL)", true },
	{ "reader", "INSERT INTO feed SELECT * FROM feed", true },
	{ "reader", "SELECT * FROM mutation", true },
	{ "reader", "SELECT * FROM app_user", true },
	{ "reader", "SELECT * FROM device", true },
	{ "report", "SELECT * FROM student_history", false },
	{ "report", "UPDATE student SET given_name = 'Bea'", true },
	{ "report", "SELECT * FROM mutation", true },
	{ "auth", "UPDATE device SET last_seen = now()", false },
	{ "auth", "UPDATE student SET given_name = 'Bea'", true },
	{ "auth", "SELECT payload FROM mutation", true },
	{ "auth", "INSERT INTO audit_event SELECT * FROM audit_event", true },
	{ "auth", "DELETE FROM audit_event", true },
	{ "auth", "UPDATE audit_head SET number = 0", true },
};

static void each_role_does_its_work_and_no_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(works); i++) {
		bool is_right = refused(works[i].role, works[i].statement) == works[i].is_refused;

		assert_string_equal(is_right ? "" : works[i].statement, "");
	}
	assert_int_equal(as_role("auth", "SELECT 1", "SELECT count(*) FROM feed"), 0);
}

/* As the sequencer: a standby was promoted, and an operator must say what was lost. */
static void nothing_is_written_on_a_timeline_that_nobody_decided_on(void **state)
{
	(void)state;
	assert_string_equal(
		pg_text("SELECT coalesce(string_agg(c.relname, ' '), '') FROM pg_class c "
			"WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') "
			"AND has_table_privilege('practicum_auth', c.oid, "
			"'INSERT, UPDATE, DELETE') "
			"AND c.relname NOT IN ('sync_head', 'sync_epoch') "
			"AND NOT EXISTS (SELECT FROM pg_trigger g "
			"WHERE g.tgrelid = c.oid AND g.tgname = 'decided')"),
		"");
	assert_false(refused("auth", "UPDATE device SET last_seen = now()"));
	pg_exec("UPDATE sync_head SET timeline = 2");
	assert_true(refused("auth", "UPDATE device SET last_seen = now()"));
	assert_true(refused("auth", "DELETE FROM import_part"));
	assert_true(refused("auth", "SELECT audit_event('export', 'done', NULL, NULL, NULL, NULL, "
				    "NULL, 'x')"));
	pg_exec("UPDATE sync_head SET timeline = NULL");
	assert_false(refused("auth", "UPDATE device SET last_seen = now()"));
}

static void assert_refused_to_all_who_serve(const char *statement)
{
	static const char *const roles[] = { "writer", "reader", "report", "auth" };

	for (size_t i = 0; i < PRAC_NELEM(roles); i++) {
		assert_string_equal(refused(roles[i], statement) ? "" : statement, "");
	}
}

/* What would make the guards of the tables worth nothing. */
static void nobody_who_serves_may_change_a_table_or_switch_off_its_guards(void **state)
{
	static const char *const tables[] = { "time_sheet", "time_entry", "feed", "mutation",
		"membership", "audit_event", "read_key" };
	static const char *const statements[][2] = { { "ALTER TABLE", "ADD COLUMN more integer" },
		{ "ALTER TABLE", "DISABLE TRIGGER ALL" },
		{ "ALTER TABLE", "DISABLE ROW LEVEL SECURITY" }, { "DROP TABLE", "" },
		{ "TRUNCATE", "" }, { "CREATE POLICY more ON", "USING (true)" } };
	char statement[100];

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(tables) * PRAC_NELEM(statements); i++) {
		const char *const *words = statements[i / PRAC_NELEM(tables)];

		(void)snprintf(statement, sizeof(statement), "%s %s %s", words[0],
			tables[i % PRAC_NELEM(tables)], words[1]);
		assert_refused_to_all_who_serve(statement);
	}
}

static void approved_hours_are_refused_for_every_role(void **state)
{
	static const char *const roles[] = { "writer", "auth", "report", "reader" };

	(void)state;
	pg_exec("BEGIN;" HEAD "INSERT INTO time_sheet (id, scope, seq, group_seq, deleted, state, "
		"placement_id, student_id, school_id, week_start) SELECT id, scope, 1, '{}', false, "
		"'approved', id, id, scope, '2026-09-13' FROM student WHERE seq = 1; COMMIT");
	for (size_t i = 0; i < PRAC_NELEM(roles); i++) {
		assert_true(refused(roles[i], "UPDATE time_sheet SET note = 'x'"));
		assert_true(refused(roles[i], "DELETE FROM time_sheet"));
	}
	/* And for who owns the table. */
	assert_int_equal(
		pg_int("BEGIN;" HEAD "SELECT refused('UPDATE time_sheet SET note = ''x''')"), 1);
	pg_exec("ROLLBACK");
}

/* Time on the processor that the backend of this test has had, ms: others on the machine do not count. */
static double spent_ms(int64_t backend)
{
	char path[64], line[100];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)backend);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	(void)fclose(file);
	return (double)strtoull(line, NULL, 10) / 1e6;
}

/* Of a page as the server reads it. */
static double page_ms(int64_t backend, const char *before)
{
	double begin_ms = spent_ms(backend);

	for (int i = 0; i < PAGES; i++) {
		pg_exec("BEGIN READ ONLY; %s; EXECUTE page; COMMIT", before);
	}
	return (spent_ms(backend) - begin_ms) / PAGES;
}

static void a_page_through_the_policies_costs_at_most_a_third_more(void **state)
{
	int64_t backend = pg_int("SELECT pg_backend_pid()");
	double with = 1e9, without = 1e9;

	(void)state;
	pg_exec("PREPARE page AS SELECT p.*, CASE WHEN p.gone = 0 THEN (SELECT record_send(r)\n"
		"  FROM student r WHERE r.id = p.record_id) END FROM (\n"
		"  SELECT * FROM feed WHERE scope = '" SCHOOL(
			2) "' AND seq > 0\n"
			   "  ORDER BY seq, record_type, record_id LIMIT %d) AS p;\n"
			   "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off",
		PAGE);
	for (int round = 0; round < ROUNDS; round++) {
		double one = page_ms(backend, "SELECT 1");
		double other;

		pg_exec("SET ROLE practicum_reader");
		other = page_ms(backend, entering(pass[1]));
		pg_exec("RESET ROLE");
		without = one < without ? one : without;
		with = other < with ? other : with;
	}
	print_message("# a page of %d: %.2f ms, through the policies %.2f ms, ratio %.2f\n", PAGE,
		without, with, with / without);
	assert_true(with < 1.3 * without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_context_there_are_no_rows),
		cmocka_unit_test(a_device_reads_its_scopes_and_what_the_feed_shows_it),
		cmocka_unit_test(a_row_that_was_shown_is_hidden_when_it_left),
		cmocka_unit_test(another_records_feed_row_opens_nothing),
		cmocka_unit_test(a_forged_context_shows_no_rows),
		cmocka_unit_test(a_copied_context_shows_no_rows),
		cmocka_unit_test(nobody_but_the_desk_gets_a_pass_and_nobody_the_key),
		cmocka_unit_test(a_revoked_device_gets_no_pass),
		cmocka_unit_test(each_role_does_its_work_and_no_other),
		cmocka_unit_test(nothing_is_written_on_a_timeline_that_nobody_decided_on),
		cmocka_unit_test(nobody_who_serves_may_change_a_table_or_switch_off_its_guards),
		cmocka_unit_test(approved_hours_are_refused_for_every_role),
		cmocka_unit_test(a_page_through_the_policies_costs_at_most_a_third_more),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
