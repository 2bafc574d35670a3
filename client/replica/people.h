/*
 * The people who sign in on this device: what is kept of them, who is signed in, and what proves which
 * of them entered something. Passwords and opened keys never come here (client/sign_in).
 */
#pragma once

#include "client/replica/replica.h"
#include "common/rules/rights.h"
#include "common/sync/attest.h"

#define PEOPLE_IDLE_MS  (PRAC_IDLE_MINUTES * INT64_C(60000)) /* without a command: signed out */
#define PEOPLE_LEASE_MS (INT64_C(30) * 24 * 60 * 60 * 1000)  /* without the server's word */

enum {
	PEOPLE_ASKED_MAX = 200 /* persons in one question to the server */
};

struct replica_person {
	struct prac_person who;
	const char *login; /* small letters */
	const char *name;
	int64_t known_ms;    /* when the server last said that the person may sign in; 0: may not */
	int64_t password_ms; /* when the server says the password was set, by its clock */
	/* Of the person's pair on this device. sealed empty: the next sign-in needs the server. */
	struct prac_bytes public_key, salt, sealed;
};

/* By login in small letters; in the arena. PRAC_NOT_FOUND: never signed in here. */
enum prac_status replica_person(struct replica *replica, const char *login,
	struct prac_arena *arena, struct replica_person *person_out) PRAC_MUST_USE;

/* Of somebody who has signed in here; in the arena. NULL: nobody of this id has. */
const char *replica_person_name(
	struct replica *replica, const struct prac_id *id, struct prac_arena *arena);

/*
 * Counts a try to sign in under a name, before anybody knows whether it is right. *wait_ms_out is 0 when
 * it may be made, else how long none counts: 1 s after the first failure, twice as long after each
 * further one, at most 5 minutes. A sign-in forgets them, and so does replica_try_forget().
 */
enum prac_status replica_try(
	struct replica *replica, const char *login, int64_t *wait_ms_out) PRAC_MUST_USE;
enum prac_status replica_try_forget(struct replica *replica, const char *login) PRAC_MUST_USE;

/* Tries that were counted and not forgotten, at most 10. */
enum prac_status replica_tries(
	struct replica *replica, const char *login, unsigned *n_out) PRAC_MUST_USE;

struct replica_sign_in {
	const struct replica_person *person; /* stored as it is */
	struct prac_attestation attestation;
	struct prac_bytes signature;
	struct prac_bytes token; /* the server's session; empty: it was not asked */
	bool has_factor;         /* the server saw a second factor */
};

/* Whoever was signed in before is no more. */
enum prac_status replica_sign_in(
	struct replica *replica, const struct replica_sign_in *sign_in) PRAC_MUST_USE;
enum prac_status replica_sign_out(struct replica *replica) PRAC_MUST_USE;

enum replica_presence {
	REPLICA_DEVICE_ACTS, /* nobody is signed in, and nobody has to be */
	REPLICA_PRESENT,
	REPLICA_ABSENT,
	REPLICA_AWAY, /* no command for PEOPLE_IDLE_MS: whoever is there now may be somebody else */
	REPLICA_OVER /* the sign-in has run for its 12 hours, or the clock was set back before it */
};

struct replica_who {
	enum replica_presence presence;
	bool is_required; /* the district wants people to sign in */
	/* Of the last sign-in, also when it holds no more; a nil id: nobody signed in since the last sign-out. */
	struct replica_person person; /* without keys */
	int64_t attestation;          /* its place in the replica */
	int64_t starts_ms, ends_ms, used_ms;
	struct prac_bytes token;
	bool has_factor;
};

/* Who acts here now; in the arena. */
enum prac_status replica_who(struct replica *replica, struct prac_arena *arena,
	struct replica_who *who_out) PRAC_MUST_USE;

/* In whose name something is entered now: who is signed in, else who was named at enrollment. */
enum prac_status replica_author(struct replica *replica, struct prac_id *person_out) PRAC_MUST_USE;

/* Why nobody may do anything now, and what to do; NULL: go on. */
const char *replica_presence_text(enum replica_presence presence);

/* Somebody is at the keyboard. */
enum prac_status replica_used(struct replica *replica) PRAC_MUST_USE;

/* ---- from the server */

enum prac_status replica_ask_people(struct replica *replica, bool is_required) PRAC_MUST_USE;

/* Whom to ask about. */
enum prac_status replica_people_asked(struct replica *replica,
	struct prac_id ids_out[PEOPLE_ASKED_MAX], size_t *n_out) PRAC_MUST_USE;

/*
 * What became of those asked about. Who is not among the known may not sign in here any more, and is
 * signed out.
 */
struct replica_known {
	const struct prac_id *asked;
	size_t n_asked;
	const struct replica_person *known; /* without keys and known_ms */
	size_t n_known;
};
enum prac_status replica_people_known(
	struct replica *replica, const struct replica_known *answer) PRAC_MUST_USE;

/* ---- attestations on their way */

struct replica_attestation {
	struct prac_attestation attestation; /* without its device */
	struct prac_bytes public_key, signature;
};

/* Of what was entered under the attestation at this place; false: the server has it, or there is none. */
bool replica_attestation(struct replica *replica, int64_t place, struct prac_arena *arena,
	struct replica_attestation *attestation_out);
