/* Arithmetic of one shift, worked (time_entry) or planned (shift_plan): over midnight and clock changes. */
#pragma once

#include <stdbool.h>

#include "common/catalog/record.h"
#include "common/law/labor.h"

/*
 * The times of a record of type time_entry or shift_plan, as labor law sees them. zone: the work
 * site's, borrowed.
 */
struct prac_labor_entry prac_shift_entry(const struct prac_record *record, struct prac_zone *zone);

/* The zone that a value names; NULL: it has none, or the system does not know it. */
struct prac_zone *prac_shift_zone(const struct prac_value *value, struct prac_arena *arena);

/* That of work whose site and school say nothing. */
struct prac_zone *prac_shift_zone_default(void);

/* Do two time_entry overlap? False also when one of them has no times of day, or when they touch. */
bool prac_shifts_overlap(const struct prac_value *a, const struct prac_value *b);
