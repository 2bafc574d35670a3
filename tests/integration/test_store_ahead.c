/* What PostgreSQL says of a batch that is loaded behind the writes of another and opens itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/pg.h"
#include "tests/support/pg_store.h"

enum {
	SCHOOL = 1,
	STUDENT = 2,
	DEVICE = 9
};

static struct pg_store t;

static int setup(void **state)
{
	(void)state;
	pg_store_open(&t, "test_store_ahead");
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
		"family_name", family_name, NULL);
}

/* A batch of one mutation that leaves this student. */
struct batch {
	const struct prac_record *record;
	bool is_new;
	struct store_judged judged;
	struct store_device device;
	struct store_writes writes;
	struct store_commit commit;
};

static void make_batch(struct batch *batch, uint64_t seq, const char *family_name)
{
	*batch = (struct batch){ .record = student(seq, family_name), .is_new = seq == 1 };
	batch->judged = (struct store_judged){ .key = { pg_id(DEVICE), 1, seq },
		.verdict = { .counter = seq, .kind = 1, .seq = seq },
		.type = PRAC_STUDENT,
		.id = pg_id(STUDENT) };
	batch->device = (struct store_device){ pg_id(DEVICE), 1, seq, 0 };
	batch->writes = (struct store_writes){ .records = &batch->record,
		.is_new = &batch->is_new,
		.n_records = 1,
		.judged = &batch->judged,
		.n_judged = 1,
		.devices = &batch->device,
		.n_devices = 1,
		.head = seq };
	batch->commit = (struct store_commit){
		.writes = &batch->writes, .arena = &t.arena, .n_numbers = 1
	};
}

/* What the student and the device of the next batch are. */
struct ahead {
	size_t n_loaded;
	struct store_facts facts;
	bool is_committed, was_first; /* loaded came before done */
	enum prac_status status;
};

static void on_loaded(void *ctx, enum prac_status status, const struct store_facts *facts)
{
	struct ahead *ahead = ctx;

	assert_int_equal(status, PRAC_OK);
	ahead->n_loaded++;
	ahead->facts = *facts;
	ahead->was_first = !ahead->is_committed;
}

static void on_done(void *ctx, enum prac_status status)
{
	struct ahead *ahead = ctx;

	assert_false(ahead->is_committed);
	ahead->is_committed = true;
	ahead->status = status;
}

static void commit(struct batch *batch, struct ahead *ahead)
{
	static const struct store_device device = { .incarnation = 1 };
	const struct prac_id id = pg_id(STUDENT);
	const struct store_load load = {
		.kind = STORE_BY_ID, .type = &prac_type_student, .ids = &id, .n_ids = 1
	};
	struct store_device asked = device;
	const struct store_ask ask = {
		.n_numbers = 1, .devices = &asked, .n_devices = 1, .loads = &load, .n_loads = 1
	};
	const struct store_next next = {
		.ask = &ask, .arena = &t.arena, .loaded = on_loaded, .ctx = ahead
	};

	asked.id = pg_id(DEVICE);
	memset(ahead, 0, sizeof(*ahead));
	t.store->ops->commit(t.store, &batch->commit, &next, on_done, ahead);
	pg_run_until(&t.loop, &ahead->is_committed);
}

static void begin(void)
{
	assert_non_null(pg_store_begin(&t, &(struct store_ask){ .n_numbers = 1 }));
}

/* The first batch in a transaction that was begun. */
static struct ahead commit_first(void)
{
	struct batch first;
	struct ahead ahead;

	make_batch(&first, 1, "Lovelace");
	begin();
	commit(&first, &ahead);
	assert_int_equal(ahead.status, PRAC_OK);
	return ahead;
}

static void what_is_loaded_ahead_has_the_writes_before_it(void **state)
{
	struct ahead ahead = commit_first();
	const struct prac_record *found;

	(void)state;
	assert_int_equal(ahead.n_loaded, 1);
	assert_true(ahead.was_first);
	assert_int_equal(ahead.facts.head, 1);
	assert_int_equal(ahead.facts.n_records, 1);
	found = ahead.facts.records[0];
	assert_true(prac_bytes_equal(
		found->values[PRAC_STUDENT_FAMILY_NAME].bytes, prac_bytes_text("Lovelace")));
	assert_int_equal(ahead.facts.devices[0].last_counter, 1);
}

static void a_batch_judged_ahead_is_one_round_trip(void **state)
{
	struct ahead ahead = commit_first();
	uint64_t before = db_link_trips(db_pool_writer(t.pool));
	struct batch second;

	(void)state;
	make_batch(&second, 2, "Byron");
	second.commit.opens = true;
	second.commit.notice.after = ahead.facts.head;
	t.store->ops->prepare(t.store, &second.commit);
	commit(&second, &ahead);
	assert_int_equal(ahead.status, PRAC_OK);
	assert_int_equal(db_link_trips(db_pool_writer(t.pool)) - before, 1);
	assert_int_equal(ahead.facts.head, 2);
	assert_string_equal(pg_text("SELECT family_name FROM student"), "Byron");
	assert_int_equal(pg_int("SELECT head FROM sync_head"), 2);
}

static void nothing_of_it_happens_when_the_head_has_moved(void **state)
{
	struct ahead ahead = commit_first();
	struct batch second;

	(void)state;
	pg_exec("UPDATE sync_head SET head = head + 1");
	make_batch(&second, 2, "Byron");
	second.commit.opens = true;
	second.commit.notice.after = ahead.facts.head;
	commit(&second, &ahead);
	assert_int_equal(ahead.status, PRAC_ABORTED);
	assert_int_equal(ahead.n_loaded, 0);
	assert_string_equal(pg_text("SELECT family_name FROM student"), "Lovelace");
	assert_int_equal(pg_int("SELECT count(*) FROM mutation"), 1);
	assert_int_equal(pg_int("SELECT head FROM sync_head"), 2);
	/* The connection is as good as before. */
	begin();
	pg_store_rollback(&t);
}

static void what_fails_in_it_is_not_taken_for_a_moved_head(void **state)
{
	struct ahead ahead = commit_first();
	struct batch again;

	(void)state;
	make_batch(&again, 2, "Byron");
	again.is_new = true; /* but is there */
	again.commit.opens = true;
	again.commit.notice.after = ahead.facts.head;
	commit(&again, &ahead);
	assert_int_equal(ahead.status, PRAC_INVALID_ARGUMENT);
	assert_int_equal(pg_int("SELECT head FROM sync_head"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_loaded_ahead_has_the_writes_before_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_batch_judged_ahead_is_one_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nothing_of_it_happens_when_the_head_has_moved, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_fails_in_it_is_not_taken_for_a_moved_head, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
