#include "server/report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "tests/support/pg.h"
#include "tests/support/pg_store.h"

/* Records of the small district below. */
enum {
	NORTH = 1,
	CENTER,
	WELDING,
	ACME,
	ANN = 11,
	BEN,
	CAL,
	DEE,
	SHOP = 21,
	KITCHEN,
	LAB,
	YARD,
	SHEET = 31,
	LATE,
	CORRECTION,
	ENTRIES = 41,
	RULES = 51,
	RUBRIC = 60,
	DAYS = 81,
	CLASS = 91,
	ADJUSTMENT,
	OWED
};

#define CREDIT  "TN-CR-2 (credit us-tn 2)"
#define SHIPPED "PK-5S3 (perkins us 1)"

static struct pg_store t;
static uint64_t head;
static uint64_t before_correction, before_cancel, before_kitchen,
	before_posted; /* points of the change order */

/* What the report said, a line for each row, cells between bars. */
static char said[4000];

static struct {
	bool has_come;
	enum prac_status status;
	uint64_t as_of;
	int64_t as_of_ms;
} seen;

/* One change on its day, at noon. */
static void put(const char *day, bool is_new, struct prac_record *record)
{
	const struct prac_record *records[] = { record };
	const struct store_ask ask = { .n_numbers = 1 };
	struct store_writes writes = { .records = records,
		.is_new = &is_new,
		.n_records = 1,
		.versions = records,
		.n_versions = record->type->reported ? 1 : 0 };
	int32_t date;

	assert_int_equal(prac_date_parse(day, &date), PRAC_OK);
	writes.now_ms = date * INT64_C(86400000) + 43200000;
	writes.head = record->seq = ++head;
	assert_non_null(pg_store_begin(&t, &ask));
	assert_int_equal(pg_store_commit(&t, &writes), PRAC_OK);
}

#define RECORD(type, id, ...) pg_record(&t, &prac_type_##type, pg_id(id), 1, __VA_ARGS__, NULL)
#define ID(n)                 pg_id_text(&t, n)

static void put_student(uint32_t id, uint32_t school, const char *grade, const char *at)
{
	put("2026-08-20", true,
		RECORD(student, id, "state", at, "school_id", ID(school), "identifier", ID(id),
			"given_name", "X", "family_name", "Y", "grade", grade));
}

static struct prac_record *placement(
	uint32_t id, uint32_t student, const char *kind, const char *at)
{
	struct prac_record *record = RECORD(placement, id, "state", at, "student_id", ID(student),
		"school_id", ID(student == CAL ? CENTER : NORTH), "title", "T", "kind", kind,
		"organization_id", ID(ACME), "starts_on", "2026-09-01", "ends_on", "2027-03-01");
	struct prac_problem problem;

	if (id == SHOP || id == LAB) {
		assert_int_equal(prac_value_parse(&record->type->fields[PRAC_PLACEMENT_PROGRAM_ID],
					 ID(WELDING), &t.arena,
					 &record->values[PRAC_PLACEMENT_PROGRAM_ID], &problem),
			PRAC_OK);
	}
	if (id == SHOP) {
		assert_int_equal(
			prac_value_parse(&record->type->fields[PRAC_PLACEMENT_CLASS_ID], ID(CLASS),
				&t.arena, &record->values[PRAC_PLACEMENT_CLASS_ID], &problem),
			PRAC_OK);
	}
	if (id == SHOP || id == KITCHEN) {
		assert_int_equal(
			prac_value_parse(&record->type->fields[PRAC_PLACEMENT_TARGET_MINUTES],
				id == SHOP ? "20h" : "5h", &t.arena,
				&record->values[PRAC_PLACEMENT_TARGET_MINUTES], &problem),
			PRAC_OK);
	}
	return record;
}

static struct prac_record *sheet(uint32_t id, const char *week, const char *at)
{
	struct prac_record *record = RECORD(time_sheet, id, "state", at, "placement_id", ID(SHOP),
		"student_id", ID(ANN), "school_id", ID(NORTH), "week_start", week);
	struct prac_problem problem;

	if (id == CORRECTION) {
		assert_int_equal(prac_value_parse(&record->type->fields[PRAC_TIME_SHEET_AMENDS_ID],
					 ID(SHEET), &t.arena,
					 &record->values[PRAC_TIME_SHEET_AMENDS_ID], &problem),
			PRAC_OK);
		record->values[PRAC_TIME_SHEET_AMENDMENT_NO] =
			(struct prac_value){ .has = true, .number = 1 };
	}
	return record;
}

static void put_entry(
	const char *day, uint32_t id, uint32_t sheet_id, const char *work_date, const char *minutes)
{
	put(day, true,
		RECORD(time_entry, id, "sheet_id", ID(sheet_id), "placement_id", ID(SHOP),
			"student_id", ID(ANN), "school_id", ID(NORTH), "work_date", work_date,
			"elapsed_minutes", minutes));
}

static void put_people(void)
{
	put("2026-08-20", true,
		RECORD(school, NORTH, "state", "active", "name", "North High", "code", "1", "zone",
			"America/New_York"));
	put("2026-08-20", true,
		RECORD(school, CENTER, "state", "active", "name", "Career Center", "code", "2",
			"zone", "America/New_York"));
	put("2026-08-20", true,
		RECORD(program_of_study, WELDING, "state", "active", "code", "W", "name", "Welding",
			"minutes_per_credit", "10h"));
	put("2026-08-20", true,
		RECORD(class, CLASS, "state", "active", "school_id", ID(NORTH), "code", "W1",
			"title", "Welding", "periods_per_week", "2"));
	put("2026-08-20", true,
		RECORD(organization, ACME, "state", "approved", "name", "Acme", "kind",
			"employer"));
	put_student(ANN, NORTH, "11", "participating");
	put_student(BEN, NORTH, "12", "enrolled");
	put_student(CAL, CENTER, "12", "enrolled");
	put_student(DEE, NORTH, "12", "withdrawn");
}

/* Two placements leave the draft after 2 days, one is canceled after 6, one stays. */
static void put_placements(void)
{
	put("2026-08-25", true, placement(SHOP, ANN, "internship", "draft"));
	put("2026-08-25", true, placement(KITCHEN, ANN, "service", "draft"));
	put("2026-08-25", true, placement(LAB, BEN, "internship", "draft"));
	put("2026-08-25", true, placement(YARD, CAL, "internship", "draft"));
	put("2026-08-27", false, placement(SHOP, ANN, "internship", "active"));
	put("2026-08-27", false, placement(KITCHEN, ANN, "service", "completed"));
	before_cancel = head;
	put("2026-08-31", false, placement(YARD, CAL, "internship", "canceled"));
}

/*
 * A week of 120 + 240 minutes, submitted and approved in time; 300 minutes submitted 15 days late
 * and undecided; the week corrected to 150 + 500, submitted late and decided in 3 days.
 */
static void put_hours(void)
{
	put("2026-09-12", true, sheet(SHEET, "2026-09-06", "draft"));
	put_entry("2026-09-12", ENTRIES, SHEET, "2026-09-07", "2h");
	put_entry("2026-09-12", ENTRIES + 1, SHEET, "2026-09-10", "4h");
	put("2026-09-13", false, sheet(SHEET, "2026-09-06", "submitted"));
	put("2026-09-18", false, sheet(SHEET, "2026-09-06", "approved"));
	put("2026-10-20", true, sheet(LATE, "2026-10-04", "draft"));
	put_entry("2026-10-20", ENTRIES + 2, LATE, "2026-10-05", "5h");
	put("2026-10-20", false, sheet(LATE, "2026-10-04", "submitted"));
	before_correction = head;
	put("2026-10-30", true, sheet(CORRECTION, "2026-09-06", "draft"));
	put_entry("2026-10-30", ENTRIES + 3, CORRECTION, "2026-09-07", "150");
	put_entry("2026-10-30", ENTRIES + 4, CORRECTION, "2026-09-10", "500");
	put("2026-10-30", false, sheet(CORRECTION, "2026-09-06", "submitted"));
	put("2026-11-02", false, sheet(CORRECTION, "2026-09-06", "approved"));
}

static struct prac_record *evaluation(uint32_t id, uint32_t placement_id, const char *evaluator,
	const char *stage, const char *scores)
{
	return RECORD(evaluation, id, "state", "submitted", "placement_id", ID(placement_id),
		"student_id", ID(ANN), "school_id", ID(NORTH), "rubric_id", ID(RUBRIC), "evaluator",
		evaluator, "subject", "student", "stage", stage, "scores", scores);
}

/* Three up in the shop, one down in the kitchen; safety was seen once, and once not. */
static void put_evaluations(void)
{
	put("2026-11-03", true,
		RECORD(rubric, RUBRIC, "state", "in_use", "name", "R", "version", "1",
			"lowest_score", "1", "highest_score", "4", "target_score", "3"));
	put("2026-11-03", true,
		evaluation(61, SHOP, "supervisor", "start", "reliability=1;safety=not_observed"));
	put("2026-11-03", true,
		evaluation(62, SHOP, "supervisor", "final", "reliability=4;safety=2"));
	put("2026-11-03", true, evaluation(63, SHOP, "student", "final", "reliability=2"));
	before_kitchen = head;
	put("2026-11-04", true, evaluation(64, KITCHEN, "teacher", "readiness", "reliability=3"));
	put("2026-11-04", true, evaluation(65, KITCHEN, "teacher", "middle", "reliability=2"));
}

static int setup(void **state)
{
	(void)state;
	pg_store_open(&t, "test_report");
	put_people();
	put_placements();
	put_hours();
	put_evaluations();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pg_store_close(&t);
	return 0;
}

static void on_result(void *ctx, enum prac_status status, const struct report_result *result)
{
	size_t len = 0;

	(void)ctx;
	seen.has_come = true;
	seen.status = status;
	said[0] = '\0';
	if (result == NULL) {
		return;
	}
	seen.as_of = result->as_of;
	seen.as_of_ms = result->as_of_ms;
	for (size_t row = 0; row < result->n_rows; row++) {
		for (size_t i = 0; i < result->n_columns; i++) {
			len += (size_t)snprintf(said + len, sizeof(said) - len, "%s%s",
				result->cells[row * result->n_columns + i],
				i + 1 < result->n_columns ? "|" : "\n");
		}
	}
}

static void run(const char *name, const char *by, uint64_t as_of)
{
	const char *const parameters[] = { "year=2027", by, NULL };
	const struct report_request request = {
		.name = name, .parameters = parameters, .as_of = as_of
	};
	struct report_ask *ask = prac_arena_alloc(&t.arena, sizeof(*ask));
	const char *problem;

	assert_int_equal(report_ask_read(&request, &t.arena, ask, &problem), PRAC_OK);
	seen.has_come = false;
	report_run(t.pool, ask, &t.arena, on_result, NULL);
	assert_false(seen.has_come);
	pg_run_until(&t.loop, &seen.has_come);
}

static void participation_counts_a_person_once_in_a_cell_and_in_the_total(void **state)
{
	(void)state;
	run("participation", "by=school", 0);
	assert_string_equal(said,
		"Career Center|0|1|0.0|0|" SHIPPED "\nNorth High|1|2|50.0|1|" SHIPPED
		"\nTotal|1|3|33.3|1|" SHIPPED "\n");
	run("participation", "by=kind", 0);
	assert_string_equal(said, "internship|1|3|33.3|0|" SHIPPED "\nservice|1|3|33.3|1|" SHIPPED
				  "\nTotal|1|3|33.3|1|" SHIPPED "\n");
	run("participation", NULL, 0);
	assert_string_equal(said, "1|3|33.3|1|" SHIPPED "\n");
}

/* 650 minutes: over 27 weeks none more than the class's, over 2 weeks 5:25 h a week, over one 10:50 h. */
static void credits_are_those_of_the_rule_over_the_weeks_of_instruction(void **state)
{
	(void)state;
	put("2026-11-03", true,
		RECORD(school_day, DAYS, "state", "published", "day", "2026-09-08", "kind",
			"school"));
	run("hours", NULL, 0);
	assert_string_equal(said, "2|650|300|1500|1|2|5|40.0|80.0|3|" CREDIT "\n");
	put("2026-11-03", true,
		RECORD(school_day, DAYS + 1, "state", "amended", "day", "2026-09-14", "kind",
			"exam", "school_id", ID(NORTH)));
	run("hours", NULL, 0);
	assert_string_equal(said, "2|650|300|1500|1|2|5|40.0|80.0|2|" CREDIT "\n");
	put("2026-11-03", true,
		RECORD(school_day, DAYS + 2, "state", "published", "day", "2026-09-21", "kind",
			"holiday"));
	put("2026-11-03", true,
		RECORD(school_day, DAYS + 3, "state", "published", "day", "2026-09-28", "kind",
			"school", "school_id", ID(CENTER)));
	run("hours", "by=partner", 0);
	assert_non_null(strstr(said, "Acme|2|650|300|1500|1|2|5|40.0|80.0|2|" CREDIT "\n"));
	put("2026-11-03", false,
		RECORD(class, CLASS, "state", "active", "school_id", ID(NORTH), "code", "W1",
			"title", "Welding", "periods_per_week", "1"));
	run("hours", NULL, 0);
	assert_string_equal(said, "2|650|300|1500|1|2|5|40.0|80.0|0|" CREDIT "\n");
}

static void put_rules(uint32_t id, const char *version, const char *from, const char *rows)
{
	put("2026-11-03", true,
		RECORD(rule_set, id, "state", "approved", "domain", "perkins", "jurisdiction", "us",
			"version", version, "starts_on", from, "parameters", rows));
}

/* The completed placement is service learning without approved hours, and ends on 2027-03-01. */
static void what_counts_for_5s3_is_said_by_the_rule_set_of_its_last_day(void **state)
{
	(void)state;
	put_rules(RULES, "2", "2027-03-02", "S=qualifying least:0 kind:internship");
	run("participation", NULL, 0);
	assert_string_equal(said, "1|3|33.3|1|" SHIPPED ", S (perkins us 2)\n");
	put_rules(RULES + 1, "3", "2027-03-01", "T=qualifying least:0 kind:internship");
	run("participation", NULL, 0);
	assert_string_equal(said, "1|3|33.3|0|" SHIPPED ", T (perkins us 3), S (perkins us 2)\n");
	put_rules(RULES + 2, "4", "2027-03-01", "U=qualifying least:0 kind:service");
	run("participation", NULL, 0);
	assert_string_equal(said, "1|3|33.3|1|" SHIPPED ", U (perkins us 4), S (perkins us 2)\n");
	put_rules(RULES + 3, "5", "2027-03-01", "V=qualifying least:1m kind:service");
	run("participation", NULL, 0);
	assert_string_equal(said, "1|3|33.3|0|" SHIPPED ", V (perkins us 5), S (perkins us 2)\n");
}

/* Students, gained, growth, at target, not observed, completed, coverage. */
static void growth_is_the_last_score_less_the_first_of_a_competency(void **state)
{
	(void)state;
	run("growth", NULL, 0);
	assert_string_equal(said, "1|2|1.00|0|1|1|100.0\n");
	run("growth", "by=kind", 0);
	assert_string_equal(said, "internship|1|3|3.00|1|1|0|\n"
				  "service|1|-1|-1.00|0|0|1|100.0\n"
				  "Total|1|2|1.00|0|1|1|100.0\n");
	run("growth", "by=competency", 0);
	assert_string_equal(said, "reliability|1|2|1.00|0|0|1|100.0\n"
				  "safety|0|0||0|1|1|0.0\n"
				  "Total|1|2|1.00|0|1|1|100.0\n");
	run("growth", "by=evaluator,competency", before_kitchen);
	assert_string_equal(said, "student|reliability|0|0||0|0|1|0.0\n"
				  "supervisor|reliability|1|3|3.00|1|0|1|0.0\n"
				  "supervisor|safety|0|0||0|1|1|0.0\n"
				  "Total|Total|1|3|3.00|1|1|1|0.0\n");
}

static struct prac_record *owed(const char *at, const char *due_on)
{
	return RECORD(evaluation, OWED, "state", at, "placement_id", ID(SHOP), "student_id",
		ID(ANN), "school_id", ID(NORTH), "rubric_id", ID(RUBRIC), "evaluator", "student",
		"subject", "site", "stage", "start", "due_on", due_on);
}

/* The supervisor's first scores wait for what the student owes at that stage; then they are last and first again. */
static void what_one_side_may_not_read_yet_is_in_no_growth(void **state)
{
	(void)state;
	put("2026-11-04", true, owed("opened", "2026-12-01"));
	run("growth", "by=kind", 0);
	assert_non_null(strstr(said, "internship|0|0||0|0|0|\n"));
	put("2026-11-04", false, owed("dropped", "2026-12-01")); /* nobody owes it */
	run("growth", "by=kind", 0);
	assert_non_null(strstr(said, "internship|1|3|3.00|1|1|0|\n"));
	run("growth", "by=kind", head - 1);
	assert_non_null(strstr(said, "internship|0|0||0|0|0|\n"));
	put("2026-11-04", false, owed("opened", "2026-12-01"));
	put("2026-11-04", false, owed("submitted", "2026-12-01"));
	run("growth", "by=kind", 0);
	assert_non_null(strstr(said, "internship|1|3|3.00|1|1|0|\n"));
	run("growth", "by=kind", head - 1);
	assert_non_null(strstr(said, "internship|0|0||0|0|0|\n"));
}

static void hours_come_from_the_last_approved_sheet_of_a_chain(void **state)
{
	(void)state;
	run("hours", NULL, 0);
	assert_string_equal(said, "2|650|300|1500|1|2|5|40.0|80.0|1|" CREDIT "\n");
	run("hours", "by=month", 0);
	assert_string_equal(said, "2026-09|1|650|0||||4|50.0|100.0||" CREDIT "\n"
				  "2026-10|1|0|300||||1|0.0|0.0||" CREDIT "\n"
				  "Total|2|650|300|1500|1|2|5|40.0|80.0|1|" CREDIT "\n");
}

static void a_report_can_be_repeated_as_of_an_earlier_point(void **state)
{
	(void)state;
	run("hours", NULL, before_correction);
	assert_string_equal(said, "2|360|300|1500|0|2|3|66.7|66.7|1|" CREDIT "\n");
	assert_int_equal(seen.as_of, before_correction);
	assert_int_equal(seen.as_of_ms, 1792497600000); /* 2026-10-20T12:00Z */
	run("pipeline", NULL, before_cancel);
	assert_string_equal(said, "draft|2|4|50.0|2.0\nactive|1|4|25.0|\ncompleted|1|4|25.0|\n");
	run("pipeline", NULL, head + 1);
	assert_int_equal(seen.status, PRAC_OUT_OF_RANGE);
}

static void the_pipeline_says_how_many_and_how_long(void **state)
{
	(void)state;
	run("pipeline", NULL, 0);
	assert_string_equal(said, "draft|1|4|25.0|2.0\nactive|1|4|25.0|\ncompleted|1|4|25.0|\n"
				  "canceled|1|4|25.0|\n");
	run("pipeline", "by=school", 0);
	assert_string_equal(said,
		"Career Center|draft|0|1|0.0|6.0\nCareer Center|canceled|1|1|100.0|\n"
		"North High|draft|1|3|33.3|2.0\nNorth High|active|1|3|33.3|\n"
		"North High|completed|1|3|33.3|\n"
		"Total|draft|1|4|25.0|2.0\nTotal|active|1|4|25.0|\nTotal|completed|1|4|25.0|\n"
		"Total|canceled|1|4|25.0|\n");
}

static void put_adjustment(bool is_new, const char *at, const char *minutes)
{
	put("2026-11-05", is_new,
		RECORD(adjustment, ADJUSTMENT, "state", at, "student_id", ID(ANN), "school_id",
			ID(NORTH), "entry_id", ID(ENTRIES + 3), "delta_minutes", minutes, "because",
			"B", "evidence", "E", "requested_by_id", ID(ANN)));
}

/* As the close of a period has it (unit.rules_hours): nothing before it is posted. */
static void accepted_minutes_are_with_posted_adjustments(void **state)
{
	(void)state;
	put_adjustment(true, "approved", "-30");
	run("hours", "by=month", 0);
	assert_non_null(strstr(said, "2026-09|1|650|0|"));
	before_posted = head;
	put_adjustment(false, "posted", "-30");
	run("hours", "by=month", 0);
	assert_non_null(strstr(said, "2026-09|1|620|0|"));
	assert_non_null(strstr(said, "Total|2|620|300|"));
	run("hours", "by=month", before_posted);
	assert_non_null(strstr(said, "Total|2|650|300|"));
}

/* A minute more than is accepted is asked for from now on, the class meets less, and all names are others. */
static void change_what_reports_go_by(void)
{
	put("2026-11-06", true,
		RECORD(rule_set, RULES + 9, "state", "approved", "domain", "credit", "jurisdiction",
			"us-tn", "version", "9", "starts_on", "2026-09-01", "parameters",
			"N=credit most:6 class-periods:9 class-blocks:9 each:5h"));
	put("2026-11-06", false,
		RECORD(rule_set, RULES + 3, "state", "draft", "domain", "perkins", "jurisdiction",
			"us", "version", "5", "starts_on", "2027-03-01", "parameters",
			"V=qualifying least:1m kind:service"));
	put("2026-11-06", false,
		RECORD(organization, ACME, "state", "approved", "name", "Zenith", "kind",
			"employer"));
	put("2026-11-06", false,
		RECORD(school, NORTH, "state", "active", "name", "South High", "code", "1", "zone",
			"America/New_York"));
	put("2026-11-06", false,
		RECORD(program_of_study, WELDING, "state", "active", "code", "W", "name", "Joining",
			"minutes_per_credit", "99h"));
	put("2026-11-06", false,
		RECORD(school_day, DAYS, "state", "amended", "day", "2026-09-08", "kind",
			"holiday"));
}

static void rules_calendar_and_names_are_those_of_the_point(void **state)
{
	static const struct {
		const char *report, *by;
	} asked[] = { { "hours", "by=school,partner" }, { "participation", "by=school,program" },
		{ "pipeline", "by=school,partner" }, { "growth", "by=school,program" } };

	char before[PRAC_NELEM(asked)][sizeof(said)];
	uint64_t point = head;

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(asked); i++) {
		run(asked[i].report, asked[i].by, 0);
		memcpy(before[i], said, sizeof(said));
	}
	change_what_reports_go_by();
	for (size_t i = 0; i < PRAC_NELEM(asked); i++) {
		run(asked[i].report, asked[i].by, point);
		assert_string_equal(said, before[i]);
		run(asked[i].report, asked[i].by, 0);
		assert_string_not_equal(said, before[i]);
		assert_non_null(strstr(said, "South High"));
	}
}

static void what_a_report_does_not_have_is_refused_in_a_sentence(void **state)
{
	const char *const by[] = { "by=school,moon", NULL };
	const char *const year[] = { "year=27", NULL };
	struct report_request request = { .name = "hours", .parameters = by };
	struct report_ask ask;
	const char *problem;

	(void)state;
	assert_int_equal(
		report_ask_read(&request, &t.arena, &ask, &problem), PRAC_INVALID_ARGUMENT);
	assert_string_equal(problem,
		"by: hours cannot be broken down by moon, but by school, course, month, partner, "
		"coordinator");
	request.parameters = year;
	assert_int_equal(
		report_ask_read(&request, &t.arena, &ask, &problem), PRAC_INVALID_ARGUMENT);
	assert_string_equal(
		problem, "year: want the year in which the school year ends, 2000 to 2199, not 27");
	request.name = "hour";
	assert_int_equal(report_ask_read(&request, &t.arena, &ask, &problem), PRAC_NOT_FOUND);
	assert_string_equal(problem, "there is no report hour");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(participation_counts_a_person_once_in_a_cell_and_in_the_total),
		cmocka_unit_test(growth_is_the_last_score_less_the_first_of_a_competency),
		cmocka_unit_test(what_one_side_may_not_read_yet_is_in_no_growth),
		cmocka_unit_test(hours_come_from_the_last_approved_sheet_of_a_chain),
		cmocka_unit_test(a_report_can_be_repeated_as_of_an_earlier_point),
		cmocka_unit_test(the_pipeline_says_how_many_and_how_long),
		cmocka_unit_test(credits_are_those_of_the_rule_over_the_weeks_of_instruction),
		cmocka_unit_test(what_counts_for_5s3_is_said_by_the_rule_set_of_its_last_day),
		cmocka_unit_test(accepted_minutes_are_with_posted_adjustments),
		cmocka_unit_test(rules_calendar_and_names_are_those_of_the_point),
		cmocka_unit_test(what_a_report_does_not_have_is_refused_in_a_sentence),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
