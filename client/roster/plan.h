/*
 * What an import would do: the records a roster asks for against the records that are there. A pure
 * function; the command shows the steps or carries all of them out. The roster wins where it says
 * something; what it leaves empty, and what it does not know, stays as it is.
 */
#pragma once

#include "client/roster/diff.h"
#include "client/roster/roster.h"
#include "common/base/env.h"
#include "common/catalog/record.h"

/* In the order in which they must be stored: each refers to the ones before it only. */
enum roster_kind {
	ROSTER_SCHOOLS,
	ROSTER_STAFF_MEMBERS,
	ROSTER_STUDENTS,
	ROSTER_ATTENDANCE, /* enrollment records: home school and career center */
	ROSTER_GUARDIANS,
	ROSTER_KINDS
};

/* Record type of a kind. */
const struct prac_type *roster_kind_type(enum roster_kind kind) PRAC_RETURNS_NONNULL;

struct roster_present {
	const struct prac_record *const *records; /* all live ones of the type */
	size_t n;
};

struct roster_plan_input {
	const struct prac_env *env; /* makes ids */
	int32_t today;
	const char *zone; /* IANA name, for new schools: OneRoster has none */
	struct roster_present present[ROSTER_KINDS];
	/* Bit i: the field with index i is not for whoever imports; what the roster says of it is left out. */
	uint64_t left_out[ROSTER_KINDS];
};

struct roster_step {
	enum roster_kind kind;
	enum roster_change change;
	const struct prac_record *before; /* NULL when added */
	struct prac_record *after;        /* NULL when missing or returned */
	/*
	 * A missing enrollment of a student who is in the roster ends, and a missing member of a staff that
	 * the roster names leaves; else NULL: left alone. One that had ended goes on, and one who had left is
	 * active again: that is a step of its own, before the one that changes the record.
	 */
	const struct prac_action *action;
	const struct prac_value *args;
	uint64_t fields; /* of a changed one: bit i is the field with index i */
	uint32_t line;   /* in users.csv; 0: it does not come from there */
};

/* Unchanged records have no step. */
struct roster_plan {
	struct roster_step *steps;
	size_t n_steps;
	size_t counts[ROSTER_KINDS][ROSTER_CHANGES]; /* by enum roster_change */
	size_t n_left_out; /* records of which the roster says what is left out */
};

/*
 * Lives in arena and borrows roster and input. What no record can hold is a flaw of the roster, so
 * look at its flaws again.
 */
struct roster_plan *roster_plan_make(struct roster *roster, const struct roster_plan_input *input,
	struct prac_arena *arena) PRAC_RETURNS_NONNULL;
