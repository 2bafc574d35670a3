/* practicumd audit against a real database: whatever is changed behind its back is named. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "common/rules/rights.h"
#include "server/sync/chain.h"
#include "sql/queries.h"
#include "tests/support/daemon.h"
#include "tests/support/pg.h"

#define STUDENT "00000000-0000-0000-0000-00000000a001"

static struct daemon server;
static char out[64 * 1024];

static int begin(void **state)
{
	(void)state;
	daemon_init(&server, pg_database("test_audit"));
	return 0;
}

static int end(void **state)
{
	(void)state;
	daemon_deinit(&server);
	return 0;
}

static int run(const char *arguments)
{
	return daemon_run(&server, arguments, out, sizeof(out));
}

/* As somebody who owns the database and knows the tables. */
static void tamper(const char *sql)
{
	pg_exec("ALTER TABLE audit_event DISABLE TRIGGER final; %s; "
		"ALTER TABLE audit_event ENABLE TRIGGER final",
		sql);
}

/* More events as audit_append() makes them, up to number `last`, all in one statement. */
static void chain_events(int last)
{
	pg_exec("CREATE FUNCTION pg_temp.next(e audit_event) RETURNS audit_event LANGUAGE plpgsql AS $$\n"
		"BEGIN e.number := e.number + 1; e.detail := 'n ' || e.number;\n"
		"e.hash := sha256(e.hash || convert_to(audit_event_body(e), 'UTF8')); RETURN e; END $$;\n"
		"WITH RECURSIVE chain(e) AS (\n"
		"  (SELECT pg_temp.next(e) FROM audit_event AS e ORDER BY number DESC LIMIT 1)\n"
		"  UNION ALL SELECT pg_temp.next(e) FROM chain WHERE (e).number < %d)\n"
		"INSERT INTO audit_event SELECT (e).* FROM chain;\n"
		"UPDATE audit_head SET number = e.number, hash = e.hash FROM audit_event AS e\n"
		" WHERE chain = 'event' AND e.number = %d; DROP FUNCTION pg_temp.next",
		last, last);
}

static void an_untouched_audit_has_no_faults(void **state)
{
	(void)state;
	pg_exec("SELECT audit_event('sign_in', 'done', NULL, NULL, 'user', NULL, NULL, 'n 1')");
	chain_events(1000);
	assert_int_equal(run("audit verify"), 0);
	assert_string_equal(out, "event: 1000 links, 0 faults\nmutation: 0 links, 0 faults\n");
}

static void events_that_were_taken_away_are_named(void **state)
{
	(void)state;
	pg_exec("CREATE TABLE kept AS SELECT * FROM audit_event WHERE number IN (500, 501, 1000)");
	tamper("DELETE FROM audit_event WHERE number IN (500, 501)");
	assert_int_equal(run("audit verify"), 1);
	assert_non_null(strstr(out, "event: 500 to 501 are missing\n"));
	tamper("INSERT INTO audit_event SELECT * FROM kept WHERE number < 1000");
	tamper("DELETE FROM audit_event WHERE number = 1000");
	assert_int_equal(run("audit verify"), 1);
	assert_non_null(strstr(out, "event: 1000 to 1000 are missing at the end\n"));
	tamper("INSERT INTO audit_event SELECT * FROM kept WHERE number = 1000");
	assert_int_equal(run("audit verify"), 0);
}

static void one_changed_event_of_100000_is_named(void **state)
{
	(void)state;
	chain_events(100000);
	tamper("UPDATE audit_event SET detail = 'another' WHERE number = 61234");
	assert_int_equal(run("audit verify"), 1);
	assert_non_null(strstr(out, "event: 61234 was changed: "));
	assert_non_null(strstr(out, "event: 100000 links, 1 faults\n"));
	tamper("UPDATE audit_event SET detail = 'n 61234' WHERE number = 61234");
	assert_int_equal(run("audit verify"), 0);
	/* What comes behind need not read so many. */
	tamper("UPDATE audit_head SET number = e.number, hash = e.hash FROM audit_event e\n"
	       " WHERE chain = 'event' AND e.number = 1000;\n"
	       "DELETE FROM audit_event WHERE number > 1000");
}

/*
 * Three mutations as a batch of the sequencer, not in the order in which they are chained: two devices, and
 * of one a second incarnation that PostgreSQL takes for negative.
 */
static void write_batch(uint64_t batch)
{
	static const uint64_t incarnations[] = { 1, UINT64_MAX - 4, 1 };
	static const uint8_t devices[] = { 2, 2, 1 };
	struct store_judged judged[3] = { 0 };
	struct prac_arena arena = { 0 };
	const char *rows = "", *body = "";
	struct prac_bytes bytes;

	for (size_t i = 0; i < PRAC_NELEM(judged); i++) {
		uint64_t counter = 3 * batch + i;

		judged[i] = (struct store_judged){ .key = { .device.b = { devices[i] },
							   .incarnation = incarnations[i],
							   .counter = counter },
			.verdict = { .kind = 2, .reason = 5, .field = 70000, .seq = counter },
			.type = 116,
			.id.b = { (uint8_t)counter },
			.person.b = { 0xab },
			.hash.b = { 0xcd },
			.client_time_ms = 1790000000123 };
		rows = prac_arena_printf(&arena,
			"%s%s(rpad('%02x', 32, '0')::uuid, %" PRId64 ", %d, %d, 116,"
			"rpad('%02x', 32, '0')::uuid, rpad('ab', 32, '0')::uuid, 70000, 2, 5,"
			"'2026-09-21 14:13:20.123+00', '2026-09-21 14:13:20.456+00', '', '',"
			"decode(rpad('cd', 64, '0'), 'hex'), %d)",
			rows, i > 0 ? "," : "", devices[i], (int64_t)incarnations[i], (int)counter,
			(int)counter, (unsigned)counter, (int)batch);
	}
	bytes = chain_body(judged, PRAC_NELEM(judged), 1790000000456, &arena);
	for (size_t i = 0; i < bytes.len; i++) {
		body = prac_arena_printf(&arena, "%s%02x", body, bytes.data[i]);
	}
	pg_exec("BEGIN; UPDATE sync_head SET head = %d, xact = pg_current_xact_id();\n"
		"SELECT chain_mutations('\\x%s');\n"
		"INSERT INTO mutation (device_id, incarnation, counter, seq, record_type, record_id,\n"
		"  person, field, verdict, reason, client_time, received, text, payload, payload_hash,\n"
		"  batch) VALUES %s; COMMIT",
		(int)batch, body, rows);
	prac_arena_deinit(&arena);
}

static void a_changed_mutation_is_named_by_its_batch(void **state)
{
	(void)state;
	for (uint64_t batch = 1; batch <= 3; batch++) {
		write_batch(batch);
	}
	assert_int_equal(run("audit verify"), 0);
	assert_non_null(strstr(out, "mutation: 3 links, 0 faults\n"));
	pg_exec("BEGIN; UPDATE sync_head SET xact = pg_current_xact_id();\n"
		"UPDATE mutation SET person = gen_random_uuid() WHERE counter = 7; COMMIT");
	assert_int_equal(run("audit verify"), 1);
	assert_non_null(strstr(out, "mutation: 2 was changed: batch 2, 3 of 3 mutations\n"));
	/* The words for people and the payload may be disposed of. */
	pg_exec("BEGIN; UPDATE sync_head SET xact = pg_current_xact_id();\n"
		"UPDATE mutation SET text = 'x', payload = '\\x00' WHERE counter = 11; COMMIT");
	assert_int_equal(run("audit verify"), 1);
	assert_non_null(strstr(out, "mutation: 3 links, 1 faults\n"));
}

/* However large batches are: a page has to come back in time, and be held in memory. */
static void a_page_of_the_audit_ends_with_20000_mutations(void **state)
{
	g_auto(GStrv) parts = g_strsplit(q_audit_batches.text, "$1::bigint", -1);
	g_autofree char *from_10 = g_strjoinv("10", parts);

	(void)state;
	pg_exec("INSERT INTO mutation_chain\n"
		"SELECT 10 + n, 1000 + n, 1000, '' FROM generate_series(1, 30) AS n");
	pg_exec("CREATE TEMP TABLE page (number, body, hash, name) AS %s", from_10);
	assert_int_equal(pg_int("SELECT count(*) FROM page"), 20);
	pg_exec("ALTER TABLE mutation_chain DISABLE TRIGGER final;\n"
		"DELETE FROM mutation_chain WHERE number > 10;\n"
		"ALTER TABLE mutation_chain ENABLE TRIGGER final");
}

static void nobody_changes_the_audit_by_accident(void **state)
{
	(void)state;
	pg_exec("CREATE FUNCTION refused(statement text) RETURNS bigint LANGUAGE plpgsql AS $$\n"
		"BEGIN EXECUTE statement; RETURN 0; EXCEPTION WHEN raise_exception THEN RETURN 1; END $$");
	assert_int_equal(pg_int("SELECT refused('UPDATE audit_event SET detail = detail')"), 1);
	assert_int_equal(pg_int("SELECT refused('DELETE FROM audit_event')"), 1);
	assert_int_equal(pg_int("SELECT refused('DELETE FROM mutation_chain')"), 1);
}

/* Nor a link but the sequencer's, nor one of part of a mutation. */
static void no_mutation_is_without_its_link(void **state)
{
	(void)state;
	pg_exec("CREATE FUNCTION refused_there(statement text) RETURNS bigint LANGUAGE plpgsql AS $$\n"
		"BEGIN UPDATE sync_head SET head = head + 1, xact = pg_current_xact_id();\n"
		"RETURN refused(statement); END $$;\n"
		"CREATE FUNCTION chained(n bigint) RETURNS bigint LANGUAGE sql AS $$\n"
		"SELECT refused_there(format('SELECT chain_mutations(decode(repeat(''00'', %%s), ''hex''))',\n"
		"  n)) $$");
	assert_int_equal(
		pg_int("SELECT refused_there('INSERT INTO mutation SELECT * FROM mutation WHERE false')"),
		1);
	assert_int_equal(pg_int("SELECT chained(0)"), 1);
	assert_int_equal(pg_int("SELECT chained(131)"), 1);
	assert_int_equal(pg_int("SELECT chained(132)"), 0);
	assert_int_equal(
		pg_int("SELECT refused('SELECT chain_mutations(decode(repeat(''00'', 132), ''hex''))')"),
		1);
}

static void disclosures_and_readings_of_a_student_are_listed(void **state)
{
	(void)state;
	pg_exec("BEGIN; UPDATE sync_head SET head = 9, xact = pg_current_xact_id();\n"
		"SELECT chain_mutations(decode(repeat('00', 3 * 132), 'hex'));\n"
		"INSERT INTO disclosure (id, scope, seq, group_seq, deleted, record_type, record_id, student_id,\n"
		"  kind, what, made_on, party, purpose, basis)\n"
		"VALUES ('00000000-0000-0000-0000-0000000000f1', '00000000-0000-0000-0000-000000000002', 9, '{9}',\n"
		"  false, 3, '" STUDENT "', '" STUDENT
		"', 'export', '1 student', '2026-09-14', 'State college',\n"
		"  E'enroll\\n99  ment', 'consent');\n"
		"INSERT INTO record_access (id, scope, seq, group_seq, deleted, record_type, record_id, student_id,\n"
		"  kind, made_on)\n"
		"VALUES ('00000000-0000-0000-0000-0000000000f2', '00000000-0000-0000-0000-000000000002', 9, '{9}',\n"
		"  false, 3, '" STUDENT "', '" STUDENT "', 'shown', '2026-09-14');\n"
		"INSERT INTO mutation (device_id, incarnation, counter, record_type, record_id, person, received,\n"
		"  client_time, seq, verdict, reason, field, text, payload, payload_hash)\n"
		"SELECT '00000000-0000-0000-0000-0000000000d9', 1, n, CASE n WHEN 1 THEN 150 ELSE 151 END,\n"
		"  ('00000000-0000-0000-0000-0000000000f' || n)::uuid,\n"
		"  '00000000-0000-0000-0000-000000000000', now(), now(), 9, CASE n WHEN 3 THEN 3 ELSE 1 END, 0, 0,\n"
		"  '', '', sha256('') FROM generate_series(1, 3) n; COMMIT");
	assert_int_equal(run("audit list --student " STUDENT " --json"), 0);
	assert_non_null(
		strstr(out, "\"party\": \"State college\", \"purpose\": \"enroll\\n99  ment\""));
	assert_int_equal(run("audit list --student " STUDENT), 0);
	assert_non_null(strstr(out, "  State college  enroll 99  ment  ")); /* no line of its own */
	assert_int_equal(run("audit list --student 00000000-0000-0000-0000-00000000a003"), 0);
	assert_string_equal(out, "number  at  kind  who  device  party  purpose  detail\n");
	assert_int_equal(run("audit list --record " STUDENT), 0);
	assert_non_null(strstr(out, "  1 student, consent, 2026-09-14\n"));
	assert_non_null(strstr(out, "  shown, 2026-09-14\n"));
	/* One that the server refused is no student's, and still an event. */
	assert_int_equal(
		pg_int("SELECT count(*) FROM audit_event\n"
		       " WHERE kind = 'access' AND outcome = 'refused' AND students = '{}'"),
		1);
	assert_int_equal(run("audit list --since 2099-01-01 --json"), 0);
	assert_string_equal(out, "[]\n");
	assert_int_equal(run("audit list --who nobody --json"), 0);
	assert_string_equal(out, "[]\n");
	assert_int_equal(run("audit"), 64);
}

/* As somebody at psql does it, who calls nothing of ours. */
static void what_happens_to_people_is_an_event_whoever_does_it(void **state)
{
	static const char *const wanted[] = {
		"  user  console  -  ann  made\n",
		"  rights  console  -  ann  now auditor in the district\n",
		"  rights  console  -  ann  no longer auditor in the district\n",
		"  password  console  -  ann  new password\n",
		"  sign_in  ann  South 1  ann  signed in\n",
		"  sign_out  ann  South 1  ann  signed out\n",
		"  user  console  -  ann  disabled\n",
		"  import  -  South 1  import 000000000000000000000000000000e1  roster: 5 of 9 rows, 1 flaws\n"
	};

	(void)state;
	pg_exec("INSERT INTO device (id, label, person, district, spki, not_after)\n"
		"VALUES ('00000000-0000-0000-0000-0000000000d1', 'South 1', '', false, 'x', now());\n"
		"INSERT INTO app_user (id, login, name)\n"
		"VALUES ('00000000-0000-0000-0000-0000000000a1', 'ann', 'Ann');\n"
		"INSERT INTO membership (user_id, role, scope)\n"
		"VALUES ('00000000-0000-0000-0000-0000000000a1', 8, '00000000-0000-0000-0000-000000000001');\n"
		"INSERT INTO user_password VALUES ('00000000-0000-0000-0000-0000000000a1', 'x', 1);\n"
		"INSERT INTO user_session (token, user_id, device_id)\n"
		"VALUES ('x', '00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000d1')");
	pg_exec("UPDATE membership SET valid_until = now(), valid_from = now()");
	pg_exec("UPDATE app_user SET disabled = now()");
	pg_exec("INSERT INTO import (import_id, device_id, incarnation, person, stage, label, files, n_rows,\n"
		"  n_applied, n_flaws) VALUES ('00000000-0000-0000-0000-0000000000e1',\n"
		"  '00000000-0000-0000-0000-0000000000d1', 1, '00000000-0000-0000-0000-000000000000', 3,\n"
		"  'roster', '{}', 9, 5, 1); UPDATE import SET stage = 4");
	assert_int_equal(run("audit list --since 2026-01-01"), 0);
	assert_all_said(out, wanted, sizeof(wanted) / sizeof(*wanted));
	assert_int_equal(run("audit list --who Ann"), 0);
	assert_non_null(strstr(out, "signed in"));
	assert_null(strstr(out, "roster"));
	assert_int_equal(run("audit list --who 'South 1'"), 0);
	assert_non_null(strstr(out, "roster"));
}

static void roles_have_the_words_that_people_type(void **state)
{
	(void)state;
	for (unsigned role = 1; role < PRAC_ROLES; role++) {
		assert_string_equal(pg_text("SELECT role_word(%u)", role),
			prac_role_name((enum prac_role)role));
	}
	assert_int_equal(pg_int("SELECT (role_word(%d) IS NULL)::int", PRAC_ROLES), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_untouched_audit_has_no_faults),
		cmocka_unit_test(events_that_were_taken_away_are_named),
		cmocka_unit_test(one_changed_event_of_100000_is_named),
		cmocka_unit_test(a_changed_mutation_is_named_by_its_batch),
		cmocka_unit_test(a_page_of_the_audit_ends_with_20000_mutations),
		cmocka_unit_test(nobody_changes_the_audit_by_accident),
		cmocka_unit_test(no_mutation_is_without_its_link),
		cmocka_unit_test(disclosures_and_readings_of_a_student_are_listed),
		cmocka_unit_test(what_happens_to_people_is_an_event_whoever_does_it),
		cmocka_unit_test(roles_have_the_words_that_people_type),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
