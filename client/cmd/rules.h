/* The words of practicum rules. */
#pragma once

#include "client/cmd/cmd.h"
#include "common/rules/rules.h"

/* A judgement over the replica, for asking; nothing is written through it. */
struct prac_judgement rules_ask(struct cmd_call *call);

/*
 * Judges the sheets from that week on by the rules and the calendar of today and lists what differs
 * from what stands in them. because not NULL: asks the server to judge those anew that are not approved.
 */
int rules_rejudge(struct cmd_call *call, int32_t from, const char *because);

/* Lists the sheets from that week on that a change changed, and which one. */
int rules_changes(struct cmd_call *call, int32_t from);
