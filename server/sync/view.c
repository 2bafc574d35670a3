#include "server/sync/view.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_SLOTS = 64
};

static uint64_t load64(const uint8_t *bytes)
{
	uint64_t number;

	memcpy(&number, bytes, sizeof(number));
	return number;
}

size_t view_hash(uint64_t salt, const struct prac_id *id)
{
	uint64_t hash = (load64(id->b) ^ salt) * 0x9E3779B97F4A7C15U;

	hash = (hash ^ hash >> 29 ^ load64(id->b + 8)) * 0xBF58476D1CE4E5B9U;
	return (size_t)(hash ^ hash >> 32);
}

static size_t slot_of(const struct view *view, uint32_t type, const struct prac_id *id)
{
	size_t slot = view_hash(type, id) & (view->n_slots - 1);
	const struct view_entry *entry;

	while ((entry = view->slots[slot]) != NULL &&
		(entry->type != type || !prac_id_equal(&entry->id, id))) {
		slot = (slot + 1) & (view->n_slots - 1);
	}
	return slot;
}

struct view *view_new(struct prac_arena *arena)
{
	struct view *view = prac_arena_alloc(arena, sizeof(*view));

	view->arena = arena;
	view->dirty_end = &view->dirty;
	view->n_slots = FIRST_SLOTS;
	view->slots = prac_arena_alloc(arena, view->n_slots * sizeof(struct view_entry *));
	view->of_type = prac_arena_alloc(arena, prac_n_types * sizeof(struct view_entry *));
	return view;
}

static void grow(struct view *view)
{
	struct view_entry **old = view->slots;
	size_t n_old = view->n_slots;

	view->n_slots *= 2;
	view->slots = prac_arena_alloc(view->arena, view->n_slots * sizeof(struct view_entry *));
	for (size_t i = 0; i < n_old; i++) {
		if (old[i] != NULL) {
			view->slots[slot_of(view, old[i]->type, &old[i]->id)] = old[i];
		}
	}
}

struct view_entry *view_entry(struct view *view, uint32_t type, const struct prac_id *id)
{
	size_t slot = slot_of(view, type, id);
	struct view_entry *entry = view->slots[slot];
	struct view_entry **of_type;

	if (entry != NULL) {
		return entry;
	}
	if (2 * (view->n_entries + 1) > view->n_slots) {
		grow(view);
		slot = slot_of(view, type, id);
	}
	entry = prac_arena_alloc(view->arena, sizeof(*entry));
	entry->type = type;
	entry->id = *id;
	of_type = &view->of_type[prac_type_index(type)];
	entry->next_of_type = *of_type;
	*of_type = entry;
	view->slots[slot] = entry;
	view->n_entries++;
	return entry;
}

static struct view_entry *find_entry(
	const struct view *view, uint32_t type, const struct prac_id *id)
{
	return view->slots[slot_of(view, type, id)];
}

const struct prac_record *view_find(
	const struct view *view, uint32_t type, const struct prac_id *id)
{
	const struct view_entry *entry = find_entry(view, type, id);

	return entry != NULL ? entry->now : NULL;
}

bool view_is_disposed(const struct view *view, uint32_t type, const struct prac_id *id)
{
	const struct view_entry *entry = find_entry(view, type, id);
	const struct view_row *row = entry != NULL && entry->now == NULL ? entry->rows : NULL;

	while (row != NULL && row->row.gone != STORE_DELETED) {
		row = row->next;
	}
	return row != NULL;
}

static struct view_row *find_row(const struct view_entry *entry, const struct prac_id *scope)
{
	struct view_row *row = entry->rows;

	while (row != NULL && !prac_id_equal(&row->row.scope, scope)) {
		row = row->next;
	}
	return row;
}

const struct view_row *view_find_row(const struct view *view, uint32_t type,
	const struct prac_id *id, const struct prac_id *scope)
{
	const struct view_entry *entry = find_entry(view, type, id);

	return entry != NULL ? find_row(entry, scope) : NULL;
}

static struct view_row *add_row(
	struct view *view, struct view_entry *entry, const struct store_feed_row *row)
{
	struct view_row *added = prac_arena_alloc(view->arena, sizeof(*added));

	added->row = *row;
	added->next = entry->rows;
	entry->rows = added;
	return added;
}

static void set_now(struct view *view, struct view_entry *entry, const struct prac_record *record)
{
	families_put(&view->families, entry, entry->now, record, view->arena);
	entry->now = record;
	if (record->type->unique) {
		entry->key_hash = prac_record_key_hash(record);
	}
}

const struct prac_record *view_same_key(const struct view *view, const struct prac_record *record)
{
	uint64_t hash = prac_record_key_hash(record);

	for (const struct view_entry *entry = view->of_type[prac_type_index(record->type->number)];
		entry != NULL; entry = entry->next_of_type) {
		if (entry->key_hash == hash && entry->now != NULL && !entry->now->deleted &&
			!prac_id_equal(&entry->id, &record->id) &&
			prac_record_same_key(entry->now, record)) {
			return entry->now;
		}
	}
	return NULL;
}

void view_add(struct view *view, const struct store_facts *facts)
{
	for (size_t i = 0; i < facts->n_records; i++) {
		const struct prac_record *record = facts->records[i];
		struct view_entry *entry = view_entry(view, record->type->number, &record->id);

		if (entry->now == NULL) {
			entry->stored = record;
			set_now(view, entry, record);
		}
	}
	for (size_t i = 0; i < facts->n_feed; i++) {
		const struct store_feed_row *row = &facts->feed[i];
		struct view_entry *entry = view_entry(view, row->key.type, &row->key.id);

		if (find_row(entry, &row->scope) == NULL) {
			(void)add_row(view, entry, row);
		}
	}
}

static void mark_dirty(struct view *view, struct view_entry *entry)
{
	if (!entry->is_dirty) {
		entry->is_dirty = true;
		*view->dirty_end = entry;
		view->dirty_end = &entry->next_dirty;
	}
}

void view_put(struct view *view, const struct prac_record *record)
{
	struct view_entry *entry = view_entry(view, record->type->number, &record->id);

	entry->is_new = entry->is_new || entry->now == NULL;
	set_now(view, entry, record);
	view->n_changed += entry->is_changed ? 0 : 1;
	entry->is_changed = true;
	mark_dirty(view, entry);
}

void view_put_row(struct view *view, const struct prac_record *record, const struct prac_id *scope,
	uint64_t seq, enum store_gone gone)
{
	struct view_entry *entry = view_entry(view, record->type->number, &record->id);
	struct view_row *row = find_row(entry, scope);

	if (row == NULL) {
		row = add_row(view, entry,
			&(struct store_feed_row){ *scope, { entry->type, entry->id }, gone, 0 });
	}
	row->row.seq = seq;
	row->row.gone = gone;
	view->n_dirty_rows += row->is_dirty ? 0 : 1;
	row->is_dirty = true;
	mark_dirty(view, entry);
}

const struct prac_record *view_as_sent(
	const struct view *view, const struct prac_mutation *mutation)
{
	const struct prac_record *now = view_find(view, mutation->type->number, &mutation->id);
	struct prac_record *sent = now != NULL ? prac_record_copy(view->arena, now)
					       : prac_record_new(view->arena, mutation->type);

	for (size_t i = 0; i < mutation->n_patches; i++) {
		prac_group_copy(
			mutation->patches[i].group, mutation->patches[i].new_fields, sent->values);
	}
	return sent;
}

bool view_reference(const struct prac_record *record, int field_index, struct prac_id *id_out)
{
	return field_index >= 0 && record->values[field_index].has &&
	       prac_id_from_bytes(record->values[field_index].bytes, id_out) == PRAC_OK;
}

const struct prac_type *view_student_type(void)
{
	static const struct prac_type *student; /* once found */

	for (size_t i = 0; i < prac_n_types && student == NULL; i++) {
		const struct prac_type *type = prac_types[i];

		if (type->follow_field >= 0) {
			student = prac_type_find(type->fields[type->follow_field].ref_type);
		}
	}
	assert(student != NULL);
	return student;
}

/* The entry whose feed rows say where the record is seen besides its owner; may be NULL. */
static const struct view_entry *seen_with(const struct view *view, const struct prac_record *record)
{
	const struct prac_type *student = view_student_type();
	const struct view_entry *entry = NULL;
	struct prac_id id;

	if (record->type == student) {
		return find_entry(view, record->type->number, &record->id);
	}
	if (view_reference(record, record->type->follow_field, &id)) {
		entry = find_entry(view, student->number, &id);
		/* Only the student's own rows are kept current in the batch; without them nothing
		 * in the batch moved the student. */
		if (entry == NULL || entry->rows == NULL) {
			entry = find_entry(view, record->type->number, &record->id);
		}
	}
	return entry;
}

size_t view_scopes(const struct view *view, const struct prac_record *record,
	const struct prac_id **scopes_out)
{
	const struct view_entry *entry = seen_with(view, record);
	const struct view_row *rows = entry != NULL ? entry->rows : NULL;
	struct prac_id *scopes;
	size_t n = 1;

	for (const struct view_row *row = rows; row != NULL; row = row->next) {
		n++;
	}
	scopes = prac_arena_room(view->arena, n * sizeof(*scopes));
	scopes[0] = record->scope;
	n = 1;
	for (const struct view_row *row = rows; row != NULL; row = row->next) {
		if (row->row.gone == STORE_LIVE && !prac_id_equal(&row->row.scope, &scopes[0])) {
			scopes[n++] = row->row.scope;
		}
	}
	*scopes_out = scopes;
	return n;
}

size_t view_seen(void *ctx, const struct prac_record *record, const struct prac_id **scopes_out)
{
	return view_scopes(ctx, record, scopes_out);
}

static int compare_records(const void *a, const void *b)
{
	const struct prac_record *const *left = a;
	const struct prac_record *const *right = b;

	return prac_id_compare(&(*left)->id, &(*right)->id);
}

/* Live records of the type, in no order. */
static size_t all_of_type(const struct view *view, const struct prac_type *type,
	const struct prac_record ***records_out)
{
	const struct prac_record **records = NULL;
	size_t n = 0;

	for (const struct view_entry *entry = view->of_type[prac_type_index(type->number)];
		entry != NULL; entry = entry->next_of_type) {
		if (entry->now != NULL && !entry->now->deleted) {
			records = view_room(view->arena, records, n, sizeof(struct prac_record *));
			records[n++] = entry->now;
		}
	}
	*records_out = records;
	return n;
}

/* Those that are there already. */
static void put_all(struct view *view, const struct prac_type *type)
{
	for (struct view_entry *entry = view->of_type[prac_type_index(type->number)]; entry != NULL;
		entry = entry->next_of_type) {
		if (entry->now != NULL) {
			families_put(&view->families, entry, NULL, entry->now, view->arena);
		}
	}
}

/* Live records whose reference is the parent now, in no order; one may stand twice. */
static size_t members_of(const struct view *view, const struct family *family,
	const struct prac_record ***records_out)
{
	const struct prac_record **records;
	size_t n = 0;

	*records_out = NULL;
	if (family == NULL) {
		return 0;
	}
	records = prac_arena_alloc(view->arena, family->n_members * sizeof(struct prac_record *));
	for (size_t i = 0; i < family->n_members; i++) {
		const struct prac_record *now = family->members[i]->now;
		struct prac_id id = families_parent(now, family->field);

		if (!now->deleted && prac_id_equal(&id, &family->parent)) {
			records[n++] = now;
		}
	}
	*records_out = records;
	return n;
}

size_t view_children(struct view *view, const struct prac_type *type,
	const struct prac_field *field, const struct prac_id *parent,
	const struct prac_record *const **records_out)
{
	const struct prac_record **records;
	size_t n_unique = 0;
	size_t n;

	if (field == NULL) {
		n = all_of_type(view, type, &records);
	} else {
		if (families_follow(&view->families, field, view->arena)) {
			put_all(view, type);
		}
		n = members_of(view, families_find(&view->families, field, parent), &records);
	}
	if (n > 1) {
		qsort(records, n, sizeof(struct prac_record *), compare_records);
	}
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || records[i] != records[i - 1]) {
			records[n_unique++] = records[i];
		}
	}
	*records_out = records;
	return n_unique;
}

static const struct prac_record *get_fact(void *ctx, uint32_t type, const struct prac_id *id)
{
	const struct prac_record *record = view_find(ctx, type, id);

	return record != NULL && !record->deleted ? record : NULL;
}

static size_t get_children(void *ctx, uint32_t type_number, uint32_t field_number,
	const struct prac_id *parent, const struct prac_record *const **records_out)
{
	const struct prac_type *type = prac_type_find(type_number);
	const struct prac_field *field = type != NULL ? prac_field_find(type, field_number) : NULL;

	*records_out = NULL;
	return type != NULL && (field != NULL || field_number == 0)
		       ? view_children(ctx, type, field, parent, records_out)
		       : 0;
}

struct prac_facts view_facts(struct view *view)
{
	return (struct prac_facts){ get_fact, get_children, view, NULL };
}

void *view_room(struct prac_arena *arena, void *items, size_t n, size_t item_size)
{
	void *roomier;

	/* Full exactly when n is 0 or a power of two from 8 on. */
	if (n != 0 && (n < 8 || (n & (n - 1)) != 0)) {
		return items;
	}
	roomier = prac_arena_room(arena, (n == 0 ? 8 : 2 * n) * item_size);
	if (n > 0) {
		memcpy(roomier, items, n * item_size);
	}
	return roomier;
}
