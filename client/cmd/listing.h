/*
 * Lists of students' records on their way to somebody's eyes. What is printed between begin and end is held
 * back until it is written down how many are shown to whom: one record a command and school, none when as many
 * were shown that day already. Where nobody has to sign in, and for students, nothing is held or written.
 */
#pragma once

#include <glib.h>
#include <stdio.h>

#include "client/cmd/cmd.h"
#include "common/rules/rights.h"

struct listing_part {
	struct prac_id school;
	int64_t n_records;
};

struct listing_trace {
	struct cmd_call *call;
	bool is_on;
	int64_t kind;                 /* of record type listing */
	const struct prac_type *type; /* of the records; NULL: several */
	struct prac_id school;        /* of who is of a school; nil: each record's own */
	GArray *parts;                /* struct listing_part */
	FILE *real;                   /* stdout, while it is held */
	char *text;                   /* what was printed meanwhile, of text_len bytes */
	size_t text_len;
};

/* CMD_DONE, or an exit code after cmd_fail(); listing_end() frees in any case. */
int listing_begin(struct listing_trace *trace, struct cmd_call *call, int64_t kind,
	const struct prac_type *type);

/* It is among those shown; counted if it is about a student. */
void listing_add(struct listing_trace *trace, const struct prac_record *record);

/*
 * Prints what was held if code is CMD_DONE and it could be written down; a list of a type that goes to a file
 * or program, above the ceiling of a day, also wants the server's leave. Returns code, or the failure's.
 */
int listing_end(struct listing_trace *trace, int code);
