/* Guards: what the catalog says must come before, and what the rules of some types add. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/sync/change.h"
#include "tests/support/facts.h"

/* The judge's day is 2026-08-11. */
static enum prac_reason act(struct facts *facts, struct prac_record *record, const char *name,
	const struct prac_value *args)
{
	const struct prac_action *action = prac_action_find_name(record->type, name);

	assert_non_null(action);
	facts->judgement.district = true;
	facts->judgement.n_effects = 0;
	memset(&facts->judgement.problem, 0, sizeof(facts->judgement.problem));
	return prac_change_act(&facts->judgement, action, args, record);
}

static void assert_words(const struct facts *facts, const char *words)
{
	assert_string_equal(facts->judgement.problem.text, words);
}

static struct prac_record *add_story(struct facts *facts)
{
	facts_keep(facts, facts_make(facts, &prac_type_student, 0x01, "identifier=100",
				  "given_name=Ann", "family_name=Lee", NULL));
	return facts_make(facts, &prac_type_story, 0x02, "state=approved", "student_id=01",
		"school_id=aa", "title=A day at the mill", "text=It was good", NULL);
}

static struct prac_record *add_consent(struct facts *facts, const char *until)
{
	struct prac_record *consent = facts_keep(
		facts, facts_make(facts, &prac_type_consent, 0x03, "state=granted", "student_id=01",
			       "school_id=aa", "purpose=media", "valid_from=2026-01-01", NULL));

	facts_set(facts, consent, until);
	return consent;
}

static void a_missing_child_is_named_with_what_would_satisfy(void **state)
{
	struct facts *facts = *state;

	assert_int_equal(act(facts, add_story(facts), "publish", NULL), PRAC_REASON_GUARD);
	assert_words(facts,
		"Publish: not yet: consent to pictures and stories of Lee Ann is missing "
		"(Record the family's consent for the purpose media.)");
}

static void a_child_of_another_kind_does_not_count(void **state)
{
	struct facts *facts = *state;
	struct prac_record *story = add_story(facts);
	struct prac_record *consent = add_consent(facts, "valid_until=2027-06-30");

	facts_set(facts, consent, "purpose=medical");
	assert_int_equal(act(facts, story, "publish", NULL), PRAC_REASON_GUARD);
	facts_set(facts, consent, "purpose=media");
	assert_int_equal(act(facts, story, "publish", NULL), PRAC_REASON_NONE);
}

static void a_child_in_another_state_is_told(void **state)
{
	struct facts *facts = *state;
	struct prac_record *story = add_story(facts);

	facts_set(facts, add_consent(facts, "valid_until=2027-06-30"), "state=revoked");
	assert_int_equal(act(facts, story, "publish", NULL), PRAC_REASON_GUARD);
	assert_words(facts, "Publish: not yet: consent to pictures and stories of Lee Ann is "
			    "revoked, not granted");
}

static void a_child_must_cover_the_day(void **state)
{
	struct facts *facts = *state;
	struct prac_record *story = add_story(facts);
	struct prac_record *consent = add_consent(facts, "valid_until=2026-08-10");

	assert_int_equal(act(facts, story, "publish", NULL), PRAC_REASON_GUARD);
	assert_words(facts, "Publish: not yet: consent to pictures and stories of Lee Ann expires "
			    "2026-08-10, before 2026-08-11");
	facts_set(facts, consent, "valid_until=2026-08-11");
	assert_int_equal(act(facts, story, "publish", NULL), PRAC_REASON_NONE);
	story->values[story->type->state_field].number = PRAC_STORY_STATE_APPROVED;
	facts_set(facts, consent, "valid_from=2026-08-12");
	assert_int_equal(act(facts, story, "publish", NULL), PRAC_REASON_GUARD);
	facts_set(facts, consent, "valid_until=");
	facts_set(facts, consent, "valid_from=");
	assert_int_equal(act(facts, story, "publish", NULL), PRAC_REASON_NONE);
}

static void every_child_must_be_in_the_state(void **state)
{
	struct facts *facts = *state;
	struct prac_record *plan =
		facts_make(facts, &prac_type_plan, 0x01, "state=adopted", "title=Five years", NULL);
	struct prac_record *open;

	facts_keep(facts, facts_make(facts, &prac_type_milestone, 0x02, "state=reached",
				  "plan_id=01", "title=Two boards", NULL));
	open = facts_keep(facts, facts_make(facts, &prac_type_milestone, 0x03, "state=open",
					 "plan_id=01", "title=Ten partners", NULL));
	assert_int_equal(act(facts, plan, "close", NULL), PRAC_REASON_GUARD);
	assert_words(facts, "Close: not yet: milestone is open, not reached or dropped");
	facts_set(facts, open, "state=dropped");
	assert_int_equal(act(facts, plan, "close", NULL), PRAC_REASON_NONE);
}

static void a_reference_must_be_in_the_state(void **state)
{
	struct facts *facts = *state;
	struct prac_record *opportunity =
		facts_keep(facts, facts_make(facts, &prac_type_opportunity, 0x04, "state=approved",
					  "title=Machining", NULL));
	struct prac_record *application = facts_make(facts, &prac_type_application, 0x05,
		"student_id=01", "school_id=aa", "opportunity_id=04", NULL);

	assert_int_equal(act(facts, application, "submit", NULL), PRAC_REASON_GUARD);
	assert_words(facts, "Submit: not yet: opportunity of Machining is approved, not open");
	facts_set(facts, opportunity, "state=open");
	assert_int_equal(act(facts, application, "submit", NULL), PRAC_REASON_NONE);
}

static void every_failing_guard_is_named_at_once(void **state)
{
	struct facts *facts = *state;
	struct prac_record *plan =
		facts_make(facts, &prac_type_training_plan, 0x06, "student_id=01", "school_id=aa",
			"placement_id=07", "version=1", "student_agreed_on=2026-08-01", NULL);

	assert_int_equal(act(facts, plan, "agree", NULL), PRAC_REASON_GUARD);
	assert_words(facts,
		"Agree: not yet: the agreement of student, supervisor and coordinator is missing "
		"(Enter the day on which each of them agreed.); a learning outcome is missing "
		"(Name at least one outcome.)");
	facts_set(facts, plan, "supervisor_agreed_on=2026-08-02");
	facts_set(facts, plan, "coordinator_agreed_on=2026-08-03");
	facts_set(facts, plan, "outcomes=Reads a drawing");
	assert_int_equal(act(facts, plan, "agree", NULL), PRAC_REASON_NONE);
}

static struct prac_record *add_application(
	struct facts *facts, uint8_t last, const char *application_state, const char *from)
{
	struct prac_record *application = facts_keep(
		facts, facts_make(facts, &prac_type_application, last, "student_id=01",
			       "school_id=aa", "opportunity_id=04", "ends_on=2026-12-18", NULL));

	facts_set(facts, application, application_state);
	facts_set(facts, application, from);
	return application;
}

static void a_student_accepts_one_place_at_a_time(void **state)
{
	struct facts *facts = *state;
	struct prac_record *first =
		add_application(facts, 0x11, "state=accepted", "starts_on=2026-08-17");
	struct prac_record *second =
		add_application(facts, 0x12, "state=offered", "starts_on=2026-12-18");

	assert_int_equal(act(facts, second, "accept", NULL), PRAC_REASON_GUARD);
	assert_non_null(strstr(facts->judgement.problem.text, "accepted for the same time"));
	facts_set(facts, first, "ends_on=2026-12-17");
	assert_int_equal(act(facts, second, "accept", NULL), PRAC_REASON_NONE);
}

static enum prac_reason accept_anew(struct facts *facts, struct prac_record *application)
{
	facts_set(facts, application, "state=offered");
	return act(facts, application, "accept", NULL);
}

/* DOMAIN 4b: full follows from the seats; who has one already needs no other, who left frees it. */
static void a_full_opportunity_takes_nobody(void **state)
{
	struct facts *facts = *state;
	struct prac_record *opportunity =
		facts_keep(facts, facts_make(facts, &prac_type_opportunity, 0x04, "state=open",
					  "title=Machining", "seats=2", NULL));
	struct prac_record *mine =
		add_application(facts, 0x12, "state=offered", "starts_on=2026-09-01");
	struct prac_record *other = facts_keep(
		facts, facts_make(facts, &prac_type_application, 0x13, "student_id=02",
			       "school_id=aa", "opportunity_id=04", "state=accepted", NULL));
	struct prac_record *placed =
		facts_keep(facts, facts_make(facts, &prac_type_placement, 0x14, "student_id=03",
					  "school_id=aa", "opportunity_id=04", "state=active",
					  "starts_on=2026-08-17", "ends_on=2026-09-01", NULL));

	assert_int_equal(accept_anew(facts, mine), PRAC_REASON_GUARD);
	assert_non_null(strstr(facts->judgement.problem.text, "2 of 2 seats of the opportunity"));
	facts_set(facts, placed, "ends_on=2026-08-31");
	assert_int_equal(accept_anew(facts, mine), PRAC_REASON_NONE);
	facts_set(facts, placed, "ends_on=2026-12-18");
	facts_set(facts, placed, "state=terminated");
	assert_int_equal(accept_anew(facts, mine), PRAC_REASON_NONE);
	facts_set(facts, placed, "state=active");
	facts_set(facts, placed, "student_id=02"); /* the accepted one has begun: still one seat */
	assert_int_equal(accept_anew(facts, mine), PRAC_REASON_NONE);
	facts_set(facts, placed, "student_id=03");
	facts_set(facts, other, "state=offered");
	assert_int_equal(accept_anew(facts, mine), PRAC_REASON_NONE);
	facts_set(facts, other, "state=accepted");
	facts_set(facts, opportunity, "seats=3");
	assert_int_equal(accept_anew(facts, mine), PRAC_REASON_NONE);
	facts_set(facts, opportunity, "seats=");
	assert_int_equal(accept_anew(facts, mine), PRAC_REASON_NONE);
}

static void a_severe_incident_suspends_the_placement_at_once(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement =
		facts_keep(facts, facts_make(facts, &prac_type_placement, 0x21, "state=active",
					  "student_id=01", NULL));
	struct prac_record *incident = facts_make(facts, &prac_type_incident, 0x22, "student_id=01",
		"school_id=aa", "placement_id=21", "happened_on=2026-08-10", "kind=injury",
		"description=Fell", NULL);

	assert_int_equal(act(facts, incident, "triage",
				 facts_args(facts, prac_type_incident.actions[0].args,
					 "severity=severe", NULL)),
		PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 1);
	assert_ptr_not_equal(facts->judgement.effects[0], placement);
	assert_int_equal(facts->judgement.effects[0]->values[PRAC_PLACEMENT_STATE].number,
		PRAC_PLACEMENT_STATE_SUSPENDED);
	incident->values[PRAC_INCIDENT_STATE].number = PRAC_INCIDENT_STATE_REPORTED;
	assert_int_equal(act(facts, incident, "triage",
				 facts_args(facts, prac_type_incident.actions[0].args,
					 "severity=minor", NULL)),
		PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 0);
}

static void an_incident_that_is_reported_as_severe_suspends_before_anybody_looks(void **state)
{
	struct facts *facts = *state;
	struct prac_record *placement =
		facts_keep(facts, facts_make(facts, &prac_type_placement, 0x21, "state=active",
					  "student_id=01", NULL));
	struct prac_record *incident = facts_make(facts, &prac_type_incident, 0x22, "student_id=01",
		"school_id=aa", "placement_id=21", "happened_on=2026-08-10", "kind=injury",
		"description=Fell", "severity=severe", NULL);
	struct prac_record *minor = facts_make(facts, &prac_type_incident, 0x22, "student_id=01",
		"school_id=aa", "placement_id=21", "severity=minor", NULL);

	assert_int_equal(facts_check(facts, NULL, incident), PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 1);
	assert_int_equal(facts->judgement.effects[0]->values[PRAC_PLACEMENT_STATE].number,
		PRAC_PLACEMENT_STATE_SUSPENDED);
	facts->judgement.n_effects = 0;
	assert_int_equal(facts_check(facts, NULL, minor), PRAC_REASON_NONE);
	assert_int_equal(facts_check(facts, incident, incident), PRAC_REASON_NONE); /* no news */
	assert_int_equal(facts->judgement.n_effects, 0);
	assert_int_equal(facts_check(facts, minor, incident), PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 1);
	facts->judgement.n_effects = 0;
	facts_set(facts, placement, "state=completing");
	assert_int_equal(facts_check(facts, NULL, incident), PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 0);
}

static struct prac_record *add_credit(struct facts *facts, const char *state)
{
	struct prac_record *credit = facts_make(facts, &prac_type_credit, 0x50, "student_id=01",
		"school_id=aa", "course_id=51", "credits_attempted=1", "credits_earned=6", NULL);

	facts_set(facts, credit, state);
	return credit;
}

/* Else more would be posted than the rule gives, without its being asked. */
static void what_is_earned_changes_only_by_an_action(void **state)
{
	struct facts *facts = *state;
	struct prac_record *credit = add_credit(facts, "state=earned");
	struct prac_record *after = prac_record_copy(&facts->arena, credit);
	const struct prac_type *args = prac_action_find_name(&prac_type_credit, "reconsider")->args;

	facts_set(facts, after, "credits_earned=5");
	assert_int_equal(prac_change_check(&facts->judgement, credit, after), PRAC_REASON_LOCKED);
	assert_int_equal(
		act(facts, credit, "reconsider", facts_args(facts, args, "reason=Absent", NULL)),
		PRAC_REASON_NONE);
	assert_int_equal(credit->values[PRAC_CREDIT_STATE].number, PRAC_CREDIT_STATE_ATTEMPTED);
}

static void nothing_is_posted_of_what_was_not_earned(void **state)
{
	struct facts *facts = *state;
	struct prac_record *credit = add_credit(facts, "state=attempted");
	const struct prac_type *args = prac_action_find_name(&prac_type_credit, "fail")->args;

	assert_int_equal(act(facts, credit, "fail", facts_args(facts, args, "reason=Absent", NULL)),
		PRAC_REASON_NONE);
	assert_false(credit->values[PRAC_CREDIT_CREDITS_EARNED].has);
	credit = add_credit(facts, "state=not_earned");
	assert_int_equal(act(facts, credit, "post", NULL), PRAC_REASON_NONE);
	assert_false(credit->values[PRAC_CREDIT_CREDITS_EARNED].has);
	credit = add_credit(facts, "state=earned");
	assert_int_equal(act(facts, credit, "post", NULL), PRAC_REASON_NONE);
	assert_true(credit->values[PRAC_CREDIT_CREDITS_EARNED].has);
}

/* Reported as severe, the placement was suspended; then somebody resumed it. */
static void triage_of_a_severe_incident_does_not_suspend_again(void **state)
{
	struct facts *facts = *state;
	struct prac_record *incident;

	(void)facts_keep(facts, facts_make(facts, &prac_type_placement, 0x21, "state=active",
					"student_id=01", NULL));
	incident = facts_keep(
		facts, facts_make(facts, &prac_type_incident, 0x22, "student_id=01", "school_id=aa",
			       "placement_id=21", "happened_on=2026-08-10", "kind=injury",
			       "description=Fell", "severity=severe", NULL));
	assert_int_equal(act(facts, prac_record_copy(&facts->arena, incident), "triage",
				 facts_args(facts, prac_type_incident.actions[0].args,
					 "severity=severe", NULL)),
		PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 0);
	facts_set(facts, incident, "severity=minor");
	assert_int_equal(act(facts, prac_record_copy(&facts->arena, incident), "triage",
				 facts_args(facts, prac_type_incident.actions[0].args,
					 "severity=severe", NULL)),
		PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 1);
}

static void a_severe_incident_suspends_the_placement_that_is_named_later(void **state)
{
	struct facts *facts = *state;
	struct prac_record *before = facts_make(facts, &prac_type_incident, 0x22, "student_id=01",
		"school_id=aa", "severity=severe", NULL);
	struct prac_record *after = prac_record_copy(&facts->arena, before);

	(void)facts_keep(facts, facts_make(facts, &prac_type_placement, 0x21, "state=active",
					"student_id=01", NULL));
	facts_set(facts, after, "placement_id=21");
	assert_int_equal(facts_check(facts, before, after), PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 1);
}

static void nobody_approves_their_own_correction(void **state)
{
	struct facts *facts = *state;
	struct prac_record *adjustment = facts_make(facts, &prac_type_adjustment, 0x31,
		"student_id=01", "school_id=aa", "entry_id=32", "delta_minutes=30",
		"because=Forgot", "evidence=Mail", "requested_by_id=33", NULL);
	const struct prac_type *args = prac_type_adjustment.actions[0].args;

	assert_int_equal(act(facts, adjustment, "approve",
				 facts_args(facts, args, "approved_by_id=33", NULL)),
		PRAC_REASON_GUARD);
	assert_int_equal(act(facts, adjustment, "approve",
				 facts_args(facts, args, "approved_by_id=34", NULL)),
		PRAC_REASON_NONE);
	facts_set(facts, adjustment, "delta_minutes=0");
	assert_int_equal(facts_check(facts, NULL, adjustment), PRAC_REASON_INVALID_VALUE);
}

static struct prac_record *add_payment(
	struct facts *facts, uint8_t last, const char *amount, const char *payment_state)
{
	struct prac_record *payment = facts_keep(
		facts, facts_make(facts, &prac_type_expenditure, last, "grant_award_id=40",
			       "budget_line_id=41", "purpose=Boots", NULL));

	facts_set(facts, payment, amount);
	facts_set(facts, payment, payment_state);
	return payment;
}

static void what_is_paid_stays_within_the_line(void **state)
{
	struct facts *facts = *state;
	struct prac_record *line = facts_keep(
		facts, facts_make(facts, &prac_type_budget_line, 0x41, "grant_award_id=40",
			       "category=Safety", "amount_cents=100.00", NULL));
	struct prac_record *payment =
		add_payment(facts, 0x42, "amount_cents=40.01", "state=encumbered");
	const struct prac_value *args = facts_args(
		facts, prac_type_expenditure.actions[1].args, "spent_on=2026-08-10", NULL);

	(void)add_payment(facts, 0x43, "amount_cents=60.00", "state=paid");
	(void)add_payment(facts, 0x44, "amount_cents=60.00", "state=disallowed");
	assert_int_equal(act(facts, payment, "pay", args), PRAC_REASON_GUARD);
	assert_words(facts,
		"Pay: not yet: the line has 40.00 left (agree to pay more on the budget "
		"line, or take another line)");
	facts_set(facts, payment, "amount_cents=40.00");
	assert_int_equal(act(facts, payment, "pay", args), PRAC_REASON_NONE);
	payment->values[PRAC_EXPENDITURE_STATE].number = PRAC_EXPENDITURE_STATE_ENCUMBERED;
	facts_set(facts, payment, "amount_cents=90.00");
	facts_set(facts, line, "overrun_allowed=yes");
	assert_int_equal(act(facts, payment, "pay", args), PRAC_REASON_NONE);
	facts_set(facts, line, "grant_award_id=45");
	assert_int_equal(facts_check(facts, NULL, payment), PRAC_REASON_INVALID_VALUE);
}

static void a_talk_and_a_meeting_leave_their_day_behind(void **state)
{
	struct facts *facts = *state;
	struct prac_record *partner = facts_keep(
		facts, facts_make(facts, &prac_type_organization, 0x51, "name=Ridge Works", NULL));
	struct prac_record *talk = facts_make(facts, &prac_type_contact_log, 0x52,
		"organization_id=51", "planned_on=2026-08-09", "kind=phone", NULL);
	const struct prac_value *args = facts_args(
		facts, prac_type_contact_log.actions[0].args, "held_on=2026-08-10", NULL);

	assert_int_equal(act(facts, talk, "finish", args), PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 1);
	assert_int_equal(
		facts->judgement.effects[0]->values[PRAC_ORGANIZATION_LAST_CONTACT_ON].number,
		20675);
	facts_set(facts, partner, "last_contact_on=2026-08-11");
	talk->values[PRAC_CONTACT_LOG_STATE].number = PRAC_CONTACT_LOG_STATE_PLANNED;
	assert_int_equal(act(facts, talk, "finish", args), PRAC_REASON_NONE);
	assert_int_equal(facts->judgement.n_effects, 0);
	facts_keep(
		facts, facts_make(facts, &prac_type_advisory_board, 0x53, "name=Machining", NULL));
	assert_int_equal(act(facts,
				 facts_make(facts, &prac_type_board_meeting, 0x54, "board_id=53",
					 "held_on=2026-08-05", NULL),
				 "hold", NULL),
		PRAC_REASON_NONE);
	assert_int_equal(
		facts->judgement.effects[0]->values[PRAC_ADVISORY_BOARD_LAST_MET_ON].number, 20670);
}

/* What somebody types into a credit that was earned, field by field: only reconsider opens it again. */
static void what_is_earned_changes_by_actions_only(void **state)
{
	static const char *const states[] = { "state=earned", "state=posted" };
	static const char *const typed[] = { "credits_attempted=2", "class_part_met=no",
		"placement_id=0b", "weekly_minutes=60", "credits_earned=3", "minutes_accepted=9000",
		"decided_on=2026-09-30", "reason=More" };
	struct facts *facts = *state;
	struct prac_record *credit = facts_make(facts, &prac_type_credit, 0x50, "student_id=01",
		"school_id=aa", "course_id=51", "credits_attempted=1", "class_part_met=yes",
		"state=attempted", NULL);
	struct prac_record *after = prac_record_copy(&facts->arena, credit);

	facts_set(facts, after, typed[0]);
	assert_int_equal(prac_change_check(&facts->judgement, credit, after), PRAC_REASON_NONE);
	for (size_t i = 0; i < PRAC_NELEM(states) * PRAC_NELEM(typed); i++) {
		facts_set(facts, credit, states[i / PRAC_NELEM(typed)]);
		after = prac_record_copy(&facts->arena, credit);
		facts_set(facts, after, typed[i % PRAC_NELEM(typed)]);
		assert_int_equal(
			prac_change_check(&facts->judgement, credit, after), PRAC_REASON_LOCKED);
	}
}

/* DOMAIN 4a: surveyed [safety survey passed]; only then students may be placed there. */
static void a_site_is_approved_after_a_survey_that_was_passed(void **state)
{
	struct facts *facts = *state;
	const struct prac_type *type = &prac_type_site;
	struct prac_record *site = facts_make(
		facts, type, 0x01, "organization_id=02", "name=Yard", "state=proposed", NULL);
	const struct prac_value *verdict = &site->values[PRAC_SITE_SURVEY_VERDICT];

	assert_int_equal(act(facts, site, "fail",
				 facts_args(facts, prac_action_find_name(type, "fail")->args,
					 "surveyed_on=2026-08-10", "reason=No exit", NULL)),
		PRAC_REASON_NONE);
	assert_int_equal(site->values[PRAC_SITE_STATE].number, PRAC_SITE_STATE_SUSPENDED);
	assert_int_equal(verdict->number, PRAC_SITE_SURVEY_VERDICT_FAILED);
	assert_true(site->values[PRAC_SITE_REASON].has);
	assert_int_equal(act(facts, site, "approve", NULL), PRAC_REASON_WRONG_STATE);
	assert_int_equal(act(facts, site, "survey",
				 facts_args(facts, prac_action_find_name(type, "survey")->args,
					 "surveyed_on=2026-08-11", NULL)),
		PRAC_REASON_NONE);
	assert_int_equal(verdict->number, PRAC_SITE_SURVEY_VERDICT_PASSED);
	assert_false(site->values[PRAC_SITE_REASON].has);
	assert_int_equal(act(facts, site, "approve", NULL), PRAC_REASON_NONE);
}

static void what_a_survey_came_to_follows_from_it_alone(void **state)
{
	static const char words[] = "Survey verdict: follows from the survey; leave it out, and "
				    "record the survey (practicum do: survey, fail)";
	struct facts *facts = *state;
	struct prac_record *site = facts_make(facts, &prac_type_site, 0x01, "organization_id=02",
		"name=Yard", "state=proposed", NULL);
	struct prac_record *after = prac_record_copy(&facts->arena, site);

	facts_set(facts, after, "survey_verdict=passed");
	assert_int_equal(
		prac_change_check(&facts->judgement, site, after), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, words);
	assert_int_equal(
		prac_change_check(&facts->judgement, NULL, after), PRAC_REASON_INVALID_VALUE);
	facts_set(facts, site, "survey_verdict=failed");
	assert_int_equal(
		prac_change_check(&facts->judgement, site, after), PRAC_REASON_INVALID_VALUE);
	facts_set(facts, after, "survey_verdict=");
	assert_int_equal(
		prac_change_check(&facts->judgement, site, after), PRAC_REASON_INVALID_VALUE);
	facts_set(facts, after, "survey_verdict=failed");
	facts_set(facts, after, "name=Back yard");
	assert_int_equal(prac_change_check(&facts->judgement, site, after), PRAC_REASON_NONE);
}

/* The minutes are there, so that nothing is wrong with the times. */
static void an_entry_without_its_day_lacks_the_day(void **state)
{
	struct facts *facts = *state;
	struct prac_record *entry = facts_make(facts, &prac_type_time_entry, 0x31, "sheet_id=21",
		"placement_id=bb", "student_id=01", "school_id=aa", "elapsed_minutes=2h", NULL);

	assert_int_equal(
		prac_change_check(&facts->judgement, NULL, entry), PRAC_REASON_INVALID_VALUE);
	assert_ptr_equal(facts->judgement.problem.field,
		&prac_type_time_entry.fields[PRAC_TIME_ENTRY_WORK_DATE]);
	facts_set(facts, entry, "work_date=2026-08-11");
	facts_set(facts, entry, "elapsed_minutes=");
	assert_int_equal(
		prac_change_check(&facts->judgement, NULL, entry), PRAC_REASON_INVALID_VALUE);
	assert_words(facts, "Starts at: say when it began and ended, or only how long it was");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_earned_changes_by_actions_only),
		TEST(a_site_is_approved_after_a_survey_that_was_passed),
		TEST(what_a_survey_came_to_follows_from_it_alone),
		TEST(an_entry_without_its_day_lacks_the_day),
		TEST(a_missing_child_is_named_with_what_would_satisfy),
		TEST(a_child_of_another_kind_does_not_count),
		TEST(a_child_in_another_state_is_told),
		TEST(a_child_must_cover_the_day),
		TEST(every_child_must_be_in_the_state),
		TEST(a_reference_must_be_in_the_state),
		TEST(every_failing_guard_is_named_at_once),
		TEST(a_student_accepts_one_place_at_a_time),
		TEST(a_full_opportunity_takes_nobody),
		TEST(a_severe_incident_suspends_the_placement_at_once),
		TEST(an_incident_that_is_reported_as_severe_suspends_before_anybody_looks),
		TEST(what_is_earned_changes_only_by_an_action),
		TEST(nothing_is_posted_of_what_was_not_earned),
		TEST(triage_of_a_severe_incident_does_not_suspend_again),
		TEST(a_severe_incident_suspends_the_placement_that_is_named_later),
		TEST(nobody_approves_their_own_correction),
		TEST(what_is_paid_stays_within_the_line),
		TEST(a_talk_and_a_meeting_leave_their_day_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
