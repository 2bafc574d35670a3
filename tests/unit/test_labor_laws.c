/* What holds for all entries, over drawn ones, and how a rule set is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/base/date.h"
#include "tests/support/labor.h"

enum {
	ROUNDS = 400,
	ENTRIES = 24,
	YEAR = 250
};

struct draw {
	uint64_t state;
};

static uint32_t below(struct draw *draw, uint32_t n)
{
	draw->state = draw->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(draw->state >> 33) % n;
}

/* Three weeks in September; breaks only where they surely lie inside. */
static struct prac_labor_entry draw_entry(struct draw *draw, struct labor_lab *lab)
{
	struct prac_labor_entry entry = {
		.zone = lab->zone,
		.date = labor_lab_date("2026-09-06") + (int32_t)below(draw, 21),
		.starts_at = (int32_t)below(draw, 1440),
		.break_starts_at = -1,
		.consent = below(draw, 2) == 0 ? PRAC_LABOR_CONSENT : PRAC_LABOR_NO_CONSENT,
		.proofs = below(draw, 8) == 0 ? 1U << PRAC_LABOR_PROOF_STUDENT_LEARNER : 0,
	};
	int32_t length = 90 + (int32_t)below(draw, 500);

	entry.ends_at = (entry.starts_at + length) % 1440;
	if (below(draw, 2) == 0) {
		entry.break_minutes = 15 + (int32_t)below(draw, 30);
		entry.break_starts_at = (entry.starts_at + (int32_t)below(draw, 45)) % 1440;
	}
	return entry;
}

static void judge(struct labor_lab *lab, const struct prac_labor_entry *entries, size_t n,
	struct prac_labor_verdict *verdicts_out)
{
	prac_labor_judge(lab->law, &lab->minor, &(struct prac_labor_entries){ entries, n },
		&lab->arena, verdicts_out);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(verdicts_out[i].fault, PRAC_LABOR_FAULT_NONE);
	}
}

static uint64_t bits_of(const struct labor_lab *lab, const char *part)
{
	uint64_t bits = 0;

	for (unsigned bit = 0; bit < prac_labor_n_ids(lab->law); bit++) {
		if (strstr(prac_labor_id(lab->law, bit), part) != NULL) {
			bits |= UINT64_C(1) << bit;
		}
	}
	return bits;
}

static size_t count(const struct prac_labor_verdict *verdicts, size_t n, uint64_t ids)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum += (size_t)__builtin_popcountll(verdicts[i].violations & ids);
	}
	return sum;
}

/* The part from `at` minutes behind the start; its break stays where it is, if it lies there. */
static struct prac_labor_entry cut(struct prac_labor_entry *entry, int32_t at)
{
	struct prac_labor_entry rest = *entry;
	int32_t offset = (entry->break_starts_at - entry->starts_at + 1440) % 1440;

	rest.starts_at = (entry->starts_at + at) % 1440;
	rest.date += entry->starts_at + at >= 1440;
	entry->ends_at = rest.starts_at;
	if (entry->break_starts_at < 0 || offset >= at) {
		entry->break_starts_at = -1;
		entry->break_minutes = 0;
	} else if (offset + entry->break_minutes <= at) {
		rest.break_starts_at = -1;
		rest.break_minutes = 0;
	} else {
		rest.break_starts_at = rest.starts_at;
		rest.break_minutes = offset + entry->break_minutes - at;
		entry->break_minutes = at - offset;
	}
	return rest;
}

static void splitting_an_entry_removes_no_sum_and_no_break(void **state)
{
	struct labor_lab *lab = *state;
	uint64_t sums = bits_of(lab, "-DAY-") | bits_of(lab, "-WEEK-"),
		 rest = bits_of(lab, "BREAK");
	struct prac_labor_entry entries[ENTRIES + 1];
	struct prac_labor_verdict before[ENTRIES + 1], after[ENTRIES + 1];
	struct draw draw = { 1 };
	size_t n_marks = 0;

	for (int round = 0; round < ROUNDS; round++) {
		size_t victim = below(&draw, ENTRIES);

		lab->minor.birth_date =
			labor_lab_date(round % 2 == 0 ? "2011-03-01" : "2009-12-01");
		for (size_t i = 0; i < ENTRIES; i++) {
			entries[i] = draw_entry(&draw, lab);
		}
		judge(lab, entries, ENTRIES, before);
		entries[ENTRIES] = cut(&entries[victim], 1 + (int32_t)below(&draw, 80));
		judge(lab, entries, ENTRIES + 1, after);
		assert_true(count(after, ENTRIES + 1, sums) >= count(before, ENTRIES, sums));
		assert_true(count(after, ENTRIES + 1, rest) >= count(before, ENTRIES, rest));
		n_marks += count(before, ENTRIES, sums | rest);
	}
	assert_true(n_marks > ROUNDS);
}

static void a_stricter_law_never_yields_fewer_violations(void **state)
{
	static const char *const loose =
		"D=day-sum age:14-15 on:school most:4h\nW=week-sum age:14-15 most:20h\n"
		"N=night age:14-15 from:21:00 until:06:00\nB=break age:0-17 from-length:7h least:20 "
		"after:30";
	static const char *const strict =
		"D=day-sum age:14-15 on:school most:3h\nW=week-sum age:14-15 most:12h\n"
		"N=night age:14-15 from:19:00 until:07:00\nB=break age:0-17 from-length:6h least:30 "
		"after:60";
	struct labor_lab *lab = *state;
	struct prac_labor_entry entries[ENTRIES];
	struct prac_labor_verdict verdicts[ENTRIES];
	struct draw draw = { 2 };

	lab->minor.birth_date = labor_lab_date("2011-03-01");
	for (int round = 0; round < ROUNDS; round++) {
		size_t n_loose;

		for (size_t i = 0; i < ENTRIES; i++) {
			entries[i] = draw_entry(&draw, lab);
		}
		labor_lab_rules(lab, loose);
		judge(lab, entries, ENTRIES, verdicts);
		n_loose = count(verdicts, ENTRIES, UINT64_MAX);
		labor_lab_rules(lab, strict);
		judge(lab, entries, ENTRIES, verdicts);
		assert_true(count(verdicts, ENTRIES, UINT64_MAX) >= n_loose);
	}
}

/* The shipped set of Tennessee with one value drawn anew. */
static struct prac_law_set draw_set(struct draw *draw, struct labor_lab *lab)
{
	static const struct {
		const char *id, *row;
		int32_t least, step; /* of the number that the row takes, in minutes */
	} drawn[] = {
		{ "TN-14-DAY-S", "TN-14-DAY-S=day-sum age:14-15 on:school most:%d", 60, 30 },
		{ "TN-14-WEEK-S", "TN-14-WEEK-S=week-sum age:14-15 on:school most:%d", 600, 120 },
		{ "TN-14-NIGHT", "TN-14-NIGHT=night age:14-15 from:%02d:00 until:06:00", 19, 1 },
		{ "TN-BREAK", "TN-BREAK=break age:0-17 from-length:6h least:%d after:60", 10, 10 },
		{ "TN-BREAK", "TN-BREAK=break age:0-17 from-length:%d least:30 after:60", 300, 30 },
	};

	size_t which = below(draw, PRAC_NELEM(drawn));
	int32_t value = drawn[which].least + drawn[which].step * (int32_t)below(draw, 5);
	char row[PRAC_LAW_LINE_MAX];
	struct prac_law_set set = { 0 };
	const char *error;

	for (const struct prac_law_text *text = prac_law_shipped; text->name != NULL; text++) {
		if (strcmp(text->name, "labor-us-tn") == 0) {
			assert_int_equal(prac_law_set_read(prac_bytes_text(text->text), &lab->arena,
						 &set, &error),
				PRAC_OK);
		}
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(row, sizeof(row), drawn[which].row, (int)value);
#pragma GCC diagnostic pop
	for (size_t i = 0; i < set.n_rows; i++) {
		if (strcmp(set.rows[i].id, drawn[which].id) == 0) {
			assert_int_equal(prac_law_row_read(prac_bytes_text(row), &lab->arena,
						 &set.rows[i], &error),
				PRAC_OK);
		}
	}
	return set;
}

static size_t count_under(struct labor_lab *lab, const struct prac_law_set *set,
	const struct prac_labor_entry *entries)
{
	struct prac_labor_verdict verdicts[ENTRIES];
	const char *error;

	lab->law = prac_labor_law_new(&lab->arena);
	assert_int_equal(prac_labor_law_add(lab->law, set, &error), PRAC_OK);
	judge(lab, entries, ENTRIES, verdicts);
	return count(verdicts, ENTRIES, UINT64_MAX);
}

static void a_set_that_is_not_looser_never_yields_fewer_violations(void **state)
{
	struct labor_lab *lab = *state;
	struct prac_labor_entry entries[ENTRIES];
	struct draw draw = { 5 };
	size_t n_looser = 0, n_stricter = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct prac_law_set one = draw_set(&draw, lab), other = draw_set(&draw, lab);

		lab->minor.birth_date =
			labor_lab_date(round % 2 == 0 ? "2011-03-01" : "2009-12-01");
		for (size_t i = 0; i < ENTRIES; i++) {
			entries[i] = draw_entry(&draw, lab);
		}
		if (prac_labor_looser(&one, &other, &lab->arena) != NULL) {
			n_looser++;
			continue;
		}
		n_stricter++;
		assert_true(count_under(lab, &one, entries) >= count_under(lab, &other, entries));
	}
	assert_true(n_looser > ROUNDS / 10 && n_stricter > ROUNDS / 10);
}

static void judging_again_and_in_another_order_says_the_same(void **state)
{
	struct labor_lab *lab = *state;
	struct prac_labor_entry entries[ENTRIES], turned[ENTRIES];
	struct prac_labor_verdict first[ENTRIES], second[ENTRIES];
	struct draw draw = { 3 };

	lab->minor.birth_date = labor_lab_date("2010-09-20"); /* 16 inside the weeks */
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < ENTRIES; i++) {
			entries[i] = draw_entry(&draw, lab);
			turned[ENTRIES - 1 - i] = entries[i];
		}
		judge(lab, entries, ENTRIES, first);
		judge(lab, entries, ENTRIES, second);
		assert_memory_equal(first, second, sizeof(first));
		judge(lab, turned, ENTRIES, second);
		for (size_t i = 0; i < ENTRIES; i++) {
			assert_true(first[i].violations == second[ENTRIES - 1 - i].violations);
		}
	}
}

static void a_law_that_changes_in_the_year_binds_by_date(void **state)
{
	static const char old_text[] = "domain=labor\njurisdiction=test\nversion=1\n"
				       "starts_on=2026-01-01\nends_on=2026-10-11\n"
				       "D=day-sum age:14-15 most:4h | Four hours.\n";
	static const char new_text[] = "domain=labor\njurisdiction=test\nversion=2\n"
				       "starts_on=2026-10-12\nD=day-sum age:14-15 most:2h | Two.\n";
	struct labor_lab *lab = *state;
	struct prac_law_set sets[2];
	const char *error;

	lab->law = prac_labor_law_new(&lab->arena);
	assert_int_equal(
		prac_law_set_read(prac_bytes_text(old_text), &lab->arena, &sets[0], &error),
		PRAC_OK);
	assert_int_equal(
		prac_law_set_read(prac_bytes_text(new_text), &lab->arena, &sets[1], &error),
		PRAC_OK);
	assert_int_equal(prac_labor_law_add(lab->law, &sets[0], &error), PRAC_OK);
	assert_int_equal(prac_labor_law_add(lab->law, &sets[1], &error), PRAC_OK);
	assert_string_equal(
		labor_lab_marks(lab, "2011-03-01", "2026-10-11 10:00-13:00;2026-10-12 10:00-13:00"),
		"-; D");
	assert_string_equal(
		prac_labor_row(lab->law, 0, labor_lab_date("2026-10-11"))->words, "Four hours.");
	assert_string_equal(
		prac_labor_row(lab->law, 0, labor_lab_date("2026-10-12"))->words, "Two.");
	assert_null(prac_labor_row(lab->law, 0, labor_lab_date("2025-12-31")));
	assert_false(prac_labor_is_in_force(lab->law, labor_lab_date("2025-12-31")));
}

static void rows_that_are_not_understood_name_the_remedy(void **state)
{
	static const char *const rows[][2] = {
		{ "no row", "line 5: a row is ID=kind key:value ... | words | source" },
		{ "D=day-sum age:14-15", "D: a row of kind day-sum needs most:3h" },
		{ "D=day-sum age:15-14 most:3h",
			"D: \"age:15-14\" is not understood; write age:14-15" },
		{ "D=day-sum age:14-15 most:long",
			"D: \"most:long\" is not understood; write most:3h" },
		{ "D=day-sum age:14-15 most:3h order:5",
			"D: a row of kind day-sum has no key \"order\"" },
		{ "D=night age:14-15 from:7pm until:06:00",
			"D: \"from:7pm\" is not understood; write from:19:00" },
		{ "D=wish age:14-15", "D: there is no kind \"wish\" of labor rule" },
		{ "D=day-sum age:14-15 most",
			"line 5: D: \"most\" is no key:value, as in most:3h" },
		{ "D=evening age:14-15 from:19:00 inside:06-01",
			"D: \"inside:06-01\" is not understood; write inside:06-01..labor-day" },
		{ "D=exemption age:14-15 lifts:D proof:luck",
			"D: \"proof:luck\" is not understood; write proof:student-learner" },
	};
	struct labor_lab *lab = *state;

	for (size_t i = 0; i < PRAC_NELEM(rows); i++) {
		struct prac_labor_law *law = prac_labor_law_new(&lab->arena);
		const char *text = prac_arena_printf(&lab->arena,
			"domain=labor\njurisdiction=x\nversion=1\nstarts_on=2000-01-01\n%s\n",
			rows[i][0]);
		struct prac_law_set set;
		const char *error = "";

		if (prac_law_set_read(prac_bytes_text(text), &lab->arena, &set, &error) ==
			PRAC_OK) {
			assert_int_not_equal(prac_labor_law_add(law, &set, &error), PRAC_OK);
		}
		assert_string_equal(error, rows[i][1]);
		assert_int_equal(prac_labor_n_ids(law), 0);
	}
}

static void assert_is_whole(const struct prac_law_text *text, struct prac_arena *arena)
{
	struct prac_law_set set;
	const char *error = "";

	assert_int_equal(
		prac_law_set_read(prac_bytes_text(text->text), arena, &set, &error), PRAC_OK);
	assert_string_equal(error, "");
	for (size_t i = 0; i < set.n_rows; i++) {
		assert_true(set.rows[i].words[0] != '\0');
		assert_true(set.rows[i].source[0] != '\0' || strcmp(set.rows[i].kind, "note") == 0);
	}
}

static void every_shipped_set_is_read_and_every_row_says_its_source(void **state)
{
	struct labor_lab *lab = *state;

	for (const struct prac_law_text *text = prac_law_shipped; text->name != NULL; text++) {
		assert_is_whole(text, &lab->arena);
	}
	assert_null(prac_labor_law_shipped("us-zz", &lab->arena));
	assert_string_equal(prac_labor_id(prac_labor_law_shipped("us", &lab->arena), 0), "FED-MIN");
}

/* Not a bound: a machine's speed is not a rule. What is printed is for whoever asks. */
static void a_year_of_250_entries_is_judged_in_one_pass(void **state)
{
	struct labor_lab *lab = *state;
	struct prac_labor_entry entries[YEAR];
	struct prac_labor_verdict verdicts[YEAR];
	struct timespec from, until;

	enum {
		TIMES = 200
	};

	lab->minor.birth_date = labor_lab_date("2011-03-01");
	for (int32_t i = 0; i < YEAR; i++) {
		entries[i] = (struct prac_labor_entry){ .zone = lab->zone,
			.date = labor_lab_date("2026-08-09") + i,
			.starts_at = 960,
			.ends_at = 1080,
			.break_starts_at = -1 };
	}
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from), 0);
	for (int i = 0; i < TIMES; i++) {
		judge(lab, entries, YEAR, verdicts);
	}
	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &until), 0);
	assert_int_equal(count(verdicts, YEAR, UINT64_MAX), 0);
	print_message("%.0f entries a second\n",
		TIMES * YEAR /
			((double)(until.tv_sec - from.tv_sec) +
				(double)(until.tv_nsec - from.tv_nsec) / 1e9));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, labor_lab_start, labor_lab_stop)
	const struct CMUnitTest tests[] = {
		T(splitting_an_entry_removes_no_sum_and_no_break),
		T(a_stricter_law_never_yields_fewer_violations),
		T(a_set_that_is_not_looser_never_yields_fewer_violations),
		T(judging_again_and_in_another_order_says_the_same),
		T(a_law_that_changes_in_the_year_binds_by_date),
		T(rows_that_are_not_understood_name_the_remedy),
		T(every_shipped_set_is_read_and_every_row_says_its_source),
		T(a_year_of_250_entries_is_judged_in_one_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
