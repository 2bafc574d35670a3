/*
 * A server where people sign in, a station at each of two schools, and three people who are signed in
 * at the first. For test programs with one scene.
 */
#pragma once

#include "tests/support/people.h"

extern struct raw_identity school_device[2];
extern struct prac_id device_id[2]; /* of them */
extern struct prac_id school[2];    /* South and North */
extern struct raw_client *at[2];
extern struct someone ada, tom; /* coordinator and teacher at the first school */
extern struct someone nia;      /* teacher at the second, signed in at the first */

/* The server has looked who there is: it does so every two seconds. */
void await_people(void);

/* Group functions of cmocka; *state names the test, as for live_server_begin(). */
int two_schools_begin(void **state);
int two_schools_end(void **state);
