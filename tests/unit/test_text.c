#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/macros.h"
#include "common/catalog/record.h"

static struct prac_arena arena;
static struct prac_problem problem;

static int forget(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

static enum prac_status parse(
	const struct prac_field *field, const char *text, struct prac_value *value_out)
{
	return prac_value_parse(field, text, &arena, value_out, &problem);
}

static const char *format(const struct prac_field *field, const struct prac_value *value)
{
	struct prac_buf buf = { 0 };
	const char *text;

	prac_value_format(field, value, &buf);
	text = prac_arena_text(&arena, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	return text;
}

/* Typed, read as this number, printed as that. */
struct form {
	const char *typed;
	int64_t number;
	const char *printed;
};

static void assert_forms(const struct prac_field *field, const struct form *forms, size_t n_forms)
{
	for (size_t i = 0; i < n_forms; i++) {
		struct prac_value value;

		assert_int_equal(parse(field, forms[i].typed, &value), PRAC_OK);
		assert_true(value.has);
		assert_true(value.number == forms[i].number);
		assert_string_equal(format(field, &value), forms[i].printed);
	}
}

static void assert_refused(const struct prac_field *field, const char *const *texts, size_t n_texts)
{
	for (size_t i = 0; i < n_texts; i++) {
		struct prac_value value;

		assert_int_equal(parse(field, texts[i], &value), PRAC_INVALID_ARGUMENT);
		assert_ptr_equal(problem.field, field);
		assert_int_not_equal(strlen(problem.text), 0);
	}
}

#define FORMS(field, ...)                                         \
	assert_forms(field, (const struct form[]){ __VA_ARGS__ }, \
		PRAC_NELEM(((const struct form[]){ __VA_ARGS__ })))
#define REFUSED(field, ...)                                         \
	assert_refused(field, (const char *const[]){ __VA_ARGS__ }, \
		PRAC_NELEM(((const char *const[]){ __VA_ARGS__ })))

static void numbers_are_whole(void **state)
{
	const struct prac_field *grade = &prac_type_student.fields[PRAC_STUDENT_GRADE];

	(void)state;
	FORMS(grade, { "11", 11, "11" }, { "-3", -3, "-3" }, { "0", 0, "0" },
		{ "9223372036854775807", INT64_MAX, "9223372036854775807" },
		{ "-9223372036854775808", INT64_MIN, "-9223372036854775808" });
	REFUSED(grade, "eleven", "11a", " 11", "11.0", "-", "9223372036854775808", "+1");
	assert_string_equal(problem.text, "Grade: \"+1\" is not a whole number");
}

static void a_refused_choice_names_those_that_there_are(void **state)
{
	(void)state;
	REFUSED(&prac_type_absence.fields[PRAC_ABSENCE_KIND], "sick");
	assert_string_equal(
		problem.text, "Kind: \"sick\" is not unexcused, excused, late or activity");
}

static void truth_is_yes_or_no(void **state)
{
	const struct prac_field *field = &prac_type_student.fields[PRAC_STUDENT_CONCENTRATOR];

	(void)state;
	FORMS(field, { "yes", 1, "yes" }, { "no", 0, "no" }, { "true", 1, "yes" },
		{ "false", 0, "no" });
	REFUSED(field, "1", "YES", "maybe");
}

static void dates_times_and_durations_have_the_forms_of_the_house(void **state)
{
	const struct prac_field *entry = prac_type_time_entry.fields;

	(void)state;
	FORMS(&entry[PRAC_TIME_ENTRY_WORK_DATE], { "2026-08-11", 20676, "2026-08-11" },
		{ "1969-12-31", -1, "1969-12-31" });
	REFUSED(&entry[PRAC_TIME_ENTRY_WORK_DATE], "8/11/2026", "2026-02-29", "2026-8-1");
	FORMS(&entry[PRAC_TIME_ENTRY_STARTS_AT], { "16:00", 960, "16:00" },
		{ "00:05", 5, "00:05" });
	REFUSED(&entry[PRAC_TIME_ENTRY_STARTS_AT], "24:00", "4pm", "16.00");
	FORMS(&entry[PRAC_TIME_ENTRY_ELAPSED_MINUTES], { "2h30m", 150, "2h30m" },
		{ "150", 150, "2h30m" }, { "45m", 45, "45m" }, { "3h", 180, "3h" },
		{ "0", 0, "0m" });
	REFUSED(&entry[PRAC_TIME_ENTRY_ELAPSED_MINUTES], "2h30", "-5", "2:30");
}

/* An adjustment takes off hours that were too many. */
static void a_duration_has_a_minus_where_the_field_goes_below_zero(void **state)
{
	const struct prac_field *delta =
		&prac_type_adjustment.fields[PRAC_ADJUSTMENT_DELTA_MINUTES];

	(void)state;
	FORMS(delta, { "-1h30m", -90, "-1h30m" }, { "-30", -30, "-30m" }, { "-2h", -120, "-2h" },
		{ "45", 45, "45m" });
	REFUSED(delta, "-", "--5", "- 5", "-2h30");
}

static void money_is_dollars_and_cents(void **state)
{
	const struct prac_field *wage = &prac_type_placement.fields[PRAC_PLACEMENT_WAGE_CENTS];

	(void)state;
	FORMS(wage, { "12.50", 1250, "12.50" }, { "12", 1200, "12.00" }, { "12.5", 1250, "12.50" },
		{ "0.05", 5, "0.05" }, { "-0.05", -5, "-0.05" }, { "-3.10", -310, "-3.10" });
	REFUSED(wage, "12.505", "12.", ".50", "$12", "12,50", "1.-5", "92233720368547758070");
}

static void instants_are_in_utc(void **state)
{
	const struct prac_field *at = &prac_type_conflict.fields[PRAC_CONFLICT_MINE_AT];

	(void)state;
	FORMS(at, { "2026-08-11T16:00Z", INT64_C(1786464000000), "2026-08-11T16:00:00Z" },
		{ "2026-08-11T16:00:07Z", INT64_C(1786464007000), "2026-08-11T16:00:07Z" },
		{ "2026-08-11T16:00:07.042Z", INT64_C(1786464007042), "2026-08-11T16:00:07.042Z" },
		{ "1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z" });
	REFUSED(at, "2026-08-11", "2026-08-11 16:00Z", "2026-08-11T16:00", "2026-08-11T16:00:60Z",
		"2026-08-11T16:00:0xZ", "2026-08-11T16:00+02:00");
}

static void choices_are_typed_by_name(void **state)
{
	const struct prac_field *field = &prac_type_placement.fields[PRAC_PLACEMENT_STATE];
	struct prac_value newer = { .has = true, .number = 60 };

	(void)state;
	FORMS(field, { "school_review", PRAC_PLACEMENT_STATE_SCHOOL_REVIEW, "school_review" });
	REFUSED(field, "School review", "2", "reviewed");
	/* A value of a newer schema is shown as its number. */
	assert_string_equal(format(field, &newer), "60");
}

static void references_are_ids(void **state)
{
	const struct prac_field *field = &prac_type_placement.fields[PRAC_PLACEMENT_STUDENT_ID];
	struct prac_value value;

	(void)state;
	assert_int_equal(parse(field, "0190f3c2-7a10-7cc3-98c4-dc0c0c07398f", &value), PRAC_OK);
	assert_int_equal(value.bytes.len, 16);
	assert_memory_equal(value.bytes.data, "\x01\x90\xf3\xc2", 4);
	assert_string_equal(format(field, &value), "0190f3c2-7a10-7cc3-98c4-dc0c0c07398f");
	REFUSED(field, "0190f3c2", "Ada", "0190f3c2-7a10-7cc3-98c4-dc0c0c07398g");
}

static void blobs_are_pairs_of_digits(void **state)
{
	const struct prac_field *field = &prac_type_approval.fields[PRAC_APPROVAL_CONTENT_HASH];
	struct prac_value value;

	(void)state;
	assert_int_equal(parse(field, "00ffA0", &value), PRAC_OK);
	assert_int_equal(value.bytes.len, 3);
	assert_memory_equal(value.bytes.data, "\x00\xff\xa0", 3);
	assert_string_equal(format(field, &value), "00ffa0");
	REFUSED(field, "0", "0g", "x0");
}

static void lists_are_separated_by_semicolons(void **state)
{
	const struct prac_field *field = &prac_type_student.fields[PRAC_STUDENT_INTERESTS];
	struct prac_value value;

	(void)state;
	assert_int_equal(parse(field, " art ; robots;;a\\;b;c\\\\d\\", &value), PRAC_OK);
	assert_string_equal(format(field, &value), "art;robots;a\\;b;c\\\\d\\\\");
	assert_int_equal(parse(field, format(field, &value), &value), PRAC_OK);
	assert_string_equal(format(field, &value), "art;robots;a\\;b;c\\\\d\\\\");
	assert_int_equal(parse(field, " ; ", &value), PRAC_OK);
	assert_false(value.has);
}

static void nothing_typed_is_an_absent_value(void **state)
{
	struct prac_value value;

	(void)state;
	for (size_t i = 0; i < prac_type_student.n_fields; i++) {
		assert_int_equal(parse(&prac_type_student.fields[i], "", &value), PRAC_OK);
		assert_false(value.has);
		assert_string_equal(format(&prac_type_student.fields[i], &value), "");
	}
}

static void a_title_names_the_record_to_a_person(void **state)
{
	struct prac_record *student = prac_record_new(&arena, &prac_type_student);
	struct prac_record *placement = prac_record_new(&arena, &prac_type_placement);

	(void)state;
	assert_string_equal(prac_record_title(student, &arena), "");
	assert_int_equal(parse(&prac_type_student.fields[PRAC_STUDENT_GIVEN_NAME], "Ada",
				 &student->values[PRAC_STUDENT_GIVEN_NAME]),
		PRAC_OK);
	assert_int_equal(parse(&prac_type_student.fields[PRAC_STUDENT_FAMILY_NAME], "Lee",
				 &student->values[PRAC_STUDENT_FAMILY_NAME]),
		PRAC_OK);
	assert_string_equal(prac_record_title(student, &arena), "Lee Ada");
	assert_int_equal(parse(&prac_type_placement.fields[PRAC_PLACEMENT_STUDENT_ID],
				 "0190f3c2-7a10-7cc3-98c4-dc0c0c07398f",
				 &placement->values[PRAC_PLACEMENT_STUDENT_ID]),
		PRAC_OK);
	assert_string_equal(prac_record_title(placement, &arena), "0190f3c2");
}

/* A school with what is required, and one more value to be judged. */
static enum prac_status check(const struct prac_field *field, struct prac_value value)
{
	struct prac_record *record = prac_record_new(&arena, &prac_type_school);

	assert_int_equal(parse(&prac_type_school.fields[PRAC_SCHOOL_NAME], "Oak Ridge",
				 &record->values[PRAC_SCHOOL_NAME]),
		PRAC_OK);
	assert_int_equal(parse(&prac_type_school.fields[PRAC_SCHOOL_CODE], "7",
				 &record->values[PRAC_SCHOOL_CODE]),
		PRAC_OK);
	assert_int_equal(parse(&prac_type_school.fields[PRAC_SCHOOL_ZONE], "America/New_York",
				 &record->values[PRAC_SCHOOL_ZONE]),
		PRAC_OK);
	record->values[field->index] = value;
	return prac_values_check(&prac_type_school, record->values, &problem);
}

static struct prac_value bytes_value(const char *bytes, size_t len)
{
	return (struct prac_value){ .has = true, .bytes = { (const uint8_t *)bytes, len } };
}

static void required_values_are_not_left_out(void **state)
{
	const struct prac_field *name = &prac_type_school.fields[PRAC_SCHOOL_NAME];
	const struct prac_field *phone = &prac_type_school.fields[PRAC_SCHOOL_PHONE];

	(void)state;
	assert_int_equal(check(phone, (struct prac_value){ 0 }), PRAC_OK);
	assert_null(problem.field);
	assert_int_equal(check(name, (struct prac_value){ 0 }), PRAC_INVALID_ARGUMENT);
	assert_ptr_equal(problem.field, name);
	assert_string_equal(problem.text, "Name: must not be left out");
	assert_int_equal(
		check(&prac_type_school.fields[PRAC_SCHOOL_STATE], (struct prac_value){ 0 }),
		PRAC_INVALID_ARGUMENT);
}

static void texts_are_utf8_without_control_characters(void **state)
{
	const struct prac_field *name = &prac_type_school.fields[PRAC_SCHOOL_NAME];

	(void)state;
	assert_int_equal(check(name, bytes_value("Peña\n\tB", 8)), PRAC_OK);
	assert_int_equal(check(name, bytes_value("", 0)), PRAC_INVALID_ARGUMENT);
	assert_int_equal(check(name, bytes_value("a\0b", 3)), PRAC_INVALID_ARGUMENT);
	assert_int_equal(check(name, bytes_value("a\x1b[31m", 6)), PRAC_INVALID_ARGUMENT);
	assert_int_equal(check(name, bytes_value("a\x7f", 2)), PRAC_INVALID_ARGUMENT);
	assert_int_equal(check(name, bytes_value("\xff", 1)), PRAC_INVALID_ARGUMENT);
	assert_int_equal(check(name, bytes_value("\xc3", 1)), PRAC_INVALID_ARGUMENT);
}

static void lengths_and_ranges_hold(void **state)
{
	const struct prac_field *nces = &prac_type_school.fields[PRAC_SCHOOL_NCES_ID];
	const struct prac_field *grade = &prac_type_school.fields[PRAC_SCHOOL_HIGHEST_GRADE];

	(void)state;
	assert_int_equal(check(nces, bytes_value("123456789012", 12)), PRAC_OK);
	assert_int_equal(check(nces, bytes_value("12345678901", 11)), PRAC_INVALID_ARGUMENT);
	assert_string_equal(problem.text, "NCES id: must have at least 12 bytes");
	assert_int_equal(check(nces, bytes_value("1234567890123", 13)), PRAC_INVALID_ARGUMENT);
	assert_int_equal(check(grade, (struct prac_value){ .has = true, .number = 13 }), PRAC_OK);
	assert_int_equal(check(grade, (struct prac_value){ .has = true, .number = 14 }),
		PRAC_INVALID_ARGUMENT);
	assert_string_equal(problem.text, "Highest grade: must be at most 13");
	assert_int_equal(check(grade, (struct prac_value){ .has = true, .number = -1 }),
		PRAC_INVALID_ARGUMENT);
}

static void unknown_choices_and_broken_references_are_refused(void **state)
{
	struct prac_record *day = prac_record_new(&arena, &prac_type_school_day);
	struct prac_value *values = day->values;

	(void)state;
	values[PRAC_SCHOOL_DAY_DAY] = (struct prac_value){ .has = true, .number = 20676 };
	values[PRAC_SCHOOL_DAY_KIND] = (struct prac_value){ .has = true, .number = 2 };
	assert_int_equal(prac_values_check(&prac_type_school_day, values, &problem), PRAC_OK);
	values[PRAC_SCHOOL_DAY_KIND].number = 99;
	assert_int_equal(
		prac_values_check(&prac_type_school_day, values, &problem), PRAC_INVALID_ARGUMENT);
	values[PRAC_SCHOOL_DAY_KIND].number = 2;
	values[PRAC_SCHOOL_DAY_SCHOOL_ID] = bytes_value("0123456789abcde", 15);
	assert_int_equal(
		prac_values_check(&prac_type_school_day, values, &problem), PRAC_INVALID_ARGUMENT);
	values[PRAC_SCHOOL_DAY_SCHOOL_ID] = bytes_value("0123456789abcdef", 16);
	values[PRAC_SCHOOL_DAY_CLASS_STARTS_AT] =
		(struct prac_value){ .has = true, .number = 1440 };
	assert_int_equal(
		prac_values_check(&prac_type_school_day, values, &problem), PRAC_INVALID_ARGUMENT);
	values[PRAC_SCHOOL_DAY_CLASS_STARTS_AT].number = 480;
	values[PRAC_SCHOOL_DAY_DAY].number = 84006; /* 2200-01-01 */
	assert_int_equal(
		prac_values_check(&prac_type_school_day, values, &problem), PRAC_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(numbers_are_whole, forget),
		cmocka_unit_test_teardown(a_refused_choice_names_those_that_there_are, forget),
		cmocka_unit_test_teardown(truth_is_yes_or_no, forget),
		cmocka_unit_test_teardown(
			dates_times_and_durations_have_the_forms_of_the_house, forget),
		cmocka_unit_test_teardown(
			a_duration_has_a_minus_where_the_field_goes_below_zero, forget),
		cmocka_unit_test_teardown(money_is_dollars_and_cents, forget),
		cmocka_unit_test_teardown(instants_are_in_utc, forget),
		cmocka_unit_test_teardown(choices_are_typed_by_name, forget),
		cmocka_unit_test_teardown(references_are_ids, forget),
		cmocka_unit_test_teardown(blobs_are_pairs_of_digits, forget),
		cmocka_unit_test_teardown(lists_are_separated_by_semicolons, forget),
		cmocka_unit_test_teardown(nothing_typed_is_an_absent_value, forget),
		cmocka_unit_test_teardown(a_title_names_the_record_to_a_person, forget),
		cmocka_unit_test_teardown(required_values_are_not_left_out, forget),
		cmocka_unit_test_teardown(texts_are_utf8_without_control_characters, forget),
		cmocka_unit_test_teardown(lengths_and_ranges_hold, forget),
		cmocka_unit_test_teardown(
			unknown_choices_and_broken_references_are_refused, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
