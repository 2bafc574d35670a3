/*
 * What batches and pulls cost PostgreSQL, in figures that do not depend on the machine: round trips,
 * bytes of WAL, pages touched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "server/sync/record_sql.h"
#include "tests/support/pg.h"
#include "tests/support/pg_store.h"

enum {
	SCHOOL = 1,
	OTHER_SCHOOL = 2,
	SHEET = 3,
	DEVICE = 9,
	BATCH = 100,
	FIRST_ENTRY = 1000
};

static struct pg_store t;
static bool is_full; /* the largest size, too */

static int setup(void **state)
{
	(void)state;
	pg_store_open(&t, "test_store_cost");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pg_store_close(&t);
	return 0;
}

/* ---- pushes */

/* A batch of new time entries as a station sends them: one mutation, record and feed row each. */
static void push_entries(uint32_t first, uint64_t head)
{
	const struct prac_record *records[BATCH];
	bool is_new[BATCH];
	struct store_feed_row feed[BATCH];
	struct store_judged judged[BATCH];
	const struct store_device device = { pg_id(DEVICE), 1, head + BATCH, 0 };
	const struct store_ask ask = { .n_numbers = BATCH, .devices = &device, .n_devices = 1 };
	const struct store_writes writes = { .records = records,
		.is_new = is_new,
		.versions = records,
		.n_records = BATCH,
		.n_versions = BATCH,
		.feed = feed,
		.n_feed = BATCH,
		.judged = judged,
		.n_judged = BATCH,
		.devices = &device,
		.n_devices = 1,
		.head = head + BATCH,
		.now_ms = 1790000000000 };
	uint8_t *payload = prac_arena_alloc(&t.arena, 250);

	for (uint32_t i = 0; i < BATCH; i++) {
		uint64_t seq = head + 1 + i;

		is_new[i] = true;
		records[i] = pg_record(&t, &prac_type_time_entry, pg_id(first + i), seq, "sheet_id",
			pg_id_text(&t, SHEET), "placement_id", pg_id_text(&t, 4), "student_id",
			pg_id_text(&t, 5), "school_id", pg_id_text(&t, SCHOOL), "work_date",
			"2026-09-07", "starts_at", "13:00", "ends_at", "16:30", "break_minutes",
			"15", "zone", "America/New_York", "elapsed_minutes", "195", "method",
			"clocked", "task", "Fitted two valves", NULL);
		feed[i] = (struct store_feed_row){ .scope = pg_id(SCHOOL),
			.key = { PRAC_TIME_ENTRY, pg_id(first + i) },
			.seq = seq };
		judged[i] = (struct store_judged){ .key = { pg_id(DEVICE), 1, seq },
			.verdict = { .counter = seq, .kind = 1, .seq = seq },
			.type = PRAC_TIME_ENTRY,
			.id = pg_id(first + i),
			.payload = { payload, 250 } };
	}
	assert_non_null(pg_store_begin(&t, &ask));
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_OK);
}

static void a_batch_is_two_round_trips_whatever_its_size(void **state)
{
	uint64_t before;

	(void)state;
	push_entries(FIRST_ENTRY, 0);
	before = db_link_trips(db_pool_writer(t.pool));
	push_entries(FIRST_ENTRY + BATCH, BATCH);
	assert_int_equal(db_link_trips(db_pool_writer(t.pool)) - before, 2);
}

static void a_mutation_writes_few_bytes_of_wal(void **state)
{
	int64_t bytes;

	(void)state;
	/* The first batches bring the pages into the log as a whole; that is the checkpoint's cost. */
	for (uint32_t i = 0; i < 5; i++) {
		push_entries(FIRST_ENTRY + i * BATCH, (uint64_t)i * BATCH);
	}
	pg_exec("CREATE TABLE mark AS SELECT pg_current_wal_insert_lsn() AS lsn");
	push_entries(FIRST_ENTRY + 5 * BATCH, 5 * (uint64_t)BATCH);
	bytes = pg_int("SELECT (pg_current_wal_insert_lsn() - lsn)::bigint FROM mark") / BATCH;
	print_message("WAL bytes a mutation: %d\n", (int)bytes);
	/*
	 * 305 the record, 440 the mutation with its payload of 250, 150 the feed row, the rest are
	 * seven index entries and the pages that split.
	 */
	assert_in_range(bytes, 700, 1500);
}

/* ---- pulls */

/* Entries of two schools, every other one, with their feed rows. */
static void fill(uint32_t n)
{
	pg_exec("BEGIN; UPDATE sync_head SET head = %u, xact = pg_current_xact_id();"
		"INSERT INTO time_entry (id, scope, seq, group_seq, deleted, sheet_id, placement_id, "
		"student_id, school_id, work_date, elapsed_minutes, task) "
		"SELECT md5('e' || i)::uuid, s, i, '{1,1,1,1}', false, s, s, s, s, '2026-09-07', 60, "
		"repeat('x', 60) FROM generate_series(1, %u) i, "
		"LATERAL (SELECT (CASE i %% 2 WHEN 0 THEN '%s' ELSE '%s' END)::uuid AS s) w; "
		"INSERT INTO feed SELECT scope, 14, id, seq, 0 FROM time_entry; COMMIT; ANALYZE",
		n, n, pg_id_text(&t, SCHOOL), pg_id_text(&t, OTHER_SCHOOL));
}

/* k entries of the school, far from each other, change. */
static void change(uint32_t n, uint32_t k)
{
	pg_exec("BEGIN; UPDATE sync_head SET head = head + %u, xact = pg_current_xact_id();"
		"UPDATE time_entry SET seq = %u + i, note = 'changed' FROM generate_series(1, %u) i "
		"WHERE id = md5('e' || 2 * i * (%u / %u / 2))::uuid; "
		"UPDATE feed f SET seq = e.seq FROM time_entry e WHERE f.record_id = e.id AND e.seq > %u; "
		"COMMIT",
		k, n, k, n, k, n);
}

/* Pages that the statement touched, hit or read. */
static int64_t pages(const char *name, const char *arguments)
{
	const char *plan =
		pg_text("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE %s(%s)", name, arguments);
	const char *hit = strstr(plan, "\"Shared Hit Blocks\": ");
	const char *read = strstr(plan, "\"Shared Read Blocks\": ");

	assert_non_null(hit);
	assert_non_null(read);
	return strtoll(hit + 21, NULL, 10) + strtoll(read + 22, NULL, 10);
}

/* As the server's own connections plan. */
static void plan_by_index(void)
{
	pg_exec("DEALLOCATE ALL; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; "
		"SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_sort = off; "
		"SET enable_bitmapscan = off");
}

/* The statement of a pull as the reader runs it. */
static void prepare_pull(void)
{
	const struct prac_type *const types[] = { &prac_type_time_sheet, &prac_type_time_entry };
	struct record_sqls *sqls = record_sqls_new();

	plan_by_index();
	pg_exec("PREPARE page AS %s", record_sqls_page(sqls, types, PRAC_NELEM(types))->text);
	record_sqls_free(sqls);
}

/*
 * At most 5 pages a row and 10 besides, however large the table is: a join of feed and records
 * before the limit would read the whole school.
 */
static void pull(uint32_t n, uint32_t k)
{
	char arguments[160];
	int64_t n_pages;

	(void)snprintf(arguments, sizeof(arguments), "'{%s}', %u, 1001, '%s', 1",
		pg_id_text(&t, SCHOOL), n, pg_id_text(&t, DEVICE));
	assert_int_equal(pg_int("SELECT count(*) FROM feed WHERE seq > %u", n), k);
	n_pages = pages("page", arguments);
	print_message("%u rows, pull of %u: %d pages\n", n, k, (int)n_pages);
	assert_in_range(n_pages, 1, 5 * k + 10);
}

static void a_pull_touches_few_pages_at_any_size(void **state)
{
	static const uint32_t sizes[] = { 10000, 100000, 5000000 };

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(sizes) - (is_full ? 0 : 1); i++) {
		pg_exec("BEGIN; UPDATE sync_head SET head = 0, xact = pg_current_xact_id(); "
			"TRUNCATE feed; TRUNCATE time_entry; COMMIT");
		fill(sizes[i]);
		change(sizes[i], 100);
		prepare_pull();
		pull(sizes[i], 100);
		pull(sizes[i] + 99, 1);
	}
}

/* ---- loads of a batch */

/*
 * The sheets of a student around a week, which every submitted sheet is judged with: the pages of that
 * student's 36 sheets, not those of the 36,000 that are there.
 */
static void a_students_weeks_touch_few_pages(void **state)
{
	struct record_sqls *sqls = record_sqls_new();
	const struct db_stmt *window = record_sqls_window(sqls, &prac_type_time_sheet,
		&prac_type_time_sheet.fields[PRAC_TIME_SHEET_STUDENT_ID],
		&prac_type_time_sheet.fields[PRAC_TIME_SHEET_WEEK_START], false);
	int64_t n_pages;

	(void)state;
	plan_by_index();
	pg_exec("PREPARE weeks AS %s", window->text);
	record_sqls_free(sqls);
	pg_exec("BEGIN; UPDATE sync_head SET xact = pg_current_xact_id(); "
		"INSERT INTO time_sheet (id, scope, seq, group_seq, deleted, state, placement_id, "
		"student_id, school_id, week_start) "
		"SELECT md5('w' || i)::uuid, '%s', i, '{1,1,1,1}', false, 'draft', md5('p' || i / 36)::uuid, "
		"md5('s' || i / 36)::uuid, '%s', date '2026-08-30' + 7 * (i %% 36) "
		"FROM generate_series(0, 35999) i; COMMIT",
		pg_id_text(&t, SCHOOL), pg_id_text(&t, SCHOOL));
	n_pages = pages("weeks", "ARRAY[md5('s500')::uuid], '2026-09-06', '2026-10-04'");
	print_message("36000 sheets, weeks of one student: %d pages\n", (int)n_pages);
	assert_in_range(n_pages, 1, 36 + 10);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_batch_is_two_round_trips_whatever_its_size, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_mutation_writes_few_bytes_of_wal, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_pull_touches_few_pages_at_any_size, setup, teardown),
		cmocka_unit_test_setup_teardown(a_students_weeks_touch_few_pages, setup, teardown),
	};

	is_full = argc == 2 && strcmp(argv[1], "--full") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
