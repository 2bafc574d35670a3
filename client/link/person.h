/* A person as the server tells of one. Inside client only. */
#pragma once

#include "client/replica/people.h"
#include "proto/sync.pb-c.h"

/* False: not readable. Texts and grants are in the arena; known_ms and keys are left empty. */
bool person_read(const Practicum__Person *message, struct prac_arena *arena,
	struct replica_person *person_out);
