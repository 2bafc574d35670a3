/* What a placement rests on by the rule sets: papers, eligibility for credit, a lawful planned week. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/rules/eligible.h"
#include "common/rules/labor.h"
#include "common/rules/paper.h"
#include "tests/support/facts.h"
#include "tests/support/labor_week.h"

static int32_t day(const char *text)
{
	int32_t date;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

/* An unpaid internship (0b) of a student born 2009-03-02 (01). */
static struct prac_record *add_placement(struct facts *facts)
{
	(void)facts_keep(
		facts, facts_make(facts, &prac_type_student, 0x01, "given_name=Ann",
			       "family_name=Lee", "birth_date=2009-03-02", "grade=11", NULL));
	return facts_keep(facts,
		facts_make(facts, &prac_type_placement, 0x0b, "student_id=01", "kind=internship",
			"pay=unpaid", "starts_on=2026-08-17", "ends_on=2027-05-21", NULL));
}

static struct prac_record *add_rules(struct facts *facts, const char *domain, const char *rows)
{
	struct prac_record *set = facts_keep(
		facts, facts_make(facts, &prac_type_rule_set, 0xf1, domain, "jurisdiction=district",
			       "version=1", "starts_on=2026-08-10", "state=approved", NULL));

	facts_set(facts, set, prac_arena_printf(&facts->arena, "parameters=%s", rows));
	return set;
}

/* Names of the papers, "; " between them. */
static const char *asked(struct facts *facts, const struct prac_record *placement,
	enum prac_gate gate, const char *on)
{
	const struct prac_paper *papers;
	size_t n = prac_papers_asked(&facts->judgement, placement, gate, day(on), &papers);
	const char *names = "";

	for (size_t i = 0; i < n; i++) {
		names = prac_arena_printf(&facts->arena, "%s%s%s", names,
			names[0] == '\0' ? "" : "; ", papers[i].name);
	}
	return names;
}

static void of_the_shipped_papers_agreement_and_emergency_form_suspend(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts);

	assert_string_equal(asked(facts, placement, PRAC_GATE_SUSPENDS, "2026-09-01"),
		"Agreement; Emergency form");
	assert_string_equal(asked(facts, placement, PRAC_GATE_CLOSE, "2026-09-01"), "");
	facts_set(facts, placement, "kind=job_shadowing");
	assert_string_equal(asked(facts, placement, PRAC_GATE_READY, "2026-09-01"),
		"Emergency form; Transportation record");
}

static void a_districts_row_asks_by_date_pay_age_and_activity(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts), *set;

	facts_set(facts, placement, "kind=job_shadowing");
	set = add_rules(facts, "domain=documents",
		"DI-PERMIT=paper paper:work_permit gate:start lapse:suspends under:18");
	assert_string_equal(
		asked(facts, placement, PRAC_GATE_SUSPENDS, "2026-08-09"), "Emergency form");
	assert_string_equal(asked(facts, placement, PRAC_GATE_SUSPENDS, "2026-08-10"),
		"Emergency form; Work permit");
	assert_string_equal(asked(facts, placement, PRAC_GATE_SUSPENDS, "2027-03-01"),
		"Emergency form; Work permit");
	assert_string_equal(asked(facts, placement, PRAC_GATE_SUSPENDS, "2027-03-02"), /* 18 */
		"Emergency form");
	facts_set(facts, set,
		"parameters=DI-PERMIT=paper paper:work_permit gate:start lapse:suspends pay:paid");
	assert_string_equal(
		asked(facts, placement, PRAC_GATE_SUSPENDS, "2026-08-10"), "Emergency form");
	facts_set(facts, placement, "pay=stipend");
	assert_string_equal(asked(facts, placement, PRAC_GATE_SUSPENDS, "2026-08-10"),
		"Emergency form; Work permit");
	facts_set(facts, set,
		"parameters=DI-PERMIT=paper paper:work_permit gate:start lapse:suspends "
		"activity:day");
	assert_string_equal(
		asked(facts, placement, PRAC_GATE_SUSPENDS, "2026-08-10"), "Emergency form");
	(void)facts_keep(facts, facts_make(facts, &prac_type_activity_type, 0x0c, "state=in_use",
					"code=day", "name=A day", NULL));
	facts_set(facts, placement, "activity_type_id=0c");
	assert_string_equal(asked(facts, placement, PRAC_GATE_SUSPENDS, "2026-08-10"),
		"Emergency form; Work permit");
}

static void a_districts_set_holds_in_place_of_the_shipped_one(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts);
	struct prac_record *set = add_rules(facts, "domain=documents",
		"TN-DO-PLAN=paper paper:learning_plan gate:close lapse:warns");

	facts_set(facts, set, "jurisdiction=us-tn");
	facts_set(facts, set, "version=2");
	assert_string_equal(asked(facts, placement, PRAC_GATE_READY, "2026-08-10"), "");
	assert_string_equal(asked(facts, placement, PRAC_GATE_CLOSE, "2026-08-10"),
		"Personalized learning plan");
	assert_string_equal(asked(facts, placement, PRAC_GATE_SUSPENDS, "2026-08-09"),
		"Agreement; Emergency form");
}

static void a_document_type_names_the_paper_and_may_ask_for_more(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts), *type;

	facts_set(facts, placement, "kind=mentorship");
	type = facts_keep(facts,
		facts_make(facts, &prac_type_document_type, 0x0d, "state=in_use", "code=emergency",
			"name=Form 12", "document_kind=emergency", "gate=none", NULL));
	assert_string_equal(
		asked(facts, placement, PRAC_GATE_READY, "2026-09-01"), "Agreement; Form 12");
	facts_set(facts, type, "document_kind=other");
	facts_set(facts, type, "gate=close");
	assert_string_equal(asked(facts, placement, PRAC_GATE_CLOSE, "2026-09-01"), "Form 12");
	(void)facts_keep(facts, facts_make(facts, &prac_type_activity_type, 0x0c, "state=in_use",
					"code=day", "name=A day", "documents=portfolio", NULL));
	facts_set(facts, placement, "activity_type_id=0c"); /* which does not list it */
	assert_string_equal(asked(facts, placement, PRAC_GATE_CLOSE, "2026-09-01"), "");
	facts_set(facts, type, "code=portfolio");
	assert_string_equal(asked(facts, placement, PRAC_GATE_CLOSE, "2026-09-01"), "Form 12");
}

static void a_row_that_names_no_paper_of_the_catalog_is_refused(void **state)
{
	struct facts *facts = *state;
	struct prac_record *set = add_rules(
		facts, "domain=documents", "DI-X=paper paper:permit gate:start lapse:suspends");

	facts_set(facts, set, "state=draft");
	assert_int_equal(facts_check(facts, NULL, set), PRAC_REASON_INVALID_VALUE);
	assert_string_equal(facts->judgement.problem.text,
		"Rows: DI-X: \"paper:permit\" is no name that is known; practicum describe "
		"document lists them");
	facts_set(facts, set, "parameters=DI-X=paper paper:waiver gate:start lapse:warns kind:job");
	assert_int_equal(facts_check(facts, NULL, set), PRAC_REASON_INVALID_VALUE);
	assert_string_equal(facts->judgement.problem.text,
		"Rows: DI-X: \"kind:job\" is no name that is known; practicum describe placement "
		"lists them");
}

/* ---- eligibility */

static const char *ineligible(
	struct facts *facts, const struct prac_record *placement, const char *on)
{
	struct prac_findings findings = { .arena = &facts->arena };

	prac_eligible_find(&facts->judgement, placement, day(on), &findings);
	return findings.words == NULL ? "" : findings.words;
}

static void a_capstone_asks_for_16_years_and_grades_11_and_12(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts);
	struct prac_record *course = facts_keep(
		facts, facts_make(facts, &prac_type_course, 0x0e, "is_capstone=yes", NULL));

	facts_set(facts, placement, "course_id=0e");
	assert_string_equal(ineligible(facts, placement, "2025-03-02"), ""); /* 16 today */
	assert_string_equal(ineligible(facts, placement, "2025-03-01"),
		"Lee Ann is 15 years old on 2025-03-01, not eligible for credit (TN-EL-AGE: At "
		"least 16 years old; begin after the birthday, or in a course that is no capstone. "
		"T.C.A. 49-11-901)");
	facts_set(facts, facts->records[0], "grade=10");
	assert_non_null(strstr(ineligible(facts, placement, "2026-08-17"), "is in grade 10"));
	facts_set(facts, facts->records[0], "grade=12");
	assert_string_equal(ineligible(facts, placement, "2026-08-17"), "");
	facts_set(facts, facts->records[0], "grade=13");
	assert_non_null(strstr(ineligible(facts, placement, "2026-08-17"), "TN-EL-GRADE"));
	facts_set(facts, course, "is_capstone=no");
	assert_string_equal(ineligible(facts, placement, "2025-03-01"), "");
}

static void without_a_course_the_activity_type_says_whether_credit_is_earned(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts);
	struct prac_record *activity =
		facts_keep(facts, facts_make(facts, &prac_type_activity_type, 0x0c, "code=day",
					  "needs_credit=no", NULL));

	assert_string_equal(ineligible(facts, placement, "2025-03-01"), "");
	facts_set(facts, placement, "activity_type_id=0c");
	assert_string_equal(ineligible(facts, placement, "2025-03-01"), "");
	facts_set(facts, activity, "needs_credit=yes");
	assert_non_null(strstr(ineligible(facts, placement, "2025-03-01"), "TN-EL-AGE"));
	(void)add_rules(facts, "domain=eligibility", "DI-AGE=age least:14 activity:day");
	assert_non_null(strstr(ineligible(facts, placement, "2025-03-01"), "TN-EL-AGE"));
	facts_set(facts, facts->records[3], "starts_on=2025-03-01");
	assert_string_equal(ineligible(facts, placement, "2025-03-01"), "");
}

/* Ten days with classes and then a holiday; absent on one of them: 90 percent are enough. */
static void attendance_below_the_rule_is_told_and_refuses_nothing(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement = add_placement(facts);
	struct prac_record *absence;

	facts_set(facts, facts->records[0], "school_id=aa");
	facts_keep(facts, facts_make(facts, &prac_type_course, 0x0e, "is_capstone=yes", NULL));
	facts_set(facts, placement, "course_id=0e");
	assert_null(prac_eligible_attendance(&facts->judgement, placement, day("2026-09-20")));
	for (uint8_t i = 1; i <= 11; i++) {
		facts_keep(facts,
			facts_make(facts, &prac_type_school_day, (uint8_t)(0x60 + i),
				prac_arena_printf(&facts->arena, "day=2026-09-%02d", i),
				i <= 10 ? "kind=school" : "kind=holiday", "state=published", NULL));
	}
	absence = facts_keep(facts, facts_make(facts, &prac_type_absence, 0x70, "student_id=01",
					    "day=2026-09-04", "kind=excused", NULL));
	assert_null(prac_eligible_attendance(&facts->judgement, placement, day("2026-09-11")));
	assert_string_equal(
		prac_eligible_attendance(&facts->judgement, placement, day("2026-09-10")),
		"88% of 9 school days (DI-EL-ATTENDANCE: Present on at least 90 percent of the days, "
		"unless agreed otherwise before the start. Knox County I-130)");
	facts_set(facts, absence, "minutes=30");
	assert_null(prac_eligible_attendance(&facts->judgement, placement, day("2026-09-10")));
	facts_set(facts, absence, "minutes=");
	facts_set(facts, absence, "day=2026-09-11");
	assert_null(prac_eligible_attendance(&facts->judgement, placement, day("2026-09-12")));
	assert_string_equal(ineligible(facts, placement, "2026-09-10"), "");
}

/* ---- the planned week */

static struct prac_record *add_shift(
	struct facts *facts, uint8_t last, const char *date, const char *ends_at)
{
	struct prac_record *plan = facts_keep(facts,
		facts_make(facts, &prac_type_shift_plan, last, "student_id=01", "school_id=aa",
			"placement_id=bb", "starts_at=16:00", "state=planned", date, NULL));

	facts_set(facts, plan, ends_at);
	return plan;
}

static const char *planned(struct facts *facts, const char *on)
{
	struct prac_findings findings = { .arena = &facts->arena };

	prac_labor_find_planned(&facts->judgement, facts->records[1], day(on), &findings);
	return findings.words == NULL ? "" : findings.words;
}

/* The student is 15 and has school on Tuesday 2026-08-11: at most 3 hours (FED-14-DAY-S). */
static void a_planned_shift_of_the_first_full_week_must_be_lawful(void **state)
{
	struct facts *facts = *state;
	struct prac_record *plan;

	(void)labor_week_add(facts);
	plan = add_shift(facts, 0x31, "work_date=2026-08-11", "ends_at=18:59");
	assert_string_equal(planned(facts, "2026-08-03"), "");
	facts_set(facts, plan, "ends_at=19:01");
	assert_non_null(strstr(planned(facts, "2026-08-09"),
		"a planned shift breaks 2026-08-11 16:00 FED-14-DAY-S"));
	/* Begun in mid-week: the next week is the first full one. */
	assert_string_not_equal(planned(facts, "2026-08-03"), "");
	assert_string_not_equal(planned(facts, "2026-08-11"), "");
	assert_string_equal(planned(facts, "2026-08-12"), ""); /* it is over */
	assert_string_equal(planned(facts, "2026-08-01"), ""); /* the week before is the first */
	facts_set(facts, plan, "state=canceled");
	assert_string_equal(planned(facts, "2026-08-09"), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_the_shipped_papers_agreement_and_emergency_form_suspend),
		TEST(a_districts_row_asks_by_date_pay_age_and_activity),
		TEST(a_districts_set_holds_in_place_of_the_shipped_one),
		TEST(a_document_type_names_the_paper_and_may_ask_for_more),
		TEST(a_row_that_names_no_paper_of_the_catalog_is_refused),
		TEST(a_capstone_asks_for_16_years_and_grades_11_and_12),
		TEST(without_a_course_the_activity_type_says_whether_credit_is_earned),
		TEST(attendance_below_the_rule_is_told_and_refuses_nothing),
		TEST(a_planned_shift_of_the_first_full_week_must_be_lawful),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
