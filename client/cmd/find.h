/*
 * From what a person types to a record: an id or its first digits, a number such as the student's, or
 * a name. And from FIELD=VALUE words to values.
 */
#pragma once

#include "client/cmd/cmd.h"

/* NULL after cmd_fail(): none, or more than one (the candidates are listed). */
const struct prac_record *find_record(
	struct cmd_call *call, const struct prac_type *type, const char *word);

/* Does an id of the type begin so? */
bool find_begins_id(struct cmd_call *call, const struct prac_type *type, const char *word);

/*
 * Reads "field=value" words into values; an empty value clears the field. References are found as
 * above. False after cmd_fail().
 */
bool find_values(struct cmd_call *call, const struct prac_type *type, char **words,
	struct prac_value *values);

/* The same laid over a record, also where it does not show what stands there. */
bool find_changes(struct cmd_call *call, char **words, struct prac_record *record);

/* One "field=value" word. */
bool find_value(struct cmd_call *call, const struct prac_type *type, const char *word,
	const struct prac_field **field_out, struct prac_value *value_out);
