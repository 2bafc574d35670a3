/*
 * Judges anew what a change of the law's facts bears on: an approved rule set of domain labor, the
 * school calendar, a student's release periods, consents, training plans or birth date. The database
 * writes down what is asked for in the transaction that changes it (sql/migrations: rejudge); this takes
 * it up, oldest first, and has the sheets that nobody has approved yet judged by the action `rejudge`, in
 * bounded batches through a lane of its own. What says the same changes nothing, so a crash at any point
 * is made up for by doing the batch again. What changed stands in the sheets, with the reason.
 *
 * No loop of its own: the callbacks of its link and of the sequencer drive it, rejudge_tick() starts it.
 */
#pragma once

#include "server/db/db.h"
#include "server/sync/sequencer.h"

struct rejudge;

struct rejudge_config {
	struct uv_loop_s *loop;
	const struct prac_env *env;
	const char *conninfo;
	struct sequencer *sequencer;
};

/* Starts to connect. All of the configuration outlives it. */
struct rejudge *rejudge_new(const struct rejudge_config *config) PRAC_RETURNS_NONNULL;

/* Looks for work; call about every second. */
void rejudge_tick(struct rejudge *rejudge);

/* Takes up no further batch. */
void rejudge_stop(struct rejudge *rejudge);

/* Closes the connection, frees rejudge, then runs closed. The sequencer has answered everything. */
void rejudge_close(struct rejudge *rejudge, db_closed_fn closed, void *ctx);
