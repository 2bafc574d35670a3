#include <stdlib.h>

#include "server/sync/judge_loads.h"

/* Do they ask for the same, of ids that may differ? */
static bool is_alike(const struct store_load *a, const struct store_load *b)
{
	return a->type == b->type && a->kind == b->kind && a->field == b->field &&
	       a->through == b->through && a->by == b->by && a->named == b->named &&
	       a->date == b->date && a->or_none == b->or_none;
}

static struct open_load *find_load(struct loads *loads, const struct store_load *wanted)
{
	for (size_t i = 0; i < loads->n_open; i++) {
		const struct store_load *load = &loads->open[i].load;

		if (is_alike(load, wanted) && load->with_feed == wanted->with_feed) {
			return &loads->open[i];
		}
	}
	loads->open = view_room(loads->arena, loads->open, loads->n_open, sizeof(*loads->open));
	loads->open[loads->n_open] = (struct open_load){ .load = *wanted };
	return &loads->open[loads->n_open++];
}

/* Who follows a student, or is one, is seen where its feed rows say. */
static bool is_shared(const struct prac_type *type)
{
	return type->follow_field >= 0 || type == view_student_type();
}

void loads_add(struct loads *loads, const struct store_load *wanted, const struct prac_id *id)
{
	struct open_load *open = find_load(loads, wanted);

	/* One window for all: the mutations of a batch are about the same few weeks. */
	if (wanted->from < open->load.from) {
		open->load.from = wanted->from;
	}
	if (wanted->until > open->load.until) {
		open->load.until = wanted->until;
	}
	/* Neighbors in a batch refer to the same records. */
	if (open->n_ids > 0 && prac_id_equal(&open->ids[open->n_ids - 1], id)) {
		return;
	}
	open->ids = view_room(loads->arena, open->ids, open->n_ids, sizeof(*open->ids));
	open->ids[open->n_ids++] = *id;
}

void loads_add_by_id(struct loads *loads, const struct prac_type *type, const struct prac_id *id)
{
	loads_add(loads,
		&(struct store_load){
			.kind = STORE_BY_ID, .type = type, .with_feed = is_shared(type) },
		id);
}

void loads_add_parents(struct loads *loads, const struct prac_type *type,
	const struct prac_field *field, const struct prac_id *id)
{
	const struct prac_type *parent = prac_type_find(field->ref_type);

	if (parent != NULL) {
		loads_add(loads,
			&(struct store_load){ .kind = STORE_PARENTS,
				.type = type,
				.field = field,
				.with_feed = is_shared(parent) },
			id);
	}
}

void loads_add_children(struct loads *loads, const struct prac_type *type,
	const struct prac_field *field, const struct prac_id *id)
{
	loads_add(loads,
		&(struct store_load){ .kind = STORE_CHILDREN,
			.type = type,
			.field = field,
			.with_feed = is_shared(type) },
		id);
}

/* Puts the days around the record's date into it; false: the record has no such date. */
static bool set_window(
	struct store_load *wanted, const struct prac_record *record, const struct prac_load *load)
{
	const struct prac_field *around = prac_field_find(record->type, load->around);
	int32_t date;

	if (around == NULL || !record->values[around->index].has) {
		return false;
	}
	date = (int32_t)record->values[around->index].number;
	wanted->date = prac_field_find(wanted->type, load->date);
	wanted->from = date - load->before;
	wanted->until = date + load->after;
	wanted->or_none = load->or_none;
	return true;
}

/* What hangs on the parent and the load asks for; record is what it is judged with. */
void loads_add_family(struct loads *loads, const struct prac_record *record,
	const struct prac_load *load, const struct prac_id *parent)
{
	const struct prac_type *child = prac_type_find(load->type);
	struct store_load wanted = {
		.kind = STORE_CHILDREN, .type = child, .field = prac_field_find(child, load->field)
	};

	if (load->kind == PRAC_LOAD_THROUGH) {
		wanted.kind = STORE_THROUGH;
		wanted.through = prac_type_find(load->through);
		wanted.by = prac_field_find(wanted.through, load->by);
		wanted.named = prac_field_find(wanted.through, load->named);
	} else if (load->date == 0) {
		loads_add_children(loads, child, wanted.field, parent);
		return;
	}
	if (load->date == 0 || set_window(&wanted, record, load)) {
		loads_add(loads, &wanted, parent);
	}
}

void loads_add_key(struct loads *loads, const struct prac_record *record)
{
	const struct store_load wanted = {
		.kind = STORE_BY_KEY, .type = record->type, .with_feed = is_shared(record->type)
	};
	struct open_load *open = find_load(loads, &wanted);

	open->keys = view_room(
		loads->arena, open->keys, open->n_keys, sizeof(const struct prac_record *));
	open->keys[open->n_keys++] = record;
}

static size_t sort_unique(struct prac_id *ids, size_t n_ids)
{
	size_t n = 0;

	if (n_ids > 1) { /* a load by keys has no ids at all */
		qsort(ids, n_ids, sizeof(*ids), prac_id_order);
	}
	for (size_t i = 0; i < n_ids; i++) {
		if (n == 0 || !prac_id_equal(&ids[i], &ids[n - 1])) {
			ids[n++] = ids[i];
		}
	}
	return n;
}

/* Does the load bring what the wanted one does, of the ids that it names? */
static bool covers(const struct store_load *load, const struct store_load *wanted)
{
	return is_alike(load, wanted) && (load->with_feed || !wanted->with_feed) &&
	       load->from <= wanted->from && load->until >= wanted->until;
}

/* Takes the ids out that the finished load names; returns how many are left. */
static size_t leave_others(const struct store_load *load, struct prac_id *ids, size_t n_ids)
{
	size_t n = 0;

	if (load->n_ids == 0) {
		return n_ids;
	}
	for (size_t i = 0; i < n_ids; i++) {
		if (bsearch(&ids[i], load->ids, load->n_ids, sizeof(*ids), prac_id_order) == NULL) {
			ids[n++] = ids[i];
		}
	}
	return n;
}

/* What of the load the ask does not bring. */
static size_t leave_unasked(const struct store_ask *asked, const struct store_load *wanted,
	struct prac_id *ids, size_t n_ids)
{
	for (size_t i = 0; asked != NULL && i < asked->n_loads; i++) {
		if (covers(&asked->loads[i], wanted)) {
			n_ids = leave_others(&asked->loads[i], ids, n_ids);
		}
	}
	return n_ids;
}

size_t loads_finish(
	struct loads *loads, const struct store_ask *asked, const struct store_load **loads_out)
{
	struct store_load *finished =
		prac_arena_alloc(loads->arena, (loads->n_open + 1) * sizeof(*finished));
	size_t n = 0;

	for (size_t i = 0; i < loads->n_open; i++) {
		const struct open_load *open = &loads->open[i];
		size_t n_ids = leave_unasked(
			asked, &open->load, open->ids, sort_unique(open->ids, open->n_ids));

		if (n_ids + open->n_keys > 0) {
			finished[n] = open->load;
			finished[n].ids = open->ids;
			finished[n].n_ids = n_ids;
			finished[n].keys = open->keys;
			finished[n++].n_keys = open->n_keys;
		}
	}
	*loads_out = finished;
	return n;
}
