/* A consent says what goes to whom, is signed by who has the rights, and is asked on the day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/consent.h"
#include "common/rules/guard.h"
#include "tests/support/facts.h"

static int32_t day(const char *text)
{
	int32_t date = 0;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

static struct prac_record *student_of(struct facts *facts)
{
	return facts_make(facts, &prac_type_student, 0x01, "given_name=Ann", "family_name=Lee",
		"birth_date=2009-03-04", NULL);
}

static struct prac_record *consent_of(struct facts *facts)
{
	return facts_make(facts, &prac_type_consent, 0x02, "student_id=01", "purpose=employer_data",
		"state=granted", "records=placement;time_entry", "party=Ridge Works",
		"signed_by=guardian", "signed_on=2026-08-20", "valid_from=2026-09-01",
		"valid_until=2026-12-31", NULL);
}

static const char *flaw(struct facts *facts, const struct prac_record *consent, const char *date)
{
	return prac_consent_flaw(consent, student_of(facts),
		&(struct prac_consent_use){ "Ridge Works", &prac_type_placement, day(date) },
		&facts->arena);
}

static void a_consent_covers_its_first_and_its_last_day(void **state)
{
	struct facts *facts = *state;
	struct prac_record *consent = consent_of(facts);

	assert_string_equal(flaw(facts, consent, "2026-08-31"), "does not hold yet");
	assert_null(flaw(facts, consent, "2026-09-01"));
	assert_null(flaw(facts, consent, "2026-12-31"));
	assert_string_equal(flaw(facts, consent, "2027-01-01"), "has ended");
}

static void one_without_an_end_holds_until_it_is_taken_back(void **state)
{
	struct facts *facts = *state;
	struct prac_record *consent = consent_of(facts);

	facts_set(facts, consent, "valid_until=");
	assert_null(flaw(facts, consent, "2027-03-03"));
	facts_set(facts, consent, "state=revoked");
	assert_string_equal(flaw(facts, consent, "2027-03-03"), "was taken back");
	facts_set(facts, consent, "state=requested");
	assert_string_equal(flaw(facts, consent, "2027-03-03"), "was not given yet");
}

static void it_covers_its_party_and_its_records_alone(void **state)
{
	struct facts *facts = *state;
	struct prac_record *consent = consent_of(facts), *student = student_of(facts);
	struct prac_consent_use use = { "RIDGE works", &prac_type_time_entry, day("2026-10-01") };

	assert_null(prac_consent_flaw(consent, student, &use, &facts->arena));
	use.type = &prac_type_evaluation;
	assert_string_equal(prac_consent_flaw(consent, student, &use, &facts->arena),
		"does not name records of type evaluation");
	facts_set(facts, consent, "records=all");
	assert_null(prac_consent_flaw(consent, student, &use, &facts->arena));
	assert_false(prac_consent_is_sensitive(consent));
	facts_set(facts, consent, "records=all;sensitive");
	assert_true(prac_consent_is_sensitive(consent));
	use.party = "Ridge";
	assert_string_equal(
		prac_consent_flaw(consent, student, &use, &facts->arena), "does not name Ridge");
}

/* 34 CFR 99.5: born on 4 March 2009, so the rights are the student's from 4 March 2027. */
static void a_parents_signature_ends_on_the_eighteenth_birthday(void **state)
{
	struct facts *facts = *state;
	struct prac_record *consent = consent_of(facts);

	facts_set(facts, consent, "valid_until=");
	assert_null(flaw(facts, consent, "2027-03-03"));
	assert_string_equal(flaw(facts, consent, "2027-03-04"),
		"was signed by a parent, and the student is 18 now and has to sign");
}

static void a_signature_of_a_minor_lets_nothing_go(void **state)
{
	struct facts *facts = *state;
	struct prac_record *consent = consent_of(facts);

	facts_set(facts, consent, "valid_until=");
	facts_set(facts, consent, "signed_by=student");
	assert_string_equal(
		flaw(facts, consent, "2027-06-01"), "was signed by the student, who was not 18");
	facts_set(facts, consent, "signed_on=2027-03-04");
	assert_null(flaw(facts, consent, "2027-06-01"));
}

/* ---- granting */

static const char *missing(struct facts *facts, struct prac_record *consent)
{
	const struct prac_action *action = NULL;

	for (size_t i = 0; i < prac_type_consent.n_actions; i++) {
		if (prac_type_consent.actions[i].number == PRAC_CONSENT_DO_GRANT) {
			action = &prac_type_consent.actions[i];
		}
	}
	assert_non_null(action);
	memset(&facts->judgement.problem, 0, sizeof(facts->judgement.problem));
	return prac_guards_check(&facts->judgement, action, consent) == PRAC_REASON_NONE
		       ? ""
		       : facts->judgement.problem.text;
}

static void who_signs_is_asked_when_it_is_granted(void **state)
{
	struct facts *facts = *state;
	struct prac_record *consent = consent_of(facts);

	facts_keep(facts, student_of(facts));
	facts_set(facts, consent, "state=requested");
	assert_string_equal(missing(facts, consent), "");
	facts_set(facts, consent, "signed_by=student");
	assert_non_null(strstr(missing(facts, consent), "the student was 17 when it was signed"));
	facts_set(facts, consent, "signed_on=2027-03-04");
	assert_string_equal(missing(facts, consent), "");
	facts_set(facts, consent, "signed_by=guardian");
	assert_non_null(strstr(missing(facts, consent), "from 18 on the student signs"));
}

static void a_guardian_signs_for_the_own_child(void **state)
{
	struct facts *facts = *state;
	struct prac_record *consent = consent_of(facts);

	facts_keep(facts, student_of(facts));
	facts_keep(facts,
		facts_make(facts, &prac_type_guardian, 0x03, "student_id=09", "name=Pat Ng", NULL));
	facts_set(facts, consent, "state=requested");
	facts_set(facts, consent, "guardian_id=03");
	assert_non_null(strstr(missing(facts, consent), "the guardian is another student's"));
}

static void a_form_that_names_no_party_is_not_granted(void **state)
{
	struct facts *facts = *state;
	struct prac_record *consent = consent_of(facts);

	facts_keep(facts, student_of(facts));
	facts_set(facts, consent, "state=requested");
	facts_set(facts, consent, "party=");
	assert_non_null(strstr(missing(facts, consent), "what the form has to say"));
	facts_set(facts, consent, "purpose=transport");
	assert_string_equal(missing(facts, consent), "");
}

static void records_of_a_consent_are_types_of_student_records(void **state)
{
	struct facts *facts = *state;
	struct prac_record *consent = consent_of(facts);

	assert_int_equal(facts_check(facts, NULL, consent), PRAC_REASON_NONE);
	facts_set(facts, consent, "records=grades");
	assert_int_equal(facts_check(facts, NULL, consent), PRAC_REASON_INVALID_VALUE);
	assert_non_null(strstr(facts->judgement.problem.text, "grades is no type"));
	facts_set(facts, consent, "records=site");
	assert_int_equal(facts_check(facts, NULL, consent), PRAC_REASON_INVALID_VALUE);
}

/* ---- directory information */

static bool is_barred(
	struct facts *facts, const struct prac_record *student, const struct prac_record *consent)
{
	(void)facts;
	return prac_directory_is_barred(student, &consent, 1, day("2026-10-01"));
}

static void who_opted_out_is_left_out_of_the_directory(void **state)
{
	struct facts *facts = *state;
	struct prac_record *student = student_of(facts), *consent = consent_of(facts);

	assert_false(is_barred(facts, student, consent));
	facts_set(facts, student, "directory_opt_out=yes");
	assert_true(is_barred(facts, student, consent));
	facts_set(facts, student, "directory_opt_out_on=2026-10-02");
	assert_false(is_barred(facts, student, consent));
	facts_set(facts, student, "directory_opt_out_on=2026-10-01");
	assert_true(is_barred(facts, student, consent));
}

static void a_refused_or_withdrawn_consent_to_the_directory_is_an_opt_out(void **state)
{
	struct facts *facts = *state;
	struct prac_record *student = student_of(facts), *consent = consent_of(facts);

	facts_set(facts, consent, "state=refused");
	assert_false(is_barred(facts, student, consent)); /* of another purpose */
	facts_set(facts, consent, "purpose=directory");
	assert_true(is_barred(facts, student, consent));
	facts_set(facts, consent, "state=revoked");
	assert_true(is_barred(facts, student, consent));
	facts_set(facts, consent, "state=granted");
	assert_false(is_barred(facts, student, consent));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)
		CASE(a_consent_covers_its_first_and_its_last_day),
		CASE(one_without_an_end_holds_until_it_is_taken_back),
		CASE(it_covers_its_party_and_its_records_alone),
		CASE(a_parents_signature_ends_on_the_eighteenth_birthday),
		CASE(a_signature_of_a_minor_lets_nothing_go),
		CASE(who_signs_is_asked_when_it_is_granted),
		CASE(a_guardian_signs_for_the_own_child),
		CASE(a_form_that_names_no_party_is_not_granted),
		CASE(records_of_a_consent_are_types_of_student_records),
		CASE(who_opted_out_is_left_out_of_the_directory),
		CASE(a_refused_or_withdrawn_consent_to_the_directory_is_an_opt_out),
#undef CASE
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
