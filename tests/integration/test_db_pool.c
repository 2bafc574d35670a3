#include "server/db/pool.h"

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
	struct db_pool *pool;
	bool is_closed;
	int n_granted, n_refused;
	bool has_answer;
	enum prac_status status;
	struct db_link *link;
} t;

static void on_closed(void *ctx)
{
	(void)ctx;
	t.is_closed = true;
}

static int setup(void **state)
{
	struct db_pool_config config = {
		.loop = &t.loop, .env = &prac_env_system, .conninfo = t.conninfo, .n_readers = 1
	};

	(void)state;
	t.is_closed = false;
	t.n_granted = t.n_refused = 0;
	uv_loop_init(&t.loop);
	t.pool = db_pool_new(&config);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (!t.is_closed) {
		db_pool_close(t.pool, on_closed, NULL);
		uv_run(&t.loop, UV_RUN_DEFAULT);
	}
	return uv_loop_close(&t.loop);
}

static void granted(void *ctx, enum prac_status status, struct db_link *link)
{
	(void)ctx;
	t.has_answer = true;
	t.status = status;
	t.link = link;
	if (status == PRAC_OK) {
		t.n_granted++;
	} else {
		t.n_refused++;
	}
}

static void a_link_is_leased_to_one_at_a_time(void **state)
{
	(void)state;
	t.has_answer = false;
	db_pool_lease(t.pool, DB_READER, granted, NULL);
	db_pool_lease(t.pool, DB_READER, granted, NULL);
	assert_false(t.has_answer);
	pg_run_until(&t.loop, &t.has_answer);
	assert_int_equal(t.n_granted, 1);
	assert_ptr_not_equal(t.link, db_pool_writer(t.pool));
	t.has_answer = false;
	db_pool_return(t.pool, t.link);
	pg_run_until(&t.loop, &t.has_answer);
	assert_int_equal(t.n_granted, 2);
}

static void who_waits_too_long_is_told_so(void **state)
{
	(void)state;
	t.has_answer = false;
	db_pool_lease(t.pool, DB_REPORT, granted, NULL);
	pg_run_until(&t.loop, &t.has_answer);
	t.has_answer = false;
	db_pool_lease(t.pool, DB_REPORT, granted, NULL);
	pg_run_until(&t.loop, &t.has_answer);
	assert_int_equal(t.status, PRAC_UNAVAILABLE);
	assert_null(t.link);
}

static void on_done(void *ctx, enum prac_status status)
{
	assert_int_equal(status, PRAC_OK);
	*(bool *)ctx = true;
}

static void an_open_transaction_is_not_handed_on(void **state)
{
	static const struct db_stmt begin = { "begin", "BEGIN", 0 };
	struct prac_arena arena = { 0 };
	struct db_batch *batch = db_batch_new(&arena);
	bool is_done = false;

	(void)state;
	t.has_answer = false;
	db_pool_lease(t.pool, DB_READER, granted, NULL);
	pg_run_until(&t.loop, &t.has_answer);
	db_batch_add(batch, &begin, NULL, NULL, NULL);
	db_link_run(t.link, batch, on_done, &is_done);
	pg_run_until(&t.loop, &is_done);
	db_pool_return(t.pool, t.link);
	t.has_answer = false;
	db_pool_lease(t.pool, DB_READER, granted, NULL);
	pg_run_until(&t.loop, &t.has_answer);
	assert_int_equal(t.status, PRAC_OK);
	assert_false(db_link_in_transaction(t.link));
	prac_arena_deinit(&arena);
}

static void closing_answers_those_who_wait(void **state)
{
	(void)state;
	db_pool_lease(t.pool, DB_READER, granted, NULL);
	db_pool_close(t.pool, on_closed, NULL);
	uv_run(&t.loop, UV_RUN_DEFAULT);
	assert_int_equal(t.n_refused, 1);
	assert_int_equal(t.status, PRAC_CANCELLED);
	assert_true(t.is_closed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_link_is_leased_to_one_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(who_waits_too_long_is_told_so, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_open_transaction_is_not_handed_on, setup, teardown),
		cmocka_unit_test_setup_teardown(closing_answers_those_who_wait, setup, teardown),
	};

	t.conninfo = pg_database("test_db_pool");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
