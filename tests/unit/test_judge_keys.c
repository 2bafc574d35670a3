/* Two stations make the same student, enrollment or sheet: one counts, the other is told which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/office.h"

#define FIRST "00000000-0000-0000-0000-000000000001"

static int start(void **state)
{
	struct office *office = office_open();

	(void)office_add_student(office); /* number 4711, of school A */
	*state = office;
	return 0;
}

static int stop(void **state)
{
	office_close(*state);
	return 0;
}

static struct prac_record *a_student(
	struct office *office, uint8_t nn, const char *school, const char *identifier)
{
	struct prac_record *student = sample_record(&office->arena, &prac_type_student, nn,
		(const char *const[4]){
			school, identifier, "given_name=Grace", "family_name=Hopper" });

	(void)prac_record_owner(student, &student->scope);
	return student;
}

#define AT_A "school_id=000000000000000000000000000000a0"
#define AT_B "school_id=000000000000000000000000000000b0"

static void assert_duplicate(
	struct office *office, const struct prac_verdict *verdict, const char *words)
{
	assert_int_equal(verdict->kind, PRACTICUM__VERDICT_KIND__VERDICT_REFUSED);
	assert_int_equal(verdict->reason, PRAC_REASON_DUPLICATE);
	assert_string_equal(prac_arena_text(&office->arena, verdict->text), words);
}

static void a_second_student_of_a_number_is_told_of_the_first(void **state)
{
	struct office *office = *state;
	const struct prac_verdict *verdict =
		office_create(office, &office->a, a_student(office, 0x41, AT_A, "identifier=4711"));

	assert_duplicate(office, verdict,
		"there is one already with Student number 4711: student " FIRST
		"; change that one");
	assert_int_equal(verdict->field, PRAC_STUDENT_IDENTIFIER_NO);
	assert_int_equal(verdict->existing.b[PRAC_ID_LEN - 1], OFFICE_STUDENT);
	assert_non_null(office_last(office, &prac_type_rejected));
}

static void who_may_not_see_the_first_is_not_told_which_it_is(void **state)
{
	struct office *office = *state;
	const struct prac_verdict *verdict =
		office_create(office, &office->b, a_student(office, 0x41, AT_B, "identifier=4711"));

	assert_duplicate(office, verdict,
		"there is one already with Student number 4711, at a school that this device does "
		"not see; ask the district office");
	assert_true(prac_id_is_nil(&verdict->existing));
}

static void a_replay_tells_of_the_first_again(void **state)
{
	struct office *office = *state;
	struct prac_mutation *second = office_make(office, &office->a, PRACTICUM__OP__OP_CREATE,
		a_student(office, 0x41, AT_A, "identifier=4711"));

	for (int i = 0; i < 2; i++) {
		assert_int_equal(office_submit(office, &office->a, &second, 1), PRAC_OK);
		office_run(office);
		assert_int_equal(office->verdicts[0].replayed, i == 1);
		assert_int_equal(office->verdicts[0].existing.b[PRAC_ID_LEN - 1], OFFICE_STUDENT);
	}
}

static void of_two_in_one_batch_the_first_counts(void **state)
{
	struct office *office = *state;
	struct prac_mutation *both[2];

	for (uint8_t i = 0; i < 2; i++) {
		both[i] = office_make(office, &office->a, PRACTICUM__OP__OP_CREATE,
			a_student(office, (uint8_t)(0x41 + i), AT_A, "identifier=4712"));
	}
	assert_int_equal(office_submit(office, &office->a, both, 2), PRAC_OK);
	office_run(office);
	assert_int_equal(office->verdicts[0].reason, PRAC_REASON_NONE);
	assert_int_equal(office->verdicts[1].reason, PRAC_REASON_DUPLICATE);
}

static void a_correction_does_not_take_the_number_of_another(void **state)
{
	struct office *office = *state;
	struct prac_record *second = a_student(office, 0x41, AT_A, "identifier=4712");

	(void)office_create(office, &office->a, second);
	second = office_record(office, &prac_type_student, &second->id);
	assert_duplicate(office,
		office_patch(
			office, &office->a, second, office_edit(office, second, "identifier=4711")),
		"there is one already with Student number 4711: student " FIRST
		"; change that one");
	assert_int_equal(office_patch(office, &office->a, second,
				 office_edit(office, second, "identifier=4713"))
				 ->reason,
		PRAC_REASON_NONE);
}

static void what_was_deleted_leaves_its_key_free(void **state)
{
	struct office *office = *state;
	struct prac_record *second = a_student(office, 0x41, AT_A, "identifier=4712");

	(void)office_create(office, &office->a, second);
	assert_int_equal(office_delete(office, &office->a,
				 office_record(office, &prac_type_student, &second->id))
				 ->reason,
		PRAC_REASON_NONE);
	assert_int_equal(
		office_create(office, &office->a, a_student(office, 0x42, AT_A, "identifier=4712"))
			->reason,
		PRAC_REASON_NONE);
}

static void all_fields_of_the_key_count(void **state)
{
	struct office *office = *state;
	struct prac_record *enrollment = office_enrollment(office, 0x50);

	assert_int_equal(
		office_create(office, &office->district, enrollment)->reason, PRAC_REASON_NONE);
	assert_int_equal(
		office_create(office, &office->district, office_enrollment(office, 0x51))->reason,
		PRAC_REASON_DUPLICATE);
	enrollment = office_edit(office, office_enrollment(office, 0x52), "starts_on=2027-08-11");
	assert_int_equal(
		office_create(office, &office->district, enrollment)->reason, PRAC_REASON_NONE);
}

static void what_builds_on_the_refused_one_says_so(void **state)
{
	struct office *office = *state;
	struct prac_record *guardian = sample_record(&office->arena, &prac_type_guardian, 0x43,
		(const char *const[4]){
			AT_A, "student_id=00000000000000000000000000000041", "name=Mary" });

	(void)office_create(office, &office->a, a_student(office, 0x41, AT_A, "identifier=4711"));
	assert_int_equal(office_create(office, &office->a, guardian)->reason,
		PRAC_REASON_DEPENDS_ON_REFUSED);
}

/* The rules of an entry look for its sheet before anybody asks why that is not there. */
static void what_the_rules_miss_may_have_been_refused(void **state)
{
	struct office *office = *state;
	struct prac_record *sheet = sample_record(&office->arena, &prac_type_time_sheet, 0x60,
		(const char *const[4]){ AT_A, "student_id=00000000000000000000000000000001",
			"placement_id=00000000000000000000000000000099", "week_start=2026-09-13" });
	struct prac_record *entry = sample_record(&office->arena, &prac_type_time_entry, 0x61,
		(const char *const[4]){ AT_A, "student_id=00000000000000000000000000000001",
			"sheet_id=00000000000000000000000000000060", "work_date=2026-09-14" });

	sample_set(entry, &office->arena, "placement_id=00000000000000000000000000000099");
	sample_set(entry, &office->arena, "elapsed_minutes=60");
	assert_int_equal(
		office_create(office, &office->a, sheet)->reason, PRAC_REASON_MISSING_REFERENCE);
	assert_int_equal(
		office_create(office, &office->a, entry)->reason, PRAC_REASON_DEPENDS_ON_REFUSED);
}

static void fields_without_a_value_are_equal(void **state)
{
	struct office *office = *state;
	const char *const week[4] = { "placement_id=00000000000000000000000000000017",
		"week_start=2026-09-13" };
	struct prac_record *sheet = sample_record(&office->arena, &prac_type_time_sheet, 1, week);
	struct prac_record *other = sample_record(&office->arena, &prac_type_time_sheet, 2, week);
	struct prac_record *correction = office_edit(office, other, "amendment_no=1");

	assert_true(prac_record_same_key(sheet, other));
	assert_int_equal(prac_record_key_hash(sheet), prac_record_key_hash(other));
	assert_false(prac_record_same_key(sheet, correction));
	assert_false(prac_record_same_key(correction, sheet));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_second_student_of_a_number_is_told_of_the_first),
		TEST(who_may_not_see_the_first_is_not_told_which_it_is),
		TEST(a_replay_tells_of_the_first_again),
		TEST(of_two_in_one_batch_the_first_counts),
		TEST(a_correction_does_not_take_the_number_of_another),
		TEST(what_was_deleted_leaves_its_key_free),
		TEST(all_fields_of_the_key_count),
		TEST(what_builds_on_the_refused_one_says_so),
		TEST(what_the_rules_miss_may_have_been_refused),
		TEST(fields_without_a_value_are_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
