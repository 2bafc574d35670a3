#include "server/db/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include <cmocka.h>

#include "tests/support/pg.h"

static const struct db_stmt echo = { "echo",
	"SELECT $1::bigint, $2::text, $3::uuid, $4::date, $5::timestamptz, $6::bigint[], $7::text[]",
	7 };
static const struct db_stmt insert = { "insert_item", "INSERT INTO item (n) VALUES ($1)", 1 };
static const struct db_stmt begin = { "begin", "BEGIN", 0 };
static const struct db_stmt commit = { "commit", "COMMIT", 0 };
static const struct db_stmt roll_back = { "rollback", "ROLLBACK", 0 };
static const struct db_stmt broken = { "broken", "SELECT nothing_of_the_sort", 0 };
static const struct db_stmt slow = { "slow", "SELECT pg_sleep(30)", 0 };
static const struct db_stmt backend = { "backend", "SELECT pg_backend_pid()", 0 };
static const struct db_stmt long_text = { "long_text", "SELECT repeat('x', 8000000), $1::text", 1 };

static struct {
	const char *conninfo;
	uv_loop_t loop;
	struct prac_arena arena;
	struct db_link *link;
	bool is_closed;
} t;

/* What the callbacks of one batch saw. */
static struct {
	int n_done, n_rows;
	bool is_done;
	enum prac_status status;
	int64_t number;
	size_t len;
} seen;

static int setup(void **state)
{
	struct db_config config = { .loop = &t.loop,
		.env = &prac_env_system,
		.conninfo = t.conninfo,
		.purpose = DB_WRITER };

	(void)state;
	memset(&seen, 0, sizeof(seen));
	t.is_closed = false;
	uv_loop_init(&t.loop);
	t.link = db_link_new(&config);
	pg_exec("DROP TABLE IF EXISTS item; CREATE TABLE item (n bigint UNIQUE)");
	return 0;
}

static void on_closed(void *ctx)
{
	(void)ctx;
	t.is_closed = true;
}

static int teardown(void **state)
{
	(void)state;
	if (!t.is_closed) {
		db_link_close(t.link, on_closed, NULL);
		uv_run(&t.loop, UV_RUN_DEFAULT);
	}
	prac_arena_deinit(&t.arena);
	memset(&t.arena, 0, sizeof(t.arena));
	return uv_loop_close(&t.loop);
}

static void on_done(void *ctx, enum prac_status status)
{
	(void)ctx;
	seen.n_done++;
	seen.is_done = true;
	seen.status = status;
}

static void on_number(void *ctx, struct db_rows *rows)
{
	(void)ctx;
	seen.n_rows++;
	seen.number = db_rows_int(rows, 0, 0);
}

static struct db_params *number(int64_t value)
{
	struct db_params *params = db_params_new(&t.arena);

	db_param_int(params, value);
	return params;
}

static void run(struct db_batch *batch)
{
	seen.is_done = false;
	db_link_run(t.link, batch, on_done, NULL);
	assert_false(seen.is_done);
	pg_run_until(&t.loop, &seen.is_done);
}

static void on_echo(void *ctx, struct db_rows *rows)
{
	struct prac_id id = db_rows_id(rows, 0, 2);
	struct prac_bytes *texts;
	int64_t numbers[4];

	(void)ctx;
	seen.n_rows++;
	assert_int_equal(db_rows_count(rows), 1);
	assert_int_equal(db_rows_int(rows, 0, 0), -5);
	assert_int_equal(db_rows_bytes(rows, 0, 1).len, 3);
	assert_memory_equal(db_rows_bytes(rows, 0, 1).data, "abc", 3);
	assert_memory_equal(id.b, "0123456789abcdef", 16);
	assert_int_equal(db_rows_date(rows, 0, 3), 20000);
	assert_int_equal(db_rows_instant(rows, 0, 4), 1728000000123);
	assert_int_equal(db_rows_ints(rows, 0, 5, numbers, 4), 2);
	assert_int_equal(numbers[1], 1LL << 40);
	assert_int_equal(db_rows_texts(rows, 0, 6, &t.arena, &texts), 1);
	assert_int_equal(texts[0].len, 0);
}

static void values_come_back_as_they_were_sent(void **state)
{
	struct db_batch *batch = db_batch_new(&t.arena);
	struct db_params *params = number(-5);
	struct prac_id id;
	struct db_array numbers, texts;

	(void)state;
	memcpy(id.b, "0123456789abcdef", 16);
	db_param_bytes(params, prac_bytes_text("abc"));
	db_param_id(params, &id);
	db_param_date(params, 20000);
	db_param_instant(params, 1728000000123);
	db_array_init(&numbers, &t.arena, DB_INT8);
	db_array_int(&numbers, 1);
	db_array_int(&numbers, 1LL << 40);
	db_param_array(params, &numbers);
	db_array_init(&texts, &t.arena, DB_TEXT);
	db_array_bytes(&texts, prac_bytes_text(""));
	db_param_array(params, &texts);
	db_batch_add(batch, &echo, params, on_echo, NULL);
	run(batch);
	assert_int_equal(seen.status, PRAC_OK);
	assert_int_equal(seen.n_rows, 1);
}

static const struct db_stmt composite = { "composite",
	"SELECT record_send(r) FROM (SELECT 7::bigint, NULL::text, ARRAY['a', ''], true) AS r "
	"UNION ALL SELECT '\\x000000020000'::bytea",
	0 };

static void on_composite(void *ctx, struct db_rows *rows)
{
	struct db_rows *record = db_rows_record(rows, 0, 0, &t.arena);
	struct prac_bytes *texts;

	(void)ctx;
	seen.n_rows++;
	assert_int_equal(db_rows_count(record), 1);
	assert_int_equal(db_rows_n_columns(record), 4);
	assert_int_equal(db_rows_int(record, 0, 0), 7);
	assert_true(db_rows_is_null(record, 0, 1));
	assert_int_equal(db_rows_texts(record, 0, 2, &t.arena, &texts), 2);
	assert_int_equal(texts[1].len, 0);
	assert_true(db_rows_bool(record, 0, 3));
	assert_int_equal(db_rows_n_columns(db_rows_record(rows, 1, 0, &t.arena)), 0);
}

static void a_record_in_a_cell_reads_as_a_row_and_a_broken_one_fails_the_batch(void **state)
{
	struct db_batch *batch = db_batch_new(&t.arena);

	(void)state;
	db_batch_add(batch, &composite, NULL, on_composite, NULL);
	run(batch);
	assert_int_equal(seen.n_rows, 1);
	assert_int_equal(seen.status, PRAC_INTERNAL);
}

static void a_batch_is_one_round_trip_and_one_callback(void **state)
{
	struct db_batch *batch = db_batch_new(&t.arena);

	(void)state;
	db_batch_add(batch, &begin, NULL, NULL, NULL);
	for (int i = 0; i < 10; i++)
		db_batch_add(batch, &insert, number(i), NULL, NULL);
	db_batch_add(batch, &commit, NULL, NULL, NULL);
	run(batch);
	assert_int_equal(seen.status, PRAC_OK);
	assert_int_equal(seen.n_done, 1);
	assert_int_equal(db_link_trips(t.link), 1);
	assert_int_equal(pg_int("SELECT count(*) FROM item"), 10);
}

static void what_stands_behind_a_failed_statement_does_not_run(void **state)
{
	struct db_batch *batch = db_batch_new(&t.arena);

	(void)state;
	pg_exec("INSERT INTO item VALUES (1)");
	db_batch_add(batch, &begin, NULL, NULL, NULL);
	db_batch_add(batch, &insert, number(1), NULL, NULL);
	db_batch_add(batch, &backend, NULL, on_number, NULL);
	db_batch_add(batch, &commit, NULL, NULL, NULL);
	run(batch);
	assert_int_equal(seen.status, PRAC_ALREADY_EXISTS);
	assert_string_equal(db_link_sqlstate(t.link), "23505");
	assert_int_equal(seen.n_rows, 0);
	assert_true(db_link_in_transaction(t.link));

	batch = db_batch_new(&t.arena);
	db_batch_add(batch, &roll_back, NULL, NULL, NULL);
	db_batch_add(batch, &backend, NULL, on_number, NULL);
	run(batch);
	assert_int_equal(seen.status, PRAC_OK);
	assert_int_equal(seen.n_rows, 1);
	assert_false(db_link_in_transaction(t.link));
}

static void a_statement_that_cannot_be_prepared_can_be_tried_again(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct db_batch *batch = db_batch_new(&t.arena);

		db_batch_add(batch, &broken, NULL, on_number, NULL);
		run(batch);
		assert_int_equal(seen.status, PRAC_INTERNAL);
		assert_string_equal(db_link_sqlstate(t.link), "42703");
	}
	assert_int_equal(seen.n_rows, 0);
}

static void on_wrong(void *ctx, struct db_rows *rows)
{
	(void)ctx;
	seen.number = db_rows_date(rows, 0, 0);
	assert_true(db_rows_bool(rows, 0, 1) == false);
}

static void a_cell_of_another_type_makes_the_batch_fail(void **state)
{
	struct db_batch *batch = db_batch_new(&t.arena);
	static const struct db_stmt two = { "two", "SELECT 1::bigint, NULL::boolean", 0 };

	(void)state;
	db_batch_add(batch, &two, NULL, on_wrong, NULL);
	run(batch);
	assert_int_equal(seen.status, PRAC_INTERNAL);
	assert_int_equal(seen.number, 0);
}

static void a_lost_connection_leaves_the_outcome_unknown(void **state)
{
	struct db_batch *batch = db_batch_new(&t.arena);

	(void)state;
	db_batch_add(batch, &backend, NULL, on_number, NULL);
	run(batch);
	assert_int_equal(seen.status, PRAC_OK);

	batch = db_batch_new(&t.arena);
	db_batch_add(batch, &slow, NULL, NULL, NULL);
	seen.is_done = false;
	db_link_run(t.link, batch, on_done, NULL);
	pg_exec("SELECT pg_terminate_backend(%d)", (int)seen.number);
	pg_run_until(&t.loop, &seen.is_done);
	assert_int_equal(seen.status, PRAC_UNKNOWN);
	assert_int_equal(db_link_state(t.link), DB_DOWN);

	batch = db_batch_new(&t.arena);
	db_batch_add(batch, &backend, NULL, NULL, NULL);
	run(batch);
	assert_int_equal(seen.status, PRAC_UNAVAILABLE);
	assert_int_equal(seen.n_done, 3);
}

static void it_connects_again_and_prepares_again(void **state)
{
	struct db_batch *batch = db_batch_new(&t.arena);

	(void)state;
	db_batch_add(batch, &backend, NULL, on_number, NULL);
	run(batch);
	db_link_drop(t.link, "of the test");
	while (db_link_state(t.link) != DB_IDLE)
		uv_run(&t.loop, UV_RUN_ONCE);
	batch = db_batch_new(&t.arena);
	db_batch_add(batch, &backend, NULL, on_number, NULL);
	run(batch);
	assert_int_equal(seen.status, PRAC_OK);
	assert_int_equal(seen.n_rows, 2);
}

static void closing_ends_every_batch_once(void **state)
{
	struct db_batch *first = db_batch_new(&t.arena);
	struct db_batch *second = db_batch_new(&t.arena);

	(void)state;
	while (db_link_state(t.link) != DB_IDLE)
		uv_run(&t.loop, UV_RUN_ONCE);
	db_batch_add(first, &slow, NULL, NULL, NULL);
	db_batch_add(second, &slow, NULL, NULL, NULL);
	db_link_run(t.link, first, on_done, NULL);
	db_link_run(t.link, second, on_done, NULL);
	db_link_close(t.link, on_closed, NULL);
	assert_int_equal(seen.n_done, 0);
	uv_run(&t.loop, UV_RUN_DEFAULT);
	assert_int_equal(seen.n_done, 2);
	assert_int_equal(seen.status, PRAC_CANCELLED);
	assert_true(t.is_closed);
}

static void run_again(void *ctx, enum prac_status status)
{
	struct db_batch *batch = db_batch_new(&t.arena);

	on_done(ctx, status);
	db_link_run(t.link, batch, on_done, NULL);
}

static void a_batch_that_comes_while_closing_ends_too(void **state)
{
	struct db_batch *first = db_batch_new(&t.arena);

	(void)state;
	db_batch_add(first, &slow, NULL, NULL, NULL);
	db_link_run(t.link, first, run_again, NULL);
	db_link_close(t.link, on_closed, NULL);
	uv_run(&t.loop, UV_RUN_DEFAULT);
	assert_int_equal(seen.n_done, 2);
	assert_int_equal(seen.status, PRAC_CANCELLED);
	assert_true(t.is_closed);
}

static void on_long(void *ctx, struct db_rows *rows)
{
	(void)ctx;
	seen.len = db_rows_bytes(rows, 0, 0).len + db_rows_bytes(rows, 0, 1).len;
}

/* Both directions are full at once: who only writes until done would wait for ever. */
static void large_batches_and_large_answers_do_not_lock_up(void **state)
{
	struct db_batch *batch = db_batch_new(&t.arena);
	size_t len = 8 << 20;
	char *text = prac_arena_alloc(&t.arena, len);

	(void)state;
	memset(text, 'y', len);
	for (int i = 0; i < 3; i++) {
		struct db_params *params = db_params_new(&t.arena);

		db_param_bytes(params, (struct prac_bytes){ (const uint8_t *)text, len });
		db_batch_add(batch, &long_text, params, on_long, NULL);
	}
	run(batch);
	assert_int_equal(seen.status, PRAC_OK);
	assert_int_equal(seen.len, 8000000 + len);
}

static void a_stalled_transaction_is_thrown_off(void **state)
{
	struct db_batch *batch = db_batch_new(&t.arena);

	(void)state;
	db_batch_add(batch, &begin, NULL, NULL, NULL);
	run(batch);
	assert_int_equal(db_link_state(t.link), DB_IDLE);
	while (db_link_state(t.link) == DB_IDLE) /* 2 s: idle_in_transaction_session_timeout */
		uv_run(&t.loop, UV_RUN_ONCE);
	assert_int_equal(db_link_state(t.link), DB_DOWN);
}

static void a_host_by_name_is_refused(void **state)
{
	char problem[200];

	(void)state;
	assert_int_equal(db_conninfo_check("host=db.example dbname=x", problem, sizeof(problem)),
		PRAC_INVALID_ARGUMENT);
	assert_string_equal(problem,
		"host=db.example is a name; give the folder of the Unix socket, or hostaddr=");
	assert_int_equal(
		db_conninfo_check("host=/run/postgresql", problem, sizeof(problem)), PRAC_OK);
	assert_int_equal(
		db_conninfo_check("host=db hostaddr=10.0.0.1", problem, sizeof(problem)), PRAC_OK);
	assert_int_equal(
		db_conninfo_check("nonsense", problem, sizeof(problem)), PRAC_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_record_in_a_cell_reads_as_a_row_and_a_broken_one_fails_the_batch, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			values_come_back_as_they_were_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_batch_is_one_round_trip_and_one_callback, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_stands_behind_a_failed_statement_does_not_run, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_statement_that_cannot_be_prepared_can_be_tried_again, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_cell_of_another_type_makes_the_batch_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_lost_connection_leaves_the_outcome_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(
			it_connects_again_and_prepares_again, setup, teardown),
		cmocka_unit_test_setup_teardown(closing_ends_every_batch_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_batch_that_comes_while_closing_ends_too, setup, teardown),
		cmocka_unit_test_setup_teardown(
			large_batches_and_large_answers_do_not_lock_up, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_stalled_transaction_is_thrown_off, setup, teardown),
		cmocka_unit_test(a_host_by_name_is_refused),
	};

	t.conninfo = pg_database("test_db_link");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
