/* What a person is told of a record beside what stands in it: rules that it breaks, blocking nothing. */
#pragma once

#include <jansson.h>

#include "client/cmd/cmd.h"
#include "common/rules/rules.h"

/* In the call's arena; returns how many. */
size_t warn_of(struct cmd_call *call, const struct prac_record *record,
	const struct prac_warning **warnings_out);

/* Why only the server can judge the record, in the call's arena; NULL: it was judged here. */
const char *warn_elsewhere(struct cmd_call *call, const struct prac_record *record);

/* Does the type's rules file warn at all? */
bool warn_has(const struct prac_type *type);

/* The ids, " " between them; "" for none. */
const char *warn_ids(struct cmd_call *call, const struct prac_record *record);

/* [{"rule":"FED-14-DAY-S","text":...}] */
json_t *warn_json(struct cmd_call *call, const struct prac_record *record);
