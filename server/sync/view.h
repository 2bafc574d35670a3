/*
 * The records of a batch as the mutations judged so far left them: what the store loaded, changed by
 * what was accepted. Also the rules' facts and the feed rows to write. Lives in the batch's arena.
 */
#pragma once

#include "server/sync/families.h"

struct view_row {
	struct store_feed_row row;
	bool is_dirty;
	struct view_row *next; /* of the same record */
};

struct view_entry {
	uint32_t type;
	struct prac_id id;
	const struct prac_record *stored, *now; /* NULL: nothing is known of it */
	bool is_new;                            /* the store does not have it yet */
	bool is_changed;                        /* to be written */
	bool is_coming;                         /* the batch holds its create */
	const struct prac_mutation *create; /* that one; whoever sets is_coming may leave it NULL */
	bool is_refused;                    /* which was refused */
	bool is_dirty;                      /* in the list of those with something to write */
	struct view_row *rows;
	uint64_t key_hash; /* of now, where the type is unique */
	struct view_entry *next_of_type, *next_dirty;
};

struct view {
	struct prac_arena *arena;
	struct view_entry **slots; /* by hash of type and id; a power of two, half empty */
	size_t n_slots, n_entries;
	struct view_entry **of_type; /* by index in prac_types */
	struct families families;
	struct view_entry *dirty, **dirty_end; /* in the order of the first change */
	size_t n_changed, n_dirty_rows;
};

struct view *view_new(struct prac_arena *arena) PRAC_RETURNS_NONNULL;

/* Adds what a load found; what is there already stays. */
void view_add(struct view *view, const struct store_facts *facts);

/* Never NULL: a record that nothing is known of gets an entry without one. */
struct view_entry *view_entry(
	struct view *view, uint32_t type, const struct prac_id *id) PRAC_RETURNS_NONNULL;

/* Deleted ones too; NULL when there is none. */
const struct prac_record *view_find(
	const struct view *view, uint32_t type, const struct prac_id *id);

/* There was one, and disposal left nothing but its tombstone; of types that follow a student. */
bool view_is_disposed(const struct view *view, uint32_t type, const struct prac_id *id);

/* Another live record of the unique type with the natural key of this one; NULL: there is none. */
const struct prac_record *view_same_key(const struct view *view, const struct prac_record *record);

/* The record's next version; it must not be changed afterwards. */
void view_put(struct view *view, const struct prac_record *record);

/* The record's feed row in the scope, to be written with the batch. */
void view_put_row(struct view *view, const struct prac_record *record, const struct prac_id *scope,
	uint64_t seq, enum store_gone gone);

/* The row of a record in a scope; NULL when none is known. */
const struct view_row *view_find_row(const struct view *view, uint32_t type,
	const struct prac_id *id, const struct prac_id *scope);

/*
 * The scopes in which the record is seen: its owner first, then those of the student it is or
 * follows. In the arena.
 */
size_t view_scopes(const struct view *view, const struct prac_record *record,
	const struct prac_id **scopes_out);

/* The same as struct prac_turn asks it; ctx is the view. */
size_t view_seen(void *ctx, const struct prac_record *record, const struct prac_id **scopes_out);

/* The record as the mutation would have it, unmerged. */
const struct prac_record *view_as_sent(
	const struct view *view, const struct prac_mutation *mutation) PRAC_RETURNS_NONNULL;

/*
 * Live records of the type whose reference is parent, or absent when that is nil, in ascending id
 * order; field NULL: all.
 */
size_t view_children(struct view *view, const struct prac_type *type,
	const struct prac_field *field, const struct prac_id *parent,
	const struct prac_record *const **records_out);

/* For the rules: live records only. */
struct prac_facts view_facts(struct view *view);

/* The type that others follow; its records have feed rows of their own in each scope. */
const struct prac_type *view_student_type(void) PRAC_RETURNS_NONNULL;

size_t view_hash(uint64_t salt, const struct prac_id *id);

/* Room for one more item behind the n there are, in an array of the arena that starts as NULL. */
void *view_room(
	struct prac_arena *arena, void *items, size_t n, size_t item_size) PRAC_RETURNS_NONNULL;

/* Reference of a record as an id; false when absent. */
bool view_reference(const struct prac_record *record, int field_index, struct prac_id *id_out);
