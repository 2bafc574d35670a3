/* tests/data/moves.txt, read: the states and moves of every type, apart from the catalog. Faults fail the test. */
#pragma once

#include "common/catalog/catalog.h"

void moves_table_begin(void);
void moves_table_end(void);

/* May the action start from the state? */
bool moves_table_is_legal(
	const struct prac_type *type, const struct prac_action *action, const char *from);

/* "approved"; "=": unchanged or decided by the rules. NULL: the table has no such move. */
const char *moves_table_to(const struct prac_type *type, const struct prac_action *action);

/* "draft approved"; NULL: the table has no such type. */
const char *moves_table_states(const struct prac_type *type);

/* A line that nobody asked for, so that nothing in the table is out of date; NULL: none. */
const char *moves_table_unused(void);
