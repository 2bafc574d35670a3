#include "common/rules/shift.h"

#include "catalog/types.h"

enum {
	DAY_MINUTES = 24 * 60
};

/* Where the times stand in a record of each type. */
struct places {
	uint16_t date, starts_at, ends_at, break_starts_at, break_minutes;
};

static const struct places worked = { PRAC_TIME_ENTRY_WORK_DATE, PRAC_TIME_ENTRY_STARTS_AT,
	PRAC_TIME_ENTRY_ENDS_AT, PRAC_TIME_ENTRY_BREAK_STARTS_AT, PRAC_TIME_ENTRY_BREAK_MINUTES };
static const struct places planned = { PRAC_SHIFT_PLAN_WORK_DATE, PRAC_SHIFT_PLAN_STARTS_AT,
	PRAC_SHIFT_PLAN_ENDS_AT, PRAC_SHIFT_PLAN_BREAK_STARTS_AT, PRAC_SHIFT_PLAN_BREAK_MINUTES };

static int32_t number_or(const struct prac_value *value, int32_t otherwise)
{
	return value->has ? (int32_t)value->number : otherwise;
}

struct prac_labor_entry prac_shift_entry(const struct prac_record *record, struct prac_zone *zone)
{
	const struct prac_value *values = record->values;
	bool is_plan = record->type == &prac_type_shift_plan;
	const struct places *places = is_plan ? &planned : &worked;

	return (struct prac_labor_entry){
		.zone = zone,
		.date = (int32_t)values[places->date].number,
		.starts_at = number_or(&values[places->starts_at], -1),
		.ends_at = number_or(&values[places->ends_at], -1),
		.break_starts_at = number_or(&values[places->break_starts_at], -1),
		.break_minutes = number_or(&values[places->break_minutes], 0),
		.minutes = is_plan ? 0 : number_or(&values[PRAC_TIME_ENTRY_ELAPSED_MINUTES], 0),
	};
}

struct prac_zone *prac_shift_zone(const struct prac_value *value, struct prac_arena *arena)
{
	return value->has ? prac_zone_shared(prac_arena_text(arena, value->bytes)) : NULL;
}

struct prac_zone *prac_shift_zone_default(void)
{
	return prac_zone_shared("America/New_York");
}

/* On the clock, which is the same for two shifts of one place. */
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
