#include "client/roster/diff.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A row of a list that is sorted without moving its rows. */
struct handle {
	const struct roster_diff_row *row; /* NULL behind the last one */
};

static int by_key(const void *left, const void *right)
{
	const struct handle *a = left;
	const struct handle *b = right;

	return strcmp(a->row->key, b->row->key);
}

static const struct handle *sorted(struct roster_diff_list list, struct prac_arena *arena)
{
	struct handle *handles = prac_arena_alloc(arena, (list.n_rows + 1) * sizeof(*handles));

	for (size_t i = 0; i < list.n_rows; i++) {
		handles[i].row = &list.rows[i];
	}
	if (list.n_rows > 1) {
		qsort(handles, list.n_rows, sizeof(*handles), by_key);
	}
	return handles;
}

static uint64_t differing(const struct roster_diff_row *incoming,
	const struct roster_diff_row *present, size_t n_fields)
{
	uint64_t fields = 0;

	for (size_t i = 0; i < n_fields; i++) {
		if (incoming->fields[i].data != NULL &&
			!prac_bytes_equal(incoming->fields[i], present->fields[i])) {
			fields |= UINT64_C(1) << i;
		}
	}
	return fields;
}

static struct roster_diff_entry compare(const struct roster_diff_row *incoming,
	const struct roster_diff_row *present, size_t n_fields)
{
	int order = incoming == NULL  ? 1
		    : present == NULL ? -1
				      : strcmp(incoming->key, present->key);

	if (order < 0) {
		return (struct roster_diff_entry){ ROSTER_ADDED, incoming, NULL, 0 };
	}
	if (order > 0) {
		return (struct roster_diff_entry){ ROSTER_MISSING, NULL, present, 0 };
	}
	uint64_t fields = differing(incoming, present, n_fields);
	return (struct roster_diff_entry){ fields != 0 ? ROSTER_CHANGED : ROSTER_UNCHANGED,
		incoming, present, fields };
}

struct roster_diff roster_diff_find(struct roster_diff_list incoming,
	struct roster_diff_list present, size_t n_fields, struct prac_arena *arena)
{
	const struct handle *in = sorted(incoming, arena);
	const struct handle *there = sorted(present, arena);
	struct roster_diff_entry *entries =
		prac_arena_alloc(arena, (incoming.n_rows + present.n_rows + 1) * sizeof(*entries));
	struct roster_diff diff = { .entries = entries };

	assert(n_fields <= ROSTER_DIFF_FIELDS_MAX);
	while (in->row != NULL || there->row != NULL) {
		struct roster_diff_entry entry = compare(in->row, there->row, n_fields);

		in += entry.incoming != NULL;
		there += entry.present != NULL;
		diff.counts[entry.change]++;
		entries[diff.n_entries++] = entry;
	}
	return diff;
}
