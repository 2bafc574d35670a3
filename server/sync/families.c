#include "server/sync/families.h"

#include "server/sync/view.h"

enum {
	FIRST_SLOTS = 64
};

static size_t slot_of(const struct families *families, const struct prac_field *field,
	const struct prac_id *parent)
{
	size_t slot = view_hash((uint64_t)(uintptr_t)field, parent) & (families->n_slots - 1);
	const struct family *family;

	while ((family = families->slots[slot]) != NULL &&
		(family->field != field || !prac_id_equal(&family->parent, parent))) {
		slot = (slot + 1) & (families->n_slots - 1);
	}
	return slot;
}

const struct family *families_find(const struct families *families, const struct prac_field *field,
	const struct prac_id *parent)
{
	return families->n_slots > 0 ? families->slots[slot_of(families, field, parent)] : NULL;
}

static void grow(struct families *families, struct prac_arena *arena)
{
	struct family **old = families->slots;
	size_t n_old = families->n_slots;

	families->n_slots = n_old > 0 ? 2 * n_old : FIRST_SLOTS;
	families->slots = prac_arena_alloc(arena, families->n_slots * sizeof(struct family *));
	for (size_t i = 0; i < n_old; i++) {
		if (old[i] != NULL) {
			families->slots[slot_of(families, old[i]->field, &old[i]->parent)] = old[i];
		}
	}
}

static struct family *family_of(struct families *families, const struct prac_field *field,
	const struct prac_id *parent, struct prac_arena *arena)
{
	struct family **slot;

	if (2 * (families->n_families + 1) > families->n_slots) {
		grow(families, arena);
	}
	slot = &families->slots[slot_of(families, field, parent)];
	if (*slot == NULL) {
		*slot = prac_arena_alloc(arena, sizeof(**slot));
		(*slot)->field = field;
		(*slot)->parent = *parent;
		families->n_families++;
	}
	return *slot;
}

static void put(struct families *families, const struct prac_field *field, struct view_entry *entry,
	const struct prac_id *parent, struct prac_arena *arena)
{
	struct family *family = family_of(families, field, parent, arena);

	family->members =
		view_room(arena, family->members, family->n_members, sizeof(struct view_entry *));
	family->members[family->n_members++] = entry;
}

static bool has_field(const struct prac_type *type, const struct prac_field *field)
{
	return field->index < type->n_fields && &type->fields[field->index] == field;
}

struct prac_id families_parent(const struct prac_record *record, const struct prac_field *field)
{
	struct prac_id parent;

	return view_reference(record, field->index, &parent) ? parent : (struct prac_id){ 0 };
}

void families_put(struct families *families, struct view_entry *entry,
	const struct prac_record *before, const struct prac_record *now, struct prac_arena *arena)
{
	for (size_t i = 0; i < families->n_followed; i++) {
		const struct prac_field *field = families->followed[i];
		struct prac_id old, parent;

		if (!has_field(now->type, field)) {
			continue;
		}
		parent = families_parent(now, field);
		old = before != NULL ? families_parent(before, field) : parent;
		if (before == NULL || !prac_id_equal(&old, &parent)) {
			put(families, field, entry, &parent, arena);
		}
	}
}

bool families_follow(
	struct families *families, const struct prac_field *field, struct prac_arena *arena)
{
	for (size_t i = 0; i < families->n_followed; i++) {
		if (families->followed[i] == field) {
			return false;
		}
	}
	families->followed = view_room(
		arena, families->followed, families->n_followed, sizeof(struct prac_field *));
	families->followed[families->n_followed++] = field;
	return true;
}
