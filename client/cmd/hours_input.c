#include "client/cmd/hours_input.h"

#include <glib.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/date.h"

enum {
	COLUMNS_MAX = 8,
	NO_COLUMN = -1,
	BREAK_MAX = 1500, /* the longest day, 25 hours; the shift says the rest */
	ORDER_MAX = 17
};

void hours_flaw(struct hours_flaws *flaws, size_t line, const char *column, const char *fmt, ...)
{
	const char *where;
	va_list args;
	char *what;

	if (flaws->n < HOURS_FLAWS_MAX) {
		va_start(args, fmt);
		what = g_strdup_vprintf(fmt, args);
		va_end(args);
		where = column == NULL ? ""
				       : prac_arena_printf(flaws->arena, ", column %s", column);
		flaws->words[flaws->n] =
			prac_arena_printf(flaws->arena, "line %zu%s: %s", line, where, what);
		g_free(what);
	}
	flaws->n++;
}

/* Where each column of the file's form stands in the file's rows. */
struct header {
	const char *const *names;
	size_t n;
	int at[COLUMNS_MAX];
	size_t n_cells;
};

static int find_column(const struct header *header, const char *name)
{
	for (size_t i = 0; i < header->n; i++) {
		if (strcmp(header->names[i], name) == 0) {
			return (int)i;
		}
	}
	return NO_COLUMN;
}

static void place(struct header *header, struct hours_flaws *flaws, size_t cell, const char *name,
	GString *unknown)
{
	int column = find_column(header, name);

	if (column == NO_COLUMN) {
		g_string_append_printf(unknown, "%s%s", unknown->len > 0 ? ", " : "", name);
		return;
	}
	if (header->at[column] != NO_COLUMN) {
		hours_flaw(flaws, 1, name, "stands there twice; take one of them out");
	}
	header->at[column] = (int)cell;
}

/* All columns that are not there in one sentence. */
static void say_missing(const struct header *header, struct hours_flaws *flaws)
{
	GString *missing = g_string_new(NULL);
	char *form;

	for (size_t i = 0; i < header->n; i++) {
		if (header->at[i] == NO_COLUMN) {
			g_string_append_printf(
				missing, "%s%s", missing->len > 0 ? ", " : "", header->names[i]);
		}
	}
	if (missing->len > 0) {
		form = g_strjoinv(",", (char **)header->names);
		hours_flaw(flaws, 1, missing->str, "%s missing; the first line must be %s",
			strchr(missing->str, ',') == NULL ? "is" : "are", form);
		g_free(form);
	}
	g_string_free(missing, TRUE);
}

static bool read_header(const struct csv_table *table, struct header *header,
	struct hours_flaws *flaws, const char **unknown_out)
{
	GString *unknown;

	*unknown_out = NULL;
	for (size_t i = 0; i < header->n; i++) {
		header->at[i] = NO_COLUMN;
	}
	header->n_cells = table->n_rows > 0 ? table->rows[0].n_cells : 0;
	unknown = g_string_new(NULL);
	for (size_t i = 0; i < header->n_cells; i++) {
		place(header, flaws, i, table->rows[0].cells[i], unknown);
	}
	if (unknown->len > 0) {
		*unknown_out = prac_arena_printf(flaws->arena, "%s", unknown->str);
	}
	g_string_free(unknown, TRUE);
	say_missing(header, flaws);
	return flaws->n == 0;
}

/* One row being read. */
struct row {
	const struct header *header;
	const struct csv_row *cells;
	struct hours_flaws *flaws;
};

static bool begin_row(struct row *row, const struct csv_row *cells)
{
	row->cells = cells;
	if (cells->n_cells != row->header->n_cells) {
		hours_flaw(row->flaws, cells->line, NULL,
			"%zu cells, and the first line has %zu; empty cells keep their comma",
			cells->n_cells, row->header->n_cells);
		return false;
	}
	return true;
}

static const char *cell(const struct row *row, size_t column)
{
	return row->cells->cells[row->header->at[column]];
}

static const char *name_of(const struct row *row, size_t column)
{
	return row->header->names[column];
}

static void flaw(const struct row *row, size_t column, const char *remedy)
{
	hours_flaw(row->flaws, row->cells->line, name_of(row, column), "\"%.40s\" %s",
		cell(row, column), remedy);
}

static int32_t read_date(const struct row *row, size_t column)
{
	int32_t date = 0;

	if (prac_date_parse(cell(row, column), &date) != PRAC_OK) {
		flaw(row, column, "is no day; write YYYY-MM-DD, as in 2026-09-14");
	}
	return date;
}

/* -1 for an empty cell where that is allowed. */
static int32_t read_time(const struct row *row, size_t column, bool may_be_empty)
{
	int32_t minute = -1;

	if (may_be_empty && cell(row, column)[0] == '\0') {
		return -1;
	}
	if (prac_time_parse(cell(row, column), &minute) != PRAC_OK) {
		flaw(row, column,
			"is no time of day; write HH:MM from 00:00 to 23:59, as in 07:05");
	}
	return minute;
}

/* Digits up to max; an empty cell is 0. */
static int32_t read_number(const struct row *row, size_t column, int32_t max, const char *remedy)
{
	int32_t number = 0;

	for (const char *c = cell(row, column); *c != '\0'; c++) {
		if (*c < '0' || *c > '9' || (number = number * 10 + (*c - '0')) > max) {
			flaw(row, column, remedy);
			return 0;
		}
	}
	return number;
}

enum {
	CALENDAR_DATE,
	CALENDAR_KIND,
	CALENDAR_START,
	CALENDAR_END,
	CALENDAR_COLUMNS
};

static const char *const calendar_columns[] = { "date", "kind", "class_start", "class_end", NULL };

struct dated {
	int32_t date;
	size_t line;
	struct prac_labor_day day;
};

static void read_kind(const struct row *row, struct prac_labor_day *day)
{
	static const char *const off[] = { "holiday", "break", "summer" };
	const char *kind = cell(row, CALENDAR_KIND);

	day->kind = PRAC_LABOR_DAY_OFF;
	if (strcmp(kind, "school") == 0) {
		day->kind = PRAC_LABOR_DAY_SCHOOL;
		return;
	}
	for (size_t i = 0; i < PRAC_NELEM(off); i++) {
		if (strcmp(kind, off[i]) == 0) {
			return;
		}
	}
	flaw(row, CALENDAR_KIND, "is no kind of day; write school, holiday, break or summer");
}

static void read_day(const struct row *row, struct dated *dated)
{
	struct prac_labor_day *day = &dated->day;

	dated->line = row->cells->line;
	dated->date = read_date(row, CALENDAR_DATE);
	read_kind(row, day);
	day->class_from = read_time(row, CALENDAR_START, true);
	day->class_until = read_time(row, CALENDAR_END, true);
	if (day->kind != PRAC_LABOR_DAY_SCHOOL) {
		return;
	}
	if (cell(row, CALENDAR_START)[0] == '\0' || cell(row, CALENDAR_END)[0] == '\0') {
		hours_flaw(row->flaws, dated->line, NULL,
			"a school day needs class_start and class_end, as in 08:00,15:00");
	} else if (day->class_from >= 0 && day->class_until >= 0 &&
		   day->class_until <= day->class_from) {
		flaw(row, CALENDAR_END, "must be later than class_start");
	}
}

static int compare_dated(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	if (x->date != y->date) {
		return x->date < y->date ? -1 : 1;
	}
	return x->line < y->line ? -1 : x->line > y->line;
}

static void refuse_doubles(const struct dated *days, size_t n, struct hours_flaws *flaws)
{
	char text[PRAC_DATE_TEXT];

	for (size_t i = 1; i < n; i++) {
		if (days[i].date == days[i - 1].date) {
			prac_date_format(days[i].date, text);
			hours_flaw(flaws, days[i].line, "date",
				"%s stands in line %zu already; take one of them out", text,
				days[i - 1].line);
		}
	}
}

void hours_read_calendar(const struct csv_table *table, struct hours_flaws *flaws,
	struct prac_labor_calendar *calendar_out, const char **unknown_out)
{
	struct header header = { .names = calendar_columns, .n = CALENDAR_COLUMNS };
	struct row row = { .header = &header, .flaws = flaws };
	struct prac_labor_day *days;
	struct dated *dated;
	size_t n = 0;

	*calendar_out = (struct prac_labor_calendar){ 0 };
	if (!read_header(table, &header, flaws, unknown_out)) {
		return;
	}
	dated = prac_arena_alloc(flaws->arena, table->n_rows * sizeof(*dated));
	for (size_t i = 1; i < table->n_rows; i++) {
		if (begin_row(&row, &table->rows[i])) {
			read_day(&row, &dated[n++]);
		}
	}
	if (flaws->n > 0 || n == 0) {
		return;
	}
	qsort(dated, n, sizeof(*dated), compare_dated);
	refuse_doubles(dated, n, flaws);
	calendar_out->first = dated[0].date;
	calendar_out->n_days = (size_t)(dated[n - 1].date - dated[0].date) + 1;
	days = prac_arena_alloc(flaws->arena, calendar_out->n_days * sizeof(*days));
	for (size_t i = 0; i < n; i++) {
		days[dated[i].date - calendar_out->first] = dated[i].day;
	}
	calendar_out->days = days;
}

enum {
	ENTRY_DATE,
	ENTRY_START,
	ENTRY_END,
	ENTRY_BREAK_START,
	ENTRY_BREAK_MINUTES,
	ENTRY_CONSENT,
	ENTRY_LEARNER,
	ENTRY_ORDER,
	ENTRY_COLUMNS
};

static const char *const entry_columns[] = { "date", "start", "end", "break_start", "break_minutes",
	"parental_consent", "student_learner_agreement", "ho", NULL };

static void read_order(const struct row *row, struct prac_labor_entry *entry)
{
	static const char remedy[] = "is no hazardous order; write its number, 1 to 17, or nothing";
	int32_t order = read_number(row, ENTRY_ORDER, ORDER_MAX, remedy);

	if (order > 0) {
		entry->orders = UINT32_C(1) << (uint32_t)order;
	} else if (strspn(cell(row, ENTRY_ORDER), "0") > 0) {
		flaw(row, ENTRY_ORDER, remedy);
	}
}

static void read_entry(const struct row *row, struct prac_labor_entry *entry)
{
	static const char flag[] = "is no flag; write 1 for yes and 0 for no";

	entry->date = read_date(row, ENTRY_DATE);
	entry->starts_at = read_time(row, ENTRY_START, false);
	entry->ends_at = read_time(row, ENTRY_END, false);
	entry->break_starts_at = read_time(row, ENTRY_BREAK_START, true);
	entry->break_minutes = read_number(
		row, ENTRY_BREAK_MINUTES, BREAK_MAX, "is no number of minutes, as in 30");
	if (entry->break_starts_at >= 0 && cell(row, ENTRY_BREAK_MINUTES)[0] == '\0') {
		hours_flaw(row->flaws, row->cells->line, name_of(row, ENTRY_BREAK_MINUTES),
			"break_start is given; say how many minutes the break was, or leave both "
			"empty");
	}
	if (read_number(row, ENTRY_CONSENT, 1, flag) == 1) {
		entry->consent = PRAC_LABOR_CONSENT;
	}
	if (read_number(row, ENTRY_LEARNER, 1, flag) == 1) {
		entry->proofs = 1U << PRAC_LABOR_PROOF_STUDENT_LEARNER;
	}
	read_order(row, entry);
}

void hours_read_entries(const struct csv_table *table, struct hours_flaws *flaws,
	struct hours_lines *lines_out, const char **unknown_out)
{
	struct header header = { .names = entry_columns, .n = ENTRY_COLUMNS };
	struct row row = { .header = &header, .flaws = flaws };

	*lines_out = (struct hours_lines){ 0 };
	if (!read_header(table, &header, flaws, unknown_out)) {
		return;
	}
	lines_out->entries =
		prac_arena_alloc(flaws->arena, table->n_rows * sizeof(*lines_out->entries));
	lines_out->lines =
		prac_arena_alloc(flaws->arena, table->n_rows * sizeof(*lines_out->lines));
	for (size_t i = 1; i < table->n_rows; i++) {
		if (begin_row(&row, &table->rows[i])) {
			lines_out->lines[lines_out->n] = table->rows[i].line;
			read_entry(&row, &lines_out->entries[lines_out->n++]);
		}
	}
}
