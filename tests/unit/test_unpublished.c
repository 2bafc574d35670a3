#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "client/exceptions/exceptions.h"
#include "common/base/date.h"
#include "tests/support/replica_fixture.h"

enum {
	PLACEMENT = 200
};

static uint64_t seq = 10;

static int32_t day(const char *text)
{
	int32_t date = 0;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

static void put(struct fixture *f, const struct prac_record *record)
{
	struct replica_row row = row_of(f, record, SCHOOL_1, ++seq);

	page(f, &row, 1, seq);
}

/* On Sunday 2026-09-20; NULL: there is none. */
static const struct exception *calendar_missing(struct fixture *f)
{
	struct exceptions found;

	assert_int_equal(
		exceptions_find(f->replica, day("2026-09-20"), &f->arena, &found), PRAC_OK);
	for (size_t i = 0; i < found.n; i++) {
		if (strcmp(found.items[i].cause->name, "calendar_missing") == 0) {
			return &found.items[i];
		}
	}
	return NULL;
}

/* Work of Monday 2026-09-14 by a student born on the day. */
static void add_work(struct fixture *f, const char *birth_date)
{
	char school[PRAC_ID_TEXT], student[PRAC_ID_TEXT], placement[PRAC_ID_TEXT];
	const struct prac_id ids[] = { id_of(SCHOOL_1), id_of(STUDENT), id_of(PLACEMENT) };

	prac_id_format(&ids[0], school);
	prac_id_format(&ids[1], student);
	prac_id_format(&ids[2], placement);
	put(f, record_of(f, "school", SCHOOL_1, "name", "North High", NULL));
	put(f, record_of(f, "student", STUDENT, "school_id", school, "identifier", "S1",
		       "given_name", "Mia", "family_name", "Lee", "birth_date", birth_date, NULL));
	put(f, record_of(f, "placement", PLACEMENT, "student_id", student, "school_id", school,
		       "title", "Machining", "kind", "internship", "starts_on", "2026-08-17",
		       "ends_on", "2027-05-21", NULL));
	put(f, record_of(f, "time_entry", 700, "placement_id", placement, "student_id", student,
		       "school_id", school, "work_date", "2026-09-14", "elapsed_minutes", "60",
		       NULL));
}

/* School 0: of the whole district. */
static void add_days_of(
	struct fixture *f, unsigned school, const char *from, const char *until, const char *state)
{
	static unsigned id = 800;
	const struct prac_id school_id = id_of(school);
	char whose[PRAC_ID_TEXT];

	prac_id_format(&school_id, whose);
	for (int32_t date = day(from); date <= day(until); date++) {
		char text[PRAC_DATE_TEXT];

		prac_date_format(date, text);
		put(f, record_of(f, "school_day", id++, "day", text, "kind", "school", "state",
			       state, school == 0 ? NULL : "school_id", whose, NULL));
	}
}

static void add_days(struct fixture *f, const char *from, const char *until, const char *state)
{
	add_days_of(f, 0, from, until, state);
}

/* RULES R10: a day that is not there is no day without classes. */
static void a_week_of_work_by_a_minor_wants_a_published_calendar(void **state)
{
	struct fixture *f = *state;
	const struct exception *missing;

	add_work(f, "2011-05-01");
	missing = calendar_missing(f);
	assert_non_null(missing);
	assert_ptr_equal(missing->type, &prac_type_school);
	assert_string_equal(missing->text, "North High: 1 week, the last from 2026-09-13");
	add_days(f, "2026-09-14", "2026-09-17", "published");
	add_days(f, "2026-09-18", "2026-09-18", "draft");
	assert_non_null(calendar_missing(f));
	add_days(f, "2026-09-18", "2026-09-18", "amended");
	assert_null(calendar_missing(f));
}

static void a_planned_shift_wants_the_calendar_of_its_own_school(void **state)
{
	struct fixture *f = *state;
	char school[PRAC_ID_TEXT], student[PRAC_ID_TEXT], placement[PRAC_ID_TEXT];
	const struct prac_id ids[] = { id_of(SCHOOL_1), id_of(STUDENT), id_of(PLACEMENT) };

	prac_id_format(&ids[0], school);
	prac_id_format(&ids[1], student);
	prac_id_format(&ids[2], placement);
	add_work(f, "2011-05-01");
	add_days(f, "2026-09-14", "2026-09-18", "published");
	assert_null(calendar_missing(f));
	put(f, record_of(f, "shift_plan", 709, "placement_id", placement, "student_id", student,
		       "school_id", school, "work_date", "2026-09-29", "starts_at", "16:00",
		       "ends_at", "18:00", "state", "canceled", NULL));
	assert_null(calendar_missing(f));
	put(f, record_of(f, "shift_plan", 710, "placement_id", placement, "student_id", student,
		       "school_id", school, "work_date", "2026-09-22", "starts_at", "16:00",
		       "ends_at", "18:00", "state", "planned", NULL));
	assert_string_equal(
		calendar_missing(f)->text, "North High: 1 week, the last from 2026-09-20");
	add_days_of(f, SCHOOL_2, "2026-09-21", "2026-09-25", "published");
	assert_non_null(calendar_missing(f));
	add_days_of(f, SCHOOL_1, "2026-09-21", "2026-09-25", "published");
	assert_null(calendar_missing(f));
}

static void a_week_of_work_by_adults_wants_no_calendar(void **state)
{
	struct fixture *f = *state;

	add_work(f, "2008-09-14"); /* 18 on that Monday */
	assert_null(calendar_missing(f));
	add_work(f, "2008-09-15");
	assert_non_null(calendar_missing(f));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_new_loaded, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_week_of_work_by_a_minor_wants_a_published_calendar),
		TEST(a_planned_shift_wants_the_calendar_of_its_own_school),
		TEST(a_week_of_work_by_adults_wants_no_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
