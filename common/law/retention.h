/*
 * How long records are kept: rows of domain retention, one for each retention class of the catalog.
 *
 *     DI-RT-HOURS=keep class:hours years:3 from:placement | words | source
 *
 * A class without a row is kept. Whole years and days are counted from the day of the event; with
 * school-year:1 from the end of the school year (June 30) that it falls into. The last day of that time
 * still belongs to it; what is counted from February 29 to a year without one ends on March 1.
 */
#pragma once

#include "common/law/policy.h"

/* The first day on which what the event was about may be disposed of. */
int32_t prac_retention_due(const struct prac_law_row *row, int32_t event);

/* The last day of an event from which the row is due on the day. */
int32_t prac_retention_cutoff(const struct prac_law_row *row, int32_t date);

/*
 * The row for the class on the day. Of the sets of one jurisdiction the one that begins last holds, of
 * several jurisdictions the row that keeps longest. NULL: none. *set_out is the set it stands in.
 */
const struct prac_law_row *prac_retention_row(const struct prac_policy *policy, const char *class,
	int32_t date, const struct prac_law_set **set_out);

/* Does the form know the class? Every class of the catalog must be one. */
bool prac_retention_is_class(const char *class);
