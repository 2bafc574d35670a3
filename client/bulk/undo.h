/*
 * Takes back an import that went through the outbox, all of it or nothing. What the server has not heard of
 * leaves the outbox; the rest is reversed by further input, from its end, which goes through rights and rules
 * like all input.
 */
#pragma once

#include "client/replica/imports.h"

/* A record that cannot be taken back, and why. */
struct bulk_left {
	const struct prac_type *type;
	struct prac_id id;
	const char *title;
	const char *why;
};

struct bulk_undo {
	struct replica *replica;
	struct prac_arena *arena; /* holds what is found */
	const struct replica_import *import;
	/* ---- found */
	struct bulk_left *left;
	size_t n_left;
	size_t n_undone;                /* entries */
	bool is_dropped;                /* the server never hears of it */
	struct replica_refusal refusal; /* of a record that nothing else is wrong with */
	struct bulk_left refused;       /* that record */
};

/*
 * PRAC_FAILED_PRECONDITION: nothing happened; left says for which records, or refusal for the first that the
 * rules do not let go. PRAC_NOT_FOUND: its rows are no longer known here.
 */
enum prac_status bulk_undo(struct bulk_undo *undo) PRAC_MUST_USE;
