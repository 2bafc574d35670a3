/*
 * Signing in on this device: a password before the server, or, where that cannot be reached, against the
 * key that the password locks here. Either way the opened key attests that the person is there; then it
 * is wiped. On a personal device the same password opens the data key, without which nobody is signed in.
 * Blocks for the network and for about a tenth of a second of Argon2id.
 */
#pragma once

#include "client/key/key.h"
#include "client/replica/people.h"
#include "common/base/totp.h"

enum {
	SIGN_IN_LOGIN = 80, /* bytes, as the server has it */
	SIGN_IN_TEXT = 256
};

struct sign_in_words {
	const char *login;          /* in any case of letters */
	struct prac_bytes password; /* with a code: the new one */
	const char *code;           /* one-time code; NULL: none */
	const char *factor;         /* digits of an authenticator; NULL: none */
	bool is_offline;            /* the server is not to be asked */
	int64_t card_hours;       /* a card works for so long after the server's last word of it */
	struct prac_bytes former; /* the password before it; empty: not said */
	struct data_key *key;     /* of the device: a personal one is opened */
};

enum sign_in_outcome {
	SIGN_IN_DONE,
	SIGN_IN_REFUSED,
	SIGN_IN_UNREACHABLE, /* a one-time code needs the server */
	SIGN_IN_FACTOR,      /* right so far: again, with the digits of the authenticator */
	SIGN_IN_SECRET /* the password is set: enter the secret into an authenticator, then sign in */
};

struct sign_in_result {
	enum sign_in_outcome outcome;
	bool is_offline;                    /* DONE without the server */
	char secret[PRAC_TOTP_SECRET_TEXT]; /* SECRET */
	char text[SIGN_IN_TEXT];            /* why not, and what to do */
};

/* home: the state folder. A status other than PRAC_OK is the replica's failure. */
enum prac_status sign_in_run(struct replica *replica, const struct prac_env *env, const char *home,
	const struct sign_in_words *words, struct sign_in_result *result_out) PRAC_MUST_USE;

/* Ends the session here, and at the server where that can be reached. *is_told_out: it could. */
enum prac_status sign_in_end(struct replica *replica, const struct prac_env *env, const char *home,
	bool *is_told_out) PRAC_MUST_USE;
