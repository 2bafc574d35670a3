/* What the store seals in PostgreSQL, and what it does when that does not open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "server/db/reseal.h"
#include "server/sync/payload.h"
#include "sql/queries.h"
#include "tests/support/pg.h"
#include "tests/support/pg_store.h"
#include "tests/support/records_key.h"

enum {
	SCHOOL = 1,
	STUDENT = 10,
	FIRST = 20,
	SECOND = 21
};

#define HEAD "UPDATE sync_head SET xact = pg_current_xact_id(); "

static struct pg_store t;

static int setup(void **state)
{
	(void)state;
	pg_store_open(&t, "test_store_sealed");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pg_store_close(&t);
	return 0;
}

static struct prac_record *incident(
	uint32_t id, uint64_t seq, const char *state, const char *actions)
{
	return pg_record(&t, &prac_type_incident, pg_id(id), seq, "state", state, "student_id",
		pg_id_text(&t, STUDENT), "school_id", pg_id_text(&t, SCHOOL), "happened_on",
		"2026-09-14", "kind", "injury", "description", "fell from a ladder", "actions",
		actions, NULL);
}

static struct prac_record *student(uint64_t seq, const char *reason)
{
	return pg_record(&t, &prac_type_student, pg_id(STUDENT), seq, "state", "withdrawn",
		"school_id", pg_id_text(&t, SCHOOL), "identifier", "S-1", "given_name", "Ann",
		"family_name", "Lee", "leave_reason", reason, NULL);
}

/* In a batch of its own, as the next number, with a mutation that made it. */
static void write_one(struct prac_record *record, bool is_new)
{
	const struct prac_record *records[] = { record };
	const struct store_ask ask = { .n_numbers = 1 };
	const struct store_facts *facts = pg_store_begin(&t, &ask);
	const struct store_feed_row feed = { .scope = pg_id(SCHOOL),
		.key = { record->type->number, record->id },
		.seq = record->seq };
	struct store_judged judged = { .key = { pg_id(90), 5, record->seq },
		.type = record->type->number,
		.id = record->id,
		.payload = prac_bytes_text("\x08\x01 fell from a ladder") };
	const struct store_writes writes = { .records = records,
		.is_new = &is_new,
		.n_records = 1,
		.versions = records,
		.n_versions = record->type->reported ? 1 : 0,
		.feed = &feed,
		.n_feed = 1,
		.judged = &judged,
		.n_judged = 1,
		.head = record->seq };

	assert_int_equal(t.status, PRAC_OK);
	assert_int_equal(facts->head + 1, record->seq);
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_OK);
}

static const struct store_facts *load(const struct prac_type *type, uint32_t number)
{
	const struct prac_id id = pg_id(number);
	const struct store_load wanted = {
		.kind = STORE_BY_ID, .type = type, .ids = &id, .n_ids = 1
	};
	const struct store_ask ask = { .n_numbers = 1, .loads = &wanted, .n_loads = 1 };
	const struct store_facts *facts = pg_store_begin(&t, &ask);

	if (facts != NULL)
		pg_store_rollback(&t);
	return facts;
}

static enum prac_status read_page(void)
{
	const struct prac_id scope = pg_id(SCHOOL);
	const struct store_page_ask ask = {
		.scopes = &scope, .n_scopes = 1, .max_rows = 100, .max_bytes = 100000
	};

	(void)pg_store_page(&t, &ask);
	return t.status;
}

static const char *value_of(const struct store_facts *facts, int field)
{
	struct prac_bytes bytes = facts->records[0]->values[field].bytes;

	return prac_arena_printf(&t.arena, "%.*s", (int)bytes.len, (const char *)bytes.data);
}

static int64_t n_plain(const char *table, const char *column)
{
	return pg_int("SELECT count(*) FROM %s WHERE get_byte(%s, 0) <> 255", table, column);
}

static void a_closed_field_is_sealed_in_the_table_and_its_past(void **state)
{
	const struct store_facts *facts;

	(void)state;
	write_one(student(1, "suspended"), true);
	write_one(student(2, "expelled"), false);
	assert_int_equal(n_plain("student", "leave_reason"), 0);
	assert_int_equal(n_plain("student_past", "leave_reason"), 0);
	assert_int_equal(pg_int("SELECT count(leave_reason) FROM student_history"), 2);
	assert_int_equal(pg_int("SELECT count(*) FROM student_history WHERE "
				"position('suspended' IN leave_reason) > 0"),
		0);
	facts = load(&prac_type_student, STUDENT);
	assert_int_equal(facts->n_records, 1);
	assert_string_equal(value_of(facts, PRAC_STUDENT_LEAVE_REASON), "expelled");
	assert_int_equal(read_page(), PRAC_OK);
}

static void the_payload_of_such_a_type_is_sealed_and_of_others_is_not(void **state)
{
	const struct prac_mutation_key key = { pg_id(90), 5, 1 };
	struct store_judged judged = { .key = key, .payload = prac_bytes_text("\x08\x01") };
	struct prac_bytes kept, opened;

	(void)state;
	assert_int_equal(n_plain("mutation", "payload"), 0); /* a student's */
	judged.type = prac_type_time_entry.number;
	kept = payload_put(&test_seal, &judged, &t.arena);
	assert_true(prac_bytes_equal(kept, judged.payload));
	assert_int_equal(payload_get(&test_seal, &key, kept, &t.arena, &opened), PRAC_OK);
	assert_true(prac_bytes_equal(opened, judged.payload));
	judged.type = 9999; /* of a newer program */
	kept = payload_put(&test_seal, &judged, &t.arena);
	assert_int_equal(kept.data[0], 255);
	assert_int_equal(payload_get(&test_seal, &key, kept, &t.arena, &opened), PRAC_OK);
	assert_true(prac_bytes_equal(opened, judged.payload));
	judged.key.counter = 2;
	assert_int_equal(
		payload_get(&test_seal, &judged.key, kept, &t.arena, &opened), PRAC_DATA_LOSS);
}

/* A closed incident is reopened: its description must not look changed to the trigger. */
static void a_frozen_record_with_sealed_fields_still_moves(void **state)
{
	(void)state;
	write_one(incident(FIRST, 3, "closed", "called the nurse"), true);
	write_one(incident(SECOND, 4, "reported", "none yet"), true);
	write_one(incident(FIRST, 5, "reopened", "called again"), false);
	assert_string_equal(value_of(load(&prac_type_incident, FIRST), PRAC_INCIDENT_DESCRIPTION),
		"fell from a ladder");
	assert_int_equal(n_plain("incident", "description"), 0);
}

static void exec_as_head(const char *sql)
{
	pg_exec("BEGIN; " HEAD "%s; COMMIT", sql);
}

static void a_value_that_was_copied_from_elsewhere_does_not_open(void **state)
{
	static const char *const copies[] = {
		"UPDATE incident SET description = (SELECT description FROM incident WHERE seq = 4) "
		"WHERE seq = 5",
		"UPDATE incident SET description = actions WHERE seq = 5",
		"UPDATE incident SET description = 'fell' WHERE seq = 5",
	};

	(void)state;
	pg_exec("CREATE TABLE incident_was AS SELECT id, description FROM incident");
	for (size_t i = 0; i < PRAC_NELEM(copies); i++) {
		exec_as_head(copies[i]);
		assert_null(load(&prac_type_incident, FIRST));
		assert_int_equal(t.status, PRAC_INVALID_ARGUMENT); /* for the sequencer to bisect */
		assert_non_null(load(&prac_type_incident, SECOND));
		assert_int_equal(read_page(), PRAC_DATA_LOSS);
		exec_as_head("UPDATE incident i SET description = w.description "
			     "FROM incident_was w WHERE w.id = i.id");
		assert_int_equal(read_page(), PRAC_OK);
	}
}

/* ---- a database that is older than its key */

static const uint8_t two_keys[] = TEST_RECORDS_KEY "and one that came in its place..";
static const struct db_seal newer = { two_keys, 2 };

static enum prac_status reseal(const struct db_seal *seal)
{
	struct db_reseal ask = { .conninfo = t.conninfo, .seal = seal };
	char problem[300];
	enum prac_status status;

	ask.out = fopen("/dev/null", "w");
	assert_non_null(ask.out);
	status = db_reseal(&ask, problem, sizeof(problem));
	assert_int_equal(fclose(ask.out), 0);
	assert_true((status == PRAC_OK) == (problem[0] == '\0'));
	return status;
}

/* As before there were keys; one incident is closed, which no trigger lets anybody change. */
static void make_plain(void)
{
	exec_as_head("UPDATE incident SET description = convert_to('fell from a ladder', 'UTF8'); "
		     "UPDATE student_past SET leave_reason = convert_to('suspended', 'UTF8'); "
		     "UPDATE mutation SET payload = '\\x080120' || convert_to('ladder', 'UTF8'); "
		     "UPDATE incident SET state = 'closed' WHERE seq = 5");
}

static void what_was_plain_is_sealed_also_where_it_is_frozen(void **state)
{
	(void)state;
	make_plain();
	assert_int_equal(n_plain("incident", "description"), 2);
	assert_int_equal(reseal(&test_seal), PRAC_OK);
	assert_int_equal(n_plain("incident", "description"), 0);
	assert_int_equal(n_plain("student_past", "leave_reason"), 0);
	assert_int_equal(n_plain("mutation", "payload"), 0);
	assert_int_equal(pg_int("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'"), 0);
	assert_string_equal(value_of(load(&prac_type_incident, FIRST), PRAC_INCIDENT_DESCRIPTION),
		"fell from a ladder");
	assert_int_equal(read_page(), PRAC_OK);
	assert_string_equal(pg_text("SELECT number || ' ' || is_whole FROM record_key"), "1 true");
}

static void another_key_is_refused(void **state)
{
	static const struct db_seal wrong = { (const uint8_t *)"and one that came in its place..",
		1 };

	(void)state;
	assert_int_equal(reseal(&wrong), PRAC_FAILED_PRECONDITION);
	assert_int_equal(reseal(&test_seal), PRAC_OK); /* which has nothing to do */
}

static void a_new_key_waits_until_no_server_serves(void **state)
{
	struct db_reseal ask = { .conninfo = t.conninfo, .seal = &newer, .out = stderr };
	char problem[300];

	(void)state;
	pg_exec("%s", q_check_seal_serve.text);
	assert_int_equal(reseal(&test_seal), PRAC_OK); /* nothing to do, nobody is in the way */
	assert_int_equal(db_reseal(&ask, problem, sizeof(problem)), PRAC_FAILED_PRECONDITION);
	assert_string_equal(problem,
		"a server of this database is running and would go on with the keys that it has: stop "
		"every one of them (systemctl stop practicumd.service), then seal again");
	assert_int_equal(pg_int("SELECT count(*) FROM record_key WHERE number = 2"), 0);
	pg_exec("SELECT pg_advisory_unlock_all()");
}

static void a_new_key_takes_over_all_of_it(void **state)
{
	(void)state;
	assert_int_equal(reseal(&newer), PRAC_OK);
	assert_int_equal(
		pg_int("SELECT count(*) FROM incident WHERE get_byte(description, 1) <> 2"), 0);
	assert_int_equal(
		pg_int("SELECT count(*) FROM mutation WHERE get_byte(payload, 1) <> 2"), 0);
	assert_null(load(&prac_type_incident, FIRST)); /* this store has the first key only */
	assert_int_equal(reseal(&test_seal), PRAC_FAILED_PRECONDITION);
}

static void a_damaged_value_stops_it_and_it_goes_on_when_that_is_mended(void **state)
{
	(void)state;
	pg_exec("DELETE FROM record_key WHERE number = 2");
	exec_as_head("UPDATE incident SET actions = description WHERE seq = 4; "
		     "UPDATE incident SET people = convert_to('nobody', 'UTF8')"
		     " WHERE seq = 4");
	assert_int_equal(reseal(&newer), PRAC_OK); /* it has the newest mark: nothing to be done */
	pg_exec("UPDATE record_key SET is_whole = false WHERE number = 2");
	exec_as_head("UPDATE incident SET actions = set_byte(description, 1, 1) WHERE seq = 4");
	assert_int_equal(reseal(&newer), PRAC_DATA_LOSS);
	assert_int_equal(pg_int("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'"), 0);
	assert_string_equal(
		pg_text("SELECT is_whole::text FROM record_key WHERE number = 2"), "false");
	exec_as_head("UPDATE incident SET actions = NULL WHERE seq = 4");
	assert_int_equal(reseal(&newer), PRAC_OK);
	assert_string_equal(
		pg_text("SELECT is_whole::text FROM record_key WHERE number = 2"), "true");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_field_is_sealed_in_the_table_and_its_past),
		cmocka_unit_test(the_payload_of_such_a_type_is_sealed_and_of_others_is_not),
		cmocka_unit_test(a_frozen_record_with_sealed_fields_still_moves),
		cmocka_unit_test(a_value_that_was_copied_from_elsewhere_does_not_open),
		cmocka_unit_test(what_was_plain_is_sealed_also_where_it_is_frozen),
		cmocka_unit_test(another_key_is_refused),
		cmocka_unit_test(a_new_key_waits_until_no_server_serves),
		cmocka_unit_test(a_new_key_takes_over_all_of_it),
		cmocka_unit_test(a_damaged_value_stops_it_and_it_goes_on_when_that_is_mended),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
