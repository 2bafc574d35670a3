/* Whose parent or guardian somebody is, from agentSourcedIds of either side. */
#pragma once

#include "client/roster/attendance.h"
#include "client/roster/roster.h"

void roster_guardians_find(struct roster *roster, const struct roster_roles_of *roles_of);
