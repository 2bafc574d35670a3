/* What devices ask of staging: to take a part, how far an import is, to take one back. */
#include <string.h>

#include "common/wire/binary.h"
#include "server/staging/parts.h"
#include "sql/queries.h"

/* One question, in the arena of whoever asks. */
struct question {
	struct staging *staging;
	struct prac_arena *arena;
	struct prac_id device; /* nil: any may ask, and anybody */
	struct prac_id person; /* nil: the device itself */
	bool is_found, is_foreign;
	enum prac_status missing; /* what it means when there is no such import */
	Practicum__ImportState *state;
	Practicum__ImportList *list;
	staging_state_fn done;
	staging_list_fn done_list;
	void *ctx;
};

static struct question *question_new(struct staging *staging, struct prac_arena *arena, void *ctx)
{
	struct question *question = prac_arena_alloc(arena, sizeof(*question));

	question->staging = staging;
	question->arena = arena;
	question->missing = PRAC_NOT_FOUND;
	question->ctx = ctx;
	return question;
}

static ProtobufCBinaryData copied(struct prac_arena *arena, struct prac_bytes bytes)
{
	struct prac_bytes copy = prac_arena_copy(arena, bytes);

	return prac_binary(copy);
}

static ProtobufCBinaryData copied_id(
	struct prac_arena *arena, struct db_rows *rows, size_t row, size_t column)
{
	struct prac_id id = db_rows_id(rows, row, column);

	return copied(arena, prac_id_bytes(&id));
}

static Practicum__ImportState *read_state(
	struct prac_arena *arena, struct db_rows *rows, size_t row)
{
	Practicum__ImportState *state = prac_arena_alloc(arena, sizeof(*state));

	practicum__import_state__init(state);
	state->has_import_id = state->has_stage = state->has_n_parts = state->has_n_rows = true;
	state->has_n_checked = state->has_n_applied = state->has_flaw_count = true;
	state->has_label = state->has_begun_ms = true;
	state->import_id = copied_id(arena, rows, row, 0);
	state->stage = (Practicum__ImportStage)db_rows_int(rows, row, 2);
	state->n_parts = (uint32_t)db_rows_int(rows, row, 3);
	state->n_rows = (uint64_t)db_rows_int(rows, row, 4);
	state->n_checked = (uint64_t)db_rows_int(rows, row, 5);
	state->n_applied = (uint64_t)db_rows_int(rows, row, 6);
	state->flaw_count = (uint64_t)db_rows_int(rows, row, 7);
	state->label = copied(arena, db_rows_bytes(rows, row, 8));
	state->begun_ms = db_rows_instant(rows, row, 9);
	state->ended_ms = db_rows_instant(rows, row, 10);
	state->has_ended_ms = state->ended_ms != 0;
	state->has_reverses = !db_rows_is_null(rows, row, 11);
	if (state->has_reverses) {
		state->reverses = copied_id(arena, rows, row, 11);
	}
	state->has_reversed_by = !db_rows_is_null(rows, row, 12);
	if (state->has_reversed_by) {
		state->reversed_by = copied_id(arena, rows, row, 12);
	}
	return state;
}

static void on_state(void *ctx, struct db_rows *rows)
{
	struct question *question = ctx;
	struct prac_id device, person;

	if (db_rows_count(rows) == 0) {
		return;
	}
	device = db_rows_id(rows, 0, 1);
	person = db_rows_id(rows, 0, 13);
	question->is_foreign = !prac_id_is_nil(&question->device) &&
			       (!prac_id_equal(&device, &question->device) ||
				       !prac_id_equal(&person, &question->person));
	question->state = read_state(question->arena, rows, 0);
}

static void add_state(
	struct question *question, struct db_batch *batch, const struct prac_id *import)
{
	struct db_params *params = db_params_new(question->arena);

	db_param_id(params, import);
	db_batch_add(batch, &q_import_state, params, on_state, question);
}

static void answered(void *ctx, enum prac_status status)
{
	struct question *question = ctx;

	if (status == PRAC_OK && question->state == NULL) {
		status = question->missing;
	} else if (status == PRAC_OK && question->is_foreign) {
		status = PRAC_PERMISSION_DENIED;
	}
	question->done(question->ctx, status, status == PRAC_OK ? question->state : NULL);
}

/* ---- a part */

static void taken(void *ctx, enum prac_status status)
{
	struct question *question = ctx;
	struct staging *staging = question->staging;
	bool is_complete = status == PRAC_OK && question->state != NULL &&
			   question->state->stage != PRACTICUM__IMPORT_STAGE__IMPORT_RECEIVING;

	answered(question, status);
	if (is_complete) {
		staging_tick(staging);
	}
}

static void add_head(
	struct db_batch *batch, const struct staging_part *part, struct prac_arena *arena)
{
	struct db_params *params = db_params_new(arena);
	struct db_array files;

	db_array_init(&files, arena, DB_TEXT);
	for (size_t i = 0; i < part->n_files; i++) {
		db_array_bytes(&files, part->files[i]);
	}
	db_param_id(params, &part->import);
	db_param_id(params, &part->device);
	db_param_int(params, (int64_t)staging_incarnation(&part->import));
	db_param_id(params, &part->person);
	db_param_bytes(params, part->label);
	db_param_array(params, &files);
	db_batch_add(batch, &q_import_open, params, NULL, NULL);
}

void staging_put(struct staging *staging, const struct staging_part *part, struct prac_arena *arena,
	staging_state_fn done, void *ctx)
{
	struct question *question = question_new(staging, arena, ctx);
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *params = db_params_new(arena);

	question->device = part->device;
	question->person = part->person;
	question->done = done;
	if (part->part == 0) {
		add_head(batch, part, arena);
	}
	db_param_id(params, &part->import);
	db_param_id(params, &part->device);
	db_param_int(params, part->part);
	db_param_int(params, part->n_rows);
	db_param_bool(params, part->is_last);
	db_param_bytes(params, staging_part_put(staging, &part->import, part->rows, arena));
	db_param_id(params, &part->person);
	db_batch_add(batch, &q_import_take, params, NULL, NULL);
	add_state(question, batch, &part->import);
	db_link_run(staging->link, batch, taken, question);
}

/* ---- looking */

static void on_flaws(void *ctx, struct db_rows *rows)
{
	struct question *question = ctx;
	struct prac_arena *arena = question->arena;
	size_t n = db_rows_count(rows);
	Practicum__ImportFlaw *flaws = prac_arena_alloc(arena, (n + 1) * sizeof(*flaws));

	if (question->state == NULL || n == 0) {
		return;
	}
	question->state->flaws =
		prac_arena_alloc(arena, n * sizeof(struct Practicum__ImportFlaw *));
	question->state->n_flaws = n;
	for (size_t row = 0; row < n; row++) {
		Practicum__ImportFlaw *flaw = question->state->flaws[row] = &flaws[row];

		practicum__import_flaw__init(flaw);
		flaw->has_row = flaw->has_file = flaw->has_line = flaw->has_record_type = true;
		flaw->has_record_id = flaw->has_field = flaw->has_reason = true;
		flaw->has_text = flaw->has_kind = true;
		flaw->row = (uint64_t)db_rows_int(rows, row, 0);
		flaw->file = copied(arena, db_rows_bytes(rows, row, 1));
		flaw->line = (uint32_t)db_rows_int(rows, row, 2);
		flaw->record_type = (uint32_t)db_rows_int(rows, row, 3);
		flaw->record_id = copied_id(arena, rows, row, 4);
		flaw->field = (uint32_t)db_rows_int(rows, row, 5);
		flaw->reason = (uint32_t)db_rows_int(rows, row, 6);
		flaw->text = copied(arena, db_rows_bytes(rows, row, 7));
		flaw->kind = (Practicum__ImportFlawKind)db_rows_int(rows, row, 8);
	}
}

void staging_look(struct staging *staging, const struct staging_question *question,
	struct prac_arena *arena, staging_state_fn done, void *ctx)
{
	struct question *asked = question_new(staging, arena, ctx);
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *params = db_params_new(arena);

	asked->done = done;
	add_state(asked, batch, &question->import);
	db_param_id(params, &question->import);
	db_param_int(params, (int64_t)question->after_row);
	db_param_int(params, STAGING_FLAWS_SHOWN);
	db_batch_add(batch, &q_import_flaws, params, on_flaws, asked);
	db_link_run(staging->link, batch, answered, asked);
}

static void on_list(void *ctx, struct db_rows *rows)
{
	struct question *question = ctx;
	size_t n = db_rows_count(rows);

	question->list->n_imports = n;
	question->list->imports = prac_arena_alloc(
		question->arena, (n + 1) * sizeof(struct Practicum__ImportState *));
	for (size_t row = 0; row < n; row++) {
		question->list->imports[row] = read_state(question->arena, rows, row);
	}
}

static void listed(void *ctx, enum prac_status status)
{
	struct question *question = ctx;

	question->done_list(question->ctx, status, status == PRAC_OK ? question->list : NULL);
}

void staging_list(
	struct staging *staging, struct prac_arena *arena, staging_list_fn done, void *ctx)
{
	struct question *question = question_new(staging, arena, ctx);
	struct db_batch *batch = db_batch_new(arena);

	question->done_list = done;
	question->list = prac_arena_alloc(arena, sizeof(*question->list));
	practicum__import_list__init(question->list);
	db_batch_add(batch, &q_import_list, NULL, on_list, question);
	db_link_run(staging->link, batch, listed, question);
}

/* ---- taking back */

void staging_reverse(struct staging *staging, const struct staging_reversal *reversal,
	struct prac_arena *arena, staging_state_fn done, void *ctx)
{
	struct question *question = question_new(staging, arena, ctx);
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *params = db_params_new(arena);

	question->device = reversal->device;
	question->person = reversal->person;
	question->done = done;
	question->missing = PRAC_FAILED_PRECONDITION;
	db_param_id(params, &reversal->reversal);
	db_param_id(params, &reversal->import);
	db_param_id(params, &reversal->device);
	db_param_int(params, (int64_t)staging_incarnation(&reversal->reversal));
	db_param_id(params, &reversal->person);
	db_batch_add(batch, &q_import_reverse, params, NULL, NULL);
	add_state(question, batch, &reversal->reversal);
	db_link_run(staging->link, batch, taken, question);
}
