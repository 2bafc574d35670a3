/* What a family or a court asks about a student's records, and which moves each kind knows (34 CFR 99.10, 99.20). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "tests/support/facts.h"

static struct prac_record *request_of(struct facts *facts, const char *kind)
{
	(void)facts_keep(facts, facts_make(facts, &prac_type_student, 0x01, "given_name=Ann",
					"family_name=Lee", NULL));
	return facts_make(facts, &prac_type_records_request, 0x02, "student_id=01", kind,
		"asked_on=2026-11-20", "asked_by=Ms. Lee", "words=All of it", NULL);
}

static void complete(struct facts *facts, struct prac_record *request)
{
	prac_rules_find(request->type)->complete(&facts->judgement, NULL, request);
}

static void an_inspection_is_due_after_45_days(void **state)
{
	struct facts *facts = *state;
	struct prac_record *request = request_of(facts, "kind=inspection");
	char due[PRAC_DATE_TEXT];

	complete(facts, request);
	prac_date_format((int32_t)request->values[PRAC_RECORDS_REQUEST_DUE_ON].number, due);
	assert_string_equal(due, "2027-01-04");
	request = request_of(facts, "kind=hold");
	complete(facts, request);
	assert_false(request->values[PRAC_RECORDS_REQUEST_DUE_ON].has);
}

static void one_without_a_record_is_about_all_of_the_students(void **state)
{
	struct facts *facts = *state;
	struct prac_record *request = request_of(facts, "kind=hold");

	complete(facts, request);
	assert_int_equal(request->values[PRAC_RECORDS_REQUEST_RECORD_TYPE].number, PRAC_STUDENT);
	assert_true(prac_bytes_equal(request->values[PRAC_RECORDS_REQUEST_RECORD_ID].bytes,
		request->values[PRAC_RECORDS_REQUEST_STUDENT_ID].bytes));
}

static void each_kind_has_moves_of_its_own(void **state)
{
	static const struct {
		uint32_t action;
		const char *kind;
	} right[] = {
		{ PRAC_RECORDS_REQUEST_DO_CLOSE, "kind=inspection" },
		{ PRAC_RECORDS_REQUEST_DO_LIFT, "kind=hold" },
		{ PRAC_RECORDS_REQUEST_DO_GRANT, "kind=amendment" },
		{ PRAC_RECORDS_REQUEST_DO_DENY, "kind=amendment" },
		{ PRAC_RECORDS_REQUEST_DO_HEAR, "kind=amendment" },
		{ PRAC_RECORDS_REQUEST_DO_COMMENT, "kind=amendment" },
	};

	static const char *const kinds[] = { "kind=inspection", "kind=hold", "kind=amendment" };
	struct facts *facts = *state;
	struct prac_record *request = request_of(facts, "kind=hold");

	for (size_t i = 0; i < PRAC_NELEM(right); i++) {
		for (size_t k = 0; k < PRAC_NELEM(kinds); k++) {
			facts_set(facts, request, kinds[k]);
			assert_int_equal(facts_act(facts, request, right[i].action, NULL),
				strcmp(kinds[k], right[i].kind) == 0 ? PRAC_REASON_NONE
								     : PRAC_REASON_GUARD);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_inspection_is_due_after_45_days, facts_start, facts_stop),
		cmocka_unit_test_setup_teardown(
			one_without_a_record_is_about_all_of_the_students, facts_start, facts_stop),
		cmocka_unit_test_setup_teardown(
			each_kind_has_moves_of_its_own, facts_start, facts_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
