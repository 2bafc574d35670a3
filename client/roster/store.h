/* Keeps the rows that the table reader found to be good. */
#pragma once

#include "client/roster/table.h"

extern const roster_store_fn roster_stores[ROSTER_N_FILES];
