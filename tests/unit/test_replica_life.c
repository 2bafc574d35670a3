#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "common/sync/mutation.h"
#include "tests/support/replica_fixture.h"

#define ACCEPTED PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED
#define REFUSED  PRACTICUM__VERDICT_KIND__VERDICT_REFUSED

static void a_new_epoch_sends_again_what_the_server_lost(void **state)
{
	struct fixture *f = *state;
	struct replica_entry *entries;
	struct replica_load next;
	struct prac_bytes first;
	size_t n;

	add_student(f, STUDENT, "Lopez");
	add_student(f, STUDENT + 1, "Chen");
	add_student(f, STUDENT + 2, "Hill");
	first = queue(f, &n)[1].bytes;
	for (uint64_t counter = 1; counter <= 3; counter++) {
		judged(f, counter, ACCEPTED, 10 + counter);
	}
	page(f, NULL, 0, 13);
	assert_null(shown(f, "student", STUDENT + 1)); /* this server sent no row for it */
	assert_int_equal(greeted(f, 78, 1, 11), PRAC_OK);
	entries = queue(f, &n);
	assert_int_equal(n, 2);
	assert_int_equal(entries[0].counter, 2);
	/* The very same bytes, since the hash is part of the key. */
	assert_int_equal(entries[0].bytes.len, first.len);
	assert_memory_equal(entries[0].bytes.data, first.data, first.len);
	assert_non_null(shown(f, "student", STUDENT + 1));
	assert_int_equal(replica_next_load(f->replica, &next), PRAC_OK);
	assert_false(replica_is_consistent(f->replica));
}

/* The server was restored to number 11: what it judged later is sent again, whoever it was then. */
static void what_a_former_incarnation_had_judged_is_sent_first(void **state)
{
	struct fixture *f = *state;
	struct replica_entry *entries;
	uint64_t former = counters_of(f).incarnation;
	size_t n;

	for (unsigned i = 0; i < 3; i++) {
		add_student(f, STUDENT + i, "Lopez");
	}
	judged(f, 1, ACCEPTED, 11);
	judged(f, 2, ACCEPTED, 12);
	assert_int_equal(replica_reincarnate(f->replica, former, 3), PRAC_OK);
	judged(f, 1, ACCEPTED, 13);
	assert_int_equal(greeted(f, 78, 0, 11), PRAC_OK);
	assert_non_null(shown(f, "student", STUDENT + 1));
	entries = queue(f, &n);
	assert_int_equal(n, 1);
	assert_true(entries[0].incarnation == former);
	assert_int_equal(entries[0].counter, 2);
	/* Later input may rest on it: it waits. */
	assert_int_equal(
		replica_judged(f->replica, former,
			&(struct prac_verdict){ .counter = 2, .kind = ACCEPTED, .seq = 1012 }, 1),
		PRAC_OK);
	entries = queue(f, &n);
	assert_int_equal(n, 1);
	assert_true(entries[0].incarnation == counters_of(f).incarnation);
	assert_int_equal(entries[0].counter, 1);
}

/* Another copy may have sent it to the restored server already: the verdict told here is old. */
static void a_verdict_above_what_was_lost_is_asked_for_again(void **state)
{
	struct fixture *f = *state;
	struct replica_entry *entries;
	size_t n;

	add_student(f, STUDENT, "Lopez");
	add_student(f, STUDENT + 1, "Chen");
	judged(f, 1, ACCEPTED, 11);
	judged(f, 2, ACCEPTED, 12);
	assert_int_equal(greeted(f, 78, 2, 11), PRAC_OK);
	entries = queue(f, &n);
	assert_int_equal(n, 1);
	assert_int_equal(entries[0].counter, 2);
}

static void a_refusal_that_is_accepted_after_all_is_no_draft(void **state)
{
	struct fixture *f = *state;

	add_student(f, STUDENT, "Lopez");
	add_student(f, STUDENT + 1, "Chen");
	judged(f, 1, REFUSED, 11);
	judged(f, 2, REFUSED, 12);
	assert_int_equal(replica_draft_discard(f->replica, 2), PRAC_OK);
	assert_int_equal(greeted(f, 78, 0, 10), PRAC_OK);
	assert_null(shown(f, "student", STUDENT)); /* a draft until it is judged anew */
	assert_int_equal(counters_of(f).n_drafts, 1);
	judged(f, 1, ACCEPTED, 1011);
	judged(f, 2, REFUSED, 1012);
	assert_int_equal(counters_of(f).n_drafts, 0);
	assert_non_null(shown(f, "student", STUDENT));
}

/* Both copies of a file move what they share to the same key, so that the server counts it once. */
static void copies_give_what_they_share_the_same_new_key(void **state)
{
	struct fixture *f = *state;
	uint64_t former = counters_of(f).incarnation, mine;
	char path[128], sql[200];
	sqlite3 *db;

	add_student(f, STUDENT, "Lopez");
	(void)snprintf(path, sizeof(path), "%s/copy.db", f->folder);
	(void)snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", path);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(replica_reincarnate(f->replica, former, 1), PRAC_OK);
	mine = counters_of(f).incarnation;
	assert_true(mine != former);
	replica_close(f->replica);
	assert_int_equal(fixture_open(f, path, NULL, &f->replica), PRAC_OK);
	assert_int_equal(replica_reincarnate(f->replica, former, 1), PRAC_OK);
	assert_true(counters_of(f).incarnation == mine);
}

static void records_of_the_new_epoch_replace_later_looking_ones(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f, student_of(f, STUDENT, "Lost"), SCHOOL_1, 900);

	page(f, &row, 1, 900);
	assert_int_equal(greeted(f, 78, 0, 0), PRAC_OK);
	row = row_of(f, student_of(f, STUDENT, "Restored"), SCHOOL_1, 400);
	load(f, SCHOOL_1, &row, 1, 500);
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "family_name"), "Restored");
}

static void the_same_epoch_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct replica_load next;

	add_student(f, STUDENT, "Lopez");
	judged(f, 1, ACCEPTED, 11);
	assert_int_equal(greeted(f, 77, 1, 0), PRAC_OK);
	assert_int_equal(counters_of(f).n_unsent, 0);
	assert_int_equal(replica_next_load(f->replica, &next), PRAC_NOT_FOUND);
}

static void a_new_incarnation_keeps_what_was_not_judged(void **state)
{
	struct fixture *f = *state;
	struct replica_counters before, after;
	struct replica_entry *entries;
	struct prac_mutation mutation;
	struct prac_problem problem;
	enum prac_reason reason;
	size_t n;

	for (unsigned i = 0; i < 4; i++) {
		add_student(f, STUDENT + i, "Lopez");
	}
	queue(f, &n);
	judged(f, 1, ACCEPTED, 11);
	before = counters_of(f);
	assert_int_equal(replica_reincarnate(f->replica, before.incarnation, 2), PRAC_OK);
	after = counters_of(f);
	assert_true(before.incarnation != after.incarnation);
	assert_int_equal(after.next_counter, 4);
	assert_int_equal(after.n_unsent, 3);
	entries = queue(f, &n);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++) {
		struct prac_id id = id_of(STUDENT + 1 + (unsigned)i);

		assert_int_equal(prac_mutation_read(
					 entries[i].bytes, &f->arena, &mutation, &reason, &problem),
			PRAC_OK);
		assert_int_equal(entries[i].counter, i + 1);
		assert_int_equal(mutation.counter, i + 1);
		assert_memory_equal(&mutation.id, &id, sizeof(id));
	}
	assert_non_null(shown(f, "student", STUDENT + 3));
}

static void a_program_newer_than_the_file_extracts_columns_again(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f, student_of(f, STUDENT, "Lopez"), SCHOOL_1, 11);
	sqlite3 *db;

	page(f, &row, 1, 11);
	edit(f, STUDENT, "email", "mine@example.org");
	replica_close(f->replica);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	/* As a program without these columns would have left it. */
	assert_int_equal(sqlite3_exec(db,
				 "DROP INDEX ix_student_family_name;"
				 "ALTER TABLE student DROP COLUMN family_name;"
				 "ALTER TABLE student DROP COLUMN email;"
				 "UPDATE meta SET catalog = 'older'",
				 NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(fixture_open(f, f->path, NULL, &f->replica), PRAC_OK);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db,
			"SELECT 1 / (family_name = 'Lopez' AND email LIKE 'mine%') FROM student",
			NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "family_name"), "Lopez");
}

static void a_file_of_a_newer_program_is_left_alone(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	replica_close(f->replica);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(fixture_open(f, f->path, NULL, &f->replica), PRAC_FAILED_PRECONDITION);
	assert_string_equal(replica_error(f->replica),
		"the replica was written by a newer program; update this one");
}

static void a_damaged_file_is_named(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	replica_close(f->replica);
	file = fopen(f->path, "wb");
	assert_non_null(file);
	for (int i = 0; i < 4096; i++) {
		(void)fputc('x', file);
	}
	(void)fclose(file);
	assert_int_equal(fixture_open(f, f->path, NULL, &f->replica), PRAC_DATA_LOSS);
	assert_non_null(strstr(replica_error(f->replica), "damaged"));
}

/* Whatever it is that fails first: nothing of the input is there, and the next one counts on. */
static void what_memory_does_not_hold_is_not_stored(void **state)
{
	struct fixture *f = *state;
	struct replica_refusal refusal;
	enum prac_status status = PRAC_OK;
	unsigned n_failed = 0;

	add_student(f, STUDENT, "Lopez");
	for (int64_t room = 0; room < 1 << 20; room += 512) {
		sqlite3_hard_heap_limit64(sqlite3_memory_used() + room + 1);
		status = replica_save(
			f->replica, NULL, student_of(f, STUDENT + 1, "Reed"), &refusal);
		sqlite3_hard_heap_limit64(0);
		if (status == PRAC_OK) {
			break;
		}
		n_failed++;
		assert_int_equal(counters_of(f).n_unsent, 1);
	}
	assert_true(n_failed > 0);
	assert_int_equal(status, PRAC_OK);
	assert_int_equal(counters_of(f).next_counter, 3);
}

static void the_file_is_for_its_owner_only(void **state)
{
	struct fixture *f = *state;
	struct stat facts;

	assert_int_equal(stat(f->path, &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0600);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_new_loaded, fixture_free)
	const struct CMUnitTest tests[] = {
		TEST(what_a_former_incarnation_had_judged_is_sent_first),
		TEST(a_verdict_above_what_was_lost_is_asked_for_again),
		TEST(a_refusal_that_is_accepted_after_all_is_no_draft),
		TEST(copies_give_what_they_share_the_same_new_key),
		TEST(a_new_epoch_sends_again_what_the_server_lost),
		TEST(records_of_the_new_epoch_replace_later_looking_ones),
		TEST(the_same_epoch_changes_nothing),
		TEST(a_new_incarnation_keeps_what_was_not_judged),
		TEST(a_program_newer_than_the_file_extracts_columns_again),
		TEST(a_file_of_a_newer_program_is_left_alone),
		TEST(a_damaged_file_is_named),
		TEST(what_memory_does_not_hold_is_not_stored),
		TEST(the_file_is_for_its_owner_only),
	};
#undef TEST

	/* Before the program does: it has no use for counting memory, and limits rest on that. */
	if (sqlite3_initialize() != SQLITE_OK) {
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
