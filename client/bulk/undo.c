#include "client/bulk/undo.h"

#include <glib.h>
#include <string.h>

#include "client/replica/people.h"
#include "common/catalog/move.h"
#include "common/sync/merge.h"

/* What the import made of one record, and what is there now. */
struct undone {
	const struct prac_type *type;
	struct prac_id id;
	const struct prac_record *now; /* NULL: it is gone, or not to be seen */
	uint64_t seq;                  /* up to this number the import knows of every change */
	bool is_new;                   /* the import made it */
	const char *why;               /* why it is left; NULL: it is not */
};

struct work {
	struct bulk_undo *undo;
	struct replica_import_entry *entries;
	size_t n_entries;
	GHashTable *records; /* set of struct undone */
	bool is_own;         /* whoever takes it back entered all of it */
	enum prac_status status;
};

static guint hash_undone(gconstpointer key)
{
	const struct undone *record = key;

	return prac_id_hash(&record->id) ^ record->type->number;
}

static gboolean same_undone(gconstpointer a, gconstpointer b)
{
	const struct undone *one = a, *other = b;

	return one->type == other->type && prac_id_equal(&one->id, &other->id);
}

static struct undone *find(
	const struct work *work, const struct prac_type *type, const struct prac_id *id)
{
	return type == NULL ? NULL
			    : g_hash_table_lookup(
				      work->records, &(struct undone){ .type = type, .id = *id });
}

/* Did it change anything that could be taken back? */
static bool is_done(const struct replica_import_entry *entry)
{
	return entry->state != REPLICA_JUDGED ||
	       entry->verdict == PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED ||
	       entry->verdict == PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT;
}

/* ---- what is in the way */

static struct undone *undone_of(struct work *work, const struct prac_mutation *mutation)
{
	struct bulk_undo *undo = work->undo;
	struct undone *record = find(work, mutation->type, &mutation->id);

	if (record != NULL) {
		return record;
	}
	record = prac_arena_alloc(undo->arena, sizeof(*record));
	record->type = mutation->type;
	record->id = mutation->id;
	record->seq = mutation->base_seq;
	record->is_new = mutation->op == PRACTICUM__OP__OP_CREATE;
	work->status =
		replica_get(undo->replica, record->type, &record->id, undo->arena, &record->now);
	g_hash_table_add(work->records, record);
	return record;
}

/* False: it was an action that no move takes back. */
static bool find_back(
	struct bulk_undo *undo, const struct prac_mutation *mutation, struct prac_move *back_out)
{
	const struct prac_move done = { mutation->action, mutation->args };

	return mutation->op != PRACTICUM__OP__OP_ACTION ||
	       prac_move_back(mutation->type, &done, PRAC_MOVE_IMPORT_BACK, undo->arena, back_out);
}

static void gather(struct work *work)
{
	for (size_t i = 0; i < work->n_entries && work->status == PRAC_OK; i++) {
		const struct replica_import_entry *entry = &work->entries[i];
		struct undone *record;
		struct prac_move back;

		if (!is_done(entry)) {
			continue;
		}
		record = undone_of(work, &entry->mutation);
		record->seq = entry->seq > record->seq ? entry->seq : record->seq;
		if (entry->verdict == PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT) {
			record->why =
				"it came into conflict; settle it with practicum conflicts, it is not taken back";
		} else if (!find_back(work->undo, &entry->mutation, &back)) {
			record->why = "an action was done to it that has no move back";
		} else if (record->now == NULL && !work->is_own) {
			record->why =
				"it is gone, or not yours to see; who imported it can take it back";
		}
	}
}

static void look_for_changes(struct work *work)
{
	struct replica_import_later *later;
	GHashTableIter iter;
	gpointer value;
	size_t n = 0;

	if (work->status == PRAC_OK) {
		work->status = replica_import_later(
			work->undo->replica, work->undo->import, work->undo->arena, &later, &n);
	}
	for (size_t i = 0; i < n; i++) {
		struct undone *record = find(work, prac_type_find(later[i].type), &later[i].id);

		if (record != NULL) {
			record->why = "it was changed since the import";
		}
	}
	g_hash_table_iter_init(&iter, work->records);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct undone *record = value;

		if (record->now != NULL && record->now->seq > record->seq) {
			record->why = "it was changed since the import";
		}
	}
}

static void note_used(
	const struct work *work, const struct prac_type *type, const struct prac_id *id)
{
	struct undone *record = find(work, type, id);

	if (record != NULL && record->is_new && record->why == NULL) {
		record->why = "other records refer to it";
	}
}

/* What the import made itself goes with it. */
static bool on_record(void *ctx, const struct prac_record *record, bool pending)
{
	const struct work *work = ctx;
	const struct undone *own = find(work, record->type, &record->id);
	struct prac_id id;
	const struct prac_type *target;

	(void)pending;
	if (own != NULL && own->is_new) {
		return true;
	}
	for (size_t i = 0; i < record->type->n_fields; i++) {
		if (record->type->fields[i].ref_type != 0 &&
			prac_id_from_bytes(record->values[i].bytes, &id) == PRAC_OK) {
			note_used(work, prac_type_find(record->type->fields[i].ref_type), &id);
		}
	}
	target = prac_record_target(record, &id);
	if (target != NULL) {
		note_used(work, target, &id);
	}
	return true;
}

static bool may_refer(const struct prac_type *type)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		if (type->fields[i].kind == PRAC_REF) {
			return true;
		}
	}
	return false;
}

/* One pass over each type, whatever the import's size. */
static void look_for_users(struct work *work)
{
	for (size_t i = 0; i < prac_n_types && work->status == PRAC_OK; i++) {
		struct replica_query query = { .type = prac_types[i] };

		if (may_refer(query.type)) {
			work->status = replica_list(work->undo->replica, &query, on_record, work);
		}
	}
}

static gint by_id(gconstpointer a, gconstpointer b)
{
	return prac_id_compare(
		&((const struct bulk_left *)a)->id, &((const struct bulk_left *)b)->id);
}

static struct bulk_left left_of(struct prac_arena *arena, const struct undone *record)
{
	return (struct bulk_left){ record->type, record->id,
		record->now == NULL ? "" : prac_record_title(record->now, arena), record->why };
}

static void list_left(struct work *work)
{
	struct bulk_undo *undo = work->undo;
	GHashTableIter iter;
	gpointer value;

	undo->left = prac_arena_alloc(
		undo->arena, (g_hash_table_size(work->records) + 1) * sizeof(*undo->left));
	g_hash_table_iter_init(&iter, work->records);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct undone *record = value;

		if (record->why != NULL && (record->now != NULL || !work->is_own)) {
			undo->left[undo->n_left++] = left_of(undo->arena, record);
		}
	}
	qsort(undo->left, undo->n_left, sizeof(*undo->left), by_id);
}

/* ---- taking back */

static enum prac_status put_back(
	struct bulk_undo *undo, const struct prac_record *now, const struct prac_mutation *done)
{
	struct prac_record *after = prac_record_copy(undo->arena, now);

	after->deleted = done->op == PRACTICUM__OP__OP_CREATE;
	for (size_t i = 0; i < done->n_patches && !after->deleted; i++) {
		const struct prac_patch *from = &done->patches[i];
		const struct prac_patch patch = { .group = from->group,
			.old_value = from->new_value,
			.new_value = from->old_value,
			.old_fields = from->new_fields,
			.new_fields = from->old_fields,
			.schema = from->schema };

		prac_overlay(after, &patch, undo->arena);
	}
	return replica_save(undo->replica, now, after, &undo->refusal);
}

static enum prac_status move_back(
	struct bulk_undo *undo, const struct prac_record *now, const struct prac_mutation *done)
{
	struct prac_move back;

	/* An action without a move back was found before anything was taken back. */
	return find_back(undo, done, &back)
		       ? replica_act(undo->replica, now, back.action, back.args, &undo->refusal)
		       : PRAC_INTERNAL;
}

static enum prac_status take_back(struct bulk_undo *undo, const struct replica_import_entry *entry)
{
	const struct prac_mutation *done = &entry->mutation;
	const struct prac_record *now = NULL;
	enum prac_status status;

	if (entry->is_draft) {
		return replica_draft_discard(undo->replica, (uint64_t)entry->place);
	}
	if (!is_done(entry)) {
		return PRAC_OK;
	}
	status = replica_get(undo->replica, done->type, &done->id, undo->arena, &now);
	if (status != PRAC_OK || now == NULL) {
		return status;
	}
	status = done->op == PRACTICUM__OP__OP_ACTION ? move_back(undo, now, done)
						      : put_back(undo, now, done);
	if (status == PRAC_FAILED_PRECONDITION) {
		undo->refused = (struct bulk_left){ done->type, done->id,
			prac_record_title(now, undo->arena), undo->refusal.problem.text };
	}
	undo->n_undone++;
	return status;
}

static bool is_own(const struct work *work)
{
	struct prac_id author;
	bool is_own = replica_author(work->undo->replica, &author) == PRAC_OK;

	for (size_t i = 0; i < work->n_entries && is_own; i++) {
		is_own = prac_id_equal(&work->entries[i].mutation.person, &author);
	}
	return is_own;
}

static void run(struct work *work)
{
	struct bulk_undo *undo = work->undo;

	work->is_own = is_own(work);
	if (work->is_own) {
		work->status = replica_import_drop(undo->replica, undo->import, &undo->is_dropped);
		undo->n_undone = work->n_entries;
	}
	if (undo->is_dropped || work->status != PRAC_OK) {
		return;
	}
	undo->n_undone = 0;
	gather(work);
	look_for_changes(work);
	look_for_users(work);
	if (work->status == PRAC_OK) {
		list_left(work);
		work->status = undo->n_left > 0 ? PRAC_FAILED_PRECONDITION : PRAC_OK;
	}
	for (size_t i = work->n_entries; i > 0 && work->status == PRAC_OK; i--) {
		work->status = take_back(undo, &work->entries[i - 1]);
	}
	if (work->status == PRAC_OK) {
		work->status = replica_import_reversed(undo->replica, &undo->import->id);
	}
}

enum prac_status bulk_undo(struct bulk_undo *undo)
{
	struct work work = { .undo = undo, .n_entries = (size_t)undo->import->n_entries };

	work.status = replica_begin(undo->replica);
	if (work.status != PRAC_OK) {
		return work.status;
	}
	work.records = g_hash_table_new(hash_undone, same_undone);
	work.status =
		replica_import_entries(undo->replica, undo->import, undo->arena, &work.entries);
	if (work.status == PRAC_OK) {
		run(&work);
	}
	g_hash_table_destroy(work.records);
	if (work.status != PRAC_OK) {
		replica_rollback(undo->replica);
		return work.status;
	}
	return replica_commit(undo->replica);
}
