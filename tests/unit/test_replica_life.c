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
	assert_int_equal(replica_welcome(f->replica, 78, 1), PRAC_OK);
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

static void records_of_the_new_epoch_replace_later_looking_ones(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f, student_of(f, STUDENT, "Lost"), SCHOOL_1, 900);

	page(f, &row, 1, 900);
	assert_int_equal(replica_welcome(f->replica, 78, 0), PRAC_OK);
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
	assert_int_equal(replica_welcome(f->replica, 77, 1), PRAC_OK);
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
	assert_int_equal(replica_reincarnate(f->replica, 2), PRAC_OK);
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
	assert_int_equal(replica_open(f->path, NULL, &f->env, &f->replica), PRAC_OK);
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
	assert_int_equal(
		replica_open(f->path, NULL, &f->env, &f->replica), PRAC_FAILED_PRECONDITION);
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
	assert_int_equal(replica_open(f->path, NULL, &f->env, &f->replica), PRAC_DATA_LOSS);
	assert_non_null(strstr(replica_error(f->replica), "damaged"));
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
		TEST(a_new_epoch_sends_again_what_the_server_lost),
		TEST(records_of_the_new_epoch_replace_later_looking_ones),
		TEST(the_same_epoch_changes_nothing),
		TEST(a_new_incarnation_keeps_what_was_not_judged),
		TEST(a_program_newer_than_the_file_extracts_columns_again),
		TEST(a_file_of_a_newer_program_is_left_alone),
		TEST(a_damaged_file_is_named),
		TEST(the_file_is_for_its_owner_only),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
