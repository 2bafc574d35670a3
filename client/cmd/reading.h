/*
 * Records of students on their way to somebody's eyes or into a file. Before the first of them is shown it
 * is written down who gets them: a record_access where it is staff, a disclosure where it is a party outside
 * (34 CFR 99.32). What cannot be written down is not shown.
 */
#pragma once

#include <glib.h>

#include "client/cmd/cmd.h"
#include "common/law/policy.h"

/*
 * One record that is shown, or whose file is fetched; kind of record_access. At most one trace a person,
 * record and day; none for students who look at their own records. CMD_DONE, or an exit code after
 * cmd_fail().
 */
int reading_one(struct cmd_call *call, const struct prac_record *record, int64_t kind);

/* The rule set of privacy in force: by what right records leave, and how many in a day. */
struct prac_policy reading_law(struct cmd_call *call);

/*
 * CMD_DONE: n records more may leave today, below the ceiling or with the server's leave. Else an exit code
 * after cmd_fail().
 */
int reading_leave(struct cmd_call *call, int64_t n_records);

/* ---- many at once */

/* What one student's part of them is. */
struct reading_part {
	struct prac_id student;
	GHashTable *counts; /* by type */
	int64_t n_records;
};

struct reading {
	struct cmd_call *call;
	GHashTable *parts; /* struct reading_part by student */
	int64_t n_records;
};

struct reading *reading_new(struct cmd_call *call) PRAC_RETURNS_NONNULL;
void reading_free(struct reading *reading);

/* Counts it if it is about a student. */
void reading_add(struct reading *reading, const struct prac_record *record);

/*
 * Was the record among those that were added? Takes it off. True of one that is about nobody. After
 * reading_end(), for who reads them a second time to pass them on.
 */
bool reading_take(struct reading *reading, const struct prac_record *record);

/* Fills in what is its own of a new record that is written for a student; the rest is there. */
typedef void (*reading_fill_fn)(
	void *ctx, const struct reading_part *part, struct prac_record *record);

struct reading_to {
	const struct prac_type *type; /* record_access or disclosure */
	int64_t kind;                 /* of that type */
	reading_fill_fn fill;         /* may be NULL */
	void *ctx;
};

/*
 * Above the ceiling of a day asks the server's leave; then writes one record for each student, all or none.
 * CMD_DONE: they may go. Else an exit code after cmd_fail().
 */
int reading_end(struct reading *reading, const struct reading_to *to);
