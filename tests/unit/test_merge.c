#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/sync/merge.h"
#include "tests/support/sample.h"

/* The table of SYNC 4.5, row by row. The record is a site; its contact group is a phone number. */

static struct prac_arena arena;

static int stop(void **state)
{
	(void)state;
	prac_arena_reset(&arena);
	return 0;
}

static struct prac_record *site(const char *first, const char *second)
{
	return sample_record(&arena, &prac_type_site, 1,
		(const char *const[4]){ "name=Mill", first, second, NULL });
}

/* The patch that one person made of `saw`. */
static struct prac_patch patch(const char *saw, const char *wants)
{
	return sample_patch(&arena, site(saw, NULL), site(wants, NULL));
}

static uint64_t *seq_of(struct prac_record *record, const struct prac_patch *changed)
{
	return &record->group_seq[changed->group - prac_type_site.groups];
}

static void applies_when_nobody_touched_the_group_since(void **state)
{
	struct prac_record *record = site("phone=111", NULL);
	struct prac_patch change = patch("phone=000", "phone=222");

	(void)state;
	*seq_of(record, &change) = 7;
	assert_int_equal(prac_merge(record, &change, 7, 9, &arena), PRAC_MERGED_APPLIED);
	assert_string_equal(sample_text(record, "phone", &arena), "222");
	assert_int_equal(*seq_of(record, &change), 9);
}

static void accepts_what_is_so_already_without_a_change(void **state)
{
	struct prac_record *record = site("phone=222", NULL);
	struct prac_patch change = patch("phone=111", "phone=222");

	(void)state;
	*seq_of(record, &change) = 8;
	assert_int_equal(prac_merge(record, &change, 7, 9, &arena), PRAC_MERGED_SAME);
	assert_int_equal(*seq_of(record, &change), 8);
}

static void applies_when_it_was_changed_and_changed_back(void **state)
{
	struct prac_record *record = site("phone=111", NULL);
	struct prac_patch change = patch("phone=111", "phone=222");

	(void)state;
	*seq_of(record, &change) = 8;
	assert_int_equal(prac_merge(record, &change, 7, 9, &arena), PRAC_MERGED_APPLIED);
	assert_string_equal(sample_text(record, "phone", &arena), "222");
}

static void keeps_the_current_value_in_a_conflict(void **state)
{
	struct prac_record *record = site("phone=333", NULL);
	struct prac_patch change = patch("phone=111", "phone=222");

	(void)state;
	*seq_of(record, &change) = 8;
	assert_int_equal(prac_merge(record, &change, 7, 9, &arena), PRAC_MERGED_CONFLICT);
	assert_string_equal(sample_text(record, "phone", &arena), "333");
	assert_int_equal(*seq_of(record, &change), 8);
}

static void a_value_taken_away_is_a_change_like_any_other(void **state)
{
	struct prac_record *record = site("phone=333", NULL);
	struct prac_patch change = patch("phone=111", "phone=");

	(void)state;
	*seq_of(record, &change) = 8;
	assert_int_equal(prac_merge(record, &change, 7, 9, &arena), PRAC_MERGED_CONFLICT);
	assert_int_equal(prac_merge(record, &change, 8, 9, &arena), PRAC_MERGED_APPLIED);
	assert_string_equal(sample_text(record, "phone", &arena), "");
}

static void a_set_keeps_the_additions_and_removals_of_both(void **state)
{
	struct prac_record *record = site("hazards=noise;dust;heat", NULL);
	struct prac_patch change = patch("hazards=dust;saws", "hazards=saws;acid");

	(void)state;
	*seq_of(record, &change) = 8;
	assert_int_equal(prac_merge(record, &change, 7, 9, &arena), PRAC_MERGED_UNION);
	assert_string_equal(sample_text(record, "hazards", &arena), "noise;heat;acid");
	assert_int_equal(*seq_of(record, &change), 9);
}

static void a_set_that_gains_nothing_does_not_change(void **state)
{
	struct prac_record *record = site("hazards=noise;acid", NULL);
	struct prac_patch change = patch("hazards=dust", "hazards=dust;acid");

	(void)state;
	*seq_of(record, &change) = 8;
	assert_int_equal(prac_merge(record, &change, 7, 9, &arena), PRAC_MERGED_SAME);
	assert_string_equal(sample_text(record, "hazards", &arena), "noise;acid");
	assert_int_equal(*seq_of(record, &change), 8);
}

static void a_set_may_become_empty(void **state)
{
	struct prac_record *record = site("hazards=dust", NULL);
	struct prac_patch change = patch("hazards=dust;heat", "hazards=");

	(void)state;
	*seq_of(record, &change) = 8;
	assert_int_equal(prac_merge(record, &change, 7, 9, &arena), PRAC_MERGED_UNION);
	assert_string_equal(sample_text(record, "hazards", &arena), "");
}

/* A catalog in which the time zone came to the address in schema 2. */
static struct prac_type newer_site(void)
{
	static struct prac_field fields[PRAC_FIELDS_MAX];
	struct prac_type type = prac_type_site;

	memcpy(fields, type.fields, type.n_fields * sizeof(*fields));
	fields[PRAC_SITE_ZONE].since = 2;
	type.fields = fields;
	return type;
}

static void fields_newer_than_the_sender_are_kept_and_not_compared(void **state)
{
	struct prac_record *record = site("street=1 Mill Rd", "zone=America/New_York");
	struct prac_patch change = patch("street=1 Mill Rd", "street=2 Mill Rd");
	struct prac_type newer = newer_site();

	(void)state;
	record->type = &newer;
	change.schema = 1;
	*seq_of(record, &change) = 8;
	assert_int_equal(prac_merge(record, &change, 7, 9, &arena), PRAC_MERGED_APPLIED);
	assert_string_equal(sample_text(record, "street", &arena), "2 Mill Rd");
	assert_string_equal(sample_text(record, "zone", &arena), "America/New_York");
}

static void a_sender_that_knows_a_field_may_empty_it(void **state)
{
	struct prac_record *record = site("street=1 Mill Rd", "zone=America/New_York");
	struct prac_patch change = patch("street=1 Mill Rd", "street=2 Mill Rd");
	struct prac_type newer = newer_site();

	(void)state;
	record->type = &newer;
	change.schema = 2;
	*seq_of(record, &change) = 7;
	assert_int_equal(prac_merge(record, &change, 7, 9, &arena), PRAC_MERGED_APPLIED);
	assert_string_equal(sample_text(record, "zone", &arena), "");
}

static void the_screen_shows_what_the_person_entered(void **state)
{
	struct prac_record *record = site("phone=333", NULL);
	struct prac_patch change = patch("phone=111", "phone=222");

	(void)state;
	*seq_of(record, &change) = 8;
	prac_overlay(record, &change, &arena);
	assert_string_equal(sample_text(record, "phone", &arena), "222");
	assert_int_equal(*seq_of(record, &change), 8);
}

static void the_screen_shows_a_set_as_the_server_will_make_it(void **state)
{
	struct prac_record *record = site("hazards=noise;dust", NULL);
	struct prac_patch change = patch("hazards=dust", "hazards=acid");

	(void)state;
	prac_overlay(record, &change, &arena);
	assert_string_equal(sample_text(record, "hazards", &arena), "noise;acid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(applies_when_nobody_touched_the_group_since, stop),
		cmocka_unit_test_teardown(accepts_what_is_so_already_without_a_change, stop),
		cmocka_unit_test_teardown(applies_when_it_was_changed_and_changed_back, stop),
		cmocka_unit_test_teardown(keeps_the_current_value_in_a_conflict, stop),
		cmocka_unit_test_teardown(a_value_taken_away_is_a_change_like_any_other, stop),
		cmocka_unit_test_teardown(a_set_keeps_the_additions_and_removals_of_both, stop),
		cmocka_unit_test_teardown(a_set_that_gains_nothing_does_not_change, stop),
		cmocka_unit_test_teardown(a_set_may_become_empty, stop),
		cmocka_unit_test_teardown(
			fields_newer_than_the_sender_are_kept_and_not_compared, stop),
		cmocka_unit_test_teardown(a_sender_that_knows_a_field_may_empty_it, stop),
		cmocka_unit_test_teardown(the_screen_shows_what_the_person_entered, stop),
		cmocka_unit_test_teardown(the_screen_shows_a_set_as_the_server_will_make_it, stop),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	prac_arena_deinit(&arena);
	return failed;
}
