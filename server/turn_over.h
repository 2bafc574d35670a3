/*
 * One authority follows another, in steps that can each be taken back (RELIABILITY 3.3). Which step a
 * district is at stands in files of the signer's folder and nowhere else:
 *
 *   ca.pem       those that are trusted; the first signs
 *   ca.key       key of one of the two authorities
 *   other.key    key of the other, while there are two
 *   first.pem, other.pem   their certificates, while there are two
 *   cross.pem    each as the other signs it: proves the new one to a station that slept meanwhile
 *
 * Each step replaces ca.pem, and that decides it. Then the server's folder follows: copies of ca.pem and
 * cross.pem, and the server's certificate by the one that signs. Cut short there, the same command again
 * goes on. Signer and server take the files up at SIGHUP.
 */
#pragma once

#include "common/base/hash.h"
#include "server/config.h"
#include "server/key_file.h"

enum turn_over_step {
	TURN_OVER_ADD,    /* makes another authority, which nobody trusts yet */
	TURN_OVER_TRUST,  /* both are trusted, the old one signs */
	TURN_OVER_SWITCH, /* the other one signs; takes itself back */
	TURN_OVER_RETIRE, /* the one that does not sign is not trusted any more; TRUST takes it back */
	TURN_OVER_DROP, /* the one that is not trusted is gone, with its key; takes ADD back */
	TURN_OVER_N_STEPS
};

/* FAILED_PRECONDITION: it is not the time for this step; why_out says what is. */
enum prac_status turn_over_check(const struct config *config, enum turn_over_step step,
	char why_out[KEYS_WHY]) PRAC_MUST_USE;
enum prac_status turn_over_take(const struct config *config, enum turn_over_step step,
	char why_out[KEYS_WHY]) PRAC_MUST_USE;

/* SHA-256 of the public keys of the authorities: the one that signs, then the other one. */
struct turn_over_state {
	struct prac_digest signs, other;
	int64_t signs_until_s, other_until_s;
	bool has_other, is_other_trusted;
};

enum prac_status turn_over_state(const struct config *config, struct turn_over_state *state_out,
	char why_out[KEYS_WHY]) PRAC_MUST_USE;
