#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/zone.h"
#include "server/sync/batch_try.h"
#include "server/sync/lanes.h"
#include "tests/support/office.h"

static int start(void **state)
{
	struct office *office = office_open();

	(void)office_add_student(office);
	office->n_answers = 0;
	*state = office;
	return 0;
}

static int stop(void **state)
{
	office_close(*state);
	return 0;
}

static struct prac_mutation *make_edit(
	struct office *office, struct station *station, const char *assignment)
{
	struct prac_record *student = office_last(office, &prac_type_student);
	struct prac_mutation *mutation =
		office_make(office, station, PRACTICUM__OP__OP_PATCH, student);

	office_make_patch(office, mutation, student, office_edit(office, student, assignment));
	return mutation;
}

static void submit(struct office *office, struct station *station, struct prac_mutation *mutation)
{
	assert_int_equal(office_submit(office, station, &mutation, 1), PRAC_OK);
}

static struct prac_record *new_student(struct office *office, uint8_t nn)
{
	struct prac_record *student = office_edit(office, office_last(office, &prac_type_student),
		prac_arena_printf(&office->arena, "identifier=%u", nn));

	student->id = sample_id(nn);
	return student;
}

static void the_answer_comes_after_the_call(void **state)
{
	struct office *office = *state;

	submit(office, &office->a, make_edit(office, &office->a, "grade=11"));
	assert_int_equal(office->n_answers, 0);
	office_run(office);
	assert_int_equal(office->n_answers, 1);
	assert_int_equal(office->answer.status, PRAC_OK);
	assert_int_equal(office->answer.last_counter, 2);
	assert_true(sequencer_is_idle(office->sequencer));
}

static void a_mutation_sent_twice_gets_the_same_verdict(void **state)
{
	struct office *office = *state;
	struct prac_mutation *edit = make_edit(office, &office->a, "grade=11");

	submit(office, &office->a, edit);
	office_run(office);
	submit(office, &office->a, edit);
	office_run(office);
	assert_int_equal(office->n_answers, 2);
	assert_true(office->verdicts[0].replayed);
	assert_int_equal(office->verdicts[0].seq, 4);
	assert_int_equal(office->mem.db->mutations->len, 4);
}

static void also_within_one_batch(void **state)
{
	struct office *office = *state;
	struct prac_mutation *edit = make_edit(office, &office->a, "grade=11");
	struct prac_mutation *twice[] = { edit, edit };

	assert_int_equal(office_submit(office, &office->a, twice, 2), PRAC_OK);
	office_run(office);
	assert_int_equal(office->answer.status, PRAC_OK);
	assert_false(office->verdicts[0].replayed);
	assert_true(office->verdicts[1].replayed);
	assert_int_equal(office->verdicts[1].seq, office->verdicts[0].seq);
}

static void another_mutation_under_the_same_key_is_rewound(void **state)
{
	struct office *office = *state;
	struct prac_mutation *copy[2];

	submit(office, &office->a, make_edit(office, &office->a, "grade=11"));
	office_run(office);
	office->a.counter = 1; /* a restored replica counts from where it was */
	copy[0] = make_edit(office, &office->a, "grade=12");
	copy[1] = make_edit(office, &office->a, "career_goal=Nurse");
	assert_int_equal(office_submit(office, &office->a, copy, 2), PRAC_OK);
	office_run(office);
	assert_int_equal(office->answer.status, PRAC_ABORTED);
	assert_string_equal(office->answer.reason, "REWOUND");
	assert_int_equal(office->answer.last_counter, 2);
	/* What stood behind it is not judged under the stolen name. */
	assert_int_equal(office->mem.db->mutations->len, 4);
}

static void a_gap_says_where_to_go_on(void **state)
{
	struct office *office = *state;

	office->a.counter = 5;
	submit(office, &office->a, make_edit(office, &office->a, "grade=11"));
	office_run(office);
	assert_int_equal(office->answer.status, PRAC_ABORTED);
	assert_string_equal(office->answer.reason, "GAP");
	assert_int_equal(office->answer.last_counter, 1);
	assert_int_equal(office->mem.db->head, 3);
}

static void what_went_before_a_gap_holds(void **state)
{
	struct office *office = *state;
	struct prac_mutation *both[2];

	both[0] = make_edit(office, &office->a, "grade=11");
	office->a.counter = 5;
	both[1] = make_edit(office, &office->a, "grade=12");
	assert_int_equal(office_submit(office, &office->a, both, 2), PRAC_OK);
	office_run(office);
	assert_int_equal(office->answer.status, PRAC_ABORTED);
	assert_int_equal(office->answer.n_verdicts, 1);
	assert_int_equal(office->answer.last_counter, 2);
}

static void an_unknown_outcome_that_held_becomes_a_replay(void **state)
{
	struct office *office = *state;

	submit(office, &office->a, make_edit(office, &office->a, "grade=11"));
	office->mem.fault = STORE_MEM_LOST_AFTER;
	office_run(office);
	assert_int_equal(office->n_answers, 1);
	assert_int_equal(office->answer.status, PRAC_OK);
	assert_true(office->verdicts[0].replayed);
	assert_int_equal(office->mem.db->mutations->len, 4);
}

static void an_unknown_outcome_that_did_not_hold_is_judged_again(void **state)
{
	struct office *office = *state;

	submit(office, &office->a, make_edit(office, &office->a, "grade=11"));
	office->mem.fault = STORE_MEM_LOST_BEFORE;
	office_run(office);
	assert_int_equal(office->answer.status, PRAC_OK);
	assert_false(office->verdicts[0].replayed);
	assert_int_equal(office->mem.db->mutations->len, 4);
}

static void a_store_that_is_away_is_asked_again_later(void **state)
{
	struct office *office = *state;

	office->mem.fault = STORE_MEM_UNAVAILABLE;
	submit(office, &office->a, make_edit(office, &office->a, "grade=11"));
	office_run(office);
	assert_int_equal(office->n_answers, 0);
	sequencer_tick(office->sequencer, office->now_ms);
	office_run(office);
	assert_int_equal(office->n_answers, 0);
	office->now_ms += 50;
	sequencer_tick(office->sequencer, office->now_ms);
	office_run(office);
	assert_int_equal(office->n_answers, 1);
	assert_int_equal(office->answer.status, PRAC_OK);
}

static void at_rest_nothing_is_held_of_the_last_batch(void **state)
{
	struct office *office = *state;

	submit(office, &office->a, make_edit(office, &office->a, "grade=11"));
	sequencer_tick(office->sequencer, office->now_ms);
	assert_true(sequencer_memory(office->sequencer) > 0); /* under way */
	office_run(office);
	assert_int_equal(office->answer.status, PRAC_OK);
	sequencer_tick(office->sequencer, office->now_ms);
	assert_int_equal(sequencer_memory(office->sequencer), 0);
	submit(office, &office->a, make_edit(office, &office->a, "grade=12"));
	office_run(office);
	assert_int_equal(office->n_answers, 2);
}

static void one_poisoned_mutation_is_found_and_kept(void **state)
{
	struct office *office = *state;
	struct prac_mutation *all[5];

	for (uint8_t i = 0; i < 5; i++) {
		all[i] = office_make(office, &office->a, PRACTICUM__OP__OP_CREATE,
			new_student(office, (uint8_t)(0x60 + i)));
	}
	office->mem.poison = sample_id(0x63);
	assert_int_equal(office_submit(office, &office->a, all, 5), PRAC_OK);
	office_run(office);
	assert_int_equal(office->answer.status, PRAC_OK);
	assert_int_equal(office->answer.n_verdicts, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(office->verdicts[i].reason,
			i == 3 ? PRAC_REASON_INTERNAL : PRAC_REASON_NONE);
	}
	assert_int_equal(office->answer.last_counter, 6);
	assert_true(prac_bytes_equal(
		office_last(office, &prac_type_rejected)->values[PRAC_REJECTED_PAYLOAD].bytes,
		all[3]->bytes));
}

static void nothing_is_committed_for_replays_alone(void **state)
{
	struct office *office = *state;
	struct prac_mutation *edit = make_edit(office, &office->a, "grade=11");
	size_t n_commits;

	submit(office, &office->a, edit);
	office_run(office);
	n_commits = office->mem.n_commits;
	office->n_announced = 0;
	submit(office, &office->a, edit);
	office_run(office);
	assert_int_equal(office->mem.n_commits, n_commits);
	assert_int_equal(office->n_announced, 0);
}

static void commits_are_announced_with_their_scopes(void **state)
{
	struct office *office = *state;

	office->n_announced = 0;
	submit(office, &office->a, make_edit(office, &office->a, "grade=11"));
	office_run(office);
	assert_int_equal(office->n_announced, 1);
	assert_int_equal(office->n_announced_scopes, 1);
	assert_int_equal(office->announced[0].b[15], OFFICE_SCHOOL_A);
}

enum {
	BACKLOG = 300,
	BACKLOG_PUSH = 50
};

/*
 * Many of one station, in several pushes, of which nothing is judged yet. every_other: with "grade=12" some are
 * in conflict, with "grade=11" all of one mind.
 */
static void push_backlog(struct office *office, const char *every_other)
{
	struct prac_mutation *backlog[BACKLOG];

	for (size_t i = 0; i < BACKLOG; i++) {
		backlog[i] = make_edit(office, &office->a, i % 2 == 0 ? "grade=11" : every_other);
	}
	for (size_t i = 0; i < BACKLOG; i += BACKLOG_PUSH) {
		assert_int_equal(
			office_submit(office, &office->a, backlog + i, BACKLOG_PUSH), PRAC_OK);
	}
}

static void push_city(struct office *office)
{
	const struct prac_record *school = office_last(office, &prac_type_school);
	struct prac_mutation *one =
		office_make(office, &office->district, PRACTICUM__OP__OP_PATCH, school);

	office_make_patch(office, one, school, office_edit(office, school, "city=X"));
	submit(office, &office->district, one);
}

/* Mutations judged by the next n commits. */
static size_t judged_by(struct office *office, size_t n)
{
	size_t n_before = office->mem.db->mutations->len;
	size_t n_commits = office->mem.n_commits + n;

	while (office->mem.n_commits < n_commits) {
		store_mem_step(&office->mem, 0);
	}
	return office->mem.db->mutations->len - n_before;
}

/* Many of one station wait when another comes with one. */
static void a_backlog_does_not_hold_up_others(void **state)
{
	struct office *office = *state;
	size_t n_before = office->mem.db->mutations->len;

	push_backlog(office, "grade=12");
	push_city(office);
	/* The first batch is a turn of the first push; in the second both have one. */
	assert_int_equal(judged_by(office, 2), 32 + 32 + 1);
	assert_int_equal(((struct store_judged *)g_ptr_array_index(
				  office->mem.db->mutations, n_before + 32 + 32))
				 ->type,
		PRAC_SCHOOL);
	office_run(office);
}

static void a_backlog_leaves_room_for_who_pushed_lately(void **state)
{
	struct office *office = *state;

	push_city(office);
	office_run(office);
	push_backlog(office, "grade=12");
	assert_int_equal(judged_by(office, 2), 32 + 32);
	office_run(office);
}

/* Whoever comes while a batch of the backlog is under way is in the very next one. */
static void nothing_of_a_backlog_goes_ahead_of_others(void **state)
{
	struct office *office = *state;

	push_city(office);
	office_run(office);
	push_backlog(office, "grade=11");
	assert_int_equal(judged_by(office, 1), 32);
	push_city(office);
	assert_int_equal(judged_by(office, 1), 32);
	assert_int_equal(judged_by(office, 1), 32 + 1);
	office_run(office);
}

static void a_station_that_was_alone_for_32_batches_gets_large_ones(void **state)
{
	struct office *office = *state;

	push_city(office);
	for (size_t i = 0; i < 33; i++) {
		submit(office, &office->a, make_edit(office, &office->a, "grade=11"));
		office_run(office);
	}
	push_backlog(office, "grade=12");
	assert_int_equal(judged_by(office, 2), 300);
	office_run(office);
}

enum {
	STATIONS_MAX = 40,
	WAITING = 100
};

/* How many of the first are in a batch when so many stations have more than enough waiting. */
static size_t turn_among(struct office *office, size_t n_stations)
{
	static struct push_item *items[SEQUENCER_BATCH_MAX];
	const struct lanes_limits limits = {
		.turns = n_stations, .items = SEQUENCER_BATCH_MAX, .bytes = SIZE_MAX
	};
	struct prac_mutation *edit = make_edit(office, &office->a, "grade=11");
	struct prac_bytes mutations[WAITING];
	struct push *pushes[STATIONS_MAX];
	struct lanes lanes = { 0 };
	size_t turn;

	prac_mutation_write(edit, &office->arena);
	for (size_t i = 0; i < WAITING; i++) {
		mutations[i] = edit->bytes;
	}
	for (size_t i = 0; i < n_stations; i++) {
		const struct judge_device device = { .id = sample_id((uint8_t)i) };
		const struct sequencer_push from = {
			.device = &device, .mutations = mutations, .n_mutations = WAITING
		};

		assert_int_equal(push_new(&from, &pushes[i]), PRAC_OK);
		lanes_add(&lanes, pushes[i]);
	}
	(void)lanes_take(&lanes, items, &limits);
	turn = pushes[0]->n_taken;
	for (size_t i = 0; i < n_stations; i++) {
		lanes_remove(&lanes, pushes[i]);
		push_free(pushes[i]);
	}
	assert_true(lanes_is_empty(&lanes));
	return turn;
}

/* Among few, one that comes with little waits for 32 of each other; where many wait, batches are fuller. */
static void turns_are_longer_where_many_wait(void **state)
{
	assert_int_equal(turn_among(*state, 1), 32);
	assert_int_equal(turn_among(*state, 3), 32);
	assert_int_equal(turn_among(*state, 4), 64);
	assert_int_equal(turn_among(*state, 16), 64);
	assert_int_equal(turn_among(*state, 20), 51);
	assert_int_equal(turn_among(*state, 32), 32);
	assert_int_equal(turn_among(*state, 40), 32);
}

static void too_much_is_not_taken(void **state)
{
	struct office *office = *state;
	struct prac_mutation *edit = make_edit(office, &office->a, "grade=11");
	size_t n_taken = 0;

	while (office_submit(office, &office->a, &edit, 1) == PRAC_OK) {
		n_taken++;
	}
	assert_int_equal(n_taken, 4096);
	assert_int_equal(office_submit(office, &office->a, &edit, 1), PRAC_RESOURCE_EXHAUSTED);
	office_run(office);
	assert_int_equal(office->n_answers, 4096);
	assert_int_equal(sequencer_waiting(office->sequencer), 0);
}

static void an_unreadable_push_is_not_taken(void **state)
{
	struct office *office = *state;
	const struct prac_bytes garbage = { (const uint8_t *)"\x08", 1 };
	struct sequencer_push push = { .device = &office->a.device, .mutations = &garbage };

	assert_int_equal(sequencer_submit(office->sequencer, &push), PRAC_INVALID_ARGUMENT);
	push.n_mutations = 1;
	assert_int_equal(sequencer_submit(office->sequencer, &push), PRAC_INVALID_ARGUMENT);
	assert_true(sequencer_is_idle(office->sequencer));
}

static void stopping_answers_everybody_once(void **state)
{
	struct office *office = *state;

	submit(office, &office->a, make_edit(office, &office->a, "grade=11"));
	submit(office, &office->a, make_edit(office, &office->a, "grade=12"));
	sequencer_stop(office->sequencer);
	assert_int_equal(office->n_answers, 0);
	office_run(office);
	/* The batch under way was committed and answered, the other was not begun. */
	assert_int_equal(office->n_answers, 2);
	assert_int_equal(office->answer.status, PRAC_UNAVAILABLE);
	assert_int_equal(office->mem.db->mutations->len, 4);
	assert_true(sequencer_is_idle(office->sequencer));
	assert_int_equal(sequencer_submit(office->sequencer,
				 &(struct sequencer_push){ .device = &office->a.device }),
		PRAC_UNAVAILABLE);
}

static void stopping_while_the_outcome_is_unknown_says_so(void **state)
{
	struct office *office = *state;

	submit(office, &office->a, make_edit(office, &office->a, "grade=11"));
	office->mem.fault = STORE_MEM_LOST_AFTER;
	sequencer_stop(office->sequencer);
	office_run(office);
	assert_int_equal(office->n_answers, 1);
	assert_int_equal(office->answer.status, PRAC_UNKNOWN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

static int64_t late_on_august_11(void *ctx)
{
	(void)ctx;
	return INT64_C(1786505400000); /* 2026-08-12 03:30 UTC */
}

static void a_batch_is_judged_on_the_districts_date(void **state)
{
	const struct prac_env env = { .wall_ms = late_on_august_11 };
	const struct sequencer_config config = { .env = &env,
		.zone = prac_zone_shared("America/New_York") };
	struct batch_try at_district = { 0 };

	(void)state;
	batch_try_plan(&at_district, &config, NULL, NULL, 0);
	assert_int_equal(at_district.batch.today, 20676); /* 2026-08-11 */
	prac_arena_deinit(&at_district.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_answer_comes_after_the_call),
		TEST(a_mutation_sent_twice_gets_the_same_verdict),
		TEST(also_within_one_batch),
		TEST(another_mutation_under_the_same_key_is_rewound),
		TEST(a_gap_says_where_to_go_on),
		TEST(what_went_before_a_gap_holds),
		TEST(an_unknown_outcome_that_held_becomes_a_replay),
		TEST(an_unknown_outcome_that_did_not_hold_is_judged_again),
		TEST(a_store_that_is_away_is_asked_again_later),
		TEST(at_rest_nothing_is_held_of_the_last_batch),
		TEST(one_poisoned_mutation_is_found_and_kept),
		TEST(nothing_is_committed_for_replays_alone),
		TEST(commits_are_announced_with_their_scopes),
		TEST(a_backlog_does_not_hold_up_others),
		TEST(a_backlog_leaves_room_for_who_pushed_lately),
		TEST(nothing_of_a_backlog_goes_ahead_of_others),
		TEST(a_station_that_was_alone_for_32_batches_gets_large_ones),
		TEST(turns_are_longer_where_many_wait),
		TEST(too_much_is_not_taken),
		TEST(an_unreadable_push_is_not_taken),
		TEST(stopping_answers_everybody_once),
		TEST(stopping_while_the_outcome_is_unknown_says_so),
		cmocka_unit_test(a_batch_is_judged_on_the_districts_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
