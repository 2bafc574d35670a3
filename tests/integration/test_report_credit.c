/*
 * Reports that reckon as the rules of the programs do. The report hours and the rules of the programs say the same of a student's credit and accepted minutes, over
 * drawn districts: sheets that correct others, adjustments, a school's own calendar, classes with periods or
 * blocks, rule sets that change in the year. And who is a concentrator (unit.concentrator) by the report perkins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/buf.h"
#include "common/base/date.h"
#include "common/rules/counted.h"
#include "common/rules/credit.h"
#include "server/report/report.h"
#include "tests/support/facts.h"
#include "tests/support/pg.h"
#include "tests/support/pg_store.h"

enum {
	STUDENTS = 60,
	FIRST_DAY = 20636, /* 2026-07-02 */
	YEAR_DAYS = 370,
	LAST_DAY = 20999, /* 2027-06-30 */
	SCHOOL_A = 1,
	SCHOOL_B,
	CLASSES = 11, /* of four kinds */
	ID_FIRST = 100
};

static struct pg_store t;
static struct facts *facts;
static uint64_t head;
static uint32_t next_id = ID_FIRST;
static uint32_t drawn = 20261122; /* the state of the generator */
static size_t n_common;           /* of the facts: calendar, classes and rules, for every student */
static size_t n_stored;           /* of the facts: are in the database */

#define ID(n) pg_id_text(&t, n)
#define KEEP(type, id, ...) \
	facts_keep(facts, pg_record(&t, &prac_type_##type, pg_id(id), 1, __VA_ARGS__, NULL))

static uint32_t draw(uint32_t below)
{
	drawn = drawn * 1664525 + 1013904223;
	return (drawn >> 8) % below;
}

static const char *pick(const char *const *words, uint32_t n)
{
	return words[draw(n)];
}

static const char *day_text(int32_t day)
{
	char text[PRAC_DATE_TEXT];

	prac_date_format(day, text);
	return prac_arena_printf(&t.arena, "%s", text);
}

static const char *number_text(int64_t number)
{
	return prac_arena_printf(&t.arena, "%lld", (long long)number);
}

/* What was kept since the last time, in one commit. */
static void store(void)
{
	struct store_writes writes = { .now_ms = INT64_C(1800000000000) };
	const struct prac_record *records[FACTS_MAX];
	struct store_ask ask = { 0 };
	bool is_new[FACTS_MAX];

	writes.records = records;
	writes.is_new = is_new;
	for (; n_stored < facts->n_records; n_stored++) {
		struct prac_record *record = facts->records[n_stored];

		record->seq = ++head;
		is_new[writes.n_records] = true;
		records[writes.n_records++] = record;
	}
	writes.head = head;
	ask.n_numbers = writes.n_records;
	assert_non_null(pg_store_begin(&t, &ask));
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_OK);
}

/* Some days of the district, some of which a school has otherwise, and weeks without any. */
static void draw_calendar(void)
{
	static const char *const kinds[] = { "school", "holiday", "exam", "break", "school" };
	static const char *const states[] = { "published", "published", "amended", "draft" };

	for (int i = 0; i < 30; i++) {
		const char *day = day_text(FIRST_DAY + i * 12 + (int32_t)draw(12));

		KEEP(school_day, next_id++, "state", pick(states, 4), "day", day, "kind",
			pick(kinds, 5));
		if (draw(2) == 0) {
			KEEP(school_day, next_id++, "state", pick(states, 4), "day", day, "kind",
				pick(kinds, 5), "school_id", ID(SCHOOL_A + draw(2)));
		}
	}
}

static void draw_rules(void)
{
	static const char *const rows[] = {
		"A=credit most:4 class-periods:3 class-blocks:1 each:2h",
		"B=credit most:2 class-periods:1 class-blocks:2 each:1h;C=credit most:9 "
		"class-periods:0 class-blocks:0 each:1h",
	};

	for (uint32_t i = 0; i < 2; i++) {
		KEEP(rule_set, next_id++, "state", i == 0 ? "approved" : "superseded", "domain",
			"credit", "jurisdiction", "us-tn", "version", number_text(5 + i),
			"starts_on", day_text(FIRST_DAY + 100 + (int32_t)draw(200)), "parameters",
			rows[i]);
	}
	KEEP(rule_set, next_id++, "state", "draft", "domain", "credit", "jurisdiction", "us-tn",
		"version", "9", "starts_on", day_text(FIRST_DAY), "parameters",
		"D=credit most:1 class-periods:9 class-blocks:9 each:9h");
}

static void put_classes(void)
{
	static const char *const meets[][2] = { { "2", "0" }, { "1", "0" }, { "0", "1" },
		{ "5", "2" } };

	for (uint32_t i = 0; i < 4; i++) {
		KEEP(class, CLASSES + i, "state", "active", "school_id", ID(SCHOOL_A), "code",
			number_text(i), "title", "T", "periods_per_week", meets[i][0],
			"blocks_per_week", meets[i][1]);
	}
}

static void draw_entries(uint32_t sheet, uint32_t placement, uint32_t student, int32_t sunday)
{
	static const char *const posted[] = { "posted", "posted", "approved", "rejected" };

	for (uint32_t n = draw(4); n > 0; n--) {
		uint32_t entry = next_id++;

		KEEP(time_entry, entry, "sheet_id", ID(sheet), "placement_id", ID(placement),
			"student_id", ID(student), "school_id", ID(SCHOOL_A), "work_date",
			day_text(sunday + (int32_t)draw(7)), "elapsed_minutes",
			number_text(1 + draw(900)));
		if (draw(3) == 0) {
			KEEP(adjustment, next_id++, "state", pick(posted, 4), "student_id",
				ID(student), "school_id", ID(SCHOOL_A), "entry_id", ID(entry),
				"delta_minutes", number_text((int64_t)draw(400) - 200), "because",
				"B", "evidence", "E", "requested_by_id", ID(student));
		}
	}
}

static void draw_sheets(uint32_t placement, uint32_t student, int32_t first)
{
	static const char *const states[] = { "approved", "approved", "submitted", "draft" };

	for (uint32_t n = draw(5); n > 0; n--) {
		int32_t sunday = prac_date_week_start(first) + (int32_t)(14 * n + 7 * draw(2)) - 14;
		uint32_t sheet = next_id++;

		KEEP(time_sheet, sheet, "state", pick(states, 4), "placement_id", ID(placement),
			"student_id", ID(student), "school_id", ID(SCHOOL_A), "week_start",
			day_text(sunday));
		draw_entries(sheet, placement, student, sunday);
		if (draw(3) == 0) {
			uint32_t amended = next_id++;

			KEEP(time_sheet, amended, "state", pick(states, 4), "placement_id",
				ID(placement), "student_id", ID(student), "school_id", ID(SCHOOL_A),
				"week_start", day_text(sunday), "amends_id", ID(sheet),
				"amendment_no", "1");
			draw_entries(amended, placement, student, sunday);
		}
	}
}

static struct prac_record *draw_placement(uint32_t student, uint32_t partner)
{
	static const char *const states[] = { "active", "active", "completed", "canceled" };
	int32_t first = FIRST_DAY - 30 + (int32_t)draw(YEAR_DAYS);
	uint32_t placement = next_id++;
	struct prac_record *record = KEEP(placement, placement, "state", pick(states, 4),
		"student_id", ID(student), "school_id", ID(SCHOOL_A + draw(2)), "title", "T",
		"kind", "internship", "organization_id", ID(partner), "starts_on", day_text(first),
		"ends_on", day_text(first + (int32_t)draw(80)));

	if (draw(4) > 0) {
		const struct prac_id class = pg_id(CLASSES + draw(4));

		record->values[PRAC_PLACEMENT_CLASS_ID] = (struct prac_value){ .has = true,
			.bytes = prac_arena_copy(&t.arena, prac_id_bytes(&class)) };
	}
	if (draw(4) == 0) {
		record->values[PRAC_PLACEMENT_ENDED_ON] =
			(struct prac_value){ .has = true, .number = first + (int32_t)draw(40) };
	}
	draw_sheets(placement, student, first);
	return record;
}

/* "credits|accepted minutes" of all placements of the student, as the programs reckon them. */
static const char *reckoned(const struct prac_value *student)
{
	struct prac_counted_list placements = prac_counted_children(
		&facts->judgement, student, PRAC_PLACEMENT, PRAC_PLACEMENT_STUDENT_ID_NO);
	struct prac_counted counted = prac_counted_make(&facts->judgement,
		prac_counted_children(
			&facts->judgement, student, PRAC_TIME_SHEET, PRAC_TIME_SHEET_STUDENT_ID_NO),
		prac_counted_children(
			&facts->judgement, student, PRAC_TIME_ENTRY, PRAC_TIME_ENTRY_STUDENT_ID_NO),
		prac_counted_children(&facts->judgement, student, PRAC_ADJUSTMENT,
			PRAC_ADJUSTMENT_STUDENT_ID_NO));
	const char *credits = "";
	struct prac_credit credit;

	for (size_t i = 0; i < placements.n; i++) {
		if (prac_credit_of(&facts->judgement, placements.records[i], LAST_DAY, &credit)) {
			credits = number_text(credit.credits);
		}
	}
	return prac_arena_printf(&t.arena, "%s|%lld", credits,
		(long long)prac_counted_minutes(&counted, LAST_DAY - 364, LAST_DAY));
}

static struct {
	bool has_come;
	const char *lines[STUDENTS]; /* "credits|accepted minutes" */
} said;

static size_t column(const struct report_result *result, const char *name)
{
	size_t i = 0;

	while (i < result->n_columns && strcmp(result->columns[i], name) != 0) {
		i++;
	}
	assert_true(i < result->n_columns);
	return i;
}

static void on_result(void *ctx, enum prac_status status, const struct report_result *result)
{
	(void)ctx;
	said.has_come = true;
	assert_int_equal(status, PRAC_OK);
	for (size_t row = 0; row + 1 < result->n_rows; row++) {
		const char **cells = &result->cells[row * result->n_columns];
		size_t student = strtoul(cells[column(result, "partner")], NULL, 10);

		assert_true(student < STUDENTS);
		said.lines[student] =
			prac_arena_printf(&t.arena, "%s|%s", cells[column(result, "credits")],
				cells[column(result, "accepted_minutes")]);
	}
}

static void run_report(void)
{
	static const char *const parameters[] = { "year=2027", "by=partner", NULL };
	const struct report_request request = { .name = "hours", .parameters = parameters };
	struct report_ask ask;
	const char *problem;

	assert_int_equal(report_ask_read(&request, &t.arena, &ask, &problem), PRAC_OK);
	report_run(t.pool, &ask, &t.arena, on_result, NULL);
	pg_run_until(&t.loop, &said.has_come);
}

/* What the rules give the new student; whose partner has the student's number as its name. */
static const char *draw_student(uint32_t number)
{
	uint32_t id = next_id++, partner = next_id++;
	struct prac_record *placement = NULL;

	facts->n_records = n_stored = n_common;
	KEEP(organization, partner, "state", "approved", "name", number_text(number), "kind",
		"employer");
	for (uint32_t n = 1 + draw(3); n > 0; n--) {
		placement = draw_placement(id, partner);
	}
	store();
	return reckoned(&placement->values[PRAC_PLACEMENT_STUDENT_ID]);
}

/* Who has neither credit nor hours is in no row. */
static void assert_says(size_t student, const char *wanted)
{
	const char *line = said.lines[student] == NULL ? "|0" : said.lines[student];

	if (strcmp(line, wanted) != 0) {
		fail_msg("student %zu: the report says %s, the rules %s", student, line, wanted);
	}
}

static void the_report_and_the_rules_give_the_same_credit(void **state)
{
	const char *wanted[STUDENTS];
	size_t n_credits = 0;

	(void)state;
	for (uint32_t i = 0; i < STUDENTS; i++) {
		wanted[i] = draw_student(i);
		n_credits += wanted[i][0] >= '2' && wanted[i][0] <= '9' ? 1 : 0;
	}
	run_report();
	for (size_t i = 0; i < STUDENTS; i++) {
		assert_says(i, wanted[i]);
	}
	assert_true(n_credits >= STUDENTS / 8); /* the draw is no row of zeros */
}

/* ---- concentrators */

#define PERKINS "PK-5S3 (perkins us 1), PK-CONCENTRATOR (perkins us 1)\n"

static void graduate(uint32_t id, uint32_t number, const char *populations)
{
	static const char *const races[] = { "white", "white", "asian", NULL, "white" };
	uint32_t school = number < 4 ? SCHOOL_A : SCHOOL_B;
	const char *concentrator = number < 4 ? "no" : "yes";

	KEEP(student, id, "state", "graduated", "school_id", ID(school), "identifier", ID(id),
		"given_name", "X", "family_name", "Y", "grade", "12", "left_on", "2026-12-18",
		"concentrator", concentrator, "special_populations", populations, "sex",
		number % 2 == 0 ? "female" : "male", races[number] == NULL ? NULL : "race",
		races[number]);
}

static void pass(uint32_t student, uint32_t course, const char *passed)
{
	KEEP(course_completion, next_id++, "student_id", ID(student), "school_id", ID(SCHOOL_A),
		"course_id", ID(course), "completed_on", "2026-05-20", "passed", passed);
}

/*
 * Five graduates: two courses of a program and a completed internship; two courses and none; two of which
 * one was failed; two of different programs; none, but the student information system says concentrator.
 * The first one is an English learner and homeless, the second one an English learner.
 */
static void put_graduates(void)
{
	static const char *const populations[] = { "English learner;homeless", "English learner",
		"", "", "" };
	uint32_t first = next_id, welding = first + 10, course = first + 20;

	next_id += 30;
	for (uint32_t i = 0; i < 2; i++) {
		KEEP(program_of_study, welding + i, "state", "active", "code", number_text(i),
			"name", i == 0 ? "Welding" : "Nursing");
	}
	for (uint32_t i = 0; i < 3; i++) {
		KEEP(course, course + i, "state", "active", "code", number_text(i), "name", "C",
			"program_id", ID(welding + i / 2));
	}
	for (uint32_t i = 0; i < 5; i++) {
		graduate(first + i, i, populations[i]);
		if (i < 4) {
			pass(first + i, course, "yes");
			pass(first + i, course + (i < 3 ? 1 : 2), i == 2 ? "no" : "yes");
		}
	}
	KEEP(placement, next_id++, "state", "completed", "student_id", ID(first), "school_id",
		ID(SCHOOL_A), "title", "T", "kind", "internship", "starts_on", "2025-09-01",
		"ends_on", "2025-12-18");
	KEEP(school, SCHOOL_A, "state", "active", "name", "North", "code", "1", "zone",
		"America/New_York");
}

static void on_perkins(void *ctx, enum prac_status status, const struct report_result *result)
{
	struct prac_buf *text = ctx;

	assert_int_equal(status, PRAC_OK);
	for (size_t i = 0; i < result->n_rows * result->n_columns; i++) {
		prac_buf_printf(text, "%s%s", result->cells[i],
			(i + 1) % result->n_columns == 0 ? "\n" : "|");
	}
	prac_buf_append_byte(text, '\0');
	said.has_come = true;
}

/* Participants, concentrators, rate, graduates, over the graduates and nobody else. */
static const char *perkins(const char *by, const char *hide)
{
	const char *const parameters[] = { "year=2027", by, hide, NULL };
	const struct report_request request = { .name = "perkins", .parameters = parameters };
	struct prac_buf text = { 0 };
	struct report_ask ask;
	const char *problem, *all;

	said.has_come = false;
	assert_int_equal(report_ask_read(&request, &t.arena, &ask, &problem), PRAC_OK);
	report_run(t.pool, &ask, &t.arena, on_perkins, &text);
	pg_run_until(&t.loop, &said.has_come);
	all = prac_arena_text(&t.arena, prac_buf_bytes(&text));
	prac_buf_deinit(&text);
	return all;
}

static void indicator_5s3_counts_graduating_concentrators(void **state)
{
	(void)state;
	facts->n_records = n_stored = n_common;
	put_graduates();
	store();
	assert_string_equal(perkins("by=school", "hide=0"),
		"(none)|0|1|0.00|1|" PERKINS "North|1|2|50.00|4|" PERKINS
		"Total|1|3|33.33|5|" PERKINS);
}

/* Of the graduates of the test before. A person of two populations is in both, and in the total once. */
static void it_is_broken_down_by_special_population_and_kind_of_work(void **state)
{
	(void)state;
	assert_string_equal(perkins("by=population", "hide=0"),
		"(none)|0|1|0.00|3|" PERKINS "English learner|1|2|50.00|2|" PERKINS
		"homeless|1|1|100.00|1|" PERKINS "Total|1|3|33.33|5|" PERKINS);
	assert_string_equal(perkins("by=kind", "hide=0"),
		"(none)|0|2|0.00|4|" PERKINS "internship|1|1|100.00|1|" PERKINS
		"Total|1|3|33.33|5|" PERKINS);
}

/* RULES 3.4: whoever is of no known one is a row of its own. */
static void it_is_broken_down_by_sex_and_by_race_or_ethnicity(void **state)
{
	(void)state;
	assert_string_equal(perkins("by=sex", "hide=0"),
		"female|1|2|50.00|3|" PERKINS "male|0|1|0.00|2|" PERKINS
		"Total|1|3|33.33|5|" PERKINS);
	assert_string_equal(perkins("by=race", "hide=0"),
		"asian|0|0||1|" PERKINS "unknown|0|0||1|" PERKINS "white|1|3|33.33|3|" PERKINS
		"Total|1|3|33.33|5|" PERKINS);
	assert_string_equal(perkins("by=race", "hide=10"),
		"asian|*|*|*|*|" PERKINS "unknown|*|*|*|*|" PERKINS "white|*|*|*|*|" PERKINS
		"Total|*|*|*|*|" PERKINS);
}

static void cells_of_few_people_are_not_shown(void **state)
{
	(void)state;
	assert_string_equal(perkins("by=population", "hide=2"),
		"(none)|*|*|*|*|" PERKINS "English learner|*|*|*|*|" PERKINS
		"homeless|*|*|*|*|" PERKINS "Total|*|*|*|*|" PERKINS);
}

static int setup(void **state)
{
	void *started;

	(void)state;
	pg_store_open(&t, "test_report_credit");
	(void)facts_start(&started);
	facts = started;
	draw_calendar();
	draw_rules();
	put_classes();
	store();
	n_common = facts->n_records;
	return 0;
}

static int teardown(void **state)
{
	void *started = facts;

	(void)state;
	(void)facts_stop(&started);
	pg_store_close(&t);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_report_and_the_rules_give_the_same_credit),
		cmocka_unit_test(indicator_5s3_counts_graduating_concentrators),
		cmocka_unit_test(it_is_broken_down_by_special_population_and_kind_of_work),
		cmocka_unit_test(it_is_broken_down_by_sex_and_by_race_or_ethnicity),
		cmocka_unit_test(cells_of_few_people_are_not_shown),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
