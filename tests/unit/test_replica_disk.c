/* The replica on a disk that runs full, loses power or is copied (tests/sim/crash_vfs.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/crash_vfs.h"
#include "tests/support/replica_fixture.h"

static const char path[] = "replica.db";

/* A fixture whose file is on the disk; the folder of fixture_new() stays empty. */
static void open_on(struct fixture *f, const char *vfs)
{
	replica_close(f->replica);
	assert_int_equal(fixture_open(f, path, vfs, &f->replica), PRAC_OK);
}

static enum prac_status try_student(struct fixture *f, unsigned id)
{
	struct prac_record *student = student_of(f, id, "Lopez");
	struct replica_refusal refusal;

	return replica_save(f->replica, NULL, student, &refusal);
}

static void a_full_disk_keeps_what_was_saved_and_says_so(void **state)
{
	struct crash_disk *disk = crash_disk_new("full", 1);
	struct fixture *f = *state;
	enum prac_status status = PRAC_OK;
	struct replica_counters counters;
	unsigned n = 0;

	open_on(f, "full");
	load_school(f);
	crash_disk_limit(disk, UINT64_C(2) << 20);
	while (status == PRAC_OK && n < 5000) {
		status = try_student(f, STUDENT + n);
		n += status == PRAC_OK ? 1 : 0;
	}
	assert_int_equal(status, PRAC_RESOURCE_EXHAUSTED);
	assert_non_null(strstr(replica_error(f->replica), "the disk is full"));
	counters = counters_of(f);
	assert_int_equal(counters.n_unsent, n);
	assert_int_equal(counters.next_counter, n + 1);
	assert_null(shown(f, "student", STUDENT + n));
	assert_non_null(shown(f, "student", STUDENT + n - 1));
	/* Space again: the next save goes on without a hole. */
	crash_disk_limit(disk, 0);
	assert_int_equal(try_student(f, STUDENT + n), PRAC_OK);
	assert_int_equal(counters_of(f).next_counter, n + 2);
	replica_close(f->replica);
	f->replica = NULL;
	crash_disk_free(disk);
}

/* The power goes at every write of a few saves in turn; what was answered PRAC_OK is there after. */
static void what_was_saved_survives_a_power_cut(void **state)
{
	struct fixture *f = *state;

	for (uint64_t cut = 1; cut < 60; cut++) {
		struct crash_disk *disk = crash_disk_new("cut", cut);
		unsigned saved = 0;

		open_on(f, "cut");
		load_school(f);
		crash_disk_cut_at(disk, cut);
		while (saved < 20 && try_student(f, STUDENT + saved) == PRAC_OK) {
			saved++;
		}
		replica_close(f->replica);
		f->replica = NULL;
		crash_disk_reboot(disk, true);
		open_on(f, "cut");
		assert_in_range(counters_of(f).next_counter, saved + 1, saved + 2);
		for (unsigned i = 0; i < saved; i++) {
			assert_non_null(shown(f, "student", STUDENT + i));
		}
		replica_close(f->replica);
		f->replica = NULL;
		crash_disk_free(disk);
	}
}

/* Both copies count on from the same state; the server tells the second one by REWOUND. */
static void a_copied_replica_sends_its_own_under_a_new_incarnation(void **state)
{
	struct crash_disk *one = crash_disk_new("one", 1), *two = crash_disk_new("two", 2);
	struct fixture *f = *state;
	struct replica_counters before;
	struct replica_entry *entries;
	size_t n;

	open_on(f, "one");
	load_school(f);
	assert_int_equal(try_student(f, STUDENT), PRAC_OK);
	judged(f, 1, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED, 11);
	replica_close(f->replica);
	f->replica = NULL;
	crash_disk_copy(two, one);
	open_on(f, "two");
	before = counters_of(f);
	assert_int_equal(try_student(f, STUDENT + 2), PRAC_OK);
	assert_int_equal(replica_reincarnate(f->replica, counters_of(f).incarnation, 2), PRAC_OK);
	assert_true(counters_of(f).incarnation != before.incarnation);
	entries = queue(f, &n);
	assert_int_equal(n, 1);
	assert_int_equal(entries[0].counter, 1);
	assert_non_null(shown(f, "student", STUDENT + 2));
	replica_close(f->replica);
	f->replica = NULL;
	crash_disk_free(one);
	crash_disk_free(two);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_new, fixture_free)
	const struct CMUnitTest tests[] = {
		TEST(a_full_disk_keeps_what_was_saved_and_says_so),
		TEST(what_was_saved_survives_a_power_cut),
		TEST(a_copied_replica_sends_its_own_under_a_new_incarnation),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
