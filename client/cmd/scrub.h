/*
 * Other students' names in what people typed: a note about one student that names another is handed out
 * without that name. Found are full names in either order and student numbers; a first name alone is not.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/catalog/record.h"

struct scrub;

struct scrub *scrub_new(void) PRAC_RETURNS_NONNULL;
void scrub_free(struct scrub *scrub); /* scrub may be NULL */

/* A student whose names are known from now on. */
void scrub_add(struct scrub *scrub, const struct prac_record *student);

/* The text with "[another student]" for the names of everybody but own; in the arena. */
const char *scrub_text(const struct scrub *scrub, struct prac_bytes text, const struct prac_id *own,
	struct prac_arena *arena);
