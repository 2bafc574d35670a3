/* Packages of tests/data/roster: a whole one with some of its files replaced. */
#pragma once

#include "client/roster/roster.h"

/*
 * Reads tests/data/roster/<base> with the files of tests/data/roster/flaws/<flaws> in place of its
 * own; flaws may be NULL. Free the roster with roster_free().
 */
struct roster *roster_fixture_read(const char *base, const char *flaws, enum roster_mode mode);
