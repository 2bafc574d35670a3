#include "server/pulse.h"

bool pulse_beats(struct pulse *pulse, uint64_t done, bool is_busy, uint64_t now_ms)
{
	if (done != pulse->done || !is_busy) {
		pulse->done = done;
		pulse->changed_ms = now_ms;
	}
	return now_ms - pulse->changed_ms < PULSE_STUCK_MS;
}
