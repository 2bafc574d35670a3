#include "client/roster/table.h"

#include <string.h>

#include "client/roster/cell.h"
#include "client/roster/csv.h"
#include "client/roster/rows.h"

#define UNUSABLE GUINT_TO_POINTER(UINT32_MAX)

enum {
	NO_CELL = UINT16_MAX
};

/* One file while it is read. */
struct table {
	struct roster_load *load;
	const struct roster_layout *layout;
	roster_store_fn store;
	uint16_t cell_of[ROSTER_SLOTS];        /* where the header put the slot, or NO_CELL */
	const char *written[ROSTER_CELLS_MAX]; /* the names of the header */
	uint32_t n_written;                    /* names, without empty ones at the end */
	uint32_t n_cells;                      /* of the header line */
	uint32_t n_rows;
};

static void flaw(const struct table *table, uint32_t line, const char *column,
	enum roster_flaw_kind kind, const char *reason)
{
	struct roster_place place = { table->layout->file_name, line, column };

	roster_flaw_add(&table->load->roster->flaws, &place, kind, "%s", reason);
}

static const struct roster_column *column_find(
	const struct table *table, const char *name, bool ignores_case)
{
	for (size_t i = 0; i < table->layout->n_columns; i++) {
		const struct roster_column *column = &table->layout->columns[i];

		if ((ignores_case ? g_ascii_strcasecmp(column->name, name)
				  : strcmp(column->name, name)) == 0) {
			return column;
		}
	}
	return NULL;
}

/* What a name of the header means; a name in another form is a flaw. NULL: a column to skip. */
static const struct roster_column *column_of(const struct table *table, const char *written)
{
	const struct roster_column *column = column_find(table, written, false);
	const char *meant = roster_column_meant(table->layout->file, written);

	if (column != NULL) {
		if ((column->flags & ROSTER_STRAY) != 0) {
			flaw(table, 1, column->name, ROSTER_FLAW_KEYED_BY_USER,
				"the standard has no such column: sourcedId is the user's");
		}
		return column;
	}
	column = column_find(table, meant != NULL ? meant : written, true);
	if (column != NULL) {
		flaw(table, 1, column->name, ROSTER_FLAW_HEADER_SPELLING,
			prac_arena_printf(&table->load->scratch, "is written %s",
				roster_quoted(&table->load->scratch, prac_bytes_text(written))));
	} else if (!g_str_has_prefix(written, "metadata.")) {
		flaw(table, 1, written, ROSTER_FLAW_COLUMN_UNKNOWN,
			"is no column of this file; further ones are called metadata.<name> and stand "
			"last");
	}
	return column;
}

static void header_names(struct table *table, const struct roster_line *line)
{
	struct roster_load *load = table->load;

	table->n_cells = line->n_cells;
	table->n_written = line->n_cells;
	while (table->n_written > 0 && line->cells[table->n_written - 1].len == 0) {
		table->n_written--;
	}
	if (table->n_written < table->n_cells) {
		flaw(table, 1, "", ROSTER_FLAW_HEADER_EMPTY, "columns without a name at the end");
	}
	for (uint32_t i = 0; i < table->n_written; i++) {
		table->written[i] = prac_arena_text(&load->roster->arena, line->cells[i]);
	}
}

static void header_map(struct table *table)
{
	size_t last = 0;
	bool has_extra = false;
	bool is_ordered = true;

	for (uint32_t i = 0; i < table->n_written; i++) {
		const struct roster_column *column = column_of(table, table->written[i]);

		if (column == NULL) {
			has_extra = has_extra || g_str_has_prefix(table->written[i], "metadata.");
			continue;
		}
		if (table->cell_of[column->slot] != NO_CELL) {
			flaw(table, 1, column->name, ROSTER_FLAW_COLUMN_TWICE,
				"stands in the header twice");
			continue;
		}
		size_t position = (size_t)(column - table->layout->columns);
		if ((column->flags & ROSTER_STRAY) == 0) {
			is_ordered = is_ordered && position >= last && !has_extra;
			last = position;
		}
		table->cell_of[column->slot] = (uint16_t)i;
	}
	if (!is_ordered) {
		flaw(table, 1, "", ROSTER_FLAW_HEADER_ORDER,
			"the columns do not stand in the order of the standard");
	}
}

/* False when a column is missing without which nothing can be read. */
static bool header_check(struct table *table)
{
	bool is_complete = true;

	if (table->cell_of[SLOT_ID] == NO_CELL && table->layout->file == ROSTER_DEMOGRAPHICS) {
		table->cell_of[SLOT_ID] = table->cell_of[DEMOGRAPHIC_USER];
	}
	for (size_t i = 0; i < table->layout->n_columns; i++) {
		const struct roster_column *column = &table->layout->columns[i];

		if (table->cell_of[column->slot] != NO_CELL ||
			(column->flags & ROSTER_STRAY) != 0) {
			continue;
		}
		if ((column->flags & ROSTER_REQUIRED) != 0) {
			is_complete = false;
			flaw(table, 1, column->name, ROSTER_FLAW_COLUMN_MISSING,
				"is missing in the header");
		} else {
			flaw(table, 1, column->name, ROSTER_FLAW_COLUMN_LEFT_OUT,
				"is missing in the header");
		}
	}
	return is_complete;
}

static const char *cell_name(const struct table *table, uint32_t cell)
{
	return cell < table->n_written ? table->written[cell] : "";
}

/* False when the line has a fault, which is said. */
static bool line_is_good(const struct table *table, const struct roster_line *line)
{
	static const struct {
		enum roster_flaw_kind kind;
		const char *reason;
	} faults[] = {
		[ROSTER_LINE_BLANK] = { ROSTER_FLAW_BLANK_LINE, "an empty line" },
		[ROSTER_LINE_QUOTES] = { ROSTER_FLAW_QUOTES,
			"a quotation mark inside a field must be doubled and the field quoted" },
		[ROSTER_LINE_OPEN] = { ROSTER_FLAW_LINE_BREAK,
			"a quoted field does not end in its line; no field may hold a line break" },
		[ROSTER_LINE_CR] = { ROSTER_FLAW_LINE_BREAK,
			"a carriage return without line feed; lines end with CR LF or LF" },
		[ROSTER_LINE_ENCODING] = { ROSTER_FLAW_ENCODING,
			"is not UTF-8: save or export the file as UTF-8" },
		[ROSTER_LINE_CONTROL] = { ROSTER_FLAW_ENCODING, "holds a control character" },
		[ROSTER_LINE_LONG] = { ROSTER_FLAW_TOO_LONG,
			"longer than 65536 bytes or 256 cells" },
		[ROSTER_LINE_UTF16] = { ROSTER_FLAW_ENCODING,
			"the file is UTF-16: save or export it as UTF-8" },
		[ROSTER_LINE_DAMAGED] = { ROSTER_FLAW_PACKAGE,
			"cannot be read on from here: the zip is damaged" },
		[ROSTER_LINE_ENDLESS] = { ROSTER_FLAW_TOO_LONG,
			"larger than 2 GiB: cannot be read on from here" },
	};

	if (line->fault == ROSTER_LINE_OK) {
		return true;
	}
	bool is_cell = line->fault == ROSTER_LINE_ENCODING || line->fault == ROSTER_LINE_CONTROL;
	flaw(table, line->number, is_cell ? cell_name(table, line->bad_cell) : "",
		faults[line->fault].kind, faults[line->fault].reason);
	return false;
}

static bool has_right_cells(const struct table *table, const struct roster_line *line)
{
	if (line->n_cells >= table->n_written && line->n_cells <= table->n_cells) {
		return true;
	}
	flaw(table, line->number, "", ROSTER_FLAW_CELLS,
		prac_arena_printf(&table->load->scratch, "%u cells where the header has %u",
			line->n_cells, table->n_cells));
	return false;
}

/* True when every cell could be read. */
static bool read_cells(
	const struct table *table, const struct roster_line *line, struct roster_row *row)
{
	struct roster_flaws *flaws = &table->load->roster->flaws;
	uint64_t n_errors = flaws->n_errors;

	for (size_t i = 0; i < table->layout->n_columns; i++) {
		const struct roster_column *column = &table->layout->columns[i];
		struct roster_cell *cell = &row->cells[column->slot];
		struct roster_place place = { row->file, row->line, column->name };

		if (table->cell_of[column->slot] == NO_CELL) {
			continue;
		}
		cell->text = line->cells[table->cell_of[column->slot]];
		roster_cell_read(table->load, &place, column, cell);
	}
	return flaws->n_errors == n_errors;
}

static void row_init(const struct table *table, uint32_t line, struct roster_row *row)
{
	static const uint8_t nothing[1] = { 0 };

	*row = (struct roster_row){ .line = line, .file = table->layout->file_name };
	for (size_t i = 0; i < ROSTER_SLOTS; i++) {
		row->cells[i].text.data = nothing;
		row->cells[i].number = -1;
	}
	for (size_t i = 0; i < table->layout->n_columns; i++) {
		const struct roster_column *column = &table->layout->columns[i];

		if (column->kind == ROSTER_DATE) {
			row->cells[column->slot].number = ROSTER_NO_DATE;
		}
	}
}

static void read_row(struct table *table, const struct roster_line *line)
{
	struct roster_load *load = table->load;
	GHashTable *index = load->index[table->layout->file];
	struct roster_row row;
	uint32_t kept = ROSTER_NONE;

	row_init(table, line->number, &row);
	bool is_good = read_cells(table, line, &row);
	bool is_gone = row.cells[SLOT_STATUS].number == 1;
	const char *id = (const char *)row.cells[SLOT_ID].text.data;

	if (id[0] == '\0') {
		return;
	}
	if (g_hash_table_contains(index, id)) {
		flaw(table, line->number, "sourcedId", ROSTER_FLAW_DUPLICATE,
			prac_arena_printf(&load->scratch, "%s stands on an earlier line too",
				roster_quoted(&load->scratch, row.cells[SLOT_ID].text)));
		return;
	}
	if (is_good && !is_gone) {
		kept = table->store(load, &row);
	}
	g_hash_table_insert(index, prac_arena_text(&load->roster->arena, row.cells[SLOT_ID].text),
		kept == ROSTER_NONE ? UNUSABLE : GUINT_TO_POINTER(kept + 1));
}

static uint32_t rows_max(const struct table *table)
{
	return table->layout->file == ROSTER_USERS ? ROSTER_USERS_MAX : ROSTER_ROWS_MAX;
}

static void read_rows(struct table *table, struct roster_csv *csv)
{
	struct roster_line line;

	while (roster_csv_next(csv, &line)) {
		prac_arena_reset(&table->load->scratch);
		if (line.fault == ROSTER_LINE_BLANK) {
			flaw(table, line.number, "", ROSTER_FLAW_BLANK_LINE, "an empty line");
			continue;
		}
		if (!line_is_good(table, &line) || !has_right_cells(table, &line)) {
			table->load->is_partial[table->layout->file] = true;
			continue;
		}
		if (table->n_rows++ == rows_max(table)) {
			flaw(table, line.number, "", ROSTER_FLAW_TOO_MANY,
				"more rows than this program reads in one file");
			table->load->is_partial[table->layout->file] = true;
			return;
		}
		read_row(table, &line);
	}
}

void roster_table_read(struct roster_load *load, const struct roster_layout *layout,
	struct roster_stream *stream, roster_store_fn store)
{
	struct table *table = g_new0(struct table, 1);
	struct roster_csv *csv = roster_csv_new(stream);
	struct roster_line line;

	table->load = load;
	table->layout = layout;
	table->store = store;
	memset(table->cell_of, 0xff, sizeof(table->cell_of));
	load->is_partial[layout->file] = true; /* until the header is understood */
	load->index[layout->file] = g_hash_table_new(g_str_hash, g_str_equal);
	if (!roster_csv_next(csv, &line)) {
		flaw(table, 1, "", ROSTER_FLAW_COLUMN_MISSING, "is empty: not even a header");
	} else if (line_is_good(table, &line)) {
		header_names(table, &line);
		header_map(table);
		if (header_check(table)) {
			load->is_partial[layout->file] = false;
			read_rows(table, csv);
		}
	}
	roster_csv_free(csv);
	g_free(table);
}

enum roster_found roster_lookup(const struct roster_load *load, enum roster_file file,
	const char *sourced_id, uint32_t *row_out)
{
	gpointer kept = load->index[file] == NULL
				? NULL
				: g_hash_table_lookup(load->index[file], sourced_id);

	*row_out = ROSTER_NONE;
	if (kept == NULL && !load->is_partial[file]) {
		return ROSTER_UNKNOWN;
	}
	if (kept == NULL || kept == UNUSABLE) {
		return ROSTER_LEFT_OUT;
	}
	*row_out = GPOINTER_TO_UINT(kept) - 1;
	return ROSTER_FOUND;
}
