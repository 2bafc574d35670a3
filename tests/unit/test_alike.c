#include "client/exceptions/alike.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <glib.h>

#include "catalog/types.h"
#include "tests/support/replica_fixture.h"

static uint64_t seq = 10;

static void put(struct fixture *f, const struct prac_record *record)
{
	struct replica_row row = row_of(f, record, SCHOOL_1, ++seq);

	page(f, &row, 1, seq);
}

static void assert_compared_as(const char *text, const char *expected)
{
	char *compared = alike_text(prac_bytes_text(text));

	assert_string_equal(compared, expected);
	g_free(compared);
}

static void names_are_compared_without_case_accents_and_legal_forms(void **state)
{
	(void)state;
	assert_compared_as("Ridge Machine Works, Inc.", "ridgemachineworks");
	assert_compared_as("RIDGE  MACHINE-WORKS L.L.C.", "ridgemachineworks");
	assert_compared_as("The Caf\xc3\xa9 & Co", "cafe");
	assert_compared_as("Cafe\xcc\x81", "cafe");
	assert_compared_as("O\xe2\x80\x99"
			   "Brien",
		"obrien");
	assert_compared_as("12 Mill Street, Suite 4", "12millstste4");
	assert_compared_as("Co", "co"); /* nothing else would be left */
	assert_compared_as("--", "");
}

static void numbers_are_compared_without_country_code_and_zip_plus(void **state)
{
	(void)state;
	assert_compared_as("+1 (423) 555-0100", "4235550100");
	assert_compared_as("423.555.0100", "4235550100");
	assert_compared_as("37404-1234", "37404");
	assert_compared_as("37404", "37404");
}

static struct prac_record *partner(
	struct fixture *f, unsigned id, const char *name, const char *zip, const char *phone)
{
	return record_of(f, "organization", id, "name", name, "kind", "employer", "postal_code",
		zip, "phone", phone, "state", "prospect", NULL);
}

static size_t look(struct fixture *f, const struct prac_record *record,
	struct alike_match matches_out[ALIKE_MAX])
{
	struct alike *alike = alike_new(record->type, &f->arena);
	size_t n;

	assert_int_equal(alike_load(alike, f->replica), PRAC_OK);
	n = alike_find(alike, record, matches_out);
	alike_free(alike);
	return n;
}

static void say(struct fixture *f, unsigned id, unsigned record, unsigned other, const char *state)
{
	char number[8], one[PRAC_ID_TEXT], two[PRAC_ID_TEXT];
	struct prac_id ids[] = { id_of(record), id_of(other) };

	(void)snprintf(number, sizeof(number), "%u", (unsigned)PRAC_ORGANIZATION);
	prac_id_format(&ids[0], one);
	prac_id_format(&ids[1], two);
	put(f, record_of(f, "likeness", id, "record_type", number, "record_id", one, "other_id",
		       two, "verdict", "different", "reason", "two firms of one house", "state",
		       state, NULL));
}

static void partners_of_one_name_and_zip_or_phone_look_alike(void **state)
{
	struct fixture *f = *state;
	struct alike_match matches[ALIKE_MAX];

	put(f, partner(f, 400, "Ridge Machine Works", "37404", "423-555-0100"));
	put(f, partner(f, 401, "Other Works", "37404", "423-555-0199"));
	assert_int_equal(
		look(f, partner(f, 402, "RIDGE MACHINE WORKS INC", "37404-0001", ""), matches), 1);
	assert_true(prac_id_equal(&matches[0].id, &(struct prac_id[]){ id_of(400) }[0]));
	assert_string_equal(matches[0].title, "Ridge Machine Works");
	assert_string_equal(matches[0].by, "legal name and ZIP code");
	assert_int_equal(
		look(f, partner(f, 402, "Ridge Machine Works", "", "+1 423 555 0100"), matches), 1);
	assert_string_equal(matches[0].by, "legal name and phone");
	assert_int_equal(look(f, partner(f, 402, "Ridge Machine Works", "37405", ""), matches), 0);
	assert_int_equal(look(f, partner(f, 402, "Ridge Machine Works", "", ""), matches), 0);
	/* Itself, told by both lists. */
	assert_int_equal(
		look(f, partner(f, 400, "Ridge Machine Works", "37404", "423-555-0100"), matches),
		0);
}

static void what_somebody_said_to_be_two_is_not_asked_again_until_it_is_withdrawn(void **state)
{
	struct fixture *f = *state;
	struct alike_match matches[ALIKE_MAX];
	struct prac_record *twin = partner(f, 402, "Ridge Machine Works", "37404", "");

	put(f, partner(f, 400, "Ridge Machine Works", "37404", ""));
	put(f, twin);
	assert_int_equal(look(f, twin, matches), 1);
	say(f, 900, 400, 402, "decided"); /* in the other order */
	assert_int_equal(look(f, twin, matches), 0);
	say(f, 900, 400, 402, "withdrawn");
	assert_int_equal(look(f, twin, matches), 1);
}

static void what_was_merged_is_not_looked_at(void **state)
{
	struct fixture *f = *state;
	struct alike_match matches[ALIKE_MAX];
	struct prac_record *merged = partner(f, 400, "Ridge Machine Works", "37404", "");

	merged->values[PRAC_ORGANIZATION_STATE].number = PRAC_ORGANIZATION_STATE_MERGED;
	put(f, merged);
	assert_int_equal(look(f, partner(f, 402, "Ridge Machine Works", "37404", ""), matches), 0);
}

static void students_look_alike_by_name_and_birth_date_never_by_name_alone(void **state)
{
	struct fixture *f = *state;
	struct alike_match matches[ALIKE_MAX];
	struct prac_record *ann = student_of(f, 500, "Lee"), *twin = student_of(f, 501, "LEE");

	put(f, ann);
	assert_int_equal(look(f, twin, matches), 0); /* nobody knows when they were born */
	ann->values[PRAC_STUDENT_BIRTH_DATE] = (struct prac_value){ .has = true, .number = 14668 };
	twin->values[PRAC_STUDENT_BIRTH_DATE] = ann->values[PRAC_STUDENT_BIRTH_DATE];
	put(f, ann);
	assert_int_equal(look(f, twin, matches), 1);
	assert_string_equal(matches[0].by, "family name, given name and birth date");
	twin->values[PRAC_STUDENT_BIRTH_DATE].number = 14669;
	assert_int_equal(look(f, twin, matches), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_compared_without_case_accents_and_legal_forms),
		cmocka_unit_test(numbers_are_compared_without_country_code_and_zip_plus),
		cmocka_unit_test_setup_teardown(partners_of_one_name_and_zip_or_phone_look_alike,
			fixture_new_loaded, fixture_free),
		cmocka_unit_test_setup_teardown(
			what_somebody_said_to_be_two_is_not_asked_again_until_it_is_withdrawn,
			fixture_new_loaded, fixture_free),
		cmocka_unit_test_setup_teardown(
			what_was_merged_is_not_looked_at, fixture_new_loaded, fixture_free),
		cmocka_unit_test_setup_teardown(
			students_look_alike_by_name_and_birth_date_never_by_name_alone,
			fixture_new_loaded, fixture_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
