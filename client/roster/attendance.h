/* Which schools a person belongs to, and which of them is home. */
#pragma once

#include "client/roster/roster.h"

/* The roles of each user, in the order of the file. */
struct roster_roles_of {
	uint32_t *first; /* of a user; ROSTER_NONE: none */
	uint32_t *next;  /* of a role */
};

void roster_roles_of_init(struct roster_roles_of *roles_of, const struct roster *roster);
void roster_roles_of_deinit(struct roster_roles_of *roles_of);

/* Fills the memberships, and home and user of each person. */
void roster_attendance_find(struct roster *roster, const struct roster_roles_of *roles_of);
