/* Who may stand behind approved hours, and with what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/facts.h"

static void assert_words(const struct facts *facts, const char *words)
{
	assert_string_equal(facts->judgement.problem.text, words);
}

/* A sheet whose placement names supervisor dd, of whom staff made sure. */
struct confirmed {
	struct prac_record *sheet, *supervisor;
	const struct prac_type *args;
	const char *hash;
};

static struct confirmed add_confirmed(struct facts *facts)
{
	struct confirmed made;
	struct prac_record *entry;

	facts_keep(facts,
		facts_make(facts, &prac_type_placement, 0xbb, "student_id=01", "school_id=aa",
			"starts_on=2026-08-01", "ends_on=2026-08-12", "supervisor_id=dd", NULL));
	made.sheet = facts_keep(
		facts, facts_make(facts, &prac_type_time_sheet, 0x21, "placement_id=bb",
			       "student_id=01", "school_id=aa", "week_start=2026-08-09", NULL));
	entry = facts_keep(facts, facts_make(facts, &prac_type_time_entry, 0x31, "sheet_id=21",
					  "placement_id=bb", "student_id=01", "school_id=aa",
					  "elapsed_minutes=150", "work_date=2026-08-11", NULL));
	made.supervisor = facts_keep(
		facts, facts_make(facts, &prac_type_supervisor, 0xdd, "organization_id=ee",
			       "given_name=Kim", "family_name=Oak", "state=verified", NULL));
	made.args = prac_action_find(made.sheet->type, PRAC_TIME_SHEET_DO_APPROVE)->args;
	made.hash = facts_content(facts, made.sheet, entry);
	return made;
}

static void a_supervisor_confirms_as_the_placements_with_evidence(void **state)
{
	struct facts *facts = *state;
	const struct prac_value *values;
	struct confirmed made = add_confirmed(facts);

	assert_int_equal(facts_act(facts, made.sheet, PRAC_TIME_SHEET_DO_APPROVE,
				 facts_args(facts, made.args, made.hash, "capacity=supervisor",
					 "supervisor_id=dd", "capture=call", NULL)),
		PRAC_REASON_INVALID_VALUE);
	assert_words(facts,
		"Evidence: say what shows that the supervisor confirmed it, or attach it to "
		"the sheet");
	assert_int_equal(facts_act(facts, made.sheet, PRAC_TIME_SHEET_DO_APPROVE,
				 facts_args(facts, made.args, made.hash, "capacity=supervisor",
					 "supervisor_id=dd", "evidence=called at 3", NULL)),
		PRAC_REASON_INVALID_VALUE);
	assert_words(facts,
		"Captured: say how the supervisor confirmed it: screen, call, email or paper");
	assert_int_equal(
		facts_act(facts, made.sheet, PRAC_TIME_SHEET_DO_APPROVE,
			facts_args(facts, made.args, made.hash, "capacity=supervisor",
				"supervisor_id=dd", "capture=call", "evidence=called at 3", NULL)),
		PRAC_REASON_NONE);
	values = facts->judgement.effects[0]->values;
	assert_int_equal(values[PRAC_APPROVAL_SUPERVISOR_ID].bytes.data[15], 0xdd);
	assert_int_equal(values[PRAC_APPROVAL_CAPTURE].number, 2);
	assert_false(values[PRAC_APPROVAL_ATTACHMENT_ID].has);
}

static void only_a_registered_supervisor_of_the_placement_confirms(void **state)
{
	struct facts *facts = *state;
	struct confirmed made = add_confirmed(facts);
	static const char *const bad[] = { "supervisor_id=dc", "note=none named" };

	for (size_t i = 0; i < PRAC_NELEM(bad); i++) {
		assert_int_equal(
			facts_act(facts, made.sheet, PRAC_TIME_SHEET_DO_APPROVE,
				facts_args(facts, made.args, made.hash, "capacity=supervisor",
					"capture=paper", "evidence=folder 3", bad[i], NULL)),
			PRAC_REASON_GUARD);
		assert_words(facts, "Supervisor: must be the one whom the placement names (set "
				    "supervisor_id of the placement, or approve with capacity "
				    "coordinator)");
	}
	for (const char *const *one = (const char *const[]){ "state=invited", "state=inactive",
		     "state=barred", NULL };
		*one != NULL; one++) {
		facts_set(facts, made.supervisor, *one);
		assert_int_equal(facts_act(facts, made.sheet, PRAC_TIME_SHEET_DO_APPROVE,
					 facts_args(facts, made.args, made.hash,
						 "capacity=supervisor", "capture=paper",
						 "evidence=folder 3", "supervisor_id=dd", NULL)),
			PRAC_REASON_GUARD);
	}
}

static void a_file_on_the_sheet_is_evidence_and_is_named(void **state)
{
	struct facts *facts = *state;
	struct confirmed made = add_confirmed(facts);
	const struct prac_value *args =
		facts_args(facts, made.args, made.hash, "capacity=coordinator", NULL);
	struct prac_record *file;

	assert_int_equal(facts_act(facts, made.sheet, PRAC_TIME_SHEET_DO_APPROVE, args),
		PRAC_REASON_INVALID_VALUE);
	file = facts_keep(facts, facts_make(facts, &prac_type_attachment, 0x41, "record_type=13",
					 "record_id=21", "file_name=a.pdf", NULL));
	assert_int_equal(
		facts_act(facts, made.sheet, PRAC_TIME_SHEET_DO_APPROVE, args), PRAC_REASON_NONE);
	assert_int_equal(
		facts->judgement.effects[0]->values[PRAC_APPROVAL_ATTACHMENT_ID].bytes.data[15],
		0x41);
	facts_set(facts, file, "state=withdrawn");
	assert_int_equal(facts_act(facts, made.sheet, PRAC_TIME_SHEET_DO_APPROVE, args),
		PRAC_REASON_INVALID_VALUE);
}

static void the_student_approves_no_own_hours(void **state)
{
	struct facts *facts = *state;
	struct confirmed made = add_confirmed(facts);

	assert_int_equal(facts_act(facts, made.sheet, PRAC_TIME_SHEET_DO_APPROVE,
				 facts_args(facts, made.args, made.hash, "capacity=coordinator",
					 "evidence=e-mail", "approver_id=01", NULL)),
		PRAC_REASON_GUARD);
	assert_words(facts, "Approver: the student does not approve own hours");
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, facts_start, facts_stop)
	const struct CMUnitTest tests[] = {
		RULE(a_supervisor_confirms_as_the_placements_with_evidence),
		RULE(only_a_registered_supervisor_of_the_placement_confirms),
		RULE(a_file_on_the_sheet_is_evidence_and_is_named),
		RULE(the_student_approves_no_own_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
