/*
 * What needs a person today, computed in one place from the replica, at a school and at the district
 * office alike: what is late, unlawful, missing or about to end. Nothing of it is stored but that
 * somebody put an exception off (records of type snooze).
 */
#pragma once

#include "client/replica/replica.h"
#include "common/base/arena.h"

/* Why something is an exception. */
struct exception_cause {
	const char *name;   /* one word, for programs and for snoozing: "visit_missing" */
	const char *label;  /* what is wrong, as a heading: "No visit for 30 days" */
	const char *remedy; /* the command that settles it; %s stands for the id of its record */
	unsigned rank;      /* the smaller, the sooner it hurts */
};

struct exception {
	const struct exception_cause *cause;
	const struct prac_type *type; /* of the record that the remedy names */
	struct prac_id id;
	const char *text;   /* who and what, in one line */
	const char *remedy; /* as the cause's, for this record; NULL: the cause's */
	int32_t day;        /* since when, or when it will be; days since 1970-01-01 */
	bool has_staff;
	struct prac_id staff;   /* the coordinator who looks after it, if has_staff */
	int32_t asleep_until;   /* 0: nobody put it off */
	const char *asleep_for; /* the reason, with asleep_until */
};

struct exceptions {
	struct exception *items; /* by rank of the cause, then by day */
	size_t n;
};

/* Everything lives in the arena. Fails with the replica's status only. */
enum prac_status exceptions_find(struct replica *replica, int32_t today, struct prac_arena *arena,
	struct exceptions *exceptions_out) PRAC_MUST_USE;
