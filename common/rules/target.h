/* What records of an owner TARGET have in common: they belong to a record and to its student. */
#pragma once

#include "common/rules/rules.h"

/* The student whom the record is about, as that record names them; absent: none. */
struct prac_value prac_target_student(const struct prac_record *target);

/*
 * Refuses a new record whose target is not there, or whose student is not the target's; where it
 * belongs never changes, so a record that exists passes. student is its field student_id.
 */
enum prac_reason prac_target_check(struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after, uint16_t student);
