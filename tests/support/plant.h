/*
 * Records put straight into the tables of a test's database, whatever the rules of their types say. They
 * are there from number 1 on; the database is migrated and nobody writes meanwhile.
 */
#pragma once

#include "common/catalog/record.h"

/* How the texts of plant_value() begin, where a field has room for it. */
#define PLANT_CANARY "kestrel"
extern const char
	*plant_canary; /* PLANT_CANARY, or a longer word of a test that tells some from others */

/* The record and its feed row in the owning scope; also one in this scope unless NULL. */
void plant_record(const struct prac_record *record, const struct prac_id *also_seen_in);

/* Some value that the field may have; ids are this one. */
struct prac_value plant_value(
	const struct prac_field *field, const struct prac_id *id, struct prac_arena *arena);
