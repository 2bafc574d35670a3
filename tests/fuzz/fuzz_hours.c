/* Both files of practicum hours check; the first byte says which of them follows. */
#include <stddef.h>
#include <stdint.h>

#include "client/cmd/hours_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void judge(struct hours_lines *lines, struct prac_arena *arena)
{
	struct prac_labor_calendar calendar = { 0 };
	struct prac_labor_minor minor = { .birth_date = 14600, .calendar = &calendar };
	struct prac_zone *zone = prac_zone_open("America/New_York");
	struct prac_labor_verdict *verdicts =
		prac_arena_alloc(arena, (lines->n + 1) * sizeof(*verdicts));

	for (size_t i = 0; i < lines->n && zone != NULL; i++) {
		lines->entries[i].zone = zone;
	}
	if (zone != NULL) {
		prac_labor_judge(prac_labor_law_shipped("us-tn", arena), &minor,
			&(struct prac_labor_entries){ lines->entries, lines->n }, arena, verdicts);
	}
	prac_zone_close(zone);
}

static void read_calendar(const struct csv_table *table, struct hours_flaws *flaws)
{
	struct prac_labor_calendar calendar;
	const char *unknown;

	hours_read_calendar(table, flaws, &calendar, &unknown);
}

static void read_entries(const struct csv_table *table, struct hours_flaws *flaws)
{
	struct hours_lines lines;
	const char *unknown;

	hours_read_entries(table, flaws, &lines, &unknown);
	if (flaws->n == 0) {
		judge(&lines, flaws->arena);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_arena arena = { 0 };
	struct hours_flaws flaws = { .arena = &arena };
	struct csv_table table;
	const char *error;

	if (len > 0 && csv_parse_text((struct prac_bytes){ data + 1, len - 1 }, 1000, &arena,
			       &table, &error) == PRAC_OK) {
		(data[0] % 2 == 0 ? read_calendar : read_entries)(&table, &flaws);
	}
	prac_arena_deinit(&arena);
	return 0;
}
