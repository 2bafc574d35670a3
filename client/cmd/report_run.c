#include "client/cmd/report_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/csv.h"
#include "client/cmd/print.h"
#include "client/link/link.h"
#include "common/base/buf.h"
#include "common/wire/binary.h"

enum {
	LINES_MAX = 500,
	KEPT_MAX = 32 * 1024 /* bytes; a mutation carries 64 KiB */
};

/* What came out: head and rows as lines of CSV, and what they hash to. */
struct output {
	const char **lines;
	size_t n_lines, size;
	struct prac_digest definition, hash;
};

/* Cells of one line, as a program would read them. */
static const char *line_of(
	const ProtobufCBinaryData *cells, size_t n_cells, struct prac_arena *arena)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	const char *line;

	for (size_t i = 0; out != NULL && i < n_cells; i++) {
		if (i > 0) {
			(void)fputc(',', out);
		}
		csv_put(out, prac_binary_bytes(cells[i]), false);
	}
	if (out == NULL || fclose(out) != 0) {
		abort(); /* no memory for a line */
	}
	line = prac_arena_text(arena, (struct prac_bytes){ (const uint8_t *)text, len });
	free(text);
	return line;
}

static struct output output_of(struct cmd_call *call, const Practicum__ReportResponse *report)
{
	struct output output = { .n_lines = report->n_rows + 1 };
	struct prac_buf text = { 0 };

	output.lines = prac_arena_alloc(&call->arena, output.n_lines * sizeof(char *));
	output.lines[0] = line_of(report->columns, report->n_columns, &call->arena);
	for (size_t i = 0; i < report->n_rows; i++) {
		output.lines[i + 1] =
			line_of(report->rows[i]->cells, report->rows[i]->n_cells, &call->arena);
	}
	for (size_t i = 0; i < output.n_lines; i++) {
		prac_buf_printf(&text, "%s\n", output.lines[i]);
	}
	output.size = prac_buf_len(&text);
	output.hash = prac_sha256(prac_buf_bytes(&text));
	output.definition = prac_sha256(prac_binary_bytes(report->definition));
	prac_buf_deinit(&text);
	return output;
}

static struct prac_value digest(struct cmd_call *call, const struct prac_digest *hash)
{
	return prac_value_bytes(prac_arena_copy(&call->arena, prac_digest_bytes(hash)));
}

static struct prac_value list(
	struct cmd_call *call, size_t field, const struct prac_bytes *items, size_t n)
{
	return n == 0 ? (struct prac_value){ 0 }
		      : prac_list_value(
				&call->arena, &prac_type_report_run.fields[field], items, n);
}

static void put_lines(struct cmd_call *call, struct prac_record *run, const struct output *output)
{
	struct prac_bytes *lines = prac_arena_alloc(&call->arena, output->n_lines * sizeof(*lines));

	if (output->n_lines > LINES_MAX || output->size > KEPT_MAX) {
		return;
	}
	for (size_t i = 0; i < output->n_lines; i++) {
		lines[i] = prac_bytes_text(output->lines[i]);
	}
	run->values[PRAC_REPORT_RUN_LINES] =
		list(call, PRAC_REPORT_RUN_LINES, lines, output->n_lines);
}

static struct prac_record *run_of(
	struct cmd_call *call, const char *name, const Practicum__ReportResponse *report)
{
	struct prac_record *run = prac_record_new(&call->arena, &prac_type_report_run);
	struct output output = output_of(call, report);
	struct prac_bytes *parameters =
		prac_arena_alloc(&call->arena, (report->n_parameters + 1) * sizeof(*parameters));

	for (size_t i = 0; i < report->n_parameters; i++) {
		parameters[i] = prac_binary_bytes(report->parameters[i]);
	}
	run->values[PRAC_REPORT_RUN_NAME] = prac_value_text(name);
	run->values[PRAC_REPORT_RUN_PARAMETERS] =
		list(call, PRAC_REPORT_RUN_PARAMETERS, parameters, report->n_parameters);
	run->values[PRAC_REPORT_RUN_AS_OF] = prac_value_number((int64_t)report->as_of);
	run->values[PRAC_REPORT_RUN_PUBLISHED_ON] =
		prac_value_number(prac_env_today(&prac_env_system));
	run->values[PRAC_REPORT_RUN_DEFINITION_HASH] = digest(call, &output.definition);
	run->values[PRAC_REPORT_RUN_OUTPUT_HASH] = digest(call, &output.hash);
	run->values[PRAC_REPORT_RUN_N_ROWS] = prac_value_number((int64_t)report->n_rows);
	put_lines(call, run, &output);
	return run;
}

int report_publish(struct cmd_call *call, const char *name, const Practicum__ReportResponse *report)
{
	struct prac_record *run = run_of(call, name, report);
	struct replica_refusal refusal = { 0 };
	enum prac_status status = replica_save(call->replica, NULL, run, &refusal);

	if (status != PRAC_OK) {
		return refusal.reason != PRAC_REASON_NONE ? cmd_fail_refusal(call, &refusal)
							  : cmd_fail_replica(call, status);
	}
	(void)link_poke(call->home); /* it looks by itself as well, only later */
	(void)fprintf(stderr, "published: practicum report verify %s\n",
		print_id(call->replica, run->type, &run->id, &call->arena));
	return CMD_DONE;
}

/* ---- made again */

static const char **texts_of(struct cmd_call *call, struct prac_bytes items, size_t *n_out)
{
	const char **texts = prac_arena_alloc(&call->arena, (LINES_MAX + 1) * sizeof(char *));
	struct prac_bytes item;

	*n_out = 0;
	while (*n_out < LINES_MAX && prac_list_next(&items, &item)) {
		texts[(*n_out)++] = prac_arena_text(&call->arena, item);
	}
	return texts; /* the arena's memory is zero: NULL at the end */
}

const char **report_run_parameters(struct cmd_call *call, const struct prac_record *run)
{
	size_t n;

	return texts_of(call, run->values[PRAC_REPORT_RUN_PARAMETERS].bytes, &n);
}

static bool has_line(const char **lines, size_t n, const char *line)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(lines[i], line) == 0) {
			return true;
		}
	}
	return false;
}

/* Lines of the one that the other lacks. */
static void print_beside(
	const char *mark, const char **lines, size_t n, const char **others, size_t n_others)
{
	for (size_t i = 0; i < n; i++) {
		if (!has_line(others, n_others, lines[i])) {
			printf("%s %s\n", mark, lines[i]);
		}
	}
}

static void print_differences(struct cmd_call *call, const struct prac_record *run,
	const struct output *output, bool is_redefined)
{
	const struct prac_value *values = run->values;
	size_t n;
	const char **lines = texts_of(call, values[PRAC_REPORT_RUN_LINES].bytes, &n);

	if (is_redefined) {
		printf("the definition of %.*s has changed since: practicum report describe\n",
			(int)values[PRAC_REPORT_RUN_NAME].bytes.len,
			(const char *)values[PRAC_REPORT_RUN_NAME].bytes.data);
	}
	printf("published %lld rows, now %zu\n", (long long)values[PRAC_REPORT_RUN_N_ROWS].number,
		output->n_lines - 1);
	if (n > 0) {
		print_beside("-", lines, n, output->lines, output->n_lines);
		print_beside("+", output->lines, output->n_lines, lines, n);
	}
}

int report_compare(struct cmd_call *call, const struct prac_record *run,
	const Practicum__ReportResponse *report)
{
	struct output output = output_of(call, report);
	const struct prac_value *values = run->values;
	bool is_redefined = !prac_bytes_equal(values[PRAC_REPORT_RUN_DEFINITION_HASH].bytes,
		prac_digest_bytes(&output.definition));
	bool is_equal = prac_bytes_equal(
		values[PRAC_REPORT_RUN_OUTPUT_HASH].bytes, prac_digest_bytes(&output.hash));

	if (call->json) {
		print_json(json_pack("{sb sb sI sI}", "equal", is_equal, "redefined", is_redefined,
			"rows_published", (json_int_t)values[PRAC_REPORT_RUN_N_ROWS].number, "rows",
			(json_int_t)report->n_rows));
	} else if (is_equal) {
		printf("equal: the %zu rows as of change %llu are those that were published%s\n",
			report->n_rows, (unsigned long long)report->as_of,
			is_redefined ? ", though their definition is worded anew" : "");
	} else {
		print_differences(call, run, &output, is_redefined);
	}
	return is_equal ? CMD_DONE
			: cmd_fail(call, CMD_REFUSED,
				  "what comes out now is not what was published (report_run %s)",
				  print_id(call->replica, run->type, &run->id, &call->arena));
}
