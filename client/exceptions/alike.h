/*
 * Records that may be one entered twice. Two look alike when all fields of one of their type's `alike` lists
 * have a value and say the same but for how it is written: upper and lower case, accents, punctuation, spaces,
 * "Inc." and "Street" do not count, nor the country code of a phone number or the end of ZIP+4. It is never
 * more than a hint: a person says which it is, and a `likeness` keeps what they said.
 */
#pragma once

#include "client/replica/replica.h"
#include "common/base/arena.h"

enum {
	ALIKE_MAX = 5 /* looked at for one record; who has more has another problem */
};

struct alike_match {
	struct prac_id id;
	const char *title; /* in the arena */
	const char *by;    /* "legal name and ZIP code" */
};

struct alike;

/* Everything found lives in arena. */
struct alike *alike_new(
	const struct prac_type *type, struct prac_arena *arena) PRAC_RETURNS_NONNULL;
void alike_free(struct alike *alike);

/* What people have said about records of the type. */
enum prac_status alike_load_said(struct alike *alike, struct replica *replica) PRAC_MUST_USE;

/* Every record of the type as well; what was merged into another is not looked at. */
enum prac_status alike_load(struct alike *alike, struct replica *replica) PRAC_MUST_USE;

/* The record is looked at from now on; what it borrows may go. */
void alike_add(struct alike *alike, const struct prac_record *record);

/* Those that it looks like, itself and what was said about left out; returns how many. */
size_t alike_find(struct alike *alike, const struct prac_record *record,
	struct alike_match matches_out[ALIKE_MAX]);

/* The action that merges a record of the type into another; NULL: it has none. */
const struct prac_action *alike_merge(const struct prac_type *type);

/* The argument that names the other one; NULL: the action does not merge. */
const struct prac_field *alike_merge_field(
	const struct prac_type *type, const struct prac_action *action);

/* As it is compared: free with g_free(). */
char *alike_text(struct prac_bytes text);
