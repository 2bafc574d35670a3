#include "client/cmd/dossier.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "client/cmd/csv.h"
#include "client/cmd/dictionary.h"
#include "client/cmd/history.h"
#include "client/cmd/print.h"
#include "common/rules/rights.h"

#define README                                                                                           \
	"Each type of record is a table, TYPE.csv, and the same as TYPE.json; dictionary.csv says what " \
	"every field means. Files that belong to records are listed in attachment.csv; ask for copies "  \
	"of them.\r\n\r\n"                                                                               \
	"Full names and numbers of other students in notes are replaced by [another student]. Somebody " \
	"should read the notes before they are handed out: a first name alone is not found.\r\n\r\n"     \
	"Whoever receives this may use it for the purpose named above only, and may not pass it on "     \
	"without the consent of the parent or of the student of age (34 CFR 99.33(a)).\r\n"

static bool is_let(const struct dossier *dossier, const struct dossier_page *page,
	const struct prac_field *field)
{
	if (dossier->is_directory) {
		return field->personal == PRAC_PERSONAL_DIRECTORY;
	}
	return page->is_sensitive || field->personal != PRAC_PERSONAL_SENSITIVE;
}

/* The record that a reference leads to is about another student. */
static bool leads_elsewhere(struct cmd_call *call, const struct prac_field *field,
	const struct prac_value *value, const struct prac_id *own)
{
	const struct prac_type *type = prac_type_find(field->ref_type);
	const struct prac_record *record = NULL;
	struct prac_id id, student;

	return field->kind == PRAC_REF && type != NULL &&
	       prac_id_from_bytes(value->bytes, &id) == PRAC_OK &&
	       replica_get(call->replica, type, &id, &call->arena, &record) == PRAC_OK &&
	       record != NULL && prac_record_student(record, &student) &&
	       !prac_id_equal(&student, own);
}

/* Empty: no value, or none that may be seen. */
static const char *cell_of(const struct dossier *dossier, const struct dossier_page *page,
	const struct prac_field *field)
{
	struct cmd_call *call = dossier->call;
	const struct prac_value *value = &page->record->values[field->index];
	const char *text;

	if (!value->has || !is_let(dossier, page, field) ||
		leads_elsewhere(call, field, value, &page->student)) {
		return "";
	}
	text = print_value(call->replica, field, value, &call->arena);
	return scrub_text(dossier->scrub, prac_bytes_text(text), &page->student, &call->arena);
}

/* ---- files */

static FILE *open_file(const struct dossier *dossier, const char *name)
{
	const char *path = prac_arena_printf(&dossier->call->arena, "%s/%s", dossier->folder, name);
	FILE *file = fopen(path, "wxe"); /* of an earlier one nothing is mixed in */

	if (file == NULL) {
		(void)cmd_fail(dossier->call, CMD_REFUSED, "%s: %s", path, g_strerror(errno));
	}
	return file;
}

static int close_file(const struct dossier *dossier, FILE *file, const char *name)
{
	return fclose(file) == 0 ? CMD_DONE
				 : cmd_fail(dossier->call, CMD_REFUSED, "%s/%s: %s",
					   dossier->folder, name, g_strerror(errno));
}

static void put_id(FILE *csv, const struct prac_id *id)
{
	char text[PRAC_ID_TEXT];

	prac_id_format(id, text);
	csv_put(csv, prac_bytes_text(text), true);
}

static void put_page(
	const struct dossier *dossier, const struct dossier_page *page, FILE *csv, json_t *array)
{
	const struct prac_type *type = page->record->type;
	json_t *object = json_object();
	char id[PRAC_ID_TEXT];

	prac_id_format(&page->record->id, id);
	json_object_set_new(object, "id", json_string(id));
	put_id(csv, &page->record->id);
	for (size_t i = 0; i < type->n_fields; i++) {
		const char *cell = cell_of(dossier, page, &type->fields[i]);

		(void)fputc(',', csv);
		csv_put(csv, prac_bytes_text(cell), true);
		if (cell[0] != '\0') {
			json_object_set_new(object, type->fields[i].name, json_string(cell));
		}
	}
	(void)fputs("\r\n", csv);
	json_array_append_new(array, object);
}

static bool has_pages(const struct dossier *dossier, const struct prac_type *type)
{
	for (guint i = 0; i < dossier->pages->len; i++) {
		if (g_array_index(dossier->pages, struct dossier_page, i).record->type == type) {
			return true;
		}
	}
	return false;
}

static int write_json(const struct dossier *dossier, const struct prac_type *type, json_t *array)
{
	const char *name = prac_arena_printf(&dossier->call->arena, "%s.json", type->name);
	FILE *file = open_file(dossier, name);

	if (file == NULL) {
		return CMD_REFUSED;
	}
	(void)json_dumpf(array, file, JSON_INDENT(1)); /* the close tells */
	(void)fputc('\n', file);
	return close_file(dossier, file, name);
}

static int write_type(const struct dossier *dossier, const struct prac_type *type)
{
	const char *name = prac_arena_printf(&dossier->call->arena, "%s.csv", type->name);
	FILE *csv = open_file(dossier, name);
	json_t *array;
	int code;

	if (csv == NULL) {
		return CMD_REFUSED;
	}
	array = json_array();
	(void)fputs("id", csv);
	for (size_t i = 0; i < type->n_fields; i++) {
		(void)fprintf(csv, ",%s", type->fields[i].name);
	}
	(void)fputs("\r\n", csv);
	for (guint i = 0; i < dossier->pages->len; i++) {
		const struct dossier_page *page =
			&g_array_index(dossier->pages, struct dossier_page, i);

		if (page->record->type == type) {
			put_page(dossier, page, csv, array);
		}
	}
	code = close_file(dossier, csv, name);
	if (code == CMD_DONE) {
		code = write_json(dossier, type, array);
	}
	json_decref(array);
	return code;
}

static int write_dictionary(const struct dossier *dossier)
{
	FILE *file = open_file(dossier, "dictionary.csv");

	if (file == NULL) {
		return CMD_REFUSED;
	}
	(void)dictionary_write(file, DICTIONARY_CSV); /* the close tells */
	return close_file(dossier, file, "dictionary.csv");
}

/* ---- what was entered for them here */

static int put_history(const struct dossier *dossier, const struct dossier_page *page, FILE *csv)
{
	struct cmd_call *call = dossier->call;
	struct replica_inputs inputs = { 0 };
	enum prac_status status = replica_history(
		call->replica, page->record->type, &page->record->id, &call->arena, &inputs);

	for (size_t i = 0; i < inputs.n; i++) {
		const char *cells[HISTORY_CELLS];

		history_cells(call, &inputs.items[i], cells);
		(void)fprintf(csv, "%s,", page->record->type->name);
		put_id(csv, &page->record->id);
		for (size_t k = 0; k < HISTORY_CELLS; k++) {
			(void)fputc(',', csv);
			csv_put(csv, prac_bytes_text(cells[k]), true);
		}
		(void)fputs("\r\n", csv);
	}
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status);
}

static int write_history(const struct dossier *dossier)
{
	FILE *csv = open_file(dossier, "history.csv");
	int code = CMD_DONE, closed;

	if (csv == NULL) {
		return CMD_REFUSED;
	}
	(void)fputs("type,id", csv);
	for (size_t k = 0; k < HISTORY_CELLS; k++) {
		(void)fprintf(csv, ",%s", history_heads[k]);
	}
	(void)fputs("\r\n", csv);
	for (guint i = 0; i < dossier->pages->len && code == CMD_DONE; i++) {
		code = put_history(
			dossier, &g_array_index(dossier->pages, struct dossier_page, i), csv);
	}
	closed = close_file(dossier, csv, "history.csv");
	return code == CMD_DONE ? closed : code;
}

static int write_readme(const struct dossier *dossier)
{
	FILE *file = open_file(dossier, "README.txt");

	if (file == NULL) {
		return CMD_REFUSED;
	}
	(void)fprintf(file, "%s\r\n%s", dossier->head, README);
	if (dossier->has_history) {
		(void)fputs(
			"\r\nhistory.csv is what this station entered for the records in the last 35 "
			"days; the district's server keeps all of it.\r\n",
			file);
	}
	return close_file(dossier, file, "README.txt");
}

int dossier_write(const struct dossier *dossier)
{
	int code = CMD_DONE;

	if (mkdir(dossier->folder, 0700) != 0 && errno != EEXIST) {
		return cmd_fail(
			dossier->call, CMD_REFUSED, "%s: %s", dossier->folder, g_strerror(errno));
	}
	for (size_t i = 0; i < prac_n_types && code == CMD_DONE; i++) {
		if (has_pages(dossier, prac_types[i])) {
			code = write_type(dossier, prac_types[i]);
		}
	}
	code = code == CMD_DONE ? write_dictionary(dossier) : code;
	if (code == CMD_DONE && dossier->has_history) {
		code = write_history(dossier);
	}
	return code == CMD_DONE ? write_readme(dossier) : code;
}
