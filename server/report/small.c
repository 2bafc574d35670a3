#include "server/report/small.h"

#include <stdlib.h>
#include <string.h>

enum {
	NO_COUNT = -1 /* an empty cell: the row says nothing of such people */
};

struct table {
	struct report_result *result;
	struct prac_arena *arena;
	int64_t *counts; /* row by row */
	size_t n_counts; /* of a row */
	bool *is_hidden; /* of a row */
};

/* Rows that add up; with a total to the last of them, which is none of rows. */
struct sum {
	size_t *rows, n_rows;
	size_t total;
	bool has_total;
	bool is_one; /* shown whole or not at all */
};

typedef bool (*column_fn)(const struct prac_report *report, const char *column);

static bool is_label(const struct prac_report *report, const char *column)
{
	return prac_report_names_have(&report->labels, column);
}

static bool is_dimension(const struct prac_report *report, const char *column)
{
	return prac_report_has_dimension(report, column);
}

static bool is_figure(const struct prac_report *report, const char *column)
{
	return !is_dimension(report, column) && !is_label(report, column);
}

static bool are_alike(const struct report_result *result, size_t a, size_t b, column_fn matters)
{
	for (size_t i = 0; i < result->n_columns; i++) {
		if (matters(result->ask->report, result->columns[i]) &&
			strcmp(result->cells[a * result->n_columns + i],
				result->cells[b * result->n_columns + i]) != 0) {
			return false;
		}
	}
	return true;
}

static int64_t count_of(const struct table *table, size_t row, size_t i)
{
	return table->counts[row * table->n_counts + i];
}

static void read_counts(struct table *table)
{
	const struct report_result *result = table->result;
	const struct prac_report *report = result->ask->report;
	size_t n = 0;

	table->counts = prac_arena_alloc(
		table->arena, (result->n_rows * result->n_columns + 1) * sizeof(*table->counts));
	for (size_t i = 0; i < result->n_rows * result->n_columns; i++) {
		if (prac_report_names_have(
			    &report->counts, result->columns[i % result->n_columns])) {
			table->counts[n++] = result->cells[i][0] == '\0'
						     ? NO_COUNT
						     : strtoll(result->cells[i], NULL, 10);
		}
	}
	table->n_counts = result->n_rows > 0 ? n / result->n_rows : 0;
}

static bool are_few(const struct table *table, int64_t people)
{
	return people < table->result->ask->hide;
}

static bool are_small(const struct table *table, const int64_t *counts)
{
	for (size_t i = 0; i < table->n_counts; i++) {
		bool has_few = counts[i] != NO_COUNT && are_few(table, counts[i]);

		for (size_t j = 0; j < i && counts[i] != NO_COUNT; j++) {
			has_few = has_few || (counts[j] != NO_COUNT && counts[i] != counts[j] &&
						     are_few(table, llabs(counts[i] - counts[j])));
		}
		if (has_few) {
			return true;
		}
	}
	return false;
}

/*
 * Of the people of the count those who are surely in a hidden row, or in none. NO_COUNT: no hidden row says
 * anything of such people.
 */
static int64_t missing(const struct table *table, const struct sum *sum, size_t i)
{
	int64_t total = sum->has_total ? count_of(table, sum->total, i) : 0;
	int64_t hidden = 0, shown = 0;
	bool is_repeated = sum->has_total; /* not broken down: every row says the total */
	bool has_count = false;

	for (size_t n = 0; n < sum->n_rows; n++) {
		int64_t count = count_of(table, sum->rows[n], i);
		bool is_hidden = table->is_hidden[sum->rows[n]];

		is_repeated = is_repeated && count == total;
		has_count = has_count || (is_hidden && count != NO_COUNT);
		*(is_hidden ? &hidden : &shown) += count == NO_COUNT ? 0 : count;
	}
	if (!has_count) {
		return NO_COUNT;
	}
	if (is_repeated) {
		return total;
	}
	return sum->has_total && total - shown < hidden ? total - shown : hidden;
}

/* Can what is hidden be reckoned, or is it of few people, from the rows shown and the total? */
static bool tells(const struct table *table, const struct sum *sum, int64_t *counts)
{
	bool hides_total = sum->has_total && table->is_hidden[sum->total];
	size_t n_hidden = 0;

	for (size_t n = 0; n < sum->n_rows; n++) {
		n_hidden += table->is_hidden[sum->rows[n]] ? 1 : 0;
	}
	if (n_hidden == sum->n_rows) {
		return n_hidden == 1 && sum->has_total && !hides_total;
	}
	if (n_hidden < 2 || sum->is_one) {
		return n_hidden > 0 || hides_total;
	}
	for (size_t i = 0; i < table->n_counts; i++) {
		counts[i] = missing(table, sum, i);
	}
	return are_small(table, counts);
}

static int64_t least_count(const struct table *table, size_t row)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < table->n_counts; i++) {
		int64_t count = count_of(table, row, i);

		least = count != NO_COUNT && count < least ? count : least;
	}
	return least;
}

/* The smallest of the rows shown; the total when there is none. */
static void hide_another(struct table *table, const struct sum *sum)
{
	size_t found = sum->total;
	bool has_found = false;

	for (size_t n = 0; n < sum->n_rows; n++) {
		size_t row = sum->rows[n];

		if (!table->is_hidden[row] &&
			(!has_found || least_count(table, row) < least_count(table, found))) {
			found = row;
			has_found = true;
		}
	}
	table->is_hidden[found] = true;
}

/* Takes the rows that are like the first. Those of equal dimensions stand together, equal labels do not. */
static void take_alike(const struct report_result *result, size_t first, bool over_dimensions,
	bool *is_taken, struct sum *sum)
{
	column_fn matters = over_dimensions ? is_label : is_dimension;
	bool is_alike = true;

	for (size_t row = first; row < result->n_rows && (is_alike || over_dimensions); row++) {
		is_alike = are_alike(result, first, row, matters);
		if (is_alike) {
			is_taken[row] = true;
			sum->rows[sum->n_rows++] = row;
		}
	}
	sum->total = sum->rows[sum->n_rows - 1];
}

/* A sum over the dimensions for each of the labels, or one over the labels for each of the dimensions. */
static struct sum *sums_of(const struct table *table, bool over_dimensions, size_t *n_out)
{
	const struct report_result *result = table->result;
	bool has_total = over_dimensions && result->ask->n_by > 0;
	size_t n_rows = result->n_rows;
	struct sum *sums = prac_arena_alloc(table->arena, n_rows * sizeof(*sums));
	size_t *rows = prac_arena_alloc(table->arena, n_rows * sizeof(*rows));
	bool *is_taken = prac_arena_alloc(table->arena, n_rows * sizeof(*is_taken));

	*n_out = 0;
	for (size_t first = 0; first < n_rows; first++) {
		struct sum *sum = &sums[*n_out];

		if (!is_taken[first]) {
			*sum = (struct sum){ .rows = rows,
				.has_total = has_total,
				.is_one = !over_dimensions && result->ask->n_by > 0 };
			take_alike(result, first, over_dimensions, is_taken, sum);
			rows += sum->n_rows;
			sum->n_rows -= has_total ? 1 : 0;
			++*n_out;
		}
	}
	sums[*n_out - 1].is_one = false; /* the totals, or all without a breakdown */
	return sums;
}

static bool hide_more(struct table *table, const struct sum *sums, size_t n_sums)
{
	int64_t *counts = prac_arena_alloc(table->arena, table->n_counts * sizeof(*counts));
	bool has_hidden = false;

	for (size_t i = 0; i < n_sums; i++) {
		while (tells(table, &sums[i], counts)) {
			hide_another(table, &sums[i]);
			has_hidden = true;
		}
	}
	return has_hidden;
}

static void write_hidden(struct table *table)
{
	struct report_result *result = table->result;

	for (size_t i = 0; i < result->n_rows * result->n_columns; i++) {
		if (table->is_hidden[i / result->n_columns] &&
			is_figure(result->ask->report, result->columns[i % result->n_columns])) {
			result->cells[i] = REPORT_HIDDEN;
		}
	}
}

void report_hide_small(struct report_result *result, struct prac_arena *arena)
{
	struct table table = { .result = result, .arena = arena };
	struct sum *over_dimensions, *over_labels;
	size_t n_over_dimensions, n_over_labels;

	if (result->ask->hide <= 0 || result->n_rows == 0) {
		return;
	}
	read_counts(&table);
	table.is_hidden = prac_arena_alloc(arena, result->n_rows * sizeof(*table.is_hidden));
	for (size_t row = 0; row < result->n_rows; row++) {
		table.is_hidden[row] = are_small(&table, &table.counts[row * table.n_counts]);
	}
	over_dimensions = sums_of(&table, true, &n_over_dimensions);
	over_labels = sums_of(&table, false, &n_over_labels);
	while (hide_more(&table, over_dimensions, n_over_dimensions) ||
		hide_more(&table, over_labels, n_over_labels)) {
	}
	write_hidden(&table);
}
