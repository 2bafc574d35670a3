#include "client/roster/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/base/macros.h"

#define FIELD(text)                                       \
	{                                                 \
		(const uint8_t *)(text), sizeof(text) - 1 \
	}

static const struct prac_bytes ana[] = { FIELD("Ana"), FIELD("11") };
static const struct prac_bytes ben[] = { FIELD("Ben"), FIELD("11") };
static const struct prac_bytes ben_later[] = { FIELD("Ben"), FIELD("12") };
static const struct prac_bytes eve[] = { FIELD("Eve"), FIELD("") };

static const struct roster_diff_row incoming[] = { { "3", ben_later }, { "1", ana }, { "7", eve } };
static const struct roster_diff_row present[] = { { "1", ana }, { "2", eve }, { "3", ben } };

static void tells_added_changed_unchanged_and_missing(void **state)
{
	struct prac_arena arena;
	struct roster_diff_list in = { incoming, PRAC_NELEM(incoming) };
	struct roster_diff_list there = { present, PRAC_NELEM(present) };

	(void)state;
	prac_arena_init(&arena, 0);
	struct roster_diff diff = roster_diff_find(in, there, 2, &arena);

	assert_int_equal(diff.n_entries, 4);
	assert_int_equal(diff.entries[0].change, ROSTER_UNCHANGED);
	assert_int_equal(diff.entries[1].change, ROSTER_MISSING);
	assert_ptr_equal(diff.entries[1].present, &present[1]);
	assert_null(diff.entries[1].incoming);
	assert_int_equal(diff.entries[2].change, ROSTER_CHANGED);
	assert_int_equal(diff.entries[2].fields, 2);
	assert_ptr_equal(diff.entries[2].incoming, &incoming[0]);
	assert_ptr_equal(diff.entries[2].present, &present[2]);
	assert_int_equal(diff.entries[3].change, ROSTER_ADDED);
	assert_int_equal(diff.counts[ROSTER_ADDED], 1);
	assert_int_equal(diff.counts[ROSTER_MISSING], 1);
	prac_arena_deinit(&arena);
}

static void against_nothing_everything_is_added(void **state)
{
	struct prac_arena arena;
	struct roster_diff_list in = { incoming, PRAC_NELEM(incoming) };
	struct roster_diff_list nothing = { NULL, 0 };

	(void)state;
	prac_arena_init(&arena, 0);
	assert_int_equal(roster_diff_find(in, nothing, 2, &arena).counts[ROSTER_ADDED], 3);
	assert_int_equal(roster_diff_find(nothing, in, 2, &arena).counts[ROSTER_MISSING], 3);
	assert_int_equal(roster_diff_find(nothing, nothing, 2, &arena).n_entries, 0);
	prac_arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_added_changed_unchanged_and_missing),
		cmocka_unit_test(against_nothing_everything_is_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
