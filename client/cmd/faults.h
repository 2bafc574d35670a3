/* All that is wrong with the values that somebody typed, said at once and by the names that are typed. */
#pragma once

#include "client/cmd/cmd.h"

/* Says why a record was refused; returns the exit code. before is NULL of a new one. */
int faults_of_record(struct cmd_call *call, const struct prac_record *before,
	const struct prac_record *after, const struct replica_refusal *refusal);

/* The same of the arguments of an action on a record of the type; args may be NULL where it has none. */
int faults_of_action(struct cmd_call *call, const struct prac_type *type,
	const struct prac_action *action, const struct prac_value *args,
	const struct replica_refusal *refusal);
