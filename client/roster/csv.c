#include "client/roster/csv.h"

#include <csv.h>
#include <glib.h>
#include <string.h>

enum {
	BUFFER = 2 * ROSTER_LINE_MAX
};

struct roster_csv {
	struct roster_stream *stream;
	struct csv_parser parser;
	enum roster_line_fault end_fault; /* why the stream ended before its end */
	uint32_t number;
	bool has_ended;    /* the stream has no more bytes */
	bool is_over;      /* the last line was handed out */
	bool is_over_full; /* the line has too many cells */
	size_t start, end; /* unread bytes in buffer */
	size_t text_len;
	uint32_t n_cells;
	struct prac_bytes cells[ROSTER_CELLS_MAX];
	uint8_t buffer[BUFFER];
	uint8_t text[ROSTER_LINE_MAX + ROSTER_CELLS_MAX]; /* the cells of the line */
};

static int never(unsigned char byte)
{
	(void)byte;
	return 0;
}

/* Spaces belong to the field, and the line ends are taken off before libcsv sees the line. */
static void parser_init(struct roster_csv *csv)
{
	if (csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
		abort();
	}
	csv_set_space_func(&csv->parser, never);
	csv_set_term_func(&csv->parser, never);
}

struct roster_csv *roster_csv_new(struct roster_stream *stream)
{
	struct roster_csv *csv = g_new(struct roster_csv, 1);

	memset(csv, 0,
		offsetof(struct roster_csv, cells)); /* what follows is written before read */
	csv->stream = stream;
	parser_init(csv);
	return csv;
}

void roster_csv_free(struct roster_csv *csv)
{
	if (csv == NULL) {
		return;
	}
	csv_free(&csv->parser);
	g_free(csv);
}

static void fill(struct roster_csv *csv)
{
	size_t len = 0;

	memmove(csv->buffer, csv->buffer + csv->start, csv->end - csv->start);
	csv->end -= csv->start;
	csv->start = 0;
	enum prac_status status =
		roster_stream_read(csv->stream, csv->buffer + csv->end, BUFFER - csv->end, &len);
	if (status != PRAC_OK) {
		csv->end_fault = status == PRAC_RESOURCE_EXHAUSTED ? ROSTER_LINE_ENDLESS
								   : ROSTER_LINE_DAMAGED;
		csv->end = 0;
		len = 0;
	}
	csv->has_ended = len == 0;
	csv->end += len;
}

/* The next line without its end. False: no line is left. Longer lines come in pieces. */
static bool take_line(struct roster_csv *csv, struct prac_bytes *line_out, bool *is_whole_out)
{
	const uint8_t *feed = NULL;

	while (true) {
		size_t len = csv->end - csv->start;
		feed = len > 0 ? memchr(csv->buffer + csv->start, '\n', len) : NULL;
		if (feed != NULL || len > ROSTER_LINE_MAX + 1 || csv->has_ended) {
			break;
		}
		fill(csv);
	}
	*line_out = (struct prac_bytes){ csv->buffer + csv->start, csv->end - csv->start };
	*is_whole_out = feed != NULL || csv->has_ended;
	if (feed != NULL) {
		line_out->len = (size_t)(feed - line_out->data);
	}
	csv->start += line_out->len + (feed != NULL);
	if (feed != NULL && line_out->len > 0 && feed[-1] == '\r') {
		line_out->len--;
	}
	return feed != NULL || line_out->len > 0;
}

static void on_cell(void *data, size_t len, void *ctx)
{
	struct roster_csv *csv = ctx;

	if (csv->n_cells == ROSTER_CELLS_MAX) {
		csv->is_over_full = true;
		return;
	}
	uint8_t *cell = csv->text + csv->text_len;
	if (len > 0) {
		memcpy(cell, data, len);
	}
	cell[len] = '\0';
	csv->cells[csv->n_cells++] = (struct prac_bytes){ cell, len };
	csv->text_len += len + 1;
}

static enum roster_line_fault split(struct roster_csv *csv, struct prac_bytes line)
{
	enum roster_line_fault fault = ROSTER_LINE_OK;

	csv->n_cells = 0;
	csv->text_len = 0;
	csv->is_over_full = false;
	if (csv_parse(&csv->parser, line.data, line.len, on_cell, NULL, csv) < line.len) {
		fault = ROSTER_LINE_QUOTES;
	} else if (csv_fini(&csv->parser, on_cell, NULL, csv) != 0) {
		fault = ROSTER_LINE_OPEN;
	} else if (csv->is_over_full) {
		fault = ROSTER_LINE_LONG;
	}
	if (fault != ROSTER_LINE_OK) {
		csv_free(&csv->parser);
		parser_init(csv);
	}
	return fault;
}

static bool has_control(struct prac_bytes bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if ((bytes.data[i] < 0x20 && bytes.data[i] != '\t') || bytes.data[i] == 0x7f) {
			return true;
		}
	}
	return false;
}

static bool is_utf8(struct prac_bytes bytes)
{
	return bytes.len == 0 || g_utf8_validate_len((const char *)bytes.data, bytes.len, NULL);
}

/* The first cell that fails the check; there is one. */
static uint32_t find_cell(const struct roster_csv *csv, bool (*fails)(struct prac_bytes))
{
	uint32_t i = 0;

	while (i + 1 < csv->n_cells && !fails(csv->cells[i])) {
		i++;
	}
	return i;
}

static bool is_not_utf8(struct prac_bytes bytes)
{
	return !is_utf8(bytes);
}

static enum roster_line_fault check(
	struct roster_csv *csv, struct prac_bytes text, uint32_t *bad_cell_out)
{
	if (text.len == 0) {
		return ROSTER_LINE_BLANK;
	}
	if (text.len > ROSTER_LINE_MAX) {
		return ROSTER_LINE_LONG;
	}
	if (memchr(text.data, '\r', text.len) != NULL) {
		return ROSTER_LINE_CR;
	}
	enum roster_line_fault fault = split(csv, text);
	if (fault != ROSTER_LINE_OK) {
		return fault;
	}
	if (!is_utf8(text)) {
		*bad_cell_out = find_cell(csv, is_not_utf8);
		return ROSTER_LINE_ENCODING;
	}
	if (has_control(text)) {
		*bad_cell_out = find_cell(csv, has_control);
		return ROSTER_LINE_CONTROL;
	}
	return ROSTER_LINE_OK;
}

/* Looks at the first bytes of the file: skips a mark, and refuses what is no UTF-8 at all. */
static bool begins_as_utf8(struct prac_bytes *text)
{
	if (text->len >= 2 && ((text->data[0] == 0xff && text->data[1] == 0xfe) ||
				      (text->data[0] == 0xfe && text->data[1] == 0xff))) {
		return false;
	}
	if (text->len >= 3 && memcmp(text->data, "\xef\xbb\xbf", 3) == 0) {
		text->data += 3;
		text->len -= 3;
	}
	return true;
}

bool roster_csv_next(struct roster_csv *csv, struct roster_line *line_out)
{
	struct prac_bytes text;
	bool is_whole = false;

	if (csv->is_over) {
		return false;
	}
	if (!take_line(csv, &text, &is_whole)) {
		csv->is_over = true;
		*line_out = (struct roster_line){ csv->number + 1, csv->end_fault, 0, NULL, 0 };
		return csv->end_fault != ROSTER_LINE_OK;
	}
	*line_out = (struct roster_line){ .number = ++csv->number };
	if (csv->number == 1 && !begins_as_utf8(&text)) {
		line_out->fault = ROSTER_LINE_UTF16;
		csv->is_over = true;
		return true;
	}
	line_out->fault = check(csv, text, &line_out->bad_cell);
	while (!is_whole && take_line(csv, &text, &is_whole)) {
		line_out->fault = ROSTER_LINE_LONG;
	}
	line_out->cells = csv->cells;
	line_out->n_cells = csv->n_cells;
	return true;
}
