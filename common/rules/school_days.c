#include "common/rules/school_days.h"

#include "catalog/types.h"

bool prac_school_day_is_published(const struct prac_record *day)
{
	int64_t state = day->values[PRAC_SCHOOL_DAY_STATE].number;

	return state == PRAC_SCHOOL_DAY_STATE_PUBLISHED || state == PRAC_SCHOOL_DAY_STATE_AMENDED;
}

static void put_days(const struct prac_judgement *judgement, const struct prac_id *school,
	struct prac_school_days *days)
{
	const struct prac_record *const *records;
	size_t n = judgement->facts->children(judgement->facts->ctx, PRAC_SCHOOL_DAY,
		PRAC_SCHOOL_DAY_SCHOOL_ID_NO, school, &records);

	for (size_t i = 0; i < n; i++) {
		int64_t index = records[i]->values[PRAC_SCHOOL_DAY_DAY].number - days->first;

		if (index >= 0 && (size_t)index < days->n &&
			prac_school_day_is_published(records[i])) {
			days->items[index] = records[i];
		}
	}
}

struct prac_school_days prac_school_days(const struct prac_judgement *judgement,
	const struct prac_id *school, int32_t first, size_t n)
{
	const struct prac_id none = { 0 };
	struct prac_school_days days = { first, n,
		prac_arena_alloc(judgement->arena, (n + 1) * sizeof(void *)) };

	put_days(judgement, &none, &days);
	if (!prac_id_is_nil(school)) {
		put_days(judgement, school, &days);
	}
	return days;
}

bool prac_school_day_has_classes(const struct prac_record *day)
{
	int64_t kind = day == NULL ? -1 : day->values[PRAC_SCHOOL_DAY_KIND].number;

	return kind == PRAC_SCHOOL_DAY_KIND_SCHOOL || kind == PRAC_SCHOOL_DAY_KIND_EXAM;
}
