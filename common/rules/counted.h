/*
 * Which hours count, for the close of a period and for credit alike: those of approved sheets that no other
 * approved sheet corrects, with what posted adjustments add or take off. For reports the function
 * entries_as_of() of the database says the same; integration.report_credit compares the two.
 */
#pragma once

#include "common/rules/rules.h"

/* Records in ascending order of their ids, as facts are. */
struct prac_counted_list {
	const struct prac_record *const *records;
	size_t n;
};

struct prac_counted {
	struct prac_counted_list sheets, entries, adjustments;
	bool *counts; /* of the sheet at the same index; whoever asks may take more of them out */
};

/* Children of the record; of what the facts have. */
struct prac_counted_list prac_counted_children(const struct prac_judgement *judgement,
	const struct prac_value *parent, uint32_t type, uint32_t field);

/* In the judgement's arena. Entries and adjustments of other sheets do no harm. */
struct prac_counted prac_counted_make(const struct prac_judgement *judgement,
	struct prac_counted_list sheets, struct prac_counted_list entries,
	struct prac_counted_list adjustments);

/* Minutes worked from the first day to the last, both included. */
int64_t prac_counted_minutes(const struct prac_counted *counted, int64_t first, int64_t last);
