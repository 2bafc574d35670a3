/* What is handed out about one student does not name another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "client/cmd/scrub.h"
#include "tests/support/facts.h"

static struct scrub *start(struct facts *facts)
{
	struct scrub *scrub = scrub_new();

	scrub_add(scrub, facts_make(facts, &prac_type_student, 0x01, "given_name=Ann",
				 "family_name=Lee", "identifier=100100", NULL));
	scrub_add(scrub, facts_make(facts, &prac_type_student, 0x02, "given_name=María José",
				 "family_name=O'Brien-Díaz", "preferred_name=Mia",
				 "identifier=200200", NULL));
	scrub_add(scrub, facts_make(facts, &prac_type_student, 0x03, "given_name=Bo",
				 "family_name=Kim", "identifier=77", NULL));
	return scrub;
}

static void assert_told(struct facts *facts, uint8_t own, const char *text, const char *told)
{
	struct scrub *scrub = start(facts);
	struct prac_id id = facts_make(facts, &prac_type_student, own, NULL)->id;

	assert_string_equal(scrub_text(scrub, prac_bytes_text(text), &id, &facts->arena), told);
	scrub_free(scrub);
}

static void full_names_in_either_order_are_left_out(void **state)
{
	struct facts *facts = *state;

	assert_told(facts, 1, "with Bo Kim.", "with [another student].");
	assert_told(facts, 1, "with KIM, bo!", "with [another student]!");
	assert_told(facts, 1, "Mia O'Brien-Díaz's desk", "[another student]'s desk");
	assert_told(facts, 1, "maría josé o'brien díaz", "[another student]");
	assert_told(facts, 1, "Bo Kim", "[another student]");
}

static void the_own_name_stays(void **state)
{
	struct facts *facts = *state;

	assert_told(facts, 1, "Ann Lee and Bo Kim", "Ann Lee and [another student]");
	assert_told(facts, 3, "Ann Lee and Bo Kim", "[another student] and Bo Kim");
}

static void numbers_of_students_are_left_out(void **state)
{
	struct facts *facts = *state;

	assert_told(facts, 1, "see 200200; 100100", "see [another student]; 100100");
	assert_told(facts, 1, "77 hours", "77 hours"); /* too short to be told from a figure */
}

static void a_first_name_alone_is_not_found(void **state)
{
	struct facts *facts = *state;

	assert_told(facts, 1, "Bo was late", "Bo was late");
	assert_told(facts, 1, "", "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)
		CASE(full_names_in_either_order_are_left_out),
		CASE(the_own_name_stays),
		CASE(numbers_of_students_are_left_out),
		CASE(a_first_name_alone_is_not_found),
#undef CASE
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
