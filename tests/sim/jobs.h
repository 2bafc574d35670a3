/* The same work in several processes: a history takes one thread, a machine has more. */
#pragma once

#include "tests/sim/tally.h"

/*
 * Plays every n_jobs-th seed from the nth on, adding to the tally. False: one broke a property, which was
 * told on stdout; the rest was not played.
 */
typedef bool (*jobs_fn)(const void *ctx, unsigned nth, unsigned n_jobs, struct tally *tally);

/* Forks n_jobs times, waits for all and adds up. False: one of them failed. */
bool jobs_run(unsigned n_jobs, jobs_fn fn, const void *ctx, struct tally *tally);
