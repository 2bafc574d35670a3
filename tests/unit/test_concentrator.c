/* Who is a CTE concentrator: two courses completed in a single program of study (RULES 3.1, Perkins 3(12)). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/concentrator.h"
#include "tests/support/facts.h"

static struct prac_record *ann;

static int32_t day(const char *text)
{
	int32_t date;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

/* Welding (40) has the courses 41 to 43, nursing (50) has 51, and 61 belongs to none. */
static void add_courses(struct facts *facts)
{
	static const struct {
		uint8_t id;
		const char *program;
	} courses[] = { { 0x41, "program_id=40" }, { 0x42, "program_id=40" },
		{ 0x43, "program_id=40" }, { 0x51, "program_id=50" }, { 0x61, "program_id=" } };

	facts_keep(facts, facts_make(facts, &prac_type_program_of_study, 0x40, "code=W",
				  "name=Welding", NULL));
	facts_keep(facts, facts_make(facts, &prac_type_program_of_study, 0x50, "code=N",
				  "name=Nursing", NULL));
	for (size_t i = 0; i < sizeof(courses) / sizeof(courses[0]); i++) {
		facts_keep(facts, facts_make(facts, &prac_type_course, courses[i].id,
					  courses[i].program, NULL));
	}
	ann = facts_make(facts, &prac_type_student, 0x01, "identifier=100", NULL);
}

static struct prac_record *complete(
	struct facts *facts, uint8_t id, const char *course, const char *on)
{
	return facts_keep(facts, facts_make(facts, &prac_type_course_completion, id,
					 "student_id=01", course, on, "passed=yes", NULL));
}

static bool is_one(struct facts *facts, const char *on)
{
	struct prac_concentrator concentrator;

	assert_true(prac_concentrator_of(&facts->judgement, ann, day(on), &concentrator));
	return concentrator.is_one;
}

static void two_courses_of_one_program_make_a_concentrator(void **state)
{
	struct facts *facts = *state;

	add_courses(facts);
	(void)complete(facts, 0x11, "course_id=41", "completed_on=2025-05-20");
	assert_false(is_one(facts, "2026-06-30"));
	(void)complete(facts, 0x12, "course_id=51", "completed_on=2025-05-20");
	assert_false(is_one(facts, "2026-06-30")); /* of two programs */
	(void)complete(facts, 0x13, "course_id=42", "completed_on=2026-05-22");
	assert_true(is_one(facts, "2026-05-22"));
	assert_false(is_one(facts, "2026-05-21"));
}

static void a_course_counts_once_and_only_when_it_was_passed(void **state)
{
	struct facts *facts = *state;
	struct prac_record *second;

	add_courses(facts);
	(void)complete(facts, 0x11, "course_id=41", "completed_on=2025-05-20");
	(void)complete(facts, 0x12, "course_id=41", "completed_on=2026-05-20");
	assert_false(is_one(facts, "2026-06-30"));
	second = complete(facts, 0x13, "course_id=42", "completed_on=2026-05-20");
	facts_set(facts, second, "passed=no");
	assert_false(is_one(facts, "2026-06-30"));
	facts_set(facts, second, "passed=yes");
	assert_true(is_one(facts, "2026-06-30"));
	facts_set(facts, second, "course_id=61");
	assert_false(is_one(facts, "2026-06-30"));
}

static void the_rule_of_the_day_says_how_many(void **state)
{
	struct facts *facts = *state;

	add_courses(facts);
	(void)complete(facts, 0x11, "course_id=41", "completed_on=2025-05-20");
	(void)complete(facts, 0x12, "course_id=42", "completed_on=2026-05-20");
	facts_keep(
		facts, facts_make(facts, &prac_type_rule_set, 0x70, "state=approved",
			       "domain=perkins", "jurisdiction=us", "version=2",
			       "starts_on=2026-07-01", "parameters=C=concentrator least:3", NULL));
	assert_true(is_one(facts, "2026-06-30"));
	assert_false(is_one(facts, "2026-07-01"));
}

static const char *told(struct facts *facts)
{
	const struct prac_derived *derived;

	assert_int_equal(prac_rules_find(ann->type)->derive(&facts->judgement, ann, &derived), 1);
	assert_string_equal(derived->name, "concentrator");
	return derived->words;
}

static void the_words_name_program_day_and_rule(void **state)
{
	struct facts *facts = *state;

	add_courses(facts);
	facts->judgement.today = day("2026-06-30");
	(void)complete(facts, 0x11, "course_id=41", "completed_on=2025-05-20");
	assert_string_equal(told(facts),
		"no: 1 of 2 courses completed in Welding (PK-CONCENTRATOR: At least 2 courses "
		"completed in one program of study. 20 U.S.C. 2302(12))");
	(void)complete(facts, 0x12, "course_id=42", "completed_on=2026-05-20");
	facts_set(facts, ann, "concentrator=no");
	assert_string_equal(told(facts),
		"yes, since 2026-05-20: 2 courses completed in Welding; the student information "
		"system says no (PK-CONCENTRATOR: At least 2 courses completed in one program of "
		"study. 20 U.S.C. 2302(12))");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_courses_of_one_program_make_a_concentrator),
		TEST(a_course_counts_once_and_only_when_it_was_passed),
		TEST(the_rule_of_the_day_says_how_many),
		TEST(the_words_name_program_day_and_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
