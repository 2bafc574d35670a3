/* Which set holds on a day, what is wrong with one, and which of two demands less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/date.h"
#include "common/law/book.h"

static struct prac_arena arena;

static int32_t date_of(const char *text)
{
	int32_t date = 0;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

/* facts: "labor us-tn 2 2026-07-01 -"; the last word is the last day. */
static struct prac_law_set make(const char *facts, const char *rows)
{
	char *words = prac_arena_printf(&arena, "%s", facts), *rest = NULL, *ends_on;
	const char *error = "";
	struct prac_law_set set;
	const char *text = prac_arena_printf(&arena, "domain=%s\n", strtok_r(words, " ", &rest));

	text = prac_arena_printf(&arena, "%sjurisdiction=%s\n", text, strtok_r(NULL, " ", &rest));
	text = prac_arena_printf(&arena, "%sversion=%s\n", text, strtok_r(NULL, " ", &rest));
	text = prac_arena_printf(&arena, "%sstarts_on=%s\n", text, strtok_r(NULL, " ", &rest));
	ends_on = strtok_r(NULL, " ", &rest);
	if (strcmp(ends_on, "-") != 0) {
		text = prac_arena_printf(&arena, "%sends_on=%s\n", text, ends_on);
	}
	text = prac_arena_printf(&arena, "%s%s\n", text, rows);
	if (prac_law_set_read(prac_bytes_text(text), &arena, &set, &error) != PRAC_OK) {
		fail_msg("%s", error);
	}
	return set;
}

static int32_t credit_version(const struct prac_law_book *book, const char *date)
{
	struct prac_policy policy = prac_law_book_policy(book, "credit", &arena);
	int32_t version = 0;

	for (size_t i = 0; i < policy.n; i++) {
		if (policy.sets[i].starts_on <= date_of(date) &&
			date_of(date) <= policy.sets[i].ends_on) {
			assert_int_equal(version, 0); /* one set a day */
			version = policy.sets[i].version;
		}
	}
	return version;
}

static const char *const credit_rows = "C=credit most:4 class-periods:2 class-blocks:1 each:6h";

static void a_districts_set_holds_from_its_first_to_its_last_day(void **state)
{
	struct prac_law_set own = make("credit us-tn 7 2026-07-01 2027-06-30", credit_rows);
	struct prac_law_book book = prac_law_book_make(&own, 1, &arena);

	(void)state;
	assert_int_equal(credit_version(&book, "2024-12-09"), 1);
	assert_int_equal(credit_version(&book, "2026-06-30"), 2);
	assert_int_equal(credit_version(&book, "2026-07-01"), 7);
	assert_int_equal(credit_version(&book, "2027-06-30"), 7);
	assert_int_equal(credit_version(&book, "2027-07-01"), 2);
}

static void the_set_that_begins_last_holds_and_of_two_the_higher_version(void **state)
{
	struct prac_law_set own[] = {
		make("credit us-tn 9 2027-01-01 2027-01-31", credit_rows),
		make("credit us-tn 7 2026-07-01 -", credit_rows),
		make("credit us-tn 8 2026-07-01 -", credit_rows),
	};
	struct prac_law_book book = prac_law_book_make(own, PRAC_NELEM(own), &arena);

	(void)state;
	assert_int_equal(credit_version(&book, "2026-12-31"), 8);
	assert_int_equal(credit_version(&book, "2027-01-01"), 9);
	assert_int_equal(credit_version(&book, "2027-01-31"), 9);
	assert_int_equal(credit_version(&book, "2027-02-01"), 8);
	assert_int_equal(credit_version(&book, "2026-06-30"), 2);
}

/* How many minutes FED-14-DAY-S allows on the day. */
static const char *most_of(const struct prac_law_book *book, const char *id, const char *date)
{
	const struct prac_labor_law *law = prac_law_book_labor(book, &arena);

	for (unsigned bit = 0; bit < prac_labor_n_ids(law); bit++) {
		const struct prac_law_row *row = prac_labor_row(law, bit, date_of(date));

		if (strcmp(prac_labor_id(law, bit), id) == 0 && row != NULL) {
			return prac_law_key(row, "most");
		}
	}
	return "none";
}

static void every_jurisdiction_binds_beside_the_others(void **state)
{
	struct prac_law_set own = make("labor district 1 2026-07-01 -",
		"DI-DAY=day-sum age:16-17 most:6h | Six hours. | Board");
	struct prac_law_book book = prac_law_book_make(&own, 1, &arena);

	(void)state;
	assert_string_equal(most_of(&book, "DI-DAY", "2026-06-30"), "none");
	assert_string_equal(most_of(&book, "DI-DAY", "2026-07-01"), "6h");
	assert_string_equal(most_of(&book, "FED-14-DAY-S", "2026-07-01"), "3h");
	assert_string_equal(most_of(&book, "TN-14-WEEK-S", "2026-07-01"), "18h");
}

/* Every row of the shipped set of Tennessee, but for changes. */
static struct prac_law_set tennessee(const char *id, const char *row)
{
	struct prac_law_set set = { 0 };
	const char *error;

	for (const struct prac_law_text *text = prac_law_shipped; text->name != NULL; text++) {
		if (strcmp(text->name, "labor-us-tn") == 0) {
			assert_int_equal(prac_law_set_read(
						 prac_bytes_text(text->text), &arena, &set, &error),
				PRAC_OK);
		}
	}
	set.starts_on = date_of("2026-07-01");
	set.version = 2;
	for (size_t i = 0; i < set.n_rows; i++) {
		if (strcmp(set.rows[i].id, id) == 0 && row != NULL) {
			assert_int_equal(prac_law_row_read(prac_bytes_text(row), &arena,
						 &set.rows[i], &error),
				PRAC_OK);
		} else if (strcmp(set.rows[i].id, id) == 0) {
			set.rows[i] = set.rows[--set.n_rows];
		}
	}
	return set;
}

static const char *looser(const char *id, const char *row)
{
	struct prac_law_set set = tennessee(id, row);
	const char *words = prac_law_set_looser(&set, &arena);

	assert_null(prac_law_set_flaw(&set, &arena));
	return words == NULL ? "" : words;
}

static void a_set_that_demands_less_than_the_shipped_one_is_recognized(void **state)
{
	(void)state;
	assert_string_equal(looser("", NULL), "");
	assert_string_equal(looser("TN-BREAK", NULL), "TN-BREAK is missing");
	assert_string_equal(
		looser("TN-14-DAY-S", "TN-14-DAY-S=day-sum age:14-15 on:school most:3h1m"),
		"TN-14-DAY-S allows more");
	assert_string_equal(
		looser("TN-14-DAY-S", "TN-14-DAY-S=day-sum age:14-14 on:school most:3h"),
		"TN-14-DAY-S binds fewer ages");
	assert_string_equal(
		looser("TN-14-NIGHT", "TN-14-NIGHT=night age:14-15 from:21:30 until:05:30"),
		"TN-14-NIGHT begins later; TN-14-NIGHT ends earlier");
	assert_string_equal(
		looser("TN-BREAK", "TN-BREAK=break age:0-17 from-length:6h1m least:29 after:59"),
		"TN-BREAK asks for the break later; TN-BREAK asks for a shorter break; TN-BREAK "
		"lets the break come earlier");
	assert_string_equal(
		looser("TN-MIN", "TN-MIN=min-age age:0-13 severity:W"), "TN-MIN warns only");
	assert_string_equal(
		looser("TN-X-FARM", "TN-X-FARM=exemption proof:farm age:0-18 lifts:FED-*"),
		"TN-X-FARM exempts more people; TN-X-FARM lifts more rules");
	assert_string_equal(looser("R1", "TN-X-ME=exemption proof:wsp age:0-17 lifts:TN-BREAK"),
		"TN-X-ME is an exemption that the law does not have");
}

static void a_stricter_set_demands_no_less(void **state)
{
	(void)state;
	assert_string_equal(
		looser("TN-14-DAY-S", "TN-14-DAY-S=day-sum age:14-16 on:any most:2h59m"), "");
	assert_string_equal(
		looser("TN-16-NIGHT", "TN-16-NIGHT=night age:16-17 from:21:00 until:06:30"), "");
	assert_string_equal(
		looser("TN-BREAK", "TN-BREAK=break age:0-18 from-length:5h least:45 after:90"), "");
	assert_string_equal(looser("TN-X-FARM", NULL), ""); /* an exemption fewer */
	assert_string_equal(looser("R1", NULL), "");
}

static const char *flaw(const char *facts, const char *rows)
{
	struct prac_law_set set = make(facts, rows);
	const char *words = prac_law_set_flaw(&set, &arena);

	return words == NULL ? "" : words;
}

static void a_row_that_is_wrong_is_named_with_what_would_be_right(void **state)
{
	(void)state;
	assert_string_equal(flaw("labor us 2 2026-07-01 -", "A=day-sum age:14-15"),
		"A: a row of kind day-sum needs most:3h");
	assert_string_equal(flaw("labor us 2 2026-07-01 -", "A=free age:1-2\nA=free age:1-2"),
		"A: stands there twice; leave one of the rows");
	assert_string_equal(
		flaw("credit us 2 2026-07-01 -", "A=credit most:4 class-periods:2 each:5h"),
		"A: a row of kind credit needs class-blocks; write it as in most:6 class-periods:2 "
		"class-blocks:1 each:5h");
	assert_string_equal(flaw("visits us 2 2026-07-01 -", "A=visit most:often"),
		"A: \"most:often\" is not understood; write it as in most:30 "
		"kind:clinical");
	assert_string_equal(flaw("perkins us 2 2026-07-01 -", "A=concentrator most:2"),
		"A: a row of kind concentrator has no key \"most\"; write it as in least:2");
	assert_string_equal(flaw("eligibility us 2 2026-07-01 -", "A=height least:2"),
		"A: rules of domain eligibility have no kind \"height\"; the shipped sets in "
		"`practicum rules list` show which there are");
	assert_string_equal(flaw("visits us 2 2026-07-01 -", "A=note | Words."), "");
}

static void every_shipped_set_has_no_flaw_and_is_known_as_shipped(void **state)
{
	struct prac_law_book book = prac_law_book_make(NULL, 0, &arena);

	(void)state;
	assert_true(book.n >= 7);
	for (size_t i = 0; i < book.n; i++) {
		assert_null(prac_law_set_flaw(&book.sets[i], &arena));
		assert_true(book.sets[i].source[0] != '\0');
		assert_true(prac_law_set_is_shipped(&book.sets[i], &arena));
		book.sets[i].starts_on++;
		assert_false(prac_law_set_is_shipped(&book.sets[i], &arena));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_districts_set_holds_from_its_first_to_its_last_day),
		cmocka_unit_test(the_set_that_begins_last_holds_and_of_two_the_higher_version),
		cmocka_unit_test(every_jurisdiction_binds_beside_the_others),
		cmocka_unit_test(a_set_that_demands_less_than_the_shipped_one_is_recognized),
		cmocka_unit_test(a_stricter_set_demands_no_less),
		cmocka_unit_test(a_row_that_is_wrong_is_named_with_what_would_be_right),
		cmocka_unit_test(every_shipped_set_has_no_flaw_and_is_known_as_shipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
