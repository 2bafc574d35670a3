/* Arithmetic of one time_entry: minutes from start to end, over midnight too. */
#pragma once

#include <stdbool.h>

#include "common/catalog/record.h"

/* Start to end without the break; -1 when start or end is not known. values are a time_entry's. */
int64_t prac_shift_minutes(const struct prac_value *values);

/* False also when one of them has no times of day. Shifts that touch do not overlap. */
bool prac_shifts_overlap(const struct prac_value *a, const struct prac_value *b);
