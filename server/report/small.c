#include "server/report/small.h"

#include <stdlib.h>
#include <string.h>

static const char hidden[] = REPORT_HIDDEN;

static const char **cell(struct report_result *result, size_t row, size_t column)
{
	return &result->cells[row * result->n_columns + column];
}

static int64_t number(struct report_result *result, size_t row, size_t column)
{
	return strtoll(*cell(result, row, column), NULL, 10);
}

/* Of the column's cells that are shown the one with the fewest people; n_rows: all are hidden. */
static size_t smallest(struct report_result *result, size_t column, size_t n_rows)
{
	size_t found = n_rows;

	for (size_t row = 0; row < n_rows; row++) {
		if (*cell(result, row, column) != hidden &&
			(found == n_rows ||
				number(result, row, column) < number(result, found, column))) {
			found = row;
		}
	}
	return found;
}

/* With a breakdown the last row is the total of those above it. */
static void hide_counts(struct report_result *result, size_t column)
{
	int64_t least = result->ask->hide, missing = 0;
	bool has_total = result->ask->n_by > 0 && result->n_rows > 0;
	size_t n_rows = result->n_rows - (has_total ? 1 : 0), n_hidden = 0, row;

	while ((row = smallest(result, column, n_rows)) < n_rows &&
		(number(result, row, column) < least ||
			(has_total && n_hidden > 0 && (n_hidden == 1 || missing < least)))) {
		missing += number(result, row, column);
		*cell(result, row, column) = hidden;
		n_hidden++;
	}
	if (has_total && number(result, n_rows, column) < least) {
		*cell(result, n_rows, column) = hidden;
	}
}

static void hide_shares(struct report_result *result, size_t row)
{
	const struct prac_report *report = result->ask->report;
	bool is_hidden = false;

	for (size_t i = 0; i < result->n_columns; i++) {
		is_hidden = is_hidden || *cell(result, row, i) == hidden;
	}
	for (size_t i = 0; is_hidden && i < result->n_columns; i++) {
		if (prac_report_names_have(&report->shares, result->columns[i])) {
			*cell(result, row, i) = hidden;
		}
	}
}

void report_hide_small(struct report_result *result)
{
	const struct prac_report *report = result->ask->report;

	if (result->ask->hide <= 0) {
		return;
	}
	for (size_t i = 0; i < result->n_columns; i++) {
		if (prac_report_names_have(&report->counts, result->columns[i])) {
			hide_counts(result, i);
		}
	}
	for (size_t row = 0; row < result->n_rows; row++) {
		hide_shares(result, row);
	}
}
