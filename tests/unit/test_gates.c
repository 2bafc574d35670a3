/* The gates of a placement: what must be there before the first day, and on every one after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/gate.h"
#include "common/sync/change.h"
#include "tests/support/facts.h"

/* What the shipped rules ask of an internship (RULES 4.3), in their order. */
static const char *const shipped[] = { "kind=learning_plan", "kind=agreement", "kind=emergency",
	"kind=safety", "kind=transportation" };

struct gates {
	struct prac_record *student, *partner, *placement, *policy, *check_type, *check;
	struct prac_record *safety, *supervisor, *certificate;
	struct prac_record *papers[PRAC_NELEM(shipped)];
};

static struct prac_record *put(struct facts *facts, struct prac_record *record)
{
	return facts_keep(facts, record);
}

/* A paid placement from 2026-08-17 with everything it needs; the judge's day is 2026-08-11. */
static struct gates add_all(struct facts *facts)
{
	struct gates gates;

	gates.student = put(facts,
		facts_make(facts, &prac_type_student, 0x01, "given_name=Ann", "family_name=Lee",
			"identifier=100", "school_id=aa", "birth_date=2009-03-02", NULL));
	gates.partner = put(facts, facts_make(facts, &prac_type_organization, 0x02,
					   "name=Ridge Machine Works", "kind=employer", NULL));
	gates.supervisor = put(
		facts, facts_make(facts, &prac_type_supervisor, 0x03, "state=verified",
			       "given_name=Sam", "family_name=Hill", "organization_id=02", NULL));
	(void)put(facts, facts_make(facts, &prac_type_staff, 0x04, "identifier=7", "given_name=Pat",
				 "family_name=Stone", NULL));
	gates.certificate =
		put(facts, facts_make(facts, &prac_type_staff_qualification, 0x05, "state=valid",
				   "staff_id=04", "kind=wbl_certificate", "issued_on=2026-01-10",
				   "expires_on=2028-01-10", NULL));
	(void)put(facts, facts_make(facts, &prac_type_training, 0x06, "state=passed",
				 "student_id=01", "topic=orientation", NULL));
	gates.safety = put(
		facts, facts_make(facts, &prac_type_training, 0x07, "state=passed", "student_id=01",
			       "topic=safety", "valid_until=2027-08-10", NULL));
	gates.policy = put(facts, facts_make(facts, &prac_type_insurance, 0x08, "state=verified",
					  "organization_id=02", "kind=workers_compensation",
					  "starts_on=2026-01-01", "ends_on=2026-12-31", NULL));
	gates.check_type = put(
		facts, facts_make(facts, &prac_type_document_type, 0x09, "state=in_use",
			       "code=background", "name=background check",
			       "document_kind=background", "gate=start", "lapse=suspends", NULL));
	gates.check = put(facts,
		facts_make(facts, &prac_type_document, 0x0a, "state=verified", "student_id=01",
			"placement_id=0b", "kind=background", "valid_from=2026-08-01", NULL));
	for (size_t i = 0; i < PRAC_NELEM(shipped); i++) {
		gates.papers[i] =
			put(facts, facts_make(facts, &prac_type_document, (uint8_t)(0x40 + i),
					   "state=verified", "student_id=01", "placement_id=0b",
					   shipped[i], NULL));
	}
	gates.placement = put(facts,
		facts_make(facts, &prac_type_placement, 0x0b, "state=approved", "student_id=01",
			"school_id=aa", "title=Machining", "kind=internship", "pay=wage",
			"organization_id=02", "supervisor_id=03", "coordinator_id=04",
			"alignment=aligned", "starts_on=2026-08-17", "ends_on=2027-05-21", NULL));
	return gates;
}

/* The move on a copy. */
static enum prac_reason act(struct facts *facts, const struct prac_record *record, const char *name)
{
	memset(&facts->judgement.problem, 0, sizeof(facts->judgement.problem));
	return prac_change_act(&facts->judgement, prac_action_find_name(record->type, name), NULL,
		prac_record_copy(&facts->arena, record));
}

static bool tells(const struct facts *facts, const char *words)
{
	return strstr(facts->judgement.problem.text, words) != NULL;
}

static int32_t day(const char *text)
{
	int32_t date;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

static const char *suspended_on(
	struct facts *facts, const struct prac_record *placement, const char *date)
{
	const char *words = prac_gate_suspends(&facts->judgement, placement, day(date));

	return words != NULL ? words : "";
}

static void with_everything_there_a_placement_is_ready(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);

	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
}

static void all_that_is_missing_is_named_in_one_refusal(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);

	facts_set(facts, gates.safety, "valid_until=2026-08-12");
	facts_set(facts, gates.policy, "state=pending");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
	assert_string_equal(facts->judgement.problem.text,
		"Ready to start: not yet: safety training of Lee Ann expires 2026-08-12, before "
		"2026-08-17 (Starts on); workers' compensation insurance of Ridge Machine Works is "
		"pending, not verified");
}

/* Nobody new is placed where the last survey was not passed; a site that was not surveyed yet is no gate. */
static void a_suspended_or_closed_site_is_no_place_for_a_student(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);
	struct prac_record *site = put(facts,
		facts_make(facts, &prac_type_site, 0x60, "organization_id=02", "name=Yard", NULL));

	facts_set(facts, gates.placement, "site_id=60");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
	facts_set(facts, site, "state=suspended");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
	assert_string_equal(facts->judgement.problem.text,
		"Ready to start: not yet: site Yard is suspended (have it surveyed and approved "
		"again, or name another)");
	facts_set(facts, site, "survey_verdict=failed");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
	assert_true(tells(facts, "site Yard is suspended, its safety survey was not passed (have"));
	facts_set(facts, site, "state=closed");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
	assert_true(tells(facts, "site Yard is closed (name another)"));
	facts_set(facts, site, "state=approved");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
}

static void each_gate_is_asked_for(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);

	const struct {
		struct prac_record *record;
		const char *spoiled, *mended, *words;
	} gate[] = {
		{ gates.student, "birth_date=", "birth_date=2009-03-02", "birth date" },
		{ gates.placement, "alignment=", "alignment=partly", "alignment verdict" },
		{ gates.safety, "topic=food", "topic=safety", "safety training" },
		{ gates.safety, "state=failed", "state=passed", "safety training" },
		{ gates.supervisor, "state=invited", "state=active", "supervisor" },
		{ gates.placement, "supervisor_id=", "supervisor_id=03", "supervisor" },
		{ gates.certificate, "state=withdrawn", "state=valid", "WBL certificate" },
		{ gates.certificate, "expires_on=2026-08-16", "expires_on=2026-08-17",
			"WBL certificate" },
		{ gates.policy, "kind=liability", "kind=workers_compensation",
			"workers' compensation" },
		{ gates.policy, "ends_on=2026-08-16", "ends_on=2026-08-17",
			"workers' compensation" },
		{ gates.check, "state=signed", "state=verified", "background check" },
		{ gates.check, "valid_until=2026-08-16", "valid_until=2026-08-17",
			"background check" },
		{ gates.check, "placement_id=0c", "placement_id=", "background check" },
	};

	for (size_t i = 0; i < PRAC_NELEM(gate); i++) {
		facts_set(facts, gate[i].record, gate[i].spoiled);
		assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
		assert_true(tells(facts, gate[i].words));
		facts_set(facts, gate[i].record, gate[i].mended);
		assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
	}
}

static void each_paper_of_the_shipped_rules_is_asked_for_with_what_satisfies_it(void **state)
{
	static const char *const words[] = { "Personalized learning plan is issued, not verified",
		"Agreement is issued", "Emergency form is issued",
		"Safety training record is issued", "Transportation record is issued" };
	struct facts *facts = *state;
	struct gates gates = add_all(facts);

	for (size_t i = 0; i < PRAC_NELEM(shipped); i++) {
		facts_set(facts, gates.papers[i], "state=issued");
		assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
		assert_true(tells(facts, words[i]));
		facts_set(facts, gates.papers[i], "state=verified");
	}
	facts_set(facts, gates.papers[1], "kind=other");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
	assert_string_equal(facts->judgement.problem.text,
		"Ready to start: not yet: Agreement is missing (Have student, parent, employer and "
		"school sign the agreement, and verify it. TN-DO-AGREEMENT, Implementation guide of "
		"2015)");
}

static void credit_and_an_unlawful_plan_hold_back_the_start(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);
	struct prac_record *plan;

	(void)put(facts, facts_make(facts, &prac_type_course, 0x50, "is_capstone=yes", NULL));
	facts_set(facts, gates.placement, "course_id=50");
	facts_set(facts, gates.student, "grade=10");
	facts_set(facts, gates.student, "state=enrolled");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
	assert_true(tells(facts, "TN-EL-GRADE"));
	facts_set(facts, gates.student, "grade=11");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
	plan = put(facts, facts_make(facts, &prac_type_shift_plan, 0x51, "student_id=01",
				  "school_id=aa", "placement_id=0b", "work_date=2026-08-22",
				  "starts_at=09:00", "ends_at=15:00", "state=planned", NULL));
	facts_set(facts, gates.placement, "state=ready");
	assert_int_equal(act(facts, gates.placement, "start"), PRAC_REASON_GUARD);
	assert_true(tells(facts, "a planned shift breaks 2026-08-22 09:00 TN-BREAK"));
	facts_set(facts, plan, "ends_at=14:59");
	assert_int_equal(act(facts, gates.placement, "start"), PRAC_REASON_NONE);
}

static void a_closing_paper_is_asked_for_before_it_is_completed(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);

	facts_set(facts, gates.placement, "state=completing");
	facts_set(facts, gates.check, "state=signed");
	assert_int_equal(act(facts, gates.placement, "complete"), PRAC_REASON_NONE);
	facts_set(facts, gates.check_type, "gate=close");
	assert_int_equal(act(facts, gates.placement, "complete"), PRAC_REASON_GUARD);
	assert_true(tells(facts, "background check is signed, not verified"));
	facts_set(facts, gates.check, "state=verified");
	assert_int_equal(act(facts, gates.placement, "complete"), PRAC_REASON_NONE);
}

static void an_evaluation_that_is_not_in_holds_up_the_end(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);
	struct prac_record *evaluation =
		put(facts, facts_make(facts, &prac_type_evaluation, 0x20, "state=opened", NULL));

	facts_set(facts, gates.placement, "state=completing");
	assert_int_equal(act(facts, gates.placement, "complete"), PRAC_REASON_NONE);
	evaluation->values[PRAC_EVALUATION_PLACEMENT_ID] =
		(struct prac_value){ .has = true, .bytes = prac_id_bytes(&gates.placement->id) };
	assert_int_equal(act(facts, gates.placement, "complete"), PRAC_REASON_GUARD);
	assert_true(tells(
		facts, "evaluation is opened, not submitted or acknowledged or final or dropped"));
	facts_set(facts, evaluation, "state=dropped");
	assert_int_equal(act(facts, gates.placement, "complete"), PRAC_REASON_NONE);
	facts_set(facts, evaluation, "state=submitted");
	assert_int_equal(act(facts, gates.placement, "complete"), PRAC_REASON_NONE);
}

static void a_waived_paper_is_as_good_as_a_verified_one(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);

	facts_set(facts, gates.check, "state=waived");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
}

static void a_paper_is_asked_for_by_kind_pay_and_age(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);

	facts_set(facts, gates.check, "state=required");
	facts_set(facts, gates.check_type, "applies_to_kinds=clinical;apprenticeship");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
	facts_set(facts, gates.check_type, "applies_to_kinds=clinical;internship");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
	facts_set(facts, gates.check_type, "applies_to_pay=unpaid");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
	facts_set(facts, gates.check_type, "applies_to_pay=paid");
	facts_set(facts, gates.check_type, "under_age=17"); /* 17 on 2026-03-02 */
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
	facts_set(facts, gates.check_type, "under_age=18");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
	facts_set(facts, gates.check_type, "gate=close");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
}

static void an_unpaid_student_is_covered_by_liability_or_an_own_policy(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);
	struct prac_record *own;

	facts_set(facts, gates.placement, "pay=unpaid");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
	facts_set(facts, gates.policy, "kind=liability");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
	facts_set(facts, gates.policy, "kind=workers_compensation");
	own = put(facts, facts_make(facts, &prac_type_student_insurance, 0x10, "state=verified",
				 "student_id=01", "kind=student_accident", "starts_on=2026-08-01",
				 "ends_on=2027-07-31", NULL));
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
	facts_set(facts, own, "kind=health");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
}

static void a_policy_that_the_placement_names_counts(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);

	facts_set(facts, gates.policy, "organization_id=");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_GUARD);
	facts_set(facts, gates.placement, "insurance_id=08");
	assert_int_equal(act(facts, gates.placement, "ready"), PRAC_REASON_NONE);
}

static void an_expired_policy_suspends_on_the_day_and_a_renewal_heals(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);

	assert_string_equal(suspended_on(facts, gates.placement, "2027-01-01"), "");
	facts_set(facts, gates.placement, "state=active");
	assert_string_equal(suspended_on(facts, gates.placement, "2026-12-31"), "");
	assert_string_equal(suspended_on(facts, gates.placement, "2027-01-01"),
		"workers' compensation insurance of Ridge Machine Works expires 2026-12-31, before "
		"2027-01-01");
	(void)put(facts, facts_make(facts, &prac_type_insurance, 0x20, "state=verified",
				 "organization_id=02", "kind=workers_compensation",
				 "starts_on=2027-01-01", "ends_on=2027-12-31", NULL));
	assert_string_equal(suspended_on(facts, gates.placement, "2027-01-01"), "");
	assert_string_equal(suspended_on(facts, gates.placement, "2026-12-31"), "");
}

static void a_canceled_policy_covers_the_days_before(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);

	facts_set(facts, gates.placement, "state=active");
	facts_set(facts, gates.policy, "state=canceled");
	facts_set(facts, gates.policy, "ends_on=2026-10-01");
	assert_string_equal(suspended_on(facts, gates.placement, "2026-10-01"), "");
	assert_string_not_equal(suspended_on(facts, gates.placement, "2026-10-02"), "");
}

static void a_paper_that_only_warns_does_not_suspend(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);

	facts_set(facts, gates.placement, "state=active");
	facts_set(facts, gates.check, "valid_until=2026-09-30");
	assert_string_not_equal(suspended_on(facts, gates.placement, "2026-10-01"), "");
	facts_set(facts, gates.check_type, "lapse=warns");
	assert_string_equal(suspended_on(facts, gates.placement, "2026-10-01"), "");
}

static void a_renewal_in_hand_holds_ten_days(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);
	const struct prac_action *renew = prac_action_find_name(&prac_type_placement, "renew");
	const struct prac_value *args =
		facts_args(facts, renew->args, "renewal_reason=Mailed", NULL);

	facts_set(facts, gates.placement, "state=active");
	facts_set(facts, gates.policy, "ends_on=2026-08-10");
	assert_string_not_equal(suspended_on(facts, gates.placement, "2026-08-11"), "");
	facts->judgement.district = false;
	assert_int_equal(prac_change_act(&facts->judgement, renew, args, gates.placement),
		PRAC_REASON_NOT_ALLOWED);
	facts->judgement.district = true;
	assert_int_equal(
		prac_change_act(&facts->judgement, renew, args, gates.placement), PRAC_REASON_NONE);
	assert_string_equal(suspended_on(facts, gates.placement, "2026-08-11"), "");
	assert_string_equal(suspended_on(facts, gates.placement, "2026-08-20"), "");
	assert_string_not_equal(suspended_on(facts, gates.placement, "2026-08-21"), "");
}

static void hours_of_a_day_without_cover_wait_for_the_renewal(void **state)
{
	struct facts *facts = *state;
	struct gates gates = add_all(facts);
	struct prac_findings findings = { .arena = &facts->arena };
	const struct prac_record *entries[] = {
		facts_make(facts, &prac_type_time_entry, 0x31, "work_date=2026-12-31", NULL),
		facts_make(facts, &prac_type_time_entry, 0x32, "work_date=2027-01-02", NULL),
	};

	prac_gate_find_days(&facts->judgement, gates.placement, entries, 2, &findings);
	assert_null(findings.words); /* it has not begun */
	facts_set(facts, gates.placement, "state=active");
	prac_gate_find_days(&facts->judgement, gates.placement, entries, 1, &findings);
	assert_null(findings.words);
	prac_gate_find_days(&facts->judgement, gates.placement, entries, 2, &findings);
	assert_string_equal(findings.words,
		"the hours of 2027-01-02: workers' compensation insurance of Ridge Machine Works "
		"expires 2026-12-31, before 2027-01-02");
	facts_set(facts, gates.policy, "ends_on=2027-12-31");
	findings.words = NULL;
	prac_gate_find_days(&facts->judgement, gates.placement, entries, 2, &findings);
	assert_null(findings.words);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(with_everything_there_a_placement_is_ready),
		TEST(all_that_is_missing_is_named_in_one_refusal),
		TEST(a_suspended_or_closed_site_is_no_place_for_a_student),
		TEST(each_gate_is_asked_for),
		TEST(each_paper_of_the_shipped_rules_is_asked_for_with_what_satisfies_it),
		TEST(credit_and_an_unlawful_plan_hold_back_the_start),
		TEST(a_closing_paper_is_asked_for_before_it_is_completed),
		TEST(an_evaluation_that_is_not_in_holds_up_the_end),
		TEST(a_waived_paper_is_as_good_as_a_verified_one),
		TEST(a_paper_is_asked_for_by_kind_pay_and_age),
		TEST(an_unpaid_student_is_covered_by_liability_or_an_own_policy),
		TEST(a_policy_that_the_placement_names_counts),
		TEST(an_expired_policy_suspends_on_the_day_and_a_renewal_heals),
		TEST(a_canceled_policy_covers_the_days_before),
		TEST(a_paper_that_only_warns_does_not_suspend),
		TEST(a_renewal_in_hand_holds_ten_days),
		TEST(hours_of_a_day_without_cover_wait_for_the_renewal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
