/*
 * What the server does of itself beside answering: bulk imports (server/staging) and judging anew
 * (server/rejudge). Each has a link and a lane of its own.
 */
#pragma once

#include "server/rejudge/rejudge.h"
#include "server/staging/staging.h"

struct chores {
	struct staging *staging; /* NULL: not begun */
	struct rejudge *rejudge;
	db_closed_fn closed;
	void *closed_ctx;
	int n_open; /* links that are still to close */
};

/* Starts to connect. All of the configuration outlives them. */
void chores_begin(struct chores *chores, const struct staging_config *config);

/* About every second. */
void chores_tick(struct chores *chores);

/* Nothing further is taken up. */
void chores_stop(struct chores *chores);

/* Runs closed when both are gone; at once, and without it, when they were not begun. */
void chores_close(struct chores *chores, db_closed_fn closed, void *ctx);
