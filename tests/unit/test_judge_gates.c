/* What rests on other records, at the server: what a batch loads for it, and what it then decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/office.h"

enum {
	PARTNER = 0x10,
	SUPERVISOR,
	COORDINATOR,
	CERTIFICATE,
	POLICY,
	ORIENTATION,
	SAFETY,
	PLACEMENT,
	SHEET,
	ENTRY,
	RENEWAL,
	DAY,
	RULES,
	SHIFT,
	NEXT_SHIFT,
	PAPER = 0x40, /* and the next ones */
	CLASS = 0x50,
	COURSE,
	CREDIT,
	INCIDENT,
	CENTER
};

#define ID(nn)  "000000000000000000000000000000" nn
#define STUDENT "student_id=" ID("01")
#define SCHOOL  "school_id=" ID("a0")

static int start(void **state)
{
	*state = office_open();
	return 0;
}

static int stop(void **state)
{
	office_close(*state);
	return 0;
}

/* Made by the district's station; assignments end with NULL. */
static struct prac_record *make(
	struct office *office, const struct prac_type *type, uint8_t nn, ...)
{
	struct prac_record *record = prac_record_new(&office->arena, type);
	va_list args;

	record->id = sample_id(nn);
	va_start(args, nn);
	for (const char *text = va_arg(args, const char *); text != NULL;
		text = va_arg(args, const char *)) {
		sample_set(record, &office->arena, text);
	}
	va_end(args);
	assert_int_equal(
		office_create(office, &office->district, record)->reason, PRAC_REASON_NONE);
	return office_record(office, type, &record->id);
}

/* The verdict of the move; arguments end with NULL. */
static const struct prac_verdict *move(
	struct office *office, const struct prac_type *type, uint8_t nn, const char *name, ...)
{
	const struct prac_id id = sample_id(nn);
	const struct prac_action *action = prac_action_find_name(type, name);
	struct prac_record *args = NULL;
	va_list list;

	if (action->args != NULL) {
		args = prac_record_new(&office->arena, action->args);
	}
	va_start(list, name);
	for (const char *text = va_arg(list, const char *); text != NULL;
		text = va_arg(list, const char *)) {
		sample_set(args, &office->arena, text);
	}
	va_end(list);
	return office_act(office, &office->district, office_record(office, type, &id), name,
		args != NULL ? args->values : NULL);
}

#define MOVED(...) assert_int_equal(move(__VA_ARGS__, NULL)->reason, PRAC_REASON_NONE)

static void pass(struct office *office, uint8_t nn, const char *topic)
{
	(void)make(office, &prac_type_training, nn, STUDENT, SCHOOL, topic, NULL);
	MOVED(office, &prac_type_training, nn, "attend", "attended_on=2026-08-10");
	MOVED(office, &prac_type_training, nn, "pass");
}

/* What the shipped rules ask of an internship. */
static void add_papers(struct office *office)
{
	static const char *const kinds[] = { "kind=learning_plan", "kind=agreement",
		"kind=emergency", "kind=safety", "kind=transportation" };

	for (size_t i = 0; i < PRAC_NELEM(kinds); i++) {
		(void)make(office, &prac_type_document, (uint8_t)(PAPER + i), STUDENT, SCHOOL,
			kinds[i], NULL);
		MOVED(office, &prac_type_document, (uint8_t)(PAPER + i), "waive", "reason=Known");
	}
}

/* Everything but the policy is in order; the placement is approved. */
static void add_placement(struct office *office, const char *starts_on)
{
	struct prac_record *student = office_add_student(office);

	(void)office_patch(
		office, &office->a, student, office_edit(office, student, "birth_date=2009-03-02"));
	(void)make(office, &prac_type_organization, PARTNER, "name=Ridge Works", "kind=employer",
		NULL);
	(void)make(office, &prac_type_supervisor, SUPERVISOR, "organization_id=" ID("10"),
		"given_name=Sam", "family_name=Hill", NULL);
	MOVED(office, &prac_type_supervisor, SUPERVISOR, "verify");
	(void)make(office, &prac_type_staff, COORDINATOR, "identifier=7", "given_name=Pat",
		"family_name=Stone", NULL);
	(void)make(office, &prac_type_staff_qualification, CERTIFICATE, "staff_id=" ID("12"),
		"kind=wbl_certificate", "issued_on=2020-01-01", NULL);
	MOVED(office, &prac_type_staff_qualification, CERTIFICATE, "confirm");
	pass(office, ORIENTATION, "topic=orientation");
	pass(office, SAFETY, "topic=safety");
	add_papers(office);
	(void)make(office, &prac_type_placement, PLACEMENT, STUDENT, SCHOOL, "title=Machining",
		"kind=internship", "pay=wage", "organization_id=" ID("10"),
		"supervisor_id=" ID("11"), "coordinator_id=" ID("12"), "alignment=aligned",
		starts_on, "ends_on=2099-05-21", NULL);
	MOVED(office, &prac_type_placement, PLACEMENT, "submit");
	MOVED(office, &prac_type_placement, PLACEMENT, "endorse");
	MOVED(office, &prac_type_placement, PLACEMENT, "approve");
}

static void add_policy(struct office *office, uint8_t nn, const char *from, const char *until)
{
	(void)make(office, &prac_type_insurance, nn, "organization_id=" ID("10"),
		"kind=workers_compensation", "carrier=Valley Mutual", from, until, NULL);
	MOVED(office, &prac_type_insurance, nn, "verify", "evidence=Certificate");
}

static void the_server_sees_what_a_placement_rests_on(void **state)
{
	struct office *office = *state;
	const struct prac_verdict *verdict;

	add_placement(office, "starts_on=2026-08-17");
	verdict = move(office, &prac_type_placement, PLACEMENT, "ready", NULL);
	assert_int_equal(verdict->reason, PRAC_REASON_GUARD);
	assert_string_equal(prac_arena_text(&office->arena, verdict->text),
		"Ready to start: not yet: workers' compensation insurance of Ridge Works is missing "
		"(Let the district verify the employer's policy.)");
	add_policy(office, POLICY, "starts_on=2026-01-01", "ends_on=2026-12-31");
	MOVED(office, &prac_type_placement, PLACEMENT, "ready");
}

/* Hours of 2027-01-04 at the placement, submitted; the content for whoever approves them. */
static const char *submit_hours(struct office *office, const char *minutes)
{
	struct prac_record *sheet;
	struct prac_digest hash;
	const struct prac_record *entry;
	const char *content = "content_hash=";

	(void)make(office, &prac_type_time_sheet, SHEET, STUDENT, SCHOOL, "placement_id=" ID("17"),
		"week_start=2027-01-03", NULL);
	entry = make(office, &prac_type_time_entry, ENTRY, STUDENT, SCHOOL, "sheet_id=" ID("18"),
		"placement_id=" ID("17"), "work_date=2027-01-04", minutes, NULL);
	MOVED(office, &prac_type_time_sheet, SHEET, "submit");
	sheet = office_last(office, &prac_type_time_sheet);
	hash = prac_content_hash(sheet, &entry, 1);
	for (size_t i = 0; i < PRAC_SHA256_LEN; i++) {
		content = prac_arena_printf(&office->arena, "%s%02x", content, hash.b[i]);
	}
	return content;
}

/* The judge's clock stands in 1970, so that "today" is before everything. */
static void hours_without_cover_wait_at_the_server_until_the_renewal(void **state)
{
	struct office *office = *state;
	const struct prac_verdict *verdict;
	const char *content;

	add_placement(office, "starts_on=2026-08-17");
	add_policy(office, POLICY, "starts_on=2026-01-01", "ends_on=2026-12-31");
	MOVED(office, &prac_type_placement, PLACEMENT, "ready");
	MOVED(office, &prac_type_placement, PLACEMENT, "start");
	content = submit_hours(office, "elapsed_minutes=60");
	verdict = move(office, &prac_type_time_sheet, SHEET, "approve", content,
		"capacity=coordinator", "evidence=e-mail", NULL);
	assert_int_equal(verdict->reason, PRAC_REASON_GUARD);
	assert_string_equal(prac_arena_text(&office->arena, verdict->text),
		"Approve: not yet: the hours of 2027-01-04: workers' compensation insurance of Ridge "
		"Works expires 2026-12-31, before 2027-01-04");
	add_policy(office, RENEWAL, "starts_on=2027-01-01", "ends_on=2027-12-31");
	MOVED(office, &prac_type_time_sheet, SHEET, "approve", content, "capacity=coordinator",
		"evidence=e-mail");
}

/* ---- credit */

/* Ten approved hours in the one week that the calendar has a day of classes in; a class of two periods. */
static void add_worked_of(struct office *office, const char *calendar)
{
	const struct prac_id id = sample_id(PLACEMENT);
	const struct prac_record *placement;
	const char *content;

	add_placement(office, "starts_on=2026-08-17");
	add_policy(office, POLICY, "starts_on=2026-01-01", "ends_on=2027-12-31");
	MOVED(office, &prac_type_placement, PLACEMENT, "ready");
	MOVED(office, &prac_type_placement, PLACEMENT, "start");
	(void)make(office, &prac_type_school_day, DAY, "day=2027-01-04", "kind=school",
		"class_starts_at=08:00", "class_ends_at=15:00", calendar, NULL);
	MOVED(office, &prac_type_school_day, DAY, "publish");
	(void)make(office, &prac_type_class, CLASS, SCHOOL, "code=1", "title=Practicum",
		"periods_per_week=2", NULL);
	placement = office_record(office, &prac_type_placement, &id);
	assert_int_equal(office_patch(office, &office->district, placement,
				 office_edit(office, placement, "class_id=" ID("50")))
				 ->reason,
		PRAC_REASON_NONE);
	content = submit_hours(office, "elapsed_minutes=600");
	MOVED(office, &prac_type_time_sheet, SHEET, "approve", content, "capacity=coordinator",
		"evidence=e-mail");
	(void)make(office, &prac_type_course, COURSE, "code=6105", "name=Practicum", NULL);
}

/* As the calendar of the whole district has it. */
static void add_worked(struct office *office)
{
	add_worked_of(office, NULL);
}

#define EARNED "minutes_accepted=600", "decided_on=2027-01-09"

/* Three credits, and not four. */
static void assert_earns_three(struct office *office)
{
	const struct prac_verdict *verdict =
		move(office, &prac_type_credit, CREDIT, "earn", "credits_earned=4", EARNED, NULL);

	assert_int_equal(verdict->reason, PRAC_REASON_GUARD);
	assert_non_null(
		strstr(prac_arena_text(&office->arena, verdict->text), "earn at most 3.00"));
	MOVED(office, &prac_type_credit, CREDIT, "earn", "credits_earned=3", EARNED);
}

/* 1 for the class, 2 for ten hours a week; without the calendar it would be 1 for 21 weeks. */
static void the_server_counts_the_hours_that_a_credit_rests_on(void **state)
{
	struct office *office = *state;

	add_worked(office);
	(void)make(office, &prac_type_credit, CREDIT, STUDENT, SCHOOL, "course_id=" ID("51"),
		"credits_attempted=3", "class_part_met=yes", NULL);
	assert_earns_three(office);
}

static void the_server_takes_no_edit_of_an_earned_credit(void **state)
{
	struct office *office = *state;
	const struct prac_id id = sample_id(CREDIT);
	const struct prac_record *credit;

	add_worked(office);
	(void)make(office, &prac_type_credit, CREDIT, STUDENT, SCHOOL, "course_id=" ID("51"),
		"credits_attempted=3", "class_part_met=yes", NULL);
	MOVED(office, &prac_type_credit, CREDIT, "earn", "credits_earned=1", EARNED);
	credit = office_record(office, &prac_type_credit, &id);
	assert_int_equal(office_patch(office, &office->district, credit,
				 office_edit(office, credit, "credits_attempted=6"))
				 ->reason,
		PRAC_REASON_LOCKED);
	MOVED(office, &prac_type_credit, CREDIT, "reconsider", "reason=Miscounted");
	credit = office_record(office, &prac_type_credit, &id);
	assert_int_equal(office_patch(office, &office->district, credit,
				 office_edit(office, credit, "credits_attempted=6"))
				 ->reason,
		PRAC_REASON_NONE);
}

/* A station without a line makes a credit and says that it is earned; both come in one batch. */
static void the_server_counts_them_for_a_credit_of_the_same_batch(void **state)
{
	struct office *office = *state;
	struct prac_record *credit = prac_record_new(&office->arena, &prac_type_credit);
	const struct prac_action *earn = prac_action_find_name(&prac_type_credit, "earn");
	struct prac_record *args = prac_record_new(&office->arena, earn->args);
	static const char *const values[] = { STUDENT, SCHOOL, "course_id=" ID("51"),
		"credits_attempted=3", "class_part_met=yes" };
	static const char *const said[] = { "credits_earned=3", EARNED };
	struct prac_mutation *batch[2];

	add_worked(office);
	credit->id = sample_id(CREDIT);
	credit->scope = sample_id(OFFICE_SCHOOL_A);
	for (size_t i = 0; i < PRAC_NELEM(values); i++) {
		sample_set(credit, &office->arena, values[i]);
	}
	for (size_t i = 0; i < PRAC_NELEM(said); i++) {
		sample_set(args, &office->arena, said[i]);
	}
	batch[0] = office_make(office, &office->district, PRACTICUM__OP__OP_CREATE, credit);
	batch[1] = office_make(office, &office->district, PRACTICUM__OP__OP_ACTION, credit);
	batch[1]->action = earn;
	batch[1]->args = args->values;
	assert_int_equal(office_submit(office, &office->district, batch, 2), PRAC_OK);
	office_run(office);
	assert_int_equal(office->verdicts[0].reason, PRAC_REASON_NONE);
	assert_int_equal(office->verdicts[1].reason, PRAC_REASON_NONE);
}

/* Hours that the class of a career center, school B, goes with. */
static void add_worked_at_center(struct office *office)
{
	const struct prac_id id = sample_id(PLACEMENT);
	const struct prac_record *placement;

	add_worked(office);
	(void)make(office, &prac_type_class, CENTER, "school_id=" ID("b0"), "code=1",
		"title=Practicum", "periods_per_week=2", NULL);
	placement = office_record(office, &prac_type_placement, &id);
	assert_int_equal(office_patch(office, &office->district, placement,
				 office_edit(office, placement, "class_id=" ID("54")))
				 ->reason,
		PRAC_REASON_NONE);
}

static void the_server_counts_the_class_of_another_school_of_the_placement_named(void **state)
{
	struct office *office = *state;

	add_worked_at_center(office);
	(void)make(office, &prac_type_credit, CREDIT, STUDENT, SCHOOL, "course_id=" ID("51"),
		"credits_attempted=3", "class_part_met=yes", "placement_id=" ID("17"), NULL);
	assert_earns_three(office);
}

/* A credit that does not name the placement. */
static void the_server_counts_the_class_of_another_school_unnamed(void **state)
{
	struct office *office = *state;

	add_worked_at_center(office);
	(void)make(office, &prac_type_credit, CREDIT, STUDENT, SCHOOL, "course_id=" ID("51"),
		"credits_attempted=3", "class_part_met=yes", NULL);
	assert_earns_three(office);
}

/* What is gone brings nothing; it is not somewhere else, where another one judges. */
static void the_server_judges_a_credit_whose_class_was_deleted(void **state)
{
	struct office *office = *state;
	const struct prac_id id = sample_id(CLASS);
	const struct prac_verdict *verdict;

	add_worked(office);
	(void)make(office, &prac_type_credit, CREDIT, STUDENT, SCHOOL, "course_id=" ID("51"),
		"credits_attempted=6", "class_part_met=yes", NULL);
	assert_int_equal(office_delete(office, &office->district,
				 office_record(office, &prac_type_class, &id))
				 ->reason,
		PRAC_REASON_NONE);
	verdict = move(office, &prac_type_credit, CREDIT, "earn", "credits_earned=6", EARNED, NULL);
	assert_int_equal(verdict->reason, PRAC_REASON_GUARD);
	assert_non_null(strstr(prac_arena_text(&office->arena, verdict->text),
		"no placement with a class was under way"));
}

/* The one week of classes is in the calendar of school A; the credit is of school B. */
static void the_server_counts_by_the_calendar_of_the_placements_school(void **state)
{
	struct office *office = *state;

	add_worked_of(office, SCHOOL);
	(void)make(office, &prac_type_credit, CREDIT, STUDENT, "school_id=" ID("b0"),
		"course_id=" ID("51"), "credits_attempted=3", "class_part_met=yes", NULL);
	assert_earns_three(office);
}

/* ---- partners */

static void the_server_takes_no_partner_twice(void **state)
{
	struct office *office = *state;

	(void)make(office, &prac_type_organization, PARTNER, "name=Ridge Works", "kind=employer",
		"postal_code=37830", NULL);
	(void)make(office, &prac_type_organization, SUPERVISOR, "name=ridge works", "kind=employer",
		"postal_code=37830", NULL);
	MOVED(office, &prac_type_organization, PARTNER, "approve");
	assert_int_equal(move(office, &prac_type_organization, SUPERVISOR, "approve", NULL)->reason,
		PRAC_REASON_GUARD);
}

/* ---- incidents */

static void the_server_suspends_when_a_severe_incident_is_reported(void **state)
{
	struct office *office = *state;
	const struct prac_id id = sample_id(PLACEMENT);

	add_placement(office, "starts_on=2026-08-17");
	add_policy(office, POLICY, "starts_on=2026-01-01", "ends_on=2026-12-31");
	MOVED(office, &prac_type_placement, PLACEMENT, "ready");
	MOVED(office, &prac_type_placement, PLACEMENT, "start");
	(void)make(office, &prac_type_incident, INCIDENT, STUDENT, SCHOOL, "placement_id=" ID("17"),
		"happened_on=2026-08-20", "kind=injury", "severity=severe", "description=Fell",
		NULL);
	assert_int_equal(office_record(office, &prac_type_placement, &id)
				 ->values[PRAC_PLACEMENT_STATE]
				 .number,
		PRAC_PLACEMENT_STATE_SUSPENDED);
}

/* ---- planned shifts */

/* A paid placement of a student of 15 of school A, who has school on 2026-08-18. */
static void add_young(struct office *office)
{
	struct prac_record *student = office_add_student(office);

	(void)office_patch(
		office, &office->a, student, office_edit(office, student, "birth_date=2011-03-02"));
	(void)make(office, &prac_type_placement, PLACEMENT, STUDENT, SCHOOL, "title=Machining",
		"kind=internship", "pay=wage", "starts_on=2026-08-17", "ends_on=2027-05-21", NULL);
	(void)make(office, &prac_type_school_day, DAY, "day=2026-08-18", "kind=school",
		"class_starts_at=08:00", "class_ends_at=15:00", NULL);
	MOVED(office, &prac_type_school_day, DAY, "publish");
}

/* What the server says to a shift of the times on the day. */
static enum prac_reason plan(struct office *office, uint8_t nn, const char *date, const char *times)
{
	struct prac_record *record = prac_record_new(&office->arena, &prac_type_shift_plan);

	record->id = sample_id(nn);
	sample_set(record, &office->arena, STUDENT);
	sample_set(record, &office->arena, SCHOOL);
	sample_set(record, &office->arena, "placement_id=" ID("17"));
	sample_set(record, &office->arena, date);
	sample_set(
		record, &office->arena, prac_arena_printf(&office->arena, "starts_at=%.5s", times));
	sample_set(
		record, &office->arena, prac_arena_printf(&office->arena, "ends_at=%s", times + 6));
	return office_create(office, &office->district, record)->reason;
}

static void the_server_refuses_a_planned_shift_that_breaks_a_rule(void **state)
{
	struct office *office = *state;
	struct prac_id id = sample_id(NEXT_SHIFT);
	struct prac_record *shift;

	add_young(office);
	assert_int_equal(plan(office, SHIFT, "work_date=2026-08-18", "15:00-18:01"),
		PRAC_REASON_INVALID_VALUE);
	assert_int_equal(
		plan(office, RENEWAL, "work_date=2026-08-18", "15:00-17:00"), PRAC_REASON_NONE);
	/* The sum of the day, also when a shift is moved to it from another week. */
	assert_int_equal(
		plan(office, NEXT_SHIFT, "work_date=2026-08-29", "17:00-18:01"), PRAC_REASON_NONE);
	shift = office_record(office, &prac_type_shift_plan, &id);
	assert_int_equal(office_patch(office, &office->district, shift,
				 office_edit(office, shift, "work_date=2026-08-18"))
				 ->reason,
		PRAC_REASON_INVALID_VALUE);
}

static void the_server_judges_by_the_districts_rule_sets(void **state)
{
	struct office *office = *state;

	add_young(office);
	(void)make(office, &prac_type_rule_set, RULES, "domain=labor", "jurisdiction=district",
		"version=1", "starts_on=2026-08-01", "source=Board",
		"parameters=DI-DAY=day-sum age:14-15 most:2h | Two hours. | Board", NULL);
	assert_int_equal(
		plan(office, SHIFT, "work_date=2026-08-18", "15:00-17:30"), PRAC_REASON_NONE);
	MOVED(office, &prac_type_rule_set, RULES, "approve");
	assert_int_equal(plan(office, NEXT_SHIFT, "work_date=2026-08-19", "15:00-17:30"),
		PRAC_REASON_INVALID_VALUE);
}

static void what_the_server_asks_itself_leaves_no_draft_when_it_is_refused(void **state)
{
	struct office *office = *state;
	const struct prac_id id = sample_id(PLACEMENT);

	add_placement(office, "starts_on=2026-08-17");
	office->district.device.is_server = true;
	assert_int_equal(move(office, &prac_type_placement, PLACEMENT, "ready", NULL)->reason,
		PRAC_REASON_GUARD);
	assert_null(office_last(office, &prac_type_rejected));
	office->district.device.is_server = false;
	assert_int_equal(move(office, &prac_type_placement, PLACEMENT, "ready", NULL)->reason,
		PRAC_REASON_GUARD);
	assert_memory_equal(office_last(office, &prac_type_rejected)
				    ->values[PRAC_REJECTED_RECORD_ID]
				    .bytes.data,
		id.b, PRAC_ID_LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_server_sees_what_a_placement_rests_on, start, stop),
		cmocka_unit_test_setup_teardown(
			hours_without_cover_wait_at_the_server_until_the_renewal, start, stop),
		cmocka_unit_test_setup_teardown(
			the_server_counts_the_hours_that_a_credit_rests_on, start, stop),
		cmocka_unit_test_setup_teardown(
			the_server_takes_no_edit_of_an_earned_credit, start, stop),
		cmocka_unit_test_setup_teardown(
			the_server_counts_them_for_a_credit_of_the_same_batch, start, stop),
		cmocka_unit_test_setup_teardown(
			the_server_counts_the_class_of_another_school_of_the_placement_named, start,
			stop),
		cmocka_unit_test_setup_teardown(
			the_server_counts_the_class_of_another_school_unnamed, start, stop),
		cmocka_unit_test_setup_teardown(
			the_server_counts_by_the_calendar_of_the_placements_school, start, stop),
		cmocka_unit_test_setup_teardown(
			the_server_judges_a_credit_whose_class_was_deleted, start, stop),
		cmocka_unit_test_setup_teardown(the_server_takes_no_partner_twice, start, stop),
		cmocka_unit_test_setup_teardown(
			the_server_suspends_when_a_severe_incident_is_reported, start, stop),
		cmocka_unit_test_setup_teardown(
			the_server_refuses_a_planned_shift_that_breaks_a_rule, start, stop),
		cmocka_unit_test_setup_teardown(
			the_server_judges_by_the_districts_rule_sets, start, stop),
		cmocka_unit_test_setup_teardown(
			what_the_server_asks_itself_leaves_no_draft_when_it_is_refused, start,
			stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
