/* The published calendar of a school: the days of the whole district, and over them its own. */
#pragma once

#include "common/rules/rules.h"

struct prac_school_days {
	int32_t first;
	size_t n;
	/* The school_day record of each day from the first on; NULL: none is published. */
	const struct prac_record **items;
};

/* In the judgement's arena. A nil school: the district's days alone. */
struct prac_school_days prac_school_days(const struct prac_judgement *judgement,
	const struct prac_id *school, int32_t first, size_t n);

/* Does the school_day record count? */
bool prac_school_day_is_published(const struct prac_record *day);

/* False also for NULL. */
bool prac_school_day_has_classes(const struct prac_record *day);
