/* Who acts in the present transaction. Inside client/replica only. */
#pragma once

#include "client/replica/file.h"
#include "client/replica/people.h"

/* Read once a transaction; in its arena. */
const struct replica_who *acting(struct replica *replica);

/* Place of the attestation under which something is entered now; 0: none. */
int64_t acting_attestation(struct replica *replica);

/* Attestations that carry nothing any more go. */
void attestations_sweep(struct replica *replica);
