#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "client/exceptions/search.h"
#include "common/base/date.h"
#include "tests/support/replica_fixture.h"

enum {
	MEMBER = 100,
	PLACEMENT = 200,
	OFFER = 300,
	PARTNER = 400
};

static struct exceptions found;
static uint64_t seq = 10;

static int32_t day(const char *text)
{
	int32_t date = 0;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

static void put(struct fixture *f, const struct prac_record *record)
{
	struct replica_row row = row_of(f, record, SCHOOL_1, ++seq);

	page(f, &row, 1, seq);
}

static void look(struct fixture *f, const char *today)
{
	assert_int_equal(exceptions_find(f->replica, day(today), &f->arena, &found), PRAC_OK);
}

/* The only exception of the cause; NULL when there is none. */
static const struct exception *of_cause(const char *cause)
{
	const struct exception *one = NULL;

	for (size_t i = 0; i < found.n; i++) {
		if (strcmp(found.items[i].cause->name, cause) == 0) {
			assert_null(one);
			one = &found.items[i];
		}
	}
	return one;
}

static void id_text(unsigned number, char text_out[PRAC_ID_TEXT])
{
	struct prac_id id = id_of(number);

	prac_id_format(&id, text_out);
}

static void put_off(
	struct fixture *f, const char *type, const char *id, const char *cause, const char *until)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%u", type_of(type)->number);
	put(f, record_of(f, "snooze", 900, "record_type", number, "record_id", id, "cause", cause,
		       "until", until, "reason", "site closed", "state", "asleep", NULL));
}

/* Active from Monday 2026-08-17 on, with planned hours. */
static struct prac_record *add_placement(struct fixture *f)
{
	struct prac_record *placement;
	char school[PRAC_ID_TEXT], student[PRAC_ID_TEXT];

	id_text(SCHOOL_1, school);
	id_text(STUDENT, student);
	put(f, student_of(f, STUDENT, "Lee"));
	placement = record_of(f, "placement", PLACEMENT, "student_id", student, "school_id", school,
		"title", "Machining", "kind", "internship", "starts_on", "2026-08-17", "ends_on",
		"2027-05-21", "weekly_minutes", "10h", "state", "active", NULL);
	put(f, placement);
	return placement;
}

static void add_sheet(struct fixture *f, unsigned id, const char *week, const char *state)
{
	char school[PRAC_ID_TEXT], student[PRAC_ID_TEXT], placement[PRAC_ID_TEXT];

	id_text(SCHOOL_1, school);
	id_text(STUDENT, student);
	id_text(PLACEMENT, placement);
	put(f, record_of(f, "time_sheet", id, "placement_id", placement, "student_id", student,
		       "school_id", school, "week_start", week, "state", state, NULL));
}

static void nothing_is_wrong_with_an_empty_replica(void **state)
{
	look(*state, "2026-09-22");
	assert_int_equal(found.n, 0);
}

/* The week of Sunday 2026-09-13 is due on Tuesday 2026-09-22. */
static void a_week_without_a_sheet_shows_from_tuesday_on(void **state)
{
	struct fixture *f = *state;

	(void)add_placement(f);
	add_sheet(f, 501, "2026-08-16", "approved");
	add_sheet(f, 502, "2026-08-23", "approved");
	add_sheet(f, 503, "2026-08-30", "approved");
	add_sheet(f, 504, "2026-09-06", "approved");
	look(f, "2026-09-21");
	assert_null(of_cause("sheet_missing"));
	look(f, "2026-09-22");
	assert_non_null(of_cause("sheet_missing"));
	assert_int_equal(of_cause("sheet_missing")->day, day("2026-09-13"));
	assert_non_null(strstr(of_cause("sheet_missing")->text, "2026-09-13"));
	add_sheet(f, 505, "2026-09-13", "draft");
	look(f, "2026-09-22");
	assert_null(of_cause("sheet_missing"));
}

static void a_placement_owes_no_sheet_for_weeks_before_it_began(void **state)
{
	struct fixture *f = *state;

	(void)add_placement(f);
	look(f, "2026-08-24");
	assert_null(of_cause("sheet_missing"));
	look(f, "2026-08-25"); /* the Tuesday after the week of 2026-08-16 */
	assert_int_equal(of_cause("sheet_missing")->day, day("2026-08-16"));
}

static void add_transcript(
	struct fixture *f, unsigned id, unsigned sheet, unsigned typist, const char *state)
{
	char number[8], record[PRAC_ID_TEXT], by[PRAC_ID_TEXT], student[PRAC_ID_TEXT];

	(void)snprintf(number, sizeof(number), "%u", (unsigned)PRAC_TIME_SHEET);
	id_text(sheet, record);
	id_text(typist, by);
	id_text(STUDENT, student);
	put(f, record_of(f, "transcript", id, "record_type", number, "record_id", record,
		       "student_id", student, "version", "1", "signer_name", "Dana Reyes",
		       "signed_on", "2026-08-21", "attachment_id", record, "typed_by_id", by,
		       "state", state, NULL));
}

/* By the id of school 1, the seed that is shipped, id_of(524) draws 2 and is in the sample, id_of(540) draws 5. */
static void the_sample_is_shown_to_others_than_the_typist(void **state)
{
	struct fixture *f = *state;

	(void)add_placement(f);
	add_sheet(f, 524, "2026-08-16", "approved");
	add_sheet(f, 540, "2026-08-23", "approved");
	add_transcript(f, 701, 524, 999, "typed");
	add_transcript(f, 702, 540, 999, "typed");
	look(f, "2026-09-01");
	assert_non_null(of_cause("transcript_unchecked"));
	assert_true(prac_id_equal(
		&of_cause("transcript_unchecked")->id, &(struct prac_id[]){ id_of(701) }[0]));
	add_transcript(f, 701, 524, PERSON, "typed");
	look(f, "2026-09-01");
	assert_null(of_cause("transcript_unchecked"));
	add_transcript(f, 701, 524, 999, "confirmed");
	look(f, "2026-09-01");
	assert_null(of_cause("transcript_unchecked"));
}

static void what_is_disputed_is_shown_to_the_typist(void **state)
{
	struct fixture *f = *state;

	(void)add_placement(f);
	add_sheet(f, 547, "2026-08-23", "submitted");
	add_transcript(f, 702, 547, 999, "disputed");
	look(f, "2026-08-25");
	assert_null(of_cause("transcript_disputed"));
	add_transcript(f, 702, 547, PERSON, "disputed");
	look(f, "2026-08-25");
	assert_non_null(of_cause("transcript_disputed"));
}

static void a_sheet_waits_for_its_approval_two_weeks(void **state)
{
	struct fixture *f = *state;

	(void)add_placement(f);
	add_sheet(f, 501, "2026-08-16", "submitted");
	look(f, "2026-08-29");
	assert_null(of_cause("sheet_waiting"));
	look(f, "2026-08-30");
	assert_non_null(of_cause("sheet_waiting"));
}

static void hours_that_break_a_rule_stand_above_what_is_late(void **state)
{
	struct fixture *f = *state;

	(void)add_placement(f);
	add_sheet(f, 501, "2026-08-16", "flagged");
	look(f, "2026-09-22");
	assert_string_equal(found.items[0].cause->name, "sheet_flagged");
	assert_non_null(of_cause("sheet_missing"));
}

static void a_placement_is_visited_every_thirty_days(void **state)
{
	struct fixture *f = *state;
	char school[PRAC_ID_TEXT], student[PRAC_ID_TEXT], placement[PRAC_ID_TEXT];

	(void)add_placement(f);
	id_text(SCHOOL_1, school);
	id_text(STUDENT, student);
	id_text(PLACEMENT, placement);
	look(f, "2026-09-16"); /* day 30 */
	assert_null(of_cause("visit_missing"));
	look(f, "2026-09-17");
	assert_non_null(of_cause("visit_missing"));
	put(f, record_of(f, "visit", 600, "student_id", student, "school_id", school,
		       "placement_id", placement, "planned_on", "2026-09-10", "kind", "announced",
		       "held_on", "2026-09-10", "state", "done", NULL));
	look(f, "2026-10-10");
	assert_null(of_cause("visit_missing"));
	look(f, "2026-10-11");
	assert_int_equal(of_cause("visit_missing")->day, day("2026-09-10"));
}

static void a_districts_rules_say_how_often_a_kind_of_work_is_visited(void **state)
{
	struct fixture *f = *state;

	(void)add_placement(f);
	put(f, record_of(f, "rule_set", 700, "domain", "visits", "jurisdiction", "us-tn", "version",
		       "2", "starts_on", "2026-09-01", "source", "Board", "parameters",
		       "DI-ALL=visit most:60;DI-INTERN=visit most:14 kind:internship | Every 14 days.",
		       "state", "approved", NULL));
	look(f, "2026-08-31"); /* the shipped 30 days are not over on day 14 */
	assert_null(of_cause("visit_missing"));
	look(f, "2026-09-01");
	assert_non_null(strstr(of_cause("visit_missing")->text, "DI-INTERN: Every 14 days."));
}

static void hours_of_a_day_absent_from_school_are_shown(void **state)
{
	struct fixture *f = *state;
	char school[PRAC_ID_TEXT], student[PRAC_ID_TEXT], placement[PRAC_ID_TEXT];
	char sheet[PRAC_ID_TEXT];

	(void)add_placement(f);
	add_sheet(f, 501, "2026-09-13", "draft");
	id_text(SCHOOL_1, school);
	id_text(STUDENT, student);
	id_text(PLACEMENT, placement);
	id_text(501, sheet);
	put(f, record_of(f, "time_entry", 700, "sheet_id", sheet, "placement_id", placement,
		       "student_id", student, "school_id", school, "work_date", "2026-09-14",
		       "elapsed_minutes", "60", NULL));
	put(f, record_of(f, "absence", 701, "student_id", student, "school_id", school, "day",
		       "2026-09-15", "kind", "unexcused", NULL));
	look(f, "2026-09-20");
	assert_null(of_cause("hours_while_absent"));
	put(f, record_of(f, "absence", 702, "student_id", student, "school_id", school, "day",
		       "2026-09-14", "kind", "activity", NULL));
	look(f, "2026-09-20");
	assert_null(of_cause("hours_while_absent"));
	put(f, record_of(f, "absence", 703, "student_id", student, "school_id", school, "day",
		       "2026-09-14", "kind", "excused", NULL));
	look(f, "2026-09-20");
	assert_int_equal(of_cause("hours_while_absent")->day, day("2026-09-14"));
}

static void a_lapsed_policy_is_one_line_with_its_placements(void **state)
{
	struct fixture *f = *state;
	struct prac_record *placement = add_placement(f);
	char partner[PRAC_ID_TEXT];

	id_text(PARTNER, partner);
	put(f, record_of(f, "insurance", 800, "organization_id", partner, "kind", "liability",
		       "carrier", "Acme", "starts_on", "2026-01-01", "ends_on", "2026-09-30",
		       "state", "verified", NULL));
	set(f, placement, "organization_id", partner);
	put(f, placement);
	look(f, "2026-10-01");
	assert_non_null(of_cause("insurance_expired"));
	assert_non_null(strstr(of_cause("insurance_expired")->text, "(1 active placement)"));
	look(f, "2026-09-30");
	assert_null(of_cause("insurance_expired"));
	assert_non_null(of_cause("insurance_expiring_3"));
}

static void what_ends_is_told_of_at_90_60_30_14_and_3_days(void **state)
{
	static const struct {
		const char *day, *cause;
	} notices[] = { { "2026-07-02", "insurance_expiring_90" },
		{ "2026-07-31", "insurance_expiring_90" },
		{ "2026-08-01", "insurance_expiring_60" },
		{ "2026-08-30", "insurance_expiring_60" },
		{ "2026-08-31", "insurance_expiring_30" },
		{ "2026-09-15", "insurance_expiring_30" },
		{ "2026-09-16", "insurance_expiring_14" },
		{ "2026-09-26", "insurance_expiring_14" }, { "2026-09-27", "insurance_expiring_3" },
		{ "2026-09-30", "insurance_expiring_3" } };
	struct fixture *f = *state;
	char policy[PRAC_ID_TEXT];

	put(f, record_of(f, "insurance", 800, "kind", "liability", "carrier", "Acme", "starts_on",
		       "2026-01-01", "ends_on", "2026-09-30", "state", "verified", NULL));
	look(f, "2026-07-01");
	assert_int_equal(found.n, 0);
	for (size_t i = 0; i < PRAC_NELEM(notices); i++) {
		look(f, notices[i].day);
		assert_int_equal(found.n, 1);
		assert_string_equal(found.items[0].cause->name, notices[i].cause);
	}
	/* Whoever put off one of them sees the next all the same. */
	id_text(800, policy);
	put_off(f, "insurance", policy, "insurance_expiring_30", "2026-09-30");
	look(f, "2026-09-15");
	assert_int_equal(found.items[0].asleep_until, day("2026-09-30"));
	look(f, "2026-09-16");
	assert_int_equal(found.items[0].asleep_until, 0);
}

static void what_was_put_off_sleeps_until_its_day(void **state)
{
	struct fixture *f = *state;
	char placement[PRAC_ID_TEXT];

	(void)add_placement(f);
	id_text(PLACEMENT, placement);
	put_off(f, "placement", placement, "visit_missing", "2026-10-05");
	look(f, "2026-10-04");
	assert_int_equal(of_cause("visit_missing")->asleep_until, day("2026-10-05"));
	assert_string_equal(of_cause("visit_missing")->asleep_for, "site closed");
	assert_int_equal(of_cause("sheet_missing")->asleep_until, 0);
	look(f, "2026-10-05");
	assert_int_equal(of_cause("visit_missing")->asleep_until, 0);
}

/* The exception of the cause is there from the day on, and not on the day before. */
static void begins(struct fixture *f, const char *cause, const char *from, const char *remedy)
{
	assert_int_equal(exceptions_find(f->replica, day(from) - 1, &f->arena, &found), PRAC_OK);
	assert_null(of_cause(cause));
	look(f, from);
	assert_non_null(of_cause(cause));
	assert_string_equal(of_cause(cause)->remedy != NULL ? of_cause(cause)->remedy
							    : of_cause(cause)->cause->remedy,
		remedy);
}

static void a_sheet_that_was_not_submitted_is_late_from_tuesday_on(void **state)
{
	struct fixture *f = *state;

	(void)add_placement(f);
	add_sheet(f, 501, "2026-08-16", "draft");
	begins(f, "sheet_late", "2026-08-25", "practicum do time_sheet %s submit");
}

static void partners_boards_and_grants_are_told_of_on_their_day(void **state)
{
	struct fixture *f = *state;
	char id[PRAC_ID_TEXT];

	put(f, record_of(f, "organization", PARTNER, "name", "Ridge", "kind", "employer",
		       "last_contact_on", "2026-06-01", "state", "approved", NULL));
	begins(f, "partner_silent", "2026-08-31", /* 91 days after it */
		"practicum add contact_log organization_id=%s");
	put(f, record_of(f, "advisory_board", 410, "name", "Welding", "meetings_a_year", "4",
		       "last_met_on", "2026-06-01", "state", "active", NULL));
	begins(f, "board_behind", "2026-09-01", /* 92 days: a quarter of 365 is over */
		"practicum add board_meeting board_id=%s held_on=DATE");
	id_text(420, id);
	put(f, record_of(f, "deliverable", 421, "grant_award_id", id, "text", "Report", "due_on",
		       "2026-10-31", "state", "open", NULL));
	begins(f, "deliverable_due_soon", "2026-10-01",
		"practicum do deliverable %s submit submitted_on=VALUE");
	begins(f, "deliverable_overdue", "2026-11-01",
		"practicum do deliverable %s submit submitted_on=VALUE");
}

static void evaluations_and_certificates_are_told_of_once_with_the_next_step(void **state)
{
	struct fixture *f = *state;
	char student[PRAC_ID_TEXT], school[PRAC_ID_TEXT], staff[PRAC_ID_TEXT];
	char renewal[200];

	(void)add_placement(f);
	id_text(STUDENT, student);
	id_text(SCHOOL_1, school);
	put(f, record_of(f, "evaluation", 430, "student_id", student, "school_id", school, "due_on",
		       "2026-09-30", "state", "returned", NULL));
	begins(f, "evaluation_overdue", "2026-10-01", "practicum do evaluation %s submit");
	id_text(440, staff);
	put(f, record_of(f, "staff_qualification", 441, "staff_id", staff, "kind",
		       "wbl_certificate", "expires_on", "2026-12-30", "state", "valid", NULL));
	(void)snprintf(renewal, sizeof(renewal),
		"practicum add staff_qualification staff_id=%s kind=wbl_certificate expires_on=DATE",
		staff);
	begins(f, "staff_qualification_expiring_90", "2026-10-01", renewal);
	begins(f, "staff_qualification_expired", "2026-12-31", renewal);
}

static void a_ready_student_without_a_placement_and_a_freed_seat_are_told_of(void **state)
{
	struct fixture *f = *state;
	struct prac_record *placement;
	char student[PRAC_ID_TEXT], school[PRAC_ID_TEXT], offer[PRAC_ID_TEXT];

	placement = add_placement(f);
	id_text(STUDENT, student);
	id_text(SCHOOL_1, school);
	id_text(OFFER, offer);
	put(f, record_of(f, "student_checklist", 450, "student_id", student, "school_id", school,
		       "begun_on", "2026-08-01", "decided_on", "2026-08-20", "state", "ready",
		       NULL));
	put(f, record_of(f, "opportunity", OFFER, "title", "Seats", "seats", "1", "state", "open",
		       NULL));
	set(f, placement, "opportunity_id", offer);
	put(f, placement);
	look(f, "2026-09-01");
	assert_null(of_cause("student_unplaced"));
	assert_null(of_cause("seat_freed"));
	set(f, placement, "ended_on", "2026-09-10");
	set(f, placement, "state", "terminated");
	put(f, placement);
	look(f, "2026-10-10"); /* 30 days after it */
	assert_non_null(of_cause("student_unplaced"));
	assert_non_null(strstr(of_cause("seat_freed")->text, "1 free"));
	look(f, "2026-10-11");
	assert_null(of_cause("seat_freed"));
}

static void conflicts_and_refused_input_wait_for_a_person(void **state)
{
	struct fixture *f = *state;

	put(f, record_of(f, "conflict", 460, "state", "open", NULL));
	put(f, record_of(f, "rejected", 461, "reason", "1", "words", "outside the week", "state",
		       "open", NULL));
	look(f, "2026-09-01");
	assert_string_equal(of_cause("input_refused")->text, "outside the week");
	assert_string_equal(of_cause("conflict_open")->cause->remedy,
		"practicum conflicts resolve %s mine|theirs");
	put(f, record_of(f, "conflict", 460, "state", "resolved", NULL));
	put(f, record_of(f, "rejected", 461, "reason", "1", "state", "settled", NULL));
	look(f, "2026-09-01");
	assert_int_equal(found.n, 0);
}

static void what_belongs_to_a_placement_is_its_coordinators(void **state)
{
	struct fixture *f = *state;
	struct prac_record *placement = add_placement(f);
	const struct prac_id coordinator = id_of(470);
	char staff[PRAC_ID_TEXT];

	add_sheet(f, 501, "2026-08-16", "flagged");
	look(f, "2026-09-20");
	assert_false(of_cause("sheet_flagged")->has_staff);
	id_text(470, staff);
	set(f, placement, "coordinator_id", staff);
	put(f, placement);
	look(f, "2026-09-20");
	assert_true(prac_id_equal(&of_cause("sheet_flagged")->staff, &coordinator));
	assert_true(prac_id_equal(&of_cause("visit_missing")->staff, &coordinator));
}

static void a_lapsed_policy_of_thirty_students_is_one_line(void **state)
{
	struct fixture *f = *state;
	struct prac_record *placement = add_placement(f);
	char partner[PRAC_ID_TEXT];

	id_text(PARTNER, partner);
	put(f, record_of(f, "insurance", 800, "organization_id", partner, "kind", "liability",
		       "carrier", "Acme", "starts_on", "2026-01-01", "ends_on", "2026-09-30",
		       "state", "verified", NULL));
	set(f, placement, "organization_id", partner);
	for (unsigned i = 0; i < 30; i++) {
		placement->id = id_of(1000 + i);
		put(f, placement);
	}
	look(f, "2026-10-01");
	assert_non_null(strstr(of_cause("insurance_expired")->text, "(30 active placements)"));
}

static void what_hurts_first_stands_first(void **state)
{
	struct fixture *f = *state;

	(void)add_placement(f);
	add_sheet(f, 501, "2026-08-16", "returned");
	look(f, "2026-10-01");
	assert_true(found.n >= 3);
	for (size_t i = 1; i < found.n; i++) {
		assert_true(found.items[i - 1].cause->rank <= found.items[i].cause->rank);
	}
	assert_string_equal(found.items[0].cause->name, "sheet_missing");
}

/* A member of the staff, in this state, coordinates the placement. */
static void coordinate(struct fixture *f, const char *state)
{
	struct prac_record *placement = add_placement(f);
	char member[PRAC_ID_TEXT];

	id_text(MEMBER, member);
	put(f, record_of(f, "staff", MEMBER, "identifier", "700001", "given_name", "Pat",
		       "family_name", "Stone", "state", state, NULL));
	set(f, placement, "coordinator_id", member);
	put(f, placement);
}

static void open_work_of_who_left_is_listed_with_what_settles_it(void **state)
{
	struct fixture *f = *state;
	const struct exception *one;

	coordinate(f, "inactive");
	add_sheet(f, 201, "2026-09-13", "submitted");
	look(f, "2026-09-15");
	one = of_cause("coordinator_left");
	assert_non_null(one);
	assert_string_equal(one->cause->remedy, "practicum set placement %s coordinator_id=STAFF");
	assert_non_null(of_cause("sheet_left"));
	assert_null(of_cause("visitor_left"));
}

static void who_is_still_there_leaves_nothing_behind(void **state)
{
	struct fixture *f = *state;

	coordinate(f, "active");
	add_sheet(f, 201, "2026-09-13", "submitted");
	look(f, "2026-09-15");
	assert_null(of_cause("coordinator_left"));
	assert_null(of_cause("sheet_left"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_new_loaded, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_wrong_with_an_empty_replica),
		TEST(a_week_without_a_sheet_shows_from_tuesday_on),
		TEST(a_placement_owes_no_sheet_for_weeks_before_it_began),
		TEST(a_sheet_waits_for_its_approval_two_weeks),
		TEST(the_sample_is_shown_to_others_than_the_typist),
		TEST(what_is_disputed_is_shown_to_the_typist),
		TEST(hours_that_break_a_rule_stand_above_what_is_late),
		TEST(a_placement_is_visited_every_thirty_days),
		TEST(a_districts_rules_say_how_often_a_kind_of_work_is_visited),
		TEST(hours_of_a_day_absent_from_school_are_shown),
		TEST(a_lapsed_policy_is_one_line_with_its_placements),
		TEST(what_ends_is_told_of_at_90_60_30_14_and_3_days),
		TEST(what_was_put_off_sleeps_until_its_day),
		TEST(a_sheet_that_was_not_submitted_is_late_from_tuesday_on),
		TEST(partners_boards_and_grants_are_told_of_on_their_day),
		TEST(evaluations_and_certificates_are_told_of_once_with_the_next_step),
		TEST(a_ready_student_without_a_placement_and_a_freed_seat_are_told_of),
		TEST(conflicts_and_refused_input_wait_for_a_person),
		TEST(what_belongs_to_a_placement_is_its_coordinators),
		TEST(a_lapsed_policy_of_thirty_students_is_one_line),
		TEST(what_hurts_first_stands_first),
		TEST(open_work_of_who_left_is_listed_with_what_settles_it),
		TEST(who_is_still_there_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
