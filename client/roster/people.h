/* Joins the user rows of a roster to people, and people to their schools and guardians. */
#pragma once

#include "client/roster/roster.h"

/* Fills persons, memberships and guardianships of a roster that was read without errors. */
void roster_people_join(struct roster *roster);
