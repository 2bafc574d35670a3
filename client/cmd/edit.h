/* Acts that another command prepares. */
#pragma once

#include "client/cmd/cmd.h"

/*
 * Carries out the action on what is shown here, with the hash of its content where the arguments want one, and
 * says so; the exit code.
 */
int edit_act(struct cmd_call *call, const struct prac_record *record,
	const struct prac_action *action, struct prac_value *args);
