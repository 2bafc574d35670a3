#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/replica/imports.h"
#include "common/sync/mutation.h"
#include "tests/support/replica_fixture.h"

static struct prac_mutation read_mutation(struct fixture *f, struct prac_bytes bytes)
{
	struct prac_mutation mutation;
	struct prac_problem problem;
	enum prac_reason reason;

	assert_int_equal(
		prac_mutation_read(bytes, &f->arena, &mutation, &reason, &problem), PRAC_OK);
	assert_int_equal(reason, PRAC_REASON_NONE);
	return mutation;
}

static void a_saved_record_is_shown_at_once_and_after_a_restart(void **state)
{
	struct fixture *f = *state;

	add_student(f, STUDENT, "Lopez");
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "family_name"), "Lopez");
	fixture_reopen(f);
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "family_name"), "Lopez");
	assert_int_equal(counters_of(f).n_unsent, 1);
}

static void counters_have_no_holes_and_start_at_one(void **state)
{
	struct fixture *f = *state;
	struct replica_entry *entries;
	size_t n;

	add_student(f, STUDENT, "Lopez");
	edit(f, STUDENT, "email", "mia@example.org");
	edit(f, STUDENT, "phone", "555 0100");
	entries = queue(f, &n);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(entries[i].counter, i + 1);
		assert_int_equal(read_mutation(f, entries[i].bytes).counter, i + 1);
	}
}

static void an_edit_carries_only_the_groups_that_changed(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f, student_of(f, STUDENT, "Lopez"), SCHOOL_1, 11);
	struct prac_mutation mutation;
	size_t n;

	page(f, &row, 1, 11);
	edit(f, STUDENT, "family_name", "Lopez-Diaz");
	mutation = read_mutation(f, queue(f, &n)[0].bytes);
	assert_int_equal(mutation.op, PRACTICUM__OP__OP_PATCH);
	assert_int_equal(mutation.base_seq, 11);
	assert_int_equal(mutation.n_patches, 1);
	assert_string_equal(mutation.patches[0].group->name, "name");
}

static void what_is_taken_is_marked_sent_and_given_again_until_judged(void **state)
{
	struct fixture *f = *state;
	size_t n;

	add_student(f, STUDENT, "Lopez");
	assert_int_equal(queue(f, &n)[0].state, REPLICA_UNSENT);
	fixture_reopen(f);
	assert_int_equal(counters_of(f).n_sent, 1);
	assert_int_equal(queue(f, &n)[0].state, REPLICA_SENT);
	assert_int_equal(n, 1);
	judged(f, 1, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED, 12);
	queue(f, &n);
	assert_int_equal(n, 0);
	assert_int_equal(counters_of(f).acked_through, 1);
}

static void a_push_holds_no_more_than_was_asked_for(void **state)
{
	struct fixture *f = *state;
	struct replica_entry *entries;
	size_t n;

	for (unsigned i = 0; i < 5; i++) {
		add_student(f, STUDENT + i, "Lopez");
	}
	assert_int_equal(
		replica_take(f->replica, &(struct replica_want){ .max_n = 1, .max_bytes = 1 },
			&f->arena, &entries, &n),
		PRAC_OK);
	assert_int_equal(
		replica_take(f->replica, &(struct replica_want){ entries[0].place, 0, 3, 524288 },
			&f->arena, &entries, &n),
		PRAC_OK);
	assert_int_equal(n, 3);
	assert_int_equal(entries[0].counter, 2);
	/* One always goes, or a large one would wait for ever. */
	assert_int_equal(replica_take(f->replica, &(struct replica_want){ 0, 0, 256, 1 }, &f->arena,
				 &entries, &n),
		PRAC_OK);
	assert_int_equal(n, 1);
}

static void what_follows_from_another_record_is_filled_in(void **state)
{
	struct fixture *f = *state;
	struct prac_record *placement = record_of(f, "placement", STUDENT + 1, "title", "Clinic",
		"kind", "clinical", "starts_on", "2026-08-10", "ends_on", "2026-12-18", NULL);
	struct prac_id student = id_of(STUDENT);
	struct replica_refusal refusal;
	char text[PRAC_ID_TEXT];

	add_student(f, STUDENT, "Lopez");
	prac_id_format(&student, text);
	set(f, placement, "student_id", text);
	assert_int_equal(replica_save(f->replica, NULL, placement, &refusal), PRAC_OK);
	assert_string_equal(text_of(f, shown(f, "placement", STUDENT + 1), "school_id"),
		text_of(f, shown(f, "student", STUDENT), "school_id"));
}

static void what_the_rules_refuse_is_not_stored(void **state)
{
	struct fixture *f = *state;
	struct prac_record *student = student_of(f, STUDENT, "");
	struct replica_refusal refusal;

	assert_int_equal(
		replica_save(f->replica, NULL, student, &refusal), PRAC_FAILED_PRECONDITION);
	assert_int_equal(refusal.reason, PRAC_REASON_INVALID_VALUE);
	assert_string_equal(refusal.problem.field->name, "family_name");
	assert_int_equal(counters_of(f).next_counter, 1);
	assert_null(shown(f, "student", STUDENT));
}

static void a_reference_to_nothing_is_refused(void **state)
{
	struct fixture *f = *state;
	struct prac_record *student = student_of(f, STUDENT, "Lopez");
	struct replica_refusal refusal;

	set(f, student, "program_id", "01990000-0000-7000-8000-0000deadbeef");
	assert_int_equal(
		replica_save(f->replica, NULL, student, &refusal), PRAC_FAILED_PRECONDITION);
	assert_int_equal(refusal.reason, PRAC_REASON_MISSING_REFERENCE);
	assert_string_equal(refusal.problem.field->name, "program_id");
}

static void a_record_of_a_school_that_is_not_granted_is_refused(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f,
		record_of(f, "school", SCHOOL_2, "name", "Other", "code", "OTH", "kind", "high",
			NULL),
		0, 11);
	struct prac_record *student = student_of(f, STUDENT, "Lopez");
	struct replica_refusal refusal;

	page(f, &row, 1, 11);
	set(f, student, "school_id", "01990000-0000-7000-8000-000000000002");
	assert_int_equal(
		replica_save(f->replica, NULL, student, &refusal), PRAC_FAILED_PRECONDITION);
	assert_int_equal(refusal.reason, PRAC_REASON_NOT_ALLOWED);
	assert_string_equal(refusal.problem.field->name, "school_id");
}

#define SCHOOL_2_TEXT "01990000-0000-7000-8000-000000000002"

/* Home is school 2, where this station holds nothing; the student is seen through school 1. */
static void a_shared_students_work_is_entered_at_the_other_school(void **state)
{
	struct fixture *f = *state;
	struct prac_record *student = student_of(f, STUDENT, "Lopez");
	struct prac_record *guardian;
	struct replica_row rows[2] = {
		row_of(f,
			record_of(f, "school", SCHOOL_2, "name", "Other", "code", "OTH", "kind",
				"high", NULL),
			0, 11),
	};
	struct replica_refusal refusal;

	set(f, student, "school_id", SCHOOL_2_TEXT);
	rows[1] = row_of(f, student, SCHOOL_1, 12);
	rows[1].owner = id_of(SCHOOL_2);
	page(f, rows, 2, 12);
	guardian = record_of(f, "guardian", STUDENT + 1, "student_id",
		"01990000-0000-7000-8000-000000000064", "school_id", SCHOOL_2_TEXT, "name", "Ann",
		NULL);
	assert_int_equal(replica_save(f->replica, NULL, guardian, &refusal), PRAC_OK);
}

static void a_form_that_was_not_touched_is_no_input(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f, student_of(f, STUDENT, "Lopez"), SCHOOL_1, 11);

	page(f, &row, 1, 11);
	edit(f, STUDENT, "family_name", "Lopez");
	assert_int_equal(counters_of(f).next_counter, 1);
}

static void an_action_shows_the_state_it_leads_to(void **state)
{
	struct fixture *f = *state;
	const struct prac_action *participate =
		prac_action_find_name(type_of("student"), "participate");
	struct replica_refusal refusal;

	add_student(f, STUDENT, "Lopez");
	assert_int_equal(
		replica_act(f->replica, shown(f, "student", STUDENT), participate, NULL, &refusal),
		PRAC_OK);
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "state"), "participating");
	/* Not twice. */
	assert_int_equal(
		replica_act(f->replica, shown(f, "student", STUDENT), participate, NULL, &refusal),
		PRAC_FAILED_PRECONDITION);
	assert_int_equal(refusal.reason, PRAC_REASON_WRONG_STATE);
}

/* As the server would: what it asks for is said while whoever knows it is there. */
static void an_action_without_a_required_argument_is_refused_at_once(void **state)
{
	struct fixture *f = *state;
	const struct prac_action *end = prac_action_find_name(type_of("enrollment"), "end");
	struct prac_value none[PRAC_FIELDS_MAX] = { { .has = false } };
	char student[PRAC_ID_TEXT], school[PRAC_ID_TEXT];
	struct replica_refusal refusal;

	add_student(f, STUDENT, "Lopez");
	prac_id_format(&shown(f, "student", STUDENT)->id, student);
	prac_id_format(&shown(f, "student", STUDENT)->scope, school);
	assert_int_equal(replica_save(f->replica, NULL,
				 record_of(f, "enrollment", 200, "student_id", student, "school_id",
					 school, "kind", "home", "starts_on", "2026-08-10", NULL),
				 &refusal),
		PRAC_OK);
	assert_int_equal(replica_act(f->replica, shown(f, "enrollment", 200), end, none, &refusal),
		PRAC_FAILED_PRECONDITION);
	assert_int_equal(refusal.reason, PRAC_REASON_INVALID_VALUE);
	assert_non_null(strstr(refusal.problem.text, "must not be left out"));
	assert_int_equal(counters_of(f).next_counter, 3);
}

static void several_saves_are_all_or_none(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(replica_begin(f->replica), PRAC_OK);
	add_student(f, STUDENT, "Lopez");
	add_student(f, STUDENT + 1, "Chen");
	replica_rollback(f->replica);
	assert_null(shown(f, "student", STUDENT));
	assert_int_equal(counters_of(f).next_counter, 1);

	assert_int_equal(replica_begin(f->replica), PRAC_OK);
	add_student(f, STUDENT, "Lopez");
	add_student(f, STUDENT + 1, "Chen");
	assert_int_equal(replica_commit(f->replica), PRAC_OK);
	assert_int_equal(counters_of(f).n_unsent, 2);
}

static void two_processes_share_one_counter(void **state)
{
	struct fixture *f = *state;
	struct replica *first = f->replica, *second;

	assert_int_equal(fixture_open(f, f->path, NULL, &second), PRAC_OK);
	add_student(f, STUDENT, "Lopez");
	f->replica = second;
	add_student(f, STUDENT + 1, "Chen");
	f->replica = first;
	add_student(f, STUDENT + 2, "Hill");
	assert_int_equal(counters_of(f).next_counter, 4);
	assert_int_equal(counters_of(f).n_unsent, 3);
	replica_close(second);
}

static bool count(void *ctx, const struct prac_record *record, bool pending)
{
	(void)record;
	*(int *)ctx += pending ? 1 : 10;
	return true;
}

static void a_list_filters_by_what_is_shown(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f, student_of(f, STUDENT, "Lopez"), SCHOOL_1, 11);
	const struct prac_type *type = type_of("student");
	struct replica_filter filter = { prac_field_find_name(type, "family_name"),
		{ .has = true, .bytes = { (const uint8_t *)"Diaz", 4 } } };
	struct replica_query query = { type, &filter, 1 };
	int n = 0;

	page(f, &row, 1, 11);
	add_student(f, STUDENT + 1, "Diaz");
	assert_int_equal(replica_list(f->replica, &query, count, &n), PRAC_OK);
	assert_int_equal(n, 1);
	edit(f, STUDENT, "family_name", "Diaz");
	n = 0;
	assert_int_equal(replica_list(f->replica, &query, count, &n), PRAC_OK);
	assert_int_equal(n, 2);
}

static void ids_are_found_by_unique_prefix(void **state)
{
	struct fixture *f = *state;
	const struct prac_type *type = type_of("student");
	struct prac_id ids[2], id = id_of(0x11);
	size_t n;

	add_student(f, 0x11, "Lopez");
	add_student(f, 0x12, "Chen");
	assert_int_equal(replica_find_id(f->replica, type, "0199", ids, &n), PRAC_OK);
	assert_int_equal(n, 2);
	assert_int_equal(
		replica_find_id(f->replica, type, "01990000-0000-7000-8000-000000000011", ids, &n),
		PRAC_OK);
	assert_int_equal(n, 1);
	assert_memory_equal(&ids[0], &id, sizeof(id));
	assert_int_equal(
		replica_find_id(f->replica, type, "lopez", ids, &n), PRAC_INVALID_ARGUMENT);
	assert_int_equal(replica_short_id(f->replica, type, &id), 32);
}

/* Judged later than what it rests on, a deletion must not look like one of something else. */
static void a_deletion_says_what_was_seen(void **state)
{
	struct fixture *f = *state;
	struct prac_record *gone;
	struct replica_refusal refusal;
	struct prac_mutation mutation;
	size_t n;

	add_student(f, STUDENT, "Lopez");
	gone = prac_record_copy(&f->arena, shown(f, "student", STUDENT));
	gone->deleted = true;
	assert_int_equal(
		replica_save(f->replica, shown(f, "student", STUDENT), gone, &refusal), PRAC_OK);
	mutation = read_mutation(f, queue(f, &n)[1].bytes);
	assert_int_equal(mutation.op, PRACTICUM__OP__OP_DELETE);
	assert_true(mutation.n_patches >= 3); /* state, key and name */
	for (size_t i = 0; i < mutation.n_patches; i++) {
		assert_true(mutation.patches[i].old_value.len > 0);
		assert_int_equal(mutation.patches[i].new_value.len, 0);
	}
}

/* Two students, as of a file. */
static struct replica_import import_two(struct fixture *f, unsigned first)
{
	struct replica_import import;

	assert_int_equal(replica_begin(f->replica), PRAC_OK);
	assert_int_equal(replica_import_start(f->replica, &import), PRAC_OK);
	add_student(f, first, "Chen");
	add_student(f, first + 1, "Diaz");
	import.label = "student two.csv";
	assert_int_equal(replica_import_keep(f->replica, &import), PRAC_OK);
	assert_int_equal(replica_commit(f->replica), PRAC_OK);
	return import;
}

static bool drop(struct fixture *f)
{
	struct replica_import *imports;
	bool is_dropped;
	size_t n;

	assert_int_equal(replica_imports(f->replica, &f->arena, &imports, &n), PRAC_OK);
	assert_int_equal(n, 1);
	assert_int_equal(imports[0].n_entries, 2);
	assert_int_equal(replica_import_drop(f->replica, &imports[0], &is_dropped), PRAC_OK);
	return is_dropped;
}

static void an_import_nobody_heard_of_is_dropped_and_leaves_no_hole(void **state)
{
	struct fixture *f = *state;
	struct replica_entry *entries;
	struct replica_import *imports;
	size_t n;

	add_student(f, STUDENT, "Lopez");
	import_two(f, STUDENT + 1);
	assert_true(drop(f));
	assert_null(shown(f, "student", STUDENT + 1));
	assert_null(shown(f, "student", STUDENT + 2));
	assert_non_null(shown(f, "student", STUDENT));
	assert_int_equal(replica_imports(f->replica, &f->arena, &imports, &n), PRAC_OK);
	assert_int_equal(n, 0);
	add_student(f, STUDENT + 3, "Evans");
	entries = queue(f, &n);
	assert_int_equal(n, 2);
	assert_int_equal(entries[1].counter, 2);
}

static void an_import_that_was_sent_is_not_dropped(void **state)
{
	struct fixture *f = *state;
	size_t n;

	import_two(f, STUDENT);
	queue(f, &n);
	assert_int_equal(n, 2);
	assert_false(drop(f));
	assert_non_null(shown(f, "student", STUDENT));
}

static void what_was_entered_behind_an_import_keeps_it(void **state)
{
	struct fixture *f = *state;
	struct replica_import_later *later;
	struct replica_import import = import_two(f, STUDENT);
	struct replica_import *kept;
	size_t n;

	edit(f, STUDENT + 1, "email", "mia@example.org");
	add_student(f, STUDENT + 2, "Evans");
	assert_false(drop(f));
	assert_int_equal(replica_imports(f->replica, &f->arena, &kept, &n), PRAC_OK);
	assert_true(prac_id_equal(&kept[0].id, &import.id));
	assert_int_equal(
		replica_import_later(f->replica, &kept[0], &f->arena, &later, &n), PRAC_OK);
	assert_int_equal(n, 1);
	assert_true(prac_id_equal(&later[0].id, &(struct prac_id[]){ id_of(STUDENT + 1) }[0]));
}

static void an_import_without_a_change_is_not_kept(void **state)
{
	struct fixture *f = *state;
	struct replica_import import;

	add_student(f, STUDENT, "Lopez");
	assert_int_equal(replica_import_start(f->replica, &import), PRAC_OK);
	import.label = "student none.csv";
	assert_int_equal(replica_import_keep(f->replica, &import), PRAC_OK);
	assert_true(prac_id_is_nil(&import.id));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_new_loaded, fixture_free)
	const struct CMUnitTest tests[] = {
		TEST(a_saved_record_is_shown_at_once_and_after_a_restart),
		TEST(counters_have_no_holes_and_start_at_one),
		TEST(an_edit_carries_only_the_groups_that_changed),
		TEST(what_is_taken_is_marked_sent_and_given_again_until_judged),
		TEST(a_push_holds_no_more_than_was_asked_for),
		TEST(what_follows_from_another_record_is_filled_in),
		TEST(what_the_rules_refuse_is_not_stored),
		TEST(a_reference_to_nothing_is_refused),
		TEST(a_record_of_a_school_that_is_not_granted_is_refused),
		TEST(a_shared_students_work_is_entered_at_the_other_school),
		TEST(a_form_that_was_not_touched_is_no_input),
		TEST(an_action_shows_the_state_it_leads_to),
		TEST(an_action_without_a_required_argument_is_refused_at_once),
		TEST(several_saves_are_all_or_none),
		TEST(two_processes_share_one_counter),
		TEST(a_list_filters_by_what_is_shown),
		TEST(ids_are_found_by_unique_prefix),
		TEST(a_deletion_says_what_was_seen),
		TEST(an_import_nobody_heard_of_is_dropped_and_leaves_no_hole),
		TEST(an_import_that_was_sent_is_not_dropped),
		TEST(what_was_entered_behind_an_import_keeps_it),
		TEST(an_import_without_a_change_is_not_kept),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
