/*
 * Imports that went through the outbox: which of its entries are theirs, so that one can be taken back as a
 * whole. They are known for as long as their entries are, 35 days after these were judged.
 */
#pragma once

#include "client/replica/replica.h"

struct replica_import {
	struct prac_id id; /* nil: nothing was stored, and nothing is kept */
	const char *label; /* what a list shows */
	int64_t begun_ms;
	int64_t before,
		last; /* places in the outbox: its entries lie behind the one, up to the other */
	uint64_t n_entries;
	bool is_reversed;
};

/* Inside a transaction (replica_begin) before the first row: fills in what is known then. */
enum prac_status replica_import_start(
	struct replica *replica, struct replica_import *import_out) PRAC_MUST_USE;

/* After the last row, in the same transaction. */
enum prac_status replica_import_keep(
	struct replica *replica, struct replica_import *import) PRAC_MUST_USE;

/* The newest first. */
enum prac_status replica_imports(struct replica *replica, struct prac_arena *arena,
	struct replica_import **imports_out, size_t *n_out) PRAC_MUST_USE;

struct replica_import_entry {
	int64_t place;
	enum replica_outbox_state state;
	Practicum__VerdictKind verdict; /* 0: not judged */
	uint64_t seq;                   /* of the verdict */
	bool is_draft;                  /* it was refused, and waits for somebody */
	struct prac_mutation mutation;
};

/* In the order they were made. PRAC_NOT_FOUND: some are no longer here, or were made by a newer program. */
enum prac_status replica_import_entries(struct replica *replica,
	const struct replica_import *import, struct prac_arena *arena,
	struct replica_import_entry **entries_out) PRAC_MUST_USE;

/* A record of the import that was entered again here, after it. */
struct replica_import_later {
	uint32_t type;
	struct prac_id id;
};
enum prac_status replica_import_later(struct replica *replica, const struct replica_import *import,
	struct prac_arena *arena, struct replica_import_later **later_out,
	size_t *n_out) PRAC_MUST_USE;

/*
 * When the server has heard of none of it and nothing was entered here since, its entries are as if they had
 * never been made. Else *is_dropped_out is false and nothing happens.
 */
enum prac_status replica_import_drop(struct replica *replica, const struct replica_import *import,
	bool *is_dropped_out) PRAC_MUST_USE;

/* It is not taken back a second time. */
enum prac_status replica_import_reversed(
	struct replica *replica, const struct prac_id *import) PRAC_MUST_USE;
