/* Rows of a CSV file into records: each read, matched by its key and saved as a person would. */
#include "client/cmd/import_csv.h"

#include <stdio.h>
#include <string.h>

#include "client/cmd/import_batch.h"
#include "client/cmd/import_cells.h"
#include "client/cmd/import_diff.h"
#include "client/cmd/import_here.h"
#include "client/cmd/likeness.h"

enum {
	ROWS_MAX = 500 * 1000 /* of a file; the 64 MiB of a file are the nearer limit */
};

struct import {
	struct cmd_call *call;
	const struct prac_type *type;
	const struct import_source *table;
	const struct import_csv_options *options;
	struct import_cells *cells;
	struct import_diff *diff;
	struct alike *alike;        /* NULL: nobody looks for doubles of the type */
	struct bulk_spool *spool;   /* NULL: the rows go through the outbox */
	struct bulk_source source;  /* of the row at hand */
	struct replica_import here; /* of what goes through the outbox */
	struct import_row *row;     /* at hand: what it says, and what is wrong with it */
	bool is_vague;              /* the row does not say which record it is about */
	GHashTable *ids; /* id text -> itself: rows without a key that the file holds twice */
};

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
		return import_match_key(call, record->type, record->values);
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
	struct prac_arena *arena, const struct prac_record *before, const struct import_row *row)
{
	struct prac_record *after = prac_record_copy(arena, before);

	for (size_t i = 0; i < before->type->n_fields; i++) {
		if (row->record->values[i].has || row->is_cleared[i]) {
			after->values[i] = row->record->values[i];
			after->withheld &= ~(UINT64_C(1) << i);
		}
	}
	return after;
}

static void add_fault(struct import *import, const struct prac_field *field, const char *reason)
{
	import_fault_add(&import->row->faults, &import->call->arena,
		field != NULL ? field->name : "", reason);
}

/* Nothing more is said of a cell that has a fault, nor of what is missing in nobody knows which record. */
static void on_problem(void *ctx, const struct prac_problem *problem)
{
	struct import *import = ctx;

	const struct import_row *row = import->row;
	size_t field = problem->field->index;

	if (!row->is_bad[field] && (!import->is_vague || row->record->values[field].has)) {
		add_fault(import, problem->field, problem->text);
	}
}

static bool say_refused(
	struct import *import, enum prac_status status, const struct replica_refusal *refusal)
{
	const GPtrArray *said = import->call->said;

	if (status == PRAC_FAILED_PRECONDITION && refusal->reason != PRAC_REASON_NONE) {
		add_fault(import, refusal->problem.field, refusal->problem.text);
	} else {
		cmd_fail_replica(import->call, status);
		add_fault(import, NULL, g_ptr_array_index(said, said->len - 1));
	}
	return false;
}

/* The other faults of what was refused: each value by itself. */
static void look_on(
	struct import *import, const struct prac_record *before, const struct prac_record *after)
{
	enum prac_status status =
		replica_check_values(import->call->replica, before, after, on_problem, import);

	if (status != PRAC_OK) {
		(void)say_refused(import, status, &(struct replica_refusal){ 0 });
	}
}

/* How many of the row's moves a record has behind it: it is in the state that the last of them leads to. */
static size_t moves_made(
	const struct import *import, const struct prac_record *record, const struct import_row *row)
{
	int state_field = import->type->state_field;

	for (size_t i = row->n_moves; i > 0 && state_field >= 0; i--) {
		if (row->moves[i - 1].action->to >= 0 &&
			record->values[state_field].number == row->moves[i - 1].action->to) {
			return i;
		}
	}
	return 0;
}

/* Carries out what the row asks for beyond its fields. */
static bool move(
	struct import *import, const struct prac_record *record, const struct import_row *row)
{
	struct cmd_call *call = import->call;

	for (size_t i = moves_made(import, record, row); i < row->n_moves; i++) {
		const struct prac_action *action = row->moves[i].action;
		struct replica_refusal refusal = { 0 };
		enum prac_status status;

		status = replica_act(call->replica, record, action, row->moves[i].args, &refusal);
		if (status == PRAC_OK) {
			status = replica_get(
				call->replica, import->type, &record->id, &call->arena, &record);
		}
		if (status != PRAC_OK) {
			return say_refused(import, status, &refusal);
		}
	}
	return true;
}

/* A new record that may be one that is there, or that the file holds under another name, is told of. */
static void look_alike(struct import *import, const struct prac_record *record)
{
	struct cmd_call *call = import->call;
	struct alike_match matches[ALIKE_MAX];
	size_t n = alike_find(import->alike, record, matches);

	for (size_t i = 0; i < n; i++) {
		import_diff_alike(import->diff, import->source.line,
			likeness_text(call, record->type, &matches[i]));
	}
	alike_add(import->alike, record);
}

/* Is there a record for a row of a file that only tells more of those there are? */
static bool is_known(struct import *import, const struct prac_record *before)
{
	const struct prac_type *type = import->type;

	if (before != NULL || import->options->which != IMPORT_KNOWN_ONLY) {
		return true;
	}
	add_fault(import, &type->fields[type->natural_key[0]],
		prac_arena_printf(&import->call->arena,
			"there is no such %s here; import those first, or mend the number",
			type->name));
	return false;
}

static bool store_row(struct import *import, const struct import_row *row)
{
	struct cmd_call *call = import->call;
	const struct prac_record *before = existing(import, row->record);
	struct replica_refusal refusal = { 0 };
	struct prac_record *after = row->record;
	enum prac_status status;

	if (!is_known(import, before)) {
		return false;
	}
	if (before != NULL && import->options->which == IMPORT_NEW_ONLY) {
		import_diff_same(import->diff);
		return true;
	}
	if (before == NULL) {
		cmd_begin_state(after);
	} else {
		after = laid_over(&call->arena, before, row);
		if (before->withheld == after->withheld && same_values(before, after)) {
			import_diff_same(import->diff);
			return move(import, before, row);
		}
	}
	status = replica_save(call->replica, before, after, &refusal);
	if (status != PRAC_OK) {
		(void)say_refused(import, status, &refusal);
		look_on(import, before, after);
		return false;
	}
	import_diff_change(import->diff, before, after);
	if (before == NULL && import->alike != NULL) {
		look_alike(import, after);
	}
	return move(import, after, row);
}

static bool has_bad_key(const struct import_row *row)
{
	const struct prac_type *type = row->record->type;
	bool is_bad = row->has_bad_id;

	for (size_t i = 0; i < type->n_natural_key; i++) {
		is_bad = is_bad || row->is_bad[type->natural_key[i]];
	}
	return is_bad;
}

/* What is wrong with the values of a row some of whose cells cannot be read. It is never stored, and gets no id. */
static void look_at_rest(struct import *import, const struct import_row *row)
{
	const struct prac_record *before = NULL;
	struct prac_record *after = row->record;

	if (import->options->which == IMPORT_KNOWN_ONLY &&
		!after->values[after->type->natural_key[0]].has) {
		return;
	}
	import->is_vague = has_bad_key(row);
	if (!import->is_vague && (!prac_id_is_nil(&after->id) || after->type->n_natural_key > 0)) {
		before = existing(import, after);
	}
	if (import->is_vague || is_known(import, before)) {
		if (before != NULL) {
			after = laid_over(&import->call->arena, before, row);
		} else {
			cmd_begin_state(after);
		}
		look_on(import, before, after);
	}
	import->is_vague = false;
}

/* ---- all rows */

/* What the file that the row comes from calls the column. */
static const char *written(const struct import *import, const char *column)
{
	const struct csv_row *head = &import->table->table.rows[0];

	for (size_t i = 0; import->table->written != NULL && i < head->n_cells; i++) {
		if (strcmp(head->cells[i], column) == 0) {
			return import->table->written[i];
		}
	}
	return column;
}

/* What was wrong with it when it was made from another row, then what is wrong with it now. */
static void refuse_row(struct import *import, size_t line, const struct import_fault *made)
{
	struct prac_arena *arena = &import->call->arena;
	struct import_faults all = { NULL, NULL };
	const struct import_fault *fault;

	for (fault = made; fault != NULL; fault = fault->next) {
		import_fault_add(&all, arena, fault->column, fault->reason);
	}
	for (fault = import->row->faults.first; fault != NULL; fault = fault->next) {
		import_fault_add(&all, arena, written(import, fault->column), fault->reason);
	}
	import_diff_refuse_row(import->diff);
	for (fault = all.first; fault != NULL; fault = fault->next) {
		import_diff_refuse(import->diff, line, fault->column, fault->reason);
	}
}

static void take_row(struct import *import, size_t index)
{
	const struct csv_row *row = &import->table->table.rows[index];
	const struct import_fault *made =
		import->table->faults != NULL ? import->table->faults[index].first : NULL;
	struct import_row cells;
	bool is_good = import_cells_read(import->cells, row, &cells) && made == NULL;

	import->row = &cells;
	import->source.line = (uint32_t)row->line;
	if (is_good) {
		is_good = store_row(import, &cells);
	} else if (cells.record != NULL && (made == NULL || made->column[0] != '\0')) {
		look_at_rest(import, &cells);
	}
	if (!is_good) {
		refuse_row(import, row->line, made);
	}
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
			take_row(import, i);
		}
	}
	return status;
}

static int refuse(struct import *import)
{
	size_t n = import_diff_refused(import->diff);

	import_diff_print(import->diff, false, false);
	return cmd_fail(import->call, CMD_REFUSED,
		"%zu row%s cannot be stored; nothing was stored. Mend %s, or add --good-rows to "
		"leave %s out",
		n, n == 1 ? "" : "s", n == 1 ? "it" : "them", n == 1 ? "it" : "them");
}

static bool may_go_on(const struct import *import)
{
	return import_diff_refused(import->diff) == 0 || import->options->is_good_rows ||
	       import->options->is_preview;
}

static enum prac_status keep(struct import *import)
{
	struct cmd_call *call = import->call;
	char *name = g_path_get_basename(import->table->file);
	enum prac_status status = import_here_keep(call, &import->here,
		prac_arena_printf(&call->arena, "%s %.150s", import->type->name, name));

	g_free(name);
	if (status != PRAC_OK) {
		replica_rollback(call->replica);
		return status;
	}
	return replica_commit(call->replica);
}

static int finish_outbox(struct import *import)
{
	struct cmd_call *call = import->call;
	bool is_preview = import->options->is_preview;
	enum prac_status status;

	if (import->options->in_transaction) {
		/* undone or kept with the rest */
	} else if (!may_go_on(import) || is_preview) {
		replica_rollback(call->replica);
	} else if ((status = keep(import)) != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (!may_go_on(import)) {
		return refuse(import);
	}
	import_diff_kept(import->diff, &import->here);
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
	enum prac_status status =
		import->options->in_transaction ? PRAC_OK : replica_begin(call->replica);

	if (status == PRAC_OK) {
		status = replica_import_start(call->replica, &import->here);
	}
	if (status == PRAC_OK && import->type->n_alike > 0) {
		import->alike = alike_new(import->type, &call->arena);
		status = alike_load(import->alike, call->replica);
	}
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
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
	struct replica_identity identity;
	struct bulk_head head = { .files = &import->table->file, .n_files = 1 };

	if (!import->options->is_staged && table->n_rows <= IMPORT_OUTBOX_ROWS + 1) {
		return true;
	}
	if (replica_identity(call->replica, &identity) != PRAC_OK || !identity.district) {
		cmd_fail(call, CMD_REFUSED,
			"more than 5,000 rows are imported at the district office; split the file and "
			"import the parts");
		return false;
	}
	head.label = prac_arena_printf(
		&call->arena, "%s %.150s", import->type->name, import->table->file);
	import->spool = bulk_new(call->home, &prac_env_system, &head);
	return true;
}

int import_csv_table(struct cmd_call *call, const struct prac_type *type,
	const struct import_source *source, const struct import_csv_options *options)
{
	const struct csv_table *table = &source->table;
	struct import import = { .call = call, .type = type, .table = source, .options = options };
	int code = CMD_REFUSED;

	if (table->n_rows == 0) {
		return cmd_fail(call, CMD_REFUSED, "%s: the file is empty; it wants a header line",
			source->file);
	}
	import.cells = import_cells_new(call, type, source->file, &table->rows[0],
		options->is_raw || g_str_has_suffix(source->file, ".raw.csv"));
	if (import.cells == NULL) {
		return CMD_REFUSED;
	}
	import.ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	import.diff = import_diff_new(call, type->name, source->file);
	if (start_plan(&import, table)) {
		code = run_rows(&import, table);
	}
	if (import.alike != NULL) {
		alike_free(import.alike);
	}
	import_diff_free(import.diff);
	g_hash_table_destroy(import.ids);
	import_cells_free(import.cells);
	return code;
}

int import_csv(struct cmd_call *call, const struct prac_type *type, const char *path,
	const struct import_csv_options *options)
{
	struct import_source source = { .file = path };
	const char *error = NULL;

	if (csv_read(path, ROWS_MAX + 1, &call->arena, &source.table, &error) != PRAC_OK) {
		return cmd_fail(call, CMD_REFUSED, "%s: %s", path, error);
	}
	return import_csv_table(call, type, &source, options);
}
