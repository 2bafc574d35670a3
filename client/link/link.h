/*
 * The one process of a replica that talks to the server: holds the link lock, connects, syncs, tries
 * again. Others write the outbox and poke it.
 */
#pragma once

#include "client/link/session.h"

enum {
	LINK_TEXT = 256
};

struct link_options {
	const char *folder;   /* state folder: certificate, key, lock, poke socket */
	bool watch;           /* stay connected until SIGINT or SIGTERM */
	uint32_t patience_ms; /* without watch: how long to try; 0: one attempt */
	/* Runs when something changed and about once a second; may be NULL. */
	void (*progress)(void *ctx, const struct session_progress *progress);
	void *ctx;
};

/*
 * Blocks until everything is sent and received, or, with watch, until a signal. PRAC_UNAVAILABLE: the
 * server cannot be reached; the work is kept. PRAC_ALREADY_EXISTS: another process holds the link.
 * PRAC_FAILED_PRECONDITION: not enrolled. text_out is for people.
 */
enum prac_status link_run(struct replica *replica, const struct prac_env *env,
	const struct link_options *options, char text_out[LINK_TEXT]) PRAC_MUST_USE;

/*
 * One request, and those that follow it, on a connection of its own beside the one that syncs; needs no
 * lock. ask->done runs in any case.
 */
enum prac_status link_ask(struct replica *replica, const struct prac_env *env, const char *folder,
	const struct session_ask *ask, char text_out[LINK_TEXT]) PRAC_MUST_USE;

/* Wakes the process that holds the link, if any: the outbox has something. False: nobody heard. */
bool link_poke(const char *folder);
