#include "client/roster/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The lines of a file that is given as a text. */
struct reading {
	struct prac_arena arena;
	struct roster_flaws flaws;
	struct roster_package *package;
	struct roster_stream *stream;
	struct roster_csv *csv;
	uint8_t *parts;
};

static void reading_init(struct reading *reading, const char *text, size_t len)
{
	static const char head[] = "== x.csv\n";

	*reading = (struct reading){ .parts = malloc(sizeof(head) - 1 + len) };
	assert_non_null(reading->parts);
	memcpy(reading->parts, head, sizeof(head) - 1);
	memcpy(reading->parts + sizeof(head) - 1, text, len);
	prac_arena_init(&reading->arena, 0);
	roster_flaws_init(&reading->flaws, ROSTER_STRICT, &reading->arena);
	struct prac_bytes parts = { reading->parts, sizeof(head) - 1 + len };
	reading->package = roster_package_parts(parts, &reading->flaws);
	reading->stream = roster_stream_open(reading->package, "x.csv");
	reading->csv = roster_csv_new(reading->stream);
}

static void reading_deinit(struct reading *reading)
{
	roster_csv_free(reading->csv);
	roster_stream_close(reading->stream);
	roster_package_free(reading->package);
	roster_flaws_deinit(&reading->flaws);
	prac_arena_deinit(&reading->arena);
	free(reading->parts);
}

static struct roster_line next(struct reading *reading)
{
	struct roster_line line;

	assert_true(roster_csv_next(reading->csv, &line));
	return line;
}

static void assert_cell(const struct roster_line *line, uint32_t cell, const char *expected)
{
	assert_int_equal(line->fault, ROSTER_LINE_OK);
	assert_true(cell < line->n_cells);
	assert_string_equal((const char *)line->cells[cell].data, expected);
	assert_int_equal(line->cells[cell].len, strlen(expected));
}

#define READ(reading, text) reading_init((reading), (text), sizeof(text) - 1)

static void skips_the_mark_and_accepts_both_line_ends(void **state)
{
	struct reading reading;
	struct roster_line line;

	(void)state;
	READ(&reading, "\xef\xbb\xbf"
		       "a,b\r\n1,2\n3,");
	line = next(&reading);
	assert_cell(&line, 0, "a");
	line = next(&reading);
	assert_cell(&line, 1, "2");
	line = next(&reading);
	assert_int_equal(line.number, 3);
	assert_int_equal(line.n_cells, 2);
	assert_cell(&line, 1, "");
	assert_false(roster_csv_next(reading.csv, &line));
	reading_deinit(&reading);
}

static void keeps_commas_doubled_quotes_and_outer_spaces(void **state)
{
	struct reading reading;
	struct roster_line line;

	(void)state;
	READ(&reading, "\"Smith, Jr.\",\"say \"\"hi\"\"\",  x \n");
	line = next(&reading);
	assert_int_equal(line.n_cells, 3);
	assert_cell(&line, 0, "Smith, Jr.");
	assert_cell(&line, 1, "say \"hi\"");
	assert_cell(&line, 2, "  x ");
	reading_deinit(&reading);
}

static void a_fault_in_one_line_says_nothing_about_the_next(void **state)
{
	struct reading reading;
	struct roster_line line;

	(void)state;
	READ(&reading, "a\"b,c\n\"open,c\n\nfine,d\n");
	assert_int_equal(next(&reading).fault, ROSTER_LINE_QUOTES);
	assert_int_equal(next(&reading).fault, ROSTER_LINE_OPEN);
	assert_int_equal(next(&reading).fault, ROSTER_LINE_BLANK);
	line = next(&reading);
	assert_int_equal(line.number, 4);
	assert_cell(&line, 0, "fine");
	reading_deinit(&reading);
}

static void names_the_cell_that_is_no_text(void **state)
{
	struct reading reading;
	struct roster_line line;

	(void)state;
	READ(&reading, "a,b,Jos\xe9\nx,\x01,y\n");
	line = next(&reading);
	assert_int_equal(line.fault, ROSTER_LINE_ENCODING);
	assert_int_equal(line.bad_cell, 2);
	line = next(&reading);
	assert_int_equal(line.fault, ROSTER_LINE_CONTROL);
	assert_int_equal(line.bad_cell, 1);
	reading_deinit(&reading);
}

static void a_line_over_the_limit_is_skipped_whole(void **state)
{
	static const char tail[] = { '\n', 'a', ',', 'b', '\n' };
	size_t len = (size_t)5 * ROSTER_LINE_MAX;
	char *text = malloc(len + 5);
	struct reading reading;
	struct roster_line line;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	memcpy(text + len, tail, sizeof(tail));
	reading_init(&reading, text, len + 5);
	assert_int_equal(next(&reading).fault, ROSTER_LINE_LONG);
	line = next(&reading);
	assert_int_equal(line.number, 2);
	assert_cell(&line, 1, "b");
	reading_deinit(&reading);
	free(text);
}

static void a_line_of_the_longest_length_is_read(void **state)
{
	char *text = malloc(ROSTER_LINE_MAX + 2);
	struct reading reading;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', ROSTER_LINE_MAX + 1);
	text[ROSTER_LINE_MAX] = '\n';
	reading_init(&reading, text, ROSTER_LINE_MAX + 1);
	assert_int_equal(next(&reading).fault, ROSTER_LINE_OK);
	reading_deinit(&reading);
	text[ROSTER_LINE_MAX] = 'x';
	text[ROSTER_LINE_MAX + 1] = '\n';
	reading_init(&reading, text, ROSTER_LINE_MAX + 2);
	assert_int_equal(next(&reading).fault, ROSTER_LINE_LONG);
	reading_deinit(&reading);
	free(text);
}

static void too_many_cells_are_a_fault_of_the_line(void **state)
{
	char text[ROSTER_CELLS_MAX + 1];
	struct reading reading;

	(void)state;
	memset(text, ',', sizeof(text));
	reading_init(&reading, text, ROSTER_CELLS_MAX - 1);
	assert_int_equal(next(&reading).n_cells, ROSTER_CELLS_MAX);
	reading_deinit(&reading);
	reading_init(&reading, text, ROSTER_CELLS_MAX);
	assert_int_equal(next(&reading).fault, ROSTER_LINE_LONG);
	reading_deinit(&reading);
}

static void utf_16_ends_the_file_at_once(void **state)
{
	struct reading reading;
	struct roster_line line;

	(void)state;
	READ(&reading, "\xff\xfe"
		       "a\0,\0b\0\n\0c\0");
	assert_int_equal(next(&reading).fault, ROSTER_LINE_UTF16);
	assert_false(roster_csv_next(reading.csv, &line));
	reading_deinit(&reading);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(skips_the_mark_and_accepts_both_line_ends),
		cmocka_unit_test(keeps_commas_doubled_quotes_and_outer_spaces),
		cmocka_unit_test(a_fault_in_one_line_says_nothing_about_the_next),
		cmocka_unit_test(names_the_cell_that_is_no_text),
		cmocka_unit_test(a_line_over_the_limit_is_skipped_whole),
		cmocka_unit_test(a_line_of_the_longest_length_is_read),
		cmocka_unit_test(too_many_cells_are_a_fault_of_the_line),
		cmocka_unit_test(utf_16_ends_the_file_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
