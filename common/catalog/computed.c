/* States that only the calendar moves. */
#include "common/catalog/record.h"

static bool holds(
	const struct prac_computed *computed, const struct prac_record *record, int32_t day)
{
	const struct prac_type *type = record->type;
	const struct prac_value *since = &record->values[computed->since];

	if (computed->from != 0 &&
		(computed->from >> record->values[type->state_field].number & 1) == 0) {
		return false;
	}
	if (!since->has || day < since->number + computed->days) {
		return false;
	}
	return computed->until < 0 || !record->values[computed->until].has ||
	       day <= record->values[computed->until].number;
}

const struct prac_computed *prac_record_computed(const struct prac_record *record, int32_t day)
{
	for (size_t i = 0; i < record->type->n_computed; i++) {
		if (holds(&record->type->computed[i], record, day)) {
			return &record->type->computed[i];
		}
	}
	return NULL;
}
