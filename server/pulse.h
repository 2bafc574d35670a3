/*
 * Whether work goes on: whoever has some and finishes none for too long is stuck, and the watchdog is
 * not fed any more. Numbers only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	PULSE_STUCK_MS = 8000 /* longer than any statement of a commit may take */
};

struct pulse {
	uint64_t done, changed_ms; /* pieces of work that are done, and when there last were more */
};

/* Call about every two seconds. False: it was busy all the time and has done nothing. */
bool pulse_beats(struct pulse *pulse, uint64_t done, bool is_busy, uint64_t now_ms);
