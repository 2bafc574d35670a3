/* The modes of bench-station in which connections stay open and wait. */
#pragma once

#include <stddef.h>

/* numbers: stations. Prints a line when all rest, then holds them until stdin ends. */
void live_idle(const size_t *numbers);

/* numbers: stations that hold the first one's scope, rounds. */
void live_notice(const size_t *numbers);

/* numbers: changes without other load, mutations of the backlog. */
void live_spread(const size_t *numbers);
