/* Reads one file of a package by its layout: header, cells, references. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "client/roster/layout.h"
#include "client/roster/package.h"
#include "client/roster/roster.h"

enum {
	ROSTER_USERS_MAX = 1000 * 1000,
	ROSTER_ROWS_MAX = 6 * 1000 * 1000 /* of any other file */
};

/* What one reading has in hand. */
struct roster_load {
	struct roster *roster;
	/* sourcedId -> row index + 1, or ROSTER_UNUSABLE. NULL until the file was read. */
	GHashTable *index[ROSTER_N_FILES];
	/* Some of its lines could not be read: that a row is not known says nothing. */
	bool is_partial[ROSTER_N_FILES];
	uint32_t *profile_users; /* the user of each row of userProfiles.csv */
	uint32_t n_profiles;
	struct roster_later *later; /* references to rows that may stand further down */
	uint32_t n_later;
	struct prac_arena scratch; /* of one row */
};

struct roster_later {
	uint32_t row, line;
	const char *text;
};

/* A cell as its column's kind reads it; empty cells have number -1 and no references. */
struct roster_cell {
	struct prac_bytes text; /* valid during the row; a NUL stands behind it */
	int32_t number;         /* word, year; date or ROSTER_NO_DATE */
	const uint32_t *refs;   /* valid during the row */
	uint32_t n_refs;
};

struct roster_row {
	uint32_t line;
	const char *file;
	struct roster_cell cells[ROSTER_SLOTS];
};

/* Keeps a row without flaw; says its index, ROSTER_NONE when it is left out. */
typedef uint32_t (*roster_store_fn)(struct roster_load *load, const struct roster_row *row);

void roster_table_read(struct roster_load *load, const struct roster_layout *layout,
	struct roster_stream *stream, roster_store_fn store);

enum roster_found {
	ROSTER_FOUND,
	ROSTER_UNKNOWN,
	ROSTER_LEFT_OUT /* it stands in the file, but in a row that is not used */
};

enum roster_found roster_lookup(const struct roster_load *load, enum roster_file file,
	const char *sourced_id, uint32_t *row_out);
