/* Persons and what they may do, as text. */
#pragma once

#include "client/cmd/cmd.h"
#include "client/replica/people.h"

/* "coordinator at Oak Ridge High School", several with commas; in the call's arena. */
const char *people_roles_text(struct cmd_call *call, const struct prac_person *who);

/* The name of the place where a role is held. */
const char *people_place(struct cmd_call *call, const struct prac_grant *grant);

/* Does the role hold at this moment? */
bool people_is_held(const struct prac_grant *grant, int64_t now_ms);

/* "2026-09-14 20:15" here. */
const char *people_time(struct cmd_call *call, int64_t ms);
