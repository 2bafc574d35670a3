#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/office.h"

#define ACCEPTED    PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED
#define CONFLICT    PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT
#define REFUSED     PRACTICUM__VERDICT_KIND__VERDICT_REFUSED
#define QUARANTINED PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED

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

static void assert_verdict(
	const struct prac_verdict *verdict, Practicum__VerdictKind kind, enum prac_reason reason)
{
	assert_int_equal(verdict->reason, reason);
	assert_int_equal(verdict->kind, kind);
}

/* ---- create */

static void a_new_record_gets_the_number_of_its_mutation(void **state)
{
	struct office *office = *state;
	struct prac_record *student = office_add_student(office);

	assert_int_equal(student->seq, 3); /* two schools came first */
	assert_int_equal(student->group_seq[0], 3);
	assert_int_equal(office_row(office, student, OFFICE_SCHOOL_A)->seq, 3);
	assert_null(office_row(office, student, OFFICE_SCHOOL_B));
	assert_int_equal(office->mem.db->head, 3);
	assert_int_equal(office->answer.head, 3);
}

static void an_id_belongs_to_one_record(void **state)
{
	struct office *office = *state;
	struct prac_record *again =
		office_edit(office, office_add_student(office), "given_name=Eve");

	assert_verdict(office_create(office, &office->a, again), REFUSED, PRAC_REASON_ID_TAKEN);
	assert_string_equal(sample_text(office_record(office, again->type, &again->id),
				    "given_name", &office->arena),
		"Ada");
}

static void the_same_create_under_another_key_changes_nothing(void **state)
{
	struct office *office = *state;
	struct prac_record *student = office_add_student(office);

	assert_verdict(office_create(office, &office->a, student), ACCEPTED, PRAC_REASON_NONE);
	assert_int_equal(office_record(office, student->type, &student->id)->seq, 3);
}

static void a_record_names_only_records_that_exist(void **state)
{
	struct office *office = *state;
	struct prac_record *guardian =
		office_edit(office, (office_add_student(office), office_add_guardian(office)),
			"student_id=00000000000000000000000000000077");
	const struct prac_verdict *verdict;

	guardian->id = sample_id(0x33);
	verdict = office_create(office, &office->a, guardian);
	assert_verdict(verdict, REFUSED, PRAC_REASON_MISSING_REFERENCE);
	assert_int_equal(verdict->field, PRAC_GUARDIAN_STUDENT_ID_NO);
}

static void a_record_begins_in_the_first_state(void **state)
{
	struct office *office = *state;
	struct prac_record *student =
		office_edit(office, office_add_student(office), "state=graduated");

	student->id = sample_id(0x34);
	assert_verdict(
		office_create(office, &office->a, student), REFUSED, PRAC_REASON_WRONG_STATE);
}

static void a_missing_value_names_its_field(void **state)
{
	struct office *office = *state;
	struct prac_record *student =
		office_edit(office, office_add_student(office), "family_name=");
	const struct prac_verdict *verdict;

	student->id = sample_id(0x34);
	verdict = office_create(office, &office->a, student);
	assert_verdict(verdict, REFUSED, PRAC_REASON_INVALID_VALUE);
	assert_int_equal(verdict->field, PRAC_STUDENT_FAMILY_NAME_NO);
	assert_true(verdict->text.len > 0);
}

/* ---- patch */

static void an_edit_moves_only_its_group(void **state)
{
	struct office *office = *state;
	struct prac_record *before = (office_add_student(office), office_add_guardian(office));
	struct prac_record *after;

	assert_verdict(
		office_patch(office, &office->a, before, office_edit(office, before, "phone=222")),
		ACCEPTED, PRAC_REASON_NONE);
	after = office_record(office, before->type, &before->id);
	assert_string_equal(sample_text(after, "phone", &office->arena), "222");
	assert_int_equal(after->seq, 5);
	assert_int_equal(after->group_seq[PRAC_GUARDIAN_GROUP_CONTACT - 1], 5);
	assert_int_equal(after->group_seq[PRAC_GUARDIAN_GROUP_NAME - 1], 4);
}

static void two_edits_of_one_fact_keep_both_values(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));
	struct prac_record *conflict;

	(void)office_patch(office, &office->a, saw, office_edit(office, saw, "phone=222"));
	assert_verdict(
		office_patch(office, &office->district, saw, office_edit(office, saw, "phone=333")),
		CONFLICT, PRAC_REASON_NONE);
	assert_string_equal(
		sample_text(office_record(office, saw->type, &saw->id), "phone", &office->arena),
		"222");
	conflict = office_last(office, &prac_type_conflict);
	assert_int_equal(conflict->seq, 6);
	assert_true(prac_id_equal(&conflict->scope, &saw->scope));
	assert_string_equal(sample_text(conflict, "kind", &office->arena), "edit");
	assert_string_equal(sample_text(conflict, "group_number", &office->arena), "4");
	assert_string_equal(sample_text(conflict, "theirs_seq", &office->arena), "5");
	assert_memory_equal(conflict->values[PRAC_CONFLICT_MINE].bytes.data,
		"\x3a\x03"
		"333",
		5);
	assert_memory_equal(conflict->values[PRAC_CONFLICT_THEIRS].bytes.data,
		"\x3a\x03"
		"222",
		5);
	assert_memory_equal(conflict->values[PRAC_CONFLICT_BASE_VALUE].bytes.data,
		"\x3a\x03"
		"111",
		5);
	assert_int_equal(office_row(office, conflict, OFFICE_SCHOOL_A)->seq, 6);
}

static void assert_theirs(struct office *office, const struct station *station, int64_t at_ms)
{
	const struct prac_value *values = office_last(office, &prac_type_conflict)->values;

	assert_true(prac_bytes_equal(
		values[PRAC_CONFLICT_THEIRS_DEVICE].bytes, prac_id_bytes(&station->device.id)));
	assert_true(values[PRAC_CONFLICT_THEIRS_AT].has);
	assert_int_equal(values[PRAC_CONFLICT_THEIRS_AT].number, at_ms);
}

/* Whoever decides knows whom to ask: both sides are named, by whom and when. */
static void a_conflict_says_whose_change_it_is_with(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));
	struct prac_mutation *theirs =
		office_make(office, &office->a, PRACTICUM__OP__OP_PATCH, saw);
	struct prac_record *now;

	office_make_patch(office, theirs, saw, office_edit(office, saw, "phone=222"));
	theirs->person = sample_id(0x77);
	theirs->client_time_ms = 1795219200000; /* 2026-11-21 */
	assert_int_equal(office_submit(office, &office->a, &theirs, 1), PRAC_OK);
	office_run(office);
	(void)office_patch(office, &office->district, saw, office_edit(office, saw, "phone=333"));
	assert_theirs(office, &office->a, 1795219200000);
	assert_true(prac_bytes_equal(
		office_last(office, &prac_type_conflict)->values[PRAC_CONFLICT_THEIRS_PERSON].bytes,
		prac_id_bytes(&theirs->person)));
	(void)office_delete(office, &office->district, saw);
	assert_theirs(office, &office->a, 1795219200000);
	/* Of a deleted record it is who deleted it, not who edited it last. */
	now = office_record(office, saw->type, &saw->id);
	(void)office_delete(office, &office->district, now);
	(void)office_patch(office, &office->a, now, office_edit(office, now, "phone=444"));
	assert_theirs(office, &office->district, 1000);
}

static void also_of_a_change_in_the_same_batch(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));
	struct prac_mutation *alone =
		office_make(office, &office->b, PRACTICUM__OP__OP_DELETE, saw);
	struct prac_mutation *first = office_make(office, &office->a, PRACTICUM__OP__OP_PATCH, saw);
	struct prac_mutation *second =
		office_make(office, &office->district, PRACTICUM__OP__OP_PATCH, saw);
	size_t n_commits = office->mem.n_commits;

	office_make_patch(office, first, saw, office_edit(office, saw, "phone=222"));
	office_make_patch(office, second, saw, office_edit(office, saw, "phone=333"));
	/* While this one, which is refused, is judged, the two gather. */
	assert_int_equal(office_submit(office, &office->b, &alone, 1), PRAC_OK);
	assert_int_equal(office_submit(office, &office->a, &first, 1), PRAC_OK);
	assert_int_equal(office_submit(office, &office->district, &second, 1), PRAC_OK);
	office_run(office);
	assert_int_equal(office->mem.n_commits, n_commits + 2);
	assert_theirs(office, &office->a, 1000);
}

static void what_fits_of_an_edit_in_conflict_is_applied(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));
	struct prac_record *wants =
		office_edit(office, office_edit(office, saw, "phone=333"), "relation=aunt");

	(void)office_patch(office, &office->a, saw, office_edit(office, saw, "phone=222"));
	assert_verdict(
		office_patch(office, &office->district, saw, wants), CONFLICT, PRAC_REASON_NONE);
	wants = office_record(office, saw->type, &saw->id);
	assert_string_equal(sample_text(wants, "phone", &office->arena), "222");
	assert_string_equal(sample_text(wants, "relation", &office->arena), "aunt");
}

static void ones_own_edits_follow_each_other_without_conflict(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));
	struct prac_record *first = office_edit(office, saw, "phone=222");
	struct prac_record *second = office_edit(office, first, "phone=333");

	(void)office_patch(office, &office->a, saw, first);
	assert_verdict(office_patch(office, &office->a, first, second), ACCEPTED, PRAC_REASON_NONE);
}

static void a_field_set_once_does_not_change(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = office_add_student(office);

	assert_verdict(
		office_patch(office, &office->a, saw, office_edit(office, saw, "identifier=4712")),
		ACCEPTED, PRAC_REASON_NONE);
	saw = office_record(office, saw->type, &saw->id);
	assert_verdict(
		office_patch(office, &office->district, saw,
			office_edit(office, saw, "school_id=000000000000000000000000000000b0")),
		REFUSED, PRAC_REASON_IMMUTABLE);
}

static void the_state_is_moved_by_actions_only(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));

	assert_verdict(
		office_patch(office, &office->a, saw, office_edit(office, saw, "state=verified")),
		REFUSED, PRAC_REASON_WRONG_STATE);
}

static void an_edit_of_nothing_is_an_unknown_record(void **state)
{
	struct office *office = *state;
	struct prac_record *nothing = prac_record_copy(&office->arena, office_add_student(office));

	nothing->id = sample_id(0x35);
	assert_verdict(office_patch(office, &office->a, nothing,
			       office_edit(office, nothing, "given_name=Eve")),
		REFUSED, PRAC_REASON_UNKNOWN_RECORD);
}

/* P7: believed, a number of days to come would overwrite whatever others did meanwhile. */
static void an_edit_rests_on_nothing_that_is_still_to_come(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));
	struct prac_record *ahead = prac_record_copy(&office->arena, saw);

	(void)office_patch(office, &office->a, saw, office_edit(office, saw, "phone=222"));
	ahead->seq = 6; /* this edit's own number */
	assert_verdict(office_patch(office, &office->district, ahead,
			       office_edit(office, saw, "phone=333")),
		REFUSED, PRAC_REASON_INVALID_VALUE);
	assert_string_equal(
		sample_text(office_record(office, saw->type, &saw->id), "phone", &office->arena),
		"222");
}

/* ---- delete */

static void a_deleted_record_leaves_a_tombstone(void **state)
{
	struct office *office = *state;
	struct prac_record *guardian = (office_add_student(office), office_add_guardian(office));

	assert_verdict(office_delete(office, &office->a, guardian), ACCEPTED, PRAC_REASON_NONE);
	assert_true(office_record(office, guardian->type, &guardian->id)->deleted);
	assert_int_equal(office_row(office, guardian, OFFICE_SCHOOL_A)->gone, STORE_DELETED);
	assert_int_equal(office_row(office, guardian, OFFICE_SCHOOL_A)->seq, 5);
}

static void what_others_edited_meanwhile_is_not_deleted(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));
	struct prac_record *conflict;

	(void)office_patch(office, &office->district, saw, office_edit(office, saw, "phone=222"));
	assert_verdict(office_delete(office, &office->a, saw), CONFLICT, PRAC_REASON_NONE);
	assert_false(office_record(office, saw->type, &saw->id)->deleted);
	conflict = office_last(office, &prac_type_conflict);
	assert_string_equal(sample_text(conflict, "kind", &office->arena), "delete");
	assert_string_equal(sample_text(conflict, "group_number", &office->arena), "0");
}

static void ones_own_edit_does_not_stop_the_delete(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));
	struct prac_record *edited = office_edit(office, saw, "phone=222");

	(void)office_patch(office, &office->a, saw, edited);
	assert_verdict(office_delete(office, &office->a, edited), ACCEPTED, PRAC_REASON_NONE);
}

static void an_edit_of_a_deleted_record_is_kept_as_conflict(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));

	(void)office_delete(office, &office->a, saw);
	assert_verdict(
		office_patch(office, &office->district, saw, office_edit(office, saw, "phone=333")),
		CONFLICT, PRAC_REASON_NONE);
	assert_true(office_record(office, saw->type, &saw->id)->deleted);
	assert_string_equal(
		sample_text(office_last(office, &prac_type_conflict), "kind", &office->arena),
		"deleted");
}

/* ---- actions */

static void an_action_moves_the_state(void **state)
{
	struct office *office = *state;
	struct prac_record *guardian = (office_add_student(office), office_add_guardian(office));

	assert_verdict(office_act(office, &office->a, guardian, "verify", NULL), ACCEPTED,
		PRAC_REASON_NONE);
	assert_string_equal(sample_text(office_record(office, guardian->type, &guardian->id),
				    "state", &office->arena),
		"verified");
	assert_verdict(office_act(office, &office->a, guardian, "verify", NULL), REFUSED,
		PRAC_REASON_WRONG_STATE);
}

static void resolving_a_conflict_changes_its_record(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));
	const struct prac_value mine[2] = { { .has = true,
		.number = PRAC_CONFLICT_RESOLVE_CHOICE_MINE } };
	struct prac_record *conflict;

	(void)office_patch(office, &office->a, saw, office_edit(office, saw, "phone=222"));
	(void)office_patch(office, &office->district, saw, office_edit(office, saw, "phone=333"));
	conflict = office_last(office, &prac_type_conflict);
	assert_verdict(office_act(office, &office->a, conflict, "resolve", mine), ACCEPTED,
		PRAC_REASON_NONE);
	saw = office_record(office, saw->type, &saw->id);
	assert_string_equal(sample_text(saw, "phone", &office->arena), "333");
	assert_int_equal(saw->seq, 7);
	assert_string_equal(sample_text(office_record(office, conflict->type, &conflict->id),
				    "state", &office->arena),
		"resolved");
}

static void resolving_a_conflict_moves_no_state(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));
	const struct prac_value mine[2] = { { .has = true,
		.number = PRAC_CONFLICT_RESOLVE_CHOICE_MINE } };

	(void)office_act(office, &office->a, saw, "verify", NULL);
	assert_verdict(office_patch(office, &office->district, saw,
			       office_edit(office, saw, "state=inactive")),
		CONFLICT, PRAC_REASON_NONE);
	assert_verdict(office_act(office, &office->a, office_last(office, &prac_type_conflict),
			       "resolve", mine),
		REFUSED, PRAC_REASON_WRONG_STATE);
}

static void a_conflict_is_resolved_once(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = (office_add_student(office), office_add_guardian(office));
	const struct prac_value theirs[2] = { { .has = true,
		.number = PRAC_CONFLICT_RESOLVE_CHOICE_THEIRS } };
	struct prac_record *conflict;

	(void)office_patch(office, &office->a, saw, office_edit(office, saw, "phone=222"));
	(void)office_patch(office, &office->district, saw, office_edit(office, saw, "phone=333"));
	conflict = office_last(office, &prac_type_conflict);
	(void)office_act(office, &office->a, conflict, "resolve", theirs);
	assert_verdict(office_act(office, &office->district, conflict, "resolve", theirs), REFUSED,
		PRAC_REASON_WRONG_STATE);
}

/* ---- refusals are kept */

static void a_refused_mutation_is_kept_whole_at_its_school(void **state)
{
	struct office *office = *state;
	struct prac_record *student =
		office_edit(office, office_add_student(office), "family_name=");
	const struct store_judged *judged;
	struct prac_record *rejected;

	student->id = sample_id(0x34);
	(void)office_create(office, &office->a, student);
	rejected = office_last(office, &prac_type_rejected);
	judged = g_ptr_array_index(office->mem.db->mutations, 3);
	assert_true(
		prac_bytes_equal(rejected->values[PRAC_REJECTED_PAYLOAD].bytes, judged->payload));
	assert_int_equal(rejected->seq, 4);
	assert_int_equal(office_row(office, rejected, OFFICE_SCHOOL_A)->seq, 4);
	assert_string_equal(sample_text(rejected, "reason", &office->arena), "1");
	assert_string_equal(sample_text(rejected, "counter", &office->arena), "2");
	assert_string_equal(sample_text(rejected, "record_type", &office->arena), "3");
}

static void what_builds_on_a_refused_create_says_so(void **state)
{
	struct office *office = *state;
	struct prac_record *student =
		office_edit(office, office_add_student(office), "family_name=");
	struct prac_record *guardian = office_add_guardian(office);

	student->id = sample_id(0x34);
	(void)office_create(office, &office->a, student);
	guardian = office_edit(office, guardian, "student_id=00000000000000000000000000000034");
	guardian->id = sample_id(0x36);
	assert_verdict(office_create(office, &office->a, guardian), REFUSED,
		PRAC_REASON_DEPENDS_ON_REFUSED);
	assert_verdict(office_patch(office, &office->a, student,
			       office_edit(office, student, "family_name=Byron")),
		REFUSED, PRAC_REASON_DEPENDS_ON_REFUSED);
}

static void in_one_push_too(void **state)
{
	struct office *office = *state;
	struct prac_record *student =
		office_edit(office, office_add_student(office), "family_name=");
	struct prac_record *guardian = office_edit(
		office, office_add_guardian(office), "student_id=00000000000000000000000000000034");
	struct prac_mutation *both[2];

	student->id = sample_id(0x34);
	guardian->id = sample_id(0x36);
	both[0] = office_make(office, &office->a, PRACTICUM__OP__OP_CREATE, student);
	both[1] = office_make(office, &office->a, PRACTICUM__OP__OP_CREATE, guardian);
	assert_int_equal(office_submit(office, &office->a, both, 2), PRAC_OK);
	office_run(office);
	assert_verdict(&office->verdicts[0], REFUSED, PRAC_REASON_INVALID_VALUE);
	assert_verdict(&office->verdicts[1], REFUSED, PRAC_REASON_DEPENDS_ON_REFUSED);
	assert_int_equal(office->verdicts[1].seq, office->verdicts[0].seq + 1);
}

static void later_mutations_of_a_batch_see_earlier_ones(void **state)
{
	struct office *office = *state;
	struct prac_record *student =
		office_edit(office, office_add_student(office), "identifier=4712");
	struct prac_record *guardian = office_edit(
		office, office_add_guardian(office), "student_id=00000000000000000000000000000034");
	struct prac_mutation *both[2];

	student->id = sample_id(0x34);
	guardian->id = sample_id(0x36);
	both[0] = office_make(office, &office->a, PRACTICUM__OP__OP_CREATE, student);
	both[1] = office_make(office, &office->a, PRACTICUM__OP__OP_CREATE, guardian);
	assert_int_equal(office_submit(office, &office->a, both, 2), PRAC_OK);
	office_run(office);
	assert_verdict(&office->verdicts[1], ACCEPTED, PRAC_REASON_NONE);
}

static void reported_types_keep_every_version(void **state)
{
	struct office *office = *state;
	struct prac_record *saw = office_add_student(office);
	const struct mem_record *version;

	(void)office_patch(office, &office->a, saw, office_edit(office, saw, "grade=11"));
	assert_int_equal(office->mem.db->history->len, 4); /* the schools are reported, too */
	version = g_ptr_array_index(office->mem.db->history, 3);
	assert_true(prac_id_equal(&version->id, &saw->id));
	assert_int_equal(version->seq, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_record_gets_the_number_of_its_mutation),
		TEST(an_id_belongs_to_one_record),
		TEST(the_same_create_under_another_key_changes_nothing),
		TEST(a_record_names_only_records_that_exist),
		TEST(a_record_begins_in_the_first_state),
		TEST(a_missing_value_names_its_field),
		TEST(an_edit_moves_only_its_group),
		TEST(two_edits_of_one_fact_keep_both_values),
		TEST(a_conflict_says_whose_change_it_is_with),
		TEST(also_of_a_change_in_the_same_batch),
		TEST(what_fits_of_an_edit_in_conflict_is_applied),
		TEST(ones_own_edits_follow_each_other_without_conflict),
		TEST(a_field_set_once_does_not_change),
		TEST(the_state_is_moved_by_actions_only),
		TEST(an_edit_of_nothing_is_an_unknown_record),
		TEST(an_edit_rests_on_nothing_that_is_still_to_come),
		TEST(a_deleted_record_leaves_a_tombstone),
		TEST(what_others_edited_meanwhile_is_not_deleted),
		TEST(ones_own_edit_does_not_stop_the_delete),
		TEST(an_edit_of_a_deleted_record_is_kept_as_conflict),
		TEST(an_action_moves_the_state),
		TEST(resolving_a_conflict_changes_its_record),
		TEST(resolving_a_conflict_moves_no_state),
		TEST(a_conflict_is_resolved_once),
		TEST(a_refused_mutation_is_kept_whole_at_its_school),
		TEST(what_builds_on_a_refused_create_says_so),
		TEST(in_one_push_too),
		TEST(later_mutations_of_a_batch_see_earlier_ones),
		TEST(reported_types_keep_every_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
