/* practicum import: of a CSV file all rows or none, as one bundle in the outbox; or a roster. */
#include <stdio.h>
#include <string.h>

#include "client/cmd/cmd.h"
#include "client/cmd/csv.h"
#include "client/cmd/find.h"
#include "client/cmd/import_batch.h"
#include "client/cmd/import_roster.h"

enum {
	FAULTS_MAX = 20,
	KEYS_MAX = 8
};

static gboolean preview, strict, staged;
static char *zone;

static const GOptionEntry options[] = {
	{ "preview", 0, 0, G_OPTION_ARG_NONE, &preview, "say what would change, store nothing",
		NULL },
	{ "staged", 0, 0, G_OPTION_ARG_NONE, &staged,
		"at the district office: as a batch at the server, which can be taken back as one",
		NULL },
	{ "strict", 0, 0, G_OPTION_ARG_NONE, &strict,
		"of a roster: refuse what the standard does not allow, also where it can be read",
		NULL },
	{ "zone", 0, 0, G_OPTION_ARG_STRING, &zone,
		"of a roster: time zone of its schools (America/New_York)", "ZONE" },
	{ 0 },
};

/* A reference of the type that the file names by the natural key of what it refers to. */
struct joint {
	const struct prac_field *field;
	const struct prac_type *target;
	int columns[KEYS_MAX]; /* of the target's natural key; -1: not in the file */
};

struct import {
	struct cmd_call *call;
	const struct prac_type *type;
	const struct prac_field *fields[PRAC_FIELDS_MAX]; /* by column; NULL: part of a joint */
	size_t n_columns;
	struct joint joints[KEYS_MAX];
	size_t n_joints;
	GHashTable *found; /* "type word" -> 16 bytes of id, so that a name is looked up once */
	GHashTable *ids;   /* id text -> itself: rows without a key that the file holds twice */
	size_t n_new, n_changed, n_same, n_faults;
};

static int column_of(const struct csv_row *head, const char *name)
{
	for (size_t i = 0; i < head->n_cells; i++) {
		if (strcmp(head->cells[i], name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

/* False when the file does not name the whole key. */
static bool find_joint(
	struct import *import, const struct csv_row *head, const struct prac_field *field)
{
	struct joint *joint = &import->joints[import->n_joints];
	const struct prac_type *target = prac_type_find(field->ref_type);

	if (target == NULL || target->n_natural_key == 0 || target->n_natural_key > KEYS_MAX ||
		import->n_joints == KEYS_MAX) {
		return false;
	}
	*joint = (struct joint){ .field = field, .target = target };
	for (size_t i = 0; i < target->n_natural_key; i++) {
		const struct prac_field *key = &target->fields[target->natural_key[i]];

		joint->columns[i] = column_of(head, key->name);
		if (joint->columns[i] < 0 && (key->flags & PRAC_REQUIRED) != 0) {
			return false;
		}
	}
	import->n_joints++;
	return true;
}

static bool has_column(const struct joint *joint, size_t column)
{
	for (size_t i = 0; i < joint->target->n_natural_key; i++) {
		if (joint->columns[i] == (int)column) {
			return true;
		}
	}
	return false;
}

static bool is_joint_column(const struct import *import, size_t column)
{
	for (size_t i = 0; i < import->n_joints; i++) {
		if (has_column(&import->joints[i], column)) {
			return true;
		}
	}
	return false;
}

static bool read_head(struct import *import, const struct csv_row *head)
{
	const struct prac_type *type = import->type;

	if (head->n_cells > PRAC_FIELDS_MAX) {
		cmd_fail(import->call, CMD_REFUSED,
			"the header has more columns than a type has fields");
		return false;
	}
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		if (field->kind == PRAC_REF && (field->flags & PRAC_REQUIRED) != 0 &&
			column_of(head, field->name) < 0) {
			(void)find_joint(
				import, head, field); /* what is missing shows at the check */
		}
	}
	for (size_t i = 0; i < head->n_cells; i++) {
		import->fields[i] = prac_field_find_name(type, head->cells[i]);
		if (import->fields[i] == NULL && strcmp(head->cells[i], "id") != 0 &&
			!is_joint_column(import, i)) {
			cmd_fail(import->call, CMD_REFUSED,
				"line 1, column %zu: %s is no field of %s; `practicum describe %s` lists them",
				i + 1, head->cells[i], type->name, type->name);
			return false;
		}
	}
	import->n_columns = head->n_cells;
	return true;
}

/* As find_value(), remembering what a word led to. */
static bool read_cell(struct import *import, const struct prac_type *type,
	const struct prac_field *field, const char *text, struct prac_value *value_out)
{
	struct cmd_call *call = import->call;
	const char *word = prac_arena_printf(&call->arena, "%s=%s", field->name, csv_unguard(text));
	const char *key = prac_arena_printf(&call->arena, "%u %s", field->ref_type, text);
	const uint8_t *id =
		field->kind == PRAC_REF ? g_hash_table_lookup(import->found, key) : NULL;
	const struct prac_field *same;

	if (id != NULL) {
		*value_out = (struct prac_value){ .has = true, .bytes = { id, PRAC_ID_LEN } };
		return true;
	}
	if (!find_value(call, type, word, &same, value_out)) {
		return false;
	}
	if (field->kind == PRAC_REF && value_out->has) {
		g_hash_table_insert(import->found, g_strdup(key),
			g_memdup2(value_out->bytes.data, PRAC_ID_LEN));
	}
	return true;
}

struct match {
	struct cmd_call *call;
	const struct prac_type *type;
	struct prac_id id;
	size_t n;
};

static bool on_match(void *ctx, const struct prac_record *record, bool pending)
{
	struct match *match = ctx;

	(void)pending;
	match->id = record->id;
	match->n++;
	return match->n < 2;
}

/* The one record with these values in its natural key; NULL when there is none. */
static const struct prac_record *match_key(
	struct cmd_call *call, const struct prac_type *type, const struct prac_value *values)
{
	struct replica_filter filters[KEYS_MAX];
	struct replica_query query = { .type = type, .filters = filters };
	struct match match = { .call = call, .type = type };
	const struct prac_record *record = NULL;

	for (size_t i = 0; i < type->n_natural_key && i < KEYS_MAX; i++) {
		const struct prac_field *field = &type->fields[type->natural_key[i]];

		filters[query.n_filters++] =
			(struct replica_filter){ .field = field, .value = values[field->index] };
	}
	if (query.n_filters == 0 ||
		replica_list(call->replica, &query, on_match, &match) != PRAC_OK || match.n != 1 ||
		replica_get(call->replica, type, &match.id, &call->arena, &record) != PRAC_OK) {
		return NULL;
	}
	return record;
}

static bool follow_joint(struct import *import, const struct joint *joint,
	const struct csv_row *row, struct prac_value *value_out)
{
	struct cmd_call *call = import->call;
	struct prac_value *key =
		prac_arena_alloc(&call->arena, joint->target->n_fields * sizeof(*key));
	const struct prac_record *record;

	for (size_t i = 0; i < joint->target->n_natural_key; i++) {
		const struct prac_field *field =
			&joint->target->fields[joint->target->natural_key[i]];

		if (joint->columns[i] >= 0 &&
			!read_cell(import, joint->target, field, row->cells[joint->columns[i]],
				&key[field->index])) {
			return false;
		}
	}
	record = match_key(call, joint->target, key);
	if (record == NULL) {
		cmd_fail(call, CMD_REFUSED, "there is no %s for it; import those first",
			joint->target->name);
		return false;
	}
	*value_out = (struct prac_value){
		.has = true,
		.bytes = prac_arena_copy(&call->arena, prac_id_bytes(&record->id)),
	};
	return true;
}

static bool read_row(struct import *import, const struct csv_row *row, const struct csv_row *head,
	struct prac_value *values)
{
	struct cmd_call *call = import->call;

	if (row->n_cells != import->n_columns) {
		call->where = prac_arena_printf(&call->arena, "line %zu", row->line);
		cmd_fail(call, CMD_REFUSED, "%zu cells, the header has %zu", row->n_cells,
			import->n_columns);
		return false;
	}
	for (size_t i = 0; i < row->n_cells; i++) {
		call->where = prac_arena_printf(
			&call->arena, "line %zu, column %s", row->line, head->cells[i]);
		if (import->fields[i] != NULL && row->cells[i][0] != '\0' &&
			!read_cell(import, import->type, import->fields[i], row->cells[i],
				&values[import->fields[i]->index])) {
			return false;
		}
	}
	call->where = prac_arena_printf(&call->arena, "line %zu", row->line);
	for (size_t i = 0; i < import->n_joints; i++) {
		if (!follow_joint(import, &import->joints[i], row,
			    &values[import->joints[i].field->index])) {
			return false;
		}
	}
	return true;
}

/*
 * The id of a row whose type has no natural key follows from its content, and from how often the
 * file holds it, so that a file imported twice is counted once.
 */
static struct prac_id id_of_content(struct import *import, const struct prac_record *record)
{
	struct prac_buf bytes = { 0 };
	struct prac_digest digest;
	struct prac_id id;
	char *text = g_malloc(PRAC_ID_TEXT);

	prac_buf_append(&bytes, record->type->name, strlen(record->type->name));
	prac_values_encode(record->type, record->values, (struct prac_bytes){ 0 }, &bytes);
	do {
		digest = prac_sha256(prac_buf_bytes(&bytes));
		memcpy(id.b, digest.b, PRAC_ID_LEN);
		id.b[6] = (uint8_t)((id.b[6] & 0x0f) | 0x80); /* version 8, RFC 9562 */
		id.b[8] = (uint8_t)((id.b[8] & 0x3f) | 0x80);
		prac_id_format(&id, text);
		prac_buf_append_byte(&bytes, '+');
	} while (g_hash_table_contains(import->ids, text));
	g_hash_table_add(import->ids, text);
	prac_buf_deinit(&bytes);
	return id;
}

static const struct prac_record *existing(struct import *import, struct prac_record *record)
{
	const struct prac_record *before = NULL;

	if (record->type->n_natural_key > 0) {
		return match_key(import->call, record->type, record->values);
	}
	record->id = id_of_content(import, record);
	if (replica_get(import->call->replica, record->type, &record->id, &import->call->arena,
		    &before) != PRAC_OK) {
		return NULL;
	}
	return before;
}

static bool same_values(const struct prac_record *a, const struct prac_record *b)
{
	for (size_t i = 0; i < a->type->n_fields; i++) {
		if (!prac_value_equal(&a->type->fields[i], &a->values[i], &b->values[i])) {
			return false;
		}
	}
	return true;
}

/* What the file says laid over what is there; cells that are empty change nothing. */
static struct prac_record *laid_over(
	struct prac_arena *arena, const struct prac_record *before, const struct prac_record *row)
{
	struct prac_record *after = prac_record_copy(arena, before);

	for (size_t i = 0; i < row->type->n_fields; i++) {
		if (row->values[i].has) {
			after->values[i] = row->values[i];
		}
	}
	return after;
}

static bool say_refused(
	struct cmd_call *call, enum prac_status status, const struct replica_refusal *refusal)
{
	if (status == PRAC_FAILED_PRECONDITION && refusal->reason != PRAC_REASON_NONE) {
		cmd_fail(call, CMD_REFUSED, "%s", refusal->problem.text);
	} else {
		cmd_fail_replica(call, status);
	}
	return false;
}

static bool store_row(struct import *import, struct prac_record *row)
{
	struct cmd_call *call = import->call;
	const struct prac_record *before = existing(import, row);
	struct replica_refusal refusal = { 0 };
	struct prac_record *after = row;
	enum prac_status status;

	if (before == NULL) {
		cmd_begin_state(row);
	} else {
		after = laid_over(&call->arena, before, row);
		if (same_values(before, after)) {
			import->n_same++;
			return true;
		}
	}
	status = replica_save(call->replica, before, after, &refusal);
	if (status != PRAC_OK) {
		return say_refused(call, status, &refusal);
	}
	*(before == NULL ? &import->n_new : &import->n_changed) += 1;
	return true;
}

static void take_rows(struct import *import, const struct csv_table *table)
{
	for (size_t i = 1; i < table->n_rows && import->n_faults < FAULTS_MAX; i++) {
		struct prac_record *record = prac_record_new(&import->call->arena, import->type);

		if (!read_row(import, &table->rows[i], &table->rows[0], record->values) ||
			!store_row(import, record)) {
			import->n_faults++;
		}
	}
	import->call->where = NULL;
}

static int finish(struct import *import)
{
	struct cmd_call *call = import->call;
	enum prac_status status;

	if (import->n_faults > 0) {
		replica_rollback(call->replica);
		return cmd_fail(call, CMD_REFUSED, "%zu%s rows cannot be read; nothing was stored",
			import->n_faults, import->n_faults == FAULTS_MAX ? " or more" : "");
	}
	if (preview) {
		replica_rollback(call->replica);
	} else if ((status = replica_commit(call->replica)) != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	printf("%s: %zu new, %zu changed, %zu as they were%s\n", import->type->name, import->n_new,
		import->n_changed, import->n_same,
		preview ? "; a preview, nothing was stored" : "");
	return CMD_DONE;
}

static int import_csv(struct cmd_call *call, const struct prac_type *type)
{
	struct import import = { .call = call, .type = type };
	struct csv_table table = { 0 };
	const char *error = NULL;
	enum prac_status status;
	int code = CMD_REFUSED;

	if (csv_read(call->words[1], IMPORT_OUTBOX_ROWS + 1, &call->arena, &table, &error) !=
		PRAC_OK) {
		return cmd_fail(call, CMD_REFUSED, "%s: %s", call->words[1], error);
	}
	if (table.n_rows == 0) {
		return cmd_fail(call, CMD_REFUSED, "%s: the file is empty; it wants a header line",
			call->words[1]);
	}
	status = replica_begin(call->replica);
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	import.found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	import.ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (read_head(&import, &table.rows[0])) {
		take_rows(&import, &table);
		code = finish(&import);
	} else {
		replica_rollback(call->replica);
	}
	g_hash_table_destroy(import.found);
	g_hash_table_destroy(import.ids);
	return code;
}

static int run(struct cmd_call *call)
{
	const struct import_roster_options roster = { preview, strict, staged,
		zone != NULL ? zone : "America/New_York" };
	const struct prac_type *type;
	int code;

	if (import_batch(call, &code)) {
		return code;
	}
	if (call->n_words < 2) {
		return cmd_fail(call, CMD_USAGE, "name the file to import");
	}
	if (strcmp(call->words[0], "oneroster") == 0) {
		return import_roster(call, &roster);
	}
	type = cmd_type(call, call->words[0]);

	return type == NULL ? CMD_REFUSED : import_csv(call, type);
}

const struct cmd cmd_import = {
	.name = "import",
	.synopsis =
		"TYPE FILE.csv | oneroster DIR|ZIP [--preview] | list | status|send|reverse|discard ID",
	.help = "Imports a CSV file whose header names fields of TYPE (up to 5,000 rows). References "
		"are given by number or name. Rows are matched by the type's key, so that a file may "
		"be imported again. Every fault is named with line and column; with one fault nothing "
		"is stored.\n\n"
		"A OneRoster 1.1 or 1.2 bulk package, a folder or a zip, is imported at the district "
		"office: schools, staff, students, enrollments and guardians, matched by their "
		"numbers. What it does not say stays; a student who left a school ends there.\n\n"
		"More than 5,000 changes go to the server as one batch: it checks all of them first, "
		"applies them beside other people's work and lists what it could not apply. "
		"`practicum import list` shows the batches, `status ID` how far one is, `reverse ID` "
		"takes back what nobody has changed since. Without a network the plan is kept: "
		"`send ID` goes on where it stopped, `discard ID` forgets it.",
	.example = "practicum import placement placements.csv --preview\n"
		   "  practicum import oneroster roster.zip --preview\n"
		   "  practicum import reverse 0193f2",
	.needs = CMD_NEEDS_REPLICA,
	.min_words = 1,
	.max_words = 2,
	.options = options,
	.run = run,
};
