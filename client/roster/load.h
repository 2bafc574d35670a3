/* Reads every file of a package into the arrays of a roster, in the order of their references. */
#pragma once

#include "client/roster/package.h"
#include "client/roster/roster.h"

/* The roster's arena and flaws are in use already. Borrows package. */
void roster_load_files(struct roster *roster, struct roster_package *package);
