#include "client/cmd/import_diff.h"

#include <stdio.h>
#include <string.h>

#include "client/cmd/import_here.h"
#include "client/cmd/likeness.h"
#include "client/cmd/print.h"

enum {
	CHANGES_SHOWN = 50, /* to a person; JSON has all */
	FLAWS_SHOWN = 1000
};

struct import_diff {
	struct cmd_call *call;
	char *what, *file;
	json_t *changes, *flaws, *alike;
	size_t n_new, n_changed, n_same, n_refused; /* rows */
	size_t n_flaws;
	struct prac_id import; /* nil: it cannot be taken back by itself */
};

struct import_diff *import_diff_new(struct cmd_call *call, const char *what, const char *file)
{
	struct import_diff *diff = g_new0(struct import_diff, 1);

	diff->call = call;
	diff->what = g_strdup(what);
	diff->file = g_path_get_basename(file);
	diff->changes = json_array();
	diff->flaws = json_array();
	diff->alike = json_array();
	return diff;
}

void import_diff_free(struct import_diff *diff)
{
	json_decref(diff->changes);
	json_decref(diff->flaws);
	json_decref(diff->alike);
	g_free(diff->what);
	g_free(diff->file);
	g_free(diff);
}

static const char *text_of(const struct import_diff *diff, const struct prac_field *field,
	const struct prac_value *value)
{
	return value->has ? print_value(diff->call->replica, field, value, &diff->call->arena)
			  : "(empty)";
}

/* "grade: 11 -> 12"; of a new record every value it has. */
static const char *what_of(const struct import_diff *diff, const struct prac_record *before,
	const struct prac_record *after)
{
	struct prac_arena *arena = &diff->call->arena;
	const char *what = "";

	for (size_t i = 0; i < after->type->n_fields; i++) {
		const struct prac_field *field = &after->type->fields[i];
		const char *gap = what[0] != '\0' ? "; " : "";

		if (before == NULL && after->values[i].has) {
			what = prac_arena_printf(arena, "%s%s%s: %s", what, gap, field->name,
				text_of(diff, field, &after->values[i]));
		} else if (before != NULL &&
			   !prac_value_equal(field, &before->values[i], &after->values[i])) {
			what = prac_arena_printf(arena, "%s%s%s: %s -> %s", what, gap, field->name,
				text_of(diff, field, &before->values[i]),
				text_of(diff, field, &after->values[i]));
		}
	}
	return what;
}

void import_diff_change(
	struct import_diff *diff, const struct prac_record *before, const struct prac_record *after)
{
	char id[PRAC_ID_TEXT];

	*(before == NULL ? &diff->n_new : &diff->n_changed) += 1;
	if (!diff->call->json && json_array_size(diff->changes) >= CHANGES_SHOWN) {
		return;
	}
	prac_id_format(&after->id, id);
	json_array_append_new(diff->changes,
		json_pack("{ss ss ss ss ss}", "change", before == NULL ? "new" : "changed", "type",
			after->type->name, "id", id, "title",
			prac_record_title(after, &diff->call->arena), "what",
			what_of(diff, before, after)));
}

void import_diff_same(struct import_diff *diff)
{
	diff->n_same++;
}

void import_diff_refuse(
	struct import_diff *diff, size_t line, const char *column, const char *reason)
{
	if (diff->n_flaws++ < FLAWS_SHOWN) {
		json_array_append_new(
			diff->flaws, json_pack("{ss sI ss ss}", "file", diff->file, "line",
					     (json_int_t)line, "column", column, "reason", reason));
	}
}

void import_diff_alike(struct import_diff *diff, size_t line, const char *text)
{
	json_array_append_new(diff->alike, likeness_row(diff->file, line, text));
}

void import_diff_kept(struct import_diff *diff, const struct replica_import *import)
{
	diff->import = import->id;
}

void import_diff_refuse_row(struct import_diff *diff)
{
	diff->n_refused++;
}

size_t import_diff_refused(const struct import_diff *diff)
{
	return diff->n_refused;
}

static const char *member(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void print_flaws(const struct import_diff *diff)
{
	for (size_t i = 0; i < json_array_size(diff->flaws); i++) {
		const json_t *flaw = json_array_get(diff->flaws, i);
		const char *column = member(flaw, "column");

		(void)fprintf(stderr, "%s line %lld%s%s: %s\n", diff->file,
			(long long)json_integer_value(json_object_get(flaw, "line")),
			column[0] != '\0' ? " column " : "", column, member(flaw, "reason"));
	}
	if (diff->n_flaws > json_array_size(diff->flaws)) {
		(void)fprintf(stderr, "and %zu more like these\n",
			diff->n_flaws - json_array_size(diff->flaws));
	}
}

static void print_changes(const struct import_diff *diff)
{
	static const char *const heads[] = { "change", "record", "what" };
	struct print_table *table = print_table_new(heads, PRAC_NELEM(heads), false);

	for (size_t i = 0; i < json_array_size(diff->changes); i++) {
		const json_t *change = json_array_get(diff->changes, i);

		print_table_row(table, (const char *const[]){ member(change, "change"),
					       member(change, "title"), member(change, "what") });
	}
	print_table_end(table, diff->n_refused == 0 ? "The file changes nothing."
						    : "Nothing of it can be stored.");
	if (diff->n_new + diff->n_changed > json_array_size(diff->changes)) {
		printf("and %zu more; --json lists them\n",
			diff->n_new + diff->n_changed - json_array_size(diff->changes));
	}
}

void import_diff_print(const struct import_diff *diff, bool is_preview, bool is_stored)
{
	const struct replica_import here = { .id = diff->import };
	char id[PRAC_ID_TEXT];

	if (diff->call->json) {
		prac_id_format(&diff->import, id);
		print_json(json_pack("{sb s{sI sI sI sI} ss* sO sO sO}", "stored",
			is_stored ? 1 : 0, "counts", "new", (json_int_t)diff->n_new, "changed",
			(json_int_t)diff->n_changed, "unchanged", (json_int_t)diff->n_same,
			"refused", (json_int_t)diff->n_refused, "import",
			prac_id_is_nil(&diff->import) ? NULL : id, "flaws", diff->flaws, "alike",
			diff->alike, "changes", diff->changes));
		return;
	}
	print_flaws(diff);
	likeness_print(diff->alike);
	if (is_preview) {
		print_changes(diff);
	}
	if (is_preview || is_stored) {
		printf("%s: %zu new, %zu changed, %zu as they were%s\n", diff->what, diff->n_new,
			diff->n_changed, diff->n_same,
			is_preview ? "; a preview, nothing was stored" : "");
		if (is_preview && diff->n_refused > 0) {
			printf("%zu row%s cannot be stored: with them nothing will be, unless "
			       "--good-rows leaves them out\n",
				diff->n_refused, diff->n_refused == 1 ? "" : "s");
		}
		printf("%s", import_here_hint(diff->call, &here));
	}
}
