/* Which files of a package nothing is taken from. */
#pragma once

#include "client/roster/package.h"
#include "client/roster/roster.h"

/* "grades: lineItems.csv, results.csv; no file of OneRoster: notes.txt"; empty: none is left out. In the arena. */
const char *roster_unread(const struct roster_package *package, enum roster_version version,
	struct prac_arena *arena) PRAC_RETURNS_NONNULL;
