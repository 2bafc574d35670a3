#include "common/rules/shift.h"

#include "catalog/types.h"

enum {
	DAY_MINUTES = 24 * 60
};

/* An end at or before the start is on the next day. -1: not known. */
static int64_t length_of(const struct prac_value *values)
{
	const struct prac_value *starts_at = &values[PRAC_TIME_ENTRY_STARTS_AT];
	const struct prac_value *ends_at = &values[PRAC_TIME_ENTRY_ENDS_AT];

	if (!starts_at->has || !ends_at->has) {
		return -1;
	}
	return ends_at->number - starts_at->number +
	       (ends_at->number <= starts_at->number ? DAY_MINUTES : 0);
}

int64_t prac_shift_minutes(const struct prac_value *values)
{
	int64_t length = length_of(values);

	return length < 0 ? -1 : length - values[PRAC_TIME_ENTRY_BREAK_MINUTES].number;
}

bool prac_shifts_overlap(const struct prac_value *a, const struct prac_value *b)
{
	int64_t a_length = length_of(a);
	int64_t b_length = length_of(b);
	int64_t a_start = a[PRAC_TIME_ENTRY_WORK_DATE].number * DAY_MINUTES +
			  a[PRAC_TIME_ENTRY_STARTS_AT].number;
	int64_t b_start = b[PRAC_TIME_ENTRY_WORK_DATE].number * DAY_MINUTES +
			  b[PRAC_TIME_ENTRY_STARTS_AT].number;

	return a_length > 0 && b_length > 0 && a_start < b_start + b_length &&
	       b_start < a_start + a_length;
}
