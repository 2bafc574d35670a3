/* A student's week of August 2026 as facts, for tests of labor law over records. */
#pragma once

#include "tests/support/facts.h"

/*
 * A student of 15 (01) with a paid job (bb), and school on Monday to Friday, 08:00 to 15:00, for the
 * whole district (records 2 to 6); returns the sheet (21) of the week from Sunday 2026-08-09, record 7.
 */
struct prac_record *labor_week_add(struct facts *facts);

/* An entry of the sheet: "2026-08-11", "16:00-19:00". */
struct prac_record *labor_week_entry(
	struct facts *facts, uint8_t last, const char *date, const char *times);

/* Submits and returns the broken rules, "; " between them, or why it was refused. */
const char *labor_week_submit(struct facts *facts, struct prac_record *sheet);

int64_t labor_week_state(const struct prac_record *sheet);
