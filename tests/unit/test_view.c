/* The children of a parent while a batch makes and moves them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "server/sync/view.h"
#include "tests/support/sample.h"

enum {
	NOBODY = 0,
	SHEET = 0x07,
	OTHER_SHEET = 0x08
};

struct family_case {
	struct prac_arena arena;
	struct view *view;
};

static int start(void **state)
{
	struct family_case *family = calloc(1, sizeof(*family));

	family->view = view_new(&family->arena);
	*state = family;
	return 0;
}

static int stop(void **state)
{
	struct family_case *family = *state;

	prac_arena_deinit(&family->arena);
	free(family);
	return 0;
}

/* The entry is of the sheet from now on. */
static struct prac_record *put(struct family_case *family, uint8_t id, uint8_t sheet)
{
	struct prac_record *entry = sample_record(
		&family->arena, &prac_type_time_entry, id, (const char *const[4]){ NULL });
	struct prac_id *parent = prac_arena_alloc(&family->arena, sizeof(*parent));

	*parent = sample_id(sheet);
	if (sheet != NOBODY) {
		entry->values[PRAC_TIME_ENTRY_SHEET_ID] =
			(struct prac_value){ .has = true, .bytes = prac_id_bytes(parent) };
	}
	view_put(family->view, entry);
	return entry;
}

static void assert_children(struct family_case *family, uint8_t sheet, const char *ids)
{
	const struct prac_field *field = &prac_type_time_entry.fields[PRAC_TIME_ENTRY_SHEET_ID];
	const struct prac_record *const *children;
	struct prac_id parent = sample_id(sheet);
	size_t n = view_children(family->view, &prac_type_time_entry, field, &parent, &children);

	assert_int_equal(n, strlen(ids));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(children[i]->id.b[15], (uint8_t)ids[i]);
	}
}

static void children_made_before_and_after_the_question_are_found(void **state)
{
	struct family_case *family = *state;

	put(family, 'b', SHEET);
	put(family, 'c', OTHER_SHEET);
	assert_children(family, SHEET, "b");
	put(family, 'a', SHEET);
	assert_children(family, SHEET, "ab");
	assert_children(family, OTHER_SHEET, "c");
	assert_children(family, 0x09, "");
}

static void who_left_a_parent_and_came_back_is_its_child_once(void **state)
{
	struct family_case *family = *state;

	put(family, 'a', SHEET);
	assert_children(family, SHEET, "a");
	put(family, 'a', OTHER_SHEET);
	assert_children(family, SHEET, "");
	assert_children(family, OTHER_SHEET, "a");
	put(family, 'a', SHEET);
	assert_children(family, SHEET, "a");
	assert_children(family, OTHER_SHEET, "");
}

static void a_deleted_child_is_none(void **state)
{
	struct family_case *family = *state;

	put(family, 'a', SHEET);
	assert_children(family, SHEET, "a");
	put(family, 'a', SHEET)->deleted = true;
	assert_children(family, SHEET, "");
}

static void who_refers_to_nobody_is_a_child_of_the_nil_id(void **state)
{
	struct family_case *family = *state;

	put(family, 'a', NOBODY);
	put(family, 'b', SHEET);
	assert_children(family, NOBODY, "a");
	put(family, 'c', NOBODY);
	assert_children(family, NOBODY, "ac");
}

static void many_families_are_kept_apart(void **state)
{
	struct family_case *family = *state;

	assert_children(family, SHEET, "");
	for (unsigned i = 1; i < 200; i++) {
		put(family, (uint8_t)i, (uint8_t)i);
	}
	for (unsigned i = 1; i < 200; i++) {
		assert_children(family, (uint8_t)i, (char[]){ (char)i, 0 });
	}
}

static void a_tombstone_without_a_record_is_what_disposal_leaves(void **state)
{
	struct family_case *family = *state;
	struct prac_id gone = sample_id(0x21), moved = sample_id(0x22), none = sample_id(0x23);
	struct store_feed_row rows[] = {
		{ sample_id(0xA0), { prac_type_time_entry.number, moved }, STORE_MOVED, 7 },
		{ sample_id(0xA0), { prac_type_time_entry.number, gone }, STORE_DELETED, 8 },
	};

	view_add(family->view, &(struct store_facts){ .feed = rows, .n_feed = PRAC_NELEM(rows) });
	assert_true(view_is_disposed(family->view, prac_type_time_entry.number, &gone));
	assert_false(view_is_disposed(family->view, prac_type_time_sheet.number, &gone));
	assert_false(view_is_disposed(family->view, prac_type_time_entry.number, &moved));
	assert_false(view_is_disposed(family->view, prac_type_time_entry.number, &none));
	(void)put(family, 0x21, SHEET);
	assert_false(view_is_disposed(family->view, prac_type_time_entry.number, &gone));
}

static void without_a_field_all_of_the_type_are_meant(void **state)
{
	struct family_case *family = *state;
	const struct prac_record *const *all;

	put(family, 'b', SHEET);
	put(family, 'a', OTHER_SHEET);
	assert_int_equal(view_children(family->view, &prac_type_time_entry, NULL, NULL, &all), 2);
	assert_int_equal(all[0]->id.b[15], 'a');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			children_made_before_and_after_the_question_are_found, start, stop),
		cmocka_unit_test_setup_teardown(
			who_left_a_parent_and_came_back_is_its_child_once, start, stop),
		cmocka_unit_test_setup_teardown(a_deleted_child_is_none, start, stop),
		cmocka_unit_test_setup_teardown(
			who_refers_to_nobody_is_a_child_of_the_nil_id, start, stop),
		cmocka_unit_test_setup_teardown(many_families_are_kept_apart, start, stop),
		cmocka_unit_test_setup_teardown(
			a_tombstone_without_a_record_is_what_disposal_leaves, start, stop),
		cmocka_unit_test_setup_teardown(
			without_a_field_all_of_the_type_are_meant, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
