#include "client/cmd/csv.h"

#include <csv.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILE_LIMIT = 64 * 1024 * 1024,
	BETWEEN_ROWS = 0 /* libcsv's state before the first byte of a row */
};

static bool is_formula(struct prac_bytes text)
{
	static const char *const starts[] = { "=", "+", "-", "@", "\t", "\r", "\xef\xbc\x9d",
		"\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0" }; /* the last four: full width */

	for (size_t i = 0; i < G_N_ELEMENTS(starts); i++) {
		size_t len = strlen(starts[i]);

		if (text.len >= len && memcmp(text.data, starts[i], len) == 0) {
			return true;
		}
	}
	return false;
}

/* Apostrophes before a formula are part of the text: one more tells them from ours. */
static bool wants_guard(struct prac_bytes text)
{
	while (text.len > 0 && text.data[0] == '\'') {
		text.data++;
		text.len--;
	}
	return is_formula(text);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

void csv_put(FILE *out, struct prac_bytes text, bool guard)
{
	/* Readers drop blanks around a cell without quotes. */
	bool quoted = text.len > 0 && (is_blank(text.data[0]) || is_blank(text.data[text.len - 1]));

	for (size_t i = 0; i < text.len; i++) {
		quoted = quoted || strchr("\",\r\n", text.data[i]) != NULL;
	}
	guard = guard && wants_guard(text);
	if (!quoted && !guard) {
		if (text.len > 0) {
			(void)fwrite(text.data, 1, text.len, out);
		}
		return;
	}
	(void)fputs(guard ? "\"'" : "\"", out);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"') {
			(void)fputc('"', out);
		}
		(void)fputc(text.data[i], out);
	}
	(void)fputc('"', out);
}

const char *csv_unguard(const char *text)
{
	return text[0] == '\'' && wants_guard(prac_bytes_text(text)) ? text + 1 : text;
}

struct reading {
	struct prac_arena *arena;
	GPtrArray *cells; /* of the row being read */
	GArray *rows;     /* struct csv_row */
	size_t line, row_line, max_rows;
};

static void on_cell(void *cell, size_t len, void *ctx)
{
	struct reading *reading = ctx;

	g_ptr_array_add(
		reading->cells, prac_arena_text(reading->arena, (struct prac_bytes){ cell, len }));
}

static void on_row(int end, void *ctx)
{
	struct reading *reading = ctx;
	struct csv_row row = { .line = reading->row_line, .n_cells = reading->cells->len };
	size_t size = row.n_cells * sizeof(*row.cells);

	(void)end;
	if (row.n_cells > 0) {
		row.cells = prac_arena_alloc(reading->arena, size);
		memcpy(row.cells, reading->cells->pdata, size);
		g_array_append_val(reading->rows, row);
	}
	g_ptr_array_set_size(reading->cells, 0);
	reading->row_line = reading->line;
}

/* Line by line, so that a row knows where it began. */
static size_t parse(
	struct csv_parser *parser, struct reading *reading, const char *text, size_t len)
{
	size_t done = 0;

	reading->row_line = reading->line = 1;
	while (done < len && reading->rows->len <= reading->max_rows) {
		const char *feed = memchr(text + done, '\n', len - done);
		size_t piece = feed == NULL ? len - done : (size_t)(feed - text) + 1 - done;

		if (parser->pstate == BETWEEN_ROWS) {
			reading->row_line = reading->line; /* lines that were empty are behind it */
		}
		reading->line += feed != NULL;
		if (csv_parse(parser, text + done, piece, on_cell, on_row, reading) != piece) {
			return reading->row_line;
		}
		done += piece;
	}
	return csv_fini(parser, on_cell, on_row, reading) == 0 ? 0 : reading->row_line;
}

static const char *why_not(struct prac_bytes text, struct prac_arena *arena)
{
	const char *start = (const char *)text.data, *end;
	size_t line = 1;

	if (text.len > FILE_LIMIT) {
		return "the file is larger than 64 MiB";
	}
	if (text.len == 0 || g_utf8_validate(start, (gssize)text.len, &end)) {
		return NULL;
	}
	for (const char *c = start; c < end; c++) {
		line += *c == '\n';
	}
	return prac_arena_printf(arena,
		"line %zu: not UTF-8 text; save the file as \"CSV UTF-8\" and try again", line);
}

static const char *read_rows(struct prac_bytes text, size_t max_rows, struct prac_arena *arena,
	struct csv_table *table_out)
{
	struct reading reading = { .arena = arena, .max_rows = max_rows };
	const char *error = NULL;
	struct csv_parser parser;
	size_t line;

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
		abort();
	}
	reading.cells = g_ptr_array_new();
	reading.rows = g_array_new(FALSE, FALSE, sizeof(struct csv_row));
	line = parse(&parser, &reading, (const char *)text.data, text.len);
	if (line != 0) {
		error = prac_arena_printf(arena,
			"line %zu: a quote is out of place; quotes inside a cell are doubled",
			line);
	} else if (reading.rows->len > max_rows) {
		error = prac_arena_printf(arena,
			"more than %zu rows; split the file and take the parts one by one",
			max_rows);
	}
	table_out->n_rows = reading.rows->len;
	table_out->rows = prac_arena_alloc(arena, (reading.rows->len + 1) * sizeof(struct csv_row));
	if (reading.rows->len > 0) {
		memcpy(table_out->rows, reading.rows->data,
			reading.rows->len * sizeof(struct csv_row));
	}
	g_ptr_array_free(reading.cells, TRUE);
	g_array_free(reading.rows, TRUE);
	csv_free(&parser);
	return error;
}

enum prac_status csv_parse_text(struct prac_bytes text, size_t max_rows, struct prac_arena *arena,
	struct csv_table *table_out, const char **error_out)
{
	*error_out = why_not(text, arena);
	if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
		text = (struct prac_bytes){ text.data + 3, text.len - 3 };
	}
	if (*error_out == NULL) {
		*error_out = read_rows(text, max_rows, arena, table_out);
	}
	return *error_out == NULL ? PRAC_OK : PRAC_INVALID_ARGUMENT;
}

const char *csv_separator(const struct csv_row *head)
{
	if (head->n_cells != 1 || strpbrk(head->cells[0], ";\t") == NULL) {
		return NULL;
	}
	return strchr(head->cells[0], ';') != NULL ? "semicolons" : "tabs";
}

enum prac_status csv_read(const char *path, size_t max_rows, struct prac_arena *arena,
	struct csv_table *table_out, const char **error_out)
{
	enum prac_status status;
	GError *error = NULL;
	char *text = NULL;
	size_t len = 0;

	if (!g_file_get_contents(path, &text, &len, &error)) {
		*error_out = prac_arena_printf(arena, "%s",
			error->code == G_FILE_ERROR_NOENT   ? "there is no such file"
			: error->code == G_FILE_ERROR_ACCES ? "you may not read it"
			: error->code == G_FILE_ERROR_ISDIR ? "is a folder; name a file"
							    : error->message);
		g_error_free(error);
		return PRAC_NOT_FOUND;
	}
	status = csv_parse_text((struct prac_bytes){ (const uint8_t *)text, len }, max_rows, arena,
		table_out, error_out);
	g_free(text);
	return status;
}
