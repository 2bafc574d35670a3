/*
 * The words by which records of a type are found, for who looks for many of them: one pass over the records
 * instead of one for each word.
 */
#pragma once

#include "client/cmd/cmd.h"

struct find_index;

struct find_index *find_index_new(
	struct cmd_call *call, const struct prac_type *type) PRAC_RETURNS_NONNULL;
void find_index_free(struct find_index *index); /* may be NULL */

/*
 * The one record of which the word is a field of its key or title. NULL: none, several, or the word may be
 * the beginning of an id; find_record() says which. Borrowed.
 */
const struct prac_id *find_index_get(const struct find_index *index, const char *word);
