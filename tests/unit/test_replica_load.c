#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/support/replica_fixture.h"

#define ACCEPTED PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED

static enum prac_status take_chunk(struct fixture *f, uint64_t snapshot, uint32_t number,
	uint32_t n, const struct replica_row *row)
{
	const struct replica_chunk chunk = { { id_of(SCHOOL_1), snapshot, number }, n, 20, row,
		row != NULL ? 1 : 0 };

	return replica_apply_chunk(f->replica, &chunk);
}

static struct replica_row student_row(struct fixture *f, unsigned id, const char *family_name)
{
	return row_of(f, student_of(f, id, family_name), SCHOOL_1, 15);
}

static int fixture_new_granted(void **state)
{
	const unsigned scopes[] = { SCHOOL_1 };

	fixture_new(state);
	grant(*state, scopes, 1, NULL);
	return 0;
}

static struct prac_cursor cursor_of(struct fixture *f)
{
	struct replica_position position;

	assert_int_equal(replica_position(f->replica, &f->arena, &position), PRAC_OK);
	return position.cursor;
}

static void a_broken_load_goes_on_at_the_next_chunk(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = student_row(f, STUDENT, "Lopez");
	struct replica_load next;

	assert_int_equal(replica_next_load(f->replica, &next), PRAC_OK);
	assert_int_equal(next.snapshot, 0);
	assert_int_equal(take_chunk(f, 500, 0, 3, &row), PRAC_OK);
	fixture_reopen(f);
	assert_int_equal(replica_next_load(f->replica, &next), PRAC_OK);
	assert_int_equal(next.snapshot, 500);
	assert_int_equal(next.chunk, 1);
	assert_false(replica_is_consistent(f->replica));
	assert_int_equal(take_chunk(f, 500, 1, 3, NULL), PRAC_OK);
	assert_int_equal(take_chunk(f, 500, 2, 3, NULL), PRAC_OK);
	assert_int_equal(replica_next_load(f->replica, &next), PRAC_NOT_FOUND);
	assert_int_equal(cursor_of(f).seq, 20);
	assert_non_null(shown(f, "student", STUDENT));
}

static void a_chunk_out_of_order_is_not_taken(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(take_chunk(f, 500, 1, 3, NULL), PRAC_ABORTED);
	assert_int_equal(take_chunk(f, 500, 0, 3, NULL), PRAC_OK);
	assert_int_equal(take_chunk(f, 500, 0, 3, NULL), PRAC_OK);
	assert_int_equal(take_chunk(f, 500, 2, 3, NULL), PRAC_ABORTED);
	assert_int_equal(take_chunk(f, 500, 1, 3, NULL), PRAC_OK);
}

static void another_snapshot_starts_the_scope_again(void **state)
{
	struct fixture *f = *state;
	struct replica_row first = student_row(f, STUDENT, "Lopez");
	struct replica_row second = student_row(f, STUDENT + 1, "Chen");

	assert_int_equal(take_chunk(f, 500, 0, 2, &first), PRAC_OK);
	assert_int_equal(take_chunk(f, 501, 0, 1, &second), PRAC_OK);
	/* What only the first had is no longer on the server. */
	assert_null(shown(f, "student", STUDENT));
	assert_non_null(shown(f, "student", STUDENT + 1));
}

static void loading_again_sweeps_what_the_server_no_longer_has(void **state)
{
	struct fixture *f = *state;
	struct replica_row rows[2] = { student_row(f, STUDENT, "Lopez"),
		student_row(f, STUDENT + 1, "Chen") };

	load(f, SCHOOL_1, rows, 2, 20);
	edit(f, STUDENT, "family_name", "Mine");
	assert_int_equal(replica_reload(f->replica), PRAC_OK);
	assert_non_null(shown(f, "student", STUDENT + 1));
	load(f, SCHOOL_1, rows, 1, 30);
	assert_null(shown(f, "student", STUDENT + 1));
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "family_name"), "Mine");
	assert_int_equal(counters_of(f).n_unsent, 1);
}

static void the_position_is_that_of_the_scope_furthest_behind(void **state)
{
	struct fixture *f = *state;
	const unsigned scopes[] = { 0, SCHOOL_1, SCHOOL_2 };

	grant(f, scopes, 3, NULL);
	load(f, SCHOOL_1, NULL, 0, 0);
	load(f, 0, NULL, 0, 30);
	load(f, SCHOOL_2, NULL, 0, 40);
	assert_int_equal(cursor_of(f).seq, 0);
	/* The cuts differ, so that no page has made them level. */
	assert_false(replica_is_consistent(f->replica));
	page(f, NULL, 0, 40);
	assert_true(replica_is_consistent(f->replica));
}

static bool file_holds(struct fixture *f, const char *ending, const char *word)
{
	char path[128];
	struct stat facts;
	bool found = false;
	char *bytes;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s%s", f->path, ending);
	file = fopen(path, "rb");
	if (file == NULL) {
		return false;
	}
	assert_int_equal(fstat(fileno(file), &facts), 0);
	bytes = malloc((size_t)facts.st_size + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)facts.st_size, file), facts.st_size);
	found = memmem(bytes, (size_t)facts.st_size, word, strlen(word)) != NULL;
	free(bytes);
	(void)fclose(file);
	return found;
}

static void a_scope_taken_away_leaves_no_byte(void **state)
{
	struct fixture *f = *state;
	const unsigned others[] = { SCHOOL_2 };
	struct replica_row row = student_row(f, STUDENT, "Canarysson");
	bool waits;

	load(f, SCHOOL_1, &row, 1, 20);
	assert_true(file_holds(f, "", "Canarysson") || file_holds(f, "-wal", "Canarysson"));
	grant(f, others, 1, &waits);
	assert_false(waits);
	assert_null(shown(f, "student", STUDENT));
	assert_false(file_holds(f, "", "Canarysson"));
	assert_false(file_holds(f, "-wal", "Canarysson"));
}

static void purging_waits_until_its_input_is_judged(void **state)
{
	struct fixture *f = *state;
	const unsigned others[] = { SCHOOL_2 };
	struct replica_row row = student_row(f, STUDENT, "Lopez");
	bool waits;
	size_t n;

	load(f, SCHOOL_1, &row, 1, 20);
	edit(f, STUDENT, "family_name", "Canarysson");
	grant(f, others, 1, &waits);
	assert_true(waits);
	/* Hidden at once, sent all the same. */
	assert_null(shown(f, "student", STUDENT));
	queue(f, &n);
	assert_int_equal(n, 1);
	assert_true(file_holds(f, "", "Canarysson") || file_holds(f, "-wal", "Canarysson"));
	judged(f, 1, PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED, 0);
	assert_false(file_holds(f, "", "Canarysson"));
	assert_false(file_holds(f, "-wal", "Canarysson"));
	grant(f, others, 1, &waits);
	assert_false(waits);
}

static void input_of_a_purged_scope_leaves_while_another_one_loads(void **state)
{
	struct fixture *f = *state;
	const unsigned others[] = { SCHOOL_2 };
	bool waits;

	load_school(f);
	add_student(f, STUDENT, "Late");
	grant(f, others, 1, &waits);
	assert_true(waits);
	judged(f, 1, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED, 21);
	assert_null(shown(f, "student", STUDENT));
}

static void a_record_also_seen_through_another_scope_stays(void **state)
{
	struct fixture *f = *state;
	const unsigned both[] = { SCHOOL_1, SCHOOL_2 }, others[] = { SCHOOL_2 };
	struct replica_row row = student_row(f, STUDENT, "Lopez");

	grant(f, both, 2, NULL);
	load(f, SCHOOL_1, &row, 1, 20);
	row.scope = id_of(SCHOOL_2);
	load(f, SCHOOL_2, &row, 1, 20);
	grant(f, others, 1, NULL);
	assert_non_null(shown(f, "student", STUDENT));
}

/* More than go in together, so that some do and some are left over. */
static void a_large_chunk_keeps_what_is_here_and_later(void **state)
{
	enum {
		N = 70,
		LATER = 5,   /* of the first that go in together */
		EARLIER = 40 /* of the next ones */
	};
	struct fixture *f = *state;
	const unsigned both[] = { SCHOOL_1, SCHOOL_2 }, others[] = { SCHOOL_2 };
	struct replica_row here[] = { row_of(f, student_of(f, STUDENT + LATER, "Later"), SCHOOL_2,
					      19),
		row_of(f, student_of(f, STUDENT + EARLIER, "Earlier"), SCHOOL_2, 11) };
	struct replica_row rows[N];

	grant(f, both, 2, NULL);
	load(f, SCHOOL_2, here, 2, 20);
	for (unsigned i = 0; i < N; i++) {
		rows[i] = student_row(f, STUDENT + i, "Lopez");
	}
	load(f, SCHOOL_1, rows, N, 20);
	for (unsigned i = 0; i < N; i++) {
		assert_string_equal(text_of(f, shown(f, "student", STUDENT + i), "family_name"),
			i == LATER ? "Later" : "Lopez");
	}
	grant(f, others, 1, NULL);
	for (unsigned i = 0; i < N; i++) {
		assert_int_equal(
			shown(f, "student", STUDENT + i) != NULL, i == LATER || i == EARLIER);
	}
}

static void a_large_chunk_leaves_pending_input_on_top(void **state)
{
	enum {
		N = 70
	};
	struct fixture *f = *state;
	struct replica_row rows[N];

	for (unsigned i = 0; i < N; i++) {
		rows[i] = student_row(f, STUDENT + i, "Lopez");
	}
	load(f, SCHOOL_1, rows, N, 20);
	edit(f, STUDENT + 5, "family_name", "Mine");
	assert_int_equal(replica_reload(f->replica), PRAC_OK);
	load(f, SCHOOL_1, rows, N, 30);
	for (unsigned i = 0; i < N; i++) {
		assert_string_equal(text_of(f, shown(f, "student", STUDENT + i), "family_name"),
			i == 5 ? "Mine" : "Lopez");
	}
}

static void a_scope_given_again_is_loaded_again(void **state)
{
	struct fixture *f = *state;
	struct prac_scope_grant again = { id_of(SCHOOL_1), 2 };
	struct replica_load next;
	bool waits;

	load(f, SCHOOL_1, NULL, 0, 20);
	assert_int_equal(replica_next_load(f->replica, &next), PRAC_NOT_FOUND);
	assert_int_equal(
		replica_grants(f->replica,
			&(struct replica_rights){ .grants = &again, .n_grants = 1 }, &waits),
		PRAC_OK);
	assert_int_equal(replica_next_load(f->replica, &next), PRAC_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_new_granted, fixture_free)
	const struct CMUnitTest tests[] = {
		TEST(a_broken_load_goes_on_at_the_next_chunk),
		TEST(a_chunk_out_of_order_is_not_taken),
		TEST(another_snapshot_starts_the_scope_again),
		TEST(loading_again_sweeps_what_the_server_no_longer_has),
		TEST(the_position_is_that_of_the_scope_furthest_behind),
		TEST(a_scope_taken_away_leaves_no_byte),
		TEST(purging_waits_until_its_input_is_judged),
		TEST(input_of_a_purged_scope_leaves_while_another_one_loads),
		TEST(a_record_also_seen_through_another_scope_stays),
		TEST(a_large_chunk_keeps_what_is_here_and_later),
		TEST(a_large_chunk_leaves_pending_input_on_top),
		TEST(a_scope_given_again_is_loaded_again),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
