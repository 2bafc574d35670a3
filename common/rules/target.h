/* What records of an owner TARGET have in common: they belong to a record and to its student. */
#pragma once

#include "common/rules/rules.h"

/* Fills in the student of a new record's target. */
void prac_target_complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *record, uint16_t student);

/*
 * Refuses a new record whose target is not there, or whose student is not the target's; where it
 * belongs never changes, so a record that exists passes. student is its field student_id.
 */
enum prac_reason prac_target_check(struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after, uint16_t student);
