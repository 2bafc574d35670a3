#include "server/sync/store_pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "tests/support/pg.h"
#include "tests/support/pg_store.h"

enum {
	SCHOOL = 1,
	CENTER = 2,
	STUDENT = 10,
	GUARDIAN = 20,
	DEVICE = 90
};

static struct pg_store t;

static int setup(void **state)
{
	(void)state;
	pg_store_open(&t, "test_store_pg");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pg_store_close(&t);
	return 0;
}

static struct prac_record *student(uint64_t seq, const char *family_name)
{
	return pg_record(&t, &prac_type_student, pg_id(STUDENT), seq, "state", "enrolled",
		"school_id", pg_id_text(&t, SCHOOL), "identifier", "S-1", "given_name", "Ann",
		"family_name", family_name, "birth_date", "2009-05-04", "concentrator", "yes",
		"skills", "weld \"fast\";back\\slash", NULL);
}

static struct prac_record *guardian(uint32_t id, uint64_t seq)
{
	return pg_record(&t, &prac_type_guardian, pg_id(id), seq, "state", "invited", "student_id",
		pg_id_text(&t, STUDENT), "school_id", pg_id_text(&t, SCHOOL), "name", "Bea", NULL);
}

static struct store_feed_row row_of(const struct prac_record *record, uint64_t seq, uint32_t scope)
{
	return (struct store_feed_row){
		.scope = pg_id(scope), .key = { record->type->number, record->id }, .seq = seq
	};
}

static uint64_t begin(size_t n_numbers)
{
	const struct store_ask ask = { .n_numbers = n_numbers };
	const struct store_facts *facts = pg_store_begin(&t, &ask);

	assert_int_equal(t.status, PRAC_OK);
	return facts->head;
}

/* Writes one record with its feed row, in a batch of its own. */
static void write_one(const struct prac_record *record, bool is_new)
{
	const struct store_feed_row feed = row_of(record, record->seq, SCHOOL);
	const struct store_writes writes = { .records = &record,
		.is_new = &is_new,
		.n_records = 1,
		.versions = &record,
		.n_versions = record->type->reported ? 1 : 0,
		.feed = &feed,
		.n_feed = 1,
		.head = record->seq };

	assert_int_equal(begin(1) + 1, record->seq);
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_OK);
}

static const struct store_facts *load(struct store_load wanted)
{
	const struct store_ask ask = { .n_numbers = 1, .loads = &wanted, .n_loads = 1 };
	const struct store_facts *facts = pg_store_begin(&t, &ask);

	assert_int_equal(t.status, PRAC_OK);
	pg_store_rollback(&t);
	return facts;
}

static void a_record_comes_back_as_it_was_written(void **state)
{
	const struct prac_id id = pg_id(STUDENT);
	struct prac_record *written = student(1, "O'Neil");
	const struct store_facts *facts;
	struct prac_buf before = { 0 }, after = { 0 };

	(void)state;
	written->group_seq[3] = UINT64_C(1) << 40;
	written->extra = (struct prac_bytes){ (const uint8_t *)"\xc0\x3e\x01", 3 };
	write_one(written, true);
	facts = load((struct store_load){ .kind = STORE_BY_ID,
		.type = &prac_type_student,
		.ids = &id,
		.n_ids = 1,
		.with_feed = true });
	assert_int_equal(facts->n_records, 1);
	assert_true(prac_id_equal(&facts->records[0]->scope, &written->scope));
	assert_int_equal(facts->records[0]->seq, 1);
	assert_memory_equal(
		facts->records[0]->group_seq, written->group_seq, sizeof(written->group_seq));
	prac_values_encode(written->type, written->values, written->extra, &before);
	prac_values_encode(
		written->type, facts->records[0]->values, facts->records[0]->extra, &after);
	assert_true(prac_bytes_equal(prac_buf_bytes(&before), prac_buf_bytes(&after)));
	assert_int_equal(facts->n_feed, 1);
	assert_int_equal(facts->feed[0].seq, 1);
	prac_buf_deinit(&before);
	prac_buf_deinit(&after);
}

static void loads_follow_references_both_ways(void **state)
{
	const struct prac_id ids[] = { pg_id(STUDENT), pg_id(GUARDIAN) };
	const struct prac_field *field = prac_field_find_name(&prac_type_guardian, "student_id");
	const struct store_facts *facts;
	struct prac_record *gone = guardian(GUARDIAN + 1, 3);

	(void)state;
	write_one(student(1, "A"), true);
	write_one(guardian(GUARDIAN, 2), true);
	gone->deleted = true;
	write_one(gone, true);
	facts = load((struct store_load){ .kind = STORE_CHILDREN,
		.type = &prac_type_guardian,
		.field = field,
		.ids = &ids[0],
		.n_ids = 1,
		.with_feed = true });
	assert_int_equal(facts->n_records, 1);
	assert_true(prac_id_equal(&facts->records[0]->id, &ids[1]));
	assert_int_equal(facts->n_feed, 1);
	assert_int_equal(facts->feed[0].seq, 2);
	facts = load((struct store_load){ .kind = STORE_PARENTS,
		.type = &prac_type_guardian,
		.field = field,
		.ids = &ids[1],
		.n_ids = 1,
		.with_feed = true });
	assert_int_equal(facts->n_records, 1);
	assert_ptr_equal(facts->records[0]->type, &prac_type_student);
	assert_int_equal(facts->feed[0].seq, 1);
}

/* A day of the calendar; school 0: of the whole district. */
static void write_day(uint32_t number, const char *day, uint32_t school)
{
	const char *owner = school == 0 ? NULL : pg_id_text(&t, school);

	write_one(pg_record(&t, &prac_type_school_day, pg_id(0x5d00 + number), number, "state",
			  "published", "day", day, "kind", "school",
			  owner == NULL ? NULL : "school_id", owner, NULL),
		true);
}

static void children_are_loaded_by_a_window_of_days(void **state)
{
	const struct prac_id school = pg_id(SCHOOL);
	struct store_load window = { .kind = STORE_CHILDREN,
		.type = &prac_type_school_day,
		.field = &prac_type_school_day.fields[PRAC_SCHOOL_DAY_SCHOOL_ID],
		.ids = &school,
		.n_ids = 1,
		.date = &prac_type_school_day.fields[PRAC_SCHOOL_DAY_DAY],
		.from = prac_date_from_civil(2026, 10, 5),
		.until = prac_date_from_civil(2026, 10, 6) };

	(void)state;
	write_day(1, "2026-10-04", SCHOOL);
	write_day(2, "2026-10-05", SCHOOL);
	write_day(3, "2026-10-06", SCHOOL);
	write_day(4, "2026-10-07", SCHOOL);
	write_day(5, "2026-10-06", SCHOOL + 1);
	write_day(6, "2026-10-06", 0);
	assert_int_equal(load(window)->n_records, 2);
	window.or_none = true;
	assert_int_equal(load(window)->n_records, 3);
	window.until = window.from;
	assert_int_equal(load(window)->n_records, 1);
	assert_int_equal(load(window)->records[0]->seq, 2);
}

static void a_batch_that_is_rolled_back_takes_no_numbers(void **state)
{
	(void)state;
	assert_int_equal(begin(5), 0);
	pg_store_rollback(&t);
	assert_int_equal(begin(1), 0);
	pg_store_rollback(&t);
	assert_int_equal(pg_int("SELECT head FROM sync_head"), 0);
}

static void verdicts_are_kept_under_their_keys(void **state)
{
	const struct prac_mutation_key keys[] = { { pg_id(DEVICE), UINT64_MAX, 1 },
		{ pg_id(DEVICE), UINT64_MAX, 2 } };
	const struct store_judged judged = { .key = keys[0],
		.verdict = { .counter = 1,
			.kind = PRACTICUM__VERDICT_KIND__VERDICT_REFUSED,
			.reason = PRAC_REASON_LOCKED,
			.seq = 1,
			.field = 7,
			.text = prac_bytes_text("no"),
			.existing = pg_id(STUDENT) },
		.type = PRAC_STUDENT,
		.id = pg_id(STUDENT),
		.payload = prac_bytes_text("sent"),
		.hash = { .b = { 1, 2, 3 } },
		.client_time_ms = 1700000000000 };
	const struct store_device device = { pg_id(DEVICE), UINT64_MAX, 1, 1 };
	const struct store_writes writes = { .judged = &judged,
		.n_judged = 1,
		.devices = &device,
		.n_devices = 1,
		.head = 1,
		.now_ms = 1700000001000 };
	const struct store_ask ask = { .n_numbers = 1, .devices = &device, .n_devices = 1 };
	const struct store_more more = { .keys = keys, .n_keys = 2 };
	const struct store_facts *facts;

	(void)state;
	facts = pg_store_begin(&t, &ask);
	assert_int_equal(facts->devices[0].last_counter, 0);
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_OK);
	facts = pg_store_begin(&t, &ask);
	assert_int_equal(facts->devices[0].last_counter, 1);
	assert_int_equal(facts->devices[0].acked_through, 1);
	facts = pg_store_more(&t, &more);
	assert_int_equal(facts->n_judged, 1);
	assert_int_equal(facts->judged[0].key.incarnation, UINT64_MAX);
	assert_int_equal(facts->judged[0].verdict.reason, PRAC_REASON_LOCKED);
	assert_int_equal(facts->judged[0].verdict.field, 7);
	assert_int_equal(facts->judged[0].verdict.existing.b[PRAC_ID_LEN - 1], STUDENT);
	assert_int_equal(facts->judged[0].hash.b[2], 3);
	assert_int_equal(facts->judged[0].client_time_ms, 1700000000000);
	pg_store_rollback(&t);
	assert_int_equal(db_link_trips(db_pool_writer(t.pool)), 5);
	assert_string_equal(
		pg_text("SELECT seq || ' ' || committed AT TIME ZONE 'UTC' FROM seq_time"),
		"1 2023-11-14 22:13:21");
}

/* A standby was promoted and the writer has connected to it: an operator must say what was lost. */
static void no_numbers_are_drawn_on_a_timeline_that_nobody_decided_on(void **state)
{
	const struct store_ask ask = { .n_numbers = 1 };

	(void)state;
	pg_exec("UPDATE sync_head SET timeline = 1");
	assert_int_equal(begin(1), 0);
	pg_store_rollback(&t);
	pg_exec("UPDATE sync_head SET timeline = 2");
	assert_null(pg_store_begin(&t, &ask));
	assert_int_equal(t.status, PRAC_FAILED_PRECONDITION);
	assert_int_equal(pg_int("SELECT head FROM sync_head"), 0);
	pg_exec("UPDATE sync_head SET timeline = NULL");
	assert_int_equal(begin(1), 0);
	pg_store_rollback(&t);
}

static void what_the_database_refuses_is_for_the_caller_to_bisect(void **state)
{
	struct prac_record *record = student(2, "Twice");
	const bool is_new = true;
	const struct store_writes writes = { .records = (const struct prac_record **)&record,
		.is_new = &is_new,
		.n_records = 1,
		.head = 2 };

	(void)state;
	write_one(student(1, "Once"), true);
	assert_int_equal(begin(1), 1);
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_INVALID_ARGUMENT);
	assert_int_equal(begin(1), 1);
	pg_store_rollback(&t);
}

static void a_reported_record_keeps_every_version(void **state)
{
	const struct prac_record *versions[] = { student(2, "Second"), student(3, "Third") };
	const bool is_new = false;
	const struct store_writes writes = { .records = &versions[1],
		.is_new = &is_new,
		.n_records = 1,
		.versions = versions,
		.n_versions = 2,
		.head = 3 };
	struct prac_record *deleted = student(4, "Third");

	(void)state;
	write_one(student(1, "First"), true);
	assert_int_equal(begin(2), 1);
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_OK);
	assert_string_equal(
		pg_text("SELECT string_agg(concat_ws(' ', family_name, from_seq, to_seq), ', ' "
			"ORDER BY from_seq) FROM student_history"),
		"First 1 2, Second 2 3, Third 3");
	deleted->deleted = true;
	write_one(deleted, false);
	assert_string_equal(
		pg_text("SELECT string_agg(concat_ws(' ', family_name, from_seq, to_seq), ', ' "
			"ORDER BY from_seq) FROM student_history"),
		"First 1 2, Second 2 3, Third 3 4");
}

static void fan_out(uint32_t scope, uint64_t seq, enum store_gone gone)
{
	const struct store_fan_out fan = { pg_id(STUDENT), pg_id(scope), seq, gone };
	const struct store_writes writes = { .fan_outs = &fan, .n_fan_outs = 1, .head = seq };

	assert_int_equal(begin(1) + 1, seq);
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_OK);
}

static const char *feed_of(uint32_t scope)
{
	return pg_text("SELECT string_agg(concat_ws(' ', record_type, seq, gone), ', ' ORDER BY "
		       "record_type, record_id) FROM feed WHERE scope = '%s'",
		pg_id_text(&t, scope));
}

static void what_follows_a_student_appears_and_leaves(void **state)
{
	struct prac_record *gone = guardian(GUARDIAN + 1, 3);

	(void)state;
	write_one(student(1, "A"), true);
	write_one(guardian(GUARDIAN, 2), true);
	gone->deleted = true;
	write_one(gone, true);
	fan_out(CENTER, 4, STORE_LIVE);
	assert_string_equal(feed_of(CENTER), "5 4 0"); /* the deleted one does not appear */
	fan_out(CENTER, 5, STORE_LIVE);
	assert_string_equal(feed_of(CENTER), "5 4 0"); /* it is live there already */
	fan_out(SCHOOL, 6, STORE_MOVED);
	assert_string_equal(feed_of(SCHOOL), "3 1 0, 5 2 0, 5 3 0"); /* owners keep what they own */
	fan_out(CENTER, 7, STORE_MOVED);
	assert_string_equal(feed_of(CENTER), "5 7 2");
	fan_out(CENTER, 8, STORE_LIVE);
	assert_string_equal(feed_of(CENTER), "5 8 0");
}

static void one_batch_may_bring_and_take_the_same_student(void **state)
{
	const struct store_fan_out fans[] = { { pg_id(STUDENT), pg_id(CENTER), 3, STORE_LIVE },
		{ pg_id(STUDENT), pg_id(CENTER), 4, STORE_MOVED },
		{ pg_id(STUDENT), pg_id(CENTER), 5, STORE_LIVE },
		{ pg_id(STUDENT), pg_id(CENTER), 6, STORE_LIVE } };
	const struct store_writes writes = { .fan_outs = fans, .n_fan_outs = 4, .head = 6 };

	(void)state;
	write_one(student(1, "A"), true);
	write_one(guardian(GUARDIAN, 2), true);
	assert_int_equal(begin(4), 2);
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_OK);
	assert_string_equal(feed_of(CENTER), "5 5 0");
}

static struct store_page_ask page_ask(uint64_t after, size_t max_rows)
{
	static struct prac_id scope;

	scope = pg_id(SCHOOL);
	return (struct store_page_ask){ .scopes = &scope,
		.n_scopes = 1,
		.after = after,
		.max_rows = max_rows,
		.max_bytes = 1 << 20 };
}

/* Guardians 1 to 3 in one change, 4 in the next, 5 deleted in a third. */
static void write_family(void)
{
	static const uint64_t seqs[] = { 2, 2, 2, 3, 4 };
	const struct prac_record *records[5];
	const bool is_new[5] = { true, true, true, true, true };
	struct store_feed_row feed[5];
	const struct store_writes writes = { .records = records,
		.is_new = is_new,
		.n_records = 5,
		.feed = feed,
		.n_feed = 5,
		.head = 4 };

	write_one(student(1, "A"), true);
	for (uint32_t i = 0; i < 5; i++) {
		records[i] = guardian(GUARDIAN + i, seqs[i]);
		feed[i] = row_of(records[i], seqs[i], SCHOOL);
	}
	feed[4].gone = STORE_DELETED;
	assert_int_equal(begin(3), 1);
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_OK);
}

static void a_page_ends_between_changes_never_inside_one(void **state)
{
	struct store_page_ask ask = page_ask(0, 2);
	const struct store_page *page;

	(void)state;
	write_family();
	page = pg_store_page(&t, &ask);
	assert_int_equal(t.status, PRAC_OK);
	assert_int_equal(page->n_rows, 1);
	assert_int_equal(page->through, 1);
	assert_false(page->complete);
	assert_int_equal(page->head, 4);
	assert_ptr_equal(page->rows[0].record->type, &prac_type_student);

	ask = page_ask(1, 2); /* the change is larger than the page and comes whole */
	page = pg_store_page(&t, &ask);
	assert_int_equal(page->n_rows, 3);
	assert_int_equal(page->through, 2);
	assert_false(page->complete);
	assert_non_null(page->rows[2].record);

	ask = page_ask(2, 2);
	page = pg_store_page(&t, &ask);
	assert_int_equal(page->n_rows, 2);
	assert_int_equal(page->through, 4);
	assert_true(page->complete);
	assert_non_null(page->rows[0].record);
	assert_int_equal(page->rows[1].feed.gone, STORE_DELETED);
	assert_null(page->rows[1].record);

	ask = page_ask(4, 2);
	page = pg_store_page(&t, &ask);
	assert_int_equal(page->n_rows, 0);
	assert_true(page->complete);
}

static void a_page_of_few_bytes_still_holds_one_whole_change(void **state)
{
	struct store_page_ask ask = page_ask(0, 100);
	const struct store_page *page;

	(void)state;
	write_family();
	ask.max_bytes = 1;
	page = pg_store_page(&t, &ask);
	assert_int_equal(page->n_rows, 1);
	assert_int_equal(page->through, 1);
	ask.after = 1;
	page = pg_store_page(&t, &ask);
	assert_int_equal(page->n_rows, 3);
	assert_int_equal(page->through, 2);
	assert_false(page->complete);
	ask.after = 3;
	page = pg_store_page(&t, &ask);
	assert_int_equal(page->n_rows, 1);
	assert_true(page->complete);
}

/* What a page says, as text: rows with the names of those that came with them. */
static const char *page_text(const struct store_page *page)
{
	char *text = prac_arena_alloc(&t.arena, 1024);
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < page->n_rows; i++) {
		const struct store_page_row *row = &page->rows[i];

		len += (size_t)snprintf(text + len, 1024 - len, "%u:%lu%s ", row->feed.key.type,
			(unsigned long)row->feed.seq, row->record == NULL ? "-" : "");
		assert_true(len < 1024);
		if (row->record != NULL)
			assert_true(prac_id_equal(&row->record->id, &row->feed.key.id));
	}
	return text;
}

static void a_page_is_the_same_whichever_types_are_looked_for(void **state)
{
	struct store_page_ask ask = page_ask(0, 100);
	const struct store_page *page;

	(void)state;
	write_family();
	/* Nothing is expected at first, students and guardians the second time. */
	for (int i = 0; i < 2; i++) {
		page = pg_store_page(&t, &ask);
		assert_int_equal(t.status, PRAC_OK);
		assert_string_equal(page_text(page), "3:1 5:2 5:2 5:2 5:3 5:4- ");
		assert_int_equal(page->last_counter, 0);
		assert_true(page->complete);
	}
}

/* As when a change commits between the two trips of a page: the second sees more than the first. */
static void a_record_from_beyond_the_head_is_read_again_in_one_snapshot(void **state)
{
	struct store_page_ask ask = page_ask(0, 100);
	const struct store_page *page;

	(void)state;
	write_family();
	pg_exec("BEGIN; UPDATE sync_head SET xact = pg_current_xact_id(); "
		"UPDATE guardian SET seq = 9 WHERE seq = 3; COMMIT");
	page = pg_store_page(&t, &ask);
	assert_int_equal(t.status, PRAC_OK);
	assert_string_equal(page_text(page), "3:1 5:2 5:2 5:2 5:3 5:4- ");
	assert_int_equal(page->head, 4);
	/* BEGIN and COMMIT of the reader: none for a page that fits together at once. */
	assert_int_equal(
		pg_int("SELECT count(*) FROM pg_stat_activity "
		       "WHERE application_name = 'practicumd reader' AND query LIKE 'COMMIT%%'"),
		1);
}

static void a_connection_lost_at_commit_leaves_the_outcome_unknown(void **state)
{
	const struct prac_record *record = student(1, "A");
	const bool is_new = true;
	const struct store_writes writes = {
		.records = &record, .is_new = &is_new, .n_records = 1, .head = 1
	};

	(void)state;
	begin(1);
	pg_exec("CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
		"'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'; "
		"CREATE CONSTRAINT TRIGGER die AFTER INSERT ON student DEFERRABLE INITIALLY DEFERRED "
		"FOR EACH ROW EXECUTE FUNCTION die()");
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_UNKNOWN);
	assert_null(pg_store_begin(&t, &(struct store_ask){ .n_numbers = 1 }));
	assert_int_equal(t.status, PRAC_UNAVAILABLE);
	while (db_link_state(db_pool_writer(t.pool)) != DB_IDLE)
		uv_run(&t.loop, UV_RUN_ONCE);
	assert_int_equal(begin(1), 0);
	pg_store_rollback(&t);
}

static void nobody_writes_around_the_sequencer(void **state)
{
	(void)state;
	pg_exec("DO $$ BEGIN INSERT INTO feed VALUES (gen_random_uuid(), 1, gen_random_uuid(), 1, 0); "
		"RAISE 'accepted'; EXCEPTION WHEN raise_exception THEN "
		"IF SQLERRM <> 'only the sequencer may change feed' THEN RAISE; END IF; END $$");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_record_comes_back_as_it_was_written, setup, teardown),
		cmocka_unit_test_setup_teardown(
			children_are_loaded_by_a_window_of_days, setup, teardown),
		cmocka_unit_test_setup_teardown(loads_follow_references_both_ways, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_batch_that_is_rolled_back_takes_no_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(
			verdicts_are_kept_under_their_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(
			no_numbers_are_drawn_on_a_timeline_that_nobody_decided_on, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_the_database_refuses_is_for_the_caller_to_bisect, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_reported_record_keeps_every_version, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_follows_a_student_appears_and_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(
			one_batch_may_bring_and_take_the_same_student, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_page_ends_between_changes_never_inside_one, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_page_of_few_bytes_still_holds_one_whole_change, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_page_is_the_same_whichever_types_are_looked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_record_from_beyond_the_head_is_read_again_in_one_snapshot, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_connection_lost_at_commit_leaves_the_outcome_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nobody_writes_around_the_sequencer, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
