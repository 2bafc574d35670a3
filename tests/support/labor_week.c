#include "tests/support/labor_week.h"

#include "catalog/types.h"

struct prac_record *labor_week_add(struct facts *facts)
{
	facts_keep(facts, facts_make(facts, &prac_type_student, 0x01, "school_id=aa",
				  "birth_date=2011-03-01", "state=enrolled", NULL));
	facts_keep(facts, facts_make(facts, &prac_type_placement, 0xbb, "student_id=01",
				  "school_id=aa", "kind=internship", "pay=wage",
				  "starts_on=2026-08-01", "ends_on=2027-05-21", NULL));
	for (uint8_t day = 10; day <= 14; day++) {
		facts_keep(facts, facts_make(facts, &prac_type_school_day, (uint8_t)(0x60 + day),
					  prac_arena_printf(&facts->arena, "day=2026-08-%d", day),
					  "kind=school", "state=published", "class_starts_at=08:00",
					  "class_ends_at=15:00", NULL));
	}
	return facts_keep(
		facts, facts_make(facts, &prac_type_time_sheet, 0x21, "placement_id=bb",
			       "student_id=01", "school_id=aa", "week_start=2026-08-09", NULL));
}

struct prac_record *labor_week_entry(
	struct facts *facts, uint8_t last, const char *date, const char *times)
{
	struct prac_record *entry = facts_keep(facts,
		facts_make(facts, &prac_type_time_entry, last, "sheet_id=21", "placement_id=bb",
			"student_id=01", "school_id=aa", "elapsed_minutes=60", NULL));

	facts_set(facts, entry, prac_arena_printf(&facts->arena, "work_date=%s", date));
	facts_set(facts, entry, prac_arena_printf(&facts->arena, "starts_at=%.5s", times));
	facts_set(facts, entry, prac_arena_printf(&facts->arena, "ends_at=%s", times + 6));
	return entry;
}

const char *labor_week_submit(struct facts *facts, struct prac_record *sheet)
{
	struct prac_bytes rest, item;
	const char *lines = "";

	facts_set(facts, sheet, "state=draft");
	if (facts_act(facts, sheet, PRAC_TIME_SHEET_DO_SUBMIT, NULL) != PRAC_REASON_NONE) {
		return facts->judgement.problem.text;
	}
	rest = sheet->values[PRAC_TIME_SHEET_VIOLATIONS].bytes;
	while (prac_list_next(&rest, &item)) {
		lines = prac_arena_printf(&facts->arena, "%s%s%.*s", lines,
			lines[0] == '\0' ? "" : "; ", (int)item.len, item.data);
	}
	return lines;
}

int64_t labor_week_state(const struct prac_record *sheet)
{
	return sheet->values[PRAC_TIME_SHEET_STATE].number;
}
