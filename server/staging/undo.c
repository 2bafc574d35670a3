/*
 * Takes back an import that is done, from its end, page by page: each page becomes a part of the
 * reversal, stored before it is applied. Only what nobody has changed or refers to since is taken
 * back; the rest is listed and left.
 */
#include <string.h>

#include "common/catalog/move.h"
#include "common/wire/binary.h"
#include "common/wire/zip.h"
#include "server/staging/parts.h"
#include "server/sync/payload.h"
#include "server/sync/view.h"
#include "sql/queries.h"

enum {
	PAGE_ROWS = 256
};

/* What the import did with one record. */
struct deed {
	uint64_t row, seq;
	struct prac_mutation mutation;
	bool is_accepted, is_readable;
};

/* One page, of one record type: what refers to it was made later and is taken back already. */
struct undo {
	struct staging *staging;
	struct prac_arena *arena;
	struct deed deeds[PAGE_ROWS];
	size_t n_deeds;
	struct view *view;
	struct view *used;    /* is_coming: live records refer to it */
	struct prac_buf rows; /* ImportRows */
	uint64_t n_rows;
	struct staging_flaws flaws;
};

static void leave(struct undo *undo, const struct deed *deed, const char *text)
{
	struct staging_flaw flaw = { .row = deed->row,
		.type = deed->mutation.type_number,
		.id = deed->mutation.id,
		.kind = PRACTICUM__IMPORT_FLAW_KIND__FLAW_LEFT,
		.text = prac_bytes_text(text) };

	staging_add_flaw(&undo->flaws, undo->arena, &flaw);
}

/* ---- the inverse of a mutation */

static struct prac_patch *swapped(struct undo *undo, const struct prac_mutation *done)
{
	struct prac_patch *patches =
		prac_arena_alloc(undo->arena, (done->n_patches + 1) * sizeof(*patches));

	for (size_t i = 0; i < done->n_patches; i++) {
		patches[i] = done->patches[i];
		patches[i].old_value = done->patches[i].new_value;
		patches[i].new_value = done->op == PRACTICUM__OP__OP_CREATE
					       ? (struct prac_bytes){ 0 }
					       : done->patches[i].old_value;
		patches[i].old_fields = patches[i].new_fields = NULL; /* only to be encoded */
	}
	return patches;
}

static void put_row(struct undo *undo, const struct prac_mutation *mutation)
{
	Practicum__ImportRow row = PRACTICUM__IMPORT_ROW__INIT;
	Practicum__ImportRow *one[] = { &row };
	Practicum__ImportRows rows = PRACTICUM__IMPORT_ROWS__INIT;
	size_t len;

	row.has_mutation = true;
	row.mutation = prac_binary(mutation->bytes);
	rows.n_rows = 1;
	rows.rows = one;
	len = practicum__import_rows__get_packed_size(&rows);
	/* A message with one row behind another is a message with both. */
	prac_buf_commit(&undo->rows,
		practicum__import_rows__pack(&rows, prac_buf_reserve(&undo->rows, len)));
	undo->n_rows++;
}

static Practicum__Op inverse_op(Practicum__Op op)
{
	if (op == PRACTICUM__OP__OP_ACTION) {
		return op;
	}
	return op == PRACTICUM__OP__OP_CREATE ? PRACTICUM__OP__OP_DELETE : PRACTICUM__OP__OP_PATCH;
}

static void take_back(struct undo *undo, const struct deed *deed, const struct prac_move *back)
{
	const struct work *work = &undo->staging->work;
	const struct prac_env *env = undo->staging->config.env;
	struct prac_mutation inverse = { .counter = work->n_rows + undo->n_rows + 1,
		.type = deed->mutation.type,
		.id = deed->mutation.id,
		.op = inverse_op(deed->mutation.op),
		.action = back->action,
		.args = back->args,
		.base_seq = deed->seq,
		.patches = swapped(undo, &deed->mutation),
		.n_patches = deed->mutation.n_patches,
		.client_time_ms = env->wall_ms(env->ctx),
		.schema = deed->mutation.schema,
		.person = work->person };

	prac_mutation_write(&inverse, undo->arena);
	put_row(undo, &inverse);
}

/* False: it was an action that no move takes back. */
static bool find_back(struct undo *undo, const struct deed *deed, struct prac_move *back_out)
{
	const struct prac_move done = { deed->mutation.action, deed->mutation.args };

	*back_out = (struct prac_move){ NULL, NULL };
	return deed->mutation.op != PRACTICUM__OP__OP_ACTION ||
	       prac_move_back(
		       deed->mutation.type, &done, PRAC_MOVE_IMPORT_BACK, undo->arena, back_out);
}

static bool is_used(const struct undo *undo, const struct prac_mutation *mutation)
{
	return view_entry(undo->used, mutation->type_number, &mutation->id)->is_coming;
}

static void decide(struct undo *undo, const struct deed *deed)
{
	const struct prac_record *record =
		view_find(undo->view, deed->mutation.type_number, &deed->mutation.id);
	struct prac_move back;

	if (!deed->is_accepted || !deed->is_readable || record == NULL) {
		return; /* it did nothing that could be taken back; its flaw was listed then */
	}
	if (record->seq < deed->seq) {
		return; /* it changed nothing: the record was as the import wanted it */
	}
	if (record->seq > deed->seq) {
		leave(undo, deed, "it was changed since the import");
	} else if (!find_back(undo, deed, &back)) {
		leave(undo, deed, "an action was done to it that has no move back");
	} else if (deed->mutation.op == PRACTICUM__OP__OP_DELETE) {
		leave(undo, deed, "what was deleted does not come back");
	} else if (deed->mutation.op == PRACTICUM__OP__OP_CREATE &&
		   is_used(undo, &deed->mutation)) {
		leave(undo, deed, "other records refer to it");
	} else {
		take_back(undo, deed, &back);
	}
}

/* ---- the page becomes a part */

static void stored(void *ctx, enum prac_status status)
{
	struct undo *undo = ctx;
	struct staging *staging = undo->staging;
	struct work *work = &staging->work;

	if (status == PRAC_OK) {
		work->n_parts += undo->n_rows > 0 ? 1 : 0;
		work->n_rows += undo->n_rows;
		work->undo_before = undo->deeds[undo->n_deeds - 1].row;
	}
	prac_buf_deinit(&undo->rows);
	if (status != PRAC_OK) {
		work_pause(staging, status);
	} else {
		work_go_on(staging);
	}
}

static void store_part(struct undo *undo)
{
	struct staging *staging = undo->staging;
	struct db_batch *batch = db_batch_new(undo->arena);
	struct db_params *params = db_params_new(undo->arena);
	struct prac_buf zipped = { 0 };
	struct prac_bytes part = { 0 };

	if (undo->n_rows > 0) {
		prac_zip_frame(&zipped, prac_buf_bytes(&undo->rows));
		part = staging_part_put(
			staging, &staging->work.id, prac_buf_bytes(&zipped), undo->arena);
	}
	db_param_id(params, &staging->work.id);
	db_param_int(params, (int64_t)undo->n_rows);
	db_param_bytes(params, part);
	db_param_int(params, (int64_t)undo->deeds[undo->n_deeds - 1].row);
	db_param_int(params, (int64_t)undo->flaws.n);
	prac_buf_deinit(&zipped);
	db_batch_add(batch, &q_import_undo_part, params, NULL, NULL);
	staging_write_flaws(batch, &staging->work.id, &undo->flaws, undo->arena);
	db_link_run(staging->link, batch, stored, undo);
}

/* ---- what is there now */

/* Ids of the page that a record found by one of its references names. */
static void note_used(struct undo *undo, const struct prac_record *record, uint32_t type)
{
	for (size_t i = 0; i < record->type->n_fields && !record->deleted; i++) {
		struct prac_id id;

		if (record->type->fields[i].ref_type == type &&
			view_reference(record, (int)i, &id)) {
			view_entry(undo->used, type, &id)->is_coming = true;
		}
	}
}

static void looked(void *ctx, enum prac_status status, const struct store_facts *facts)
{
	struct undo *undo = ctx;
	struct staging *staging = undo->staging;

	if (status != PRAC_OK) {
		prac_buf_deinit(&undo->rows);
		work_pause(staging, status);
		return;
	}
	view_add(undo->view, facts);
	for (size_t i = 0; i < facts->n_records; i++) {
		note_used(undo, facts->records[i], undo->deeds[0].mutation.type_number);
	}
	for (size_t i = 0; i < undo->n_deeds; i++) {
		decide(undo, &undo->deeds[i]);
	}
	store_part(undo);
}

/* What of one type refers to records of another; wanted says which. */
static void add_referring(struct undo *undo, const struct prac_type *from, struct store_more *ask,
	struct store_load wanted)
{
	struct store_load *loads = (struct store_load *)ask->loads;

	for (size_t i = 0; i < from->n_fields; i++) {
		if (from->fields[i].ref_type == undo->deeds[0].mutation.type->number) {
			wanted.type = from;
			wanted.field = &from->fields[i];
			loads = view_room(undo->arena, loads, ask->n_loads, sizeof(*loads));
			loads[ask->n_loads++] = wanted;
		}
	}
	ask->loads = loads;
}

/* The page's records, and whatever refers to them. */
static void look(struct undo *undo)
{
	struct store_pg_look look = { .link = undo->staging->link };
	struct prac_id *ids = prac_arena_alloc(undo->arena, undo->n_deeds * sizeof(*ids));
	struct store_load *own = view_room(undo->arena, NULL, 0, sizeof(*own));

	for (size_t i = 0; i < undo->n_deeds; i++) {
		ids[i] = undo->deeds[i].mutation.id;
	}
	*own = (struct store_load){ .kind = STORE_BY_ID,
		.type = undo->deeds[0].mutation.type,
		.ids = ids,
		.n_ids = undo->n_deeds };
	look.ask = (struct store_more){ .loads = own, .n_loads = 1 };
	for (size_t t = 0; t < prac_n_types; t++) {
		add_referring(undo, prac_types[t], &look.ask,
			(struct store_load){
				.kind = STORE_CHILDREN, .ids = ids, .n_ids = undo->n_deeds });
	}
	store_pg_look(undo->staging->config.store, &look, undo->arena, looked, undo);
}

static void on_deeds(void *ctx, struct db_rows *rows)
{
	struct undo *undo = ctx;
	uint32_t type = 0;

	for (size_t row = 0; row < db_rows_count(rows) && undo->n_deeds < PAGE_ROWS; row++) {
		struct deed *deed = &undo->deeds[undo->n_deeds];
		const struct work *work = &undo->staging->work;
		const struct prac_mutation_key key = { work->undone_device,
			work->undone_incarnation, (uint64_t)db_rows_int(rows, row, 0) };
		struct prac_bytes payload;
		struct prac_problem problem;
		enum prac_reason reason = PRAC_REASON_NONE;

		if (row > 0 && (uint32_t)db_rows_int(rows, row, 1) != type) {
			return;
		}
		type = (uint32_t)db_rows_int(rows, row, 1);
		deed->row = (uint64_t)db_rows_int(rows, row, 0);
		deed->seq = (uint64_t)db_rows_int(rows, row, 3);
		deed->is_accepted =
			db_rows_int(rows, row, 4) == PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED;
		deed->is_readable =
			payload_get(store_pg_seal(undo->staging->config.store), &key,
				db_rows_bytes(rows, row, 5), undo->arena, &payload) == PRAC_OK &&
			prac_mutation_read(payload, undo->arena, &deed->mutation, &reason,
				&problem) == PRAC_OK &&
			reason == PRAC_REASON_NONE;
		undo->n_deeds++;
	}
}

static void deeds_read(void *ctx, enum prac_status status)
{
	struct undo *undo = ctx;
	struct staging *staging = undo->staging;
	bool is_over = undo->n_deeds == 0;

	if (status == PRAC_OK && !is_over && undo->deeds[0].mutation.type != NULL) {
		look(undo);
		return;
	}
	prac_buf_deinit(&undo->rows);
	if (status != PRAC_OK) {
		work_pause(staging, status);
	} else if (is_over) {
		work_end(staging, PRACTICUM__IMPORT_STAGE__IMPORT_DONE);
	} else {
		work_fail(staging, "a record type that is not known here");
	}
}

void undo_page(struct staging *staging)
{
	struct work *work = &staging->work;
	struct undo *undo;
	struct db_batch *batch;
	struct db_params *params;

	prac_arena_reset(&work->step);
	undo = prac_arena_alloc(&work->step, sizeof(*undo));
	undo->staging = staging;
	undo->arena = &work->step;
	undo->view = view_new(undo->arena);
	undo->used = view_new(undo->arena);
	batch = db_batch_new(undo->arena);
	params = db_params_new(undo->arena);
	db_param_id(params, &work->undone_device);
	db_param_int(params, (int64_t)work->undone_incarnation);
	db_param_int(params, (int64_t)work->undo_before);
	db_param_int(params, PAGE_ROWS);
	db_batch_add(batch, &q_import_done_rows, params, on_deeds, undo);
	db_link_run(staging->link, batch, deeds_read, undo);
}
