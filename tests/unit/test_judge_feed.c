#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/office.h"

/* A student of school A who also attends school B. */

static int start(void **state)
{
	struct office *office = office_open();

	(void)office_add_student(office);  /* seq 3 */
	(void)office_add_guardian(office); /* seq 4 */
	*state = office;
	return 0;
}

static int stop(void **state)
{
	office_close(*state);
	return 0;
}

static struct prac_record *student(struct office *office)
{
	return office_last(office, &prac_type_student);
}

static struct prac_record *guardian(struct office *office)
{
	return office_last(office, &prac_type_guardian);
}

static struct prac_record *enroll_from(struct office *office, uint8_t nn, const char *starts_on)
{
	struct prac_record *enrollment =
		office_edit(office, office_enrollment(office, nn), starts_on);

	assert_int_equal(
		office_create(office, &office->district, enrollment)->reason, PRAC_REASON_NONE);
	return office_record(office, enrollment->type, &enrollment->id);
}

static struct prac_record *enroll(struct office *office, uint8_t nn)
{
	return enroll_from(office, nn, "starts_on=2026-08-11");
}

static void end(struct office *office, const struct prac_record *enrollment)
{
	const struct prac_value ends_on[3] = { { .has = true, .number = 20700 } };

	assert_int_equal(office_act(office, &office->district, enrollment, "end", ends_on)->reason,
		PRAC_REASON_NONE);
}

static void assert_row(struct office *office, const struct prac_record *record, uint8_t school,
	uint64_t seq, enum store_gone gone)
{
	const struct store_feed_row *row = office_row(office, record, school);

	assert_non_null(row);
	assert_int_equal(row->seq, seq);
	assert_int_equal(row->gone, gone);
}

static void an_enrollment_shows_the_student_and_what_follows(void **state)
{
	struct office *office = *state;
	struct prac_record *enrollment = enroll(office, 0x50); /* seq 5 */

	assert_row(office, student(office), OFFICE_SCHOOL_B, 5, STORE_LIVE);
	assert_row(office, guardian(office), OFFICE_SCHOOL_B, 5, STORE_LIVE);
	assert_row(office, student(office), OFFICE_SCHOOL_A, 3, STORE_LIVE);
	assert_row(office, guardian(office), OFFICE_SCHOOL_A, 4, STORE_LIVE);
	assert_row(office, enrollment, OFFICE_SCHOOL_A, 5, STORE_LIVE);
	assert_row(office, enrollment, OFFICE_SCHOOL_B, 5, STORE_LIVE);
	assert_int_equal(student(office)->seq, 3); /* nothing of the record changed */
}

static void an_edit_is_seen_at_both_schools(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = guardian(office);

	(void)enroll(office, 0x50);
	(void)office_patch(office, &office->a, saw, office_edit(office, saw, "phone=222"));
	assert_row(office, saw, OFFICE_SCHOOL_A, 6, STORE_LIVE);
	assert_row(office, saw, OFFICE_SCHOOL_B, 6, STORE_LIVE);
	assert_int_equal(office->n_announced_scopes, 2);
}

static void a_new_record_of_a_shared_student_is_seen_at_both_schools(void **state)
{
	struct office *office = *state;
	struct prac_record *second = guardian(office);

	(void)enroll(office, 0x50);
	second->id = sample_id(0x51);
	(void)office_create(office, &office->a, second);
	assert_row(office, second, OFFICE_SCHOOL_B, 6, STORE_LIVE);
}

static void the_end_of_an_enrollment_moves_all_of_it_away(void **state)
{
	struct office *office = *state;
	struct prac_record *enrollment = enroll(office, 0x50);

	end(office, enrollment);
	assert_row(office, student(office), OFFICE_SCHOOL_B, 6, STORE_MOVED);
	assert_row(office, guardian(office), OFFICE_SCHOOL_B, 6, STORE_MOVED);
	assert_row(office, student(office), OFFICE_SCHOOL_A, 3, STORE_LIVE);
	/* The enrollment is the school's own record and stays. */
	assert_row(office, enrollment, OFFICE_SCHOOL_B, 6, STORE_LIVE);
}

static void a_second_enrollment_keeps_the_student_in_sight(void **state)
{
	struct office *office = *state;
	struct prac_record *first = enroll(office, 0x50);

	(void)enroll_from(office, 0x52, "starts_on=2026-08-12");
	assert_row(office, student(office), OFFICE_SCHOOL_B, 5, STORE_LIVE);
	end(office, first);
	assert_row(office, student(office), OFFICE_SCHOOL_B, 5, STORE_LIVE);
}

static void a_reopened_enrollment_shows_it_all_again(void **state)
{
	struct office *office = *state;
	struct prac_record *enrollment = enroll(office, 0x50);

	end(office, enrollment);
	assert_int_equal(office_act(office, &office->district, enrollment, "reopen", NULL)->reason,
		PRAC_REASON_NONE);
	assert_row(office, student(office), OFFICE_SCHOOL_B, 7, STORE_LIVE);
	assert_row(office, guardian(office), OFFICE_SCHOOL_B, 7, STORE_LIVE);
}

static void an_edit_after_the_move_does_not_come_back(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = guardian(office);

	end(office, enroll(office, 0x50));
	(void)office_patch(office, &office->a, saw, office_edit(office, saw, "phone=222"));
	assert_row(office, saw, OFFICE_SCHOOL_A, 7, STORE_LIVE);
	assert_row(office, saw, OFFICE_SCHOOL_B, 6, STORE_MOVED);
}

/* An enrollment of one batch, from beginning to end, with an edit of the guardian between. */
static void enroll_edit_and_end(struct office *office, struct prac_mutation *all[4])
{
	struct prac_record *enrollment = office_enrollment(office, 0x50);
	struct prac_record *saw = guardian(office);
	struct prac_record *second = office_edit(office, saw, "name=Berta");
	struct station *district = &office->district;

	all[0] = office_make(office, district, PRACTICUM__OP__OP_CREATE, enrollment);
	all[1] = office_make(office, district, PRACTICUM__OP__OP_PATCH, saw);
	office_make_patch(office, all[1], saw, office_edit(office, saw, "phone=222"));
	all[2] = office_make(office, district, PRACTICUM__OP__OP_ACTION, enrollment);
	all[2]->action = prac_action_find_name(&prac_type_enrollment, "end");
	all[2]->args = prac_arena_alloc(&office->arena, 3 * sizeof(*all[2]->args));
	all[2]->args[0] = (struct prac_value){ .has = true, .number = 20700 };
	second->id = sample_id(0x51);
	all[3] = office_make(office, district, PRACTICUM__OP__OP_CREATE, second);
	assert_int_equal(office_submit(office, district, all, 4), PRAC_OK);
	office_run(office);
	assert_int_equal(office->answer.n_verdicts, 4);
}

static void one_batch_enrolls_edits_and_ends_in_order(void **state)
{
	struct office *office = *state;
	struct prac_mutation *all[4];

	enroll_edit_and_end(office, all);
	assert_int_equal(office->verdicts[2].reason, PRAC_REASON_NONE);
	assert_row(office, student(office), OFFICE_SCHOOL_B, 7, STORE_MOVED);
	assert_row(office, office_record(office, &prac_type_guardian, &all[1]->id), OFFICE_SCHOOL_A,
		6, STORE_LIVE);
	assert_row(office, office_record(office, &prac_type_guardian, &all[1]->id), OFFICE_SCHOOL_B,
		7, STORE_MOVED);
}

static void what_comes_after_the_end_leaves_no_trace(void **state)
{
	struct office *office = *state;
	struct prac_mutation *all[4];

	enroll_edit_and_end(office, all);
	assert_int_equal(office->verdicts[3].reason, PRAC_REASON_NONE);
	assert_null(office_row(office, guardian(office), OFFICE_SCHOOL_B));
	assert_row(office, guardian(office), OFFICE_SCHOOL_A, 8, STORE_LIVE);
}

static void a_conflict_is_seen_where_its_record_is(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = guardian(office);

	(void)enroll(office, 0x50);
	(void)office_patch(office, &office->a, saw, office_edit(office, saw, "phone=222"));
	(void)office_patch(office, &office->b, saw, office_edit(office, saw, "phone=333"));
	assert_row(
		office, office_last(office, &prac_type_conflict), OFFICE_SCHOOL_A, 7, STORE_LIVE);
	assert_row(
		office, office_last(office, &prac_type_conflict), OFFICE_SCHOOL_B, 7, STORE_LIVE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_enrollment_shows_the_student_and_what_follows),
		TEST(an_edit_is_seen_at_both_schools),
		TEST(a_new_record_of_a_shared_student_is_seen_at_both_schools),
		TEST(the_end_of_an_enrollment_moves_all_of_it_away),
		TEST(a_second_enrollment_keeps_the_student_in_sight),
		TEST(a_reopened_enrollment_shows_it_all_again),
		TEST(an_edit_after_the_move_does_not_come_back),
		TEST(one_batch_enrolls_edits_and_ends_in_order),
		TEST(what_comes_after_the_end_leaves_no_trace),
		TEST(a_conflict_is_seen_where_its_record_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
