#include "client/cmd/roster_print.h"

#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/import_here.h"
#include "client/cmd/print.h"

enum {
	SHOWN = 10 /* records of one type and change; JSON has all */
};

static const char *const change_words[] = {
	[ROSTER_ADDED] = "new",
	[ROSTER_CHANGED] = "changed",
	[ROSTER_UNCHANGED] = "as it was",
	[ROSTER_MISSING] = "missing",
};

/* What becomes of a record of the kind that was over; NULL: none ever is. */
static const char *const return_words[ROSTER_KINDS] = {
	[ROSTER_STAFF_MEMBERS] = "active again",
	[ROSTER_ATTENDANCE] = "reopened",
};

static const char *change_word(const struct roster_step *step)
{
	return step->change == ROSTER_RETURNED ? return_words[step->kind]
					       : change_words[step->change];
}

static void print_flaw(const struct roster_flaw *flaw)
{
	(void)fputs(flaw->severity == ROSTER_ERROR ? "error: " : "warning: ", stderr);
	if (flaw->file[0] != '\0') {
		(void)fputs(flaw->file, stderr);
		if (flaw->line > 0) {
			(void)fprintf(stderr, " line %u", flaw->line);
		}
		(void)fprintf(
			stderr, "%s%s: ", flaw->column[0] != '\0' ? " column " : "", flaw->column);
	}
	(void)fprintf(stderr, "%s\n", flaw->reason);
}

static json_t *flaw_json(const struct roster_flaw *flaw)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:s, s:s}", "severity",
		flaw->severity == ROSTER_ERROR ? "error" : "warning", "kind",
		roster_flaw_word(flaw->kind), "file", flaw->file, "line", (int)flaw->line, "column",
		flaw->column, "reason", flaw->reason);
}

static json_t *flaws_json(const struct roster_flaws *flaws)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < flaws->n; i++) {
		json_array_append_new(array, flaw_json(&flaws->rows[i]));
	}
	return array;
}

void roster_print_flaws(const struct roster_flaws *flaws, bool json)
{
	uint64_t n = flaws->n_errors + flaws->n_warnings;

	if (json) {
		print_json(json_pack("{s:b, s:I, s:o}", "stored", 0, "errors",
			(json_int_t)flaws->n_errors, "flaws", flaws_json(flaws)));
		return;
	}
	for (uint32_t i = 0; i < flaws->n; i++) {
		print_flaw(&flaws->rows[i]);
	}
	if (n > flaws->n) {
		(void)fprintf(
			stderr, "and %llu more like these\n", (unsigned long long)(n - flaws->n));
	}
}

/* Titles by id, so that an enrollment reads as a student and a school before they are stored. */
struct titles {
	struct cmd_call *call;
	const struct roster_plan *plan;
	GHashTable *by_id;
};

static const struct prac_record *record_of(const struct roster_step *step)
{
	return step->after != NULL ? step->after : step->before;
}

static const char *id_text(struct prac_arena *arena, const struct prac_id *id)
{
	char text[PRAC_ID_TEXT];

	prac_id_format(id, text);
	return prac_arena_text(arena, prac_bytes_text(text));
}

static void titles_init(
	struct titles *titles, struct cmd_call *call, const struct roster_plan *plan)
{
	*titles = (struct titles){ call, plan, g_hash_table_new(g_str_hash, g_str_equal) };
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct prac_record *record = record_of(&plan->steps[i]);

		if (plan->steps[i].kind == ROSTER_SCHOOLS ||
			plan->steps[i].kind == ROSTER_STUDENTS) {
			g_hash_table_insert(titles->by_id,
				(gpointer)id_text(&call->arena, &record->id),
				(gpointer)prac_record_title(record, &call->arena));
		}
	}
}

static const char *value_text(
	const struct titles *titles, const struct prac_field *field, const struct prac_value *value)
{
	struct cmd_call *call = titles->call;
	struct prac_id id;
	const char *title = NULL;

	if (!value->has) {
		return "(empty)";
	}
	if (field->kind == PRAC_REF && prac_id_from_bytes(value->bytes, &id) == PRAC_OK) {
		title = g_hash_table_lookup(titles->by_id, id_text(&call->arena, &id));
	}
	return title != NULL ? title : print_value(call->replica, field, value, &call->arena);
}

static const char *title_of(const struct titles *titles, const struct prac_record *record)
{
	const struct prac_type *type = record->type;
	const char *title = "";

	for (size_t i = 0; i < type->n_title; i++) {
		const struct prac_field *field = &type->fields[type->title[i]];

		if (record->values[field->index].has) {
			title = prac_arena_printf(&titles->call->arena, "%s%s%s", title,
				title[0] != '\0' ? ", " : "",
				value_text(titles, field, &record->values[field->index]));
		}
	}
	return title;
}

/* "Grade: 11 -> 12", or what becomes of a record that is missing. */
static const char *what_of(const struct titles *titles, const struct roster_step *step)
{
	const char *what = "";

	if (step->change == ROSTER_MISSING) {
		return step->action != NULL ? "ends today" : "stays as it is";
	}
	if (step->change != ROSTER_CHANGED) {
		return what;
	}
	for (size_t i = 0; i < step->after->type->n_fields; i++) {
		const struct prac_field *field = &step->after->type->fields[i];

		if ((step->fields >> i & 1U) != 0) {
			what = prac_arena_printf(&titles->call->arena, "%s%s%s: %s -> %s", what,
				what[0] != '\0' ? "; " : "", field->label,
				value_text(titles, field, &step->before->values[i]),
				value_text(titles, field, &step->after->values[i]));
		}
	}
	return what;
}

static void print_steps(const struct titles *titles)
{
	static const char *const heads[] = { "change", "type", "record", "what" };
	struct print_table *table = print_table_new(heads, PRAC_NELEM(heads), false);
	size_t shown[ROSTER_KINDS][ROSTER_CHANGES] = { { 0 } };

	for (size_t i = 0; i < titles->plan->n_steps; i++) {
		const struct roster_step *step = &titles->plan->steps[i];
		const struct prac_record *record = record_of(step);

		if (shown[step->kind][step->change]++ >= SHOWN) {
			continue;
		}
		const char *cells[] = { change_word(step), record->type->label,
			title_of(titles, record), what_of(titles, step) };
		print_table_row(table, cells);
	}
	print_table_end(table, "The roster changes nothing.");
}

static void print_counts(const struct roster_plan *plan, bool is_preview)
{
	bool is_cut = false;

	for (unsigned kind = 0; kind < ROSTER_KINDS; kind++) {
		const size_t *counts = plan->counts[kind];

		printf("%s: %zu new, %zu changed, %zu as they were, %zu missing",
			roster_kind_type((enum roster_kind)kind)->name, counts[ROSTER_ADDED],
			counts[ROSTER_CHANGED], counts[ROSTER_UNCHANGED], counts[ROSTER_MISSING]);
		if (counts[ROSTER_RETURNED] > 0) {
			printf(", %zu %s", counts[ROSTER_RETURNED], return_words[kind]);
		}
		printf("\n");
		is_cut = is_cut || counts[ROSTER_ADDED] > SHOWN || counts[ROSTER_CHANGED] > SHOWN ||
			 counts[ROSTER_MISSING] > SHOWN || counts[ROSTER_RETURNED] > SHOWN;
	}
	if (is_preview) {
		printf("A preview: nothing was stored.%s\n",
			is_cut ? " --json lists every record." : "");
	}
}

static json_t *step_json(const struct titles *titles, const struct roster_step *step)
{
	const struct prac_record *record = record_of(step);

	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "change", change_word(step), "type",
		record->type->name, "id", id_text(&titles->call->arena, &record->id), "title",
		title_of(titles, record), "what", what_of(titles, step));
}

static json_t *counts_json(const struct roster_plan *plan)
{
	json_t *all = json_object();

	for (unsigned kind = 0; kind < ROSTER_KINDS; kind++) {
		const size_t *counts = plan->counts[kind];

		json_object_set_new(all, roster_kind_type((enum roster_kind)kind)->name,
			json_pack("{s:i, s:i, s:i, s:i, s:i}", "new", (int)counts[ROSTER_ADDED],
				"changed", (int)counts[ROSTER_CHANGED], "unchanged",
				(int)counts[ROSTER_UNCHANGED], "missing",
				(int)counts[ROSTER_MISSING], "returned",
				(int)counts[ROSTER_RETURNED]));
	}
	return all;
}

static void print_json_plan(
	const struct titles *titles, const struct roster_print *print, bool is_preview)
{
	json_t *steps = json_array();

	for (size_t i = 0; is_preview && i < print->plan->n_steps; i++) {
		json_array_append_new(steps, step_json(titles, &print->plan->steps[i]));
	}
	print_json(json_pack("{s:b, s:o, s:s*, s:s, s:i, s:o, s:O, s:o}", "stored", !is_preview,
		"counts", counts_json(print->plan), "import",
		prac_id_is_nil(&print->here->id) ? NULL
						 : id_text(&titles->call->arena, &print->here->id),
		"unread", print->roster->unread, "left_out", (int)print->plan->n_left_out, "flaws",
		flaws_json(&print->roster->flaws), "alike", print->alike, "changes", steps));
}

void roster_print_plan(struct cmd_call *call, const struct roster_print *print, bool is_preview)
{
	struct titles titles;

	titles_init(&titles, call, print->plan);
	if (call->json) {
		print_json_plan(&titles, print, is_preview);
	} else {
		if (is_preview) {
			print_steps(&titles);
		}
		print_counts(print->plan, is_preview);
		printf("%s", import_here_hint(call, print->here));
	}
	g_hash_table_destroy(titles.by_id);
}
