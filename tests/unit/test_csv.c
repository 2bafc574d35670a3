/* CSV out and in: formulas are disarmed for spreadsheets, and nothing is lost on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/cmd/csv.h"

static char *written(const char *text, bool guard)
{
	char *out = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&out, &len);

	assert_non_null(file);
	csv_put(file, prac_bytes_text(text), guard);
	(void)fputs("\r\n", file);
	assert_int_equal(fclose(file), 0);
	return out;
}

/* The one cell of the line as a spreadsheet sees it; in the arena. */
static const char *seen(const char *line, struct prac_arena *arena)
{
	struct csv_table table = { 0 };
	const char *error = NULL;

	assert_int_equal(csv_parse_text(prac_bytes_text(line), 10, arena, &table, &error), PRAC_OK);
	assert_int_equal(table.n_rows, 1);
	assert_int_equal(table.rows[0].n_cells, 1);
	return table.rows[0].cells[0];
}

static bool is_run(const char *cell)
{
	return cell[0] != '\0' && strchr("=+-@\t\r", cell[0]) != NULL;
}

static void check(const char *text)
{
	struct prac_arena arena = { 0 };
	char *guarded = written(text, true), *raw = written(text, false);

	assert_false(is_run(seen(guarded, &arena)));
	assert_string_equal(csv_unguard(seen(guarded, &arena)), text);
	assert_string_equal(seen(raw, &arena), text);
	free(guarded);
	free(raw);
	prac_arena_deinit(&arena);
}

static void check_first(const char *head, char first)
{
	static const char *const tails[] = { "", "1+2", "'", "\"", ",x", "cmd|' /C calc'!A0" };
	char text[64];

	for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]); t++) {
		(void)snprintf(text, sizeof(text), "%s%c%s", head, first, tails[t]);
		check(text);
	}
}

static void no_first_character_makes_a_formula_and_all_come_back(void **state)
{
	(void)state;
	for (int first = 1; first < 128; first++) {
		check_first("", (char)first);
		check_first("'", (char)first);
		check_first("''", (char)first);
	}
}

static void full_width_signs_are_disarmed_too(void **state)
{
	char *out = written("\xef\xbc\x9d"
			    "1+2",
		true);

	(void)state;
	assert_string_equal(out, "\"'\xef\xbc\x9d"
				 "1+2\"\r\n");
	free(out);
	check("\xef\xbc\x8b"
	      "1");
	check("\xef\xbc\x8d"
	      "1");
	check("\xef\xbc\xa0"
	      "x");
}

static void an_apostrophe_that_is_text_stays(void **state)
{
	(void)state;
	assert_string_equal(csv_unguard("'tis"), "'tis");
	assert_string_equal(csv_unguard("'=1"), "=1");
	assert_string_equal(csv_unguard("''=1"), "'=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_first_character_makes_a_formula_and_all_come_back),
		cmocka_unit_test(full_width_signs_are_disarmed_too),
		cmocka_unit_test(an_apostrophe_that_is_text_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
