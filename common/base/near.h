/*
 * Of many names the one that a mistyped word most likely meant, for a refusal to tell. Ask for each name in
 * turn, then look at best.
 */
#pragma once

#include <stddef.h>

struct prac_near {
	const char *word;
	const char *best; /* NULL: none is near; the first one of several that are as near */
	size_t best_edits;
};

/* The word and the names are borrowed. */
void prac_near_try(struct prac_near *near, const char *name);
