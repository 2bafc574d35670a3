#include "client/roster/plan.h"
#include "client/roster/wanted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "tests/support/roster_fixture.h"

enum {
	RECORDS_MAX = 32
};

/* A roster and the records it is compared with. */
struct importing {
	struct roster *roster;
	struct prac_arena arena;
	struct roster_plan_input input;
	const struct prac_record *records[ROSTER_KINDS][RECORDS_MAX];
	struct roster_plan *plan;
};

static void importing_init(struct importing *importing, const char *base, const char *flaws)
{
	*importing = (struct importing){ .input = { .env = &prac_env_system,
						 .zone = "America/New_York" } };
	assert_int_equal(prac_date_parse("2026-11-02", &importing->input.today), PRAC_OK);
	prac_arena_init(&importing->arena, 0);
	importing->roster = roster_fixture_read(base, flaws, ROSTER_TOLERANT);
	assert_int_equal(importing->roster->flaws.n_errors, 0);
}

static void importing_deinit(struct importing *importing)
{
	roster_free(importing->roster);
	prac_arena_deinit(&importing->arena);
}

static void add_present(
	struct importing *importing, enum roster_kind kind, const struct prac_record *record)
{
	struct roster_present *present = &importing->input.present[kind];

	assert_true(present->n < RECORDS_MAX);
	importing->records[kind][present->n++] = record;
	present->records = importing->records[kind];
}

static void plan(struct importing *importing)
{
	importing->plan = roster_plan_make(importing->roster, &importing->input, &importing->arena);
}

/* What the plan adds is there from now on. */
static void carry_out(struct importing *importing)
{
	for (size_t i = 0; i < importing->plan->n_steps; i++) {
		const struct roster_step *step = &importing->plan->steps[i];

		if (step->change == ROSTER_ADDED) {
			add_present(importing, step->kind, step->after);
		}
	}
}

static const struct roster_step *step_find(const struct importing *importing, enum roster_kind kind,
	enum roster_change change, const char *title)
{
	struct prac_arena arena;
	const struct roster_step *found = NULL;

	prac_arena_init(&arena, 0);
	for (size_t i = 0; i < importing->plan->n_steps && found == NULL; i++) {
		const struct roster_step *step = &importing->plan->steps[i];
		const struct prac_record *record = step->after != NULL ? step->after : step->before;

		if (step->kind == kind && step->change == change &&
			strcmp(prac_record_title(record, &arena), title) == 0) {
			found = step;
		}
	}
	prac_arena_deinit(&arena);
	assert_non_null(found);
	return found;
}

static size_t count(
	const struct importing *importing, enum roster_kind kind, enum roster_change change)
{
	return importing->plan->counts[kind][change];
}

static void assert_text(const struct prac_record *record, uint16_t field, const char *expected)
{
	assert_true(prac_bytes_equal(record->values[field].bytes, prac_bytes_text(expected)));
}

/* RULES 1.6. */
static void a_student_is_counted_under_one_race_or_ethnicity(void **state)
{
	(void)state;
	assert_int_equal(roster_race_of(0), 0);
	assert_int_equal(roster_race_of(ROSTER_AMERICAN_INDIAN),
		PRAC_STUDENT_RACE_AMERICAN_INDIAN_OR_ALASKAN_NATIVE);
	assert_int_equal(roster_race_of(ROSTER_ASIAN), PRAC_STUDENT_RACE_ASIAN);
	assert_int_equal(roster_race_of(ROSTER_BLACK), PRAC_STUDENT_RACE_BLACK_OR_AFRICAN_AMERICAN);
	assert_int_equal(roster_race_of(ROSTER_PACIFIC_ISLANDER),
		PRAC_STUDENT_RACE_NATIVE_HAWAIIAN_OR_PACIFIC_ISLANDER);
	assert_int_equal(roster_race_of(ROSTER_WHITE), PRAC_STUDENT_RACE_WHITE);
	assert_int_equal(roster_race_of(ROSTER_TWO_OR_MORE), PRAC_STUDENT_RACE_TWO_OR_MORE_RACES);
	assert_int_equal(roster_race_of(ROSTER_WHITE | ROSTER_TWO_OR_MORE),
		PRAC_STUDENT_RACE_TWO_OR_MORE_RACES);
	assert_int_equal(
		roster_race_of(ROSTER_WHITE | ROSTER_ASIAN), PRAC_STUDENT_RACE_TWO_OR_MORE_RACES);
	assert_int_equal(roster_race_of(ROSTER_HISPANIC), PRAC_STUDENT_RACE_HISPANIC_OR_LATINO);
	assert_int_equal(roster_race_of(ROSTER_HISPANIC | ROSTER_WHITE | ROSTER_TWO_OR_MORE),
		PRAC_STUDENT_RACE_HISPANIC_OR_LATINO);
}

static void against_nothing_every_record_is_added_in_order(void **state)
{
	struct importing importing;

	(void)state;
	importing_init(&importing, "v12", NULL);
	plan(&importing);
	assert_int_equal(importing.roster->flaws.n, 0);
	assert_int_equal(count(&importing, ROSTER_SCHOOLS, ROSTER_ADDED), 2);
	assert_int_equal(count(&importing, ROSTER_STAFF_MEMBERS, ROSTER_ADDED), 2);
	assert_int_equal(count(&importing, ROSTER_STUDENTS, ROSTER_ADDED), 2);
	assert_int_equal(count(&importing, ROSTER_ATTENDANCE, ROSTER_ADDED), 3);
	assert_int_equal(count(&importing, ROSTER_GUARDIANS, ROSTER_ADDED), 1);
	assert_int_equal(importing.plan->n_steps, 10);
	for (size_t i = 1; i < importing.plan->n_steps; i++) {
		assert_true(importing.plan->steps[i - 1].kind <= importing.plan->steps[i].kind);
	}
	importing_deinit(&importing);
}

static void records_carry_what_the_roster_says(void **state)
{
	struct importing importing;

	(void)state;
	importing_init(&importing, "v12", NULL);
	plan(&importing);
	const struct prac_record *jose =
		step_find(&importing, ROSTER_STUDENTS, ROSTER_ADDED, "O'Brien, Jr. José")->after;
	const struct prac_record *high =
		step_find(&importing, ROSTER_SCHOOLS, ROSTER_ADDED, "Ridge High School")->after;
	const struct prac_record *guardian =
		step_find(&importing, ROSTER_GUARDIANS, ROSTER_ADDED, "Elena O'Brien parent")
			->after;

	assert_text(jose, PRAC_STUDENT_IDENTIFIER, "100001");
	assert_text(jose, PRAC_STUDENT_PREFERRED_NAME, "Pepe");
	assert_int_equal(jose->values[PRAC_STUDENT_GRADE].number, 11);
	assert_int_equal(jose->values[PRAC_STUDENT_BIRTH_DATE].number, 14668);
	assert_true(prac_bytes_equal(
		jose->values[PRAC_STUDENT_SCHOOL_ID].bytes, prac_id_bytes(&high->id)));
	assert_text(high, PRAC_SCHOOL_NCES_ID, "479999000001");
	assert_text(guardian, PRAC_GUARDIAN_PHONE, "865-555-0101");
	assert_true(prac_bytes_equal(
		guardian->values[PRAC_GUARDIAN_STUDENT_ID].bytes, prac_id_bytes(&jose->id)));
	importing_deinit(&importing);
}

static void a_school_that_is_nobodys_home_is_a_career_center(void **state)
{
	struct importing importing;

	(void)state;
	importing_init(&importing, "v12", NULL);
	plan(&importing);
	const struct prac_record *center =
		step_find(&importing, ROSTER_SCHOOLS, ROSTER_ADDED, "Ridge Career Center")->after;
	const struct prac_record *high =
		step_find(&importing, ROSTER_SCHOOLS, ROSTER_ADDED, "Ridge High School")->after;

	assert_int_equal(center->values[PRAC_SCHOOL_KIND].number, PRAC_SCHOOL_KIND_CENTER);
	assert_int_equal(high->values[PRAC_SCHOOL_KIND].number, PRAC_SCHOOL_KIND_HIGH);
	assert_int_equal(high->values[PRAC_SCHOOL_LOWEST_GRADE].number, 11);
	assert_int_equal(high->values[PRAC_SCHOOL_HIGHEST_GRADE].number, 12);
	importing_deinit(&importing);
}

static void the_same_roster_again_changes_nothing(void **state)
{
	struct importing importing;

	(void)state;
	importing_init(&importing, "v12", NULL);
	plan(&importing);
	carry_out(&importing);
	plan(&importing);
	assert_int_equal(importing.plan->n_steps, 0);
	assert_int_equal(count(&importing, ROSTER_STUDENTS, ROSTER_UNCHANGED), 2);
	assert_int_equal(count(&importing, ROSTER_ATTENDANCE, ROSTER_UNCHANGED), 3);
	assert_int_equal(count(&importing, ROSTER_GUARDIANS, ROSTER_UNCHANGED), 1);
	importing_deinit(&importing);
}

static void only_what_the_roster_says_is_changed(void **state)
{
	struct importing importing;

	(void)state;
	importing_init(&importing, "v12", NULL);
	plan(&importing);
	carry_out(&importing);
	struct prac_record *mia = (struct prac_record *)importing.records[ROSTER_STUDENTS][1];
	assert_text(mia, PRAC_STUDENT_IDENTIFIER, "100002");
	mia->values[PRAC_STUDENT_GRADE].number = 11;
	mia->values[PRAC_STUDENT_PHONE] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text("865-555-0199") };
	plan(&importing);
	assert_int_equal(importing.plan->n_steps, 1);
	const struct roster_step *step = &importing.plan->steps[0];
	assert_int_equal(step->change, ROSTER_CHANGED);
	assert_ptr_equal(step->before, mia);
	assert_true(prac_id_equal(&step->after->id, &mia->id));
	assert_int_equal(step->fields, UINT64_C(1) << PRAC_STUDENT_GRADE);
	assert_int_equal(step->after->values[PRAC_STUDENT_GRADE].number, 12);
	assert_text(step->after, PRAC_STUDENT_PHONE, "865-555-0199");
	importing_deinit(&importing);
}

/* Whoever may not say sex and race sees them of nobody either. */
static void what_is_left_out_is_neither_added_nor_changed(void **state)
{
	struct importing importing;
	const struct prac_record *jose;

	(void)state;
	importing_init(&importing, "v12", NULL);
	importing.input.left_out[ROSTER_STUDENTS] =
		UINT64_C(1) << PRAC_STUDENT_SEX | UINT64_C(1) << PRAC_STUDENT_RACE;
	plan(&importing);
	jose = step_find(&importing, ROSTER_STUDENTS, ROSTER_ADDED, "O'Brien, Jr. José")->after;
	assert_false(jose->values[PRAC_STUDENT_SEX].has);
	assert_false(jose->values[PRAC_STUDENT_RACE].has);
	assert_true(jose->values[PRAC_STUDENT_BIRTH_DATE].has);
	assert_int_equal(importing.plan->n_left_out, 2);
	carry_out(&importing);
	plan(&importing);
	assert_int_equal(importing.plan->n_steps, 0);
	importing.input.left_out[ROSTER_STUDENTS] = 0;
	plan(&importing);
	assert_int_equal(count(&importing, ROSTER_STUDENTS, ROSTER_CHANGED), 2);
	assert_int_equal(importing.plan->n_left_out, 0);
	importing_deinit(&importing);
}

static struct prac_record *enrollment_of(
	struct importing *importing, const char *identifier, int64_t kind)
{
	const struct roster_present *students = &importing->input.present[ROSTER_STUDENTS];
	struct prac_record *enrollment =
		prac_record_new(&importing->arena, roster_kind_type(ROSTER_ATTENDANCE));

	enrollment->id = prac_id_new(&prac_env_system);
	for (size_t i = 0; i < students->n; i++) {
		const struct prac_record *student = students->records[i];

		if (prac_bytes_equal(student->values[PRAC_STUDENT_IDENTIFIER].bytes,
			    prac_bytes_text(identifier))) {
			enrollment->values[PRAC_ENROLLMENT_STUDENT_ID] =
				(struct prac_value){ .has = true,
					.bytes = prac_id_bytes(&student->id) };
		}
	}
	enrollment->values[PRAC_ENROLLMENT_SCHOOL_ID] = (struct prac_value){ .has = true,
		.bytes = prac_id_bytes(&enrollment->id) /* a school of another district */ };
	enrollment->values[PRAC_ENROLLMENT_KIND] =
		(struct prac_value){ .has = true, .number = kind };
	enrollment->values[PRAC_ENROLLMENT_STARTS_ON] =
		(struct prac_value){ .has = true, .number = 20000 };
	return enrollment;
}

static void a_student_who_left_a_school_ends_there_and_host_schools_stay(void **state)
{
	struct importing importing;

	(void)state;
	importing_init(&importing, "v12", NULL);
	plan(&importing);
	carry_out(&importing);
	add_present(&importing, ROSTER_ATTENDANCE,
		enrollment_of(&importing, "100002", PRAC_ENROLLMENT_KIND_CENTER));
	add_present(&importing, ROSTER_ATTENDANCE,
		enrollment_of(&importing, "100002", PRAC_ENROLLMENT_KIND_HOST));
	plan(&importing);
	assert_int_equal(importing.plan->n_steps, 1);
	const struct roster_step *step = &importing.plan->steps[0];
	assert_int_equal(step->change, ROSTER_MISSING);
	assert_string_equal(step->action->name, "end");
	assert_int_equal(step->args[0].number, importing.input.today);
	importing_deinit(&importing);
}

/* The record there, as it is once an action has led it to a state. */
static struct prac_record *present_in_state(struct importing *importing, enum roster_kind kind,
	size_t index, uint16_t state_field, int64_t state)
{
	struct prac_record *record = (struct prac_record *)importing->records[kind][index];

	record->values[state_field] = (struct prac_value){ .has = true, .number = state };
	return record;
}

static void a_student_who_is_back_at_the_same_school_since_the_same_day_goes_on_there(void **state)
{
	struct importing importing;
	struct prac_record *ended;
	const struct roster_step *step;

	(void)state;
	importing_init(&importing, "v12", NULL);
	plan(&importing);
	carry_out(&importing);
	ended = present_in_state(&importing, ROSTER_ATTENDANCE, 0, PRAC_ENROLLMENT_STATE,
		PRAC_ENROLLMENT_STATE_ENDED);
	plan(&importing);
	assert_int_equal(importing.plan->n_steps, 1);
	step = &importing.plan->steps[0];
	assert_int_equal(step->change, ROSTER_RETURNED);
	assert_ptr_equal(step->before, ended);
	assert_null(step->after);
	assert_string_equal(step->action->name, "reopen");
	assert_true(step->line > 0);
	assert_int_equal(count(&importing, ROSTER_ATTENDANCE, ROSTER_RETURNED), 1);
	assert_int_equal(count(&importing, ROSTER_ATTENDANCE, ROSTER_ADDED), 0);
	/* From another day on it is another stay. */
	ended->values[PRAC_ENROLLMENT_STARTS_ON].number -= 365;
	plan(&importing);
	assert_int_equal(importing.plan->n_steps, 1);
	assert_int_equal(importing.plan->steps[0].change, ROSTER_ADDED);
	importing_deinit(&importing);
}

static void staff_whom_the_roster_names_again_are_active_again(void **state)
{
	struct importing importing;
	struct prac_record *back;
	const struct roster_step *steps;

	(void)state;
	importing_init(&importing, "v12", NULL);
	plan(&importing);
	carry_out(&importing);
	back = present_in_state(
		&importing, ROSTER_STAFF_MEMBERS, 0, PRAC_STAFF_STATE, PRAC_STAFF_STATE_INACTIVE);
	plan(&importing);
	assert_int_equal(importing.plan->n_steps, 1);
	steps = importing.plan->steps;
	assert_int_equal(steps[0].change, ROSTER_RETURNED);
	assert_string_equal(steps[0].action->name, "activate");
	/* Who has another name since is active first, and changed then. */
	back->values[PRAC_STAFF_FAMILY_NAME].bytes = prac_bytes_text("Before");
	plan(&importing);
	assert_int_equal(importing.plan->n_steps, 2);
	steps = importing.plan->steps;
	assert_string_equal(steps[0].action->name, "activate");
	assert_int_equal(steps[1].change, ROSTER_CHANGED);
	assert_null(steps[1].action);
	assert_int_equal(steps[1].fields, UINT64_C(1) << PRAC_STAFF_FAMILY_NAME);
	importing_deinit(&importing);
}

static void a_student_the_roster_leaves_out_is_missing_and_stays(void **state)
{
	struct importing importing, later;

	(void)state;
	importing_init(&importing, "v11", NULL);
	plan(&importing);
	carry_out(&importing);
	importing_init(&later, "v11", "status_tobedeleted");
	for (unsigned kind = 0; kind < ROSTER_KINDS; kind++) {
		later.input.present[kind] = importing.input.present[kind];
	}
	plan(&later);
	assert_int_equal(later.plan->n_steps, 1);
	const struct roster_step *step =
		step_find(&later, ROSTER_STUDENTS, ROSTER_MISSING, "Nguyen Mia");
	assert_null(step->action);
	assert_null(step->after);
	importing_deinit(&later);
	importing_deinit(&importing);
}

/* One more like a member of the staff that is there, whom the roster does not name. */
static struct prac_record *colleague(struct importing *importing, const char *identifier)
{
	const struct roster_present *present = &importing->input.present[ROSTER_STAFF_MEMBERS];
	struct prac_record *record = prac_record_copy(&importing->arena, present->records[0]);

	assert_true(record->values[PRAC_STAFF_SCHOOL_ID].has);
	record->id = prac_id_new(&prac_env_system);
	record->values[PRAC_STAFF_STATE] =
		(struct prac_value){ .has = true, .number = PRAC_STAFF_STATE_ACTIVE };
	record->values[PRAC_STAFF_IDENTIFIER].bytes = prac_bytes_text(identifier);
	return record;
}

static void
staff_the_roster_leaves_out_leave_unless_they_are_kept_or_it_says_nothing_of_their_school(
	void **state)
{
	struct importing importing;
	struct prac_record *leaver, *kept, *free_hand, *gone;
	struct prac_id elsewhere = prac_id_new(&prac_env_system);

	(void)state;
	importing_init(&importing, "v12", NULL);
	plan(&importing);
	carry_out(&importing);
	leaver = colleague(&importing, "L1");
	kept = colleague(&importing, "L2");
	kept->values[PRAC_STAFF_KEPT] = (struct prac_value){ .has = true, .number = 1 };
	free_hand = colleague(&importing, "L3");
	free_hand->values[PRAC_STAFF_SCHOOL_ID].bytes = prac_id_bytes(&elsewhere);
	gone = colleague(&importing, "L4");
	gone->values[PRAC_STAFF_STATE].number = PRAC_STAFF_STATE_INACTIVE;
	add_present(&importing, ROSTER_STAFF_MEMBERS, leaver);
	add_present(&importing, ROSTER_STAFF_MEMBERS, kept);
	add_present(&importing, ROSTER_STAFF_MEMBERS, free_hand);
	add_present(&importing, ROSTER_STAFF_MEMBERS, gone);
	plan(&importing);
	assert_int_equal(importing.plan->n_steps, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct roster_step *step = &importing.plan->steps[i];

		assert_int_equal(step->change, ROSTER_MISSING);
		if (step->before == leaver) {
			assert_string_equal(step->action->name, "deactivate");
		} else {
			assert_null(step->action);
		}
	}
	importing_deinit(&importing);
}

static void what_no_record_can_hold_is_a_flaw(void **state)
{
	struct importing importing;

	(void)state;
	importing_init(&importing, "v12", NULL);
	importing.roster->users[1].family =
		"A name that goes on and on until it is longer than the eighty bytes a name may have "
		"here";
	importing.roster->users[1].email =
		"0123456789012345678901234567890123456789012345678901234567890123456789012345678901"
		"0123456789012345678901234567890123456789012345678901234567890123456789012345678901"
		"0123456789012345678901234567890123456789012345678901234567890123456789012345678901"
		"012345678@x";
	plan(&importing);
	assert_int_equal(importing.roster->flaws.n_errors, 2);
	assert_int_equal(importing.roster->flaws.rows[0].kind, ROSTER_FLAW_RECORD);
	assert_string_equal(importing.roster->flaws.rows[0].column, "family_name");
	assert_string_equal(importing.roster->flaws.rows[1].column, "email");
	importing_deinit(&importing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_student_is_counted_under_one_race_or_ethnicity),
		cmocka_unit_test(against_nothing_every_record_is_added_in_order),
		cmocka_unit_test(records_carry_what_the_roster_says),
		cmocka_unit_test(a_school_that_is_nobodys_home_is_a_career_center),
		cmocka_unit_test(the_same_roster_again_changes_nothing),
		cmocka_unit_test(only_what_the_roster_says_is_changed),
		cmocka_unit_test(what_is_left_out_is_neither_added_nor_changed),
		cmocka_unit_test(a_student_who_left_a_school_ends_there_and_host_schools_stay),
		cmocka_unit_test(
			a_student_who_is_back_at_the_same_school_since_the_same_day_goes_on_there),
		cmocka_unit_test(staff_whom_the_roster_names_again_are_active_again),
		cmocka_unit_test(a_student_the_roster_leaves_out_is_missing_and_stays),
		cmocka_unit_test(
			staff_the_roster_leaves_out_leave_unless_they_are_kept_or_it_says_nothing_of_their_school),
		cmocka_unit_test(what_no_record_can_hold_is_a_flaw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
