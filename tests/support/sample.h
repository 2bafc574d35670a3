/* Records for tests, written as people type them: "name=Mill", "hazards=dust;noise". */
#pragma once

#include "common/sync/mutation.h"

/* Sets fields of a record; a text after the = that cannot be read fails the program. */
void sample_set(struct prac_record *record, struct prac_arena *arena, const char *assignment);

/* A record with the id 00..00nn and up to four fields set; NULL ends them early. */
struct prac_record *sample_record(struct prac_arena *arena, const struct prac_type *type,
	uint8_t nn, const char *const assignments[4]);

/* 00..00nn: short to write, easy to see. */
struct prac_id sample_id(uint8_t nn);

/* The only patch between two versions. */
struct prac_patch sample_patch(struct prac_arena *arena, const struct prac_record *before,
	const struct prac_record *after);

/* The text form of the field of that name, in the arena. */
const char *sample_text(
	const struct prac_record *record, const char *name, struct prac_arena *arena);
