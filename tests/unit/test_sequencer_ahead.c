/* The sequencer while one batch is committed and the next is judged already. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/office.h"

enum {
	PUSH = 32 /* a batch beside others */
};

static int start_with(void **state, struct office *office)
{
	(void)office_add_student(office);
	office->n_answers = 0;
	office->mem.n_begins = office->mem.n_commits = 0;
	*state = office;
	return 0;
}

static int start(void **state)
{
	return start_with(state, office_open_ahead(SEQUENCER_AHEAD_ALWAYS));
}

static int start_gathering(void **state)
{
	return start_with(state, office_open());
}

static int stop(void **state)
{
	office_close(*state);
	return 0;
}

static struct prac_mutation *make_patch(struct office *office, struct station *station,
	struct prac_record *record, const char *assignment)
{
	struct prac_mutation *mutation =
		office_make(office, station, PRACTICUM__OP__OP_PATCH, record);

	office_make_patch(office, mutation, record, office_edit(office, record, assignment));
	return mutation;
}

static struct prac_mutation *make_edit(struct office *office, const char *assignment)
{
	return make_patch(office, &office->a, office_last(office, &prac_type_student), assignment);
}

/* All of one mind: whose change a conflict is with would take a second trip. */
static void make_edits(struct office *office, struct prac_mutation **edits, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		edits[i] = make_edit(office, "grade=11");
	}
}

static void push_edits(struct office *office)
{
	struct prac_mutation *edits[PUSH];

	make_edits(office, edits, PUSH);
	assert_int_equal(office_submit(office, &office->a, edits, PUSH), PRAC_OK);
}

/* Until the first batch is loaded, judged and has loaded what the one behind it needs. */
static void run_to_the_open_commit(struct office *office)
{
	store_mem_step(&office->mem, 0);
	store_mem_step(&office->mem, 0);
	assert_int_equal(office->mem.n_commits, 0);
}

/* Everything that was sent was judged once, in the order sent, with numbers that go up. */
static void assert_judged_once(const struct office *office, size_t n)
{
	const GPtrArray *mutations = office->mem.db->mutations;

	assert_int_equal(mutations->len, 3 + n); /* of the schools and the student */
	for (size_t i = 0; i < n; i++) {
		const struct store_judged *judged = g_ptr_array_index(mutations, 3 + i);
		const struct store_judged *before = g_ptr_array_index(mutations, 2 + i);

		assert_int_equal(judged->key.counter, 2 + i);
		assert_true(judged->verdict.seq > before->verdict.seq);
	}
}

static void each_batch_after_the_first_is_one_trip(void **state)
{
	struct office *office = *state;

	for (size_t i = 0; i < 4; i++) {
		push_edits(office);
	}
	office_run(office);
	assert_int_equal(office->n_answers, 4);
	assert_int_equal(office->answer.status, PRAC_OK);
	/* A turn each, since another station has pushed lately. */
	assert_int_equal(office->mem.n_begins, 1);
	assert_int_equal(office->mem.n_commits, 4);
	assert_judged_once(office, (size_t)4 * PUSH);
}

/* Also of a station that is alone, as after so many batches. */
static void few_that_wait_are_left_to_gather(void **state)
{
	struct office *office = *state;
	struct prac_mutation *edit;

	for (size_t i = 0; i < SEQUENCER_LATELY; i++) {
		edit = make_edit(office, "grade=11");
		assert_int_equal(office_submit(office, &office->a, &edit, 1), PRAC_OK);
		office_run(office);
	}
	office->mem.n_begins = 0;
	push_edits(office);
	edit = make_edit(office, "career_goal=Nurse");
	assert_int_equal(office_submit(office, &office->a, &edit, 1), PRAC_OK);
	office_run(office);
	assert_int_equal(office->mem.n_begins, 2);
	assert_judged_once(office, SEQUENCER_LATELY + PUSH + 1);
}

/* Instead of the nth edit: another student, with the id. */
static struct prac_record *make_student(
	struct office *office, struct prac_mutation **edits, size_t n, struct prac_id id)
{
	struct prac_record *student = office_last(office, &prac_type_student);
	struct prac_mutation *mutation = edits[n];

	student->id = id;
	sample_set(student, &office->arena, "identifier=4712");
	mutation->op = PRACTICUM__OP__OP_CREATE;
	mutation->id = id;
	mutation->scope = student->scope;
	mutation->n_patches =
		prac_patches_between(NULL, student, &office->arena, &mutation->patches);
	return student;
}

static void the_batch_ahead_sees_what_the_present_one_wrote(void **state)
{
	struct office *office = *state;
	struct prac_mutation *edits[PUSH];
	struct prac_record *student;

	make_edits(office, edits, PUSH);
	student = make_student(office, edits, PUSH - 1, sample_id(0x63));
	assert_int_equal(office_submit(office, &office->a, edits, PUSH), PRAC_OK);
	make_edits(office, edits, PUSH);
	edits[0]->id = student->id;
	assert_int_equal(office_submit(office, &office->a, edits, PUSH), PRAC_OK);
	office_run(office);
	assert_int_equal(office->mem.n_begins, 1);
	assert_judged_once(office, (size_t)2 * PUSH);
	assert_int_equal(office->verdicts[0].kind, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	assert_int_equal(mem_db_record(office->mem.db, PRAC_STUDENT, &student->id)->seq,
		office->verdicts[0].seq);
}

/* A change of an enrollment asks for all those of its student: which student, only the record says. */
static void what_the_present_batch_knows_takes_no_second_trip(void **state)
{
	struct office *office = *state;
	struct station *district = &office->district;
	struct prac_record *student = office_last(office, &prac_type_student);
	struct prac_record *enrollment = office_enrollment(office, 0x50);
	struct prac_mutation *edits[PUSH];

	for (size_t i = 0; i < PUSH; i++) {
		edits[i] = make_patch(office, district, student, "grade=11");
	}
	edits[PUSH - 1]->op = PRACTICUM__OP__OP_CREATE;
	edits[PUSH - 1]->type = enrollment->type;
	edits[PUSH - 1]->id = enrollment->id;
	edits[PUSH - 1]->scope = enrollment->scope;
	edits[PUSH - 1]->n_patches =
		prac_patches_between(NULL, enrollment, &office->arena, &edits[PUSH - 1]->patches);
	assert_int_equal(office_submit(office, district, edits, PUSH), PRAC_OK);
	for (size_t i = 0; i < PUSH; i++) {
		edits[i] = make_patch(office, district, enrollment, "note=seen");
	}
	assert_int_equal(office_submit(office, district, edits, PUSH), PRAC_OK);
	office_run(office);
	assert_int_equal(office->mem.n_begins, 1);
	assert_int_equal(office->mem.db->mutations->len, 3 + 2 * PUSH);
	assert_int_equal(office->verdicts[0].kind, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
}

static void an_unknown_outcome_holds_for_the_batch_ahead_too(
	void **state, enum store_mem_fault fault)
{
	struct office *office = *state;

	push_edits(office);
	push_edits(office);
	run_to_the_open_commit(office);
	office->mem.fault = fault;
	office_run(office);
	assert_int_equal(office->n_answers, 2);
	assert_int_equal(office->answer.status, PRAC_OK);
	assert_judged_once(office, (size_t)2 * PUSH);
}

static void a_lost_commit_takes_the_batch_ahead_with_it(void **state)
{
	an_unknown_outcome_holds_for_the_batch_ahead_too(state, STORE_MEM_LOST_BEFORE);
}

static void a_commit_that_held_unheard_is_replayed_before_the_batch_ahead(void **state)
{
	an_unknown_outcome_holds_for_the_batch_ahead_too(state, STORE_MEM_LOST_AFTER);
}

static void poison_before_the_batch_ahead_is_found_alone(void **state)
{
	struct office *office = *state;
	struct prac_mutation *edits[PUSH];

	make_edits(office, edits, PUSH);
	(void)make_student(office, edits, 7, sample_id(0x63));
	assert_int_equal(office_submit(office, &office->a, edits, PUSH), PRAC_OK);
	push_edits(office);
	run_to_the_open_commit(office);
	office->mem.poison = sample_id(0x63);
	office_run(office);
	assert_int_equal(office->n_answers, 2);
	assert_judged_once(office, (size_t)2 * PUSH);
	for (size_t i = 0; i < (size_t)2 * PUSH; i++) {
		const struct store_judged *judged =
			g_ptr_array_index(office->mem.db->mutations, 3 + i);

		assert_int_equal(
			judged->verdict.reason, i == 7 ? PRAC_REASON_INTERNAL : PRAC_REASON_NONE);
	}
}

static void another_servers_commit_between_has_the_batch_judged_again(void **state)
{
	struct office *office = *state;

	push_edits(office);
	push_edits(office);
	run_to_the_open_commit(office);
	store_mem_step(&office->mem, 0);
	assert_int_equal(office->mem.n_commits, 1);
	office->mem.db->head += 5;
	office_run(office);
	assert_int_equal(office->mem.n_stale, 1);
	assert_int_equal(office->mem.n_begins, 2);
	assert_int_equal(office->n_answers, 2);
	assert_judged_once(office, (size_t)2 * PUSH);
	assert_int_equal(office->verdicts[0].seq, 3 + PUSH + 5 + 1);
}

static void a_gap_leaves_nothing_ahead(void **state)
{
	struct office *office = *state;
	struct prac_mutation *edits[PUSH + 1];

	make_edits(office, edits, PUSH);
	office->a.counter += 3;
	edits[PUSH] = make_edit(office, "grade=10");
	edits[PUSH - 1] = edits[PUSH];
	assert_int_equal(office_submit(office, &office->a, edits, PUSH), PRAC_OK);
	push_edits(office);
	office_run(office);
	assert_int_equal(office->n_answers, 2);
	assert_string_equal(office->answer.reason, "GAP");
	assert_int_equal(office->mem.n_begins, 2);
	assert_judged_once(office, PUSH - 1);
}

static void stopping_lets_the_present_batch_end_and_drops_the_one_ahead(void **state)
{
	struct office *office = *state;

	push_edits(office);
	push_edits(office);
	run_to_the_open_commit(office);
	sequencer_stop(office->sequencer);
	office_run(office);
	assert_int_equal(office->n_answers, 2);
	assert_int_equal(office->answer.status, PRAC_UNAVAILABLE);
	assert_judged_once(office, PUSH);
	assert_true(sequencer_is_idle(office->sequencer));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_batch_after_the_first_is_one_trip),
		cmocka_unit_test_setup_teardown(
			few_that_wait_are_left_to_gather, start_gathering, stop),
		TEST(the_batch_ahead_sees_what_the_present_one_wrote),
		TEST(what_the_present_batch_knows_takes_no_second_trip),
		TEST(a_lost_commit_takes_the_batch_ahead_with_it),
		TEST(a_commit_that_held_unheard_is_replayed_before_the_batch_ahead),
		TEST(poison_before_the_batch_ahead_is_found_alone),
		TEST(another_servers_commit_between_has_the_batch_judged_again),
		TEST(a_gap_leaves_nothing_ahead),
		TEST(stopping_lets_the_present_batch_end_and_drops_the_one_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
