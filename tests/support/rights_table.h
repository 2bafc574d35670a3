/*
 * tests/data/rights.txt, read: who may do what as people agreed on it, apart from the programs. Everything
 * fails the test on any error. One table for a test program.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/rules/rights.h"

void rights_table_begin(void);
void rights_table_end(void);

/* Bit n: the role with number n, as prac_right_roles(). action NULL unless op is ACT. */
uint32_t rights_table_may(
	const struct prac_type *type, enum prac_right_op op, const struct prac_action *action);

/* As prac_right_writers(). */
uint32_t rights_table_writers(const struct prac_type *type, const struct prac_group *group);

/* As prac_right_changers(). */
uint32_t rights_table_changers(const struct prac_type *type, const struct prac_group *group);

/* Who sees the field of those who see the record; all bits: everybody. */
uint32_t rights_table_viewers(const struct prac_type *type, const struct prac_field *field);

/* Of a method by its name in MethodId; 0: no person is asked for. */
uint32_t rights_table_call(const char *method);

/* Is the method for the district office's devices alone? */
bool rights_table_is_office(const char *method);

/* A line that speaks of a type, an action, a group or a method nobody asked for; NULL: none. */
const char *rights_table_unused(void);
