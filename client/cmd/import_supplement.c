#include "client/cmd/import_supplement.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/delivery.h"
#include "client/cmd/import_cells.h"

enum {
	ROWS_MAX = 500 * 1000
};

static bool on_program(void *ctx, const struct prac_record *record, bool pending)
{
	GHashTable *programs = ctx;
	struct prac_bytes cip = record->values[PRAC_PROGRAM_OF_STUDY_CIP_CODE].bytes;
	char *text = g_malloc(PRAC_ID_TEXT);
	char *key = g_strndup((const char *)cip.data, cip.len);

	(void)pending;
	prac_id_format(&record->id, text);
	if (g_hash_table_contains(programs, key)) {
		g_free(text);
		text = NULL;
	}
	g_hash_table_insert(programs, key, text);
	return true;
}

static struct prac_bytes populations_of(void *ctx, const char *identifier)
{
	struct prac_value key[PRAC_FIELDS_MAX] = { { 0 } };
	const struct prac_record *student;

	key[PRAC_STUDENT_IDENTIFIER] = prac_value_text(identifier);
	student = import_match_key(ctx, &prac_type_student, key);
	return student != NULL ? student->values[PRAC_STUDENT_SPECIAL_POPULATIONS].bytes
			       : (struct prac_bytes){ 0 };
}

static void say_left_out(const struct import_source *source, const struct delivery_kind *kind)
{
	const struct csv_row *head = &source->table.rows[0];

	for (size_t i = 0; i < head->n_cells; i++) {
		const char *name = head->cells[i];
		const char *why = NULL;

		if (g_strv_contains(kind->derived, name)) {
			why = "follows from other records";
		} else if (!g_strv_contains(kind->columns, name)) {
			why = "no column of this file";
		}
		if (why != NULL) {
			(void)fprintf(stderr, "%s line 1 column %s: %s, left out\n", source->file,
				name, why);
		}
	}
}

static int import_delivery(struct cmd_call *call, const char *path,
	const struct delivery_kind *kind, const struct import_csv_options *options)
{
	struct import_source source = { .file = path },
			     made = { .file = path, .written = kind->written };
	struct delivery delivery = { .arena = &call->arena,
		.source = &source.table,
		.populations = populations_of,
		.ctx = call };
	struct replica_query query = { .type = &prac_type_program_of_study };
	const char *error = NULL;
	enum prac_status status = PRAC_OK;
	int code;

	if (csv_read(path, ROWS_MAX + 1, &call->arena, &source.table, &error) != PRAC_OK) {
		return cmd_fail(call, CMD_REFUSED, "%s: %s", path, error);
	}
	if (source.table.n_rows == 0 ||
		strcmp(source.table.rows[0].cells[0], kind->columns[0]) != 0) {
		return cmd_fail(call, CMD_REFUSED, "%s: its first column must be %s", path,
			kind->columns[0]);
	}
	delivery.programs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (kind == &delivery_students) {
		status = replica_list(call->replica, &query, on_program, delivery.programs);
	}
	if (status == PRAC_OK) {
		say_left_out(&source, kind);
		delivery_make(&delivery, kind);
		made.table = delivery.made;
		made.faults = delivery.faults;
		code = import_csv_table(call, kind->type, &made, options);
	} else {
		code = cmd_fail_replica(call, status);
	}
	g_hash_table_destroy(delivery.programs);
	return code;
}

int import_supplement(
	struct cmd_call *call, const char *path, const struct import_csv_options *options)
{
	struct import_csv_options known = *options;

	known.which = IMPORT_KNOWN_ONLY;
	return import_delivery(call, path, &delivery_students, &known);
}

int import_calendar(
	struct cmd_call *call, const char *path, const struct import_csv_options *options)
{
	return import_delivery(call, path, &delivery_days, options);
}
