/* Two records that may be one: told when a record is entered or imported, and settled by a person. */
#pragma once

#include <jansson.h>

#include "client/cmd/cmd.h"
#include "client/exceptions/alike.h"

/* practicum exceptions different|same TYPE ID OTHER reason=TEXT */
int likeness_say(struct cmd_call *call);

/*
 * What a record looks like, to be told of one that was entered just now: an array of objects with id, title and
 * by; NULL: nobody looks for doubles of the type, or there is none.
 */
json_t *likeness_of(struct cmd_call *call, const struct prac_record *record);

/* "looks like organization 0193a7f2 Ridge Machine Works: the same legal name and ZIP code"; in the arena. */
const char *likeness_text(
	struct cmd_call *call, const struct prac_type *type, const struct alike_match *match);

/* A row of a file and what it looks like, for an array of them; `file` is copied. */
json_t *likeness_row(const char *file, size_t line, const char *text);

/* The rows of such an array, on stderr. */
void likeness_print(const json_t *rows);

/* Warns of a record that was entered just now, and says how to settle it. */
void likeness_warn(struct cmd_call *call, const struct prac_record *record);
