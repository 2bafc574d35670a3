/*
 * What an import would change: two lists of keyed rows with the same fields, the one that comes in
 * and the one that is there. Knows nothing of rosters or records.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"

enum {
	ROSTER_DIFF_FIELDS_MAX = 64
};

struct roster_diff_row {
	const char *key;
	/* n_fields; no value has length 0. Of an incoming row, data NULL: it does not say. */
	const struct prac_bytes *fields;
};

struct roster_diff_list {
	const struct roster_diff_row *rows;
	size_t n_rows;
};

enum roster_change {
	ROSTER_ADDED,
	ROSTER_CHANGED,
	ROSTER_UNCHANGED,
	ROSTER_MISSING,  /* there, and not in what comes in */
	ROSTER_RETURNED, /* there and over, and in what comes in; a diff of rows never says so */
	ROSTER_CHANGES
};

struct roster_diff_entry {
	enum roster_change change;
	const struct roster_diff_row *incoming; /* NULL when missing */
	const struct roster_diff_row *present;  /* NULL when added */
	uint64_t fields; /* bit i: field i differs; only with ROSTER_CHANGED */
};

struct roster_diff {
	const struct roster_diff_entry *entries; /* by key, bytewise */
	size_t n_entries;
	size_t counts[ROSTER_CHANGES]; /* by enum roster_change */
};

/*
 * Keys are unique in each list; the lists need no order. The result borrows the lists and lives in
 * arena. n_fields is at most ROSTER_DIFF_FIELDS_MAX.
 */
struct roster_diff roster_diff_find(struct roster_diff_list incoming,
	struct roster_diff_list present, size_t n_fields, struct prac_arena *arena);
