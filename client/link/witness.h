/*
 * The heads of the audit's chains that the server has shown this station, signed by the district's
 * authority: kept outside the server, they show when somebody rewrites a chain as a whole. The file
 * audit.heads in the folder, a line each: chain, number, hash, signature, when it came.
 */
#pragma once

#include "common/base/bytes.h"
#include "common/base/env.h"
#include "proto/sync.pb-c.h"

#define WITNESS_FILE "audit.heads"

enum {
	WITNESS_KEPT = 100,       /* heads of each chain */
	WITNESS_MAX = 128 * 1024, /* bytes of the file */
	WITNESS_TEXT = 300
};

/*
 * Takes what WELCOME showed and is signed. A chain that went back or is another one is logged, and a
 * sentence kept for `practicum status`; both heads stay.
 */
void witness_take(const char *folder, const Practicum__Welcome *welcome,
	struct prac_bytes authorities, const struct prac_env *env);

/* The sentence that was said; empty: none. */
void witness_alarm(const char *folder, char text_out[WITNESS_TEXT]);
