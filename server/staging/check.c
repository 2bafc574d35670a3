/*
 * Checks an import as a whole before anything of it is applied: that every row can be read and holds
 * what the catalog allows, that it is the district's to write, that what it changes and refers to is
 * there or is made by an earlier row, and that no two rows are about one record. What depends on
 * other people's work, the rules of the types, is judged when the row is applied.
 */
#include <stdio.h>

#include "server/staging/parts.h"
#include "sql/queries.h"

enum {
	STEP_ROWS = 500 /* checked in one trip */
};

/* Rows of one trip. In the work's step arena. */
struct check {
	struct staging *staging;
	struct prac_arena *arena;
	struct staging_row rows[STEP_ROWS];
	struct prac_record *wanted[STEP_ROWS]; /* what a row says; NULL: it cannot be read */
	size_t n_rows;
	uint64_t first; /* number of the first row */
	struct view *view;
	struct store_key *keys; /* of all records named */
	size_t n_keys;
	struct db_array touched_types, touched_ids, touched_new;
	size_t n_touched;
	struct staging_flaws flaws;
};

static void add_flaw(
	struct check *check, size_t i, enum prac_reason reason, const struct prac_problem *problem)
{
	const struct staging_row *row = &check->rows[i];
	struct staging_flaw flaw = { .row = check->first + i,
		.file = row->file,
		.line = row->line,
		.type = row->mutation.type_number,
		.id = row->mutation.id,
		.field = problem->field != NULL ? problem->field->number : 0,
		.reason = reason,
		.kind = PRACTICUM__IMPORT_FLAW_KIND__FLAW_CHECK,
		.text = prac_bytes_text(
			problem->text[0] != '\0' ? problem->text : prac_reason_text(reason)) };

	staging_add_flaw(&check->flaws, check->arena, &flaw);
}

/* ---- what is to be loaded */

static void name_record(struct check *check, uint32_t type, const struct prac_id *id)
{
	check->keys = view_room(check->arena, check->keys, check->n_keys, sizeof(*check->keys));
	check->keys[check->n_keys++] = (struct store_key){ type, *id };
}

static bool reference_of(
	const struct prac_record *record, const struct prac_field *field, struct prac_id *id_out)
{
	return field->ref_type != 0 && prac_type_find(field->ref_type) != NULL &&
	       view_reference(record, field->index, id_out);
}

/* Values as the row's patches say them; groups it does not name are empty. */
static struct prac_record *read_wanted(struct check *check, const struct prac_mutation *mutation)
{
	struct prac_record *wanted = prac_record_new(check->arena, mutation->type);

	wanted->id = mutation->id;
	wanted->scope = mutation->scope;
	for (size_t i = 0; i < mutation->n_patches; i++) {
		prac_group_copy(mutation->patches[i].group, mutation->patches[i].new_fields,
			wanted->values);
	}
	return wanted;
}

static void plan_row(struct check *check, size_t i)
{
	const struct prac_mutation *mutation = &check->rows[i].mutation;
	struct prac_record *wanted = read_wanted(check, mutation);
	struct prac_id id;

	check->wanted[i] = wanted;
	name_record(check, mutation->type_number, &mutation->id);
	for (size_t k = 0; k < mutation->type->n_fields; k++) {
		const struct prac_field *field = &mutation->type->fields[k];

		if (reference_of(wanted, field, &id)) {
			name_record(check, field->ref_type, &id);
		}
	}
}

/* Ids of one type among all that rows name; ids has room for them. */
static struct store_load load_of(
	const struct check *check, const struct prac_type *type, struct prac_id *ids)
{
	struct store_load load = { .kind = STORE_BY_ID, .type = type, .ids = ids };

	for (size_t i = 0; i < check->n_keys; i++) {
		if (check->keys[i].type == type->number) {
			ids[load.n_ids++] = check->keys[i].id;
		}
	}
	return load;
}

/* One load a type. */
static void plan_loads(struct check *check, struct store_pg_look *look)
{
	struct store_load *loads =
		prac_arena_alloc(check->arena, (prac_n_types + 1) * sizeof(*loads));
	struct prac_id *ids = prac_arena_alloc(check->arena, (check->n_keys + 1) * sizeof(*ids));

	for (size_t t = 0; t < prac_n_types; t++) {
		struct store_load load = load_of(check, prac_types[t], ids);

		if (load.n_ids > 0) {
			ids += load.n_ids;
			loads[look->ask.n_loads++] = load;
		}
	}
	look->ask.loads = loads;
}

/* ---- one row against what is there */

static const struct prac_record *find_live(const struct check *check, const struct store_key *key)
{
	const struct prac_record *record = view_find(check->view, key->type, &key->id);

	return record != NULL && !record->deleted ? record : NULL;
}

/* before is NULL of a create: then the reference counts, else only when it changes. */
static enum prac_reason check_reference(const struct check *check, const struct prac_record *before,
	const struct prac_record *after, const struct prac_field *field,
	struct prac_problem *problem)
{
	struct store_key key = { .type = field->ref_type };

	if (!reference_of(after, field, &key.id) ||
		(before != NULL && prac_value_equal(field, &before->values[field->index],
					   &after->values[field->index])) ||
		find_live(check, &key) != NULL ||
		view_entry(check->view, key.type, &key.id)->is_coming) {
		return PRAC_REASON_NONE;
	}
	prac_problem_set(problem, field,
		"%s: the record it names is neither there nor in an earlier row", field->label);
	return PRAC_REASON_MISSING_REFERENCE;
}

/* Adds a flaw for each field that has one, as a station does before it sends; false: there are. */
static bool check_fields(struct check *check, size_t i, const struct prac_record *before,
	const struct prac_record *after)
{
	bool has_values = check->rows[i].mutation.op != PRACTICUM__OP__OP_ACTION;
	size_t n = check->flaws.n;

	for (size_t k = 0; k < after->type->n_fields; k++) {
		const struct prac_field *field = &after->type->fields[k];
		struct prac_problem problem = { 0 };
		enum prac_reason reason = PRAC_REASON_NONE;

		if (has_values && prac_value_check(field, &after->values[k], &problem) != PRAC_OK) {
			reason = PRAC_REASON_INVALID_VALUE;
		} else {
			reason = check_reference(check, before, after, field, &problem);
		}
		if (reason != PRAC_REASON_NONE) {
			add_flaw(check, i, reason, &problem);
		}
	}
	return check->flaws.n == n;
}

/* Where a record of another one's scope belongs is judged when it is applied. */
static enum prac_reason check_scope(const struct prac_record *wanted)
{
	struct prac_id owner;

	switch (wanted->type->owner) {
	case PRAC_OWNER_TARGET:
		return PRAC_REASON_NONE;
	case PRAC_OWNER_ASSIGNED:
		return PRAC_REASON_NOT_ALLOWED;
	case PRAC_OWNER_REFERENCE:
	case PRAC_OWNER_DISTRICT:
	case PRAC_OWNER_BY_FIELD:
		break;
	}
	return prac_record_owner(wanted, &owner) && prac_id_equal(&owner, &wanted->scope)
		       ? PRAC_REASON_NONE
		       : PRAC_REASON_WRONG_SCOPE;
}

static enum prac_reason check_new(
	const struct check *check, const struct prac_record *wanted, struct prac_problem *problem)
{
	const struct prac_type *type = wanted->type;
	enum prac_reason reason = check_scope(wanted);

	if (view_find(check->view, type->number, &wanted->id) != NULL) {
		return PRAC_REASON_ID_TAKEN;
	}
	if (reason != PRAC_REASON_NONE) {
		return reason;
	}
	if (type->state_field >= 0 &&
		wanted->values[type->state_field].number != prac_type_first_state(type)) {
		prac_problem_set(problem, &type->fields[type->state_field],
			"the state is changed by actions only");
		return PRAC_REASON_WRONG_STATE;
	}
	return PRAC_REASON_NONE;
}

/* The record that is there as the row would have it. */
static struct prac_record *changed_by(struct check *check, const struct prac_record *before,
	const struct prac_mutation *mutation, const struct prac_record *wanted)
{
	struct prac_record *after = prac_record_copy(check->arena, before);

	for (size_t i = 0; i < mutation->n_patches; i++) {
		const struct prac_group *group = mutation->patches[i].group;

		for (size_t k = 0; k < group->n_fields; k++) {
			after->values[group->fields[k]] = wanted->values[group->fields[k]];
		}
	}
	return after;
}

/* A record that is there is asked about as it is. Of the row as a whole one flaw is said. */
static void check_content(struct check *check, size_t i, const struct prac_mutation *mutation,
	const struct prac_record *wanted)
{
	const struct prac_record *before =
		find_live(check, &(struct store_key){ mutation->type_number, mutation->id });
	bool is_new = mutation->op == PRACTICUM__OP__OP_CREATE;
	struct prac_problem problem = { 0 };
	enum prac_reason reason = PRAC_REASON_NONE;

	if (is_new) {
		reason = check_new(check, wanted, &problem);
	} else if (before == NULL) {
		reason = PRAC_REASON_UNKNOWN_RECORD;
	}
	if (reason == PRAC_REASON_NONE &&
		check_fields(check, i, is_new ? NULL : before,
			is_new ? wanted : changed_by(check, before, mutation, wanted))) {
		reason = sender_may(check->staging, check->view, mutation,
			before != NULL ? before : wanted, &problem);
	}
	if (reason != PRAC_REASON_NONE) {
		add_flaw(check, i, reason, &problem);
	}
}

static void touch(struct check *check, const struct prac_mutation *mutation)
{
	struct view_entry *entry = view_entry(check->view, mutation->type_number, &mutation->id);
	bool is_new = mutation->op == PRACTICUM__OP__OP_CREATE;

	entry->is_changed = true;
	entry->is_coming = entry->is_coming || is_new;
	db_array_int(&check->touched_types, mutation->type_number);
	db_array_id(&check->touched_ids, &mutation->id);
	db_array_bool(&check->touched_new, is_new);
	check->n_touched++;
}

static void check_row(struct check *check, size_t i)
{
	const struct prac_mutation *mutation = &check->rows[i].mutation;
	struct prac_problem problem = { 0 };

	if (check->wanted[i] == NULL) {
		return; /* its flaw is listed */
	}
	if (view_entry(check->view, mutation->type_number, &mutation->id)->is_changed) {
		prac_problem_set(&problem, NULL, "an earlier row is about the same record");
		add_flaw(check, i, PRAC_REASON_DUPLICATE, &problem);
		return;
	}
	check_content(check, i, mutation, check->wanted[i]);
	touch(check, mutation);
}

/* ---- one trip after the other */

static void next_step(struct staging *staging);

static void written(void *ctx, enum prac_status status)
{
	struct staging *staging = ctx;

	if (status != PRAC_OK) {
		work_pause(staging, status);
		return;
	}
	staging->work.next += staging->work.n_step;
	next_step(staging);
}

static void write_step(struct check *check)
{
	struct staging *staging = check->staging;
	struct work *work = &staging->work;
	struct db_batch *batch = db_batch_new(check->arena);
	struct db_params *touched = db_params_new(check->arena);
	struct db_params *progress = db_params_new(check->arena);

	if (check->n_touched > 0) {
		db_param_array(touched, &check->touched_types);
		db_param_array(touched, &check->touched_ids);
		db_param_array(touched, &check->touched_new);
		db_batch_add(batch, &q_import_touch, touched, NULL, NULL);
	}
	staging_write_flaws(batch, &work->id, &check->flaws, check->arena);
	db_param_id(progress, &work->id);
	db_param_int(progress, (int64_t)(check->first + check->n_rows - 1));
	db_param_int(progress, (int64_t)check->flaws.n);
	db_batch_add(batch, &q_import_checked, progress, NULL, NULL);
	db_link_run(staging->link, batch, written, staging);
}

static void looked(void *ctx, enum prac_status status, const struct store_facts *facts)
{
	struct check *check = ctx;

	if (status != PRAC_OK) {
		work_pause(check->staging, status);
		return;
	}
	view_add(check->view, facts);
	for (size_t i = 0; i < check->n_rows; i++) {
		check_row(check, i);
	}
	write_step(check);
}

static void on_known(void *ctx, struct db_rows *rows)
{
	struct check *check = ctx;

	for (size_t row = 0; row < db_rows_count(rows); row++) {
		struct prac_id id = db_rows_id(rows, row, 1);
		struct view_entry *entry =
			view_entry(check->view, (uint32_t)db_rows_int(rows, row, 0), &id);

		entry->is_changed = true;
		entry->is_coming = db_rows_bool(rows, row, 2);
	}
}

static void known(void *ctx, enum prac_status status)
{
	struct check *check = ctx;
	struct store_pg_look look = { .link = check->staging->link };

	if (status != PRAC_OK) {
		work_pause(check->staging, status);
		return;
	}
	plan_loads(check, &look);
	store_pg_look(check->staging->config.store, &look, check->arena, looked, check);
}

static void ask_known(struct check *check)
{
	struct db_batch *batch = db_batch_new(check->arena);
	struct db_params *params = db_params_new(check->arena);
	struct db_array types, ids;

	db_array_init(&types, check->arena, DB_INT8);
	db_array_init(&ids, check->arena, DB_UUID);
	for (size_t i = 0; i < check->n_keys; i++) {
		db_array_int(&types, check->keys[i].type);
		db_array_id(&ids, &check->keys[i].id);
	}
	db_param_array(params, &types);
	db_param_array(params, &ids);
	db_batch_add(batch, &q_import_known, params, on_known, check);
	db_link_run(check->staging->link, batch, known, check);
}

static struct check *start_check(struct staging *staging)
{
	struct prac_arena *arena = &staging->work.step;
	struct check *check = prac_arena_alloc(arena, sizeof(*check));

	check->staging = staging;
	check->arena = arena;
	check->view = view_new(arena);
	check->first = staging->work.n_before + staging->work.next + 1;
	db_array_init(&check->touched_types, arena, DB_INT4);
	db_array_init(&check->touched_ids, arena, DB_UUID);
	db_array_init(&check->touched_new, arena, DB_BOOL);
	return check;
}

static void read_rows(struct check *check, const struct work *work)
{
	check->n_rows = work->n_step;
	for (size_t i = 0; i < check->n_rows; i++) {
		struct staging_row *row = &check->rows[i];

		if (!staging_read_row(work->rows->rows[work->next + i], check->first + i,
			    check->arena, row)) {
			prac_problem_set(
				&row->problem, NULL, "not readable, or not the next in number");
			add_flaw(check, i, PRAC_REASON_INVALID_VALUE, &row->problem);
		} else if (row->reason != PRAC_REASON_NONE) {
			add_flaw(check, i, row->reason, &row->problem);
		} else {
			plan_row(check, i);
		}
	}
}

static void next_step(struct staging *staging)
{
	struct work *work = &staging->work;
	size_t left = work->rows->n_rows - work->next;
	struct check *check;

	if (left == 0) {
		work->n_before += work->next;
		work->part++;
		work_go_on(staging);
		return;
	}
	prac_arena_reset(&work->step);
	work->n_step = left < STEP_ROWS ? left : STEP_ROWS;
	check = start_check(staging);
	read_rows(check, work);
	ask_known(check);
}

void check_part(struct staging *staging)
{
	next_step(staging);
}
