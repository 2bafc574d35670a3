/*
 * Reading leaves a trace: who of the staff saw which record of a student becomes a record of type
 * record_access, written through the outbox like all input, so that it reaches the server's audit also
 * after a time without the network.
 */
#pragma once

#include "client/replica/replica.h"

/*
 * Is there a trace of it today, by whoever acts, of the kind? Also where whoever acts may not read who
 * looked.
 */
enum prac_status replica_read_is_noted(struct replica *replica, const struct prac_record *record,
	int64_t kind, bool *is_noted_out) PRAC_MUST_USE;

/*
 * The school for which a listing is entered at this device: the one that is meant, where this device
 * holds it or is the district's, else the first that it holds. False: it holds none.
 */
bool replica_listing_school(struct replica *replica, struct prac_id *school);

/* How many records lists like this one (kind, type, school) have shown today to whoever acts. */
enum prac_status replica_listed_today(
	struct replica *replica, const struct prac_record *listing, int64_t *n_out) PRAC_MUST_USE;

/* Records of students that whoever acts has listed, exported or disclosed today, as far as this device knows. */
enum prac_status replica_read_today(struct replica *replica, int64_t *n_out) PRAC_MUST_USE;
