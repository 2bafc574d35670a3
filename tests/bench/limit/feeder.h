/* Stations without a network: their work goes straight into a sequencer of this process. */
#pragma once

#include <uv.h>

#include "server/sync/store.h"

struct load {
	size_t rows, n_stations, batch;
	uint32_t run;     /* different each time */
	bool with_minors; /* see struct work_station */
};

/*
 * All of it judged and committed by the store, whose callbacks the loop runs; returns when everything
 * was accepted. Anything else ends the program.
 */
void feed_all(uv_loop_t *loop, struct store *store, const struct load *load);
