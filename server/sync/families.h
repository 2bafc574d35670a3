/*
 * Which entries of a view refer to a parent by a field, so that the children of one are found without
 * walking the batch. Only references that somebody asked for are followed. Lives in the view's arena.
 */
#pragma once

#include "server/sync/store.h"

struct view_entry;

/* The entries that name the parent, or did in an earlier version; one may stand twice. */
struct family {
	const struct prac_field *field; /* a type's own, so that it also says whose children */
	struct prac_id parent;
	struct view_entry **members;
	size_t n_members;
};

/* All zero is empty. */
struct families {
	struct family **slots; /* by hash; a power of two, half empty */
	size_t n_slots, n_families;
	const struct prac_field **followed;
	size_t n_followed;
};

/* Whom the record refers to by the field; nil: nobody, which is a family, too. */
struct prac_id families_parent(const struct prac_record *record, const struct prac_field *field);

/*
 * True when the field was not followed so far: families_put() is then due for each record of its type
 * that is there.
 */
bool families_follow(
	struct families *families, const struct prac_field *field, struct prac_arena *arena);

/* The entry's record has become now; before is what it was, NULL at first. */
void families_put(struct families *families, struct view_entry *entry,
	const struct prac_record *before, const struct prac_record *now, struct prac_arena *arena);

/* NULL: no child was ever put. */
const struct family *families_find(const struct families *families, const struct prac_field *field,
	const struct prac_id *parent);
