/* Rows of a CSV file into records: each read, matched by its key and saved as a person would. */
#include "client/cmd/import_csv.h"

#include <stdio.h>
#include <string.h>

#include "client/cmd/csv.h"
#include "client/cmd/find.h"
#include "client/cmd/import_batch.h"
#include "client/cmd/import_diff.h"

enum {
	ROWS_MAX = 500 * 1000, /* of a file; the 64 MiB of a file are the nearer limit */
	KEYS_MAX = 8
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
	const struct import_csv_options *options;
	struct import_diff *diff;
	struct bulk_spool *spool;  /* NULL: the rows go through the outbox */
	struct bulk_source source; /* of the row at hand */
	const char *column;        /* being read; empty: the row as a whole */
	int id_column;             /* -1: the file has none */
	bool is_raw;
	GHashTable *found; /* "type word" -> 16 bytes of id, so that a name is looked up once */
	GHashTable *ids;   /* id text -> itself: rows without a key that the file holds twice */
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
	import->id_column = column_of(head, "id");
	for (size_t i = 0; i < head->n_cells; i++) {
		import->fields[i] = prac_field_find_name(type, head->cells[i]);
		if (import->fields[i] == NULL && (int)i != import->id_column &&
			!is_joint_column(import, i)) {
			(void)fprintf(stderr,
				"%s line 1 column %s: no field of %s, left out; `practicum "
				"describe %s` lists them\n",
				import->call->words[1], head->cells[i], type->name, type->name);
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
	const char *word = prac_arena_printf(
		&call->arena, "%s=%s", field->name, import->is_raw ? text : csv_unguard(text));
	const char *key = prac_arena_printf(&call->arena, "%u %s", field->ref_type, text);
	const uint8_t *id =
		field->kind == PRAC_REF ? g_hash_table_lookup(import->found, key) : NULL;
	const struct prac_field *same;
	struct prac_id whole;

	if (field->kind == PRAC_REF && prac_id_parse(text, &whole) == PRAC_OK) {
		/* Whether there is such a record is checked with the row. */
		*value_out = (struct prac_value){ .has = true,
			.bytes = prac_arena_copy(&call->arena, prac_id_bytes(&whole)) };
		return true;
	}
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
		cmd_fail(call, CMD_REFUSED, "%zu cells, the header has %zu", row->n_cells,
			import->n_columns);
		return false;
	}
	for (size_t i = 0; i < row->n_cells; i++) {
		import->column = head->cells[i];
		if (import->fields[i] != NULL && row->cells[i][0] != '\0' &&
			!read_cell(import, import->type, import->fields[i], row->cells[i],
				&values[import->fields[i]->index])) {
			return false;
		}
	}
	import->column = "";
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

/* The record that an id column names, if it is here. */
static bool read_own_id(
	struct import *import, const struct csv_row *row, struct prac_record *record)
{
	const char *text = import->id_column >= 0 ? row->cells[import->id_column] : "";

	import->column = "id";
	if (text[0] != '\0' && prac_id_parse(text, &record->id) != PRAC_OK) {
		cmd_fail(import->call, CMD_REFUSED, "%s is no id; leave the cell empty", text);
		return false;
	}
	import->column = "";
	return true;
}

/* By id, by the natural key, or by content. NULL: it is new, and has its id. */
static const struct prac_record *existing(struct import *import, struct prac_record *record)
{
	struct cmd_call *call = import->call;
	const struct prac_record *before = NULL;
	bool has_id = !prac_id_is_nil(&record->id);

	if (has_id &&
		replica_get(call->replica, record->type, &record->id, &call->arena, &before) ==
			PRAC_OK &&
		before != NULL) {
		return before;
	}
	if (record->type->n_natural_key > 0) {
		return match_key(call, record->type, record->values);
	}
	if (has_id) {
		return NULL;
	}
	record->id = id_of_content(import, record);
	return replica_get(call->replica, record->type, &record->id, &call->arena, &before) ==
			       PRAC_OK
		       ? before
		       : NULL;
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
	struct import *import, enum prac_status status, const struct replica_refusal *refusal)
{
	if (status == PRAC_FAILED_PRECONDITION && refusal->reason != PRAC_REASON_NONE) {
		if (refusal->problem.field != NULL) {
			import->column = refusal->problem.field->name;
		}
		cmd_fail(import->call, CMD_REFUSED, "%s", refusal->problem.text);
	} else {
		cmd_fail_replica(import->call, status);
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
			import_diff_same(import->diff);
			return true;
		}
	}
	status = replica_save(call->replica, before, after, &refusal);
	if (status != PRAC_OK) {
		return say_refused(import, status, &refusal);
	}
	import_diff_change(import->diff, before, after);
	return true;
}

/* ---- all rows */

static void take_row(struct import *import, const struct csv_row *row, const struct csv_row *head)
{
	struct cmd_call *call = import->call;
	struct prac_record *record = prac_record_new(&call->arena, import->type);
	size_t n_said = call->said->len;

	import->source.line = (uint32_t)row->line;
	import->column = "";
	if (import->type->state_field >= 0) {
		record->values[import->type->state_field].has = false; /* unless the file says it */
	}
	if (read_row(import, row, head, record->values) && read_own_id(import, row, record) &&
		store_row(import, record)) {
		return;
	}
	import_diff_refuse(import->diff, row->line, import->column,
		call->said->len > n_said ? g_ptr_array_index(call->said, call->said->len - 1)
					 : "cannot be stored");
}

/* What is saved goes into the plan, not into the outbox; the transaction is rolled back. */
static void collect(void *ctx, const struct prac_mutation *mutation)
{
	struct import *import = ctx;
	struct prac_mutation copy = *mutation;

	bulk_add(import->spool, &copy, &import->source);
}

/*
 * Of a plan the replica keeps nothing, so that a large file is saved and undone in pieces: a row sees
 * those before it in its piece. The server judges them in order all the same.
 */
static enum prac_status take_rows(struct import *import, const struct csv_table *table)
{
	struct replica *replica = import->call->replica;
	enum prac_status status = PRAC_OK;

	for (size_t i = 1; i < table->n_rows && status == PRAC_OK; i++) {
		if (import->spool != NULL && i % IMPORT_OUTBOX_ROWS == 0) {
			replica_rollback(replica);
			status = replica_begin(replica);
		}
		if (status == PRAC_OK) {
			take_row(import, &table->rows[i], &table->rows[0]);
		}
	}
	return status;
}

static int refuse(struct import *import)
{
	import_diff_print(import->diff, false, false);
	return cmd_fail(import->call, CMD_REFUSED,
		"%zu rows cannot be stored; nothing was stored. Mend them, or add --good-rows to "
		"leave them out",
		import_diff_refused(import->diff));
}

static bool may_go_on(const struct import *import)
{
	return import_diff_refused(import->diff) == 0 || import->options->is_good_rows ||
	       import->options->is_preview;
}

static int finish_outbox(struct import *import)
{
	struct cmd_call *call = import->call;
	bool is_preview = import->options->is_preview;
	enum prac_status status;

	if (!may_go_on(import) || is_preview) {
		replica_rollback(call->replica);
	} else if ((status = replica_commit(call->replica)) != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (!may_go_on(import)) {
		return refuse(import);
	}
	import_diff_print(import->diff, is_preview, !is_preview);
	return CMD_DONE;
}

static void drop_plan(struct import *import)
{
	struct bulk_plan plan;

	if (import->spool != NULL && bulk_end(import->spool, &plan) == PRAC_OK) {
		bulk_drop(import->call->home, &plan.import);
	}
}

static int finish_plan(struct import *import)
{
	replica_rollback(import->call->replica);
	if (may_go_on(import) && !import->options->is_preview) {
		if (!import->call->json) {
			import_diff_print(import->diff, false, false);
		}
		return import_batch_send(import->call, import->spool);
	}
	drop_plan(import);
	if (!may_go_on(import)) {
		return refuse(import);
	}
	import_diff_print(import->diff, true, false);
	return CMD_DONE;
}

static int run_rows(struct import *import, const struct csv_table *table)
{
	struct cmd_call *call = import->call;
	enum prac_status status = replica_begin(call->replica);

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (!read_head(import, &table->rows[0])) {
		replica_rollback(call->replica);
		drop_plan(import);
		return CMD_REFUSED;
	}
	call->said = g_ptr_array_new_with_free_func(g_free);
	if (import->spool != NULL) {
		replica_collect(call->replica, collect, import);
	}
	status = take_rows(import, table);
	replica_collect(call->replica, NULL, NULL);
	g_ptr_array_free(call->said, TRUE);
	call->said = NULL;
	if (status != PRAC_OK) {
		drop_plan(import);
		return cmd_fail_replica(call, status);
	}
	return import->spool != NULL ? finish_plan(import) : finish_outbox(import);
}

/* False after cmd_fail(): only the district office's device may send a batch. */
static bool start_plan(struct import *import, const struct csv_table *table)
{
	struct cmd_call *call = import->call;
	const char *file = call->words[1];
	struct replica_identity identity;
	struct bulk_head head = { .files = &file, .n_files = 1 };

	if (!import->options->is_staged && table->n_rows <= IMPORT_OUTBOX_ROWS + 1) {
		return true;
	}
	if (replica_identity(call->replica, &identity) != PRAC_OK || !identity.district) {
		cmd_fail(call, CMD_REFUSED,
			"more than 5,000 rows are imported at the district office; split the file and "
			"import the parts");
		return false;
	}
	head.label = prac_arena_printf(&call->arena, "%s %.150s", import->type->name, file);
	head.person = identity.person;
	import->spool = bulk_new(call->home, &prac_env_system, &head);
	return true;
}

int import_csv(struct cmd_call *call, const struct prac_type *type,
	const struct import_csv_options *options)
{
	struct import import = { .call = call, .type = type, .options = options };
	struct csv_table table = { 0 };
	const char *error = NULL;
	int code = CMD_REFUSED;

	if (csv_read(call->words[1], ROWS_MAX + 1, &call->arena, &table, &error) != PRAC_OK) {
		return cmd_fail(call, CMD_REFUSED, "%s: %s", call->words[1], error);
	}
	if (table.n_rows == 0) {
		return cmd_fail(call, CMD_REFUSED, "%s: the file is empty; it wants a header line",
			call->words[1]);
	}
	import.is_raw = options->is_raw || g_str_has_suffix(call->words[1], ".raw.csv");
	import.found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	import.ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	import.diff = import_diff_new(call, call->words[1]);
	if (start_plan(&import, &table)) {
		code = run_rows(&import, &table);
	}
	import_diff_free(import.diff);
	g_hash_table_destroy(import.found);
	g_hash_table_destroy(import.ids);
	return code;
}
